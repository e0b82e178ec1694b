/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast the index takes mail in and how large it becomes, beside a bare loop over Xapian on the
 * same texts in the same run; and how long searches take.
 *
 *	index_bench [-n MESSAGES] [-b BATCH] [-r RUNS] MBOX…
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/index.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "tests/bench/bare_xapian.h"
#include "tests/tools/maildocs.h"

#define RUNS_MAX 15
#define SEARCHES 400

struct bench {
	char dir[64];
	struct maildocs docs;
	struct arena *a;
	size_t batch, runs;
};

struct run {
	double wall[RUNS_MAX], cpu; /* seconds; cpu of all runs */
	int64_t bytes;
};

static double
cpu_seconds(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes on disk in a folder, not counting folders in it. */
static int64_t
folder_bytes(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int64_t sum = 0;

	while (d && (entry = readdir(d))) {
		struct stat st;

		if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
			sum += (int64_t)st.st_blocks * 512;
	}
	if (d)
		closedir(d);
	return sum;
}

static int
die(const char *what, const struct err *e)
{
	fprintf(stderr, "index_bench: %s%s%s\n", what, e ? ": " : "", e ? e->text : "");
	exit(1);
}

static int
ours(struct bench *b, const char *dir)
{
	struct index_writer *w;
	struct err e;

	if (index_writer_open(&w, dir, &e) < 0)
		die("open", &e);
	for (size_t i = 0; i < b->docs.n; i += b->batch) {
		size_t n = b->docs.n - i < b->batch ? b->docs.n - i : b->batch;

		if (index_put_many(w, b->docs.doc + i, n, &e) < 0 || index_commit(w, &e) < 0)
			die("put", &e);
	}
	index_writer_close(w);
	return 0;
}

enum way { OURS, BARE_PLACES, BARE, WAYS };
static const char *const names[WAYS] = {"plenary index", "bare Xapian loop, positions",
					"bare Xapian loop, no positions"};

static void
index_once(struct bench *b, enum way way, size_t i, struct run *r)
{
	char *dir = arena_printf(b->a, "%s/%d", b->dir, (int)way);
	double wall, cpu = cpu_seconds();
	struct err e;

	if (file_remove_tree(AT_FDCWD, dir, &e) < 0)
		die("clean", &e);
	wall = wall_seconds();
	if (way == OURS ? ours(b, dir)
			: bare_xapian(dir, b->docs.doc, b->docs.n, b->batch, way == BARE_PLACES))
		die("bare loop failed", NULL);
	r->wall[i] = wall_seconds() - wall;
	r->cpu += cpu_seconds() - cpu;
	r->bytes = folder_bytes(dir);
	for (int s = 0; way == OURS && s < INDEX_SHARDS; s++)
		r->bytes += folder_bytes(arena_printf(b->a, "%s/%d", dir, s));
}

static int
by_size(const void *x, const void *y)
{
	double p = *(const double *)x, q = *(const double *)y;

	return (p > q) - (p < q);
}

static void
print_runs(struct bench *b, struct run *runs)
{
	double floor_rate = 0;

	printf("%-32s %10s %17s %8s %12s %8s\n", "median of runs", "messages/s", "(least..most)",
	       "CPU ms", "bytes/byte", "x bare");
	for (int w = WAYS - 1; w >= 0; w--) {
		struct run *r = &runs[w];
		double n = (double)b->docs.n, rate;

		qsort(r->wall, b->runs, sizeof r->wall[0], by_size);
		rate = n / r->wall[b->runs / 2];
		if (w == BARE_PLACES)
			floor_rate = rate;
		printf("%-32s %10.0f %8.0f..%-7.0f %8.3f %12.2f", names[w], rate,
		       n / r->wall[b->runs - 1], n / r->wall[0],
		       r->cpu * 1000 / n / (double)b->runs,
		       (double)r->bytes / (double)b->docs.bytes);
		if (w == OURS)
			printf(" %8.2f", rate / floor_rate);
		printf("\n");
	}
}

/* Bytes of the index, table by table, as it was written and dense. */
static void
print_tables(struct bench *b)
{
	static const char *const tables[] = {"postlist", "termlist", "docdata", "position"};
	const char *dir = arena_printf(b->a, "%s/%d", b->dir, (int)OURS);
	struct err e;

	printf("%-32s %10s %10s %10s %10s %10s\n", "bytes a byte of mail", tables[0], tables[1],
	       tables[2], tables[3], "all");
	for (int dense = 0; dense < 2; dense++) {
		double all = 0;

		if (dense && index_compact(dir, clock_now(), &e) < 0)
			die("compact", &e);
		printf("%-32s", dense ? "plenary index, made dense" : "plenary index, as written");
		for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
			double sum = 0;

			for (int s = 0; s < INDEX_SHARDS; s++) {
				struct stat st;

				if (stat(arena_printf(b->a, "%s/%d/%s.glass", dir, s, tables[t]),
					 &st) == 0)
					sum += (double)st.st_blocks * 512;
			}
			printf(" %10.3f", sum / (double)b->docs.bytes);
			all += sum;
		}
		printf(" %10.3f\n", all / (double)b->docs.bytes);
	}
}

/* The at-th word of at least three letters in a text, and if wanted the one behind it. */
static struct slice
pick(struct slice text, size_t at, bool two)
{
	struct slice rest = slice_from(text, at), word, next;

	(void)slice_next_word(&rest, &word); /* may be half a word */
	if (!slice_next_word(&rest, &word))
		return (struct slice){NULL, 0};
	if (two && slice_next_word(&rest, &next))
		return slice_make(word.p, (size_t)(next.p + next.n - word.p));
	return word;
}

static void
measure_kind(struct bench *b, struct index_reader *r, const char *name, const char *before,
	     const char *after, bool two, enum index_sort sort)
{
	double times[SEARCHES];
	int64_t hits = 0;
	unsigned seed = 7;
	struct err e;

	for (int i = 0; i < SEARCHES; i++) {
		struct arena *a = arena_new();
		struct index_query q = {.limit = 25, .sort = sort, .now = clock_now()};
		struct index_result res;
		struct slice text = {NULL, 0};

		while (text.n < 3 || text.n > 40) {
			const struct slice *own;

			seed = seed * 1103515245 + 12345;
			own = &b->docs.doc[(seed >> 8) % b->docs.n].own;
			text = pick(*own, own->n ? seed % own->n : 0, two);
		}
		q.text = slice_str(arena_printf(a, "%s%.*s%s", before, SLICE_ARG(text), after));
		times[i] = wall_seconds();
		if (index_search(r, a, &q, &res, &e) < 0)
			die("search", &e);
		times[i] = wall_seconds() - times[i];
		hits += res.estimated;
		arena_free(a);
	}
	qsort(times, SEARCHES, sizeof times[0], by_size);
	printf("%-32s p50 %7.3f ms  p95 %7.3f ms  most %7.3f ms  %lld hits each\n", name,
	       times[SEARCHES / 2] * 1000, times[SEARCHES * 95 / 100] * 1000,
	       times[SEARCHES - 1] * 1000, (long long)(hits / SEARCHES));
}

static void
measure_searches(struct bench *b)
{
	struct index_reader *r;
	struct err e;

	if (index_reader_open(&r, arena_printf(b->a, "%s/0", b->dir), &e) < 0)
		die("reader", &e);
	measure_kind(b, r, "a word", "", "", false, INDEX_BY_RELEVANCE);
	measure_kind(b, r, "a word, newest first", "", "", false, INDEX_BY_DATE);
	measure_kind(b, r, "two words", "", "", true, INDEX_BY_RELEVANCE);
	measure_kind(b, r, "a phrase", "\"", "\"", true, INDEX_BY_RELEVANCE);
	measure_kind(b, r, "a phrase, newest first", "\"", "\"", true, INDEX_BY_DATE);
	measure_kind(b, r, "a word and a range of dates", "", " d:2005..2020", false,
		     INDEX_BY_RELEVANCE);
	measure_kind(b, r, "a beginning", "", "*", false, INDEX_BY_RELEVANCE);
	measure_kind(b, r, "a subject", "s:", "", false, INDEX_BY_RELEVANCE);
	index_reader_close(r);
}

int
main(int argc, char **argv)
{
	struct bench b = {.batch = 4000, .runs = 3};
	struct run runs[WAYS] = {0};
	int64_t messages = 20000, v;
	struct err e;
	int c;

	while ((c = getopt(argc, argv, "n:b:r:")) != -1) {
		if (c == '?' || !num_parse(slice_str(optarg), 1, 100000000, &v))
			return 2;
		if (c == 'n')
			messages = v;
		else if (c == 'b')
			b.batch = (size_t)v;
		else
			b.runs = v < RUNS_MAX ? (size_t)v : RUNS_MAX;
	}
	b.a = arena_new();
	for (; optind < argc && (int64_t)b.docs.n < messages; optind++)
		if (maildocs_add(&b.docs, b.a, argv[optind], "list", (size_t)messages - b.docs.n) <
		    0)
			die(argv[optind], NULL);
	if (b.docs.n == 0)
		die("no messages", NULL);
	printf("%zu messages, %.1f MB, of which %.1f MB text; batches of %zu\n", b.docs.n,
	       (double)b.docs.bytes / 1e6, (double)b.docs.text / 1e6, b.batch);
	snprintf(b.dir, sizeof b.dir, "/tmp/plenary-bench-XXXXXX");
	if (!mkdtemp(b.dir))
		die("no folder", NULL);
	for (size_t i = 0; i < b.runs; i++)
		for (int w = 0; w < WAYS; w++)
			index_once(&b, (enum way)w, i, &runs[w]);
	print_runs(&b, runs);
	print_tables(&b);
	measure_searches(&b);
	if (file_remove_tree(AT_FDCWD, b.dir, &e) < 0)
		die("clean", &e);
	free(b.docs.doc);
	arena_free(b.a);
	return 0;
}
