/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/limits.h"

#include <string.h>

#include "daemon/flood.h"
#include "daemon/notice.h"

#define LINES_MAX 20 /* of a mail; "plenary limits" shows all */

struct letter {
	struct arena *arena;
	const char *language;
	struct buf lines;
	size_t n;
};

/* What was not done, before the name for which it was asked. */
static const struct {
	const char *kind, *phrase;
} kinds[] = {
    {"source", N_("mails to strangers because of requests from")},
    {"request", N_("questions to the stranger")},
    {"question", N_("questions to the member")},
    {"answer", N_("answers to commands of")},
    {"post-notice", N_("notes about posts to")},
    {"decision-notice", N_("notes about decisions on posts to")},
    {"conduct-answer", N_("answers about conduct to")},
    {"hook-case", N_("cases that filters asked for, about")},
};

static const char *
phrase_of(const char *lang, const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return text_phrase(lang, kinds[i].phrase);
	return kind;
}

/* "net:192.0.2.1" and "domain:example.org" are said without what they are. */
static const char *
name_of(const struct flood_cut *cut)
{
	const char *colon = strchr(cut->name, ':');
	if (strcmp(cut->kind, "source") != 0 || !colon)
		return cut->name;
	return colon[1] ? colon + 1 : "<>";
}

static int
put_cut(void *arg, const struct flood_cut *cut)
{
	struct letter *l = arg;
	if (l->n++ < LINES_MAX)
		buf_printf(&l->lines, "- %s: %lld × %s %s\n",
			   text_date(l->arena, l->language, cut->day * 86400),
			   (long long)cut->refused, phrase_of(l->language, cut->kind),
			   name_of(cut));
	return 0;
}

static int
send(struct site *site, struct letter *l, int64_t now, struct err *e)
{
	char id[ID_MAX];
	if (l->n > LINES_MAX)
		buf_printf(&l->lines,
			   text_plural(l->language, "and %d more", "and %d more", l->n - LINES_MAX),
			   (int)(l->n - LINES_MAX));
	const struct text_value values[] = {
	    {"limits", arena_str(l->arena, slice_trim(buf_slice(&l->lines)))}};
	id_new(id);
	struct notice n = {.to = slice_str(site->conf->owner),
			   .language = l->language,
			   .template = "limits",
			   .values = values,
			   .nvalues = 1,
			   .id = id};
	return notice_send(site->db, site->conf, &n, now, e);
}

int
limits_run(struct site *site, int64_t now, struct err *e)
{
	struct letter l = {.arena = arena_new(), .language = site->conf->language};
	int ret = -1;
	buf_init(&l.lines, 64 * 1024);
	if (db_begin(site->db, e) < 0)
		goto out;
	if (flood_each_cut(site->db, true, now, put_cut, &l, e) < 0 ||
	    (l.n > 0 && (send(site, &l, now, e) < 0 || flood_told(site->db, now, e) < 0)) ||
	    db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		goto out;
	}
	ret = l.n > 0;
out:
	buf_free(&l.lines);
	arena_free(l.arena);
	return ret;
}
