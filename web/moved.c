/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is mapped, and sorted by an array of places in it: four bytes a line, and pages of it
 * come and go with the kernel's cache. Both are made again when the file is another one.
 */
#include "config.h"
#include "web/moved.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hand.h"
#include "base/log.h"

struct moved {
	struct stat st;
	struct slice map;
	uint32_t *line; /* offsets, sorted by old path, then by place */
	size_t n, room;
};

struct moved *
moved_new(void)
{
	struct moved *m = calloc(1, sizeof *m);

	if (!m)
		fatal("no memory");
	return m;
}

static void
forget(struct moved *m)
{
	file_unmap(m->map);
	free(m->line);
	*m = (struct moved){0};
}

void
moved_free(struct moved *m)
{
	if (m)
		forget(m);
	free(m);
}

/* The line at an offset, cut in two. */
static bool
split(struct slice map, uint32_t at, struct slice *from, struct slice *to)
{
	struct slice rest = slice_from(map, at), line;

	return slice_next_line(&rest, &line) && slice_cut(line, '\t', from, to);
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct slice *map = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	struct slice from_x, from_y, to;
	int c;

	split(*map, x, &from_x, &to);
	split(*map, y, &from_y, &to);
	c = slice_cmp(from_x, from_y);
	return c ? c : x < y ? -1 : x > y;
}

static void
load(struct moved *m, int fd, const struct stat *st)
{
	struct slice rest, line, from, to;
	struct err e;

	forget(m);
	m->st = *st;
	if (file_map_fd(fd, &m->map, &e) < 0) {
		log_warning("%s: %s", MOVED_FILE, e.text);
		m->map = SLICE("");
		return;
	}
	rest = m->map;
	while (m->n < MOVED_LINES_MAX && (size_t)(rest.p - m->map.p) < UINT32_MAX &&
	       slice_next_line(&rest, &line)) {
		if (!slice_cut(line, '\t', &from, &to))
			continue;
		m->line = hand_grow(m->line, m->n, &m->room, sizeof *m->line);
		m->line[m->n++] = (uint32_t)(line.p - m->map.p);
	}
	if (m->n > 0)
		qsort_r(m->line, m->n, sizeof *m->line, compare, &m->map);
	log_debug("%zu old addresses", m->n);
}

static bool
is_new(const struct moved *m, const struct stat *st)
{
	return m->st.st_ino != st->st_ino || m->st.st_size != st->st_size ||
	       m->st.st_mtim.tv_sec != st->st_mtim.tv_sec ||
	       m->st.st_mtim.tv_nsec != st->st_mtim.tv_nsec;
}

struct slice
moved_find(struct moved *m, int fd, struct slice path)
{
	struct slice from, to, best = SLICE("");
	size_t low = 0, high;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		forget(m);
		return best;
	}
	if (is_new(m, &st))
		load(m, fd, &st);
	high = m->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		split(m->map, m->line[middle], &from, &to);
		if (slice_cmp(from, path) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && split(m->map, m->line[low - 1], &from, &to) && slice_eq(from, path))
		best = slice_trim(to);
	return best;
}
