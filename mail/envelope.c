/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * envelope: reading and writing the block of lines before a spooled message. Invariants:
 * 1. what envelope_put wrote, envelope_parse reads back alike, or envelope_put had refused it;
 * 2. no value can add a line or end the block: control characters are refused in both directions.
 */
#include "config.h"
#include "mail/envelope.h"

#include "base/num.h"

static bool
key_good(struct slice key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return key.n > 0;
}

static bool
has_control(struct slice value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
			return true;
	return false;
}

/* The number of lines before the empty one and the length of the block with it; -1 if there is no
 * empty line within ENVELOPE_MAX. */
static int
measure(struct slice bytes, size_t *lines, size_t *length)
{
	struct slice s = slice_sub(bytes, 0, ENVELOPE_MAX);
	size_t at = 0;
	*lines = 0;
	while (at < s.n) {
		if (s.p[at] == '\n') {
			*length = at + 1;
			return 0;
		}
		const char *nl = memchr(s.p + at, '\n', s.n - at);
		if (!nl)
			break;
		at = (size_t)(nl - s.p) + 1;
		(*lines)++;
	}
	return -1;
}

int
envelope_parse(struct envelope *env, struct arena *a, struct slice bytes, struct err *e)
{
	size_t lines, length, colon;
	struct slice line, rest;

	*env = (struct envelope){0};
	if (measure(bytes, &lines, &length) == -1)
		return err_permanent(e, "envelope: no empty line ends it");
	env->keys = arena_array(a, lines, sizeof(*env->keys));
	env->values = arena_array(a, lines, sizeof(*env->values));
	env->runs = arena_array(a, lines, sizeof(*env->runs));
	rest = slice_sub(bytes, 0, length - 1);
	while (slice_cut(rest, '\n', &line, &rest) || line.n) {
		colon = slice_find_char(line, ':');
		struct slice key = slice_sub(line, 0, colon), value = slice_from(line, colon + 1);
		if (colon == line.n || !key_good(key) || has_control(value))
			return err_permanent(e, "envelope: line %zu is not a line of one",
					     env->n + 1);
		if (value.n && value.p[0] == ' ')
			value = slice_from(value, 1);
		env->keys[env->n] = key;
		env->values[env->n++] = value;
	}
	for (size_t k = env->n; k-- > 0;)
		env->runs[k] = k + 1 < env->n && slice_eq(env->keys[k], env->keys[k + 1])
				   ? env->runs[k + 1] + 1
				   : 1;
	env->message = slice_from(bytes, length);
	return 0;
}

bool
envelope_nth(const struct envelope *env, const char *key, size_t i, struct slice *value)
{
	/* By runs: 20,000 recipients stand together, and callers ask for each by its number. */
	for (size_t k = 0; k < env->n; k += env->runs[k]) {
		if (!slice_is(env->keys[k], key))
			continue;
		if (i < env->runs[k]) {
			*value = env->values[k + i];
			return true;
		}
		i -= env->runs[k];
	}
	*value = SLICE("");
	return false;
}

struct slice
envelope_get(const struct envelope *env, const char *key)
{
	struct slice value;
	envelope_nth(env, key, 0, &value);
	return value;
}

bool
envelope_has(const struct envelope *env, const char *key)
{
	struct slice value;
	return envelope_nth(env, key, 0, &value);
}

int64_t
envelope_int(const struct envelope *env, const char *key, int64_t otherwise)
{
	int64_t n;
	return num_parse(envelope_get(env, key), INT64_MIN, INT64_MAX, &n) ? n : otherwise;
}

int
envelope_put(struct buf *b, const char *key, struct slice value, struct err *e)
{
	if (!key_good(slice_str(key)))
		return err_permanent(e, "envelope: a bad key");
	if (has_control(value))
		return err_permanent(e, "envelope: a control character in %s", key);
	buf_puts(b, key);
	buf_puts(b, ": ");
	buf_put_slice(b, value);
	buf_putc(b, '\n');
	return 0;
}

void
envelope_put_int(struct buf *b, const char *key, int64_t value)
{
	buf_puts(b, key);
	buf_puts(b, ": ");
	buf_put_int(b, value);
	buf_putc(b, '\n');
}

void
envelope_end(struct buf *b)
{
	buf_putc(b, '\n');
}
