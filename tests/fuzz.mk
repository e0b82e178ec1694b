# SPDX-License-Identifier: GPL-2.0-or-later
# A fuzz target X is tests/fuzz/X_fuzz.c. X_fuzz is made by --enable-fuzzers with clang; X_replay is a
# test: it runs the target over tests/fuzz/corpus/X.
FUZZ_CFLAGS = $(AM_CFLAGS) -fsanitize=fuzzer
FUZZ_SESSION = tests/fuzz/session_fuzz.c tests/unit/sessions.c tests/unit/sessions.h
check_PROGRAMS += tests/fuzz/session_replay
tests_fuzz_session_replay_SOURCES = tests/fuzz/replay.c $(FUZZ_SESSION)
tests_fuzz_session_replay_LDADD = $(INTAKE_LIBS)
TESTS += tests/fuzz/session_replay
EXTRA_DIST += tests/fuzz/corpus
if FUZZERS
noinst_PROGRAMS += tests/fuzz/session_fuzz
tests_fuzz_session_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_session_fuzz_SOURCES = $(FUZZ_SESSION)
tests_fuzz_session_fuzz_LDADD = $(INTAKE_LIBS)
endif
check_PROGRAMS += tests/fuzz/message_replay
tests_fuzz_message_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/message_fuzz.c
tests_fuzz_message_replay_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/message_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/message_fuzz
tests_fuzz_message_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_message_fuzz_SOURCES = tests/fuzz/message_fuzz.c
tests_fuzz_message_fuzz_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
endif
check_PROGRAMS += tests/fuzz/header_replay
tests_fuzz_header_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/header_fuzz.c
tests_fuzz_header_replay_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/header_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/header_fuzz
tests_fuzz_header_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_header_fuzz_SOURCES = tests/fuzz/header_fuzz.c
tests_fuzz_header_fuzz_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
endif
check_PROGRAMS += tests/fuzz/readable_replay
tests_fuzz_readable_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/readable_fuzz.c tests/unit/html_check.c tests/unit/html_check.h
tests_fuzz_readable_replay_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/readable_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/readable_fuzz
tests_fuzz_readable_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_readable_fuzz_SOURCES = tests/fuzz/readable_fuzz.c tests/unit/html_check.c tests/unit/html_check.h
tests_fuzz_readable_fuzz_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
endif
check_PROGRAMS += tests/fuzz/query_replay
tests_fuzz_query_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/query_fuzz.c
tests_fuzz_query_replay_LDADD = libarcindex.a $(UNISTRING_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/query_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/query_fuzz
tests_fuzz_query_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_query_fuzz_SOURCES = tests/fuzz/query_fuzz.c
tests_fuzz_query_fuzz_LDADD = libarcindex.a $(UNISTRING_LIBS) $(BASE_LIBS)
endif
check_PROGRAMS += tests/fuzz/smtp_replay
tests_fuzz_smtp_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/smtp_fuzz.c
tests_fuzz_smtp_replay_LDADD = $(REMOTE_LIBS)
TESTS += tests/fuzz/smtp_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/smtp_fuzz
tests_fuzz_smtp_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_smtp_fuzz_SOURCES = tests/fuzz/smtp_fuzz.c
tests_fuzz_smtp_fuzz_LDADD = $(REMOTE_LIBS)
endif
check_PROGRAMS += tests/fuzz/report_replay
tests_fuzz_report_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/report_fuzz.c
tests_fuzz_report_replay_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
TESTS += tests/fuzz/report_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/report_fuzz
tests_fuzz_report_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_report_fuzz_SOURCES = tests/fuzz/report_fuzz.c
tests_fuzz_report_fuzz_LDADD = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
endif
check_PROGRAMS += tests/fuzz/http_replay
tests_fuzz_http_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/http_fuzz.c
tests_fuzz_http_replay_LDADD = $(WEB_LIBS)
TESTS += tests/fuzz/http_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/http_fuzz
tests_fuzz_http_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_http_fuzz_SOURCES = tests/fuzz/http_fuzz.c
tests_fuzz_http_fuzz_LDADD = $(WEB_LIBS)
endif
check_PROGRAMS += tests/fuzz/words_replay
tests_fuzz_words_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/words_fuzz.c
tests_fuzz_words_replay_LDADD = $(LIST_LIBS)
TESTS += tests/fuzz/words_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/words_fuzz
tests_fuzz_words_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_words_fuzz_SOURCES = tests/fuzz/words_fuzz.c
tests_fuzz_words_fuzz_LDADD = $(LIST_LIBS)
endif
check_PROGRAMS += tests/fuzz/body_replay
tests_fuzz_body_replay_SOURCES = tests/fuzz/replay.c tests/fuzz/body_fuzz.c
tests_fuzz_body_replay_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS)
TESTS += tests/fuzz/body_replay
if FUZZERS
noinst_PROGRAMS += tests/fuzz/body_fuzz
tests_fuzz_body_fuzz_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_body_fuzz_SOURCES = tests/fuzz/body_fuzz.c
tests_fuzz_body_fuzz_LDADD = libarc.a $(INDEX_LIBS) $(CONF_LIBS)
endif
