/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html: walks over the HTML of a mail. The only owner of libxml2's HTML parser; what is built from
 * the walk is html_text.c's and html_clean.c's (readable.h).
 */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

/* What an element is to us. Those not named here are HTML_OTHER: nothing themselves, their content
 * stays. Elements without readable content (script, style, form controls, …) are never seen. */
enum html_tag {
	HTML_OTHER,
	HTML_BLOCK, /* div, section, address, center, …: lines of their own */
	HTML_P,
	HTML_H1,
	HTML_H2,
	HTML_H3,
	HTML_H4,
	HTML_H5,
	HTML_H6,
	HTML_UL,
	HTML_OL,
	HTML_LI,
	HTML_DL,
	HTML_DT,
	HTML_DD,
	HTML_TABLE,
	HTML_THEAD,
	HTML_TBODY,
	HTML_TR,
	HTML_TH,
	HTML_TD,
	HTML_BLOCKQUOTE,
	HTML_PRE,
	HTML_CODE,
	HTML_EM,
	HTML_STRONG,
	HTML_SUB,
	HTML_SUP,
	HTML_A,
	HTML_BR,
	HTML_HR,
	HTML_IMG
};

struct html_node; /* an element; lives during the call */

struct html_handler {
	void (*open)(void *arg, enum html_tag tag, const struct html_node *node);
	void (*close)(void *arg, enum html_tag tag); /* also of br, hr, img */
	void (*text)(void *arg, struct slice text);  /* clean UTF-8, white space as it stands */
};

/*
 * Calls the handler for all that a reader may see, in order, each open with its close. False, and
 * nothing was called, if html is over a limit of html_scan.h or libxml2 gave up on it (which it
 * does in silence at depth 256). html: UTF-8.
 */
bool html_walk(struct slice html, const struct html_handler *handler, void *arg)
    __attribute__((warn_unused_result));

/* The value of an attribute; empty if absent. */
struct slice html_attribute(const struct html_node *node, const char *name);
/* Does its class have this word? */
bool html_has_class(const struct html_node *node, const char *word);
/* A URL of a scheme that may stand in a page (http, https, mailto), cleaned; empty if it is none.
 */
struct slice html_safe_url(struct arena *a, struct slice url);
/* Does this blockquote say by itself that a mailer made it around another's words? */
bool html_is_cited(const struct html_node *node);
/* Is this table there to place things, not to compare them: its cells are read one after another.
 */
bool html_is_layout(const struct html_node *node);
/* Is this blockquote only an indentation (margins and no border), so no quote of anybody? */
bool html_is_indent(const struct html_node *node);

#endif
