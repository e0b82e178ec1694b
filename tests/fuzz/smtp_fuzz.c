/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A relay that says anything: the first byte chooses TLS and how much of our output it takes at a
 * time, the rest is what it says, in pieces that end at 0xff bytes. Whatever it says, each
 * recipient gets exactly one result, and each job ends once.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/reply.h"
#include "daemon/smtp.h"

#define JOBS 5
#define RCPTS 3
#define CONNECTIONS 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	int results[JOBS][RCPTS], done[JOBS];
	struct smtp_job job[JOBS];
	struct smtp_rcpt rcpt[JOBS][RCPTS];
};

static void
on_result(void *arg, struct smtp_job *job, struct smtp_rcpt *r, enum smtp_what what,
	  enum smtp_about about, struct slice text)
{
	struct outcome *o = arg;
	size_t i = (size_t)(job - o->job), k = (size_t)(r - o->rcpt[i]);
	(void)what;
	(void)about;
	if (text.n > sizeof(((struct err *)0)->text)) /* ours or a reply, both bounded */
		abort();
	o->results[i][k]++;
}

static void
on_done(void *arg, struct smtp_job *job)
{
	struct outcome *o = arg;
	o->done[job - o->job]++;
}

/* Takes some of what it wants to say. */
static void
take_output(struct smtp *s, size_t most)
{
	struct iovec iov[PARTS_MAX];
	int n = smtp_output(s, iov);
	size_t all = 0;
	for (int i = 0; i < n; i++) {
		/* Every byte must be there. */
		for (size_t k = 0; k < iov[i].iov_len; k++)
			all += ((const char *)iov[i].iov_base)[k] != '\0' || 1;
	}
	if (all > 0)
		smtp_wrote(s, most && all > most ? most : all);
}

static void
check(const struct outcome *o)
{
	for (int i = 0; i < JOBS; i++) {
		if (o->done[i] != 1)
			abort();
		for (size_t k = 0; k < o->job[i].nrcpt; k++)
			if (o->results[i][k] != 1)
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const addresses[] = {"a@x", "b\xc3\xa4@x", "c\r\nRSET@x"};
	struct smtp_mail mail = {.head = SLICE("H: h\r\n\r\n"), .body = SLICE("b\r\n")};
	struct outcome o = {.done = {0}};
	const struct smtp_calls calls = {&o, on_result, on_done};
	struct err e;
	if (size == 0)
		return 0;
	bool tls = data[0] & 1;
	size_t most = (size_t)(data[0] >> 1 & 63);
	struct slice rest = slice_make((const char *)data + 1, size - 1), piece;
	struct smtp *s = smtp_new("us.example", &calls);
	for (int i = 0; i < JOBS; i++) {
		o.job[i] = (struct smtp_job){
		    .mail = &mail, .rcpt = o.rcpt[i], .nrcpt = (size_t)i % RCPTS + 1};
		for (size_t k = 0; k < o.job[i].nrcpt; k++)
			o.rcpt[i][k].address = slice_str(addresses[k]);
		smtp_submit(s, &o.job[i]);
	}
	smtp_open(s, tls);
	for (int opened = 1; rest.n > 0 && opened < CONNECTIONS;) {
		slice_cut(rest, (char)0xff, &piece, &rest);
		take_output(s, most);
		if (smtp_state(s) == SMTP_HANDSHAKE) {
			smtp_secured(s);
		} else if (smtp_take(s, piece, &e) < 0) {
			smtp_lost(s, e.text);
			smtp_open(s, tls);
			opened++;
		}
		(void)smtp_patience(s);
	}
	smtp_lost(s, "the end");
	smtp_fail_all(s, SMTP_TEMPORARY, "the end");
	check(&o);
	smtp_free(s);
	return 0;
}
