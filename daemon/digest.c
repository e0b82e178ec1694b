/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: see digest.h; what a digest looks like is in digest_mail.c.
 */
#include "daemon/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "daemon/bounce.h"
#include "daemon/digest_mail.h"
#include "daemon/prepare.h"
#include "daemon/queue.h"

#define DIGEST_POSTS_MAX 500          /* in one digest; the rest goes into the next */
#define DIGEST_POSTS_BYTES (32 << 20) /* of the posts in one digest, unless one alone is larger */
#define DIGEST_MAIL_MAX                                                                            \
	(256 << 20) /* bytes of one digest mail: one post, or those, and what is added */

/* --- noting --------------------------------------------------------------------------------- */

int
digest_add(struct work *w, const struct conf_list *l, int64_t seq, struct err *e)
{
	int members = member_has_digests(w->site->db, l->name, e);
	if (members != 1)
		return members;
	if (db_do(w->site->db, e,
		  "INSERT INTO digest_item (list, seq, spool, size, t) VALUES (?, ?, ?, ?, ?)"
		  " ON CONFLICT DO NOTHING",
		  "titii", l->name, seq, w->id, (int64_t)prepared_size(w), w->now) < 0)
		return -1;
	work_need_link(w, arena_printf(w->arena, "digest/%s", l->name));
	return 0;
}

/* --- what is due ---------------------------------------------------------------------------- */

static int
is_due(struct db *db, const struct conf_list *l, int64_t now, struct err *e)
{
	struct db_query q;
	int due = 0;
	if (db_ask(db, &q, e, "SELECT min(t), sum(size), count(*) FROM digest_item WHERE list = ?",
		   "t", l->name) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1 && db_int(&q, 2) > 0)
		due = now - db_int(&q, 0) >= l->digest_every || db_int(&q, 1) >= l->digest_size ||
		      db_int(&q, 2) >= DIGEST_POSTS_MAX;
	db_end(&q);
	return r < 0 ? -1 : due;
}

/* The posts of the next digest, mapped. What has no file (any more) is left out, and said. */
static int
load_items(struct site *site, const struct conf_list *l, struct digest *d, struct err *e)
{
	struct db_query q;
	size_t bytes = 0;
	int r;
	d->items = arena_array(d->arena, DIGEST_POSTS_MAX, sizeof(*d->items));
	if (db_ask(site->db, &q, e,
		   "SELECT seq, spool FROM digest_item WHERE list = ? ORDER BY seq LIMIT ?", "ti",
		   l->name, (int64_t)DIGEST_POSTS_MAX) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1) {
		struct digest_item *it = &d->items[d->n];
		struct err why = {0};
		memset(it, 0, sizeof(*it));
		it->spool = arena_str(d->arena, db_text(&q, 1));
		const char *path =
		    conf_path(site->conf, d->arena, "digest/%s/%s", l->name, it->spool);
		if (file_map(AT_FDCWD, path, &it->bytes, &why) < 0) {
			log_error("digest of %s: %s", l->name, why.text);
			d->last_seq = db_int(&q, 0);
			continue;
		}
		if (d->n > 0 && bytes + it->bytes.n > DIGEST_POSTS_BYTES) {
			file_unmap(it->bytes); /* the next digest's */
			break;
		}
		bytes += it->bytes.n;
		d->last_seq = db_int(&q, 0);
		d->n++;
	}
	db_end(&q);
	return r < 0 ? -1 : 0;
}

/* The volume counts months, the issue what went out in this one. */
static int
number_issue(struct site *site, const struct conf_list *l, struct digest *d, int64_t now,
	     struct err *e)
{
	struct db_query q;
	int year, month, day, last_year, last_month;
	d->volume = 1;
	d->issue = 1;
	if (db_ask(site->db, &q, e, "SELECT volume, issue, sent FROM digest_issue WHERE list = ?",
		   "t", l->name) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1) {
		clock_civil(now, &year, &month, &day);
		clock_civil(db_int(&q, 2), &last_year, &last_month, &day);
		bool same = year == last_year && month == last_month;
		d->volume = db_int(&q, 0) + !same;
		d->issue = same ? db_int(&q, 1) + 1 : 1;
	}
	db_end(&q);
	return r < 0 ? -1 : 0;
}

/* --- sending -------------------------------------------------------------------------------- */

static int
collect_group(void *arg, const char *language, bool plain)
{
	struct digest *d = arg;
	if (d->ngroups < DIGEST_GROUPS_MAX) {
		d->groups[d->ngroups].language = arena_str(d->arena, slice_str(language));
		d->groups[d->ngroups++].plain = plain;
	}
	return 0;
}

/* One mail of a group: its body durable in out/, its row and recipients in T1. */
static int
write_group(struct site *site, struct digest *d, size_t g, struct err *e)
{
	struct buf body;
	char suffix[40], list[BASE32_SIZE(SHA1_SIZE)];
	uint8_t sum[SHA1_SIZE];
	int ret = -1;
	buf_init(&body, DIGEST_MAIL_MAX);
	buf_init(&d->groups[g].head, 65536);
	/* The same post may be the first one of several lists. */
	hash_sha1(slice_str(d->list->name), sum);
	hash_base32(sum, sizeof(sum), list);
	snprintf(suffix, sizeof(suffix), "d%zu-%.12s", g, list);
	id_derive(d->groups[g].file, d->items[0].spool, suffix);
	if (digest_compose(site->conf, d, &d->groups[g], &body, e) < 0)
		goto out;
	struct slice part = buf_slice(&body);
	const char *path = conf_path(site->conf, d->arena, "out/%s", d->groups[g].file);
	ret = file_put(AT_FDCWD, path, &part, 1, 0600, e);
	crash_point("digest.written");
out:
	buf_free(&body);
	return ret;
}

static int
queue_group(struct site *site, struct digest *d, size_t g, int64_t now, struct err *e)
{
	struct digest_group *gr = &d->groups[g];
	struct queue_mail q = {.spool = gr->file,
			       .list = d->list->name,
			       .kind = "digest",
			       .seq = d->last_seq,
			       .head = buf_slice(&gr->head),
			       .flags = QUEUE_8BIT};
	int64_t out = queue_add(site->db, &q, now, e);
	if (out < 0)
		return -1;
	int64_t n =
	    queue_add_digest_members(site->db, out, d->list->name, gr->language, gr->plain, now, e);
	if (n < 0)
		return -1;
	d->recipients += n;
	if (n == 0)
		return queue_drop(site->db, out, e);
	return bounce_post_sent(site->db, d->list->name, d->last_seq, n, now, e);
}

/* T1 of a digest. */
static int
commit_digest(struct site *site, struct digest *d, int64_t now, struct err *e)
{
	int ret = -1;
	if (db_begin(site->db, e) < 0)
		return -1;
	for (size_t g = 0; g < d->ngroups; g++)
		if (queue_group(site, d, g, now, e) < 0)
			goto out;
	if (db_do(site->db, e, "DELETE FROM digest_item WHERE list = ? AND seq <= ?", "ti",
		  d->list->name, d->last_seq) < 0 ||
	    db_do(site->db, e,
		  "INSERT OR REPLACE INTO digest_issue (list, volume, issue, sent)"
		  " VALUES (?, ?, ?, ?)",
		  "tiii", d->list->name, d->volume, d->issue, now) < 0 ||
	    db_commit(site->db, e) < 0)
		goto out;
	ret = 0;
out:
	if (ret < 0)
		db_rollback(site->db);
	return ret;
}

static int
send_one(struct site *site, const struct conf_list *l, int64_t now, struct err *e)
{
	struct digest d = {.list = l, .arena = arena_new(), .now = now};
	int ret = -1;
	if (load_items(site, l, &d, e) < 0 || number_issue(site, l, &d, now, e) < 0 ||
	    member_each_digest(site->db, l->name, collect_group, &d, e) < 0)
		goto out;
	if (d.n == 0)
		d.ngroups = 0; /* no file was left: only the notes go */
	for (size_t g = 0; g < d.ngroups; g++)
		if (write_group(site, &d, g, e) < 0)
			goto out;
	if (commit_digest(site, &d, now, e) < 0)
		goto out;
	crash_point("digest.committed");
	log_info("digest of %s, volume %lld issue %lld: %zu posts to %lld members", l->name,
		 (long long)d.volume, (long long)d.issue, d.n, (long long)d.recipients);
	ret = 0;
out:
	for (size_t i = 0; i < d.n; i++)
		file_unmap(d.items[i].bytes);
	for (size_t g = 0; g < d.ngroups; g++)
		buf_free(&d.groups[g].head);
	arena_free(d.arena);
	return ret;
}

/* --- files ---------------------------------------------------------------------------------- */

/* Links in digest/LIST that no note needs: of posts that were sent, or of a commit that was lost.
 */
static int
sweep_files(struct site *site, const struct conf_list *l, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = conf_path(site->conf, a, "digest/%s", l->name);
	DIR *dir = opendir(path);
	struct dirent *de;
	int ret = 0;
	while (dir && ret == 0 && (de = readdir(dir))) {
		int64_t needed = 0;
		if (de->d_name[0] == '.')
			continue;
		if (db_one_int(site->db, e, &needed,
			       "SELECT count(*) FROM digest_item WHERE list = ? AND spool = ?",
			       "tt", l->name, de->d_name) < 0)
			ret = -1;
		else if (!needed && unlinkat(dirfd(dir), de->d_name, 0) < 0 && errno != ENOENT)
			ret = err_errno(e, "remove %s/%s", path, de->d_name);
	}
	if (dir)
		closedir(dir);
	arena_free(a);
	return ret;
}

int
digest_send_due(struct site *site, int64_t now, struct err *e)
{
	int ret = 0;
	for (size_t i = 0; i < site->conf->nlists; i++) {
		const struct conf_list *l = &site->conf->lists[i];
		struct err why = {0};
		int due = is_due(site->db, l, now, &why);
		if (due >= 0 && (!due || send_one(site, l, now, &why) == 0) &&
		    sweep_files(site, l, &why) == 0)
			continue;
		/* One list's trouble holds up no other. */
		if (ret < 0)
			log_error("%s", e->text);
		*e = why;
		ret = err_prefix(e, "digest of %s", l->name);
	}
	return ret;
}
