# SPDX-License-Identifier: GPL-2.0-or-later
MAIL_TEST_LIBS = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/field_test
tests_unit_field_test_SOURCES = tests/unit/field_test.c
tests_unit_field_test_LDADD = $(MAIL_TEST_LIBS)
TESTS += tests/unit/field_test
check_PROGRAMS += tests/unit/envelope_test
tests_unit_envelope_test_SOURCES = tests/unit/envelope_test.c
tests_unit_envelope_test_LDADD = $(MAIL_TEST_LIBS)
TESTS += tests/unit/envelope_test
check_PROGRAMS += tests/unit/msgid_test
tests_unit_msgid_test_SOURCES = tests/unit/msgid_test.c
tests_unit_msgid_test_LDADD = $(MAIL_TEST_LIBS)
TESTS += tests/unit/msgid_test
check_PROGRAMS += tests/unit/edit_test
tests_unit_edit_test_SOURCES = tests/unit/edit_test.c
tests_unit_edit_test_LDADD = $(MAIL_TEST_LIBS)
TESTS += tests/unit/edit_test
