/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_irregular: whom a report concerns when it has no machine-readable part: by the phrases
 * that mail servers put before, around and behind an address. Tables, one pass over the lines.
 */
#ifndef MAIL_REPORT_IRREGULAR_H
#define MAIL_REPORT_IRREGULAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define REPORT_RECIPIENTS_MAX 1000 /* in one report; RFC 5321 4.5.3.1.8 asks for 100 */

struct report_found {
	struct slice recipient;
	struct slice words; /* what stands behind the address, up to the next one */
};

/* text: the report's own words. home: the domain of the server that writes, for those that name
 * local parts only; may be empty. Returns how many. */
size_t report_irregular(struct arena *a, struct slice text, struct slice home,
			struct report_found **out);
/* The address that begins s, behind bullets, brackets and labels like "smtp:"; empty if none. */
struct slice report_address_at(struct slice s);

#endif
