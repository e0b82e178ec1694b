/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_scan: HTML without a parser: may it be given to one, and what is left without its tags?
 */
#ifndef MAIL_HTML_SCAN_H
#define MAIL_HTML_SCAN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* Limits, with their reasons. */
#define HTML_SIZE_MAX                                                                              \
	(2 * 1024 * 1024)      /* only so much is looked at; real mails stay under 1 MB            \
				*/
#define HTML_TAG_MAX 8192      /* libxml2 is quadratic in the attributes of a tag */
#define HTML_TAG_WORDS_MAX 256 /* the same; real tags have under 40 */
#define HTML_TAGS_MAX 100000   /* a node takes 120 bytes; real mails have under 20,000 */

/* Is no tag over the limits? Reads tags, quotes and raw text as libxml2 does. */
bool html_is_safe(struct slice html) __attribute__((warn_unused_result));
/* The text between the tags in one linear pass: lines, clean UTF-8. */
void html_strip(struct buf *out, struct slice html);

#endif
