/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vacation: see vacation.h. Nothing depends on it: who gets a post looks at the date itself.
 */
#include "daemon/vacation.h"

#include <string.h>

#include "base/log.h"

/* Not to a member who gets no posts anyway, or whose mail does not arrive. */
static int
tell(struct site *site, struct arena *a, const struct member *m, int64_t now, struct err *e)
{
	const struct conf_list *l = conf_list_find(site->conf, slice_str(m->list));
	if (!l || m->paused || strcmp(m->delivery, "nomail") == 0)
		return 0;
	const char *lang = m->language[0] ? m->language : l->language;
	struct text_value values[] = {{"address", m->wire},
				      {"until", text_date(a, lang, m->vacation)}};
	struct notice n = {
	    .list = l,
	    .to = slice_str(m->wire),
	    .language = lang,
	    .template = "vacation-over",
	    .values = values,
	    .nvalues = sizeof(values) / sizeof(values[0]),
	    .id = arena_printf(a, "vacation-%lld-%lld", (long long)m->id, (long long)m->vacation)};
	return notice_send(site->db, site->conf, &n, now, e) < 0 ? -1 : 1;
}

static int
end_all(struct site *site, struct arena *a, int64_t now, struct err *e)
{
	struct member *ms;
	size_t n;
	int told = 0;
	if (member_returned(site->db, a, now, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int r = tell(site, a, &ms[i], now, e);
		if (r < 0 ||
		    member_set(site->db, ms[i].id, "vacation", "off", "the clock", now, e) < 0)
			return -1;
		log_info("%s: the vacation of %s is over", ms[i].list,
			 log_str(slice_str(ms[i].address)));
		told += r;
	}
	return told;
}

int
vacation_run(struct site *site, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	int told = -1;
	if (db_begin(site->db, e) < 0)
		goto out;
	told = end_all(site, a, now, e);
	if (told >= 0 && db_commit(site->db, e) < 0)
		told = -1;
	if (told < 0)
		db_rollback(site->db);
out:
	arena_free(a);
	return told;
}
