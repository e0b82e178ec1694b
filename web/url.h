/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * url: what stands behind the method in a request, decoded once and only here. A path is a row of
 * segments, decoded each for itself, so that an encoded slash stays inside its segment; what could
 * lead anywhere but down (".", "..", an empty segment, a NUL or another control character, in any
 * encoding) makes the whole URL bad.
 */
#ifndef WEB_URL_H
#define WEB_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#define URL_MAX 8192        /* RFC 9110 4.1 recommends 8000 octets at least */
#define URL_SEGMENTS_MAX 16 /* ours have at most 6; old archives' a few more */

struct url {
	struct slice path;                  /* as it came, without the query */
	struct slice query;                 /* as it came, without "?" */
	struct slice seg[URL_SEGMENTS_MAX]; /* decoded; not one is empty */
	size_t nseg;
	bool slash; /* it ends with a slash; "/" is no segment and a slash */
};

enum url_result {
	URL_GOOD,
	URL_BAD,      /* no URL of ours, and none that we could mean */
	URL_NOT_FOUND /* well formed, but nothing of that shape is here */
};

/* Takes a request target in origin form or absolute form (RFC 9112 3.2). Decoded segments are in
 * the arena, with a NUL behind each; the rest points into target. */
enum url_result url_parse(struct url *u, struct arena *a, struct slice target);

/* All of the path behind the n-th segment and its slash, decoded as one text (Message-IDs have
 * slashes). False if it is bad or empty. */
bool url_rest(const struct url *u, struct arena *a, size_t n, struct slice *out);

/* The value of a query's first field of that name ('+' is a space); empty when there is none or it
 * is badly encoded. */
struct slice url_query(const struct url *u, struct arena *a, const char *name);

/* Percent-decoding into the arena. False on a bad escape or a NUL. */
bool url_decode(struct arena *a, struct slice s, bool plus_is_space, struct slice *out);

/* Appends "?" and the query, if there is one; what may not stand in a URL is escaped. */
void url_put_query(struct buf *b, const struct url *u);

/* Appends "/SEGMENT…" of segments from…nseg, encoded anew: never "//", so no other host. */
void url_put(struct buf *b, const struct url *u, size_t from);

#endif
