/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * render: what pages, feeds and mailboxes take from a stored message, made once a batch however
 * many of them want it. Everything here comes from the bytes that may be published (mask.h).
 */
#ifndef ARCHIVE_RENDER_H
#define ARCHIVE_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "conf/conf.h"
#include "mail/attachments.h"
#include "mail/message.h"

#define RENDER_KEEP_MAX ((size_t)64 << 20) /* bytes kept from one page to the next */
#define RENDER_EXCERPT 280                 /* letters */

struct render;

struct rendering {
	struct slice body;    /* HTML: body.h */
	struct slice excerpt; /* plain text, one line */
	struct attachment *attachments;
	size_t nattachments;
	bool unshown;        /* nobody survives reading it: the body says so */
	struct slice member; /* as one gzip member, mboxrd inside; by render_member only */
};

/* The message's own bytes, while they are in hand: until the next render_load. */
struct loaded {
	struct slice bytes; /* as published */
	bool masked;        /* they are not those of the stored file */
	bool missing;       /* the store has no such file; bytes are empty */
	bool unshown;       /* nobody survives reading it (suspects.h); likewise */
	struct message message;
	struct arena *arena; /* goes with it */
};

struct render *render_new(const struct conf *conf, struct store *st)
    __attribute__((returns_nonnull));
void render_free(struct render *r);

/* m: a present message. A file that is missing renders as nothing, and is logged. */
int render_load(struct render *r, const struct overview_message *m, const struct loaded **l,
		struct err *e) __attribute__((warn_unused_result));
/* Valid until render_trim. */
int render_get(struct render *r, const struct overview_message *m, const struct rendering **out,
	       struct err *e) __attribute__((warn_unused_result));
int render_member(struct render *r, const struct overview_message *m, struct slice *member,
		  struct err *e) __attribute__((warn_unused_result));
/* Between pages: forgets all if it is over RENDER_KEEP_MAX, or if all is set. */
void render_trim(struct render *r, bool all);

#endif
