/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html: the only way by which text gets into a page or feed. Each function is named for the place
 * it writes to and cleans first (UTF-8, control characters: nothing that XML 1.0 forbids comes
 * out), then escapes, so that what it writes is well formed in HTML and in XML alike.
 */
#ifndef ARCHIVE_HTML_H
#define ARCHIVE_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Our own markup, a literal; never anything else. */
#define html_markup(b, literal) buf_put((b), "" literal, sizeof(literal) - 1)

/* Text between tags. Good between double quotes, too. */
void html_text(struct buf *b, struct slice s);
void html_str(struct buf *b, const char *s); /* the same, of a C string */
/* Text in one line, white space folded, at most max code points, then "…". */
void html_line(struct buf *b, struct slice s, size_t max);
/* ' name="value"'; line breaks in the value become spaces. */
void html_attr(struct buf *b, const char *name, struct slice value);
/*
 * ' name="url"' if url has a scheme that a reader may follow from a stranger's text (http, https,
 * mailto; nothing else) and no white space or control character; false, and nothing written,
 * otherwise. What may not stand in a URL (RFC 3986) is percent-encoded.
 */
bool html_url(struct buf *b, const char *name, struct slice url);
/* Is it a URL that html_url takes? */
bool html_url_ok(struct slice url);
/* One segment of a path, or a query's value: all but unreserved characters percent-encoded. */
void html_segment(struct buf *b, struct slice s);
void html_int(struct buf *b, int64_t v);
/* <time datetime="RFC 3339">shown</time> */
void html_time(struct buf *b, int64_t t, const char *shown);
/* A string of JSON with its quotes, that may stand in <script>, too: nothing in it closes the
 * element or opens a comment, and the line breaks of Unicode are escaped. */
void html_json(struct buf *b, struct slice s);
/*
 * A translated phrase with markup in it: the phrase's own text is escaped, "%s" or "%1$s" become
 * the markup of that number (made by functions of this header), "%%" a percent sign.
 */
void html_fill(struct buf *b, const char *phrase, const struct slice *markup, size_t n);

#endif
