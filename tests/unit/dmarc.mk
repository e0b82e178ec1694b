# SPDX-License-Identifier: GPL-2.0-or-later
# What is found out about an author's domain, and what the copies of a post change because of it.
check_PROGRAMS += tests/unit/dmarc_test
tests_unit_dmarc_test_CFLAGS = $(AM_CFLAGS) $(PSL_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_dmarc_test_SOURCES = tests/unit/dmarc_test.c
tests_unit_dmarc_test_LDADD = $(LIST_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/dmarc_test
check_PROGRAMS += tests/unit/dkim_test
tests_unit_dkim_test_SOURCES = tests/unit/dkim_test.c
tests_unit_dkim_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/dkim_test
RESOLVE_LIBS = libresolve.a $(BASE_LIBS) $(CARES_LIBS) $(EVENT_LIBS)
check_PROGRAMS += tests/unit/txt_test
tests_unit_txt_test_SOURCES = tests/unit/txt_test.c
tests_unit_txt_test_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/txt_test
check_PROGRAMS += tests/unit/resolve_test
tests_unit_resolve_test_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_unit_resolve_test_SOURCES = tests/unit/resolve_test.c
tests_unit_resolve_test_LDADD = $(RESOLVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/resolve_test
check_PROGRAMS += tests/unit/policies_test
tests_unit_policies_test_SOURCES = tests/unit/policies_test.c tests/unit/scratch.c tests/unit/scratch.h
tests_unit_policies_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/policies_test
check_PROGRAMS += tests/unit/rewrite_test
tests_unit_rewrite_test_SOURCES = tests/unit/rewrite_test.c tests/unit/listsite.c tests/unit/listsite.h
tests_unit_rewrite_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/rewrite_test
check_PROGRAMS += tests/unit/lighten_test
tests_unit_lighten_test_SOURCES = tests/unit/lighten_test.c
tests_unit_lighten_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/lighten_test
check_PROGRAMS += tests/unit/prepare_test
tests_unit_prepare_test_SOURCES = tests/unit/prepare_test.c tests/unit/listsite.c tests/unit/listsite.h
tests_unit_prepare_test_LDADD = $(LIST_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/prepare_test
check_PROGRAMS += tests/fuzz/lighten_replay
tests_fuzz_lighten_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/lighten_fuzz.c
tests_fuzz_lighten_replay_LDADD = $(LIST_LIBS)
TESTS += tests/fuzz/lighten_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/lighten_fuzz
tests_fuzz_lighten_fuzz_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_lighten_fuzz_SOURCES = tests/fuzz/lighten_fuzz.c
tests_fuzz_lighten_fuzz_LDADD = $(LIST_LIBS)
endif
check_PROGRAMS += tests/fuzz/txt_replay
tests_fuzz_txt_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/txt_fuzz.c
tests_fuzz_txt_replay_LDADD = $(RESOLVE_LIBS)
TESTS += tests/fuzz/txt_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/txt_fuzz
tests_fuzz_txt_fuzz_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
tests_fuzz_txt_fuzz_SOURCES = tests/fuzz/txt_fuzz.c
tests_fuzz_txt_fuzz_LDADD = $(RESOLVE_LIBS)
endif
