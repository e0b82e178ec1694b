/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkpages CONF LIST MBOX…: messages into store and overview, and their pages, in batches as the
 * archived role takes them, with the time that the pages took. For looking at pages, and for
 * measuring.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "archive/fields.h"
#include "archive/overview.h"
#include "archive/pages.h"
#include "archive/store.h"
#include "base/clock.h"
#include "base/file.h"
#include "conf/conf.h"
#include "conf/text.h"
#include "mail/mbox.h"

#include <fcntl.h>

#define BATCH 1000
#define MARKS 100000

struct run {
	struct conf *conf;
	struct overview *ov;
	struct store *st;
	struct pages *pg;
	struct arena *arena;
	const char *list;
	int64_t messages, marks;
	double pages_time;
};

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
write_marks(struct run *r, struct err *e)
{
	struct dirty *ds;
	size_t n;

	do {
		double begun = cpu();

		arena_reset(r->arena);
		if (overview_dirty(r->ov, r->arena, MARKS, &ds, &n, e) < 0 ||
		    pages_write(r->pg, ds, n, e) < 0 || overview_dirty_clear(r->ov, ds, n, e) < 0)
			return -1;
		r->pages_time += cpu() - begun;
		r->marks += (int64_t)n;
	} while (n > 0);
	return 0;
}

static int
add(struct run *r, struct slice raw, struct err *e)
{
	enum overview_added how;
	struct fields f;
	struct buf b;
	int64_t id;
	int ret = -1;

	buf_init(&b, BUF_NO_LIMIT);
	arena_reset(r->arena);
	fields_of(&f, r->arena, mbox_unquote(&b, raw), clock_now(), r->conf->domain);
	switch (overview_resolve(r->ov, r->list, &f, e)) {
	case 0:
		if (store_add(r->st, r->list, &f, e) == 0 &&
		    overview_add(r->ov, r->list, &f, &how, &id, e) == 0)
			ret = 0;
		r->messages++;
		break;
	case 1:
		ret = 0;
		break;
	default:
		break;
	}
	buf_free(&b);
	return ret;
}

static int
add_file(struct run *r, const char *path, struct err *e)
{
	struct slice file, rest, from, raw;
	int ret = -1, n = 0;

	if (file_map(AT_FDCWD, path, &file, e) < 0 || overview_begin(r->ov, e) < 0)
		return -1;
	rest = file;
	while (mbox_next(&rest, &from, &raw)) {
		if (add(r, raw, e) < 0)
			goto out;
		if (++n % BATCH == 0 && (overview_commit(r->ov, e) < 0 || write_marks(r, e) < 0 ||
					 overview_begin(r->ov, e) < 0))
			goto out;
	}
	if (overview_commit(r->ov, e) == 0)
		ret = write_marks(r, e);
out:
	file_unmap(file);
	return ret;
}

int
main(int argc, char **argv)
{
	struct run r = {.arena = arena_new()};
	struct err e;
	const char *overview;
	int ret = 1;

	if (argc < 3)
		return 2;
	r.conf = conf_load_or_complain(argv[1]);
	if (!r.conf)
		return 1;
	r.list = argv[2];
	overview = conf_path(r.conf, r.conf->arena, "archive/archive.db");
	if (text_load(&e) < 0 ||
	    store_open(&r.st, conf_path(r.conf, r.arena, "archive"), true, &e) < 0 ||
	    overview_open(&r.ov, overview, true, &e) < 0 ||
	    pages_open(&r.pg, r.conf, r.ov, r.st, &e) < 0)
		goto fail;
	for (int i = 3; i < argc; i++)
		if (add_file(&r, argv[i], &e) < 0)
			goto fail;
	if (pages_static(r.pg, &e) < 0 || store_sync(r.st, &e) < 0)
		goto fail;
	printf("%lld messages, %lld marks, %lld files, %.2f s, %.0f messages a second\n",
	       (long long)r.messages, (long long)r.marks, (long long)pages_written(r.pg),
	       r.pages_time, r.pages_time > 0 ? (double)r.messages / r.pages_time : 0);
	ret = 0;
fail:
	if (ret != 0)
		fprintf(stderr, "mkpages: %s\n", e.text);
	pages_close(r.pg);
	overview_close(r.ov);
	store_close(r.st);
	conf_free(r.conf);
	arena_free(r.arena);
	text_unload();
	return ret;
}
