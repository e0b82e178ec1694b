/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbox: mailbox files as they are found: mboxrd (">*From " quoted by one more), mboxo (only "From "
 * quoted, ambiguously), mboxcl's Content-Length ignored, pipermail months (addresses as "x at y"),
 * LF and CRLF. A message begins at a line "From " that looks like a From line (an address or
 * word, then a date) at the file's start, after an empty line, or before a header field (pipermail
 * left the empty line out) — a plain sentence "From now on" does not begin one.
 */
#ifndef MAIL_MBOX_H
#define MAIL_MBOX_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Takes the next message off *rest. from_line: the whole From line without its end. raw: the bytes
 * behind it as they stand, without the separating empty line at their end. False at the end. What
 * stands before the first From line comes as one message with an empty from_line.
 */
bool mbox_next(struct slice *rest, struct slice *from_line, struct slice *raw);
/* Undoes mboxrd quoting: lines of one or more '>' and "From " lose one '>'. raw itself if there is
 * none. */
struct slice mbox_unquote(struct buf *b, struct slice raw);
/* Appends bytes as one mboxrd message with its From line and separating empty line; CRLF becomes
 * LF. */
void mbox_put(struct buf *b, struct slice sender, long long t, struct slice bytes);

#endif
