/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * query: the search words of INTERFACE section 5, read into postfix order (an operand, an operand,
 * an operator), so that neither this nor its reader recurses. It never fails: what is not well
 * formed (an operator without operand, a quote or bracket that is not closed) is read once more as
 * plain words, with a notice. Xapian's own parser is not used: it ORs two filters of one prefix,
 * throws on "AND AND", and knows nothing of grams.
 *
 * AND binds closer than OR; words side by side are an AND; "-" and NOT negate what follows. Filters
 * of one kind side by side (l:one l:two), which no message could meet together, are an OR.
 */
#ifndef ARCHIVE_QUERY_H
#define ARCHIVE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define QUERY_BYTES_MAX 2048 /* what a person types; a search costs by the word */
#define QUERY_OPERANDS_MAX 64
#define QUERY_DEPTH_MAX 32
#define QUERY_ITEMS_MAX (4 * QUERY_OPERANDS_MAX)
#define QUERY_PREFIX_MIN 3 /* letters before "*" */

enum query_kind {
	QUERY_WORDS, /* text in field; quoted: as it stands; open: any word that begins so */
	QUERY_DATES, /* from ≤ date ≤ to */
	QUERY_LIST,
	QUERY_THREAD,
	QUERY_MSGID,
	QUERY_ATTACHMENT,
	QUERY_AND, /* of the two before it */
	QUERY_OR,
	QUERY_NOT /* of the one before it */
};

enum query_field {
	QUERY_ANY,
	QUERY_SUBJECT,
	QUERY_FROM,
	QUERY_TO,
	QUERY_BODY, /* own and quoted */
	QUERY_QUOTED,
	QUERY_OWN,
	QUERY_NAME
};

struct query_item {
	enum query_kind kind;
	enum query_field field;
	struct slice text; /* into the text parsed */
	bool quoted, open;
	int64_t from, to; /* seconds, both included */
};

struct query {
	struct query_item item[QUERY_ITEMS_MAX];
	size_t n;
	const char *notice; /* a phrase for text_phrase, or NULL */
};

/* now in seconds: what "2.months.ago" counts from. The text must outlive the query. */
void query_parse(struct query *q, struct slice text, int64_t now);

/*
 * The value of d: – a year, month or day (2017, 2017-10, 201710, 2017-10-03, 20171003), a moment
 * (20171003142500), now, today, yesterday, N.UNIT.ago, last.UNIT, or two of these around ".." of
 * which one may be missing. UTC. False if it is none of these.
 */
bool query_dates(struct slice text, int64_t now, int64_t *from, int64_t *to);

#endif
