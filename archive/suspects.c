/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/suspects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/hand.h"
#include "base/log.h"
#include "base/num.h"
#include "base/slice.h"

#define HAND_SIZE 256       /* "STEP LIST KEY": a list's name has 64 letters at most */
#define TABLE_MAX (1 << 20) /* of archive/suspects; its lines are few */

struct suspect {
	enum suspects_step step;
	char list[65], key[33];
	int deaths;
};

struct suspects {
	int dirfd;
	volatile char *hand; /* HAND_SIZE bytes; the first one says whether the rest holds */
	struct suspect *v;
	size_t n, room;
	struct suspect held;
};

static const char *const names[SUSPECTS_STEPS] = {"read", "pages", "index"};

const char *
suspects_name(enum suspects_step step)
{
	return names[step];
}

/* --- the table -------------------------------------------------------------------------------- */

static bool
same(const struct suspect *a, enum suspects_step step, const char *list, const char *key)
{
	return a->step == step && strcmp(a->key, key) == 0 && strcmp(a->list, list) == 0;
}

static struct suspect *
find(const struct suspects *s, enum suspects_step step, const char *list, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (same(&s->v[i], step, list, key))
			return &s->v[i];
	return NULL;
}

static bool
copy(char *to, size_t size, struct slice from)
{
	if (from.n == 0 || from.n >= size)
		return false;
	memcpy(to, from.p, from.n);
	to[from.n] = '\0';
	return true;
}

/* "STEP LIST KEY", and behind it deaths if they are wanted. */
static bool
parse(struct slice line, struct suspect *out, bool deaths)
{
	struct slice step, list, key, number;
	int64_t n = 0;

	*out = (struct suspect){.step = SUSPECTS_STEPS};
	if (!slice_next_word(&line, &step) || !slice_next_word(&line, &list) ||
	    !slice_next_word(&line, &key) || !copy(out->list, sizeof out->list, list) ||
	    !copy(out->key, sizeof out->key, key))
		return false;
	if (deaths && (!slice_next_word(&line, &number) || !num_parse(number, 1, 1000, &n)))
		return false;
	out->deaths = (int)n;
	for (size_t i = 0; i < SUSPECTS_STEPS; i++)
		if (slice_is(step, names[i]))
			out->step = (enum suspects_step)i;
	return out->step != SUSPECTS_STEPS;
}

static void
add(struct suspects *s, const struct suspect *x)
{
	s->v = hand_grow(s->v, s->n, &s->room, sizeof *s->v);
	s->v[s->n++] = *x;
}

static int
load(struct suspects *s, struct err *e)
{
	struct arena *a;
	struct slice text, line;
	struct suspect x;
	int ret;

	s->n = 0;
	if (faccessat(s->dirfd, "suspects", F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	a = arena_new();
	ret = file_read(s->dirfd, "suspects", TABLE_MAX, a, &text, e);
	while (ret == 0 && slice_next_line(&text, &line))
		if (parse(line, &x, true))
			add(s, &x);
	arena_free(a);
	return ret;
}

/* A count that is lost costs one more death. */
static void
save(struct suspects *s)
{
	struct slice text;
	struct buf b;
	struct err e;

	buf_init(&b, TABLE_MAX);
	for (size_t i = 0; i < s->n; i++)
		buf_printf(&b, "%s %s %s %d\n", names[s->v[i].step], s->v[i].list, s->v[i].key,
			   s->v[i].deaths);
	text = buf_slice(&b);
	if (s->n == 0 ? unlinkat(s->dirfd, "suspects", 0) < 0 && errno != ENOENT
		      : file_put(s->dirfd, "suspects", &text, 1, 0600, &e) < 0)
		log_error("archive/suspects cannot be written");
	buf_free(&b);
}

static void
take_out(struct suspects *s, const struct suspect *x)
{
	size_t at = (size_t)(x - s->v);

	memmove(&s->v[at], &s->v[at + 1], (s->n - at - 1) * sizeof *s->v);
	s->n--;
	save(s);
}

/* --- opening ---------------------------------------------------------------------------------- */

int
suspects_open(struct suspects **out, int archive_dirfd, struct err *e)
{
	struct suspects *s = calloc(1, sizeof *s);
	int fd = openat(archive_dirfd, "hand", O_RDWR | O_CREAT | O_CLOEXEC, 0600), ret = -1;
	void *map = MAP_FAILED;

	if (!s)
		fatal("no memory");
	s->dirfd = archive_dirfd;
	if (fd >= 0 && ftruncate(fd, HAND_SIZE) == 0)
		map = mmap(NULL, HAND_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		err_errno(e, "archive/hand");
		goto out;
	}
	s->hand = map;
	*out = s;
	s = NULL;
	ret = 0;
out:
	if (fd >= 0)
		close(fd);
	free(s);
	return ret;
}

void
suspects_close(struct suspects *s)
{
	if (!s)
		return;
	munmap((void *)(uintptr_t)s->hand, HAND_SIZE);
	free(s->v);
	free(s);
}

/* --- holding ---------------------------------------------------------------------------------- */

/* A signal may end us between any two stores: what is said holds before it is said to hold. */
void
suspects_hold(struct suspects *s, enum suspects_step step, const char *list, const char *key)
{
	char line[HAND_SIZE] = "";
	int n;

	if (!s || suspects_condemned(s, step, list, key))
		return;
	n = snprintf(line, sizeof line - 1, "%s %s %s\n", names[step], list, key);
	for (int i = 0; i <= n && i < HAND_SIZE - 1; i++)
		s->hand[i + 1] = line[i];
	s->hand[0] = '!';
	s->held = (struct suspect){.step = step};
	snprintf(s->held.list, sizeof s->held.list, "%s", list);
	snprintf(s->held.key, sizeof s->held.key, "%s", key);
	crash_on(names[step], key);
}

void
suspects_drop(struct suspects *s)
{
	struct suspect *x;

	if (!s)
		return;
	s->hand[0] = '\0';
	x = s->n > 0 ? find(s, s->held.step, s->held.list, s->held.key) : NULL;
	s->held.key[0] = '\0';
	if (x && x->deaths < SUSPECTS_DEATHS && strcmp(x->key, "*") != 0)
		take_out(s, x);
}

bool
suspects_condemned(const struct suspects *s, enum suspects_step step, const char *list,
		   const char *key)
{
	const struct suspect *x = s && s->n > 0 ? find(s, step, list, key) : NULL;

	return x && x->deaths >= SUSPECTS_DEATHS;
}

bool
suspects_careful(const struct suspects *s, enum suspects_step step)
{
	return s && find(s, step, "*", "*") != NULL;
}

void
suspects_clear(struct suspects *s, enum suspects_step step)
{
	struct suspect *x = s ? find(s, step, "*", "*") : NULL;

	if (x)
		take_out(s, x);
}

void
suspects_forget(struct suspects *s, const char *list)
{
	size_t kept = 0;

	if (!s || s->n == 0)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (list && strcmp(s->v[i].list, list) != 0)
			s->v[kept++] = s->v[i];
	s->n = kept;
	save(s);
}

int
suspects_look(struct suspects *s,
	      void (*condemned)(void *arg, enum suspects_step step, const char *list,
				const char *key),
	      void *arg, struct err *e)
{
	char line[HAND_SIZE];
	struct suspect x, *old;

	if (load(s, e) < 0)
		return -1;
	if (s->hand[0] != '!')
		return 0;
	for (size_t i = 0; i < sizeof line - 1; i++)
		line[i] = s->hand[i + 1];
	line[sizeof line - 1] = '\0';
	if (!parse(slice_str(line), &x, false)) {
		s->hand[0] = '\0';
		return 0;
	}
	old = find(s, x.step, x.list, x.key);
	if (!old) {
		add(s, &x);
		old = &s->v[s->n - 1];
	}
	if (old->deaths < SUSPECTS_DEATHS)
		old->deaths++;
	log_warning("somebody died over message %s of %s (%s), %d times by now", x.key, x.list,
		    names[x.step], old->deaths);
	if (old->deaths == SUSPECTS_DEATHS && strcmp(x.key, "*") != 0)
		condemned(arg, x.step, x.list, x.key);
	save(s);
	s->hand[0] = '\0';
	return 0;
}
