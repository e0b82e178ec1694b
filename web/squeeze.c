/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is the same (device, inode, size, time) gives the same bytes. Results are found in a
 * small table by inode; a newcomer takes the place of what was there, and the oldest go when there
 * is too much.
 */
#include "config.h"
#include "web/squeeze.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "web/language.h"

#define LEVEL 5
#define GZIP_WINDOW (15 + 16) /* zlib: a gzip header, not its own */
#define MEMORY_LEVEL 8
#define RACY_MS 20 /* a file this young may change again within one tick of its clock */

struct entry {
	struct stat st;
	struct shared *shared; /* NULL: free */
};

struct squeeze {
	struct entry entry[SQUEEZE_ENTRIES];
	size_t bytes, oldest;
	char in[16384];
};

void
shared_release(struct shared *s)
{
	if (!s || --s->users > 0)
		return;
	free((char *)(uintptr_t)s->bytes.p);
	free(s);
}

bool
squeeze_wanted(struct slice accept)
{
	struct slice item, name, parameters;

	while (accept.n > 0) {
		slice_cut(accept, ',', &item, &accept);
		slice_cut(item, ';', &name, &parameters);
		if (slice_is_ci(slice_trim(name), "gzip"))
			return language_weight(parameters) > 0;
	}
	return false;
}

static void
begin(z_stream *z)
{
	*z = (z_stream){0};
	if (deflateInit2(z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		fatal("no memory");
}

bool
squeeze_buf(struct buf *b)
{
	struct buf out;
	z_stream z;
	int r;

	if (b->n < SQUEEZE_MIN)
		return false;
	begin(&z);
	buf_init(&out, b->limit);
	z.next_in = (Bytef *)b->p;
	z.avail_in = (uInt)b->n;
	z.next_out = (Bytef *)buf_reserve(&out, b->n);
	z.avail_out = (uInt)b->n;
	r = z.next_out ? deflate(&z, Z_FINISH) : Z_BUF_ERROR;
	out.n = z.total_out;
	deflateEnd(&z);
	if (r != Z_STREAM_END) {
		buf_free(&out);
		return false;
	}
	out.p[out.n] = '\0';
	buf_free(b);
	*b = out;
	return true;
}

struct squeeze *
squeeze_new(void)
{
	struct squeeze *sq = calloc(1, sizeof *sq);

	if (!sq)
		fatal("no memory");
	return sq;
}

static void
drop(struct squeeze *sq, struct entry *en)
{
	if (!en->shared)
		return;
	sq->bytes -= en->shared->bytes.n;
	shared_release(en->shared);
	en->shared = NULL;
}

void
squeeze_free(struct squeeze *sq)
{
	if (!sq)
		return;
	for (size_t i = 0; i < SQUEEZE_ENTRIES; i++)
		drop(sq, &sq->entry[i]);
	free(sq);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the file through z into out[0…room); how many bytes came out, 0 if it did not go well. */
static size_t
deflate_all(struct squeeze *sq, z_stream *z, int fd, int64_t size, char *out, size_t room)
{
	int64_t at = 0;
	int r = Z_OK;

	z->next_out = (Bytef *)out;
	z->avail_out = (uInt)room;
	while (r == Z_OK) {
		if (z->avail_in == 0 && at < size) {
			ssize_t n = pread(fd, sq->in, sizeof sq->in, at);

			if (n <= 0)
				return 0;
			at += n;
			z->next_in = (Bytef *)sq->in;
			z->avail_in = (uInt)n;
		}
		r = deflate(z, at >= size ? Z_FINISH : Z_NO_FLUSH);
	}
	return r == Z_STREAM_END && at == size ? room - z->avail_out : 0;
}

static struct shared *
squeeze_now(struct squeeze *sq, int fd, const struct stat *st)
{
	size_t room = (size_t)st->st_size, n;
	struct shared *s = calloc(1, sizeof *s);
	char *out = malloc(room);
	z_stream z;

	if (!s || !out)
		fatal("no memory");
	begin(&z);
	n = deflate_all(sq, &z, fd, st->st_size, out, room);
	deflateEnd(&z);
	if (n == 0) {
		free(out);
		free(s);
		return NULL;
	}
	s->bytes = slice_make(realloc(out, n), n);
	s->users = 1;
	if (!s->bytes.p)
		fatal("no memory");
	return s;
}

static void
keep(struct squeeze *sq, struct entry *en, const struct stat *st, struct shared *s)
{
	/* A page may be replaced twice in one tick, but then its inode is another one; a file that
	 * is written in place would fool us, so a young one is not kept. */
	if (clock_ms() - (st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000) < RACY_MS)
		return;
	drop(sq, en);
	while (sq->bytes + s->bytes.n > SQUEEZE_KEEP) {
		drop(sq, &sq->entry[sq->oldest]);
		sq->oldest = (sq->oldest + 1) % SQUEEZE_ENTRIES;
	}
	en->st = *st;
	en->shared = s;
	s->users++;
	sq->bytes += s->bytes.n;
}

struct shared *
squeeze_file(struct squeeze *sq, int fd, const struct stat *st)
{
	struct entry *en = &sq->entry[(st->st_ino * 0x9e3779b97f4a7c15u >> 32) % SQUEEZE_ENTRIES];
	struct shared *s;

	if (st->st_size < SQUEEZE_MIN || st->st_size > SQUEEZE_MAX)
		return NULL;
	if (en->shared && same_file(&en->st, st)) {
		en->shared->users++;
		return en->shared;
	}
	s = squeeze_now(sq, fd, st);
	if (s && s->bytes.n <= SQUEEZE_KEEP / 4)
		keep(sq, en, st, s);
	return s;
}
