/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links: a stranger's words in a page: URLs become links, and mail addresses lose most of their
 * local part ("ad…@example.org"), so that who gathers addresses gets nothing and a reader still
 * sees who is meant. Addresses of this site's own domain, which are the lists', stay; so does
 * what only looks like an address ("git@host:path"). One whose end was cut off is an address if
 * "…" says so (html_line): what is cut without it is hidden before.
 */
#ifndef ARCHIVE_LINKS_H
#define ARCHIVE_LINKS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/* Plain text. */
void links_text(struct buf *b, struct slice text, const char *domain);
/* Well-formed HTML of mail/readable.h's html_clean: the same for its addresses; links to mail
 * addresses lose their target; its pictures are below BODY_FOLDER (body.h). */
void links_markup(struct buf *b, struct slice html, const char *domain);
/* Plain text to plain text: only addresses are hidden. */
void links_hide(struct buf *b, struct slice text, const char *domain);
/* The next URL of plain text, off *rest; false if there is none. */
bool links_next_url(struct slice *rest, struct slice *url);
/* One address, hidden likewise. */
void links_address(struct buf *b, struct slice address, const char *domain);

#endif
