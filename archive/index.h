/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index: the C face of the shim over Xapian (shim.hh). No exception leaves it. The index is derived
 * data with a version in its metadata: an index of another version, or a damaged one, is a
 * permanent error with errno EPROTO, and the caller rebuilds it from the store.
 *
 * Shards: the index is INDEX_SHARDS databases xapian/0, xapian/1 …; message row r is document
 * (r-1)/N+1 of shard (r-1)%N, so that the combined database's document ids are the row ids and bulk
 * indexing uses as many threads.
 */
#ifndef ARCHIVE_INDEX_H
#define ARCHIVE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define INDEX_SHARDS 2

struct index_doc {
	int64_t id; /* message row */
	const char *list, *key, *thread_key;
	struct slice msgid, subject, from_name, from_address, to_text;
	bool echo;                 /* the subject is that of the message answered: it finds, and
				      weighs nothing */
	struct slice own;          /* the author's own words */
	struct slice quoted;       /* what is quoted: ranks below, findable with q: */
	struct slice *attachments; /* names */
	size_t nattachments;
	int64_t date;
};

struct index_writer;
/* One writer at a time: a second one is a temporary error. */
int index_writer_open(struct index_writer **w, const char *dir, struct err *e)
    __attribute__((warn_unused_result));
/* Replaces by id; sure to be durable only after commit (many in one go are committed in between,
 * for memory). Never refuses a document for its content. */
int index_put(struct index_writer *w, const struct index_doc *doc, struct err *e)
    __attribute__((warn_unused_result));
/* Many documents on INDEX_SHARDS threads. */
int index_put_many(struct index_writer *w, const struct index_doc *docs, size_t n, struct err *e)
    __attribute__((warn_unused_result));
int index_delete(struct index_writer *w, int64_t id, struct err *e)
    __attribute__((warn_unused_result));
int index_delete_list(struct index_writer *w, const char *list, struct err *e)
    __attribute__((warn_unused_result));
int index_commit(struct index_writer *w, struct err *e) __attribute__((warn_unused_result));
void index_writer_close(struct index_writer *w); /* uncommitted changes are dropped */
/*
 * Rewrites the index densely, to about two thirds; for after an import or a rebuild. No writer may
 * be open. Readers go on; a crash leaves the old or the new. Needs room for one shard more. now in
 * seconds.
 */
int index_compact(const char *dir, int64_t now, struct err *e) __attribute__((warn_unused_result));
/*
 * The same of one shard that has grown loose, a day at most after the last time: 1; 0 when none
 * has, or this file system cannot; -1. For when there is nothing else to do.
 */
int index_tighten(const char *dir, int64_t now, struct err *e) __attribute__((warn_unused_result));

/* --- searching -------------------------------------------------------------------------------- */

enum index_sort { INDEX_BY_RELEVANCE, INDEX_BY_DATE };
struct index_query {
	struct slice text; /* INTERFACE section 5's search words */
	const char *list;  /* only this list, or NULL */
	enum index_sort sort;
	int64_t offset, limit; /* limit at most 200 */
	int64_t now;           /* for d:2.months.ago.. */
	/* Beside the words; what index_facets offers. */
	int64_t year;        /* UTC; 0: any */
	struct slice author; /* the value of an author's facet; empty: anybody */
	bool attachment;     /* only messages with one */
	bool collapse;       /* of each thread the best hit alone */
	bool facets;         /* count them, too */
};
struct index_hit {
	const char *list, *key, *thread_key;
	struct slice subject, from_name;
	struct slice from_address; /* empty if there is a name */
	int64_t date;
	bool attachment;
	int64_t alike; /* hits of its thread that collapse left out, at least */
	/* Plain text; the words found stand between U+E000 and U+E001, which no other text here
	 * has. */
	struct slice snippet;
};
/* How many messages a search would find, narrowed to one value. */
struct index_facet {
	const char *value; /* a list's name, "2017", an author's (see INDEX_AUTHOR), "attachment" */
	struct slice label; /* what people call it; of an author the name, or else the address */
	int64_t count;
};
enum index_facet_kind { INDEX_LISTS, INDEX_YEARS, INDEX_AUTHORS, INDEX_ATTACHMENTS, INDEX_KINDS };
#define INDEX_AUTHOR 8      /* hex digits: a hash of the address, which the web must not show */
#define INDEX_FACETS_MAX 12 /* values of a kind, the most frequent; years: the newest, as many */
struct index_facets {
	struct index_facet *v[INDEX_KINDS];
	size_t n[INDEX_KINDS];
	bool exact; /* else estimated from a sample of what was found */
};
struct index_result {
	struct index_hit *hits;
	size_t n;
	int64_t estimated; /* matches in all; exact when exact is set */
	bool exact;
	struct index_facets facets; /* of all matches, whatever collapse leaves out */
	struct slice corrected;     /* a better spelling of the query, or empty */
	struct slice notice; /* what of the query could not be used, in a phrase id for text_phrase;
				or empty */
};
struct index_reader;
/* An absent or empty index answers with no hits. */
int index_reader_open(struct index_reader **r, const char *dir, struct err *e)
    __attribute__((warn_unused_result));
int index_search(struct index_reader *r, struct arena *a, const struct index_query *q,
		 struct index_result *res, struct err *e) __attribute__((warn_unused_result));
void index_reader_close(struct index_reader *r);

#endif
