# SPDX-License-Identifier: GPL-2.0-or-later
# base: what every program stands on. It knows nothing of mail.
noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(EVENT_CFLAGS) $(NETTLE_CFLAGS) $(SECCOMP_CFLAGS)
libbase_a_SOURCES =
libbase_a_SOURCES += base/slice.c base/slice.h
libbase_a_SOURCES += base/arena.c base/arena.h
libbase_a_SOURCES += base/buf.c base/buf.h
libbase_a_SOURCES += base/err.c base/err.h
libbase_a_SOURCES += base/log.c base/log.h
libbase_a_SOURCES += base/clock.c base/clock.h
libbase_a_SOURCES += base/num.c base/num.h
libbase_a_SOURCES += base/zone.c base/zone.h
libbase_a_SOURCES += base/utf8.c base/utf8.h
libbase_a_SOURCES += base/hash.c base/hash.h
libbase_a_SOURCES += base/id.c base/id.h
libbase_a_SOURCES += base/crash.c base/crash.h
libbase_a_SOURCES += base/file.c base/file.h
libbase_a_SOURCES += base/token.c base/token.h
libbase_a_SOURCES += base/hand.c base/hand.h
libbase_a_SOURCES += base/folders.c base/folders.h base/spool.c base/spool.h
# What a program that uses libbase.a links. db and sandbox are pulled in only where called.
BASE_LIBS = libbase.a $(SQLITE_LIBS) $(EVENT_LIBS) $(NETTLE_LIBS) $(SECCOMP_LIBS)
libbase_a_SOURCES += base/db.c base/db.h base/statement.c base/statement.h base/schema.c base/schema.h
libbase_a_SOURCES += base/child.c base/child.h
libbase_a_SOURCES += base/sandbox.c base/sandbox.h base/sandbox_calls.c base/sandbox_calls.h
libbase_a_SOURCES += base/role.c base/role.h
libbase_a_SOURCES += base/program.c base/program.h
