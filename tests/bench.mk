# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/bench/intake_bench
tests_bench_intake_bench_SOURCES = tests/bench/intake_bench.c
tests_bench_intake_bench_LDADD = -lpthread
