/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people type and filters write, from hostile bytes: numbers of held posts, patterns of header
 * rules, texts that are published without a name. The first line is a pattern and a From field,
 * what follows a value and a text.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "daemon/nameless.h"
#include "daemon/pick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good)
		fatal("not so: %s", what);
}

static void
check_pick(struct slice line)
{
	struct pick p;
	enum pick_end end = pick_parse(line, &p);
	must(p.n <= PICK_MAX, "no more numbers than the limit");
	must((end == PICK_FINE) <= (p.n > 0), "a good line has a number");
	must(p.rest.n <= line.n, "the reason is a part of the line");
	for (size_t i = 0; i < p.n; i++)
		must(p.v[i].from >= 0 && p.v[i].from <= p.v[i].to &&
			 p.v[i].to - p.v[i].from < PICK_WIDTH_MAX,
		     "a range goes upwards, and is no wider than the limit");
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void
check_mask(struct arena *a, struct slice text, struct slice from)
{
	struct slice masked = nameless_mask(a, text, from);
	must(masked.n <= 16 * text.n + 16, "no text grows beyond its masks");
	for (size_t i = 1; i + 1 < masked.n; i++)
		must(masked.p[i] != '@' || !is_letter(masked.p[i - 1]) ||
			 !is_letter(masked.p[i + 1]),
		     "no address is left");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice first, rest;
	struct arena *a = arena_new();
	if (size > 4096) /* longer than any line or value that is looked at */
		size = 4096;
	slice_cut(slice_make((const char *)data, size), '\n', &first, &rest);
	check_pick(first);
	check_pick(rest);
	bool like = slice_like_ci(rest, slice_sub(first, 0, 200));
	must(like || !slice_eq_ci(rest, slice_sub(first, 0, 200)), "a text is like itself");
	must(slice_like_ci(rest, SLICE("*")), "anything is like a star");
	check_mask(a, rest, first);
	arena_free(a);
	return 0;
}
