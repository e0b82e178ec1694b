/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attachments: what of a message is shown beside its text, as files: LIST/m/KEY/NUMBER/NAME. The
 * archive puts them there, and what is sent may point to them.
 */
#ifndef MAIL_ATTACHMENTS_H
#define MAIL_ATTACHMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"

struct attachment {
	int number; /* from 1 */
	int part;
	struct slice name; /* as the author called it, or a name for its type; never empty */
	struct slice file; /* the same, safe as a file name: no slash, no leading dot, bounded */
	struct slice type; /* "application/pdf" */
	int64_t size;      /* decoded */
};
size_t attachments_of(struct arena *a, const struct message *m, struct attachment **out);

#endif
