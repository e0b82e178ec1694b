/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moderate: see moderate.h. The first word of an answer decides. Deciding is a row; the files
 * follow after the commit, from the row, any number of times: so a moderator's word is neither lost
 * nor carried out twice.
 */
#include "daemon/moderate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "daemon/answer.h"
#include "daemon/conduct_mail.h"
#include "daemon/habits.h"
#include "daemon/moderator.h"
#include "daemon/flood.h"
#include "daemon/refused.h"
#include "daemon/send.h"
#include "daemon/ticket.h"
#include "daemon/waiting.h"

#define WHY_MAX 2000 /* characters of a reason */
/* To one author about decisions. More than of those that tell of a hold, which were before them;
 * and yet not as many as somebody could send in another's name. */
#define DECISIONS_A_DAY 20

/* --- what follows a decision ---------------------------------------------------------------- */

/* The post again, with who approved it in its envelope, for this list alone. */
static int
put_back(struct site *site, struct arena *a, const struct held *h, struct slice bytes,
	 struct err *e)
{
	struct envelope env;
	struct buf head;
	char id[ID_MAX];
	int ret = -1;
	buf_init(&head, ENVELOPE_MAX);
	id_derive(id, h->spool, arena_printf(a, "a%lld", (long long)h->number));
	if (envelope_parse(&env, a, bytes, e) < 0)
		goto out;
	const char *rcpt = arena_printf(a, "%s@%s", h->list, site->conf->domain);
	if (envelope_put(&head, "from", envelope_get(&env, "from"), e) < 0 ||
	    envelope_put(&head, "rcpt", slice_str(rcpt), e) < 0 ||
	    envelope_put(&head, "approved-by", slice_str(h->decided_by), e) < 0)
		goto out;
	static const char *const kept[] = {"received", "via", "utf8", "body"};
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (envelope_has(&env, kept[i]) &&
		    envelope_put(&head, kept[i], envelope_get(&env, kept[i]), e) < 0)
			goto out;
	envelope_end(&head);
	struct slice parts[] = {buf_slice(&head), env.message};
	ret = spool_put(site->spool, id, parts, 2, e);
out:
	buf_free(&head);
	return ret;
}

/* 1; 0 if the file is not there yet: the role that holds the post has still to link it, -1. */
static int
settle_bytes(struct site *site, struct arena *a, const struct held *h, const char *path,
	     struct err *e)
{
	struct slice bytes;
	if (file_map(AT_FDCWD, path, &bytes, e) < 0)
		return errno == ENOENT ? 0 : -1;
	int ret = strcmp(h->decision, "accept") == 0 ? put_back(site, a, h, bytes, e) : 0;
	file_unmap(bytes);
	crash_point("moderate.put");
	if (ret < 0 || held_settle(site->db, h->number, HELD_PUT_BACK, e) < 0)
		return -1;
	return 1;
}

static int
settle_file(struct site *site, const struct held *h, const char *path, struct err *e)
{
	int64_t others = 0;
	if (held_need_count(site->db, h->spool, &others, e) < 0)
		return -1;
	if (others == 0 && unlink(path) < 0 && errno != ENOENT)
		return err_errno(e, "remove %s", path);
	return held_settle(site->db, h->number, HELD_SETTLED, e);
}

int
moderate_settle(struct site *site, const struct held *h, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = conf_path(site->conf, a, "held/%s", h->spool);
	int ret = h->settled == HELD_UNSETTLED ? settle_bytes(site, a, h, path, e) : 1;
	/* A post to several lists is one file: the last decision takes it away. */
	if (ret == 1)
		ret = settle_file(site, h, path, e);
	arena_free(a);
	return ret;
}

struct decided {
	struct site *site;
	struct arena *a;
	struct held *v;
	size_t n, cap;
};

/* Keeps rows until the query is over: what follows writes to the same table. */
static int
collect(void *arg, const struct held *h)
{
	struct decided *d = arg;
	if (d->n == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 16;
		struct held *more = arena_array(d->a, cap, sizeof(*more));
		if (d->n)
			memcpy(more, d->v, d->n * sizeof(*more));
		d->v = more;
		d->cap = cap;
	}
	struct held *k = &d->v[d->n++];
	*k = *h;
	k->spool = arena_str(d->a, slice_str(h->spool));
	k->list = arena_str(d->a, slice_str(h->list));
	k->decision = arena_str(d->a, slice_str(h->decision));
	k->decided_by = arena_str(d->a, slice_str(h->decided_by));
	return 0;
}

static int
expire_one(struct site *site, struct arena *a, const struct held *h, int64_t now, struct err *e)
{
	struct held after;
	char id[ID_MAX];
	id_derive(id, h->spool, arena_printf(a, "x%lld", (long long)h->number));
	if (db_begin(site->db, e) < 0)
		return -1;
	if (moderate_decide(site, a, h->number, "expire", "the clock", "", id, now, &after, e) <
		0 ||
	    db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		return -1;
	}
	log_info("held post %lld of %s expired; its author is told", (long long)h->number, h->list);
	return 0;
}

/* A link that was made again after a crash, when all was decided and settled in between. */
static int
sweep_files(struct site *site, struct arena *a, struct err *e)
{
	const char *path = conf_path(site->conf, a, "held");
	DIR *dir = opendir(path);
	struct dirent *de;
	int ret = 0;
	while (dir && ret == 0 && (de = readdir(dir)))
		if (de->d_name[0] != '.' && !held_needs_file(site->db, de->d_name) &&
		    unlinkat(dirfd(dir), de->d_name, 0) < 0 && errno != ENOENT)
			ret = err_errno(e, "remove %s/%s", path, de->d_name);
	if (dir)
		closedir(dir);
	return ret;
}

int
moderate_sweep(struct site *site, int64_t now, struct err *e)
{
	struct decided d = {.site = site, .a = arena_new()};
	int ret = held_each_expired(site->db, now, collect, &d, e);
	for (size_t i = 0; ret == 0 && i < d.n; i++)
		ret = expire_one(site, d.a, &d.v[i], now, e);
	d.n = 0;
	if (ret == 0)
		ret = held_each_unsettled(site->db, collect, &d, e);
	for (size_t i = 0; ret == 0 && i < d.n; i++)
		ret = moderate_settle(site, &d.v[i], e);
	if (ret == 0)
		ret = sweep_files(site, d.a, e);
	arena_free(d.a);
	return ret;
}

/* --- deciding ------------------------------------------------------------------------------- */

/* The notices that an author gets; a discarded or cancelled post makes none. */
static const struct {
	const char *decision, *template;
} author_notices[] = {
    {"accept", "post-accepted"},
    {"reject", "post-rejected-by-moderator"},
    {"expire", "post-expired"},
};

static int
tell_author(struct site *site, struct arena *a, const struct held *h, const char *template,
	    const char *id, int64_t now, struct err *e)
{
	const struct conf_list *l = conf_list_find(site->conf, slice_str(h->list));
	struct member m;
	struct text_value values[] = {{"subject", h->subject},
				      {"why", h->why},
				      {"number", arena_printf(a, "%lld", (long long)h->number)},
				      {"public", l && l->open_record == RECORD_POSTS ? "1" : ""}};
	if (!l || !h->sender[0])
		return 0;
	int member = member_find(site->db, a, h->list, slice_str(h->sender), &m, e);
	if (member < 0)
		return -1;
	int may = flood_allow(site->db, "decision-notice",
			      address_flood_key(a, slice_str(h->sender)), DECISIONS_A_DAY, now, e);
	if (may != 1)
		return may;
	struct notice n = {.list = l,
			   .to = slice_str(h->sender),
			   .language = member && m.language[0] ? m.language : l->language,
			   .template = template,
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .in_reply_to = slice_str(h->msgid),
			   .answer = true,
			   .id = arena_printf(a, "%s-author%lld", id, (long long)h->number)};
	return notice_send(site->db, site->conf, &n, now, e);
}

int
moderate_decide(struct site *site, struct arena *a, int64_t number, const char *decision,
		const char *by, const char *why, const char *id, int64_t now, struct held *h,
		struct err *e)
{
	int first = held_decide(site->db, a, number, decision, by, why, now, h, e);
	if (first != 1)
		return first;
	if (refused_held(site, h, now, e) < 0)
		return -1;
	if (ticket_close(site->db, arena_printf(a, "%lld", (long long)number),
			 arena_printf(a, "%s by %s", decision, by), now, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(author_notices) / sizeof(author_notices[0]); i++)
		if (strcmp(author_notices[i].decision, decision) == 0 &&
		    tell_author(site, a, h, author_notices[i].template, id, now, e) < 0)
			return -1;
	return 1;
}

/* --- answers by mail ------------------------------------------------------------------------ */

static const struct word {
	const char *word, *kind, *decision;
} words[] = {
    {"accept", "moderate", "accept"}, {"approve", "moderate", "accept"},
    {"reject", "moderate", "reject"}, {"discard", "moderate", "discard"},
    {"cancel", "cancel", "cancel"},
};

static const struct word *
find_word(struct slice line, const char *kind, struct slice *why)
{
	struct slice word;
	*why = line = habits_bare_line(line);
	if (!slice_next_word(why, &word))
		return NULL;
	word = habits_bare_word(word);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is_ci(word, words[i].word) && strcmp(words[i].kind, kind) == 0)
			return &words[i];
	return NULL;
}

/* The deciding word: of the first own line, else of the subject (some clients send nothing else).
 * The reason is what follows it, with the lines below. */
static const struct word *
read_answer(struct work *w, const char *kind, const char **why)
{
	struct slice *lines, rest;
	size_t n = answer_lines(w, &lines);
	const struct word *word = NULL;
	struct buf b;
	buf_init(&b, WHY_MAX);
	if (n > 0)
		word = find_word(lines[0], kind, &rest);
	if (word) {
		buf_put_slice(&b, slice_trim(rest));
		for (size_t i = 1; i < n; i++) {
			if (b.n)
				buf_putc(&b, '\n');
			buf_put_slice(&b, lines[i]);
		}
	} else if (n == 0) {
		word = find_word(w->subject, kind, &rest);
		if (word)
			buf_put_slice(&b, slice_trim(rest));
	}
	*why = arena_str(w->arena, buf_slice(&b));
	buf_free(&b);
	return word;
}

static int
answer_moderator(struct work *w, const struct ticket *t, const struct held *h, const char *template,
		 struct err *e)
{
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(t->list));
	const char *lang = t->language[0] ? t->language : work_language(w, NULL);
	struct text_value values[] = {
	    {"number", t->detail},
	    {"subject", h ? h->subject : ""},
	    {"decision", h ? text_phrase(lang, held_decision_phrase(h->decision)) : ""},
	    {"by", h ? h->decided_by : ""},
	    {"when", h && h->decided ? text_date_time(w->arena, lang, h->decided) : ""},
	};
	struct notice n = {.list = l,
			   .to = slice_str(t->address),
			   .language = lang,
			   .template = template,
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .answer = true};
	if (strcmp(template, "answer-unclear") == 0 || strcmp(template, "cancel-unclear") == 0) {
		char *address = send_token_address(w->arena, w->site->conf, t->list, "moderate",
						   arena_str(w->arena, w->route.token));
		*strrchr(address, '@') = '\0';
		n.from_local = address;
	}
	return work_notice(w, &n, e);
}

int
moderate_handle(struct work *w, struct err *e)
{
	struct ticket t;
	struct held h;
	int64_t number;
	const char *why;
	int found = ticket_get(w->site->db, w->arena, (int64_t)w->payload, &t, e);
	if (found < 0)
		return -1;
	bool ours = found == 1 && (!w->route.list || strcmp(t.list, w->route.list->name) == 0);
	if (ours && conduct_mail_takes(t.kind))
		return conduct_mail_handle(w, &t, e);
	if (ours && strcmp(t.kind, WAITING_TICKET) == 0)
		return waiting_handle(w, &t, e);
	bool known = ours && (strcmp(t.kind, "moderate") == 0 || strcmp(t.kind, "cancel") == 0) &&
		     num_parse(slice_str(t.detail), 1, INT64_MAX, &number);
	if (!known) {
		log_warning("%s: the token of %s decides about nothing", w->id, log_str(w->rcpt));
		return work_unknown_token(w, e);
	}
	if (w->automatic) {
		log_info("%s: automatic mail to %s decides nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic);
		return 0;
	}
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(t.list));
	if (strcmp(t.kind, "moderate") == 0 && (!l || !moderator_is(l, slice_str(t.address))))
		return work_unknown_token(w, e); /* is no moderator any more */
	const struct word *word = read_answer(w, t.kind, &why);
	if (held_get(w->site->db, w->arena, number, &h, e) != 1)
		return work_unknown_token(w, e);
	if (h.decided)
		return answer_moderator(w, &t, &h, "already-decided", e);
	if (!word)
		return answer_moderator(
		    w, &t, &h, strcmp(t.kind, "cancel") == 0 ? "cancel-unclear" : "answer-unclear",
		    e);
	int first = moderate_decide(w->site, w->arena, number, word->decision, t.address, why,
				    w->id, w->now, &h, e);
	if (first < 0)
		return -1;
	log_info("%s: held post %lld of %s: %s by %s", w->id, (long long)number, h.list,
		 word->decision, log_str(slice_str(t.address)));
	w->settle = true;
	return answer_moderator(w, &t, &h, first ? "decided" : "already-decided", e);
}
