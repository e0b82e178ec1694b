/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * growth_bench [THREADS [MESSAGES]]: what one message more costs where much is there already: a
 * month of THREADS threads, and a thread of MESSAGES messages, beside a month and a thread of ten.
 * Time of the processor for the overview and for the pages, the middle of some rounds.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/archive.h"
#include "base/clock.h"
#include "base/file.h"
#include "conf/text.h"

#define ROUNDS 21
#define START 1000000000
#define BATCH 500

struct bench {
	char dir[64];
	struct arena *arena;
	struct conf_list list;
	struct conf conf;
	struct archive *ar;
	int next; /* message number */
	int64_t t;
};

static void
fail(const struct err *e)
{
	fprintf(stderr, "growth_bench: %s\n", e->text);
	exit(1);
}

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
open_site(struct bench *b)
{
	struct err e;

	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/growth-XXXXXX");
	if (!mkdtemp(b->dir))
		exit(1);
	b->arena = arena_new();
	b->list = (struct conf_list){.name = "l", .title = "L", .language = "en"};
	b->conf = (struct conf){.arena = b->arena,
				.file = "/nonexistent",
				.domain = "lists.example.org",
				.site_url = "https://lists.example.org",
				.owner = "o@example.org",
				.state_dir = b->dir,
				.language = "en",
				.delimiter = '+',
				.lists = &b->list,
				.nlists = 1};
	b->t = START;
	if (archive_open(&b->ar, &b->conf, &e) < 0 || archive_lock(b->ar, true, &e) != 1)
		fail(&e);
}

static void
close_site(struct bench *b)
{
	struct err e;

	archive_close(b->ar);
	arena_free(b->arena);
	if (file_remove_tree(AT_FDCWD, b->dir, &e) < 0)
		fail(&e);
}

/* A message a minute, below message `parent` (-1: none). */
static struct slice
message(struct bench *b, struct arena *a, int parent)
{
	int id = b->next++;
	const char *refs = parent < 0 ? "" : arena_printf(a, "References: <m%d@x>\n", parent);

	b->t += 60;
	return slice_str(arena_printf(a,
				      "From: Ann <ann@example.org>\nDate: %s\nMessage-ID: <m%d@x>\n"
				      "%sSubject: theme %d\n\nSome words of message %d.\n",
				      clock_rfc5322(a, b->t), id, refs, parent < 0 ? id : parent,
				      id));
}

static void
write_pages(struct bench *b)
{
	struct err e;
	int64_t n;

	while ((n = archive_write_pages(b->ar, 1000, &e)) > 0)
		continue;
	if (n < 0)
		fail(&e);
}

/* n messages, each below `parent`. */
static void
add(struct bench *b, int n, int parent)
{
	while (n > 0) {
		struct arena *a = arena_new();
		struct archive_input in[BATCH];
		enum archive_result results[BATCH];
		int now = n < BATCH ? n : BATCH;
		struct err e;

		for (int i = 0; i < now; i++)
			in[i] =
			    (struct archive_input){"l", message(b, a, parent), START + 10000000};
		if (archive_add(b->ar, in, (size_t)now, results, NULL, &e) < 0)
			fail(&e);
		arena_free(a);
		n -= now;
	}
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
one_more(struct bench *b, const char *what, int parent)
{
	double added[ROUNDS], written[ROUNDS], begun;

	for (int i = 0; i < ROUNDS; i++) {
		begun = cpu();
		add(b, 1, parent);
		added[i] = cpu() - begun;
		begun = cpu();
		write_pages(b);
		written[i] = cpu() - begun;
	}
	qsort(added, ROUNDS, sizeof *added, by_value);
	qsort(written, ROUNDS, sizeof *written, by_value);
	printf("%-52s add %6.2f ms, pages %7.2f ms\n", what, added[ROUNDS / 2],
	       written[ROUNDS / 2]);
}

static void
measure(int threads, int messages)
{
	struct bench b;
	char what[100];

	open_site(&b);
	add(&b, threads, -1);
	write_pages(&b);
	snprintf(what, sizeof what, "a month of %d threads: a thread more", threads);
	one_more(&b, what, -1);
	snprintf(what, sizeof what, "a month of %d threads: an answer to the first", threads);
	one_more(&b, what, 0);
	close_site(&b);
	open_site(&b);
	add(&b, 1, -1);
	add(&b, messages - 1, 0);
	write_pages(&b);
	snprintf(what, sizeof what, "a thread of %d messages: an answer to the first", messages);
	one_more(&b, what, 0);
	snprintf(what, sizeof what, "a thread of %d messages: an answer to the last", messages);
	one_more(&b, what, b.next - 1);
	close_site(&b);
}

int
main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 5000, messages = argc > 2 ? atoi(argv[2]) : 3000;
	struct err e;

	if (threads < 1 || messages < 2)
		return 2;
	if (text_load(&e) < 0)
		fail(&e);
	measure(10, 10);
	measure(threads, messages);
	text_unload();
	return 0;
}
