/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/boxes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

#define CHUNK 500 /* rows read at a time */

/* --- the member at the end (RFC 1952: FEXTRA, an empty deflate block, CRC and length 0) ----------
 */

struct tally {
	uint64_t count, last, sum; /* messages, greatest row, sum over the rows of their hashes */
};

#define END_SIZE 50
static const unsigned char end_head[] = {0x1f, 0x8b, 8,  4, 0,   0,   0,  0,
					 0,    255,  28, 0, 'P', 'L', 24, 0};
static const unsigned char end_tail[] = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0};

static void
put_number(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		p[i] = (unsigned char)(v & 0xff);
}

static uint64_t
get_number(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void
put_end(struct buf *b, const struct tally *t)
{
	unsigned char numbers[24];

	put_number(numbers, t->count);
	put_number(numbers + 8, t->last);
	put_number(numbers + 16, t->sum);
	buf_put(b, end_head, sizeof end_head);
	buf_put(b, numbers, sizeof numbers);
	buf_put(b, end_tail, sizeof end_tail);
}

/* What a box says of itself; all zero if it says nothing that can be believed. */
static struct tally
read_end(int fd, off_t size)
{
	unsigned char p[END_SIZE];
	struct tally t = {0, 0, 0};

	if (size < END_SIZE || pread(fd, p, sizeof p, size - END_SIZE) != END_SIZE ||
	    memcmp(p, end_head, sizeof end_head) != 0 ||
	    memcmp(p + END_SIZE - sizeof end_tail, end_tail, sizeof end_tail) != 0)
		return t;
	t.count = get_number(p + sizeof end_head);
	t.last = get_number(p + sizeof end_head + 8);
	t.sum = get_number(p + sizeof end_head + 16);
	return t;
}

static void
tally_add(struct tally *t, int64_t id)
{
	t->count++;
	t->last = (uint64_t)id > t->last ? (uint64_t)id : t->last;
	t->sum += ((uint64_t)id + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* --- appending and making anew ------------------------------------------------------------------
 */

/* Where messages come from, by row. */
struct source {
	struct press *press;
	const struct overview_message **rows; /* a thread's, all at hand; or NULL */
	size_t nrows;
	const char *list; /* or a month's, asked for */
	int month;
	uint64_t total; /* present messages of the month */
};

static int
next_rows(const struct source *s, int64_t above, const struct overview_message ***rows, size_t *n,
	  struct err *e)
{
	struct overview_message *ms;
	size_t i = 0;

	if (s->rows) {
		while (i < s->nrows && s->rows[i]->id <= above)
			i++;
		*rows = s->rows + i;
		*n = s->nrows - i;
		return 0;
	}
	if (overview_month_messages(s->press->overview, s->press->arena, s->list, s->month, above,
				    CHUNK, &ms, n, e) < 0)
		return -1;
	*rows = arena_array(s->press->arena, *n, sizeof **rows);
	for (i = 0; i < *n; i++)
		(*rows)[i] = &ms[i];
	return 0;
}

/* All messages above t->last, as members behind each other, in fd from its position at; then the
 * end. */
static int
write_from(const struct source *s, int fd, off_t at, struct tally *t, struct err *e)
{
	const struct overview_message **rows;
	struct buf *b = &s->press->page;
	size_t n;

	if (lseek(fd, at, SEEK_SET) < 0)
		return err_errno(e, "lseek");
	for (buf_clear(b);;) {
		if (next_rows(s, (int64_t)t->last, &rows, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			struct slice member;

			if (render_member(s->press->render, rows[i], &member, e) < 0)
				return -1;
			tally_add(t, rows[i]->id);
			buf_put_slice(b, member);
			render_trim(s->press->render, false);
			if (b->n < (1 << 20))
				continue;
			if (file_write_all(fd, b->p, b->n, e) < 0)
				return -1;
			buf_clear(b);
		}
		if (s->rows || n < CHUNK)
			break;
	}
	put_end(b, t);
	s->press->written++;
	return file_write_all(fd, b->p, b->n, e);
}

static int
make_anew(const struct source *s, const char *folder, struct err *e)
{
	struct press *p = s->press;
	const char *tmp = arena_printf(p->arena, "%s.tmp-mbox.gz", folder),
		   *path = arena_printf(p->arena, "%smbox.gz", folder);
	struct tally t = {0, 0, 0};
	int fd, ret;

	if (press_folder(p, folder, e) < 0)
		return -1;
	fd = openat(p->html, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_errno(e, "%s", tmp);
	ret = write_from(s, fd, 0, &t, e);
	if (close(fd) < 0 && ret == 0)
		ret = err_errno(e, "%s", tmp);
	if (ret == 0 && renameat(p->html, tmp, p->html, path) < 0)
		ret = err_errno(e, "%s", path);
	if (ret < 0)
		unlinkat(p->html, tmp, 0);
	return ret;
}

/* What the box on disk must say to be a true beginning; *more: is there anything to append? */
static int
is_beginning(const struct source *s, const struct tally *there, bool *yes, bool *more,
	     struct err *e)
{
	struct tally want = {0, 0, 0};
	const struct overview_message **rows;
	uint64_t above = 0;
	int64_t last = (int64_t)there->last;
	size_t n;

	if (s->rows) {
		for (size_t i = 0; i < s->nrows && s->rows[i]->id <= last; i++)
			tally_add(&want, s->rows[i]->id);
		*yes = want.count == there->count && want.last == there->last &&
		       want.sum == there->sum;
		*more = want.count < s->nrows;
		return 0;
	}
	do {
		if (next_rows(s, last, &rows, &n, e) < 0)
			return -1;
		above += n;
		last = n > 0 ? rows[n - 1]->id : last;
	} while (n == CHUNK);
	*yes = there->count + above == s->total;
	*more = above > 0;
	return 0;
}

static int
update(const struct source *s, const char *folder, struct err *e)
{
	struct press *p = s->press;
	const char *path = arena_printf(p->arena, "%smbox.gz", folder);
	int fd = openat(p->html, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), ret = -1;
	struct tally there;
	struct stat st;
	bool yes, more;

	if (fd < 0)
		return errno == ENOENT ? make_anew(s, folder, e) : err_errno(e, "%s", path);
	if (fstat(fd, &st) < 0) {
		err_errno(e, "%s", path);
		goto out;
	}
	there = read_end(fd, st.st_size);
	if (is_beginning(s, &there, &yes, &more, e) < 0)
		goto out;
	if (there.count == 0 || !yes)
		ret = make_anew(s, folder, e);
	else
		ret = more ? write_from(s, fd, st.st_size - END_SIZE, &there, e) : 0;
out:
	close(fd);
	return ret;
}

static int
by_row(const void *a, const void *b)
{
	const struct overview_message *x = *(const struct overview_message *const *)a,
				      *y = *(const struct overview_message *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int
boxes_thread(struct press *p, const struct conversation *c, struct err *e)
{
	const char *folder = conversation_path(c, p->arena, 1);
	struct source s = {.press = p};

	s.rows = arena_array(p->arena, c->n, sizeof *s.rows);
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == OVERVIEW_PRESENT)
			s.rows[s.nrows++] = &c->rows[i];
	qsort(s.rows, s.nrows, sizeof *s.rows, by_row);
	if (s.nrows == 0)
		return press_remove(p, arena_printf(p->arena, "%smbox.gz", folder), e);
	return update(&s, folder, e);
}

int
boxes_month(struct press *p, const char *list, int month, struct err *e)
{
	struct source s = {.press = p, .list = list, .month = month};
	struct overview_month *ms;
	const char *folder =
	    arena_printf(p->arena, "%s/%04d/%02d/", list, month / 100, month % 100);
	size_t n;

	if (overview_months(p->overview, p->arena, list, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (ms[i].month == month)
			s.total = (uint64_t)ms[i].messages;
	if (s.total == 0)
		return press_remove(p, arena_printf(p->arena, "%smbox.gz", folder), e);
	return update(&s, folder, e);
}
