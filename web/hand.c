/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/hand.h"

#include "archive/html.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "conf/text.h"
#include "web/lmtp.h"
#include "web/pages.h"

/* One of the two links. */
struct kind {
	const char *function; /* of the address, and the mail's subject */
	const char *title, *question, *button;
	const char *done_title, *done;
};

static const struct kind leave = {
    "unsubscribe",
    N_("Leave the list"),
    N_("One click, and no further mail of this list comes to you. You may join again at any time, "
       "and everything stays readable in the archive."),
    N_("Leave"),
    N_("Done"),
    N_("You are leaving the list. A mail that confirms it is on its way to you; no further posts "
       "will be sent."),
};

static const struct kind confirm = {
    "confirm",
    N_("Confirm"),
    N_("You, or somebody in your name, asked for something that needs your word. The mail with "
       "this link says what it is. If that was not you, close this page: nothing will happen."),
    N_("Confirm"),
    N_("Thank you"),
    N_("Your confirmation has been taken. A mail that says what was done is on its way to you."),
};

/* --- pages ---------------------------------------------------------------------------------- */

static void
put_mailto(struct buf *b, const char *address, const char *subject)
{
	html_markup(b, "<a href=\"mailto:");
	html_segment(b, slice_str(address));
	html_markup(b, "?subject=");
	html_segment(b, slice_str(subject));
	html_markup(b, "\">");
	html_str(b, address);
	html_markup(b, "</a>");
}

static void
show_button(struct web *web, struct web_request *rq, struct web_response *rs, const struct kind *k)
{
	struct page p;

	page_begin(&p, web, rq, rs, text_phrase(rq->lang, k->title), NULL);
	page_say(&p, k->question);
	html_markup(p.b, "<form method=\"post\"><p><button type=\"submit\">");
	html_str(p.b, text_phrase(rq->lang, k->button));
	html_markup(p.b, "</button></p></form>\n");
	page_end(&p);
}

static void
show_done(struct web *web, struct web_request *rq, struct web_response *rs, const struct kind *k)
{
	struct page p;

	page_begin(&p, web, rq, rs, text_phrase(rq->lang, k->done_title), NULL);
	page_say(&p, k->done);
	page_end(&p);
}

static void
show_invalid(struct web *web, struct web_request *rq, struct web_response *rs)
{
	struct page p;

	rs->status = 404;
	page_begin(&p, web, rq, rs, text_phrase(rq->lang, N_("This link does not work")), NULL);
	page_say(&p, N_("It is too old, or not whole: mail programs sometimes cut a link at the "
			"end of a line. Open the newest mail that you have from the list and use "
			"the link in that one."));
	page_say(&p, N_("Or do it by mail: to leave a list, send an empty message to its address "
			"with “-leave” before the “@”."));
	page_end(&p);
}

/* Intake can't be reached: mail always can. */
static void
show_trouble(struct web *web, struct web_request *rq, struct web_response *rs, const struct kind *k,
	     const char *address)
{
	struct buf link;
	struct page p;

	rs->status = 503;
	web_header(rs, "Retry-After", "60");
	page_begin(&p, web, rq, rs, text_phrase(rq->lang, N_("This cannot be done at the moment")),
		   NULL);
	page_say(&p, N_("Nothing was changed. Try again in a minute, or do the same by mail."));
	buf_init(&link, 4096);
	put_mailto(&link, address, k->function);
	page_say_with(&p, N_("Send an empty message to %s."), buf_slice(&link));
	buf_free(&link);
	page_end(&p);
}

/* --- handing in ----------------------------------------------------------------------------- */

/* A mail as a person sends it: not an automatic one (RFC 3834), since a person pressed a button. */
static enum lmtp_answer
hand_in(struct web *web, struct web_request *rq, const struct kind *k, const char *to,
	struct err *e)
{
	const char *domain = web->conf->domain;
	const char *from = arena_printf(rq->arena, "plenary@%s", domain);
	char id[ID_MAX];
	const char *message;

	id_new(id);
	message = arena_printf(rq->arena,
			       "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\n"
			       "Message-ID: <web-%s@%s>\r\nMIME-Version: 1.0\r\n"
			       "Content-Type: text/plain; charset=us-ascii\r\n\r\n%s\r\n",
			       from, to, k->function, clock_rfc5322(rq->arena, clock_now()), id,
			       domain, k->function);
	return lmtp_send(lmtp_door(web->conf), from, to, slice_str(message), e);
}

/* What can't be a token is not worth a question. */
static bool
is_token(struct slice s)
{
	uint8_t bytes[16];

	return hash_unbase32(s, bytes, sizeof bytes);
}

static void
serve(struct web *web, struct web_request *rq, struct web_response *rs, const struct kind *k)
{
	bool acts = rq->method == WEB_POST;
	enum lmtp_answer answer;
	const char *to;
	struct err e;

	web_header(rs, "Cache-Control", "no-store");
	web->stats.hands++;
	if (!is_token(rq->url.seg[1])) {
		show_invalid(web, rq, rs);
		return;
	}
	to = arena_printf(rq->arena, "plenary-%s%c%.*s@%s", k->function, web->conf->delimiter,
			  SLICE_ARG(rq->url.seg[1]), web->conf->domain);
	answer = acts ? hand_in(web, rq, k, to, &e) : lmtp_ask(lmtp_door(web->conf), to, &e);
	if (answer == LMTP_YES) {
		(acts ? show_done : show_button)(web, rq, rs, k);
	} else if (answer == LMTP_NO) {
		show_invalid(web, rq, rs);
	} else {
		web->stats.hands_failed++;
		log_warning("%s link: intake: %s", k->function, e.text);
		show_trouble(web, rq, rs, k, to);
	}
}

void
hand_leave(struct web *web, struct web_request *rq, struct web_response *rs)
{
	serve(web, rq, rs, &leave);
}

void
hand_confirm(struct web *web, struct web_request *rq, struct web_response *rs)
{
	serve(web, rq, rs, &confirm);
}
