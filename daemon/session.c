/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session. Which command a line is, and whether it may come now, is smtp_command.c's question;
 * what becomes of the bytes behind DATA is deposit.c's. A transaction's memory is there from MAIL
 * to its end only: thousands of sessions sit idle.
 *
 * It must never acknowledge by itself (invariant 1 of the header), and never read a command out of
 * a message: after DATA's end in strict CR LF the next byte is the next command, before it none is.
 */
#include "config.h"
#include "daemon/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/admit.h"
#include "daemon/deposit.h"
#include "daemon/smtp_command.h"
#include "daemon/transaction.h"

enum state {
	GREETED = SMTP_COMMAND_AT_GREETING,
	READY = SMTP_COMMAND_AT_READY,
	SENDER = SMTP_COMMAND_AT_SENDER,
	RCPT = SMTP_COMMAND_AT_RCPT,
	DATA = SMTP_COMMAND_AT_NONE,
	WAITS = SMTP_COMMAND_AT_NONE << 1, /* for session_stored */
	CLOSED = SMTP_COMMAND_AT_NONE << 2
};

struct session {
	struct session_site *site;
	struct transaction *t;
	struct deposit deposit; /* the message, in DATA */
	enum session_kind kind;
	enum state state;
	bool skipping; /* an overlong line, up to its end */
	bool stopping;
	int errors, refused, messages;
	char peer[56];
};

/* --- replies and ends ----------------------------------------------------------------------- */

static void
reply(struct buf *out, const char *line)
{
	buf_puts(out, line);
	buf_puts(out, "\r\n");
}

static void
reset(struct session *s)
{
	deposit_drop(&s->deposit);
	transaction_free(s->t);
	s->t = NULL;
	s->state = READY;
}

/* code: "4.3.2" the server's doing, "4.4.2" a timeout, "4.7.0" the client's. */
static void
hang_up(struct session *s, struct buf *out, const char *code, const char *why)
{
	buf_printf(out, "421 %s %s %s\r\n", code, s->site->conf->domain, why);
	reset(s);
	s->state = CLOSED;
}

/* A reply that says what the client did wrong; too many end the session. */
static void
complain(struct session *s, struct buf *out, const char *line)
{
	reply(out, line);
	if (++s->errors >= SESSION_ERRORS_MAX)
		hang_up(s, out, "4.7.0", "too many errors");
}

static void
end_transaction(struct session *s, struct buf *out)
{
	reset(s);
	if (s->stopping)
		hang_up(s, out, "4.3.2", "closing down");
	else if (s->messages >= SESSION_MESSAGES_MAX)
		hang_up(s, out, "4.3.2", "enough messages in one session");
}

/* --- DATA ----------------------------------------------------------------------------------- */

static struct transaction_how
how(const struct session *s)
{
	bool smtp = s->kind == SESSION_SMTP;

	return (struct transaction_how){smtp ? "smtp" : "lmtp", s->peer, s->site->size_max, smtp};
}

/* One reply a recipient in LMTP (RFC 2033 4.2), one in SMTP. */
static size_t
replies(const struct session *s)
{
	return s->kind == SESSION_LMTP ? s->t->nrcpt : 1;
}

static void
refuse_message(struct session *s, struct buf *out, const char *line)
{
	for (size_t i = replies(s); i-- > 0;)
		reply(out, line);
	end_transaction(s, out);
}

static void
end_data(struct session *s, struct buf *out)
{
	struct transaction_how h = how(s);
	const char *why = deposit_refusal(s->t, s->site->size_max);

	if (why != NULL) {
		s->site->stats.refused_messages++;
		refuse_message(s, out, why);
	} else if (s->deposit.stored != SESSION_KEPT) {
		s->site->stats.deferred++;
		refuse_message(s, out, deposit_reply(s->deposit.stored));
	} else {
		s->state = WAITS;
		deposit_commit(&s->deposit, s->t, &h);
	}
}

static void
count_kept(struct session *s)
{
	struct session_stats *stats = &s->site->stats;

	stats->messages++;
	stats->bytes += s->t->size;
	stats->recipients += (int64_t)(s->t->nrcpt - transaction_count_over(s->t));
	s->messages++;
	s->errors = 0;
	s->refused = 0;
}

void
session_stored(struct session *s, enum session_result result, const char *id, struct buf *out)
{
	if (s->state != WAITS)
		fatal("an answer that no session waits for");
	if (result != SESSION_KEPT) {
		s->site->stats.deferred++;
		refuse_message(s, out, deposit_reply(result));
		return;
	}
	count_kept(s);
	for (size_t i = 0; i < replies(s); i++) {
		if (s->kind == SESSION_LMTP && transaction_over(s->t, i))
			reply(out, "552 5.3.4 the message is too big for this list");
		else
			buf_printf(out, "250 2.0.0 kept as %s\r\n", id);
	}
	end_transaction(s, out);
}

static size_t
take_data(struct session *s, struct slice in, struct buf *out)
{
	size_t n = deposit_take(&s->deposit, s->t, s->site->size_max, in);

	if (s->t->data.end)
		end_data(s, out);
	else if (s->t->size / SESSION_EXCESS_MAX > s->site->size_max)
		hang_up(s, out, "4.7.0", "the message is far too big");
	return n;
}

/* --- verbs ---------------------------------------------------------------------------------- */

static void
do_mail(struct session *s, struct slice args, struct buf *out)
{
	int64_t size = 0;
	const char *why;

	s->t = transaction_new();
	why = admit_sender(s->site, s->t, args, &size);
	if (why) {
		s->site->stats.refused_messages++;
		reset(s);
		complain(s, out, why);
		return;
	}
	if (!s->deposit.host->room(s->deposit.arg, size)) {
		s->site->stats.deferred++;
		reset(s);
		reply(out, deposit_reply(SESSION_FULL));
		return;
	}
	s->state = SENDER;
	reply(out, "250 2.1.0 ok");
}

static void
do_rcpt(struct session *s, struct slice args, struct buf *out)
{
	bool unknown = false;
	const char *why = admit_recipient(s->site, s->t, args, &unknown);

	if (!why) {
		s->state = RCPT;
		reply(out, "250 2.1.5 ok");
	} else if (why[0] == '4') {
		reply(out, why); /* one too many for now: RFC 5321 4.5.3.1.10 */
	} else if (!unknown) {
		complain(s, out, why);
	} else {
		/* No error of the client's: a relay is in its right to ask. A harvest ends here. */
		s->site->stats.refused_rcpt++;
		reply(out, why);
		if (++s->refused >= SESSION_REFUSED_MAX)
			hang_up(s, out, "4.7.0", "too many recipients that do not exist");
	}
}

static void
do_data(struct session *s, struct slice args, struct buf *out)
{
	struct transaction_how h = how(s);

	if (args.n > 0) {
		complain(s, out, "501 5.5.4 DATA has no parameter");
		return;
	}
	if (deposit_begin(&s->deposit, s->t, &h) != SESSION_KEPT) {
		s->site->stats.deferred++;
		reply(out, deposit_reply(s->deposit.stored));
		end_transaction(s, out);
		return;
	}
	s->state = DATA;
	reply(out, "354 send the message; end with a dot on a line of its own");
}

static void
do_hello(struct session *s, struct slice args, struct buf *out)
{
	if (args.n == 0) {
		complain(s, out, "501 5.5.4 say your name too");
		return;
	}
	reset(s);
	buf_printf(out,
		   "250-%s\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n"
		   "250-SMTPUTF8\r\n250 SIZE %lld\r\n",
		   s->site->conf->domain, (long long)s->site->size_max);
}

static void
do_helo(struct session *s, struct slice args, struct buf *out)
{
	if (args.n == 0) {
		complain(s, out, "501 5.5.4 say your name too");
		return;
	}
	reset(s);
	buf_printf(out, "250 %s\r\n", s->site->conf->domain);
}

static void
do_rset(struct session *s, struct slice args, struct buf *out)
{
	(void)args;
	if (s->state != GREETED)
		reset(s);
	reply(out, "250 2.0.0 ok");
}

static void
do_noop(struct session *s, struct slice args, struct buf *out)
{
	(void)s;
	(void)args;
	reply(out, "250 2.0.0 ok");
}

static void
do_vrfy(struct session *s, struct slice args, struct buf *out)
{
	if (args.n == 0)
		complain(s, out, "501 5.5.4 VRFY what?");
	else /* RFC 5321 3.5.3: no answer tells who exists */
		reply(out, "252 2.1.5 send the mail and see");
}

static void
do_help(struct session *s, struct slice args, struct buf *out)
{
	(void)args;
	buf_printf(out, "214 2.0.0 Plenary, the mailing lists of %s; see RFC %s\r\n",
		   s->site->conf->domain, s->kind == SESSION_LMTP ? "2033" : "5321");
}

static void
do_quit(struct session *s, struct slice args, struct buf *out)
{
	(void)args;
	buf_printf(out, "221 2.0.0 %s goodbye\r\n", s->site->conf->domain);
	reset(s);
	s->state = CLOSED;
}

static void
do_other(struct session *s, struct slice args, struct buf *out)
{
	(void)args;
	complain(s, out, "502 5.5.1 this server does not do that");
}

static void
do_web(struct session *s, struct slice args, struct buf *out)
{
	(void)args;
	/* A browser that was made to talk to this port: read no further. */
	hang_up(s, out, "4.7.0", "this is no web server");
}

/* --- lines ---------------------------------------------------------------------------------- */

static void (*const run[SMTP_COMMANDS])(struct session *s, struct slice args, struct buf *out) = {
    [SMTP_COMMAND_MAIL] = do_mail,   [SMTP_COMMAND_RCPT] = do_rcpt,   [SMTP_COMMAND_DATA] = do_data,
    [SMTP_COMMAND_HELLO] = do_hello, [SMTP_COMMAND_HELO] = do_helo,   [SMTP_COMMAND_RSET] = do_rset,
    [SMTP_COMMAND_NOOP] = do_noop,   [SMTP_COMMAND_VRFY] = do_vrfy,   [SMTP_COMMAND_HELP] = do_help,
    [SMTP_COMMAND_QUIT] = do_quit,   [SMTP_COMMAND_OTHER] = do_other, [SMTP_COMMAND_WEB] = do_web,
};

static void
take_command(struct session *s, struct slice line, struct buf *out)
{
	enum smtp_command command;
	struct slice args;
	const char *why = smtp_command_parse(line, s->kind, s->state, &command, &args);

	if (why)
		complain(s, out, why);
	else
		run[command](s, args, out);
}

/* Takes one line; 0 if it is not all there. */
static size_t
take_line(struct session *s, struct slice in, struct buf *out)
{
	const char *lf = memchr(in.p, '\n', in.n);
	size_t n = lf ? (size_t)(lf - in.p) + 1 : in.n;
	struct slice line = slice_sub(in, 0, lf ? n - 1 : n);
	bool cr = line.n > 0 && line.p[line.n - 1] == '\r';

	if (cr)
		line.n--;
	if (s->skipping || line.n > SESSION_LINE_MAX) {
		if (!s->skipping)
			complain(s, out, "500 5.5.6 the line is too long");
		s->skipping = !lf;
		return n;
	}
	if (!lf)
		return 0;
	/* RFC 5321 2.3.8: and whoever sends a bare LF here may do so in a message. */
	if (!cr)
		complain(s, out, "500 5.5.2 lines must end in CR LF");
	else
		take_command(s, line, out);
	return n;
}

/* --- the session ---------------------------------------------------------------------------- */

void
session_site_init(struct session_site *site, const struct conf *conf, const struct token_keys *keys)
{
	*site = (struct session_site){conf, keys, conf->max_message_size, {0}};
	for (size_t i = 0; i < conf->nlists; i++)
		if (conf->lists[i].max_message_size > site->size_max)
			site->size_max = conf->lists[i].max_message_size;
}

struct session *
session_new(enum session_kind kind, struct session_site *site, const char *peer,
	    const struct session_host *host, void *arg, struct buf *out)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		fatal("no memory for a session");
	s->site = site;
	s->deposit = (struct deposit){.host = host, .arg = arg};
	s->kind = kind;
	s->state = GREETED;
	snprintf(s->peer, sizeof s->peer, "%s", peer);
	buf_printf(out, "220 %s %s Plenary\r\n", site->conf->domain,
		   kind == SESSION_LMTP ? "LMTP" : "ESMTP");
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	deposit_drop(&s->deposit);
	transaction_free(s->t);
	free(s);
}

size_t
session_take(struct session *s, struct slice in, struct buf *out)
{
	size_t at = 0, n;

	while (at < in.n && !(s->state & (WAITS | CLOSED))) {
		struct slice rest = slice_from(in, at);

		n = s->state == DATA ? take_data(s, rest, out) : take_line(s, rest, out);
		if (n == 0)
			return at;
		at += n;
	}
	return s->state == CLOSED ? in.n : at;
}

void
session_stop(struct session *s, struct buf *out)
{
	s->stopping = true;
	if (!(s->state & (DATA | WAITS | CLOSED)))
		hang_up(s, out, "4.3.2", "closing down");
}

void
session_timeout(struct session *s, struct buf *out)
{
	if (!(s->state & (WAITS | CLOSED)))
		hang_up(s, out, "4.4.2", "nothing came for too long");
}

bool
session_waits(const struct session *s)
{
	return s->state == WAITS;
}

bool
session_closed(const struct session *s)
{
	return s->state == CLOSED;
}

bool
session_in_data(const struct session *s)
{
	return s->state == DATA;
}
