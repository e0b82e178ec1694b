/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readable: the text a person reads in a message, as UTF-8 with LF line ends: for the index, for
 * mail commands, for excerpts in notices and for rendering.
 */
#ifndef MAIL_READABLE_H
#define MAIL_READABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "mail/message.h"

#define READABLE_MAX (2 * 1024 * 1024) /* of text looked at in one message */

/*
 * Which parts are the body that a reader sees, in order (indexes into m->parts; at most max), and
 * which are attachments. Rules: multipart/alternative gives its best readable part (text/plain,
 * else text/html; plain that is empty or only says "see the HTML part" loses to HTML);
 * multipart/related its root; multipart/mixed its inline text; multipart/signed its first;
 * message/rfc822 is a forwarded message whose own body is shown after its short header;
 * delivery-status and headers are text.
 */
struct readable_part {
	int part;
	enum { READABLE_TEXT, READABLE_HTML, READABLE_ATTACHMENT, READABLE_FORWARDED } kind;
	int number; /* attachments: 1, 2, … in order of appearance: the N of INTERFACE's /N/NAME;
		       else 0 */
};
size_t readable_parts(const struct message *m, struct arena *a, struct readable_part **out);

/* The whole readable text, parts joined by an empty line; HTML as text. Flowed text reflowed (RFC
 * 3676). */
struct slice readable_text(const struct message *m, struct arena *a);
/* One part's text: text/plain reflowed if format=flowed, HTML turned into text. */
struct slice readable_part_text(const struct message *m, int part, struct arena *a);

/* Lines of a text by whose they are. */
enum line_kind {
	LINE_OWN,
	LINE_QUOTE,       /* begins with '>' (or "> >", "|", "Name>" where plainly quoting) */
	LINE_ATTRIBUTION, /* "On … wrote:" in the languages of mailers, right before a quote */
	LINE_SIGNATURE    /* "-- " to the end of the part, or a mailing list's footer */
};
struct text_line {
	struct slice text; /* without its line end; quote marks still there */
	enum line_kind kind;
	int depth; /* of quoting; 0 for own lines */
};
/* Precision first: an author's own words are never called a quote or a signature. Lines in the
 * arena. */
size_t readable_lines(struct arena *a, struct slice text, struct text_line **out);

/*
 * RFC 3676: joins flowed lines (delsp if so declared), takes stuffing away, keeps quote depth as
 * '>' marks. "-- " stays a line of its own.
 */
struct slice text_unflow(struct arena *a, struct slice text, bool delsp);

/*
 * HTML to text by libxml2's parser and a loop (no recursion): paragraphs, lists, tables and links
 * as plain text ("text <url>" where they differ), quotes (blockquote, gmail_quote) with '>',
 * scripts and styles dropped. Falls back to tag stripping where the parser would not end
 * (LIBRARIES: caps).
 */
struct slice html_to_text(struct arena *a, struct slice html);
/*
 * HTML cleaned into our own small set of elements: p br h3 ul ol li dl dt dd table thead tbody tr
 * th td blockquote pre code em strong sub sup a hr; attributes: href (http, https, mailto only),
 * colspan, rowspan, dir, tabindex="0" of what may be wider than a page and is scrolled by keyboard
 * (table, pre), and class="q" of a blockquote that a mailer made around another's words; no image
 * (its alt text instead), no style, no script, no form. Tables that only place things are read cell
 * by cell. Well formed always.
 */
void html_clean(struct buf *out, struct slice html);
/*
 * The same, and img (with src, alt, loading) where find knows the Content-ID that a "cid:" URL
 * names: it gives the src, or nothing.
 */
struct html_images {
	struct slice (*find)(void *arg, struct slice cid);
	void *arg;
};
void html_clean_with(struct buf *out, struct slice html, const struct html_images *images);

#endif
