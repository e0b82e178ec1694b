/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refused: see refused.h. A post counts under the first of its reasons, which is the one that
 * decided.
 */
#include "daemon/refused.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "daemon/nameless.h"
#include "daemon/reasons.h"
#include "mail/header.h"
#include "mail/readable.h"

#define TEXT_SHOWN 4000 /* characters of a post in the open record */

/* Without signatures and without the lines that say who wrote what is quoted. What the guard has
 * not parsed (mail/guard.h) is a body with its header in it: nothing of it is shown. */
static struct slice
shown_text(struct arena *a, const struct message *m, struct slice from)
{
	struct text_line *lines;
	struct slice whole = utf8_head(readable_text(m, a), 4 * TEXT_SHOWN);
	size_t n = m->parts[0].nfields ? readable_lines(a, whole, &lines) : 0;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < n; i++)
		if (lines[i].kind != LINE_SIGNATURE && lines[i].kind != LINE_ATTRIBUTION) {
			buf_put_slice(&b, lines[i].text);
			buf_putc(&b, '\n');
		}
	struct slice text =
	    nameless_mask(a, utf8_head(slice_trim(buf_slice(&b)), TEXT_SHOWN), from);
	buf_free(&b);
	return text;
}

/* --- counting --------------------------------------------------------------------------------- */

static const char *
first_reason(struct arena *a, const char *reasons)
{
	struct slice check, rest;
	slice_cut(slice_str(reasons), '\t', &check, &rest);
	return arena_str(a, check);
}

#define NEWS                                                                                       \
	"INSERT INTO refused_news (list, n)"                                                       \
	" SELECT list, (SELECT coalesce(max(n), 0) + 1 FROM refused_news)"
#define AGAIN " ON CONFLICT DO UPDATE SET n = excluded.n"

/* The file of the list is to be written anew. */
static int
note_news(struct db *db, const char *list, struct err *e)
{
	return db_do(db, e, NEWS " FROM (SELECT ? AS list) WHERE true" AGAIN, "t", list) < 0 ? -1
											     : 0;
}

static int
count(struct db *db, const struct conf_list *l, const char *what, const char *reason, int64_t now,
      struct err *e)
{
	int year, month;
	zone_month(l->zone, now, &year, &month);
	return db_do(db, e,
		     "INSERT INTO refused (list, month, what, reason, n) VALUES (?, ?, ?, ?, 1)"
		     " ON CONFLICT DO UPDATE SET n = n + 1",
		     "titt", l->name, (int64_t)year * 100 + month, what, reason) < 0
		   ? -1
		   : note_news(db, l->name, e);
}

/* A post for the open record. */
static int
keep(struct db *db, struct arena *a, const struct conf_list *l, const char *reason,
     const char *sender, const struct message *m, int64_t now, struct err *e)
{
	struct slice from = header_text(a, message_value(m, "From"));
	struct slice subject = nameless_mask(a, header_text(a, message_value(m, "Subject")), from);
	if (db_do(db, e,
		  "INSERT INTO refused_post (list, t, reason, sender, subject, text)"
		  " VALUES (?, ?, ?, ?, ?, ?)",
		  "titttt", l->name, now, reason,
		  sender[0] ? address_canonical(a, slice_str(sender)) : "",
		  arena_str(a, utf8_cleaned(a, utf8_head(subject, 300))),
		  arena_str(a, utf8_cleaned(a, shown_text(a, m, from)))) < 0)
		return -1;
	return db_do(db, e,
		     "DELETE FROM refused_post WHERE list = ?1 AND id <= (SELECT id FROM"
		     " refused_post WHERE list = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
		     "ti", l->name, (int64_t)REFUSED_POSTS_MAX) < 0
		   ? -1
		   : 0;
}

int
refused_by_rule(struct work *w, const struct conf_list *l, const char *what, const char *reasons,
		struct err *e)
{
	struct db *db = w->site->db;
	const char *reason = first_reason(w->arena, reasons);
	if (count(db, l, what, reason, w->now, e) < 0)
		return -1;
	if (l->open_record != RECORD_POSTS || strcmp(what, "refused") != 0)
		return 0;
	return keep(db, w->arena, l, reason, arena_str(w->arena, w->author.text), &w->message,
		    w->now, e);
}

/* Its bytes are still there: they go when the decision has been committed. */
static int
keep_held(struct site *site, struct arena *a, const struct conf_list *l, const char *reason,
	  const struct held *h, int64_t now, struct err *e)
{
	struct slice bytes;
	struct envelope env;
	struct message m;
	int ret = 0;
	if (file_map(AT_FDCWD, conf_path(site->conf, a, "held/%s", h->spool), &bytes, e) < 0)
		return errno == ENOENT ? 0 : -1;
	if (envelope_parse(&env, a, bytes, e) == 0) {
		message_parse(&m, a, env.message);
		ret = keep(site->db, a, l, reason, h->sender, &m, now, e);
	}
	file_unmap(bytes);
	return ret;
}

static const struct {
	const char *decision, *what;
	bool kept; /* in the open record */
} decisions[] = {
    {"reject", "rejected", true}, {"discard", "discarded", false}, {"expire", "expired", false}};

int
refused_held(struct site *site, const struct held *h, int64_t now, struct err *e)
{
	const struct conf_list *l = conf_list_find(site->conf, slice_str(h->list));
	struct arena *a = arena_new();
	const char *reason = first_reason(a, h->reasons);
	int ret = 0;
	for (size_t i = 0; l && i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		if (strcmp(decisions[i].decision, h->decision) != 0)
			continue;
		ret = count(site->db, l, decisions[i].what, reason, now, e);
		if (ret == 0 && decisions[i].kept && l->open_record == RECORD_POSTS)
			ret = keep_held(site, a, l, reason, h, now, e);
	}
	arena_free(a);
	return ret;
}

/* --- walking ---------------------------------------------------------------------------------- */

int
refused_each_count(struct db *db, const char *list,
		   int (*each)(void *arg, const struct refused_count *c), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT month, what, reason, n FROM refused WHERE list = ?"
		       " ORDER BY month DESC, what, n DESC, reason",
		       "t", list);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			struct refused_count c = {db_int(&q, 0), arena_str(a, db_text(&q, 1)),
						  arena_str(a, db_text(&q, 2)), db_int(&q, 3)};
			if (each(arg, &c) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

static int
walk_posts(struct db_query *q, int (*each)(void *arg, const struct refused_post *p), void *arg,
	   struct err *e)
{
	struct arena *a = arena_new();
	int r;
	while ((r = db_next(q, e)) == 1) {
		arena_reset(a);
		struct refused_post p = {.id = db_int(q, 0),
					 .t = db_int(q, 1),
					 .list = arena_str(a, db_text(q, 2)),
					 .reason = arena_str(a, db_text(q, 3)),
					 .subject = arena_str(a, db_text(q, 4)),
					 .text = arena_str(a, db_text(q, 5))};
		if (each(arg, &p) < 0)
			break;
	}
	db_end(q);
	arena_free(a);
	return r < 0 ? -1 : 0;
}

#define POST_COLUMNS "id, t, list, reason, subject, text"

int
refused_each_post(struct db *db, const char *list,
		  int (*each)(void *arg, const struct refused_post *p), void *arg, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " POST_COLUMNS " FROM refused_post WHERE list = ? ORDER BY id DESC", "t",
		   list) < 0)
		return -1;
	return walk_posts(&q, each, arg, e);
}

int
refused_each_of(struct db *db, struct slice address,
		int (*each)(void *arg, const struct refused_post *p), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT " POST_COLUMNS " FROM refused_post WHERE sender = ? ORDER BY id",
		       "t", address_canonical(a, address));
	if (r == 0)
		r = walk_posts(&q, each, arg, e);
	arena_free(a);
	return r;
}

int
refused_remove(struct db *db, const char *list, int64_t id, struct err *e)
{
	int64_t n =
	    db_do(db, e, "DELETE FROM refused_post WHERE list = ? AND id = ?", "ti", list, id);
	return n > 0 && note_news(db, list, e) < 0 ? -1 : (int)n;
}

int
refused_forget(struct db *db, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	const char *sender = address_canonical(a, address);
	int ret = db_do(db, e,
			NEWS " FROM (SELECT DISTINCT list FROM refused_post WHERE sender = ?)"
			     " WHERE true" AGAIN,
			"t", sender) < 0 ||
			  db_do(db, e, "DELETE FROM refused_post WHERE sender = ?", "t", sender) < 0
		      ? -1
		      : 0;
	arena_free(a);
	return ret;
}

/* --- the file --------------------------------------------------------------------------------- */

static void
put_escaped(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '\n':
			buf_puts(b, "\\n");
			break;
		case '\t':
			buf_puts(b, "\\t");
			break;
		case '\\':
			buf_puts(b, "\\\\");
			break;
		default:
			buf_putc(b, s.p[i]);
		}
}

static int
put_count(void *arg, const struct refused_count *c)
{
	buf_printf(arg, "count\t%" PRId64 "\t%s\t%s\t%" PRId64 "\n", c->month, c->what,
		   reasons_phrase(slice_str(c->reason)), c->n);
	return 0;
}

static int
put_post(void *arg, const struct refused_post *p)
{
	struct buf *b = arg;
	buf_printf(b, "post\t%" PRId64 "\t%s\t", p->t, reasons_phrase(slice_str(p->reason)));
	put_escaped(b, slice_str(p->subject));
	buf_putc(b, '\t');
	put_escaped(b, slice_str(p->text));
	buf_putc(b, '\n');
	return 0;
}

static int
write_list(struct site *site, const struct conf_list *l, struct err *e)
{
	struct arena *a = arena_new();
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	int ret = refused_each_count(site->db, l->name, put_count, &b, e);
	if (ret == 0 && l->open_record == RECORD_POSTS)
		ret = refused_each_post(site->db, l->name, put_post, &b, e);
	struct slice part = buf_slice(&b);
	if (ret == 0 && part.n > 0)
		ret = file_put_derived(AT_FDCWD,
				       conf_path(site->conf, a, "conduct/%s+refused", l->name),
				       &part, 1, 0644, e);
	buf_free(&b);
	arena_free(a);
	return ret;
}

/* Has the list news since then? 1, 0, -1. */
static int
has_news(struct db *db, const char *list, int64_t since, struct err *e)
{
	int64_t n = 0;
	int r = db_one_int(db, e, &n, "SELECT n FROM refused_news WHERE list = ?", "t", list);
	return r < 0 ? -1 : since < 0 || n > since;
}

int
refused_write(struct site *site, int64_t *written, struct err *e)
{
	int64_t now = 0;
	if (db_one_int(site->db, e, &now, "SELECT coalesce(max(n), 0) FROM refused_news", "") < 0)
		return -1;
	if (now == *written)
		return 0;
	for (size_t i = 0; i < site->conf->nlists; i++) {
		const struct conf_list *l = &site->conf->lists[i];
		int r = has_news(site->db, l->name, *written, e);
		if (r < 0 || (r == 1 && write_list(site, l, e) < 0))
			return -1;
	}
	*written = now;
	return 1;
}
