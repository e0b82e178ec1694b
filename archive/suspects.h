/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suspects: stored messages that killed who read them. The spool counts the deaths of what waits
 * (base/spool.h); what is stored is read again for its pages, for the index and for a rebuild, and
 * one message on which a parser dies would stop these for all.
 *
 * Who reads a stored message says so in archive/hand, a file mapped into memory, which survives
 * the death of its writer and costs nothing. Whoever takes the archive's lock next and finds a
 * name in it notes one more death in archive/suspects; after SUSPECTS_DEATHS the message is
 * condemned for that step and is not read there any more. To have got through clears the count;
 * a rebuild of the list clears all of its counts, for after a repair.
 *
 * All inside the archive's lock. NULL for s is fine: nothing is noted.
 */
#ifndef ARCHIVE_SUSPECTS_H
#define ARCHIVE_SUSPECTS_H

#include <stdbool.h>

#include "base/err.h"

#define SUSPECTS_DEATHS 3

enum suspects_step {
	SUSPECTS_READ,  /* from the log into the overview */
	SUSPECTS_PAGES, /* its pages, and all that show it */
	SUSPECTS_INDEX,
	SUSPECTS_STEPS
};

struct suspects;

/* archive_dirfd stays the caller's, and open. */
int suspects_open(struct suspects **out, int archive_dirfd, struct err *e)
    __attribute__((warn_unused_result));
void suspects_close(struct suspects *s);

/*
 * Did the last holder of the lock die with something in hand? condemned is called for a message
 * that has now died once too often. -1 (temporary).
 */
int suspects_look(struct suspects *s,
		  void (*condemned)(void *arg, enum suspects_step step, const char *list,
				    const char *key),
		  void *arg, struct err *e) __attribute__((warn_unused_result));

/* Around the reading of one message; never nested. drop: it was got through. key "*": of several
 * at once, of which nobody knows which it is. A condemned one is in nobody's hand. */
void suspects_hold(struct suspects *s, enum suspects_step step, const char *list, const char *key);
void suspects_drop(struct suspects *s);
bool suspects_condemned(const struct suspects *s, enum suspects_step step, const char *list,
			const char *key);
/* Has somebody died with several in hand since suspects_clear()? Then one should take them singly.
 */
bool suspects_careful(const struct suspects *s, enum suspects_step step);
void suspects_clear(struct suspects *s, enum suspects_step step);
/* All of a list; NULL: of all lists. */
void suspects_forget(struct suspects *s, const char *list);

const char *suspects_name(enum suspects_step step);

#endif
