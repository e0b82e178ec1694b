# SPDX-License-Identifier: GPL-2.0-or-later
# daemon: intake, list, deliver, the parent, and the plenary command. listdb's modules are a library
# since the list and deliver roles and the command share them.
noinst_LIBRARIES += liblist.a
liblist_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(PSL_CFLAGS) $(ZLIB_CFLAGS)
liblist_a_SOURCES = daemon/listdb.c daemon/listdb.h \
	daemon/member.c daemon/member.h daemon/member_event.c daemon/member_event.h \
	daemon/option.c daemon/option.h daemon/ticket.c daemon/ticket.h daemon/seen.c daemon/seen.h \
	daemon/flood.c daemon/flood.h daemon/limits.c daemon/limits.h daemon/aside.c daemon/aside.h daemon/held.c daemon/held.h daemon/queue.c daemon/queue.h \
	daemon/bounce.c daemon/bounce.h daemon/bouncing.c daemon/bouncing.h daemon/complaint.c daemon/complaint.h \
	daemon/vacation.c daemon/vacation.h daemon/notice.c daemon/notice.h \
	daemon/authserv.c daemon/authserv.h daemon/work.c daemon/work.h daemon/send.c daemon/send.h \
	daemon/checks.c daemon/checks.h daemon/reasons.c daemon/reasons.h daemon/post.c daemon/owner.c daemon/report.c \
	daemon/answer.c daemon/answer.h daemon/habits.c daemon/habits.h daemon/moderate.c daemon/moderate.h \
	daemon/newcomer.c daemon/newcomer.h daemon/request.c daemon/request.h daemon/command.c daemon/command.h \
	daemon/answers.c daemon/answers.h daemon/answers_self.c daemon/answers_person.c daemon/answers_search.c daemon/searching.c daemon/searching.h daemon/person.c daemon/person.h daemon/answers_moderator.c daemon/answers_archive.c daemon/digest.c daemon/digest.h \
	daemon/digest_mail.c daemon/digest_mail.h daemon/batch.c daemon/batch.h \
	daemon/dmarc.c daemon/dmarc.h daemon/dkim.c daemon/dkim.h daemon/policies.c daemon/policies.h \
	daemon/rewrite.c daemon/rewrite.h daemon/lighten.c daemon/lighten.h \
	daemon/prepare.c daemon/prepare.h
LIST_LIBS = liblist.a libroute.a $(JANSSON_LIBS) $(PSL_LIBS) $(ZLIB_LIBS) $(CONF_LIBS)
bin_PROGRAMS += plenary
plenary_SOURCES = daemon/plenary.c daemon/verbs.c daemon/verbs.h daemon/verbs_lists.c daemon/verbs_members.c daemon/verbs_person.c \
	daemon/verbs_held.c daemon/verbs_limits.c daemon/verbs_refused.c daemon/totals.c daemon/totals.h
plenary_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
plenary_LDADD = liblist.a libroute.a libparent.a $(CLI_LIBS) $(LIST_LIBS)
pkglibexec_PROGRAMS += plenary-list
plenary_list_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
plenary_list_SOURCES = daemon/list.c
plenary_list_LDADD = libresolve.a $(LIST_LIBS) $(CARES_LIBS) $(EVENT_LIBS)
# DNS, which only the list role asks.
noinst_LIBRARIES += libresolve.a
libresolve_a_CFLAGS = $(AM_CFLAGS) $(CARES_CFLAGS) $(EVENT_CFLAGS)
libresolve_a_SOURCES = daemon/resolve.c daemon/resolve.h daemon/txt.c daemon/txt.h
# The addresses of a site: what intake and the list role both ask.
noinst_LIBRARIES += libroute.a
libroute_a_CFLAGS = $(AM_CFLAGS)
libroute_a_SOURCES = daemon/route.c daemon/route.h
ROUTE_LIBS = libroute.a $(CONF_LIBS)
# The parent: the state folder and its lock (the command asks it, too), sockets, roles.
noinst_LIBRARIES += libparent.a
libparent_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
libparent_a_SOURCES = daemon/state.c daemon/state.h daemon/listen.c daemon/listen.h \
	daemon/keeper.c daemon/keeper.h
PARENT_LIBS = libparent.a $(CONF_LIBS)
sbin_PROGRAMS += plenaryd
plenaryd_SOURCES = daemon/plenaryd.c
plenaryd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
plenaryd_LDADD = $(PARENT_LIBS)
# Intake: the session and what it stands on, for the role, its tests and its fuzzer.
noinst_LIBRARIES += libintake.a
libintake_a_CFLAGS = $(AM_CFLAGS)
libintake_a_SOURCES = daemon/path.c daemon/path.h daemon/data.c daemon/data.h \
	daemon/transaction.c daemon/transaction.h daemon/admit.c daemon/admit.h \
	daemon/session.c daemon/session.h daemon/deposit.c daemon/deposit.h \
	daemon/smtp_command.c daemon/smtp_command.h daemon/arrival.c daemon/arrival.h \
	daemon/commit.c daemon/commit.h daemon/peers.c daemon/peers.h
INTAKE_LIBS = libintake.a $(ROUTE_LIBS) -lpthread
pkglibexec_PROGRAMS += plenary-intake
plenary_intake_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
plenary_intake_SOURCES = daemon/intake.c daemon/conn.c daemon/conn.h
plenary_intake_LDADD = libparent.a $(INTAKE_LIBS)
# Delivery: the role, and its child that talks to a relay (the session is a library for its tests
# and its fuzzer).
noinst_LIBRARIES += libremote.a
libremote_a_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS)
libremote_a_SOURCES = daemon/reply.c daemon/reply.h daemon/wire.c daemon/wire.h \
	daemon/parts.c daemon/parts.h daemon/say.c daemon/say.h daemon/smtp.c daemon/smtp.h \
	daemon/smtp_job.c daemon/smtp_job.h daemon/job.c daemon/job.h \
	daemon/link.c daemon/link.h daemon/relay.c daemon/relay.h daemon/maildir.c daemon/maildir.h \
	daemon/stock.c daemon/stock.h daemon/outcome.c daemon/outcome.h
REMOTE_LIBS = libremote.a $(BASE_LIBS) $(GNUTLS_LIBS)
noinst_LIBRARIES += libdeliver.a
libdeliver_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
libdeliver_a_SOURCES = daemon/turns.c daemon/turns.h daemon/lanes.c daemon/lanes.h \
	daemon/portion.c daemon/portion.h daemon/record.c daemon/record.h \
	daemon/strays.c daemon/strays.h
DELIVER_LIBS = libdeliver.a libremote.a $(LIST_LIBS)
pkglibexec_PROGRAMS += plenary-deliver plenary-remote
plenary_deliver_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
plenary_deliver_SOURCES = daemon/deliver.c daemon/remotes.c daemon/remotes.h
plenary_deliver_LDADD = $(DELIVER_LIBS)
plenary_remote_CFLAGS = $(AM_CFLAGS) $(GNUTLS_CFLAGS)
plenary_remote_SOURCES = daemon/remote.c
plenary_remote_LDADD = $(REMOTE_LIBS)
