/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large parts taken out of hostile mails: what is left has the same parts in the same places, the
 * other bytes in their order, and nothing large any more that may go.
 */
#include "config.h"

#include <stdint.h>

#include "base/log.h"
#include "daemon/lighten.h"
#include "mail/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OVER 8

static void
must(bool good, const char *what)
{
	if (!good)
		fatal("not so: %s", what);
}

static bool
lies_in(struct slice part, struct slice whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static void
check_pieces(const struct message *m, const struct lightened *l)
{
	const char *at = m->bytes.p;
	for (size_t i = 0; i < l->n; i++) {
		if (!lies_in(l->piece[i], m->bytes))
			continue;
		must(l->piece[i].p >= at, "the author's bytes stand in their order");
		at = l->piece[i].p + l->piece[i].n;
	}
}

/* The lightened message, parsed anew. */
static void
check_again(struct arena *a, const struct message *m, const struct lightened *l)
{
	static const char *const drop[] = {"Content-*", NULL}, *const none[] = {NULL};
	struct header_edit edit = {
	    .drop = l->nfields ? drop : none, .add = l->field, .nadd = l->nfields};
	struct message again;
	struct slice body;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	edit_header(&edit, m->bytes, &b, &body);
	for (size_t i = 0; i < l->n; i++)
		buf_put_slice(&b, l->piece[i]);
	message_parse(&again, a, buf_slice(&b));
	must(again.nparts == m->nparts, "it has as many parts as before");
	for (size_t i = 0; i < m->nparts; i++) {
		must(again.parts[i].parent == m->parts[i].parent, "each stands where it stood");
		must(again.parts[i].kind == m->parts[i].kind, "each is what it was");
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct message m;
	struct lightened l;
	message_parse(&m, a, slice_make((const char *)data, size));
	if (lighten(a, &m, OVER, "en", "https://lists.example.org/l/m/k/", &l)) {
		must(l.n > 0, "something is left");
		check_pieces(&m, &l);
		check_again(a, &m, &l);
	} else {
		must(l.n == 0 && l.nfields == 0, "nothing was done");
	}
	arena_free(a);
	return 0;
}
