/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * envelope: the lines before a message in the spool folders; "key: value" LF, an empty line, then
 * the message's bytes. Keys are lower-case words; a key may stand several times; values have no
 * control characters (a value that has is refused by envelope_put, so nothing from outside can add
 * a line).
 */
/* clang-format off */
/*
 * spool/new (by intake)
 *   from: ADDRESS or nothing    MAIL FROM (empty: the null return path)
 *   rcpt: ADDRESS               once a recipient, as given, domain lower case
 *   received: MS                when DATA ended, milliseconds
 *   via: lmtp|smtp|inject       how it came
 *   peer: NAME                  from whom
 *   utf8: yes                   SMTPUTF8 was asked
 *   body: 8bit                  8BITMIME was asked
 *   rejected: ADDRESS           (size) a recipient whose list refuses this size: notice to the author
 *   pad: xxx                    room for a rejected: line; says nothing
 * added when put back by the list role or the command, never by intake
 *   approved-by: ADDRESS        a held post that was accepted
 *   announces: NUMBER           an announcement, and the event of conduct that it tells of
 *   retry-of: ID
 *
 * A post's bytes are written once, by intake: held/ID, out/ID and feed/LIST/new/ID are links to the
 * same file, envelope and all. What differs for the way out (the edited header, who gets it) is in
 * list.db; the archive takes `received` and `from` from here and the list's name from the folder.
 */
/* clang-format on */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct envelope {
	struct slice *keys, *values;
	size_t *runs; /* how many lines from this one on have the same key: envelope_nth skips */
	size_t n;
	struct slice message; /* the bytes behind the empty line */
};

#define ENVELOPE_MAX (8 * 1024 * 1024) /* 20,000 recipients fit many times */

/* Splits file bytes; slices point into them. -1 (permanent) if it is no such file. */
int envelope_parse(struct envelope *env, struct arena *a, struct slice bytes, struct err *e)
    __attribute__((warn_unused_result));
/* First value of key; empty if absent. envelope_has tells the two apart. */
struct slice envelope_get(const struct envelope *env, const char *key);
bool envelope_has(const struct envelope *env, const char *key);
int64_t envelope_int(const struct envelope *env, const char *key, int64_t otherwise);
/* The i-th value of key; false when there are no more. */
bool envelope_nth(const struct envelope *env, const char *key, size_t i, struct slice *value);

/* Appends one line / the closing empty line. -1 (permanent) for a value with control characters. */
int envelope_put(struct buf *b, const char *key, struct slice value, struct err *e)
    __attribute__((warn_unused_result));
void envelope_put_int(struct buf *b, const char *key, int64_t value);
void envelope_end(struct buf *b);

#endif
