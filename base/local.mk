# SPDX-License-Identifier: GPL-2.0-or-later
# base: what every program stands on. It knows nothing of mail.
noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS) $(SECCOMP_CFLAGS)
libbase_a_SOURCES =
# What a program that uses libbase.a links. db and sandbox are pulled in only where called.
BASE_LIBS = libbase.a $(SQLITE_LIBS) $(EVENT_LIBS) $(NETTLE_LIBS) $(SECCOMP_LIBS)
