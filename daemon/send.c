/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * send: see send.h. Only header lines change, and none that an author's DKIM signature commonly
 * covers unless the list's settings ask for it (subject-prefix, reply-to, rewrite-from).
 */
#include "daemon/send.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/announce.h"
#include "daemon/bounce.h"
#include "daemon/digest.h"
#include "daemon/prepare.h"
#include "daemon/queue.h"
#include "daemon/seen.h"
#include "mail/edit.h"
#include "mail/header.h"

#define HEADER_MAX (1024 * 1024) /* of a post as sent: the guard's 256 KB and what is added */
#define LOCAL_MAX 64             /* RFC 5321 4.5.3.1.1 */
#define REPLY_MAX 5              /* addresses of an author's own Reply-To that are kept */

const char *const send_dropped[SEND_DROPPED] = {"Return-Path",
						"Delivered-To",
						"X-Original-To",
						"Bcc",
						"Disposition-Notification-To",
						"Return-Receipt-To",
						"List-*",
						"Archived-At",
						"Precedence",
						"Errors-To"};

struct added {
	struct slice v[SEND_FIELDS_MAX];
	size_t n;
};

static void __attribute__((format(printf, 3, 4)))
add(struct added *add, struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (add->n < SEND_FIELDS_MAX)
		add->v[add->n++] = slice_str(arena_vprintf(a, fmt, ap));
	va_end(ap);
}

/* "Phrase <what>" as the value of a field whose name takes used columns. */
static char *
phrase_and(struct arena *a, const char *phrase, size_t used, const char *what)
{
	struct buf b;
	buf_init(&b, 4096);
	header_put_phrase(&b, slice_str(phrase), used);
	buf_printf(&b, " <%s>", what);
	char *s = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

size_t
send_list_fields(struct arena *a, const struct conf *conf, const struct conf_list *l,
		 struct slice out[SEND_FIELDS_MAX])
{
	struct added f = {.n = 0};
	const char *at = arena_printf(a, "%s.%s", l->name, conf->domain);
	add(&f, a, "List-Id: %s", phrase_and(a, l->title, 9, at));
	add(&f, a, "List-Post: <mailto:%s@%s>", l->name, conf->domain);
	add(&f, a, "List-Help: <mailto:%s-help@%s>", l->name, conf->domain);
	add(&f, a, "List-Subscribe: <mailto:%s-subscribe@%s>", l->name, conf->domain);
	add(&f, a, "List-Owner: <mailto:%s-owner@%s>", l->name, conf->domain);
	add(&f, a, "List-Archive: <%s/%s/>", conf->site_url, l->name);
	add(&f, a, "Precedence: list");
	memcpy(out, f.v, f.n * sizeof(*out));
	return f.n;
}

/* And those of one post (RFC 5064). */
static void
add_post_fields(struct added *f, struct work *w, const struct conf_list *l, const char *key)
{
	f->n = send_list_fields(w->arena, w->site->conf, l, f->v);
	add(f, w->arena, "Archived-At: <%s/%s/m/%s/>", w->site->conf->site_url, l->name, key);
	if (w->identity.generated) /* without one, nobody's answer could find its thread */
		add(f, w->arena, "Message-ID: <%.*s>", SLICE_ARG(w->identity.msgid));
}

/* The list's prefix before the subject, once, behind no "Re:": the way the field is used to. */
static const char *
prefixed_subject(struct work *w, const struct conf_list *l)
{
	struct slice prefix = slice_trim(slice_str(l->subject_prefix));
	struct buf b;
	if (prefix.n == 0 || slice_find_ci(w->subject, prefix) < w->subject.n)
		return NULL;
	buf_init(&b, HEADER_MAX);
	header_put_text(&b,
			slice_str(arena_printf(w->arena, "%.*s %.*s", SLICE_ARG(prefix),
					       SLICE_ARG(w->subject))),
			9);
	const char *s = arena_str(w->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

void
send_key(struct work *w, const struct conf_list *l, char key[KEY_SIZE])
{
	memcpy(key, w->identity.key, sizeof(w->identity.key));
	if (seen_other_body(w->site->db, l->name, w->identity.msgid, w->identity.body_sha256) > 0)
		msgid_key_second(w->identity.msgid, w->identity.body_sha256, key);
}

struct rewrite_changes
send_changes(struct work *w, const struct conf_list *l)
{
	const struct prepared_list *pl = prepared_for(w, l);
	return (struct rewrite_changes){.subject = prefixed_subject(w, l) != NULL,
					.reply_to = l->reply_to == REPLY_TO_LIST,
					.msgid = w->identity.generated,
					.body = pl && pl->lightened};
}

static bool
must_rewrite(struct work *w, const struct conf_list *l)
{
	static const struct policy unknown = {.says = POLICY_UNKNOWN};
	struct rewrite_changes c = send_changes(w, l);
	return rewrite_decide(w, l, &c, w->prepared ? &w->prepared->policy : &unknown) ==
	       REWRITE_ACT;
}

/* From: "Name via LIST" <LIST@DOMAIN>; who it was goes into Reply-To. */
static const char *
rewritten_from(struct work *w, const struct conf_list *l)
{
	struct slice who = w->author.name.n ? w->author.name : w->author.local;
	return phrase_and(w->arena, arena_printf(w->arena, "%.*s via %s", SLICE_ARG(who), l->name),
			  6, arena_printf(w->arena, "%s@%s", l->name, w->site->conf->domain));
}

/* An address as one of several in a field. */
static void
put_address(struct buf *b, struct arena *a, const struct address *who)
{
	if (b->n > 0)
		buf_puts(b, ",\n ");
	if (who->name.n)
		buf_puts(b, phrase_and(a, arena_str(a, who->name), b->n > 0 ? 1 : 10,
				       arena_str(a, who->text)));
	else
		buf_printf(b, "<%.*s>", SLICE_ARG(who->text));
}

/* Where replies go, in place of the author's Reply-To: to the list if it wants them, and, where her
 * From is gone, to the author (and first to where she wants replies herself). NULL: as it is. */
static const char *
reply_to(struct work *w, const struct conf_list *l, bool rewrite)
{
	struct slice list =
	    slice_str(arena_printf(w->arena, "%s@%s", l->name, w->site->conf->domain));
	struct buf b;
	if (!rewrite && l->reply_to != REPLY_TO_LIST)
		return NULL;
	buf_init(&b, HEADER_MAX);
	if (l->reply_to == REPLY_TO_LIST) {
		put_address(&b, w->arena, &(struct address){.text = list});
	} else {
		struct address *own;
		size_t n =
		    address_parse_list(w->arena, message_value(&w->message, "Reply-To"), &own);
		for (size_t i = 0; i < n && i < REPLY_MAX; i++)
			if (!address_eq(own[i].text, w->author.text))
				put_address(&b, w->arena, &own[i]);
	}
	if (rewrite)
		put_address(&b, w->arena, &w->author);
	const char *s = arena_str(w->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* The lightened body of a list's copies, if it was made for the key they have. */
static struct prepared_list *
light_copy(struct work *w, const struct conf_list *l)
{
	struct prepared_list *pl = prepared_for(w, l);
	char key[KEY_SIZE];
	if (!pl || !pl->file[0])
		return NULL;
	send_key(w, l, key);
	return strcmp(key, pl->key) == 0 ? pl : NULL;
}

int
send_header(struct work *w, const struct conf_list *l, struct buf *head, int64_t *body_at,
	    struct err *e)
{
	struct added f = {.n = 0};
	struct slice body;
	char key[KEY_SIZE];
	const char *subject = prefixed_subject(w, l), *drop[SEND_DROPPED + 3];
	size_t ndrop = SEND_DROPPED;
	bool rewrite = must_rewrite(w, l);
	const char *reply = reply_to(w, l, rewrite);
	const struct prepared_list *light = light_copy(w, l);
	struct buf first;
	memcpy(drop, send_dropped, sizeof(send_dropped));
	send_key(w, l, key);
	add_post_fields(&f, w, l, key);
	if (reply) {
		drop[ndrop++] = "Reply-To";
		add(&f, w->arena, "Reply-To: %s", reply);
	}
	if (light && light->light.nfields > 0)
		drop[ndrop++] = "Content-*";
	for (size_t i = 0; light && i < light->light.nfields; i++)
		add(&f, w->arena, "%.*s", SLICE_ARG(light->light.field[i]));
	drop[ndrop] = NULL;
	/* One field is replaced at a time; the second pass sees the first one's header only. */
	struct header_edit edit = {.drop = drop,
				   .add = f.v,
				   .nadd = f.n,
				   .replace_name = subject ? "Subject" : NULL,
				   .replace_value = slice_str(subject)};
	buf_init(&first, HEADER_MAX);
	edit_header(&edit, w->env.message, rewrite ? &first : head, &body);
	if (rewrite) {
		struct header_edit from = {.replace_name = "From",
					   .replace_value = slice_str(rewritten_from(w, l))};
		struct slice none;
		edit_header(&from, buf_slice(&first), head, &none);
	}
	bool over = buf_over(&first) || buf_over(head);
	buf_free(&first);
	*body_at = light ? 0 : body.p ? body.p - w->bytes.p : (int64_t)w->bytes.n;
	return over ? err_permanent(e, "its header is too long to be sent on") : 0;
}

int
send_flags(const struct work *w)
{
	int flags = slice_is(envelope_get(&w->env, "utf8"), "yes") ? QUEUE_UTF8 : 0;
	if (slice_is(envelope_get(&w->env, "body"), "8bit"))
		return flags | QUEUE_8BIT;
	for (size_t i = 0; i < w->env.message.n; i++)
		if ((unsigned char)w->env.message.p[i] >= 0x80)
			return flags | QUEUE_8BIT;
	return flags;
}

/* The subscription that wants no copy of this post, because its author said so on this list or on
 * the one it was posted to; 0: there is none, -1. */
static int64_t
no_copy_for(struct work *w, const struct conf_list *to, const struct member *author, struct err *e)
{
	struct member m;
	if (!author)
		return 0;
	int r = member_find(w->site->db, w->arena, to->name, slice_str(author->address), &m, e);
	if (r != 1)
		return r;
	return author->copy && m.copy ? 0 : m.id;
}

/* One out row and its recipients. A list under this one has the same header: it was posted here;
 * but posts to its members are counted by its own numbers, which bounces and digests go by. */
static int
send_to_list(struct work *w, const struct conf_list *to, const struct buf *head, int64_t body_at,
	     const struct member *author, struct prepared_list *light, int64_t *n, struct err *e)
{
	int64_t except = w->announces ? announce_except(w, to, e) : no_copy_for(w, to, author, e);
	int64_t seq = except < 0 ? -1 : seen_next_seq(w->site->db, to->name, w->now, e);
	if (seq < 0)
		return -1;
	struct queue_mail q = {.spool = light ? light->file : w->id,
			       .list = to->name,
			       .kind = "post",
			       .copies = to->copies == COPIES_SHARED ? "shared" : "personal",
			       .seq = seq,
			       .head = buf_slice(head),
			       .body_at = body_at,
			       .flags = send_flags(w)};
	int64_t out = queue_add(w->site->db, &q, w->now, e);
	if (out < 0)
		return -1;
	int64_t got = queue_add_members(w->site->db, out, to->name, except, w->now, e);
	bool again = false;
	int64_t twice = got < 0 ? -1
				: queue_once(w->site->db, out, to->name, w->identity.msgid,
					     w->identity.body_sha256, except, w->now, &again, e);
	if (twice < 0)
		return -1;
	got -= twice;
	if (!again && digest_add(w, to, seq, e) < 0)
		return -1;
	if (got == 0)
		return queue_drop(w->site->db, out, e);
	if (light)
		light->used = true;
	else
		work_need_link(w, "out");
	*n += got;
	return bounce_post_sent(w->site->db, to->name, seq, got, w->now, e);
}

int
send_post(struct work *w, const struct conf_list *l, const struct member *author, int64_t *n,
	  struct err *e)
{
	const struct conf *conf = w->site->conf;
	struct prepared_list *light = light_copy(w, l);
	struct buf head;
	int64_t body_at;
	int ret = -1;
	*n = 0;
	buf_init(&head, HEADER_MAX);
	if (send_header(w, l, &head, &body_at, e) < 0)
		goto out;
	if (send_to_list(w, l, &head, body_at, author, light, n, e) < 0)
		goto out;
	for (size_t i = 0; i < conf->nlists; i++) {
		const struct conf_list *under = &conf->lists[i];
		if (conf_list_under(conf, under, l) &&
		    send_to_list(w, under, &head, body_at, author, light, n, e) < 0)
			goto out;
	}
	ret = 0;
out:
	buf_free(&head);
	return ret;
}

/* --- deliver's half ------------------------------------------------------------------------- */

char *
send_token_address(struct arena *a, const struct conf *conf, const char *list, const char *function,
		   const char *token)
{
	char *local = arena_printf(a, "%s-%s%c%s", list, function, conf->delimiter, token);
	if (strlen(local) > LOCAL_MAX || !list[0])
		local = arena_printf(a, "plenary-%s%c%s", function, conf->delimiter, token);
	return arena_printf(a, "%s@%s", local, conf->domain);
}

void
send_personal(const struct conf *conf, const struct token_keys *keys, const char *list,
	      int64_t subscription, int64_t seq, int64_t now, struct buf *lines,
	      struct buf *return_path)
{
	struct arena *a = arena_new();
	char token[TOKEN_SIZE];
	uint64_t row = (uint64_t)subscription & 0xffffff;
	token_make(keys, "bounce", "", row << 16 | ((uint64_t)seq & 0xffff), token);
	buf_puts(return_path, send_token_address(a, conf, list, "bounces", token));
	if (subscription > 0) {
		token_make(keys, "leave", "", row << 16 | ((uint64_t)(now / 86400) & 0xffff),
			   token);
		buf_printf(lines,
			   "List-Unsubscribe: <%s/u/%s>,\r\n <mailto:%s>\r\n"
			   "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
			   conf->site_url, token,
			   send_token_address(a, conf, list, "unsubscribe", token));
	} else {
		buf_printf(lines, "List-Unsubscribe: <mailto:%s-unsubscribe@%s>\r\n", list,
			   conf->domain);
	}
	arena_free(a);
}
