/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_dump MBOX…: the replies to digests in a list's mailboxes, each with the message that was
 * found for it, for a look at how many are found and whether they are the right ones; then the
 * counts, and the time an addition takes. One line a reply: how (reply: its reference is a message
 * of the list; quote: found by what it quotes; none), Message-IDs, subjects.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/fields.h"
#include "archive/overview.h"
#include "base/clock.h"
#include "base/file.h"
#include "mail/mbox.h"

#define BATCH 256

struct reply {
	struct slice msgid, ref;
};

struct run {
	struct overview *ov;
	struct arena *arena, *kept;
	struct reply *replies;
	size_t nreplies, cap;
	int64_t messages;
	double parse_time, add_time;
};

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
keep(struct run *r, const struct fields *f)
{
	if (r->nreplies == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->replies = reallocarray(r->replies, r->cap, sizeof *r->replies);
		if (!r->replies)
			abort();
	}
	r->replies[r->nreplies++] = (struct reply){
	    arena_dup(r->kept, f->id.msgid),
	    f->nreferences ? arena_dup(r->kept, f->references[f->nreferences - 1]) : SLICE("")};
}

static int
add(struct run *r, struct slice raw, struct err *e)
{
	enum overview_added how;
	struct fields f;
	struct buf b;
	double begun = cpu();
	int64_t id;
	int ret;

	buf_init(&b, BUF_NO_LIMIT);
	arena_reset(r->arena);
	fields_of(&f, r->arena, mbox_unquote(&b, raw), clock_now(), "example.org");
	r->parse_time += cpu() - begun;
	begun = cpu();
	ret = overview_resolve(r->ov, "l", &f, e);
	if (ret == 0 && f.digest)
		keep(r, &f);
	if (ret == 0)
		ret = overview_add(r->ov, "l", &f, &how, &id, e);
	r->add_time += cpu() - begun;
	buf_free(&b);
	r->messages++;
	return ret < 0 ? -1 : 0;
}

static int
read_box(struct run *r, const char *path, struct err *e)
{
	struct slice all, rest, from, raw;
	int in_batch = 0, ret = -1;

	if (file_map(AT_FDCWD, path, &all, e) < 0)
		return -1;
	rest = all;
	if (overview_begin(r->ov, e) < 0)
		goto out;
	while (mbox_next(&rest, &from, &raw)) {
		if (add(r, raw, e) < 0)
			goto out;
		if (++in_batch % BATCH == 0 &&
		    (overview_commit(r->ov, e) < 0 || overview_begin(r->ov, e) < 0))
			goto out;
	}
	ret = overview_commit(r->ov, e);
out:
	file_unmap(all);
	return ret;
}

static int
tell(struct run *r, const struct reply *reply, int counts[3], struct err *e)
{
	static const char *const names[] = {"reply", "quote", "none"};
	struct overview_message m, up = {0}, ref;
	int how = 2, found;

	arena_reset(r->arena);
	if (overview_by_msgid(r->ov, r->arena, "l", reply->msgid, &m, e) < 0)
		return -1;
	found = overview_by_msgid(r->ov, r->arena, "l", reply->ref, &ref, e);
	if (found < 0 || (m.parent && overview_by_id(r->ov, r->arena, m.parent, &up, e) < 0))
		return -1;
	if (m.parent)
		how = found == 1 && ref.id == up.id ? 0 : 1;
	if (up.state == OVERVIEW_GHOST)
		how = 2;
	counts[how]++;
	printf("%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", names[how], SLICE_ARG(m.msgid),
	       SLICE_ARG(up.msgid), SLICE_ARG(m.subject), SLICE_ARG(up.from_name),
	       SLICE_ARG(up.subject));
	return 0;
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/digests-XXXXXX";
	struct run r = {.arena = arena_new(), .kept = arena_new()};
	int counts[3] = {0}, ret = 1;
	struct err e = {0};

	if (argc < 2 || !mkdtemp(dir))
		return 2;
	if (overview_open(&r.ov, arena_printf(r.kept, "%s/archive.db", dir), true, &e) < 0)
		goto out;
	for (int i = 1; i < argc; i++)
		if (read_box(&r, argv[i], &e) < 0)
			goto out;
	for (size_t i = 0; i < r.nreplies; i++)
		if (tell(&r, &r.replies[i], counts, &e) < 0)
			goto out;
	printf("%lld messages, %zu replies to digests: %d by reference, %d by quote, %d not found; "
	       "%.0f µs to read a message, %.0f µs to add it\n",
	       (long long)r.messages, r.nreplies, counts[0], counts[1], counts[2],
	       1e6 * r.parse_time / (double)r.messages, 1e6 * r.add_time / (double)r.messages);
	ret = 0;
out:
	if (ret)
		fprintf(stderr, "%s\n", e.text);
	overview_close(r.ov);
	free(r.replies);
	arena_free(r.arena);
	arena_free(r.kept);
	return file_remove_tree(AT_FDCWD, dir, &e) < 0 ? 1 : ret;
}
