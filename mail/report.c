/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: see report.h. What is asked, in this order, and the first that answers decides: is it a
 * feedback report; has it a status part; did a machine write it, and then: X-Failed-Recipients,
 * status fields in the text, phrases in the text; is it an answering machine's. Invariants:
 * 1. an ordinary mail is never a report, whatever it quotes: without a machine's marks in the
 * header the text is not even looked at;
 * 2. no address is listed twice;
 * 3. a failure is what says so; a report that only may be one is OTHER, which costs nobody
 * anything.
 */
#include "config.h"
#include "mail/report.h"

#include <ctype.h>

#include "base/utf8.h"
#include "mail/address.h"
#include "mail/automatic.h"
#include "mail/dsn.h"
#include "mail/header.h"
#include "mail/msgid.h"
#include "mail/report_arf.h"
#include "mail/report_irregular.h"
#include "mail/report_says.h"
#include "mail/report_text.h"

#define DIAGNOSTIC_MAX 1000 /* characters kept for people */

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct reading {
	struct report *r;
	struct arena *arena;
	const struct message *m;
	struct report_text text;
	struct slice subject;
	bool late;      /* it says that it is only a warning */
	bool delivered; /* it says that it arrived */
};

/* Local parts and names of those who write reports; lower case; anywhere in the From value. */
static const char *const daemons[] = {
    "mailer-daemon",
    "mailerdaemon",
    "mdaemon",
    "postmaster",
    "post_master",
    "mail delivery",
    "mail.delivery",
    "delivery subsystem",
    "mail deliver",
    "mail administrator",
    "system administrator",
    "smtp_mail_service",
    "antivirus_for_smtp",
    "no-reply@sns.amazonaws",
};

/* --- who wrote it --- */

static bool
contains_ci(struct slice s, const char *words)
{
	struct slice w = slice_str(words);
	return slice_find_ci(s, w) < s.n;
}

static bool
is_daemon(struct slice from)
{
	struct slice head = slice_sub(from, 0, 500);
	if (slice_is(slice_trim(head), "<>"))
		return true;
	for (size_t i = 0; i < COUNT(daemons); i++)
		if (contains_ci(head, daemons[i]))
			return true;
	return false;
}

/* A report's text is read only if its header bears one of the marks that machines leave. */
static bool
is_machine(const struct reading *rd, struct slice envelope_from)
{
	bool answer;
	if (is_daemon(message_value(rd->m, "From")))
		return true;
	subject_base(rd->arena, rd->subject, &answer);
	if (answer)
		return false;
	return envelope_from.n == 0 || report_says_failed(rd->subject) ||
	       slice_starts_ci(message_value(rd->m, "Content-Type"), SLICE("multipart/report"));
}

/* --- what is said of one recipient --- */

static bool
have(const struct report *r, struct slice address)
{
	for (size_t i = 0; i < r->n; i++)
		if (slice_eq_ci(r->v[i].recipient, address))
			return true;
	return false;
}

/* Without what closed the address before it: ">:", "...", "]". */
static struct slice
without_marks(struct slice words)
{
	size_t n = 0;
	while (n < words.n && words.p[n] != '(' && words.p[n] != '[' &&
	       ((unsigned char)words.p[n] <= ' ' || ispunct((unsigned char)words.p[n])))
		n++;
	return slice_from(words, n);
}

static struct report_recipient *
add(struct reading *rd, struct slice address, struct slice status, struct slice words)
{
	struct report *r = rd->r;
	if (r->n == REPORT_RECIPIENTS_MAX || have(r, address))
		return NULL;
	if (!r->v)
		r->v = arena_array(rd->arena, REPORT_RECIPIENTS_MAX, sizeof *r->v);
	struct report_recipient *v = &r->v[r->n++];
	words = without_marks(slice_sub(words, 0, REPORT_WORDS_MAX));
	v->recipient = address;
	v->status = status.n > 0 ? status : report_status_find(words);
	v->diagnostic = utf8_head(header_text(rd->arena, words), DIAGNOSTIC_MAX);
	v->reason = REPORT_OTHER;
	v->hard = false;
	return v;
}

/* Why it failed: by what stands with the address, else by what the text says around it. */
static void
find_reason(struct reading *rd, struct report_recipient *v, struct slice words, bool alone)
{
	struct slice all = rd->text.text, about = all;
	if (v->recipient.n > 0)
		about = report_text_about(rd->arena, all, v->recipient);
	struct slice context = alone ? slice_sub(all, 0, REPORT_WORDS_MAX) : about;
	struct report_verdict verdict = report_reason_find(v->status, words, context);
	if (verdict.reason == REPORT_OTHER)
		verdict = report_reason_find(v->status, about, context);
	if (verdict.reason == REPORT_OTHER && alone)
		verdict = report_reason_find(v->status, all, context);
	v->reason = verdict.reason;
	v->hard = verdict.hard;
}

/* A recipient of a text: late and delivered are said once for all. */
static void
add_failed(struct reading *rd, struct slice address, struct slice words, bool alone)
{
	struct report_recipient *v = add(rd, address, slice_make(NULL, 0), words);
	if (!v)
		return;
	if (rd->late)
		v->reason = REPORT_DELAYED;
	else if (rd->delivered)
		v->reason = REPORT_DELIVERED;
	else
		find_reason(rd, v, words, alone);
}

/* --- the kinds of report --- */

static bool
read_feedback(struct reading *rd)
{
	struct report_feedback fb;
	if (!report_arf_parse(rd->m, rd->arena, &fb))
		return false;
	struct report_recipient *v = add(rd, fb.recipient, slice_make(NULL, 0), fb.type);
	v->reason = slice_is(fb.type, "auth-failure") ? REPORT_AUTH : REPORT_COMPLAINT;
	rd->r->original_from = fb.mail_from;
	return true;
}

static void
add_status(struct reading *rd, const struct dsn_recipient *d, bool alone)
{
	struct report_recipient *v = add(rd, d->recipient, d->status, d->diagnostic);
	if (!v)
		return;
	if (d->action == DSN_DELAYED)
		v->reason = REPORT_DELAYED;
	else if (d->action != DSN_FAILED)
		v->reason = REPORT_DELIVERED;
	else
		find_reason(rd, v, d->diagnostic, alone);
}

static bool
read_status(struct reading *rd, const struct dsn_recipient *ds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_status(rd, &ds[i], n == 1);
	return n > 0;
}

/* Exim's, Google's. */
static bool
read_failed_field(struct reading *rd)
{
	struct address *v;
	const struct field *f = message_field(rd->m, "X-Failed-Recipients");
	size_t n = f ? address_parse_list(rd->arena, f->value, &v) : 0;
	for (size_t i = 0; i < n; i++)
		add_failed(rd, v[i].text, report_text_about(rd->arena, rd->text.text, v[i].text),
			   n == 1);
	return n > 0;
}

/* The domain of the server that wrote it. */
static struct slice
home_of(const struct reading *rd)
{
	struct address from;
	if (address_parse_first(rd->arena, message_value(rd->m, "From"), &from))
		return from.domain;
	return slice_make(NULL, 0);
}

static bool
read_phrases(struct reading *rd)
{
	struct report_found *v;
	size_t n = report_irregular(rd->arena, rd->text.text, home_of(rd), &v);
	for (size_t i = 0; i < n; i++)
		add_failed(rd, v[i].recipient, v[i].words, n == 1);
	return n > 0;
}

/* It says only that something failed: the subject or the returned message may say for whom. */
static bool
read_rest(struct reading *rd)
{
	struct address *v;
	struct slice to = report_returned_field(&rd->text, rd->arena, "To");
	if (!report_says_failed(rd->subject) &&
	    !(is_daemon(message_value(rd->m, "From")) && report_says_failed(rd->text.text)))
		return false;
	size_t n = address_parse_list(rd->arena, rd->subject, &v);
	if (n != 1)
		n = address_parse_list(rd->arena, to, &v);
	add_failed(rd, n == 1 ? v[0].text : slice_make(NULL, 0), rd->text.text, true);
	return true;
}

static bool
read_receipt(struct reading *rd)
{
	for (size_t i = 0; i < rd->m->nparts; i++)
		if (part_is(&rd->m->parts[i], "message", "disposition-notification") &&
		    rd->m->parts[i].depth <= 1) {
			struct report_recipient *v =
			    add(rd, slice_make(NULL, 0), slice_make(NULL, 0), rd->subject);
			v->reason = REPORT_DELIVERED;
			return true;
		}
	return false;
}

static bool
read_vacation(struct reading *rd, struct slice envelope_from)
{
	struct address from = {.text = {NULL, 0}};
	if (message_field(rd->m, "List-Id") || !automatic_reason(rd->m, envelope_from))
		return false;
	if (!address_parse_first(rd->arena, message_value(rd->m, "From"), &from))
		from.text = slice_make(NULL, 0);
	struct report_recipient *v = add(rd, from.text, slice_make(NULL, 0), rd->subject);
	v->reason = REPORT_VACATION;
	return true;
}

static bool
read_any(struct reading *rd, struct slice envelope_from)
{
	struct dsn_recipient *ds;
	if (read_feedback(rd) || read_receipt(rd))
		return true;
	size_t n = dsn_parse(rd->m, rd->arena, false, &ds);
	if (read_status(rd, ds, n))
		return true;
	if (!is_machine(rd, envelope_from))
		return read_vacation(rd, envelope_from);
	if (read_failed_field(rd))
		return true;
	n = dsn_parse(rd->m, rd->arena, true, &ds);
	if (read_status(rd, ds, n))
		return true;
	n = dsn_parse_text(rd->text.text, rd->arena, &ds);
	if (read_status(rd, ds, n) || read_phrases(rd) || read_rest(rd))
		return true;
	return read_vacation(rd, envelope_from);
}

/* --- */

/* Old Macs end lines in CR only, which no other reader of messages takes for an end. */
static const struct message *
with_line_ends(const struct message *m, struct arena *a)
{
	struct slice s = m->bytes;
	if (slice_find_char(s, '\n') < s.n || slice_find_char(s, '\r') == s.n)
		return m;
	struct message *copy = arena_zalloc(a, sizeof *copy);
	char *p = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] == '\r' ? '\n' : s.p[i];
	message_parse(copy, a, slice_make(p, s.n));
	return copy;
}

void
report_parse(struct report *r, struct arena *a, const struct message *m, struct slice envelope_from)
{
	struct reading rd = {.r = r, .arena = a, .m = with_line_ends(m, a)};
	*r = (struct report){.v = NULL};
	report_text_find(&rd.text, a, rd.m);
	rd.subject = header_text(a, message_value(rd.m, "Subject"));
	rd.late = report_says_delayed(rd.subject) || report_says_delayed(rd.text.text);
	rd.delivered = report_says_delivered(rd.subject) ||
		       (report_says_delivered(rd.text.text) && !report_says_failed(rd.text.text) &&
			!report_says_failed(rd.subject));
	r->is_report = read_any(&rd, envelope_from);
	if (!r->is_report)
		return;
	r->original_msgid = msgid_parse(a, report_returned_field(&rd.text, a, "Message-ID"));
	r->original_subject = report_returned_field(&rd.text, a, "Subject");
	r->original_unsubscribe = report_returned_field(&rd.text, a, "List-Unsubscribe");
	struct address from;
	if (r->original_from.n == 0 &&
	    address_parse_first(a, report_returned_field(&rd.text, a, "Return-Path"), &from))
		r->original_from = from.text;
}

int
report_points(const struct report_recipient *r)
{
	return report_reason_points((struct report_verdict){r->reason, r->hard});
}
