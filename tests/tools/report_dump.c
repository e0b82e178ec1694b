/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_dump [-t] FILE…: what report_parse sees in each file, a line for each recipient, fields
 * parted by tabs: file, recipient, status, reason, hard or soft, diagnostic; one line with the
 * reason "none" for a file that is no report. The return path is the Return-Path field's, else
 * the author. -t:
 * nothing but how many reports were read a second.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "mail/address.h"
#include "mail/report.h"

#define DUMP_MAX ((size_t)64 << 20)
#define ROUNDS 20 /* for -t: each file is small */

static struct slice
return_path(const struct message *m, struct arena *a)
{
	struct address ad;
	bool told = message_field(m, "Return-Path") != NULL;
	struct slice raw = message_value(m, told ? "Return-Path" : "From");
	return address_parse_first(a, raw, &ad) ? ad.text : slice_make(NULL, 0);
}

static void
print_report(const char *path, const struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		printf("%s\t%.*s\t%.*s\t%s\t%s\t%.*s\n", path, SLICE_ARG(r->v[i].recipient),
		       SLICE_ARG(r->v[i].status), report_reason_name(r->v[i].reason),
		       r->v[i].hard ? "hard" : "soft", SLICE_ARG(r->v[i].diagnostic));
	if (r->n == 0)
		printf("%s\t\t\tnone\tsoft\t\n", path);
}

static void
read_one(struct arena *a, struct slice bytes, const char *path)
{
	struct message m;
	struct report r;
	message_parse(&m, a, bytes);
	report_parse(&r, a, &m, return_path(&m, a));
	if (path)
		print_report(path, &r);
}

int
main(int argc, char **argv)
{
	struct arena *files = arena_new(), *a = arena_new();
	bool timing = argc > 1 && strcmp(argv[1], "-t") == 0;
	clock_t used = 0;
	long n = 0;
	for (int i = timing ? 2 : 1; i < argc; i++) {
		struct err e;
		struct slice bytes;
		if (file_read(AT_FDCWD, argv[i], DUMP_MAX, files, &bytes, &e) < 0) {
			fprintf(stderr, "%s\n", e.text);
			return 1;
		}
		clock_t begun = clock();
		for (int k = 0; k < (timing ? ROUNDS : 1); k++, n++) {
			read_one(a, bytes, timing ? NULL : argv[i]);
			arena_reset(a);
		}
		used += clock() - begun;
		arena_reset(files);
	}
	if (timing)
		printf("%ld reports, %.0f a second\n", n,
		       (double)n * CLOCKS_PER_SEC / (double)(used ? used : 1));
	arena_free(files);
	arena_free(a);
	return 0;
}
