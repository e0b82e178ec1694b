/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * num: numbers from text, with a range: the whole slice is the number, or it is an error.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Decimal, an optional '-' only if min < 0; no '+', no white space. False if not so or out of
 * range. */
bool num_parse(struct slice s, int64_t min, int64_t max, int64_t *out)
    __attribute__((warn_unused_result));
/* "10M", "60K", "1G", "512": 1024s, at most 1 TB. */
bool num_parse_size(struct slice s, int64_t *bytes) __attribute__((warn_unused_result));
/* "30d", "12h", "5m", "90s", "2w": seconds, at most 100 years. */
bool num_parse_span(struct slice s, int64_t *seconds) __attribute__((warn_unused_result));
/* Sum and product that report overflow: the one checked place. */
static inline bool
num_add(size_t a, size_t b, size_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}
static inline bool
num_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

#endif
