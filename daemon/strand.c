/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strand: see strand.h. A row's root may itself hang on another one, since a parent may come late:
 * who asks walks up, a bounded way, so that no circle that somebody makes by References holds it.
 */
#include "daemon/strand.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/edit.h"
#include "mail/header.h"
#include "mail/readable.h"

#define STEPS_MAX 50    /* upwards */
#define ANSWERED_MAX 64 /* messages that one names; mailers cut References much earlier */
#define SUBJECT_MAX 300 /* bytes that tell subjects apart */
#define KEPT (180 * 86400)
#define TRIM "5000" /* rows a call: a bounded pause in the list's work */

/* What a message answers: keys, the nearest first. */
struct answered {
	const char *keys[ANSWERED_MAX];
	size_t n;
	const char *first; /* of References: the root, as far as its author's client knew */
	bool digest;       /* one of the ids is of a digest that was sent from here */
};

/* --- rows ------------------------------------------------------------------------------------- */

/* *seen: the list role has had the message itself in hand, and not only its name. 1, 0, -1. */
static int
row_root(struct db *db, struct arena *a, const char *list, const char *key, const char **root,
	 bool *seen, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT root, subject <> '' FROM strand WHERE list = ? AND key = ?",
		   "tt", list, key) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1) {
		*root = arena_str(a, db_text(&q, 0));
		*seen = db_int(&q, 1) != 0;
	}
	db_end(&q);
	return r;
}

/* The latest post of this subject: 1 and its key, 0, -1. */
static int
same_subject(struct db *db, struct arena *a, const char *list, const char *subject, int64_t now,
	     const char **key, struct err *e)
{
	struct db_query q;
	if (!subject[0])
		return 0;
	if (db_ask(
		db, &q, e,
		"SELECT key FROM strand WHERE list = ? AND subject = ? AND subject <> '' AND t > ?"
		" ORDER BY t DESC LIMIT 1",
		"tti", list, subject, now - STRAND_SUBJECT_WINDOW) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		*key = arena_str(a, db_text(&q, 0));
	db_end(&q);
	return r;
}

/* A message that is only known by name has no subject; when it comes, it keeps the place that
 * others gave it unless it knows better. */
static int
put_row(struct db *db, const char *list, const char *key, const char *root, const char *subject,
	int64_t now, struct err *e)
{
	return db_do(db, e,
		     "INSERT INTO strand (list, key, root, subject, t) VALUES (?1, ?2, ?3, ?4, ?5)"
		     " ON CONFLICT (list, key) DO UPDATE SET t = ?5,"
		     " subject = iif(?4 = '', subject, ?4), root = iif(?3 = ?2, root, ?3)",
		     "tttti", list, key, root, subject, now) < 0
		   ? -1
		   : 0;
}

int
strand_trim(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "DELETE FROM strand WHERE (list, key) IN"
		     " (SELECT list, key FROM strand WHERE t < ? LIMIT " TRIM ")",
		     "i", now - KEPT) < 0
		   ? -1
		   : 0;
}

/* --- what a message answers ------------------------------------------------------------------- */

static void
add_answered(struct answered *an, struct arena *a, struct slice msgid)
{
	char key[KEY_SIZE];
	msgid_key(msgid, key);
	for (size_t i = 0; i < an->n; i++)
		if (strcmp(an->keys[i], key) == 0)
			return;
	if (an->n < ANSWERED_MAX)
		an->keys[an->n++] = arena_str(a, slice_str(key));
}

/* digest_mail.c names them so. */
static bool
is_digest_id(const struct conf *conf, struct slice msgid)
{
	struct slice local, domain;
	return slice_starts(msgid, SLICE("digest-")) && slice_cut(msgid, '@', &local, &domain) &&
	       slice_eq_ci(domain, slice_str(conf->domain));
}

static void
find_answered(struct answered *an, struct arena *a, const struct conf *conf,
	      const struct message *m)
{
	struct slice *ids;
	memset(an, 0, sizeof(*an));
	size_t n = msgid_parse_list(a, message_value(m, "References"), &ids);
	for (size_t i = n; i > 0; i--) {
		an->digest |= is_digest_id(conf, ids[i - 1]);
		add_answered(an, a, ids[i - 1]);
	}
	if (n > 0) {
		char key[KEY_SIZE];
		msgid_key(ids[0], key);
		an->first = arena_str(a, slice_str(key));
	}
	n = msgid_parse_list(a, message_value(m, "In-Reply-To"), &ids);
	for (size_t i = 0; i < n; i++) {
		an->digest |= is_digest_id(conf, ids[i]);
		add_answered(an, a, ids[i]);
	}
	if (!an->first && an->n > 0)
		an->first = an->keys[0];
}

/* As subjects are compared: without reply marks, ASCII case folded. */
static const char *
folded_subject(struct arena *a, struct slice subject, bool *reply)
{
	struct slice base = slice_trim(subject_base(a, subject, reply));
	return arena_lower(a, slice_sub(base, 0, SUBJECT_MAX));
}

/* A quoted header line's value, if the line is one of this name; marks of quoting may stand before
 * it. */
static bool
quoted_field(struct slice line, struct slice name, struct slice *value)
{
	while (line.n > 0 && (line.p[0] == '>' || line.p[0] == ' ' || line.p[0] == '|'))
		line = slice_from(line, 1);
	if (!slice_starts_ci(line, name))
		return false;
	*value = slice_trim(slice_from(line, name.n));
	return true;
}

/* The one post of a digest that is quoted: its id, else its subject. What quotes several, as who
 * leaves the whole digest below his words, names none. */
static int
quoted_post(struct work *w, const struct conf_list *l, const char **key, struct err *e)
{
	struct slice rest = readable_text(&w->message, w->arena), line, value;
	const char *id = NULL, *subject = NULL;
	bool ids = false, subjects = false;
	while (slice_next_line(&rest, &line)) {
		if (quoted_field(line, SLICE("Message-ID:"), &value)) {
			char found[KEY_SIZE];
			msgid_key(msgid_parse(w->arena, value), found);
			ids |= id && strcmp(id, found) != 0;
			id = arena_str(w->arena, slice_str(found));
		} else if (quoted_field(line, SLICE("Subject:"), &value)) {
			const char *found = folded_subject(w->arena, value, NULL);
			subjects |= subject && strcmp(subject, found) != 0;
			subject = found;
		}
	}
	if (id && !ids) {
		*key = id;
		return 1;
	}
	if (!subject || subjects)
		return 0;
	return same_subject(w->site->db, w->arena, l->name, subject, w->now, key, e);
}

/* What w answers without naming it in a field: 1 and its key, 0, -1. */
static int
answered_unnamed(struct work *w, const struct conf_list *l, const struct answered *an,
		 const char **key, struct err *e)
{
	bool reply = false;
	const char *subject = folded_subject(w->arena, w->subject, &reply);
	if (an->n > 0 && !an->digest)
		return 0;
	if (reply || an->digest) {
		int r = same_subject(w->site->db, w->arena, l->name, subject, w->now, key, e);
		if (r != 0)
			return r;
	}
	return an->digest ? quoted_post(w, l, key, e) : 0;
}

/* --- upwards ---------------------------------------------------------------------------------- */

/* What a published message answers: 1 and the root as it knows it, 0 nothing, -1 it is not there
 * (that is no error). */
static int
published(struct site *site, struct arena *a, const struct conf_list *l, const char *key,
	  const char **root)
{
	struct slice bytes, head, body;
	struct message m;
	struct answered an;
	const char *path = conf_path(site->conf, a, "html/%s/m/%s/raw", l->name, key);
	if (file_map(AT_FDCWD, path, &bytes, NULL) < 0)
		return -1;
	edit_split(bytes, &head, &body);
	message_parse(&m, a, head);
	find_answered(&an, a, site->conf, &m);
	if (an.n > 0 && !an.digest)
		*root = arena_str(a, slice_str(an.first));
	file_unmap(bytes);
	return an.n > 0 && !an.digest;
}

static bool
has_page(struct site *site, struct arena *a, const struct conf_list *l, const char *key)
{
	return access(conf_path(site->conf, a, "html/%s/t/%s", l->name, key), F_OK) == 0;
}

/* One step: 1 and what it hangs on, which may be itself; 0 nothing is known of it, -1. */
static int
step_up(struct site *site, struct arena *a, const struct conf_list *l, const char *key,
	const char **up, struct err *e)
{
	bool seen = false;
	int r = row_root(site->db, a, l->name, key, up, &seen, e);
	if (r < 0 || seen || (r == 1 && strcmp(*up, key) != 0))
		return r;
	*up = key;
	int there = published(site, a, l, key, up);
	return r == 1 || there >= 0 || has_page(site, a, l, key);
}

int
strand_root(struct site *site, struct arena *a, const struct conf_list *l, const char *key,
	    const char **root, bool *known, struct err *e)
{
	*root = key;
	*known = false;
	for (int i = 0; i < STEPS_MAX; i++) {
		const char *up = *root;
		int r = step_up(site, a, l, *root, &up, e);
		if (r < 0)
			return -1;
		*known |= r == 1;
		if (r == 0 || strcmp(up, *root) == 0)
			break;
		*root = up;
	}
	return 0;
}

/* --- noting ----------------------------------------------------------------------------------- */

/* The root by what is known of those it answers, the nearest first; else as its author's client
 * knew it. */
static int
root_of_post(struct work *w, const struct conf_list *l, const struct answered *an, const char *key,
	     const char **root, struct err *e)
{
	const char *named;
	bool known;
	int r = answered_unnamed(w, l, an, &named, e);
	*root = key;
	if (r < 0)
		return -1;
	if (r == 1)
		return strand_root(w->site, w->arena, l, named, root, &known, e);
	for (size_t i = 0; i < an->n && !an->digest; i++) {
		if (strand_root(w->site, w->arena, l, an->keys[i], root, &known, e) < 0)
			return -1;
		if (known)
			return 0;
	}
	if (an->n > 0 && !an->digest)
		*root = an->first;
	return 0;
}

int
strand_note(struct work *w, const struct conf_list *l, const char *key, struct err *e)
{
	struct answered an;
	const char *root;
	find_answered(&an, w->arena, w->site->conf, &w->message);
	if (root_of_post(w, l, &an, key, &root, e) < 0 ||
	    put_row(w->site->db, l->name, key, root, folded_subject(w->arena, w->subject, NULL),
		    w->now, e) < 0)
		return -1;
	/* What hangs on a message that is not there hangs on what is above it, too. */
	for (size_t i = 0; i < an.n && !an.digest; i++) {
		const char *up;
		bool seen;
		int r = row_root(w->site->db, w->arena, l->name, an.keys[i], &up, &seen, e);
		if (r < 0 ||
		    (r == 0 && put_row(w->site->db, l->name, an.keys[i], root, "", w->now, e) < 0))
			return -1;
	}
	return 0;
}

int
strand_belongs(struct work *w, const struct conf_list *l, const char *root, struct err *e)
{
	struct answered an;
	const char *key, *own;
	bool known;
	find_answered(&an, w->arena, w->site->conf, &w->message);
	int r = answered_unnamed(w, l, &an, &key, e);
	if (r < 0)
		return -1;
	if (r == 1) {
		an.keys[0] = key;
		an.n = 1;
	}
	for (size_t i = 0; i < an.n; i++) {
		if (strand_root(w->site, w->arena, l, an.keys[i], &own, &known, e) < 0)
			return -1;
		if (strcmp(own, root) == 0 || strcmp(an.keys[i], root) == 0)
			return 1;
	}
	return 0;
}
