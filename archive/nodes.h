/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nodes: the rows of the forest (table node), one for each id that was ever named in a list: a
 * present message, a tombstone, or a ghost. What they mean is told in forest.h.
 */
#ifndef ARCHIVE_NODES_H
#define ARCHIVE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/threads.h"

struct node {
	int64_t id, list;
	uint8_t key[NODE_KEY_SIZE];
	int state; /* enum overview_state */
	int64_t thread;
	int64_t parent;               /* in the forest; 0: a root */
	int64_t wanted;               /* the parent it would have if there were no circles */
	bool weak;                    /* wanted for its subject only */
	bool cut;                     /* a circle is cut here: parent is 0 and wanted is not */
	int64_t want_date, want_rank; /* of the message whose wish it is */
	int64_t twin_of;              /* the row that has the key of the same Message-ID, or 0 */
	int64_t date, rank;
	int64_t subject; /* a number for its base subject; 0 for none */
	bool bare;       /* no references, but a reply mark */
};

/* A growing array of rows. */
struct ids {
	int64_t *v;
	size_t n, cap;
};
void ids_put(struct ids *ids, int64_t id);

struct nodes;
extern const char *const nodes_schema[]; /* statements, NULL-terminated */

int nodes_open(struct nodes **ns, struct db *db, struct err *e) __attribute__((warn_unused_result));
void nodes_close(struct nodes *ns);
/* At each transaction's begin: the next free row. */
int nodes_begin(struct nodes *ns, struct err *e) __attribute__((warn_unused_result));
int64_t nodes_next(const struct nodes *ns);

/* A row that must be there: 0, -1. / 1 found, 0 not, -1. */
int node_get(struct nodes *ns, int64_t id, struct node *n, struct err *e)
    __attribute__((warn_unused_result));
int node_find(struct nodes *ns, int64_t list, const uint8_t key[NODE_KEY_SIZE], struct node *n,
	      struct err *e) __attribute__((warn_unused_result));
/* As row nodes_next(); sets n->id. */
int node_insert(struct nodes *ns, struct node *n, struct slice msgid, struct err *e)
    __attribute__((warn_unused_result));
/* Each writes what its name says of the row n->id. */
int node_put_wish(struct nodes *ns, const struct node *n, struct err *e)
    __attribute__((warn_unused_result)); /* wanted, weak, cut, want_date, want_rank */
int node_put_place(struct nodes *ns, const struct node *n, struct err *e)
    __attribute__((warn_unused_result)); /* parent, thread */
int node_put_message(struct nodes *ns, const struct node *n, struct err *e)
    __attribute__((warn_unused_result)); /* state, date, rank, subject, bare */
/* All rows of a thread now belong to another. */
int nodes_relabel(struct nodes *ns, int64_t thread, int64_t into, struct err *e)
    __attribute__((warn_unused_result));

int node_children(struct nodes *ns, int64_t id, struct ids *ids, struct err *e)
    __attribute__((warn_unused_result));
/* Rows of a thread in no order. */
int nodes_of_thread(struct nodes *ns, int64_t thread, void (*each)(void *arg, const struct node *n),
		    void *arg, struct err *e) __attribute__((warn_unused_result));
/* The nearest one before n, or after it, with its base subject: 1 found, 0, -1. */
int node_same_subject(struct nodes *ns, const struct node *n, bool after, struct node *out,
		      struct err *e) __attribute__((warn_unused_result));
/* Those beside (date, rank) that are no ghosts: rows, 0 where there is none. */
int nodes_beside(struct nodes *ns, int64_t list, int64_t date, int64_t rank, int64_t *before,
		 int64_t *after, struct err *e) __attribute__((warn_unused_result));
/* Present messages of other lists with the key of one here. */
struct node_elsewhere {
	int64_t here, list, thread, there; /* the row here; list, thread and row there */
};
/* Those of the present messages of a thread, by their rows, or (thread 0) of one row, whatever its
 * state; then by list. */
int nodes_elsewhere(struct nodes *ns, int64_t thread, int64_t id,
		    void (*each)(void *arg, const struct node_elsewhere *o), void *arg,
		    struct err *e) __attribute__((warn_unused_result));
int nodes_drop_list(struct nodes *ns, int64_t list, struct err *e)
    __attribute__((warn_unused_result));

#endif
