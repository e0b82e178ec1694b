/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields: all that the overview, the index and the pages want of a message, gathered in one go from
 * one parse.
 */
#ifndef ARCHIVE_FIELDS_H
#define ARCHIVE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "mail/message.h"
#include "mail/msgid.h"
#include "archive/digest_reply.h"

#define FIELDS_URLS 20       /* kept of one message; more are a catalogue, not a discussion */
#define FIELDS_URL_BYTES 500 /* longer ones are no use to anybody */

struct fields {
	struct message message; /* the parse itself */
	struct identity id;
	char key[KEY_SIZE]; /* it is filed under: id.key, or the second key (overview_resolve) */
	int64_t date;       /* as filed: INTERFACE section 5 */
	int64_t received;
	struct slice subject, subject_base;
	bool is_reply; /* the subject has a reply mark */
	struct slice from_name, from_address;
	struct slice to_text; /* To and Cc as text, for the index */
	/*
	 * Oldest first; the last one is the parent. References, and behind them what In-Reply-To
	 * says where it is exactly one id: who writes one id there means the parent, and some
	 * (Debbugs) write References in another order, or forget the parent in them. Without
	 * References, the first id of In-Reply-To.
	 */
	struct slice *references;
	size_t nreferences;
	int64_t size;
	int attachments;
	struct slice *urls; /* in the author's own words, each once, in their order */
	size_t nurls;
	struct slice trace;             /* by which quotes of it are known (trace.h), packed */
	struct digest_evidence *digest; /* it answers a digest; NULL: it does not */
};

/* received in seconds. domain: the site's. Everything lives in the arena and in bytes. */
void fields_of(struct fields *f, struct arena *a, struct slice bytes, int64_t received,
	       const char *domain);

/*
 * What is left of a message that is erased: a header with its ids, its filed date and the hash of
 * its body, from which fields_of_skeleton makes fields with the same key, place and rank.
 */
void fields_skeleton(struct buf *b, const struct fields *f);
void fields_of_skeleton(struct fields *f, struct arena *a, struct slice bytes, int64_t received,
			const char *domain);

/* The names of the attachments, for the index; in the order of their numbers. */
size_t fields_attachments(const struct fields *f, struct arena *a, struct slice **names);

#endif
