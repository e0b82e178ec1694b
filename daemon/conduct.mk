# SPDX-License-Identifier: GPL-2.0-or-later
# daemon: the record of conduct, the ladder, and hooks.
liblist_a_SOURCES += daemon/conduct.c daemon/conduct.h daemon/quota.c daemon/quota.h \
	daemon/traits.c daemon/traits.h daemon/pick.c daemon/pick.h \
	daemon/moderator.c daemon/moderator.h daemon/waiting.c daemon/waiting.h \
	daemon/refused.c daemon/refused.h daemon/nameless.c daemon/nameless.h \
	daemon/release.c daemon/release.h daemon/hook.c daemon/hook.h daemon/hook_answer.c daemon/hook_answer.h \
	daemon/hook_env.c daemon/hook_env.h daemon/follow.c daemon/follow.h \
	daemon/step.c daemon/step_words.c daemon/step.h daemon/tidings.c daemon/tidings.h daemon/announce.c daemon/announce.h \
	daemon/appeal.c daemon/appeal.h daemon/reports.c daemon/reports.h daemon/strand.c daemon/strand.h \
	daemon/conduct_mail.c daemon/conduct_mail.h daemon/answers_conduct.c daemon/answers_cooling.c \
	daemon/conduct_log.c daemon/conduct_log.h \
	daemon/figures.c daemon/figures.h daemon/seal.c daemon/seal.h \
	daemon/fate.c daemon/fate.h daemon/speaking.c daemon/speaking.h daemon/answers_speaking.c
# What puts up the walls around a hook and becomes it.
pkglibexec_PROGRAMS += plenary-hook
plenary_hook_SOURCES = daemon/hook_main.c
plenary_hook_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
plenary_hook_LDADD = $(BASE_LIBS)
plenary_SOURCES += daemon/verbs_conduct.c daemon/verbs_record.c
# Example hooks, to copy and change.
hooksdir = $(pkgdatadir)/conf/hooks
dist_hooks_SCRIPTS = conf/hooks/spam conf/hooks/words conf/hooks/language
dist_hooks_DATA = conf/hooks/words.txt
