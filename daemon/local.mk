# SPDX-License-Identifier: GPL-2.0-or-later
# daemon: intake, list, deliver, the parent, and the plenary command. listdb's modules are a library
# since the list and deliver roles and the command share them.
noinst_LIBRARIES += liblist.a
liblist_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
liblist_a_SOURCES = daemon/listdb.c daemon/listdb.h
LIST_LIBS = liblist.a $(CONF_LIBS)
