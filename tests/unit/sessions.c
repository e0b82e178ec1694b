/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sessions: a session's world in memory, for its tests and its fuzzer. */
#include "config.h"
#include "tests/unit/sessions.h"

#include <string.h>

#include "base/log.h"

#define DIGITS 13

static const char *const ombud[] = {"ombud@example.org"};

static const struct conf_list lists[] = {
    {.name = "dc", .max_message_size = SITE_SIZE_MAX, .appeals = {(const char **)ombud, 1}},
    {.name = "dc-news", .max_message_size = SITE_SIZE_MAX},
    {.name = "large", .max_message_size = LARGE_SIZE_MAX},
    {.name = "small", .max_message_size = SMALL_SIZE_MAX},
};

const struct conf sessions_conf = {
    .domain = "lists.example.org",
    .max_message_size = SITE_SIZE_MAX,
    .delimiter = '+',
    .lists = lists,
    .nlists = sizeof lists / sizeof *lists,
};

static bool
room(void *arg, int64_t size)
{
	struct sessions *t = arg;

	(void)size;
	return !t->full;
}

static enum session_result
begin(void *arg, struct slice envelope)
{
	struct sessions *t = arg;

	if (t->open)
		fatal("a second file was begun");
	if (t->begin != SESSION_KEPT)
		return t->begin;
	t->begun++;
	t->open = true;
	t->envelope_n = envelope.n;
	buf_clear(&t->file);
	buf_put_slice(&t->file, envelope);
	return SESSION_KEPT;
}

static enum session_result
put(void *arg, struct slice bytes)
{
	struct sessions *t = arg;

	if (!t->open)
		fatal("written without a file");
	buf_put_slice(&t->file, bytes);
	return t->write_fails_at && t->file.n - t->envelope_n > t->write_fails_at ? t->write
										  : SESSION_KEPT;
}

static void
commit(void *arg, struct slice envelope)
{
	struct sessions *t = arg;

	if (!t->open || envelope.n != t->envelope_n)
		fatal("an envelope of %zu bytes for one of %zu", envelope.n, t->envelope_n);
	memcpy(t->file.p, envelope.p, envelope.n);
	t->open = false;
	t->committed = true;
}

static void
drop(void *arg)
{
	struct sessions *t = arg;

	if (!t->open)
		fatal("aborted without a file");
	t->open = false;
	t->aborted++;
}

static const struct session_host host = {room, begin, put, commit, drop};

void
sessions_begin(struct sessions *t, enum session_kind kind, const struct token_keys *keys)
{
	*t = (struct sessions){.begin = SESSION_KEPT, .commit = SESSION_KEPT};
	buf_init(&t->out, BUF_NO_LIMIT);
	buf_init(&t->kept, BUF_NO_LIMIT);
	buf_init(&t->file, BUF_NO_LIMIT);
	buf_init(&t->rest, BUF_NO_LIMIT);
	session_site_init(&t->site, &sessions_conf, keys);
	t->session = session_new(kind, &t->site, "192.0.2.1", &host, t, &t->out);
}

/* What was kept has CR LF and neither of them alone (RFC 5321 2.3.8). */
static void
check_lines(struct slice message)
{
	for (size_t i = 0; i < message.n; i++) {
		bool cr = i > 0 && message.p[i - 1] == '\r';

		if (cr != (message.p[i] == '\n'))
			fatal("a bare CR or LF was kept");
	}
}

/* Time is the one thing that differs from run to run; the padding says nothing. */
static void
keep(struct sessions *t)
{
	struct slice file = buf_slice(&t->file), pad;
	size_t time = slice_find(file, SLICE("\nreceived: ")) + 11;
	size_t at = slice_find(file, SLICE("\npad: ")) + 1;

	if (time + DIGITS >= t->envelope_n)
		fatal("an envelope without its time");
	check_lines(slice_from(file, t->envelope_n));
	memset(t->file.p + time, '0', DIGITS);
	if (at < t->envelope_n) {
		struct slice rest = slice_from(file, at);

		slice_next_line(&rest, &pad);
		buf_put_slice(&t->kept, slice_sub(file, 0, at));
		buf_put_slice(&t->kept, rest);
	} else {
		buf_put_slice(&t->kept, file);
	}
	t->nkept++;
}

void
sessions_feed(struct sessions *t, struct slice in)
{
	size_t n;

	buf_put_slice(&t->rest, in);
	do {
		n = session_take(t->session, buf_slice(&t->rest), &t->out);
		buf_drop(&t->rest, n);
		if (t->committed) {
			t->committed = false;
			if (t->commit == SESSION_KEPT)
				keep(t);
			session_stored(t->session, t->commit, "ID", &t->out);
			n = 1; /* there may be more to take now */
		}
	} while (n > 0 && t->rest.n > 0);
}

void
sessions_end(struct sessions *t)
{
	session_free(t->session);
	t->session = NULL;
	if (t->open)
		fatal("a file was left open");
}

void
sessions_free(struct sessions *t)
{
	buf_free(&t->out);
	buf_free(&t->kept);
	buf_free(&t->file);
	buf_free(&t->rest);
}
