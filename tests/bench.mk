# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/bench/intake_bench
tests_bench_intake_bench_SOURCES = tests/bench/intake_bench.c
tests_bench_intake_bench_LDADD = -lpthread
# From a post's rows in the queue to the sink, against a bare client.
DELIVERY = tests/tools/delivery.c tests/tools/delivery.h tests/tools/sink.h
check_PROGRAMS += tests/bench/fanout_bench
tests_bench_fanout_bench_SOURCES = tests/bench/fanout_bench.c $(DELIVERY)
tests_bench_fanout_bench_LDADD = $(DELIVER_LIBS)
# The index beside a bare loop over Xapian.
EXTRA_PROGRAMS += tests/bench/index_bench
tests_bench_index_bench_SOURCES = tests/bench/index_bench.c \
	tests/bench/bare_xapian.cc tests/bench/bare_xapian.h \
	tests/tools/maildocs.c tests/tools/maildocs.h
tests_bench_index_bench_CXXFLAGS = $(AM_CXXFLAGS) $(XAPIAN_CFLAGS)
tests_bench_index_bench_LDADD = libarc.a $(INDEX_LIBS) $(MAIL_LIBS)
# The list role's decisions beside a bare loop of the same rows.
EXTRA_PROGRAMS += tests/bench/list_bench
tests_bench_list_bench_SOURCES = tests/bench/list_bench.c
tests_bench_list_bench_LDADD = $(LIST_LIBS)
# All of them, the whole site's last; each says what it measures and beside what.
BENCHES = tests/bench/intake_bench$(EXEEXT) tests/bench/list_bench$(EXEEXT) \
	tests/bench/fanout_bench$(EXEEXT) tests/bench/index_bench$(EXEEXT)
EXTRA_DIST += tests/bench/site_bench.py tests/bench/search_bench.py tests/tools/gen_archive
CLEANFILES += bench.mbox bench.json bench-search.json
.PHONY: bench
bench: all $(BENCHES) tests/tools/sink$(EXEEXT)
	tests/bench/intake_bench 1 50
	tests/bench/list_bench
	tests/bench/fanout_bench 2000
	python3 $(abs_top_srcdir)/tests/tools/gen_archive 20000 >bench.mbox
	tests/bench/index_bench bench.mbox
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/bench/site_bench.py --json bench.json
# Search beside public-inbox (a package of its own) on the same messages; half an hour.
.PHONY: bench-search
bench-search: all
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/bench/search_bench.py --json bench-search.json
