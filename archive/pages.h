/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages: everything that is a file below STATE/html, from the marks that the overview keeps of
 * what changed. Pages are derived: all of them can be made again, nothing here syncs, and writing
 * twice is harmless (a page whose bytes would not change is not written at all).
 *
 * For who serves these files: index.html is a folder's page (text/html, UTF-8); a folder of
 * LIST/m/KEY/ with gone.html and no index.html is a withdrawn message: answer 410 with gone.html.
 * LIST/t/KEY may be a symbolic link to another folder beside it (a merged thread). LIST/m/KEY/raw
 * is text/plain, its charset unknown; LIST/m/KEY/N/NAME are strangers' files: serve them with
 * Content-Disposition: attachment, X-Content-Type-Options: nosniff and a sandbox policy. mbox.gz is
 * application/gzip, atom.xml application/atom+xml. The pages need this policy and no more:
 * default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'.
 * Names that begin with a dot are being written.
 */
#ifndef ARCHIVE_PAGES_H
#define ARCHIVE_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "conf/conf.h"

struct pages;

/* The three must outlive it. text_load() must have been called. Makes STATE/html. */
int pages_open(struct pages **pg, const struct conf *conf, struct overview *ov, struct store *st,
	       struct err *e) __attribute__((warn_unused_result));
void pages_close(struct pages *pg);

/*
 * Writes all that these marks ask for, each page once. After 0 the marks can be cleared; after -1
 * none should be. Marks whose list, thread or message is gone ask for nothing.
 */
int pages_write(struct pages *pg, const struct dirty *ds, size_t n, struct err *e)
    __attribute__((warn_unused_result));
/*
 * What no message changes: style sheet, robots.txt, site map, front page, and each list's page,
 * feed, about, conduct and opens. At every start, since the configuration may have changed.
 */
int pages_static(struct pages *pg, struct err *e) __attribute__((warn_unused_result));
/* What is made of a list's record of conduct and of its speakers alone: it has changed. */
int pages_conduct(struct pages *pg, const struct conf_list *list, struct err *e)
    __attribute__((warn_unused_result));
/* Files written since pages_open. */
int64_t pages_written(const struct pages *pg);
/* A list's files away, before a rebuild. */
int pages_drop_list(struct pages *pg, const char *list, struct err *e)
    __attribute__((warn_unused_result));

#endif
