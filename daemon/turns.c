/* SPDX-License-Identifier: GPL-2.0-or-later */
/* turns: see turns.h. The mails stand in a ring; the hand points at the one whose turn it is. */
#include "config.h"

#include "daemon/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define ROWS_MAX 200 /* of one mail in memory */
#define LINKED_S 600 /* a file that is not in out/ after that time is missing */

struct turns {
	struct db *db;
	int out_fd;
	void (*over)(void *arg, struct letter *l);
	void *arg;
	struct letter *hand;
	size_t n;
	int64_t last; /* the newest mail that was ever seen */
	bool left;
};

struct turns *
turns_new(struct db *db, int out_fd, void (*over)(void *arg, struct letter *l), void *arg)
{
	struct turns *t = calloc(1, sizeof(*t));
	if (!t)
		fatal("no memory");
	t->db = db;
	t->out_fd = out_fd;
	t->over = over;
	t->arg = arg;
	return t;
}

static void
letter_free(struct letter *l)
{
	if (l->head_fd >= 0)
		close(l->head_fd);
	if (l->body_fd >= 0)
		close(l->body_fd);
	arena_free(l->rows_arena);
	arena_free(l->arena);
	free(l);
}

static void
take_out(struct turns *t, struct letter *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	if (t->hand == l)
		t->hand = l->next == l ? NULL : l->next;
	t->n--;
}

void
turns_free(struct turns *t)
{
	while (t->hand) {
		struct letter *l = t->hand;
		take_out(t, l);
		letter_free(l);
	}
	free(t);
}

/* --- taking up -------------------------------------------------------------------------------- */

/* The head as a file in memory that nobody can change: every lane gets the same one. */
static int
head_file(struct slice head, struct err *e)
{
	int fd = memfd_create("head", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_errno(e, "memfd_create");
	if (file_write_all(fd, head.p, head.n, e) < 0) {
		close(fd);
		return -1;
	}
	(void)fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	return fd;
}

/* 1 it is open, 0 it is not there (yet), -1. */
static int
open_body(struct turns *t, struct letter *l, int64_t now, struct err *e)
{
	struct stat st;
	l->body_fd = openat(t->out_fd, l->mail.spool, O_RDONLY | O_CLOEXEC);
	if (l->body_fd < 0 && errno == ENOENT) {
		if (now - l->mail.created > LINKED_S)
			log_error("%s for %s: out/%s is not there", l->mail.kind, l->mail.list,
				  l->mail.spool);
		return 0;
	}
	if (l->body_fd < 0 || fstat(l->body_fd, &st) < 0)
		return err_errno(e, "out/%s", l->mail.spool);
	l->size += st.st_size > l->mail.body_at ? st.st_size - l->mail.body_at : 0;
	return 1;
}

static int
open_letter(struct turns *t, struct letter *l, int64_t now, struct err *e)
{
	struct arena *a = arena_new(); /* the head may be large: it does not stay */
	struct queue_mail *m = &l->mail;
	int got = queue_mail(t->db, a, l->out, m, e);
	if (got != 1)
		goto out;
	if (m->spool[0] && (got = open_body(t, l, now, e)) != 1)
		goto out;
	l->head_fd = head_file(m->head, e);
	got = l->head_fd < 0 ? -1 : 1;
	l->size += (int64_t)m->head.n;
	m->spool = arena_str(l->arena, slice_str(m->spool));
	m->list = arena_str(l->arena, slice_str(m->list));
	m->kind = arena_str(l->arena, slice_str(m->kind));
	m->copies = arena_str(l->arena, slice_str(m->copies));
	m->head = slice_make(NULL, 0);
out:
	arena_free(a);
	return got;
}

/* Last in the round: a new mail's turn comes after one portion of each other mail. */
static void
put_in(struct turns *t, struct letter *l)
{
	if (!t->hand) {
		t->hand = l->next = l->prev = l;
	} else {
		l->next = t->hand;
		l->prev = t->hand->prev;
		l->prev->next = l;
		l->next->prev = l;
	}
	t->n++;
}

/* 1 taken up, 0 not now, -1. */
static int
take_up(struct turns *t, int64_t out, int64_t now, struct err *e)
{
	struct letter *l = calloc(1, sizeof(*l));
	if (!l)
		fatal("no memory");
	*l = (struct letter){.out = out, .head_fd = -1, .body_fd = -1, .now = now};
	l->after_next = INT64_MIN;
	l->began = clock_mono();
	l->arena = arena_new();
	l->rows_arena = arena_new();
	int got = open_letter(t, l, now, e);
	if (got != 1) {
		letter_free(l);
		return got;
	}
	put_in(t, l);
	return 1;
}

static bool
has(const struct turns *t, int64_t out)
{
	const struct letter *l = t->hand;
	for (size_t i = 0; i < t->n; i++, l = l->next)
		if (l->out == out)
			return true;
	return false;
}

int
turns_look(struct turns *t, int64_t now, bool all, struct err *e)
{
	int64_t outs[TURNS_MAX];
	int64_t after = all ? 0 : t->last;
	size_t n;
	if (all)
		t->left = false;
	do {
		if (queue_due_mails(t->db, now, after, outs, TURNS_MAX, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			after = outs[i];
			if (after > t->last)
				t->last = after;
			if (has(t, after))
				continue;
			int got = t->n < TURNS_MAX ? take_up(t, after, now, e) : 0;
			if (got < 0)
				return -1;
			t->left |= got == 0;
		}
	} while (n == TURNS_MAX && t->n < TURNS_MAX);
	t->left |= n == TURNS_MAX;
	return 0;
}

bool
turns_left_some(const struct turns *t)
{
	return t->left;
}

/* --- turns ------------------------------------------------------------------------------------ */

static void
close_if_over(struct turns *t, struct letter *l)
{
	if (!l->end || l->at < l->nrows || l->in_flight > 0)
		return;
	take_out(t, l);
	t->over(t->arg, l);
	letter_free(l);
}

/* Reads the next rows when those in memory have gone. True if there are some. */
static bool
load_rows(struct turns *t, struct letter *l)
{
	struct err e = {0};
	if (l->at < l->nrows)
		return true;
	if (l->end)
		return false;
	arena_reset(l->rows_arena);
	l->at = l->nrows = 0;
	if (queue_due(t->db, l->rows_arena, l->out, l->now, l->after_next, l->after_id, ROWS_MAX,
		      &l->rows, &l->nrows, &e) < 0) {
		log_error("queue: %s", e.text);
		l->nrows = 0;
		t->left = true; /* what is left of it is taken up again */
	}
	l->end = l->nrows < ROWS_MAX;
	if (l->nrows == 0)
		return false;
	l->after_next = l->rows[l->nrows - 1].next;
	l->after_id = l->rows[l->nrows - 1].id;
	return true;
}

struct letter *
turns_next(struct turns *t)
{
	for (size_t i = 0, n = t->n; i < n; i++) {
		struct letter *l = t->hand;
		if (load_rows(t, l))
			return l;
		t->hand = l->next;
		close_if_over(t, l);
	}
	return NULL;
}

const struct queue_row *
letter_rows(const struct letter *l, size_t max, size_t *n)
{
	size_t left = l->nrows - l->at;
	*n = left < max ? left : max;
	return &l->rows[l->at];
}

void
turns_took(struct turns *t, struct letter *l, size_t n)
{
	l->at += n;
	l->in_flight += n;
	if (t->hand == l)
		t->hand = l->next;
}

void
turns_settled(struct turns *t, struct letter *l)
{
	l->in_flight--;
	close_if_over(t, l);
}

size_t
turns_count(const struct turns *t)
{
	return t->n;
}
