/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkim: what a DKIM-Signature (RFC 6376 3.5) says it is; whether it is true is the mail server's to
 * find out.
 */
#ifndef DAEMON_DKIM_H
#define DAEMON_DKIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

struct dkim_signature {
	struct slice domain;  /* d= */
	struct slice headers; /* h=, names between colons, no white space */
	int64_t expires;      /* x=; INT64_MAX if it does not say */
};

/* False if it lacks d=, h= or b=, or a tag list it is not. Slices are the arena's. */
bool dkim_parse(struct arena *a, struct slice value, struct dkim_signature *s);
/* Does it cover the fields of that name (any case), present or not? A name that ends in '*' is a
 * prefix. */
bool dkim_covers(const struct dkim_signature *s, const char *name);

#endif
