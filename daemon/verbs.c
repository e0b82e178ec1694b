/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs: what the verbs share, and the two that touch no table.
 */
#include "daemon/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/listdb.h"
#include "daemon/route.h"
#include "daemon/state.h"
#include "mail/header.h"

int
verb_open(struct cli *c, struct site *site)
{
	struct err e = {0};
	struct token_keys *keys = NULL;
	memset(site, 0, sizeof(*site));
	site->conf = c->conf;
	if (state_prepare(c->conf, &e) < 0 ||
	    token_keys_load(&keys, conf_path(c->conf, c->arena, "secret/token.key"), true, &e) <
		0 ||
	    listdb_open(&site->db, c->conf, DB_WRITE_FULL, &e) < 0 ||
	    spool_open(&site->spool, conf_path(c->conf, c->arena, "spool"), &e) < 0) {
		cli_fail_err(&e);
		return -1;
	}
	site->keys = keys;
	return 0;
}

void
verb_close(struct cli *c, struct site *site, bool changed)
{
	spool_close(site->spool);
	db_close(site->db);
	token_keys_free(site->keys);
	if (changed)
		state_ring(c->conf);
}

int
verb_check(struct cli *c, int argc, char **argv)
{
	int bad = cli_no_more_options(c, argc, argv);
	if (bad)
		return bad;
	conf_print_warnings(c->conf);
	printf("%s: good; %zu lists\n", c->conf->file, c->conf->nlists);
	return 0;
}

/* --- inject --------------------------------------------------------------------------------- */

#define INJECT_SLACK (64 * 1024) /* beyond max-message-size: one more byte is already too many */

static int
read_all(struct buf *b)
{
	for (;;) {
		char *p = buf_reserve(b, 65536);
		if (!p)
			return cli_fail("the message is larger than max-message-size");
		ssize_t n = read(STDIN_FILENO, p, 65536);
		if (n < 0)
			return cli_fail("the message can't be read from standard input");
		if (n == 0)
			return 0;
		b->n += (size_t)n;
	}
}

/* Recipients: the options, else To and Cc, of which those that are ours are taken. */
static size_t
inject_recipients(struct cli *c, struct slice bytes, int *argc, char **argv, struct slice *out,
		  size_t max)
{
	const char *value;
	size_t n = 0;
	while (n < max && cli_option(argc, argv, "--lmtp-rcpt", &value))
		out[n++] = slice_str(value);
	if (n > 0)
		return n;
	static const char *const fields[] = {"To", "Cc"};
	struct message m;
	message_parse(&m, c->arena, bytes);
	for (size_t f = 0; f < 2; f++) {
		struct address *as;
		size_t found = address_parse_list(c->arena, message_value(&m, fields[f]), &as);
		for (size_t i = 0; i < found && n < max; i++) {
			struct route r;
			route_classify(c->conf, as[i].text, &r);
			if (r.function != ROUTE_NONE && r.function != ROUTE_ELSEWHERE)
				out[n++] = as[i].text;
		}
	}
	return n;
}

static int
inject_refused(struct site *site, struct slice rcpt)
{
	struct route r;
	uint64_t payload;
	route_classify(site->conf, rcpt, &r);
	return r.function == ROUTE_NONE || r.function == ROUTE_ELSEWHERE ||
	       !route_verify(&r, site->keys, &payload) ||
	       (r.function == ROUTE_APPEAL && r.list->appeals.n == 0);
}

static int
inject_put(struct cli *c, struct site *site, struct slice bytes, const struct slice *rcpts,
	   size_t n)
{
	struct buf head;
	struct message m;
	struct address from;
	struct err e = {0};
	char id[ID_MAX];
	message_parse(&m, c->arena, bytes);
	struct slice sender = message_value(&m, "Return-Path");
	bool found =
	    address_parse_first(c->arena, sender.n ? sender : message_value(&m, "From"), &from);
	buf_init(&head, ENVELOPE_MAX);
	int ret = envelope_put(&head, "from", found ? from.text : slice_make(NULL, 0), &e);
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = envelope_put(&head, "rcpt", rcpts[i], &e);
	if (ret == 0)
		ret = envelope_put(&head, "via", SLICE("inject"), &e);
	envelope_put_int(&head, "received", clock_ms());
	envelope_end(&head);
	id_new(id);
	struct slice parts[] = {buf_slice(&head), bytes};
	if (ret == 0)
		ret = spool_put(site->spool, id, parts, 2, &e);
	buf_free(&head);
	return ret == 0 ? 0 : cli_fail_err(&e);
}

int
verb_inject(struct cli *c, int argc, char **argv)
{
	struct slice rcpts[1000];
	struct site site;
	struct buf b;
	int ret;
	buf_init(&b, (size_t)c->conf->max_message_size + INJECT_SLACK);
	if ((ret = read_all(&b)) != 0)
		goto out;
	size_t n = inject_recipients(c, buf_slice(&b), &argc, argv, rcpts, 1000);
	if ((ret = cli_no_more_options(c, argc, argv)) != 0)
		goto out;
	ret = 1;
	if ((int64_t)b.n > c->conf->max_message_size) {
		cli_fail("the message is larger than max-message-size");
		goto out;
	}
	if (n == 0) {
		cli_fail("nobody to hand it to: name a list's address with --lmtp-rcpt");
		goto out;
	}
	if (verb_open(c, &site) < 0)
		goto out;
	ret = 0;
	for (size_t i = 0; i < n; i++)
		if (inject_refused(&site, rcpts[i]))
			ret = cli_fail("%s is no address of this site", log_str(rcpts[i]));
	if (ret == 0)
		ret = inject_put(c, &site, buf_slice(&b), rcpts, n);
	verb_close(c, &site, ret == 0);
out:
	buf_free(&b);
	return ret;
}
