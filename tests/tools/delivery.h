/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delivery: a deliver role on a folder of its own, with a sink (tests/tools/sink.c) as its relay.
 * For its functional test and the fan-out bench. What goes wrong ends the program with a message.
 * Programs are found in top_builddir.
 */
#ifndef TESTS_TOOLS_DELIVERY_H
#define TESTS_TOOLS_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/db.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "tests/tools/sink.h"

struct delivery {
	char dir[200]; /* conf, state/, store/ of the sink */
	struct conf *conf;
	struct db *db;
	pid_t sink, deliver;
	int port, sink_stdin, bell;
	struct sink_counters *count;
};

/* A folder with the list "l" (copies personal), and list.db. options: of the sink, NULL-terminated;
 * "-s" with its store and "-k" are added. relay: of the configuration, or NULL for the sink. */
void delivery_setup(struct delivery *d, const char *const *options, const char *relay, bool store);
void delivery_start(struct delivery *d); /* the role */
/* SIGTERM, and its exit status. */
int delivery_stop(struct delivery *d);
void delivery_kill(struct delivery *d); /* SIGKILL */
void delivery_sink_start(struct delivery *d, const char *const *options, bool store);
void delivery_sink_stop(struct delivery *d);
void delivery_teardown(struct delivery *d);

/* n members of list "l": m0@example.com …; first: the number of the first one. */
void delivery_members(struct delivery *d, int first, int n);
/* A post of body (CRLF ends) to all members: its out row, with its file in out/ unless late is set;
 * rings. Its file name goes into id. */
int64_t delivery_post(struct delivery *d, const char *copies, struct slice body, int flags,
		      bool late, char *id);
void delivery_link(struct delivery *d, const char *id, struct slice body);
/* One mail without a file to one address. */
int64_t delivery_notice(struct delivery *d, const char *to, int flags, struct slice mail);
void delivery_ring(struct delivery *d);
int64_t delivery_rows(struct delivery *d);
/* Waits until there are so many rows (0: all is out): true, or false after ms. */
bool delivery_wait_rows(struct delivery *d, int64_t rows, int ms);
bool delivery_wait_messages(struct delivery *d, int64_t messages, int ms);

#endif
