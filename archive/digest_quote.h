/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_quote: which of a digest's messages does a reply answer? Its quotes are parted by what
 * stands above them: header lines (RFC 1153), or an attribution.
 *
 * 1. Own words below a quote answer that quote, the first such.
 * 2. Without such, of what was left of the digest the first quote.
 * 3. Where the whole digest was left below the reply, that says nothing: then a message counts only
 *    if the reply's first words name its author ("Dear Ann, …"). Many answer a digest to write
 * about something new, and no thread is better than a wrong one.
 */
#ifndef ARCHIVE_DIGEST_QUOTE_H
#define ARCHIVE_DIGEST_QUOTE_H

#include "mail/readable.h"
#include "archive/digest_reply.h"

/* author: the reply's own name, whose words mean nobody else. subject: what it says it is about,
 * without reply marks; empty if it says nothing. Lives in the arena and the lines. */
void digest_quote_read(struct digest_evidence *ev, struct arena *a, struct slice author,
		       struct slice subject, const struct text_line *lines, size_t n);

#endif
