# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/unit/conf_test
tests_unit_conf_test_SOURCES = tests/unit/conf_test.c
tests_unit_conf_test_LDADD = $(CONF_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/conf_test
