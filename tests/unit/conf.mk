# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/unit/conf_test tests/unit/text_test tests/unit/conf_keys
tests_unit_conf_test_SOURCES = tests/unit/conf_test.c
tests_unit_conf_test_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
tests_unit_text_test_SOURCES = tests/unit/text_test.c
tests_unit_text_test_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
tests_unit_conf_keys_SOURCES = tests/unit/conf_keys.c
tests_unit_conf_keys_LDADD = $(CONF_LIBS)
TESTS += tests/unit/conf_test tests/unit/text_test
TESTS += tests/unit/phrases_test.sh tests/unit/manual_test.sh
EXTRA_DIST += tests/unit/phrases_test.sh tests/unit/manual_test.sh
