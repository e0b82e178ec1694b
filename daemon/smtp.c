/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp: see smtp.h. Two jobs at most are on the way at once: one whose final dot waits for the
 * relay's word, and one whose envelope was sent right behind it.
 */
#include "daemon/smtp.h"

#include <stdlib.h>

#include "base/log.h"
#include "daemon/reply.h"
#include "daemon/say.h"

#define EXPECT_MAX 256 /* a power of two, above the commands of two jobs */

enum kind { GREETING, EHLO, HELO, STARTTLS, MAIL, RCPT, DATA, DOT, RSET, QUIT };

/* What comes next of a job. */
enum step { STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_WAIT, STEP_CONTENT, STEP_EMPTY };

/* A command, or a greeting, that the relay owes a reply for. */
struct expect {
	enum kind kind;
	struct smtp_job *job;
	struct smtp_rcpt *rcpt;
	uint64_t end; /* where it ends in all that was ever queued */
};

struct smtp {
	struct smtp_calls calls;
	char *helo;
	enum smtp_state state;
	bool may_tls, secure, quit;
	struct say_offer offer;
	bool needs_rset;
	struct smtp_queue queue;
	struct smtp_job *writing; /* its envelope is on the way */
	struct expect expect[EXPECT_MAX];
	unsigned head, tail;
	uint64_t replies;
	struct reply reply;
	struct parts out;
};

/* --- what is written -------------------------------------------------------------------------- */

static void
put_str(struct smtp *s, const char *t)
{
	parts_text(&s->out, slice_str(t));
}

static void
put_expect(struct smtp *s, enum kind kind, struct smtp_job *job, struct smtp_rcpt *rcpt)
{
	if (s->tail - s->head == EXPECT_MAX)
		fatal("more commands than two mails have");
	s->expect[s->tail++ % EXPECT_MAX] = (struct expect){kind, job, rcpt, s->out.queued};
}

static void
put_command(struct smtp *s, enum kind kind, const char *verb, const char *arg)
{
	put_str(s, verb);
	put_str(s, arg);
	put_str(s, "\r\n");
	put_expect(s, kind, NULL, NULL);
}

int
smtp_output(const struct smtp *s, struct iovec iov[PARTS_MAX])
{
	return parts_iov(&s->out, iov);
}

void
smtp_wrote(struct smtp *s, size_t n)
{
	parts_wrote(&s->out, n);
}

/* --- results ---------------------------------------------------------------------------------- */

static void
settle(struct smtp *s, struct smtp_job *job, struct smtp_rcpt *r, enum smtp_what what,
       enum smtp_about about, struct slice text)
{
	smtp_job_settle(&s->calls, job, r, what, about, text);
}

static void
end_job(struct smtp *s, struct smtp_job *job, enum smtp_what what, enum smtp_about about,
	struct slice text)
{
	if (s->writing == job)
		s->writing = NULL;
	smtp_job_end(&s->calls, job, what, about, text);
}

/* --- an envelope ------------------------------------------------------------------------------ */

static void
put_mail(struct smtp *s, struct smtp_job *job)
{
	struct say_mail mail = smtp_job_mail(job);
	say_mail(&s->out, &s->offer, &mail);
	put_expect(s, MAIL, job, NULL);
}

/* False when there are no more recipients. */
static bool
put_rcpt(struct smtp *s, struct smtp_job *job)
{
	struct smtp_rcpt *r = smtp_job_next(job);
	if (!r)
		return false;
	say_rcpt(&s->out, r->address);
	put_expect(s, RCPT, job, r);
	return true;
}

static void
put_content(struct smtp *s, struct smtp_job *job)
{
	parts_bytes(&s->out, job->lines);
	parts_bytes(&s->out, job->mail->head);
	parts_bytes(&s->out, job->mail->body);
	put_str(s, ".\r\n");
	put_expect(s, DOT, job, NULL);
}

/* Takes the next job up: true if it has somebody to be sent to. */
static bool
take_up(struct smtp *s)
{
	struct smtp_job *job = smtp_steal(s);
	if (!smtp_job_refuse(&s->calls, job, &s->offer)) {
		s->calls.done(s->calls.arg, job);
		return false;
	}
	job->step = STEP_MAIL;
	job->at = job->accepted = 0;
	job->begun = false;
	s->writing = job;
	return true;
}

/* One step of the job in hand; false when it waits for a reply. */
static bool
write_step(struct smtp *s, struct smtp_job *job)
{
	switch ((enum step)job->step) {
	case STEP_MAIL:
		if (s->needs_rset) {
			put_command(s, RSET, "RSET", "");
			s->needs_rset = false;
		} else {
			put_mail(s, job);
			job->step = STEP_RCPT;
		}
		return true;
	case STEP_RCPT:
		if (put_rcpt(s, job))
			return true;
		job->step = STEP_DATA;
		return true;
	case STEP_DATA:
		put_str(s, "DATA\r\n");
		put_expect(s, DATA, job, NULL);
		job->step = STEP_WAIT;
		return true;
	case STEP_CONTENT:
		put_content(s, job);
		s->writing = NULL;
		return true;
	case STEP_EMPTY: /* 354 for nobody (RFC 2920 3.1): the message is empty */
		put_str(s, ".\r\n");
		put_expect(s, DOT, job, NULL);
		s->writing = NULL;
		return true;
	case STEP_WAIT:
		break;
	}
	return false;
}

static void
pump(struct smtp *s)
{
	while (s->state == SMTP_READY && (s->offer.pipelining || s->head == s->tail)) {
		if (s->writing) {
			if (!write_step(s, s->writing))
				return;
		} else if (s->queue.first) {
			take_up(s);
		} else {
			if (s->quit && s->head == s->tail) {
				put_command(s, QUIT, "QUIT", "");
				s->state = SMTP_QUITTING;
			}
			return;
		}
	}
}

/* --- replies ---------------------------------------------------------------------------------- */

static int
refused(const struct smtp *s, struct err *e, const char *where)
{
	return err_temporary(e, "the relay's answer to %s: %s", where,
			     log_str(reply_text(&s->reply)));
}

static int
on_greeting(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	(void)x;
	if (code != 220)
		return refused(s, e, "our connection");
	put_command(s, EHLO, "EHLO ", s->helo);
	return 0;
}

static int
on_ehlo(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	if (x->kind == EHLO && code / 100 == 5) {
		put_command(s, HELO, "HELO ", s->helo);
		return 0;
	}
	if (code / 100 != 2)
		return refused(s, e, "EHLO");
	if (x->kind == EHLO && s->offer.starttls && s->may_tls && !s->secure) {
		put_command(s, STARTTLS, "STARTTLS", "");
		return 0;
	}
	s->state = SMTP_READY;
	return 0;
}

static int
on_starttls(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	(void)x;
	if (code != 220)
		return refused(s, e, "STARTTLS");
	s->state = SMTP_HANDSHAKE;
	return 0;
}

static int
on_mail(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	struct smtp_job *job = x->job;
	(void)e;
	job->begun = code / 100 == 2;
	if (job->begun)
		return 0;
	for (size_t i = 0; i < job->nrcpt; i++)
		settle(s, job, &job->rcpt[i], smtp_what_of(code == 250 ? 450 : code),
		       SMTP_ABOUT_OTHER, reply_text(&s->reply));
	if (job->step != STEP_WAIT) /* not pipelined: the rest of it is not said */
		end_job(s, job, SMTP_TEMPORARY, SMTP_ABOUT_OTHER, reply_text(&s->reply));
	return 0;
}

static int
on_rcpt(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	struct smtp_job *job = x->job;
	(void)e;
	if (code / 100 == 2)
		job->accepted++;
	else
		settle(s, job, x->rcpt, smtp_what_of(code), SMTP_ABOUT_RCPT, reply_text(&s->reply));
	if (job->step == STEP_WAIT || job->accepted > 0)
		return 0;
	/* Not pipelined, and all were refused so far: if there are no more, DATA makes no sense. */
	if (!smtp_job_is_settled(job))
		return 0;
	s->needs_rset = true;
	end_job(s, job, SMTP_TEMPORARY, SMTP_ABOUT_OTHER, reply_text(&s->reply));
	return 0;
}

static int
on_data(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	struct smtp_job *job = x->job;
	(void)e;
	if (code == 354) {
		job->step = job->accepted > 0 ? STEP_CONTENT : STEP_EMPTY;
		return 0;
	}
	s->needs_rset = job->begun;
	end_job(s, job, code / 100 == 5 ? SMTP_PERMANENT : SMTP_TEMPORARY, SMTP_ABOUT_DATA,
		reply_text(&s->reply));
	return 0;
}

static int
on_dot(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	(void)e;
	end_job(s, x->job, smtp_what_of(code), SMTP_ABOUT_DATA, reply_text(&s->reply));
	return 0;
}

static int
on_rset(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	(void)x;
	return code / 100 == 2 ? 0 : refused(s, e, "RSET");
}

static int
on_quit(struct smtp *s, const struct expect *x, int code, struct err *e)
{
	(void)s;
	(void)x;
	(void)code;
	return err_temporary(e, "the session has ended");
}

static int (*const on_reply[])(struct smtp *, const struct expect *, int, struct err *) = {
    [GREETING] = on_greeting, [EHLO] = on_ehlo, [HELO] = on_ehlo, [STARTTLS] = on_starttls,
    [MAIL] = on_mail,         [RCPT] = on_rcpt, [DATA] = on_data, [DOT] = on_dot,
    [RSET] = on_rset,         [QUIT] = on_quit,
};

/* One line of a reply, and with its last one, the reply. */
static int
take_line(struct smtp *s, struct err *e)
{
	if (s->head == s->tail)
		return err_temporary(e, "the relay said something that it was not asked: %s",
				     log_str(reply_text(&s->reply)));
	struct expect x = s->expect[s->head % EXPECT_MAX];
	if (x.end > s->out.written)
		return err_temporary(e, "the relay answered before it was asked: %s",
				     log_str(reply_text(&s->reply)));
	if (x.kind == EHLO && s->reply.code == 250)
		say_note_offer(&s->offer, s->reply.line);
	if (!s->reply.last)
		return 0;
	/* It says that it closes; what was asked is still open, unless it is about a message. */
	if (s->reply.code == 421 && x.kind != DOT)
		return refused(s, e, "our command");
	s->head++;
	s->replies++;
	return on_reply[x.kind](s, &x, s->reply.code, e);
}

int
smtp_take(struct smtp *s, struct slice bytes, struct err *e)
{
	while (bytes.n > 0) {
		/* What was sent before TLS stood must not be taken for what comes after it. */
		if (s->state == SMTP_HANDSHAKE || s->state == SMTP_CLOSED)
			return err_temporary(e, "the relay talks when it should not");
		enum reply_got got = reply_take(&s->reply, &bytes);
		if (got == REPLY_NONSENSE)
			return err_temporary(e, "the relay does not speak SMTP");
		if (got == REPLY_LINE && take_line(s, e) < 0)
			return -1;
		pump(s);
	}
	return 0;
}

/* --- a session -------------------------------------------------------------------------------- */

struct smtp *
smtp_new(const char *helo, const struct smtp_calls *calls)
{
	struct smtp *s = calloc(1, sizeof(*s));
	if (!s || !(s->helo = strdup(helo)))
		fatal("no memory");
	s->calls = *calls;
	smtp_queue_init(&s->queue);
	parts_init(&s->out);
	return s;
}

void
smtp_free(struct smtp *s)
{
	if (!s)
		return;
	parts_free(&s->out);
	free(s->helo);
	free(s);
}

void
smtp_open(struct smtp *s, bool tls)
{
	s->state = SMTP_OPENING;
	s->may_tls = tls;
	s->secure = s->needs_rset = false;
	s->head = s->tail = 0;
	s->replies = 0;
	parts_reset(&s->out);
	reply_init(&s->reply);
	s->offer = (struct say_offer){.pipelining = false};
	put_expect(s, GREETING, NULL, NULL);
}

void
smtp_secured(struct smtp *s)
{
	s->secure = true;
	s->state = SMTP_OPENING;
	s->offer = (struct say_offer){
	    .pipelining = false}; /* RFC 3207 4.2: what was said in the clear is forgotten */
	put_command(s, EHLO, "EHLO ", s->helo);
}

enum smtp_state
smtp_state(const struct smtp *s)
{
	return s->state;
}

void
smtp_submit(struct smtp *s, struct smtp_job *job)
{
	if (job->nrcpt > EXPECT_MAX - 8)
		fatal("a transaction of %zu recipients", job->nrcpt);
	job->tries = 0;
	smtp_queue_push(&s->queue, job);
	pump(s);
}

bool
smtp_has_jobs(const struct smtp *s)
{
	if (s->queue.first || s->writing)
		return true;
	for (unsigned i = s->head; i != s->tail; i++)
		if (s->expect[i % EXPECT_MAX].kind == DOT)
			return true;
	return false;
}

void
smtp_quit(struct smtp *s)
{
	s->quit = true;
	pump(s);
}

int
smtp_patience(const struct smtp *s)
{
	if (s->state == SMTP_HANDSHAKE || s->out.n > 0)
		return SMTP_REPLY_MS;
	if (s->head == s->tail)
		return -1;
	return s->expect[s->head % EXPECT_MAX].kind == DOT ? SMTP_END_MS : SMTP_REPLY_MS;
}

uint64_t
smtp_replies(const struct smtp *s)
{
	return s->replies;
}

struct smtp_job *
smtp_steal(struct smtp *s)
{
	return smtp_queue_take(&s->queue);
}

void
smtp_lost(struct smtp *s, const char *why)
{
	struct slice text = slice_str(why);
	struct smtp_job *job = s->writing;
	s->writing = NULL;
	s->state = SMTP_CLOSED;
	parts_reset(&s->out);
	for (; s->head != s->tail; s->head++) {
		const struct expect *x = &s->expect[s->head % EXPECT_MAX];
		if (x->kind == DOT)
			end_job(s, x->job, SMTP_TEMPORARY, SMTP_ABOUT_OTHER, text);
	}
	if (job && ++job->tries >= SMTP_TRIES) {
		end_job(s, job, SMTP_TEMPORARY, SMTP_ABOUT_OTHER, text);
	} else if (job) { /* first again: its turn had come */
		smtp_queue_put_back(&s->queue, job);
	}
}

void
smtp_fail_all(struct smtp *s, enum smtp_what what, const char *why)
{
	struct smtp_job *job;
	while ((job = smtp_steal(s)))
		end_job(s, job, what, SMTP_ABOUT_OTHER, slice_str(why));
}
