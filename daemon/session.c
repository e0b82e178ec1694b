/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session. Commands are rows of one table {name, who knows it, states in which it may come,
 * do}; what comes behind DATA is data.c's. A transaction's memory is there from MAIL to its end
 * only: thousands of sessions sit idle.
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
#include "daemon/transaction.h"
#include "mail/envelope.h"

enum state {
	GREETED = 1 << 0, /* before LHLO, EHLO, HELO */
	READY = 1 << 1,   /* no transaction */
	SENDER = 1 << 2,  /* MAIL was taken */
	RCPT = 1 << 3,    /* a recipient at least */
	DATA = 1 << 4,
	WAITS = 1 << 5, /* for session_stored */
	CLOSED = 1 << 6
};
#define ANY (GREETED | READY | SENDER | RCPT)

struct session {
	struct session_site *site;
	const struct session_host *host;
	void *arg;
	struct transaction *t;
	enum session_kind kind;
	enum state state;
	enum session_result stored; /* how writing goes, in DATA */
	bool begun;                 /* the host has a file that is neither committed nor aborted */
	bool skipping;              /* an overlong line, up to its end */
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
drop_file(struct session *s)
{
	if (s->begun)
		s->host->abort(s->arg);
	s->begun = false;
}

static void
reset(struct session *s)
{
	drop_file(s);
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

static enum session_result
begin_file(struct session *s)
{
	struct transaction_how h = how(s);
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	transaction_envelope(s->t, &h, false, &b);
	s->stored = s->host->begin(s->arg, buf_slice(&b));
	s->begun = s->stored == SESSION_KEPT;
	buf_free(&b);
	return s->stored;
}

static void
commit_file(struct session *s)
{
	struct transaction_how h = how(s);
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	transaction_envelope(s->t, &h, true, &b);
	s->state = WAITS;
	s->begun = false;
	s->host->commit(s->arg, buf_slice(&b));
	buf_free(&b);
}

static const char *
storage_reply(enum session_result result)
{
	return result == SESSION_FULL ? "452 4.3.1 no space; try again later"
				      : "451 4.3.0 could not be stored; try again later";
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

/* Why the message as a whole is refused, or NULL. */
static const char *
refusal(const struct session *s)
{
	const struct transaction *t = s->t;

	if (t->size > s->site->size_max)
		return "552 5.3.4 the message is too big";
	if (t->data.bare)
		return "554 5.6.11 a CR or LF stands alone; lines must end in CR LF";
	if (t->data.received > SESSION_RECEIVED_MAX)
		return "554 5.4.6 too many hops: this message runs in circles";
	if (transaction_count_over(t) == t->nrcpt)
		return "552 5.3.4 the message is too big for this list";
	return NULL;
}

static void
end_data(struct session *s, struct buf *out)
{
	const char *why = refusal(s);

	if (why != NULL) {
		s->site->stats.refused_messages++;
		refuse_message(s, out, why);
	} else if (s->stored != SESSION_KEPT) {
		s->site->stats.deferred++;
		refuse_message(s, out, storage_reply(s->stored));
	} else {
		commit_file(s);
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
		refuse_message(s, out, storage_reply(result));
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

static void
take_bytes(void *arg, struct slice bytes)
{
	struct session *s = arg;

	s->t->size += (int64_t)bytes.n;
	if (s->t->size > s->site->size_max || s->t->data.bare)
		drop_file(s); /* it will be refused; read on to its end */
	if (!s->begun)
		return;
	s->stored = s->host->write(s->arg, bytes);
	if (s->stored != SESSION_KEPT)
		drop_file(s);
}

static size_t
take_data(struct session *s, struct slice in, struct buf *out)
{
	size_t n = data_take(&s->t->data, in, take_bytes, s);

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
	if (!s->host->room(s->arg, size)) {
		s->site->stats.deferred++;
		reset(s);
		reply(out, storage_reply(SESSION_FULL));
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
	if (args.n > 0) {
		complain(s, out, "501 5.5.4 DATA has no parameter");
		return;
	}
	if (begin_file(s) != SESSION_KEPT) {
		s->site->stats.deferred++;
		reply(out, storage_reply(s->stored));
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
do_not(struct session *s, struct slice args, struct buf *out)
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

/* --- the table ------------------------------------------------------------------------------ */

enum { LMTP = 1 << SESSION_LMTP, SMTP = 1 << SESSION_SMTP };

struct verb {
	const char *name;
	unsigned kinds;  /* who knows it */
	unsigned states; /* when it may come */
	void (*run)(struct session *s, struct slice args, struct buf *out);
};

static const struct verb verbs[] = {
    {"MAIL", LMTP | SMTP, READY, do_mail},  {"RCPT", LMTP | SMTP, SENDER | RCPT, do_rcpt},
    {"DATA", LMTP | SMTP, RCPT, do_data},   {"LHLO", LMTP, ANY, do_hello},
    {"EHLO", SMTP, ANY, do_hello},          {"HELO", SMTP, ANY, do_helo},
    {"RSET", LMTP | SMTP, ANY, do_rset},    {"NOOP", LMTP | SMTP, ANY, do_noop},
    {"VRFY", LMTP | SMTP, ANY, do_vrfy},    {"HELP", LMTP | SMTP, ANY, do_help},
    {"QUIT", LMTP | SMTP, ANY, do_quit},    {"EXPN", LMTP | SMTP, ANY, do_not},
    {"STARTTLS", LMTP | SMTP, ANY, do_not}, {"AUTH", LMTP | SMTP, ANY, do_not},
    {"BDAT", LMTP | SMTP, ANY, do_not},     {"ETRN", LMTP | SMTP, ANY, do_not},
    {"TURN", LMTP | SMTP, ANY, do_not},     {"GET", LMTP | SMTP, ANY, do_web},
    {"POST", LMTP | SMTP, ANY, do_web},     {"CONNECT", LMTP | SMTP, ANY, do_web},
};

static const struct verb *
find_verb(const struct session *s, struct slice word)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (slice_is_ci(word, verbs[i].name) && (verbs[i].kinds & 1u << s->kind))
			return &verbs[i];
	return NULL;
}

static const char *
out_of_sequence(const struct session *s)
{
	switch (s->state) {
	case GREETED:
		return s->kind == SESSION_LMTP ? "503 5.5.1 say LHLO first"
					       : "503 5.5.1 say EHLO first";
	case READY:
		return "503 5.5.1 say MAIL first";
	case SENDER:
		return "503 5.5.1 no recipient was accepted";
	default:
		return "503 5.5.1 there is a transaction already; say RSET first";
	}
}

static void
take_command(struct session *s, struct slice line, struct buf *out)
{
	const struct verb *verb;
	struct slice word, args;

	for (size_t i = 0; i < line.n; i++) {
		if ((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') {
			complain(s, out, "500 5.5.2 a control character in a command");
			return;
		}
	}
	slice_cut(slice_trim(line), ' ', &word, &args);
	verb = find_verb(s, word);
	if (!verb)
		complain(s, out,
			 s->kind == SESSION_LMTP
			     ? "500 5.5.1 unknown command (this is LMTP: LHLO, no EHLO)"
			     : "500 5.5.1 unknown command (this is SMTP: EHLO, no LHLO)");
	else if (!(verb->states & s->state))
		complain(s, out, out_of_sequence(s));
	else
		verb->run(s, slice_trim(args), out);
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
	s->host = host;
	s->arg = arg;
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
	drop_file(s);
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
