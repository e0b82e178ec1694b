/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/replay.h"

#include <errno.h>
#include <stdbool.h>

#include "archive/fields.h"
#include "archive/suspects.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"

/* One list's replay. */
struct run {
	struct replay *r;
	const char *list;
	struct arena *arena; /* for one message */
	int64_t lines, in_batch;
};

/* The message of a line, from where it is now. 1, 0 it is nowhere, -1. */
static int
add_message(struct run *run, const struct chain_entry *entry, struct err *e)
{
	struct replay *r = run->r;
	struct suspects *sus = store_suspects(r->store);
	char key[KEY_SIZE];
	enum overview_added how;
	struct slice bytes;
	struct fields f;
	bool erased;
	int64_t id;
	int ret;

	if (entry->key.n != KEY_LENGTH)
		return 0;
	if (store_map_logged(r->store, run->list, entry->key, entry->path, &bytes, &erased, e) < 0)
		return errno == ENOENT ? 0 : -1;
	arena_reset(run->arena);
	memcpy(key, entry->key.p, KEY_LENGTH);
	key[KEY_LENGTH] = '\0';
	if (suspects_condemned(sus, SUSPECTS_READ, run->list, key)) {
		log_error("%s: message %s is left out: nobody survives reading it", run->list, key);
		file_unmap(bytes);
		return 1;
	}
	suspects_hold(sus, SUSPECTS_READ, run->list, key);
	if (erased)
		fields_of_skeleton(&f, run->arena, bytes, entry->received, r->domain);
	else
		fields_of(&f, run->arena, bytes, entry->received, r->domain);
	suspects_drop(sus);
	memcpy(f.key, key, KEY_SIZE);
	ret = overview_add(r->overview, run->list, &f, &how, &id, e);
	file_unmap(bytes);
	return ret < 0 ? -1 : 1;
}

static int
withdraw_message(struct run *run, const struct chain_entry *entry, struct err *e)
{
	struct replay *r = run->r;
	struct overview_message m;
	int found;

	if (store_put_away(r->store, run->list, entry, r->domain, e) < 0)
		return -1;
	found = overview_by_key(r->overview, run->arena, run->list, entry->key, &m, e);
	if (found <= 0 || m.state != OVERVIEW_PRESENT)
		return found < 0 ? -1 : 1;
	return overview_withdraw(r->overview, run->list, entry->key,
				 arena_str(run->arena, entry->text), entry->logged, e) < 0
		   ? -1
		   : 1;
}

static int
next_batch(struct run *run, int64_t end, struct err *e)
{
	struct replay *r = run->r;

	if (overview_set_log_end(r->overview, run->list, end, e) < 0) {
		overview_rollback(r->overview);
		return -1;
	}
	run->in_batch = 0;
	if (overview_commit(r->overview, e) < 0)
		return -1;
	if (r->progress)
		r->progress(r->arg, r->done, r->total);
	return 0;
}

static int
each_line(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	struct run *run = arg;
	int r = 1;

	if (run->in_batch == 0 && overview_begin(run->r->overview, e) < 0)
		return -1;
	if (slice_is(entry->event, "add"))
		r = add_message(run, entry, e);
	else if (slice_is(entry->event, "withdraw") || slice_is(entry->event, "erase"))
		r = withdraw_message(run, entry, e);
	if (r < 0)
		goto back;
	/* A line may outlive its file only in a power loss: then nobody was told of it, and who
	 * brings the message again will have it filed again. */
	if (r == 0)
		log_warning("%s: line %lld of the log names a message that is not there (%s)",
			    run->list, (long long)entry->number, log_str(entry->key));
	run->lines++;
	run->in_batch++;
	run->r->done++;
	if (run->in_batch < REPLAY_BATCH)
		return 0;
	if (next_batch(run, end, e) == 0)
		return 0;
back:
	overview_rollback(run->r->overview);
	run->in_batch = 0;
	return -1;
}

int64_t
replay_list(struct replay *r, const char *list, struct err *e)
{
	struct run run = {.r = r, .list = list};
	int64_t have, end, lines;

	if (overview_log_end(r->overview, list, &have, e) < 0 ||
	    store_log_end(r->store, list, &end, &lines, e) < 0)
		return -1;
	if (have == end)
		return 0;
	/* The log was put back from a backup: what the overview has may not be in it. */
	if (have > end) {
		log_warning("%s: the log is shorter than what was read of it; starting anew", list);
		if (overview_begin(r->overview, e) < 0)
			return -1;
		if (overview_drop_list(r->overview, list, e) < 0) {
			overview_rollback(r->overview);
			return -1;
		}
		if (overview_commit(r->overview, e) < 0)
			return -1;
		have = 0;
	}
	run.arena = arena_new();
	if (store_walk(r->store, list, have, each_line, &run, e) < 0) {
		if (run.in_batch > 0)
			overview_rollback(r->overview);
		run.lines = -1;
	} else if (run.in_batch > 0 && next_batch(&run, end, e) < 0) {
		run.lines = -1;
	}
	arena_free(run.arena);
	return run.lines;
}

int64_t
replay_all(struct replay *r, struct err *e)
{
	struct arena *a = arena_new();
	const char **names;
	int64_t sum = 0, lines;
	size_t n;

	if (store_lists(r->store, a, &names, &n, e) < 0)
		sum = -1;
	for (size_t i = 0; sum >= 0 && i < n; i++) {
		lines = replay_list(r, names[i], e);
		sum = lines < 0 ? -1 : sum + lines;
	}
	arena_free(a);
	return sum;
}
