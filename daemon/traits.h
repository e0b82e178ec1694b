/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traits: what a list's own rules say about a post: its attachments, by the end of their names and
 * by type, and its header lines, such as the verdict of the mail server's spam filter.
 *
 * Any header line counts, wherever it stands: filters put theirs above the trace, below it, or in
 * its middle, and a rule only ever takes freedom away. Whoever forges such a line for a post hurts
 * that post and nobody else; none can be forged that would let one pass.
 */
#ifndef DAEMON_TRAITS_H
#define DAEMON_TRAITS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "mail/message.h"

/* Is one of its attachments of these kinds? Then detail has its name, or else its type. */
bool traits_attachment(struct arena *a, const struct message *m, const struct strings *kinds,
		       struct buf *detail);
/* Does one of its header lines fit one of these rules? Then detail has the rule. */
bool traits_header(struct arena *a, const struct message *m, const struct conf_header_rules *rules,
		   struct buf *detail);

#endif
