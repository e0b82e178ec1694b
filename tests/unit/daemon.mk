# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/unit/parent_test
tests_unit_parent_test_SOURCES = tests/unit/parent_test.c
tests_unit_parent_test_LDADD = $(PARENT_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/parent_test
EXTRA_DIST += tests/unit/plenaryd_test.sh
TESTS += tests/unit/plenaryd_test.sh
