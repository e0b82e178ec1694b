/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame: what every page has around its own part: head, skip link, the way up, search, landmarks,
 * foot. Links inside the site are relative, so that the pages work wherever they are put; only
 * canonical links and feeds name the site. Nothing from outside is loaded, there is no script and
 * no inline style.
 */
#ifndef ARCHIVE_FRAME_H
#define ARCHIVE_FRAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "archive/overview.h"
#include "archive/press.h"
#include "conf/conf.h"

struct frame {
	const struct press *press;
	const struct conf_list *list; /* NULL: a page of the site */
	const char *lang;
	const char *path;         /* of the page below the site: "LIST/m/KEY/" */
	struct slice title;       /* plain text; empty: the list's or site's name */
	struct slice description; /* plain text, may be empty */
	const char *up, *up_text; /* one more step of the way up, or NULL: a month */
	const char *prev, *next;  /* pages before and after, or NULL */
	const char *feed;         /* or NULL */
	const char *type;         /* Open Graph's: "article" or "website" */
	struct slice data;        /* JSON-LD (posting.h), may be empty */
	int64_t published;        /* of an article: when; 0: not told */
	bool hidden;              /* not for search engines */
	bool asks;                /* it has a search form of its own: none in its head */
	bool nowhere; /* an error's page: path only says how many steps up the site is */
};

/* Everything up to and with <main>; and from </main> on. */
void frame_begin(struct buf *b, const struct frame *f);
void frame_end(struct buf *b, const struct frame *f);

/* ' href="…"' to a path below the site, which is made of safe characters already. */
void frame_href(struct buf *b, const struct frame *f, const char *path);
void frame_hrefn(struct buf *b, const struct frame *f, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* ' href="mailto:LIST-join@DOMAIN"', robot being "-join"; "" for the list itself. */
void frame_mailto(struct buf *b, const struct frame *f, const char *robot);
/* A phrase of ours, N_("…"), translated, as text. */
#define frame_str(b, f, phrase) html_str((b), text_phrase((f)->lang, (phrase)))

/* Who wrote m: a name, or what may be shown of the address. */
void frame_person(struct buf *b, const struct frame *f, const struct overview_message *m);
/* Plain text to plain text, addresses hidden, in the press's arena. */
struct slice frame_hidden(const struct frame *f, struct slice text);
/* The same as plain text: nothing but a name. */
struct slice frame_name(const struct frame *f, const struct overview_message *m);
/* A subject in one line, or our word for none. */
void frame_subject(struct buf *b, const struct frame *f, struct slice subject);
/* ' lang="…" dir="…"' of a text in that language (language.h); lang only if it is not the page's;
 * of "" ' dir="auto"'. */
void frame_lang(struct buf *b, const struct frame *f, const char *lang);
/* Text for who hears the page only. */
void frame_spoken(struct buf *b, const char *text);
/* "22 November 2026, 14:49 UTC" / "22 November 2026", in <time>. */
void frame_time(struct buf *b, const struct frame *f, int64_t t);
void frame_day(struct buf *b, const struct frame *f, int64_t t);
/* "12 messages" */
void frame_messages(struct buf *b, const struct frame *f, int64_t n);

#endif
