/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive_site: a throw-away state folder with an archive in it, for tests.
 */
#ifndef TESTS_ARCHIVE_SITE_H
#define TESTS_ARCHIVE_SITE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/file.h"
#include "base/log.h"

#define DAY 86400
#define START 1000000000

struct archive_site {
	char dir[64];
	struct arena *arena;
	struct conf_list list;
	struct conf conf;
	struct archive *archive;
};

static void
site_new(struct archive_site *s)
{
	struct err e = {0};

	memset(s, 0, sizeof *s);
	snprintf(s->dir, sizeof s->dir, "/tmp/archive-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->arena = arena_new();
	s->list = (struct conf_list){.name = "l", .title = "L", .language = "en"};
	s->conf = (struct conf){.arena = s->arena,
				.file = "/nonexistent",
				.domain = "lists.example.org",
				.site_url = "https://lists.example.org",
				.owner = "o@example.org",
				.state_dir = s->dir,
				.language = "en",
				.delimiter = '+',
				.lists = &s->list,
				.nlists = 1};
	if (archive_open(&s->archive, &s->conf, &e) < 0)
		fail_msg("%s", e.text);
}

static void
site_free(struct archive_site *s)
{
	archive_close(s->archive);
	arena_free(s->arena);
	assert_int_equal(file_remove_tree(AT_FDCWD, s->dir, NULL), 0);
}

static void
site_lock(struct archive_site *s)
{
	struct err e = {0};

	if (archive_lock(s->archive, true, &e) != 1)
		fail_msg("%s", e.text);
}

/* One message as text; refs may be NULL. */
static inline struct slice
site_message(struct archive_site *s, int id, int64_t day, const char *refs, const char *body)
{
	struct arena *a = s->arena;

	return slice_str(
	    arena_printf(a,
			 "From: Ann <ann@example.org>\nTo: l@lists.example.org\n"
			 "Date: %s\nMessage-ID: <m%d@x>\n%s%s%sSubject: theme %d\n\n%s\n",
			 clock_rfc5322(a, START + day * DAY), id, refs ? "References: " : "",
			 refs ? refs : "", refs ? "\n" : "", id, body));
}

static inline enum archive_result
site_add(struct archive_site *s, struct slice bytes)
{
	struct archive_input in = {"l", bytes, START + 1000 * DAY};
	enum archive_result r;
	struct err e = {0};

	if (archive_add(s->archive, &in, 1, &r, NULL, &e) < 0)
		fail_msg("%s", e.text);
	return r;
}

/* Everything that the overview says of a list, but for row numbers: one line a message. */
static inline const char *
site_dump(struct archive_site *s, struct arena *a)
{
	struct overview *ov = archive_overview(s->archive);
	struct overview_thread *ts;
	struct overview_message *ms;
	struct buf b;
	const char *text;
	size_t nts, nms;

	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(overview_recent_threads(ov, a, "l", 100000, &ts, &nts, NULL), 0);
	for (size_t t = 0; t < nts; t++) {
		buf_printf(&b, "%s %lld %lld %lld %.*s\n", ts[t].root_key, (long long)ts[t].first,
			   (long long)ts[t].last, (long long)ts[t].messages,
			   SLICE_ARG(ts[t].subject));
		assert_int_equal(overview_thread(ov, a, ts[t].id, &ms, &nms, NULL), 0);
		for (size_t i = 0; i < nms; i++)
			buf_printf(&b, "%*s%s %d %lld %.*s %.*s\n", ms[i].depth + 1, "", ms[i].key,
				   ms[i].state, (long long)ms[i].date, SLICE_ARG(ms[i].subject),
				   SLICE_ARG(ms[i].from_name));
	}
	text = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

#endif
