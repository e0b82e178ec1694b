/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fresh: what a reader has already, and which part she wants: entity tags and dates (RFC 9110
 * section 13), ranges (section 14).
 */
#ifndef WEB_FRESH_H
#define WEB_FRESH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/slice.h"

/* "\"…\"" from inode, size and time; squeezed: of the gzip of it. */
char *fresh_etag(struct arena *a, const struct stat *st, bool squeezed);
/* RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". */
char *fresh_date(struct arena *a, int64_t t);
/* The same read (and the two obsolete forms not); false if it is none. */
bool fresh_parse_date(struct slice s, int64_t *t);

/* If-None-Match and If-Modified-Since: has she got this already? Tags compare weakly; the date
 * counts only where there is no If-None-Match. */
bool fresh_is_known(struct slice if_none_match, struct slice if_modified_since, const char *etag,
		    int64_t modified);

enum fresh_range { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE };
/*
 * One range of bytes of a file of that size; several, other units and what can't be read are
 * answered with the whole. if_range: the range holds only if this tag or date is still true.
 */
enum fresh_range fresh_range(struct slice range, struct slice if_range, const char *etag,
			     int64_t modified, int64_t size, int64_t *from, int64_t *n);

#endif
