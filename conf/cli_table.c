/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli_table: the tables of cli.h, for people in columns, for programs as JSON (jansson).
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "conf/cli.h"

struct cli_table {
	struct cli *c;
	const struct cli_column *columns;
	size_t ncolumns, nrows, cap;
	struct cli_cell *cells; /* nrows * ncolumns */
};

struct cli_table *
cli_table(struct cli *c, const struct cli_column *columns, size_t n)
{
	struct cli_table *t = arena_zalloc(c->arena, sizeof(*t));
	t->c = c;
	t->columns = columns;
	t->ncolumns = n;
	return t;
}

void
cli_row(struct cli_table *t, const struct cli_cell *cells)
{
	if (t->nrows == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 32;
		struct cli_cell *more = arena_array(t->c->arena, cap * t->ncolumns, sizeof(*more));
		if (t->nrows)
			memcpy(more, t->cells, t->nrows * t->ncolumns * sizeof(*more));
		t->cells = more;
		t->cap = cap;
	}
	for (size_t i = 0; i < t->ncolumns; i++) {
		struct cli_cell *to = &t->cells[t->nrows * t->ncolumns + i];
		*to = cells[i];
		if (cells[i].text)
			to->text = arena_str(t->c->arena,
					     utf8_cleaned(t->c->arena, slice_str(cells[i].text)));
	}
	t->nrows++;
}

/* --- for people ----------------------------------------------------------------------------- */

static const char *
lines_joined(struct arena *a, const char *lines)
{
	struct buf b;
	struct slice rest = slice_str(lines), line;
	buf_init(&b, 64 * 1024);
	while (slice_next_line(&rest, &line)) {
		if (b.n)
			buf_puts(&b, "; ");
		buf_put_slice(&b, line);
	}
	const char *s = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

static const char *
shown(struct arena *a, enum cli_kind kind, const struct cli_cell *cell)
{
	switch (kind) {
	case CLI_INT:
		return arena_printf(a, "%" PRId64, cell->number);
	case CLI_BOOL:
		return cell->number ? "yes" : "no";
	case CLI_TIME:
		return cell->number ? clock_minute(a, cell->number) : "-";
	case CLI_DAY:
		return cell->number ? clock_day(a, cell->number) : "-";
	case CLI_HALVES:
		return arena_printf(a, "%" PRId64 "%s", cell->number / 2,
				    cell->number % 2 ? ".5" : "");
	case CLI_LINES:
		return lines_joined(a, cell->text ? cell->text : "");
	case CLI_TEXT:
		break;
	}
	return cell->text && cell->text[0] ? cell->text : "-";
}

static void
print_columns(struct cli_table *t, const char *none)
{
	struct arena *a = t->c->arena;
	size_t *width = arena_array(a, t->ncolumns, sizeof(*width));
	if (t->nrows == 0) {
		printf("%s\n", none);
		return;
	}
	for (size_t i = 0; i < t->ncolumns; i++)
		width[i] = strlen(t->columns[i].name);
	for (size_t r = 0; r < t->nrows; r++)
		for (size_t i = 0; i < t->ncolumns; i++) {
			const char *s =
			    shown(a, t->columns[i].kind, &t->cells[r * t->ncolumns + i]);
			size_t n = utf8_length(slice_str(s));
			if (n > width[i])
				width[i] = n;
		}
	for (size_t r = 0; r <= t->nrows; r++) {
		for (size_t i = 0; i < t->ncolumns; i++) {
			const struct cli_cell *cell =
			    r ? &t->cells[(r - 1) * t->ncolumns + i] : NULL;
			const char *s =
			    cell ? shown(a, t->columns[i].kind, cell) : t->columns[i].name;
			bool last = i + 1 == t->ncolumns;
			size_t pad = last ? 0 : width[i] - utf8_length(slice_str(s)) + 2;
			printf("%s%*s", s, (int)pad, "");
		}
		putchar('\n');
	}
}

/* --- for programs --------------------------------------------------------------------------- */

static json_t *
lines_array(const char *lines)
{
	json_t *array = json_array();
	struct slice rest = slice_str(lines), line;
	while (slice_next_line(&rest, &line))
		json_array_append_new(array, json_stringn_nocheck(line.p, line.n));
	return array;
}

static json_t *
json_of(struct arena *a, enum cli_kind kind, const struct cli_cell *cell)
{
	switch (kind) {
	case CLI_INT:
		return json_integer(cell->number);
	case CLI_BOOL:
		return json_boolean(cell->number != 0);
	case CLI_TIME:
		return cell->number ? json_string(clock_rfc3339(a, cell->number)) : json_null();
	case CLI_DAY:
		return cell->number ? json_string(clock_day(a, cell->number)) : json_null();
	case CLI_HALVES:
		return cell->number % 2 ? json_real((double)cell->number / 2)
					: json_integer(cell->number / 2);
	case CLI_LINES:
		return lines_array(cell->text ? cell->text : "");
	case CLI_TEXT:
		break;
	}
	return json_string(cell->text ? cell->text : "");
}

static json_t *
json_row(struct cli_table *t, size_t r)
{
	json_t *o = json_object();
	for (size_t i = 0; i < t->ncolumns; i++)
		json_object_set_new(
		    o, t->columns[i].name,
		    json_of(t->c->arena, t->columns[i].kind, &t->cells[r * t->ncolumns + i]));
	return o;
}

static void
json_out(json_t *j)
{
	if (json_dumpf(j, stdout, JSON_INDENT(1)) < 0)
		fatal("no memory for JSON");
	putchar('\n');
	json_decref(j);
}

void
cli_print(struct cli_table *t, const char *none)
{
	if (!t->c->json) {
		print_columns(t, none);
		return;
	}
	json_t *array = json_array();
	for (size_t r = 0; r < t->nrows; r++)
		json_array_append_new(array, json_row(t, r));
	json_out(array);
}

void
cli_print_each(struct cli_table *t, const char *none)
{
	if (t->c->json || t->nrows == 0) {
		cli_print(t, none);
		return;
	}
	for (size_t r = 0; r < t->nrows; r++) {
		if (r > 0)
			putchar('\n');
		for (size_t i = 0; i < t->ncolumns; i++) {
			const struct cli_cell *cell = &t->cells[r * t->ncolumns + i];
			const char *s = shown(t->c->arena, t->columns[i].kind, cell);
			if (strcmp(s, "-") != 0 &&
			    (t->columns[i].kind != CLI_INT || cell->number != 0))
				printf("%-8s %s\n", t->columns[i].name, s);
		}
	}
}

void
cli_print_one(struct cli_table *t)
{
	if (t->nrows == 0)
		return;
	if (t->c->json) {
		json_out(json_row(t, 0));
		return;
	}
	for (size_t i = 0; i < t->ncolumns; i++)
		printf("%-14s %s\n", t->columns[i].name,
		       shown(t->c->arena, t->columns[i].kind, &t->cells[i]));
}
