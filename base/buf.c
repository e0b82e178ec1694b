/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing buffer with a hard limit. What would pass the limit is left out whole and marks the
 * buffer; a marked buffer takes nothing more, so that what is in it is always a true beginning.
 */
#include "config.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define FIRST_CAP 256

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){.limit = limit < BUF_NO_LIMIT ? limit : BUF_NO_LIMIT};
}

void
buf_free(struct buf *b)
{
	free(b->p);
	buf_init(b, b->limit);
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->over = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

bool
buf_over(const struct buf *b)
{
	return b->over;
}

struct slice
buf_slice(const struct buf *b)
{
	return slice_make(b->p, b->n);
}

const char *
buf_str(struct buf *b)
{
	if (b->p == NULL)
		return "";
	b->p[b->n] = '\0';
	return b->p;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (b->over || n > b->limit || b->n > b->limit - n) {
		b->over = true;
		return NULL;
	}
	need = b->n + n + 1; /* the NUL; cannot overflow: limit is at most BUF_NO_LIMIT */
	if (need <= b->cap)
		return b->p + b->n;
	cap = b->cap > 0 ? b->cap : FIRST_CAP;
	while (cap < need)
		cap *= 2;
	if (cap > b->limit + 1)
		cap = b->limit + 1;
	p = realloc(b->p, cap);
	if (p == NULL)
		fatal("no memory for a buffer of %zu bytes", cap);
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	b->n += n;
}

void
buf_put_slice(struct buf *b, struct slice s)
{
	buf_put(b, s.p, s.n);
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_put_int(struct buf *b, int64_t v)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (v < 0)
		*--p = '-';
	buf_put(b, p, (size_t)(digits + sizeof digits - p));
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room = b->over || b->cap == 0 ? 0 : b->cap - b->n;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, fmt, ap);
	if (n < 0)
		fatal("cannot format \"%s\"", fmt);
	to = buf_reserve(b, (size_t)n);
	if (to != NULL) {
		if ((size_t)n >= room)
			vsnprintf(to, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	} else if (room > 0) {
		b->p[b->n] = '\0'; /* the first try may have left a beginning there */
	}
	va_end(again);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n)
		n = b->n;
	if (n == 0)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n);
	b->p[b->n] = '\0';
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}
