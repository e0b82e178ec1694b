/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: many posts in one mail, for members who asked for it. A post that goes out is noted for
 * the next digest of its list (its bytes are one more link, digest/LIST/SPOOL). A digest goes out
 * when the oldest waiting post is digest-every old, or when they are digest-size together. It has
 * the true messages with their true authors (and links for large attachments, where the list wants
 * that), as multipart/digest (RFC 2046 5.1.5) behind a table of contents in the member's language,
 * or as plain text (RFC 1153) for members who asked for that.
 *
 * Owner of the tables digest_item and digest_issue. Building is done outside of T1; its file has a
 * name derived from its first post, so that a second build after a crash writes the same.
 */
#ifndef DAEMON_DIGEST_H
#define DAEMON_DIGEST_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* Inside T1: notes w's post for l's next digest, if l has members who get digests. */
int digest_add(struct work *w, const struct conf_list *l, int64_t seq, struct err *e)
    __attribute__((warn_unused_result));
/* A chore: builds and queues what is due, removes files that no note needs. */
int digest_send_due(struct site *site, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
