/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena: one for each message, session or page; all that is made while handling it goes in one
 * free. No memory is fatal (the parent restarts the role, the spool has the work), so nothing
 * returns NULL.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
/* Frees all it gave out. NULL is fine. */
void arena_free(struct arena *a);
/* Forgets all it gave out but keeps one block, for loops that handle many messages. */
void arena_reset(struct arena *a);
/* Bytes given out since the last reset, for limits. */
size_t arena_used(const struct arena *a);

/* Aligned for any type; not zeroed / zeroed. n may be 0. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc, returns_nonnull));
void *arena_zalloc(struct arena *a, size_t n) __attribute__((malloc, returns_nonnull));
/* count * size, checked for overflow (fatal), zeroed. */
void *arena_array(struct arena *a, size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));
/* Copies; the result has a NUL behind it that its length does not count. */
struct slice arena_dup(struct arena *a, struct slice s);
char *arena_str(struct arena *a, struct slice s)
    __attribute__((returns_nonnull)); /* NULs inside become '?' */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0), returns_nonnull));
/* Lower-cases ASCII letters into a copy. */
char *arena_lower(struct arena *a, struct slice s) __attribute__((returns_nonnull));

#endif
