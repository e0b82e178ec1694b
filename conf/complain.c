/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why: a list of errors that stops at the first one costs the administrator one restart an error.
 * It must never grow with what a broken file holds: beyond CONF_KEPT_MAX they are only counted.
 */
#include "conf/complain.h"

#include <stdarg.h>
#include <stdlib.h>

/* More are kept than shown, so that the first hundred in file order are right in all but hopeless
 * cases. */
#define CONF_KEPT_MAX 10000

struct complaint {
	const struct conf_source *source;
	int line;
	size_t order;
	const char *text;
};

struct conf_complaints {
	struct arena *arena;
	struct complaint *v;
	size_t n;
	size_t cap;
	size_t count;
	struct conf_complaints *warnings;
	const struct conf_source *syntax_source; /* where the last syntax complaint was */
	int syntax_line;
};

struct conf_complaints *
conf_complaints_new(struct arena *a)
{
	struct conf_complaints *c = arena_zalloc(a, sizeof(*c));

	c->arena = a;
	return c;
}

static void __attribute__((format(printf, 4, 0)))
complain(struct conf_complaints *c, const struct conf_source *source, int line, const char *fmt,
	 va_list ap)
{
	struct complaint *v;
	char *text;

	c->count++;
	if (c->n == CONF_KEPT_MAX)
		return;
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 16;
		v = arena_array(c->arena, c->cap, sizeof(*v));
		for (size_t i = 0; i < c->n; i++)
			v[i] = c->v[i];
		c->v = v;
	}
	/* One line each, whatever the value it shows holds. */
	text = arena_vprintf(c->arena, fmt, ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	c->v[c->n] = (struct complaint){source, line, c->n, text};
	c->n++;
}

void
conf_complain(struct conf_complaints *c, const struct conf_source *source, int line,
	      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, source, line, fmt, ap);
	va_end(ap);
}

void
conf_complaints_keep_warnings(struct conf_complaints *c, struct conf_complaints *warnings)
{
	c->warnings = warnings;
}

void
conf_warn(struct conf_complaints *c, const struct conf_source *source, int line, const char *fmt,
	  ...)
{
	va_list ap;

	if (!c->warnings)
		return;
	va_start(ap, fmt);
	complain(c->warnings, source, line, fmt, ap);
	va_end(ap);
}

void
conf_complain_syntax(struct conf_complaints *c, const struct conf_source *source, int line,
		     const char *fmt, ...)
{
	va_list ap;

	if (c->syntax_source == source && c->syntax_line == line)
		return;
	c->syntax_source = source;
	c->syntax_line = line;
	va_start(ap, fmt);
	complain(c, source, line, fmt, ap);
	va_end(ap);
}

size_t
conf_complaints_count(const struct conf_complaints *c)
{
	return c->count;
}

static int
compare(const void *pa, const void *pb)
{
	const struct complaint *a = pa, *b = pb;

	if (a->source->order != b->source->order)
		return a->source->order < b->source->order ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void
conf_complaints_take(struct conf_complaints *c, struct conf_errors *out)
{
	size_t shown = c->n < CONF_ERRORS_MAX ? c->n : CONF_ERRORS_MAX;
	struct arena *a = c->arena;

	*out = (struct conf_errors){NULL, 0};
	if (c->n == 0)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	out->v = arena_array(a, shown + 1, sizeof(*out->v));
	for (size_t i = 0; i < shown; i++)
		out->v[i] = (struct conf_error){arena_str(a, slice_str(c->v[i].source->name)),
						c->v[i].line, c->v[i].text};
	out->n = shown;
	if (c->count > shown) {
		out->v[shown] = out->v[shown - 1];
		out->v[shown].text = arena_printf(a, "and %zu more errors", c->count - shown);
		out->n++;
	}
}
