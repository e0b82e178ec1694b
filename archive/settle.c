/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/settle.h"

#define PAGES_SLICE 500
#define INDEX_SLICE 2000
#define COMPACT_OVER 500 /* messages indexed in one go, above which a dense index pays */

/* One slice of a step: how much was done, -1. */
static int64_t
one_slice(struct archive *ar, enum settle_step step, struct err *e)
{
	int64_t n;

	if (archive_lock(ar, true, e) < 0)
		return -1;
	n = step == SETTLE_PAGES ? archive_write_pages(ar, PAGES_SLICE, e)
				 : archive_index(ar, INDEX_SLICE, e);
	archive_unlock(ar);
	return n;
}

int
archive_settle(struct archive *ar, void (*progress)(void *, enum settle_step, int64_t), void *arg,
	       struct err *e)
{
	int64_t done[2] = {0}, n;

	for (int step = SETTLE_PAGES; step <= SETTLE_INDEX; step++)
		while ((n = one_slice(ar, (enum settle_step)step, e)) != 0) {
			if (n < 0)
				return -1;
			done[step] += n;
			if (progress)
				progress(arg, (enum settle_step)step, done[step]);
		}
	if (done[SETTLE_INDEX] < COMPACT_OVER)
		return 0;
	return archive_compact(ar, e);
}
