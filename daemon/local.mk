# SPDX-License-Identifier: GPL-2.0-or-later
# daemon: intake, list, deliver, the parent, and the plenary command. listdb's modules are a library
# since the list and deliver roles and the command share them.
noinst_LIBRARIES += liblist.a
liblist_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
liblist_a_SOURCES = daemon/listdb.c daemon/listdb.h \
	daemon/member.c daemon/member.h daemon/ticket.c daemon/ticket.h daemon/seen.c daemon/seen.h \
	daemon/flood.c daemon/flood.h daemon/held.c daemon/held.h daemon/queue.c daemon/queue.h \
	daemon/bounce.c daemon/bounce.h
LIST_LIBS = liblist.a $(CONF_LIBS)
# The addresses of a site: what intake and the list role both ask.
noinst_LIBRARIES += libroute.a
libroute_a_CFLAGS = $(AM_CFLAGS)
libroute_a_SOURCES = daemon/route.c daemon/route.h
ROUTE_LIBS = libroute.a $(CONF_LIBS)
