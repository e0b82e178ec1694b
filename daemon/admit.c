/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Letting in. The order of the questions is the one in which a person would want the answers: is it
 * well said, is it ours, does it exist, is there room for one more.
 */
#include "config.h"
#include "daemon/admit.h"

#include "base/num.h"
#include "daemon/path.h"
#include "daemon/route.h"

/* --- MAIL ----------------------------------------------------------------------------------- */

struct mail_args {
	const struct session_site *site;
	struct transaction *t;
	int64_t size;
};

/* RFC 1870 section 4. */
static const char *
param_size(struct mail_args *m, struct slice value)
{
	if (value.n == 0 || value.n > 20 || !num_parse(value, 0, INT64_MAX, &m->size))
		return "501 5.5.4 SIZE needs a number";
	return m->size > m->site->size_max ? "552 5.3.4 the message is too big" : NULL;
}

/* RFC 6152 section 2. */
static const char *
param_body(struct mail_args *m, struct slice value)
{
	m->t->eight_bit = slice_is_ci(value, "8BITMIME");
	return m->t->eight_bit || slice_is_ci(value, "7BIT") ? NULL
							     : "501 5.5.4 BODY is 7BIT or 8BITMIME";
}

/* RFC 6531 section 3.4. */
static const char *
param_utf8(struct mail_args *m, struct slice value)
{
	m->t->utf8 = true;
	return value.n == 0 ? NULL : "501 5.5.4 SMTPUTF8 has no value";
}

static const struct {
	const char *name;
	const char *(*take)(struct mail_args *m, struct slice value);
} params[] = {{"SIZE", param_size}, {"BODY", param_body}, {"SMTPUTF8", param_utf8}};
#define NPARAMS (sizeof params / sizeof *params)

static const char *
take_params(struct mail_args *m, struct slice words)
{
	struct slice keyword, value;
	const char *why = NULL;

	while (!why && path_next_param(&words, &keyword, &value)) {
		size_t i;

		for (i = 0; i < NPARAMS && !slice_is_ci(keyword, params[i].name); i++)
			;
		why = i < NPARAMS ? params[i].take(m, value) : "555 5.5.4 unknown parameter";
	}
	return why;
}

const char *
admit_sender(const struct session_site *site, struct transaction *t, struct slice args,
	     int64_t *size)
{
	struct mail_args m = {site, t, 0};
	struct slice path;
	const char *why;

	if (!path_take(&args, "FROM:", &path))
		return "501 5.5.4 say MAIL FROM:<address>";
	/* First, because SMTPUTF8 says how the address is to be read. */
	why = take_params(&m, args);
	if (why)
		return why;
	*size = m.size;
	switch (path_address(path, t->utf8, &t->text)) {
	case PATH_GOOD:
		t->sender_n = t->text.n;
		return NULL;
	case PATH_UTF8:
		return "553 5.6.7 an address that is not ASCII needs SMTPUTF8";
	default:
		return "501 5.1.7 no good sender address";
	}
}

/* --- RCPT ----------------------------------------------------------------------------------- */

/* Does it exist, and what may it get? */
static const char *
judge(const struct session_site *site, struct slice address, int64_t *size_max)
{
	struct route r;
	uint64_t payload;

	route_classify(site->conf, address, &r);
	*size_max = site->conf->max_message_size;
	switch (r.function) {
	case ROUTE_NONE:
		return "550 5.1.1 there is no such address here";
	case ROUTE_ELSEWHERE:
		return "550 5.7.1 relaying denied: another domain's address";
	case ROUTE_APPEAL:
		return r.list->appeals.n > 0
			   ? NULL
			   : "550 5.7.1 this list has no appeal body; write to its owner";
	case ROUTE_POST:
		*size_max = r.list->max_message_size;
		return NULL;
	default:
		return route_verify(&r, site->keys, &payload)
			   ? NULL
			   : "550 5.1.1 this address was never given out by this site, or was "
			     "changed on its way; ask for a new one";
	}
}

const char *
admit_recipient(const struct session_site *site, struct transaction *t, struct slice args,
		bool *unknown)
{
	size_t at = t->text.n;
	struct slice path;
	const char *why = NULL;
	int64_t size_max;

	*unknown = false;
	if (!path_take(&args, "TO:", &path))
		return "501 5.5.4 say RCPT TO:<address>";
	if (slice_trim(args).n > 0)
		return "555 5.5.4 unknown parameter";
	switch (path_address(path, t->utf8, &t->text)) {
	case PATH_GOOD:
		why = t->text.n > at ? NULL : "501 5.1.3 no recipient";
		break;
	case PATH_UTF8:
		why = "553 5.6.7 an address that is not ASCII needs SMTPUTF8";
		break;
	default:
		why = "501 5.1.3 no good recipient address";
	}
	if (!why) {
		*unknown = true;
		why = judge(site, slice_from(buf_slice(&t->text), at), &size_max);
	}
	if (!why && t->nrcpt >= SESSION_RECIPIENTS_MAX)
		why = "452 4.5.3 too many recipients; send the others in another transaction";
	if (why)
		buf_cut(&t->text, at);
	else
		transaction_add(t, at, size_max);
	return why;
}
