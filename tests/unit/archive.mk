# SPDX-License-Identifier: GPL-2.0-or-later
# the index
check_PROGRAMS += tests/unit/words_test tests/unit/index_test
tests_unit_words_test_SOURCES = tests/unit/words_test.c
tests_unit_words_test_LDADD = libarcindex.a $(UNISTRING_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_index_test_SOURCES = tests/unit/index_test.c
tests_unit_index_test_LDADD = $(INDEX_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/words_test tests/unit/index_test
# the overview
check_PROGRAMS += tests/unit/overview_test
tests_unit_overview_test_SOURCES = tests/unit/overview_test.c
tests_unit_overview_test_LDADD = libarc.a $(MAIL_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/overview_test
# the query's grammar, snippets, spelling; and search in fifteen languages
check_PROGRAMS += tests/unit/query_test tests/unit/index_corpus_test
tests_unit_query_test_SOURCES = tests/unit/query_test.c
tests_unit_query_test_LDADD = libarcindex.a $(UNISTRING_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_index_corpus_test_SOURCES = tests/unit/index_corpus_test.c \
	tests/tools/maildocs.c tests/tools/maildocs.h
tests_unit_index_corpus_test_LDADD = libarc.a $(INDEX_LIBS) $(MAIL_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/query_test tests/unit/index_corpus_test
# the archive as a whole
check_PROGRAMS += tests/unit/archive_test
tests_unit_archive_test_SOURCES = tests/unit/archive_test.c tests/unit/archive_site.h
tests_unit_archive_test_LDADD = $(ARCHIVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/archive_test
noinst_PROGRAMS += tests/tools/mkpages
tests_tools_mkpages_SOURCES = tests/tools/mkpages.c
tests_tools_mkpages_LDADD = $(ARCHIVE_LIBS)
noinst_PROGRAMS += tests/tools/digest_dump
tests_tools_digest_dump_SOURCES = tests/tools/digest_dump.c
tests_tools_digest_dump_LDADD = libarc.a $(MAIL_LIBS)
# replies to digests
check_PROGRAMS += tests/unit/digest_reply_test
tests_unit_digest_reply_test_SOURCES = tests/unit/digest_reply_test.c tests/unit/archive_site.h
tests_unit_digest_reply_test_LDADD = $(ARCHIVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/digest_reply_test
# posts to several lists
check_PROGRAMS += tests/unit/elsewhere_test
tests_unit_elsewhere_test_SOURCES = tests/unit/elsewhere_test.c tests/unit/archive_site.h
tests_unit_elsewhere_test_LDADD = $(ARCHIVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/elsewhere_test
# pages
check_PROGRAMS += tests/unit/markup_test tests/unit/body_test tests/unit/pages_test
tests_unit_markup_test_SOURCES = tests/unit/markup_test.c
tests_unit_markup_test_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(CMOCKA_LIBS)
tests_unit_body_test_SOURCES = tests/unit/body_test.c
tests_unit_body_test_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/body_linear_test
tests_unit_body_linear_test_SOURCES = tests/unit/body_linear_test.c
tests_unit_body_linear_test_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/body_linear_test
# the same, of mails that want something else: by a parser that is not ours
TESTS += tests/unit/hostile_pages_test.py
EXTRA_DIST += tests/unit/hostile_pages_test.py tests/tools/hostile.py
check_PROGRAMS += tests/tools/body_dump
tests_tools_body_dump_SOURCES = tests/tools/body_dump.c
tests_tools_body_dump_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS)
tests_unit_pages_test_SOURCES = tests/unit/pages_test.c tests/unit/archive_site.h
tests_unit_pages_test_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
tests_unit_pages_test_LDADD = $(ARCHIVE_LIBS) $(JANSSON_LIBS) $(XML_LIBS) $(ZLIB_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/markup_test tests/unit/body_test tests/unit/pages_test
check_PROGRAMS += tests/unit/import_test
tests_unit_import_test_SOURCES = tests/unit/import_test.c tests/unit/archive_site.h
tests_unit_import_test_LDADD = $(ARCHIVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/import_test
# the role, by hand on a folder
TESTS += tests/unit/archived_test.py
EXTRA_DIST += tests/unit/archived_test.py
# one message more, where much is there already
EXTRA_PROGRAMS += tests/bench/growth_bench
tests_bench_growth_bench_SOURCES = tests/bench/growth_bench.c
tests_bench_growth_bench_LDADD = $(ARCHIVE_LIBS)
# the record of conduct, and its pages
check_PROGRAMS += tests/unit/record_test
tests_unit_record_test_SOURCES = tests/unit/record_test.c tests/unit/archive_site.h
tests_unit_record_test_LDADD = $(ARCHIVE_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/record_test
