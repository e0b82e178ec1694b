/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/num.h"

#define FIELDS 9 /* with the hash */

struct chain {
	int fd;
	char *name;
	int64_t end;    /* bytes written */
	int64_t number; /* of the last line, written or not */
	char hash[CHAIN_HASH_LENGTH + 1];
	int64_t written_number; /* as they were at end, for chain_forget */
	char written_hash[CHAIN_HASH_LENGTH + 1];
	struct buf lines, scratch;
};

static const char no_hash[CHAIN_HASH_LENGTH + 1] =
    "0000000000000000000000000000000000000000000000000000000000000000";

/* The hash of a line (without its own hash and the tab before it) behind a hash. */
static void
hash_line(const char *before, struct slice line, struct buf *scratch,
	  char out[CHAIN_HASH_LENGTH + 1])
{
	uint8_t sha[SHA256_SIZE];

	buf_clear(scratch);
	buf_put(scratch, before, CHAIN_HASH_LENGTH);
	buf_put_slice(scratch, line);
	hash_sha256(buf_slice(scratch), sha);
	hash_hex(sha, sizeof sha, out);
}

/* --- fields ----------------------------------------------------------------------------------- */

static void
put_text(struct buf *b, struct slice s)
{
	static const char hex[] = "0123456789abcdef";

	if (s.n == 0)
		buf_putc(b, '-');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* A text that is "-" is not nothing. */
		if (c > ' ' && c < 0x7f && c != '%' && !(s.n == 1 && c == '-')) {
			buf_putc(b, (char)c);
			continue;
		}
		buf_putc(b, '%');
		buf_putc(b, hex[c >> 4]);
		buf_putc(b, hex[c & 15]);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct slice
take_text(struct arena *a, struct slice s)
{
	char *p;
	size_t n = 0;

	if (slice_is(s, "-"))
		return SLICE("");
	p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		int hi = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s.p[i + 2]) : -1;

		p[n++] = lo >= 0 ? (char)(hi * 16 + lo) : s.p[i];
		i += lo >= 0 ? 2 : 0;
	}
	p[n] = '\0';
	return slice_make(p, n);
}

static void
put_time(struct buf *b, int64_t t)
{
	int y, m, d;
	int64_t day = t - ((t % 86400) + 86400) % 86400, s = t - day;

	clock_civil(t, &y, &m, &d);
	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, (int)(s / 3600),
		   (int)(s / 60 % 60), (int)(s % 60));
}

/* "2026-11-22T14:49:35Z"; years of four digits, as put_time writes them. */
static bool
take_time(struct slice s, int64_t *t)
{
	static const int at[6] = {0, 5, 8, 11, 14, 17}, length[6] = {4, 2, 2, 2, 2, 2};
	int64_t v[6];

	if (s.n != 20)
		return false;
	for (int i = 0; i < 6; i++)
		if (!num_parse(slice_sub(s, (size_t)at[i], (size_t)length[i]), 0, 9999, &v[i]))
			return false;
	*t = clock_from_civil((int)v[0], (int)v[1], (int)v[2], (int)v[3], (int)v[4], (int)v[5]);
	return true;
}

/* The fields of a line without its LF; false if it has not nine good ones. */
static bool
take_line(struct arena *a, struct slice line, struct chain_entry *entry, struct slice *body,
	  struct slice *hash)
{
	struct slice field[FIELDS], rest = line;

	for (int i = 0; i < FIELDS - 1; i++)
		if (!slice_cut(rest, '\t', &field[i], &rest))
			return false;
	*hash = field[FIELDS - 1] = rest;
	if (hash->n != CHAIN_HASH_LENGTH)
		return false;
	*body = slice_sub(line, 0, line.n - CHAIN_HASH_LENGTH - 1);
	entry->event = field[2];
	entry->key = field[3];
	entry->sha256 = field[5];
	entry->path = take_text(a, field[6]);
	entry->text = take_text(a, field[7]);
	return num_parse(field[0], 1, INT64_MAX, &entry->number) &&
	       take_time(field[1], &entry->logged) && take_time(field[4], &entry->received);
}

/* --- writing ---------------------------------------------------------------------------------- */

/*
 * From the end backwards: where does the last whole line end, and what are its number and hash?
 * Only what is no line at all is torn; a whole one whose hash is wrong is evidence and stays.
 */
static void
find_end(struct chain *c, struct slice bytes, struct arena *a)
{
	size_t end = bytes.n, start;

	for (; end > 0; end = start) {
		const char *lf = memrchr(bytes.p, '\n', end - 1);
		struct slice line, body, hash;
		struct chain_entry entry;

		start = lf ? (size_t)(lf - bytes.p) + 1 : 0;
		line = slice_sub(bytes, start, end - 1 - start);
		if (bytes.p[end - 1] != '\n' || !take_line(a, line, &entry, &body, &hash))
			continue;
		c->end = (int64_t)end;
		c->number = entry.number;
		memcpy(c->hash, hash.p, CHAIN_HASH_LENGTH);
		return;
	}
}

static int
read_end(struct chain *c, struct err *e)
{
	struct arena *a = arena_new();
	struct slice bytes;
	int ret = -1;

	memcpy(c->hash, no_hash, sizeof c->hash);
	if (file_map_fd(c->fd, &bytes, e) < 0)
		goto out;
	find_end(c, bytes, a);
	if ((int64_t)bytes.n > c->end) {
		log_warning("log of %s: %zu bytes of a line that was never finished are cut off",
			    c->name, bytes.n - (size_t)c->end);
		if (ftruncate(c->fd, c->end) < 0) {
			err_errno(e, "log/%s", c->name);
			goto unmap;
		}
	}
	ret = 0;
unmap:
	file_unmap(bytes);
out:
	arena_free(a);
	return ret;
}

static void
remember(struct chain *c)
{
	c->written_number = c->number;
	memcpy(c->written_hash, c->hash, sizeof c->hash);
}

int
chain_open(struct chain **out, int dirfd, const char *name, struct err *e)
{
	struct chain *c = calloc(1, sizeof *c);

	if (!c)
		fatal("no memory");
	c->name = strdup(name);
	if (!c->name)
		fatal("no memory");
	buf_init(&c->lines, BUF_NO_LIMIT);
	buf_init(&c->scratch, BUF_NO_LIMIT);
	c->fd = openat(dirfd, name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (c->fd < 0)
		err_errno(e, "log/%s", name);
	if (c->fd < 0 || read_end(c, e) < 0) {
		chain_close(c);
		return -1;
	}
	remember(c);
	*out = c;
	return 0;
}

void
chain_close(struct chain *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->lines);
	buf_free(&c->scratch);
	free(c->name);
	free(c);
}

void
chain_add(struct chain *c, const struct chain_entry *entry)
{
	struct buf *b = &c->lines;
	size_t start = b->n;

	buf_put_int(b, ++c->number);
	buf_putc(b, '\t');
	put_time(b, clock_now());
	buf_putc(b, '\t');
	buf_put_slice(b, entry->event);
	buf_putc(b, '\t');
	buf_put_slice(b, entry->key);
	buf_putc(b, '\t');
	put_time(b, entry->received);
	buf_putc(b, '\t');
	put_text(b, entry->sha256);
	buf_putc(b, '\t');
	put_text(b, entry->path);
	buf_putc(b, '\t');
	put_text(b, entry->text);
	hash_line(c->hash, slice_from(buf_slice(b), start), &c->scratch, c->hash);
	buf_putc(b, '\t');
	buf_puts(b, c->hash);
	buf_putc(b, '\n');
}

int
chain_write(struct chain *c, struct err *e)
{
	if (c->lines.n == 0)
		return 0;
	if (file_write_all(c->fd, c->lines.p, c->lines.n, e) < 0) {
		/* What a full disk took of it is cut off here, or else by the next chain_open. */
		if (ftruncate(c->fd, c->end) < 0)
			log_error("log of %s: %s", c->name, "a torn line cannot be cut off");
		return err_prefix(e, "log/%s", c->name);
	}
	c->end += (int64_t)c->lines.n;
	remember(c);
	buf_clear(&c->lines);
	return 0;
}

int
chain_sync(struct chain *c, struct err *e)
{
	return fdatasync(c->fd) < 0 ? err_errno(e, "log/%s", c->name) : 0;
}

void
chain_forget(struct chain *c)
{
	buf_clear(&c->lines);
	c->number = c->written_number;
	memcpy(c->hash, c->written_hash, sizeof c->hash);
}

int64_t
chain_end(const struct chain *c)
{
	return c->end;
}

int64_t
chain_lines(const struct chain *c)
{
	return c->written_number;
}

/* --- reading ---------------------------------------------------------------------------------- */

int
chain_read(int dirfd, const char *name, int64_t from, chain_each *each, void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct slice bytes, rest;
	int ret = -1;

	if (file_map(dirfd, name, &bytes, e) < 0) {
		ret = errno == ENOENT ? 0 : -1;
		goto out;
	}
	rest = slice_from(bytes, (size_t)from);
	while (rest.n > 0) {
		size_t n = slice_find_char(rest, '\n');
		struct slice line = slice_sub(rest, 0, n), body, hash;
		struct chain_entry entry;

		if (n == rest.n)
			break;
		rest = slice_from(rest, n + 1);
		arena_reset(a);
		if (!take_line(a, line, &entry, &body, &hash)) {
			err_permanent(e, "log/%s has a line that is none at byte %zu", name,
				      bytes.n - rest.n - n - 1);
			goto unmap;
		}
		if (each(arg, &entry, (int64_t)(bytes.n - rest.n), e) < 0)
			goto unmap;
	}
	ret = 0;
unmap:
	file_unmap(bytes);
out:
	arena_free(a);
	return ret;
}

int64_t
chain_verify(int dirfd, const char *name, void (*found)(void *arg, const char *text), void *arg,
	     struct err *e)
{
	struct arena *a = arena_new();
	char before[CHAIN_HASH_LENGTH + 1], want[CHAIN_HASH_LENGTH + 1];
	struct slice bytes, rest, line, body, hash;
	int64_t ret = 0, number = 0;
	struct chain_entry entry;
	struct buf scratch;

	buf_init(&scratch, BUF_NO_LIMIT);
	memcpy(before, no_hash, sizeof before);
	if (file_map(dirfd, name, &bytes, e) < 0) {
		ret = errno == ENOENT ? 0 : -1;
		goto out;
	}
	rest = bytes;
	while (slice_next_line(&rest, &line)) {
		arena_reset(a);
		number++;
		if (!take_line(a, line, &entry, &body, &hash)) {
			found(arg,
			      arena_printf(a, "line %lld of the log is none", (long long)number));
			ret++;
			continue;
		}
		hash_line(before, body, &scratch, want);
		if (!slice_is(hash, want) || entry.number != number) {
			found(arg, arena_printf(a,
						"line %lld of the log does not follow the one "
						"before it",
						(long long)number));
			ret++;
		}
		memcpy(before, hash.p, CHAIN_HASH_LENGTH);
		number = entry.number;
	}
	file_unmap(bytes);
out:
	buf_free(&scratch);
	arena_free(a);
	return ret;
}
