/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct_log: see conduct_log.h. No reason and no reporter ever gets into it, and of an address no
 * more than its local part.
 */
#include "daemon/conduct_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "conf/speakers.h"
#include "daemon/conduct.h"
#include "daemon/figures.h"
#include "daemon/seal.h"

/* Told one by one; the others have a seal, and some a number (figures.h). */
static const char *const told[] = {"step", "lift",      "end",  "overturn", "uphold", "freeze",
				   "thaw", "emergency", "calm", "speak",    "hush"};

/* An event that is not told, and the one that it was about. */
struct behind {
	int64_t id, refers;
	struct behind *next;
};

struct writing {
	struct arena *arena;
	const struct conf_list *list;
	struct buf out;
	struct seal_key key;
	struct figures *figures;
	int64_t *members; /* of each declared group */
	struct behind *behind;
};

/* A text without the signs that lines and fields end with. */
static void
put_field(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, *text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text);
	buf_putc(out, '\t');
}

/* An appeal was upheld: what everyone may look up is the step, not the appeal. */
static int64_t
told_before(const struct writing *w, int64_t refers)
{
	for (const struct behind *b = w->behind; b; b = b->next)
		if (b->id == refers)
			return b->refers;
	return refers;
}

static void
note_behind(struct writing *w, const struct conduct_event *ev)
{
	struct behind *b = arena_zalloc(w->arena, sizeof(*b));
	*b = (struct behind){ev->id, told_before(w, ev->refers), w->behind};
	w->behind = b;
}

static void
put_event(struct writing *w, const struct conduct_event *ev)
{
	const char *at = strrchr(ev->address, '@');
	bool named = strcmp(ev->audience, "list") == 0 && at;
	buf_printf(&w->out, "event\t%" PRId64 "\t%" PRId64 "\t%s\t", ev->id, ev->t, ev->what);
	put_field(&w->out, ev->step);
	put_field(&w->out,
		  named ? arena_printf(w->arena, "%.*s@…", (int)(at - ev->address), ev->address)
			: "");
	buf_printf(&w->out, "%" PRId64 "\t", ev->until);
	/* A message would name its author. */
	put_field(&w->out, named || !ev->address[0] ? ev->about : "");
	buf_printf(&w->out, "%" PRId64 "\t", told_before(w, ev->refers));
	put_field(&w->out, ev->rule);
}

static bool
is_told(const char *what)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(told[i], what) == 0)
			return true;
	return false;
}

static int
write_one(void *arg, const struct conduct_event *ev)
{
	struct writing *w = arg;
	char seal[SEAL_SIZE];
	seal_make(&w->key, ev->hash, seal);
	if (is_told(ev->what)) {
		put_event(w, ev);
	} else {
		buf_printf(&w->out, "seal\t%" PRId64 "\t%" PRId64 "\t", ev->id, ev->t);
		if (ev->refers > 0)
			note_behind(w, ev);
	}
	buf_printf(&w->out, "%s\n", seal);
	figures_add(w->figures, ev);
	return 0;
}

/* --- speakers --------------------------------------------------------------------------------- */

static int
count_member(void *arg, const struct member *m)
{
	struct writing *w = arg;
	const struct conf_group *g = conf_group_find(w->list, slice_str(m->group));
	if (g)
		w->members[g - w->list->groups]++;
	return 0;
}

static int
put_groups(struct writing *w, struct db *db, struct err *e)
{
	const struct conf_list *l = w->list;
	if (l->ngroups == 0)
		return 0;
	w->members = arena_array(w->arena, l->ngroups, sizeof(*w->members));
	if (member_each(db, l->name, count_member, w, e) < 0)
		return -1;
	for (size_t i = 0; i < l->ngroups; i++)
		if (w->members[i] >= CONDUCT_LOG_GROUP_MIN)
			buf_printf(&w->out, "group\t%s\t%" PRId64 "\n", l->groups[i].name,
				   w->members[i]);
	return 0;
}

/* The last moment until now at which a term of the list began or ended. */
static int64_t
last_boundary(const struct conf_list *l, int64_t now)
{
	int64_t last = 0;
	for (size_t i = 0; i < l->nappointed; i++) {
		const int64_t at[] = {l->appointed[i].since, l->appointed[i].until};
		for (size_t k = 0; k < 2; k++)
			last = at[k] <= now && at[k] > last ? at[k] : last;
	}
	return last;
}

/* --- the files -------------------------------------------------------------------------------- */

static int
write_list(struct site *site, const struct conf_list *list, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct writing w = {.arena = a, .list = list, .figures = figures_new(a)};
	int64_t term = last_boundary(list, now);
	buf_init(&w.out, BUF_NO_LIMIT);
	int ret = seal_key(site->db, list->name, &w.key, e);
	if (ret == 0)
		ret = conduct_each(site->db, list->name, 0, write_one, &w, e);
	figures_put(w.figures, &w.out);
	if (ret == 0)
		ret = put_groups(&w, site->db, e);
	if (term > 0)
		buf_printf(&w.out, "term\t%" PRId64 "\n", term);
	struct slice part = buf_slice(&w.out);
	/* A record that became empty is written, too: the archive's log may know better. */
	if (ret == 0)
		ret = file_put_derived(AT_FDCWD, conf_path(site->conf, a, "conduct/%s", list->name),
				       &part, 1, 0644, e);
	buf_free(&w.out);
	arena_free(a);
	return ret;
}

int
conduct_log_write(struct site *site, struct conduct_log *log, int64_t now, struct err *e)
{
	struct conduct_log is = {.day = 0, .written = true};
	for (size_t i = 0; i < site->conf->nlists; i++) {
		const struct conf_list *l = &site->conf->lists[i];
		int64_t term = last_boundary(l, now);
		is.term = term > is.term ? term : is.term;
		if (l->ngroups > 0)
			is.day = now / 86400;
	}
	if (conduct_newest(site->db, &is.newest, e) < 0)
		return -1;
	if (log->written && is.newest == log->newest && is.term == log->term && is.day == log->day)
		return 0;
	struct arena *a = arena_new();
	int ret =
	    file_mkdirs(AT_FDCWD, conf_path(site->conf, a, "conduct"), 0755, false, e) < 0 ? -1 : 1;
	for (size_t i = 0; ret == 1 && i < site->conf->nlists; i++)
		if (write_list(site, &site->conf->lists[i], now, e) < 0)
			ret = -1;
	if (ret == 1)
		*log = is;
	arena_free(a);
	return ret;
}
