/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf: bytes that are being built, with a hard limit. Past the limit nothing more is added and the
 * buffer is marked; callers build without checks and ask buf_over() once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buf {
	char *p; /* has a NUL at p[n] once anything was added */
	size_t n;
	size_t cap;
	size_t limit; /* greatest n */
	bool over;    /* something did not fit */
};

#define BUF_NO_LIMIT ((size_t)1 << 40)

/* An empty buffer; no memory is taken before the first byte. */
void buf_init(struct buf *b, size_t limit);
void buf_free(struct buf *b);  /* and ready for use again, same limit */
void buf_clear(struct buf *b); /* length 0, not over, memory kept */
bool buf_over(const struct buf *b);
struct slice buf_slice(const struct buf *b);
const char *buf_str(struct buf *b); /* NUL-terminated; "" when empty */

void buf_put(struct buf *b, const void *p, size_t n);
void buf_put_slice(struct buf *b, struct slice s);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for n more bytes at p + buf->n, or NULL (and over). The caller adds to n what it wrote. */
char *buf_reserve(struct buf *b, size_t n);
/* Drops n bytes from the front / cuts to length n. */
void buf_drop(struct buf *b, size_t n);
void buf_cut(struct buf *b, size_t n);

#endif
