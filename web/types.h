/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * types: what a file is for a browser, from its place and name alone.
 */
#ifndef WEB_TYPES_H
#define WEB_TYPES_H

#include <stdbool.h>

#include "web/url.h"

struct type {
	const char *type;
	const char *cache; /* Cache-Control */
	bool text;         /* gzip makes it smaller */
	bool attachment;   /* a stranger's file: only to be saved */
};

/* index: a folder's index.html is meant. */
struct type type_of(const struct url *u, bool index);

#endif
