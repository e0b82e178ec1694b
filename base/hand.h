/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hand: what one reader of a spool keeps in mind: the entries that it has in hand, and those that
 * it put off. Only memory; the truth is in the folders (base/spool.h).
 */
#ifndef BASE_HAND_H
#define BASE_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/slice.h"

struct hand_entry {
	char id[ID_MAX];
	int deaths; /* readers that died with it in hand */
};

struct hand_deferred;

/* All zero is an empty hand. */
struct hand {
	struct hand_entry *entry; /* a queue from head to end, in the order of the claims */
	size_t head, end, room;
	struct hand_deferred *deferred; /* sorted by ID */
	size_t ndeferred, deferred_room;
};

void hand_free(struct hand *h);
/* Lets go of all that is in hand; what is put off stays so. */
void hand_forget(struct hand *h);
bool hand_is_empty(const struct hand *h);
void hand_add(struct hand *h, struct slice id, int deaths);
/* NULL if it is not in hand. Quick for what was claimed first. */
const struct hand_entry *hand_find(const struct hand *h, struct slice id);
/* Whether the one claimed first has died before. */
bool hand_holds_suspect(const struct hand *h);
void hand_remove(struct hand *h, struct slice id); /* missing is fine */

/* Times are clock_mono's. */
void hand_defer(struct hand *h, struct slice id, int64_t due);
bool hand_is_deferred(const struct hand *h, struct slice id);
void hand_forget_due(struct hand *h, int64_t now);
/* Milliseconds until the first one is due; -1 when none is put off. */
int64_t hand_next_due(const struct hand *h, int64_t now);

/* p with room for one more element behind used ones of that size; for growing arrays. */
void *hand_grow(void *p, size_t used, size_t *room, size_t size) __attribute__((returns_nonnull));

#endif
