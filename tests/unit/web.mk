# SPDX-License-Identifier: GPL-2.0-or-later
WEB_TESTS = tests/unit/web_url_test tests/unit/web_fresh_test tests/unit/web_search_test \
	tests/unit/web_lmtp_test tests/unit/web_guests_test
check_PROGRAMS += $(WEB_TESTS)
tests_unit_web_url_test_SOURCES = tests/unit/web_url_test.c
tests_unit_web_url_test_LDADD = $(WEB_LIBS) $(CMOCKA_LIBS)
tests_unit_web_fresh_test_SOURCES = tests/unit/web_fresh_test.c
tests_unit_web_fresh_test_LDADD = $(WEB_LIBS) $(CMOCKA_LIBS)
tests_unit_web_search_test_SOURCES = tests/unit/web_search_test.c
tests_unit_web_search_test_LDADD = $(WEB_LIBS) $(CMOCKA_LIBS)
tests_unit_web_lmtp_test_SOURCES = tests/unit/web_lmtp_test.c
tests_unit_web_lmtp_test_LDADD = $(WEB_LIBS) $(CMOCKA_LIBS) -lpthread
tests_unit_web_guests_test_SOURCES = tests/unit/web_guests_test.c
tests_unit_web_guests_test_LDADD = $(WEB_LIBS) $(CMOCKA_LIBS) -lpthread
EXTRA_DIST += tests/unit/web_test.py
TESTS += $(WEB_TESTS) tests/unit/web_test.py
