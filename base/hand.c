/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work is mostly done in the order in which it was claimed, so what is in hand is a queue that is
 * searched from its head. What is put off is kept sorted: there may be very much of it when a disk
 * or a database is down, and each look at the folder asks for each name.
 */
#include "config.h"
#include "base/hand.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/num.h"

struct hand_deferred {
	char id[ID_MAX];
	int64_t due;
};

void *
hand_grow(void *p, size_t used, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room * 2 : 64, n;

	if (used < *room)
		return p;
	if (!num_mul(more, size, &n) || (p = realloc(p, n)) == NULL)
		fatal("no memory for %zu entries", more);
	*room = more;
	return p;
}

static void
copy_id(char to[ID_MAX], struct slice id)
{
	if (id.n >= ID_MAX)
		fatal("an ID of %zu bytes", id.n);
	memcpy(to, id.p, id.n);
	to[id.n] = '\0';
}

void
hand_free(struct hand *h)
{
	free(h->entry);
	free(h->deferred);
	*h = (struct hand){0};
}

void
hand_forget(struct hand *h)
{
	h->head = 0;
	h->end = 0;
}

bool
hand_is_empty(const struct hand *h)
{
	return h->head == h->end;
}

void
hand_add(struct hand *h, struct slice id, int deaths)
{
	if (hand_is_empty(h))
		hand_forget(h);
	if (h->end == h->room && h->head > h->room / 2) {
		/* Half of it is let go: moved to the front, so that a hand never empty stays small.
		 */
		memmove(h->entry, h->entry + h->head, (h->end - h->head) * sizeof *h->entry);
		h->end -= h->head;
		h->head = 0;
	}
	h->entry = hand_grow(h->entry, h->end, &h->room, sizeof *h->entry);
	copy_id(h->entry[h->end].id, id);
	h->entry[h->end++].deaths = deaths;
}

const struct hand_entry *
hand_find(const struct hand *h, struct slice id)
{
	for (size_t i = h->head; i < h->end; i++) {
		if (slice_is(id, h->entry[i].id))
			return &h->entry[i];
	}
	return NULL;
}

bool
hand_holds_suspect(const struct hand *h)
{
	return !hand_is_empty(h) && h->entry[h->head].deaths > 0;
}

void
hand_remove(struct hand *h, struct slice id)
{
	const struct hand_entry *found = hand_find(h, id);

	if (found == NULL)
		return;
	memmove(h->entry + h->head + 1, h->entry + h->head,
		(size_t)(found - (h->entry + h->head)) * sizeof *h->entry);
	h->head++;
}

/* Where id stands, or would stand, among the deferred. */
static size_t
deferred_place(const struct hand *h, struct slice id, bool *found)
{
	size_t low = 0, high = h->ndeferred;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int r = slice_cmp(slice_str(h->deferred[mid].id), id);

		if (r == 0) {
			*found = true;
			return mid;
		}
		if (r < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void
hand_defer(struct hand *h, struct slice id, int64_t due)
{
	bool found;
	size_t at = deferred_place(h, id, &found);

	if (!found) {
		h->deferred =
		    hand_grow(h->deferred, h->ndeferred, &h->deferred_room, sizeof *h->deferred);
		memmove(h->deferred + at + 1, h->deferred + at,
			(h->ndeferred - at) * sizeof *h->deferred);
		h->ndeferred++;
		copy_id(h->deferred[at].id, id);
	}
	h->deferred[at].due = due;
}

bool
hand_is_deferred(const struct hand *h, struct slice id)
{
	bool found;

	(void)deferred_place(h, id, &found);
	return found;
}

void
hand_forget_due(struct hand *h, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->ndeferred; i++) {
		if (h->deferred[i].due > now)
			h->deferred[kept++] = h->deferred[i];
	}
	h->ndeferred = kept;
}

int64_t
hand_next_due(const struct hand *h, int64_t now)
{
	int64_t least = -1;

	for (size_t i = 0; i < h->ndeferred; i++) {
		int64_t wait = h->deferred[i].due > now ? h->deferred[i].due - now : 0;

		if (least < 0 || wait < least)
			least = wait;
	}
	return least;
}
