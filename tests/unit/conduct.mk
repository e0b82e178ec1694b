# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/unit/conduct_test
tests_unit_conduct_test_SOURCES = tests/unit/conduct_test.c $(LISTSITE)
tests_unit_conduct_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/conduct_test
check_PROGRAMS += tests/unit/hook_test
tests_unit_hook_test_SOURCES = tests/unit/hook_test.c $(LISTSITE)
tests_unit_hook_test_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_hook_test_LDADD = $(LIST_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/hook_test
EXTRA_DIST += tests/unit/hooks_test.sh
TESTS += tests/unit/hooks_test.sh
