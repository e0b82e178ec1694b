/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution_words: what mailers write, in the languages of mailers; for attribution.c, which
 * knows what it proves. ASCII letters match in any case, others as they stand.
 */
#ifndef MAIL_ATTRIBUTION_WORDS_H
#define MAIL_ATTRIBUTION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct attribution_words {
	const char *const *v;
	size_t n;
};
extern const struct attribution_words attribution_verbs;      /* "wrote" */
extern const struct attribution_words attribution_openers;    /* "On ": what one begins with */
extern const struct attribution_words attribution_quoting;    /* "Quoting ": has no verb behind */
extern const struct attribution_words attribution_separators; /* "original message" */
extern const struct attribution_words attribution_forwards;   /* "forwarded message" */
extern const struct attribution_words attribution_inlines;    /* "see below" */
extern const struct attribution_words attribution_devices;    /* "Sent from my " */
extern const struct attribution_words attribution_products;   /* … one of these */
extern const struct attribution_words attribution_footers;    /* a list's, a group server's */

/* Names of header fields as they stand above a quote; one bit of ATTRIBUTION_* each. */
struct attribution_word_label {
	const char *text;
	unsigned bit;
};
extern const struct attribution_word_label *const attribution_labels;
extern const size_t attribution_nlabels;

/* Does the text begin or end with one of them, is it one, does one stand in it? */
bool attribution_words_begin(const struct attribution_words *w, struct slice s);
bool attribution_words_end(const struct attribution_words *w, struct slice s);
bool attribution_words_are(const struct attribution_words *w, struct slice s);
bool attribution_words_are_in(const struct attribution_words *w, struct slice s);

#endif
