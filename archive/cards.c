/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/cards.h"

#include "archive/html.h"
#include "archive/links.h"
#include "base/clock.h"
#include "conf/text.h"
#include "mail/calendar.h"
#include "mail/cms.h"
#include "mail/dsn.h"
#include "mail/guard.h"
#include "mail/header.h"
#include "mail/pgp.h"
#include "mail/readable.h"
#include "mail/vcard.h"

#define CARD_TEXT_MAX (256 * 1024) /* bytes of a calendar or card that are read */
#define LINE_MAX_SHOWN 300         /* letters */
#define RECIPIENTS_SHOWN 100       /* more are told by their number */

static const char *
phrase(const struct body_writer *w, const char *text)
{
	return text_phrase(w->style->lang, text);
}

static void
put_note(const struct body_writer *w, const char *text)
{
	html_markup(w->b, "<p class=\"note\">");
	html_str(w->b, phrase(w, text));
	html_markup(w->b, "</p>\n");
}

/* A stranger's words in one line, addresses hidden. */
static void
put_line(const struct body_writer *w, struct slice text)
{
	struct buf line;

	buf_init(&line, BUF_NO_LIMIT);
	html_line(&line, text, LINE_MAX_SHOWN);
	links_markup(w->b, buf_slice(&line), w->style->domain);
	buf_free(&line);
}

static void
begin_row(const struct body_writer *w, const char *label)
{
	html_markup(w->b, "<tr><th scope=\"row\">");
	html_str(w->b, phrase(w, label));
	html_markup(w->b, "</th><td dir=\"auto\">");
}

static void
end_row(const struct body_writer *w)
{
	html_markup(w->b, "</td></tr>\n");
}

static void
put_row(const struct body_writer *w, const char *label, struct slice text)
{
	if (slice_trim(text).n == 0)
		return;
	begin_row(w, label);
	put_line(w, text);
	end_row(w);
}

/* --- invitations -------------------------------------------------------------------------------
 */

static const char *const states[] = {
    [CALENDAR_PUBLISHED] = N_("Event"),     [CALENDAR_INVITES] = N_("Invitation"),
    [CALENDAR_CANCELLED] = N_("Cancelled"), [CALENDAR_TENTATIVE] = N_("Tentative"),
    [CALENDAR_ACCEPTED] = N_("Accepted"),   [CALENDAR_DECLINED] = N_("Declined"),
    [CALENDAR_MAYBE] = N_("Perhaps"),       [CALENDAR_COUNTER] = N_("Another time is proposed"),
};
static const char *const repeats[] = {
    [CALENDAR_DAILY] = N_("every day"),
    [CALENDAR_WEEKLY] = N_("every week"),
    [CALENDAR_MONTHLY] = N_("every month"),
    [CALENDAR_YEARLY] = N_("every year"),
};

static void
put_clock(const struct body_writer *w, const struct calendar_time *t)
{
	if (!t->whole_day)
		buf_printf(w->b, "%02d:%02d", t->hour, t->minute);
}

static void
put_moment(const struct body_writer *w, const struct calendar_time *t)
{
	int64_t day = clock_from_civil(t->year, t->month, t->day, 0, 0, 0);

	buf_printf(w->b, "<time datetime=\"%04d-%02d-%02d", t->year, t->month, t->day);
	if (!t->whole_day)
		buf_printf(w->b, "T%02d:%02d%s", t->hour, t->minute, t->utc ? "Z" : "");
	html_markup(w->b, "\">");
	html_str(w->b, text_date(w->a, w->style->lang, day));
	if (!t->whole_day)
		html_markup(w->b, ", ");
	put_clock(w, t);
	html_markup(w->b, "</time>");
}

static bool
is_same_day(const struct calendar_time *a, const struct calendar_time *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

static bool
is_before(const struct calendar_time *a, const struct calendar_time *b)
{
	return clock_from_civil(a->year, a->month, a->day, a->hour, a->minute, 0) <
	       clock_from_civil(b->year, b->month, b->day, b->hour, b->minute, 0);
}

/* A whole day's end is the day behind it (RFC 5545 3.6.1). None where it would be before its
 * beginning: some mailers write the day itself. */
static struct calendar_time
last_of(const struct calendar_event *e)
{
	struct calendar_time t = e->end;

	if (t.year != 0 && t.whole_day)
		clock_civil(clock_from_civil(t.year, t.month, t.day, 0, 0, 0) - 1, &t.year,
			    &t.month, &t.day);
	if (t.whole_day && is_before(&t, &e->start))
		t.year = 0;
	return t;
}

static void
put_when(const struct body_writer *w, const struct calendar_event *e)
{
	struct calendar_time last = last_of(e);

	if (e->start.year == 0)
		return;
	begin_row(w, N_("When"));
	put_moment(w, &e->start);
	if (last.year != 0 && !is_same_day(&e->start, &last)) {
		html_markup(w->b, " – ");
		put_moment(w, &last);
	} else if (last.year != 0 && !last.whole_day) {
		html_markup(w->b, "–");
		put_clock(w, &last);
	}
	if (e->start.utc)
		html_markup(w->b, " UTC");
	else if (e->start.zone.n > 0) {
		html_markup(w->b, " (");
		put_line(w, e->start.zone);
		html_markup(w->b, ")");
	}
	if (e->repeats != CALENDAR_ONCE) {
		html_markup(w->b, ", ");
		html_str(w->b, phrase(w, repeats[e->repeats]));
	}
	end_row(w);
}

static bool
put_calendar(const struct body_writer *w, const struct part *p)
{
	struct calendar_event *v;
	size_t n = calendar_parse(w->a, part_text(w->a, p, CARD_TEXT_MAX), &v), before = w->b->n;
	struct slice made;

	for (size_t i = 0; i < n; i++) {
		html_markup(w->b, "<table class=\"card\">\n<caption>");
		html_str(w->b, phrase(w, states[v[i].state]));
		html_markup(w->b, "</caption>\n");
		put_row(w, N_("What"), v[i].summary);
		put_when(w, &v[i]);
		put_row(w, N_("Where"), v[i].location);
		put_row(w, N_("Organizer"), v[i].organizer);
		html_markup(w->b, "</table>\n");
	}
	/* Mailers put the same into an alternative and beside it. */
	made = slice_from(buf_slice(w->b), before);
	if (slice_eq(made, *w->event))
		buf_cut(w->b, before);
	else
		*w->event = arena_dup(w->a, made);
	return n > 0;
}

static bool
put_vcard(const struct body_writer *w, const struct part *p)
{
	struct vcard *v;
	size_t n = vcard_parse(w->a, part_text(w->a, p, CARD_TEXT_MAX), &v);

	for (size_t i = 0; i < n; i++) {
		if (v[i].name.n == 0 && v[i].organisation.n == 0)
			continue;
		html_markup(w->b, "<table class=\"card\">\n<caption>");
		html_str(w->b, phrase(w, N_("Visiting card")));
		html_markup(w->b, "</caption>\n");
		put_row(w, N_("Name"), v[i].name);
		put_row(w, N_("Organization"), v[i].organisation);
		put_row(w, N_("Title"), v[i].title);
		put_row(w, N_("Address"), v[i].address);
		html_markup(w->b, "</table>\n");
	}
	return n > 0;
}

/* --- deliveries --------------------------------------------------------------------------------
 */

static const char *const actions[] = {
    [DSN_FAILED] = N_("not delivered"), [DSN_DELAYED] = N_("delayed"),
    [DSN_DELIVERED] = N_("delivered"),  [DSN_RELAYED] = N_("passed on"),
    [DSN_EXPANDED] = N_("passed on"),
};

static bool
put_delivery(const struct body_writer *w, const struct part *p)
{
	struct dsn_recipient *v;
	size_t n = dsn_parse_text(part_text(w->a, p, CARD_TEXT_MAX), w->a, &v);

	if (n == 0)
		return false;
	html_markup(w->b, "<table class=\"card\">\n<caption>");
	html_str(w->b, phrase(w, N_("Delivery report")));
	html_markup(w->b, "</caption>\n");
	for (size_t i = 0; i < n && i < RECIPIENTS_SHOWN; i++) {
		html_markup(w->b, "<tr><th scope=\"row\">");
		links_address(w->b, v[i].recipient, w->style->domain);
		html_markup(w->b, "</th><td>");
		html_str(w->b, phrase(w, actions[v[i].action]));
		html_markup(w->b, " <small dir=\"auto\">");
		put_line(w, v[i].status);
		html_markup(w->b, " ");
		put_line(w, v[i].diagnostic);
		html_markup(w->b, "</small></td></tr>\n");
	}
	if (n > RECIPIENTS_SHOWN) {
		html_markup(w->b, "<tr><td colspan=\"2\">");
		html_str(w->b, arena_printf(w->a,
					    text_plural(w->style->lang, "and %d more",
							"and %d more", n - RECIPIENTS_SHOWN),
					    (int)(n - RECIPIENTS_SHOWN)));
		html_markup(w->b, "</td></tr>\n");
	}
	html_markup(w->b, "</table>\n");
	return true;
}

/* The header of a message that came back, for who wants to see it. */
static bool
put_header(const struct body_writer *w, const struct part *p)
{
	html_markup(w->b, "<details><summary>");
	html_str(w->b, phrase(w, N_("Header of the returned message")));
	html_markup(w->b, "</summary>\n<pre tabindex=\"0\">");
	links_text(w->b, slice_trim(part_text(w->a, p, CARD_TEXT_MAX)), w->style->domain);
	html_markup(w->b, "</pre></details>\n");
	return true;
}

static const struct {
	const char *type, *subtype;
	bool (*put)(const struct body_writer *w, const struct part *p);
} kinds[] = {
    {"text", "calendar", put_calendar},
    {"application", "ics", put_calendar},
    {"text", "vcard", put_vcard},
    {"text", "x-vcard", put_vcard},
    {"text", "directory", put_vcard},
    {"message", "delivery-status", put_delivery},
    {"message", "global-delivery-status", put_delivery},
    {"text", "rfc822-headers", put_header},
    {"message", "global-headers", put_header},
};

bool
cards_put(const struct body_writer *w, int part)
{
	const struct part *p = &w->m->parts[part];

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (part_is(p, kinds[i].type, kinds[i].subtype))
			return kinds[i].put(w, p);
	return false;
}

/* --- notes -------------------------------------------------------------------------------------
 */

static struct slice
parameter(const struct body_writer *w, const struct part *p, const char *name)
{
	return mime_parameter(w->a, p->content_type, name);
}

static const char *
note_of(const struct body_writer *w, const struct part *p)
{
	struct slice protocol = parameter(w, p, "protocol"), inner;

	if (part_is(p, "multipart", "encrypted"))
		return slice_find_ci(protocol, SLICE("pgp")) < protocol.n
			   ? N_("This message is encrypted with OpenPGP: only its addressees can "
				"read it.")
			   : N_("This message is encrypted: only its addressees can read it.");
	if (part_is(p, "multipart", "signed"))
		return slice_find_ci(protocol, SLICE("pgp")) < protocol.n
			   ? N_("Signed with OpenPGP; the signature is attached.")
			   : N_("Signed with S/MIME; the signature is attached.");
	if (!part_is(p, "application", "pkcs7-mime") && !part_is(p, "application", "x-pkcs7-mime"))
		return NULL;
	return cms_signed_content(w->a, part_decode(w->a, p, CMS_MAX), &inner)
		   ? N_("Signed with S/MIME; the signature is in the attached file.")
		   : N_("This message is encrypted with S/MIME: only its addressees can read it.");
}

void
cards_notes(const struct body_writer *w)
{
	if (w->m->verdict != GUARD_OK)
		put_note(w, N_("This message is not well formed; it is shown as far as it could be "
			       "read."));
	for (size_t i = 0; i < w->m->nparts; i++) {
		const char *note = note_of(w, &w->m->parts[i]);

		if (note) {
			put_note(w, note);
			return; /* what is inside of it says the same */
		}
	}
}

/* --- forwarded messages ------------------------------------------------------------------------
 */

static void
put_field(const struct body_writer *w, const struct part *p, const char *name, const char *label)
{
	const struct field *f = part_field(p, name);

	if (!f)
		return;
	html_markup(w->b, "<dt>");
	html_str(w->b, phrase(w, label));
	html_markup(w->b, "</dt><dd dir=\"auto\">");
	put_line(w, header_text(w->a, f->value));
	html_markup(w->b, "</dd>");
}

void
cards_forwarded(const struct body_writer *w, const struct part *inner, bool open)
{
	const struct field *subject = part_field(inner, "Subject");

	html_markup(w->b, "<details class=\"fwd\"");
	buf_puts(w->b, open ? " open>" : ">");
	html_markup(w->b, "<summary><b>");
	html_str(w->b, phrase(w, N_("Forwarded message")));
	html_markup(w->b, "</b> <bdi>");
	if (subject)
		put_line(w, header_text(w->a, subject->value));
	html_markup(w->b, "</bdi></summary>\n<div><dl>");
	put_field(w, inner, "From", N_("From"));
	put_field(w, inner, "Date", N_("Date"));
	put_field(w, inner, "Subject", N_("Subject"));
	html_markup(w->b, "</dl>\n");
}

void
cards_forwarded_end(const struct body_writer *w)
{
	html_markup(w->b, "</div></details>\n");
}
