/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * press: where pages are put. A page that is on disk already, byte for byte, is left alone, so
 * that web caches stay good and disks quiet; others are written whole under another name and moved
 * into place, without a sync (they can be made again).
 *
 * Layout below STATE/html: the URLs of INTERFACE section 5, a folder's page being its index.html.
 * A withdrawn message's folder has gone.html and no index.html: whoever serves these files answers
 * 410 with it.
 */
#ifndef ARCHIVE_PRESS_H
#define ARCHIVE_PRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "archive/overview.h"
#include "archive/render.h"
#include "archive/store.h"
#include "conf/conf.h"

#define PRESS_STAMP 20 /* letters of a stamp */
#define PRESS_STYLE 40 /* bytes of the style sheet's path */
#define PRESS_GONE "gone.html"
#define PRESS_PAGE "index.html"

struct press {
	const struct conf *conf;
	struct overview *overview;
	struct store *store;
	struct render *render;
	int html, messages;      /* folders: STATE/html and STATE/archive/msg */
	struct arena *arena;     /* of the page that is being made, or of a thread's pages */
	struct buf page;         /* the page itself */
	char style[PRESS_STYLE]; /* path of the style sheet */
	int64_t written;         /* files, for reports */
};

/* The style sheet's path, with a hash of it in its name: a page keeps the one that it was made for,
 * and caches never ask again. */
void press_style(char path[PRESS_STYLE]);
int press_open(struct press *p, const struct conf *conf, struct overview *ov, struct store *st,
	       struct err *e) __attribute__((warn_unused_result));
void press_close(struct press *p);

/* The list in the configuration, or NULL; the language in which pages of it speak (never NULL). */
const struct conf_list *press_list(const struct press *p, const char *list);
const char *press_language(const struct press *p, const struct conf_list *list);

/* Puts p->page as path (below STATE/html). */
int press_put(struct press *p, const char *path, struct err *e) __attribute__((warn_unused_result));
/* A folder, with all above it. */
int press_folder(struct press *p, const char *path, struct err *e)
    __attribute__((warn_unused_result));
/* Removes a file, or a folder with all in it; a missing one is fine. */
int press_remove(struct press *p, const char *path, struct err *e)
    __attribute__((warn_unused_result));
bool press_has(const struct press *p, const char *path);

/*
 * A page that costs much to make carries a stamp: a hash of all that it was made of, in a comment
 * at its end. press_fresh: is the page on disk of that stamp? press_stamp appends it to p->page.
 */
void press_digest(struct slice inputs, char stamp[PRESS_STAMP + 1]);
bool press_fresh(const struct press *p, const char *path, const char *stamp);
void press_stamp(struct press *p, const char *stamp);

#endif
