/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_mail: see digest_mail.h. The MIME form has the messages byte for byte, but for the trace
 * and list fields that a post loses anyway, and large attachments (lighten.h); the plain form (RFC
 * 1153) has their text.
 */
#include "daemon/digest_mail.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "daemon/lighten.h"
#include "daemon/route.h"
#include "daemon/send.h"
#include "mail/address.h"
#include "mail/edit.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/msgid.h"
#include "mail/readable.h"

#define TOC_SUBJECT_MAX 60

/* One post, opened for a while. */
struct post {
	struct envelope env;
	struct message m;
	struct slice subject, from;
};

static int
post_open(struct arena *a, const struct digest_item *it, struct post *p, struct err *e)
{
	if (envelope_parse(&p->env, a, it->bytes, e) < 0)
		return -1;
	message_parse(&p->m, a, p->env.message);
	p->subject = header_text(a, message_value(&p->m, "Subject"));
	p->from = header_text(a, message_value(&p->m, "From"));
	return 0;
}

/* "  1. Subject (Name)", one post a line. */
static int
put_contents(const struct digest *d, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < d->n; i++) {
		struct arena *a = arena_new();
		struct post p;
		struct address from;
		int ret = post_open(a, &d->items[i], &p, e);
		if (ret == 0) {
			bool known = address_parse_first(a, message_value(&p.m, "From"), &from);
			struct slice who = !known ? p.from : from.name.n ? from.name : from.local;
			buf_printf(out, "%s%4zu. %.*s (%.*s)", i ? "\n" : "", i + 1,
				   SLICE_ARG(utf8_head(p.subject, TOC_SUBJECT_MAX)),
				   SLICE_ARG(who));
		}
		arena_free(a);
		if (ret < 0)
			return -1;
	}
	return 0;
}

/* Subject and the text before the posts, in the group's language. */
static int
preamble(const struct conf *conf, const struct digest *d, const char *lang, struct buf *subject,
	 struct buf *text, struct err *e)
{
	struct buf contents;
	struct arena *a = d->arena;
	const char *name = d->list->name;
	int ret = -1;
	buf_init(&contents, 256 * 1024);
	if (put_contents(d, &contents, e) == 0) {
		struct text_value values[] = {
		    {"list", name},
		    {"list-title", d->list->title},
		    {"list-address", arena_printf(a, "%s@%s", name, conf->domain)},
		    {"request-address", arena_printf(a, "%s-request@%s", name, conf->domain)},
		    {"leave-address", arena_printf(a, "%s-unsubscribe@%s", name, conf->domain)},
		    {"archive-url", arena_printf(a, "%s/%s/", conf->site_url, name)},
		    {"volume", arena_printf(a, "%lld", (long long)d->volume)},
		    {"issue", arena_printf(a, "%lld", (long long)d->issue)},
		    {"contents", buf_str(&contents)},
		};
		ret = text_template(lang, "digest", values, sizeof(values) / sizeof(values[0]),
				    subject, text, e);
	}
	buf_free(&contents);
	return ret;
}

/* Header lines that both forms share; they end in CRLF. */
static void
put_head(const struct conf *conf, const struct digest *d, struct digest_group *g, const char *lang,
	 struct slice subject)
{
	struct slice fields[SEND_FIELDS_MAX];
	struct buf *h = &g->head, phrase;
	size_t n = send_list_fields(d->arena, conf, d->list, fields);
	buf_init(&phrase, 8192);
	header_put_phrase(&phrase, slice_str(d->list->title), 6);
	buf_printf(&phrase, " <%s@%s>\n", d->list->name, conf->domain);
	buf_printf(&phrase, "To: <%s@%s>\nSubject: ", d->list->name, conf->domain);
	header_put_text(&phrase, subject, 9);
	buf_printf(&phrase, "\nDate: %s\nMessage-ID: <digest-%s@%s>\n",
		   clock_rfc5322(d->arena, d->now), g->file, conf->domain);
	for (size_t i = 0; i < n; i++)
		buf_printf(&phrase, "%.*s\n", SLICE_ARG(fields[i]));
	buf_printf(&phrase, "Content-Language: %s\nMIME-Version: 1.0\n", lang);
	buf_puts(h, "From: ");
	struct slice rest = buf_slice(&phrase), line;
	while (slice_next_line(&rest, &line)) {
		buf_put_slice(h, line);
		buf_puts(h, "\r\n");
	}
	buf_free(&phrase);
}

/* --- multipart/digest ----------------------------------------------------------------------- */

/* The list in whose archive the post is: this one, or the one above it to which it was sent. */
static const struct conf_list *
archive_of(const struct conf *conf, const struct conf_list *l, const struct envelope *env)
{
	const struct conf_list *above = l;
	struct slice rcpt;
	for (size_t i = 0; envelope_nth(env, "rcpt", i, &rcpt); i++) {
		struct route r;
		route_classify(conf, rcpt, &r);
		if (r.function == ROUTE_POST && r.list == l)
			return l;
		if (r.function == ROUTE_POST && conf_list_under(conf, l, r.list))
			above = r.list;
	}
	return above;
}

/* An opened post as the copies of single mails have it, but with its true author. */
static void
put_copy(const struct conf *conf, const struct digest *d, struct arena *a, const struct post *p,
	 const char *lang, struct buf *out)
{
	const struct conf_list *l = archive_of(conf, d->list, &p->env);
	const char *drop[SEND_DROPPED + 2] = {NULL};
	struct lightened light;
	struct identity id;
	struct slice body, add[1 + sizeof(light.field) / sizeof(light.field[0])];
	msgid_identify(&id, a, p->env.message, conf->domain);
	const char *base = arena_printf(a, "%s/%s/m/%s/", conf->site_url, l->name, id.key);
	bool lighter = lighten(a, &p->m, l->attachments_over, lang, base, &light);
	add[0] = slice_str(arena_printf(a, "Archived-At: <%s>", base));
	memcpy(drop, send_dropped, sizeof(send_dropped));
	if (light.nfields > 0)
		drop[SEND_DROPPED] = "Content-*";
	memcpy(add + 1, light.field, light.nfields * sizeof(add[0]));
	struct header_edit edit = {.drop = drop, .add = add, .nadd = 1 + light.nfields};
	edit_header(&edit, p->env.message, out, &body);
	if (!lighter)
		buf_put_slice(out, body);
	for (size_t i = 0; i < light.n; i++)
		buf_put_slice(out, light.piece[i]);
}

static int
put_message(const struct conf *conf, const struct digest *d, const struct digest_item *it,
	    const char *lang, const char *boundary, struct buf *out, struct err *e)
{
	struct arena *a = arena_new();
	struct post p;
	int ret = post_open(a, it, &p, e);
	if (ret == 0) {
		buf_printf(out, "--%s\r\n\r\n", boundary);
		put_copy(conf, d, a, &p, lang, out);
		buf_puts(out, "\r\n");
	}
	arena_free(a);
	return ret;
}

static int
compose_mime(const struct conf *conf, const struct digest *d, struct digest_group *g,
	     const char *lang, struct slice text, struct buf *body, struct err *e)
{
	const char *outer = arena_printf(d->arena, "=_o_%s", g->file);
	const char *inner = arena_printf(d->arena, "=_i_%s", g->file);
	buf_printf(&g->head, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", outer);
	buf_printf(body,
		   "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: 8bit\r\n\r\n",
		   outer);
	buf_put_slice(body, text);
	buf_printf(body, "\r\n--%s\r\nContent-Type: multipart/digest; boundary=\"%s\"\r\n\r\n",
		   outer, inner);
	for (size_t i = 0; i < d->n; i++)
		if (put_message(conf, d, &d->items[i], lang, inner, body, e) < 0)
			return -1;
	buf_printf(body, "--%s--\r\n\r\n--%s--\r\n", inner, outer);
	return 0;
}

/* --- RFC 1153 ------------------------------------------------------------------------------- */

static int
put_plain(const struct digest_item *it, struct buf *out, struct err *e)
{
	static const char *const shown[] = {"Date", "From", "To", "Cc", "Subject", "Message-ID"};
	struct arena *a = arena_new();
	struct post p;
	int ret = post_open(a, it, &p, e);
	for (size_t i = 0; ret == 0 && i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct slice v = message_value(&p.m, shown[i]);
		if (v.n)
			buf_printf(out, "%s: %.*s\n", shown[i], SLICE_ARG(header_text(a, v)));
	}
	if (ret == 0) {
		struct slice rest = readable_text(&p.m, a), line;
		buf_putc(out, '\n');
		while (slice_next_line(&rest, &line)) {
			/* A line of thirty hyphens would end the message (RFC 1153 2). */
			if (slice_starts(line, SLICE("------------------------------")))
				buf_putc(out, ' ');
			buf_put_slice(out, line);
			buf_putc(out, '\n');
		}
		buf_puts(out, "\n------------------------------\n\n");
	}
	arena_free(a);
	return ret;
}

static int
compose_plain(const struct digest *d, struct digest_group *g, struct slice subject,
	      struct slice text, struct buf *body, struct err *e)
{
	buf_puts(&g->head, "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: 8bit\r\n\r\n");
	buf_put_slice(body, text);
	buf_puts(body,
		 "\n----------------------------------------------------------------------\n\n");
	for (size_t i = 0; i < d->n; i++)
		if (put_plain(&d->items[i], body, e) < 0)
			return -1;
	struct arena *a = d->arena;
	const char *end =
	    arena_printf(a, "End of %.*s", SLICE_ARG(subject)); /* RFC 1153 2: this very word */
	buf_printf(body, "%s\n", end);
	for (size_t n = utf8_length(slice_str(end)); n > 0; n--)
		buf_putc(body, '*');
	buf_putc(body, '\n');
	return 0;
}

int
digest_compose(const struct conf *conf, const struct digest *d, struct digest_group *g,
	       struct buf *body, struct err *e)
{
	const char *lang = g->language[0] ? g->language : d->list->language;
	struct buf subject, text;
	int ret = -1;
	buf_init(&subject, 4096);
	buf_init(&text, 1024 * 1024);
	if (preamble(conf, d, lang, &subject, &text, e) < 0)
		goto out;
	put_head(conf, d, g, lang, buf_slice(&subject));
	ret = g->plain ? compose_plain(d, g, buf_slice(&subject), buf_slice(&text), body, e)
		       : compose_mime(conf, d, g, lang, buf_slice(&text), body, e);
	if (ret == 0 && (buf_over(body) || buf_over(&g->head) || buf_over(&text)))
		ret = err_permanent(e, "the digest is too large");
out:
	buf_free(&subject);
	buf_free(&text);
	return ret;
}
