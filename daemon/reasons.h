/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reasons: why a post did not simply go out, as it is stored with it and worded for people. Stored
 * are lines "name TAB detail"; a name that a newer server wrote gets a general phrase.
 */
#ifndef DAEMON_REASONS_H
#define DAEMON_REASONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

enum reason {
	REASON_OWN_ADDRESS,
	REASON_LOOP,
	REASON_HEADER,
	REASON_SIZE,
	REASON_HEADERS_REFUSED,
	REASON_ATTACHMENTS_REFUSED,
	REASON_NO_AUTHOR,
	REASON_AUTOMATIC,
	REASON_ATTACHMENTS,
	REASON_RECIPIENTS,
	REASON_DESTINATION,
	REASON_NONMEMBER,
	REASON_FIRST_POSTS,
	REASON_SPEAKERS,
	REASON_SUSPENDED,
	REASON_MODERATED,
	REASON_POSTS_PER_DAY,
	REASON_COOLED,
	REASON_EMERGENCY,
	REASON_HEADERS,
	REASON_DUPLICATE, /* daemon/post.c asks */
	REASON_HOOK,      /* what hooks say (daemon/hook.h) */
	REASON_HOOK_LATE,
	REASON_HOOK_FLOOD,
	REASON_HOOK_KILLED,
	REASON_HOOK_FAILED,
	REASON_HOOK_START,
	REASONS
};

/* Appends a line. detail: without control characters. */
void reasons_put(struct buf *reasons, enum reason why, struct slice detail);

/* "the author is not a member of this list": a phrase for text_phrase(), by the name. */
const char *reasons_phrase(struct slice name);
/* In a language, one a line with "- " before it, no line end at the end. */
void reasons_explain(const char *lang, const char *reasons, struct buf *out);
/* The same for the log, on one line. */
const char *reasons_log(struct arena *a, const char *reasons);

/* Do they all end by themselves (a new day, a thaw), so that nobody has to decide? Then *until is
 * when at the latest; else false. */
bool reasons_pass_by_themselves(const char *reasons, int64_t *until);

#endif
