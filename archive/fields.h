/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields: all that the overview, the index and the pages want of a message, gathered in one go from
 * one parse.
 */
#ifndef ARCHIVE_FIELDS_H
#define ARCHIVE_FIELDS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"
#include "mail/msgid.h"

struct fields {
	struct message message; /* the parse itself */
	struct identity id;
	char key[KEY_SIZE]; /* the key it is filed under: id.key, or the second key (see store.h) */
	int64_t date;       /* as filed: INTERFACE section 5 */
	int64_t received;
	struct slice subject, subject_base;
	bool is_reply; /* the subject has a reply mark */
	struct slice from_name, from_address;
	struct slice to_text; /* To and Cc as text, for the index */
	struct slice
	    *references; /* References, then In-Reply-To where References is empty; oldest first */
	size_t nreferences;
	int64_t size;
	int attachments;
};

/* received in seconds. domain: the site's. Everything lives in the arena and in bytes. */
void fields_of(struct fields *f, struct arena *a, struct slice bytes, int64_t received,
	       const char *domain);

#endif
