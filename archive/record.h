/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: the record of conduct as the list role tells it in STATE/conduct/LIST
 * (daemon/conduct_log.h says what is in that file). Each of its events, told or not, has a seal;
 * the archive's log keeps them, so that an event that is changed, taken away or put in between
 * later shows.
 */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/store.h"
#include "conf/conf.h"

struct record_event {
	int64_t id, t;
	bool told; /* what follows, but for the seal, is empty otherwise */
	struct slice what, step, member, about, rule;
	int64_t until, refers;
	struct slice seal;
};
struct record_figure {
	int year;
	struct slice name;
	int64_t n;
};
struct record_group {
	struct slice name;
	int64_t members;
};
struct record {
	bool there; /* the file is */
	struct record_event *events;
	struct record_figure *figures;
	struct record_group *groups;
	size_t nevents, nfigures, ngroups;
};

/* The file, in the arena; a missing one is a record without events. */
int record_load(struct record *r, struct arena *a, const struct conf *conf, const char *list,
		struct err *e) __attribute__((warn_unused_result));
/* The number of that name and year; 0 if there is none. */
int64_t record_figure(const struct record *r, int year, const char *name);

/*
 * Appends the seals that the list's log has not yet, durably, inside the archive's lock: how many,
 * or -1. What is in the log already is never appended again, whenever this is cut short. Crash
 * points as store_sync.
 */
int64_t record_seal(struct store *st, const char *list, const struct record *r, struct err *e)
    __attribute__((warn_unused_result));
/* The record and the log against each other: each finding in words to found; how many, or -1. */
int64_t record_verify(struct store *st, const char *list, const struct record *r, int64_t now,
		      void (*found)(void *arg, const char *text), void *arg, struct err *e)
    __attribute__((warn_unused_result));

#endif
