# SPDX-License-Identifier: GPL-2.0-or-later
# daemon: the record of conduct, the ladder, and hooks.
liblist_a_SOURCES += daemon/conduct.c daemon/conduct.h daemon/quota.c daemon/quota.h
# Hooks: for the list role alone, since they need its loop.
noinst_LIBRARIES += libhook.a
libhook_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
libhook_a_SOURCES = daemon/hook.c daemon/hook.h
# What puts up the walls around a hook and becomes it.
pkglibexec_PROGRAMS += plenary-hook
plenary_hook_SOURCES = daemon/hook_main.c
plenary_hook_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
plenary_hook_LDADD = $(BASE_LIBS)
