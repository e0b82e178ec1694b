/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_verify: is everything that the log says still so? Three questions: does each line follow
 * from the one before it; is each message that was put in there, with the bytes it had, or else
 * taken out by a line; is there no file that no line tells of.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/store.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"

/* A path that the log names, by the hash of its name: 16 bytes a message. */
struct known {
	uint8_t sha[16];
};

struct verify {
	struct store *st;
	const char *list;
	struct arena *arena; /* for one line */
	void (*found)(void *arg, const char *text);
	void *arg;
	int64_t findings;
	struct known *taken; /* keys with a line that takes them out */
	struct known *paths;
	size_t ntaken, npaths, captaken, cappaths;
};

static void __attribute__((format(printf, 2, 3))) say(struct verify *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	v->found(v->arg, arena_vprintf(v->arena, fmt, ap));
	va_end(ap);
	v->findings++;
}

static struct known
known_of(struct slice s)
{
	uint8_t sha[SHA256_SIZE];
	struct known k;

	hash_sha256(s, sha);
	memcpy(k.sha, sha, sizeof k.sha);
	return k;
}

static void
learn(struct known **v, size_t *n, size_t *cap, struct slice s)
{
	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 1024;
		*v = reallocarray(*v, *cap, sizeof **v);
		if (!*v)
			fatal("no memory");
	}
	(*v)[(*n)++] = known_of(s);
}

static int
by_sha(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct known));
}

static bool
knows(const struct known *v, size_t n, struct slice s)
{
	struct known k = known_of(s);

	return n > 0 && bsearch(&k, v, n, sizeof k, by_sha) != NULL;
}

static int
learn_line(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	struct verify *v = arg;

	(void)end;
	(void)e;
	if (slice_is(entry->event, "add"))
		learn(&v->paths, &v->npaths, &v->cappaths, entry->path);
	else if (!slice_is(entry->event, STORE_CONDUCT))
		learn(&v->taken, &v->ntaken, &v->captaken, entry->key);
	return 0;
}

static int
check_line(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	struct verify *v = arg;
	char hex[HEX_SIZE(SHA256_SIZE)];
	uint8_t sha[SHA256_SIZE];
	struct slice bytes;
	bool erased, taken = knows(v->taken, v->ntaken, entry->key);

	(void)end;
	if (!slice_is(entry->event, "add"))
		return 0;
	arena_reset(v->arena);
	if (store_map_logged(v->st, v->list, entry->key, entry->path, &bytes, &erased, e) < 0) {
		if (errno != ENOENT)
			return -1;
		say(v, "%.*s: the message of line %lld is gone", SLICE_ARG(entry->path),
		    (long long)entry->number);
		return 0;
	}
	hash_sha256(bytes, sha);
	hash_hex(sha, sizeof sha, hex);
	if (erased ? !taken : !slice_is(entry->sha256, hex))
		say(v, "%.*s: the message is not the one of line %lld", SLICE_ARG(entry->path),
		    (long long)entry->number);
	file_unmap(bytes);
	return 0;
}

static int
each_file(void *arg, const char *path, struct err *e)
{
	struct verify *v = arg;

	(void)e;
	arena_reset(v->arena);
	if (!knows(v->paths, v->npaths, slice_str(path)))
		say(v, "%s: no line of the log tells of this file", path);
	return 0;
}

int64_t
store_verify(struct store *st, const char *list, void (*found)(void *arg, const char *text),
	     void *arg, struct err *e)
{
	struct verify v = {.st = st, .list = list, .found = found, .arg = arg};
	int64_t chain = store_verify_chain(st, list, found, arg, e), ret = -1;

	v.arena = arena_new();
	if (chain < 0 || store_walk(st, list, 0, learn_line, &v, e) < 0)
		goto out;
	if (v.npaths > 0)
		qsort(v.paths, v.npaths, sizeof *v.paths, by_sha);
	if (v.ntaken > 0)
		qsort(v.taken, v.ntaken, sizeof *v.taken, by_sha);
	if (store_walk(st, list, 0, check_line, &v, e) < 0 ||
	    store_files(st, list, each_file, &v, e) < 0)
		goto out;
	ret = chain + v.findings;
out:
	free(v.paths);
	free(v.taken);
	arena_free(v.arena);
	return ret;
}
