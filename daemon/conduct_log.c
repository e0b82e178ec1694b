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
#include "base/hash.h"
#include "daemon/conduct.h"

/* Told one by one; of the others only the number is. */
static const char *const told[] = {"step",   "lift", "end",       "overturn", "uphold",
				   "freeze", "thaw", "emergency", "calm"};
static const char *const counted[] = {"report", "appeal", "lapse"};
#define COUNTED (sizeof(counted) / sizeof(counted[0]))

struct writing {
	struct buf out;
	int64_t counts[COUNTED];
	char hash[HEX_SIZE(SHA256_SIZE)];
};

static void
put_event(struct writing *w, const struct conduct_event *ev)
{
	const char *at = strrchr(ev->address, '@');
	bool named = strcmp(ev->audience, "list") == 0 && at;
	buf_printf(&w->out, "event\t%" PRId64 "\t%s\t%s\t", ev->t, ev->what, ev->step);
	if (named)
		buf_printf(&w->out, "%.*s@…", (int)(at - ev->address), ev->address);
	buf_printf(&w->out, "\t%" PRId64 "\t%s\n", ev->until, ev->about);
}

static int
write_one(void *arg, const struct conduct_event *ev)
{
	struct writing *w = arg;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (strcmp(told[i], ev->what) == 0)
			put_event(w, ev);
	for (size_t i = 0; i < COUNTED; i++)
		w->counts[i] += strcmp(counted[i], ev->what) == 0;
	memcpy(w->hash, ev->hash, strlen(ev->hash) < sizeof(w->hash) ? strlen(ev->hash) + 1 : 0);
	return 0;
}

static int
write_list(struct site *site, const char *list, struct err *e)
{
	struct arena *a = arena_new();
	struct writing w = {.hash = ""};
	buf_init(&w.out, BUF_NO_LIMIT);
	int ret = conduct_each(site->db, list, 0, write_one, &w, e);
	for (size_t i = 0; i < COUNTED; i++)
		if (w.counts[i] > 0)
			buf_printf(&w.out, "count\t%s\t%" PRId64 "\n", counted[i], w.counts[i]);
	if (w.hash[0])
		buf_printf(&w.out, "hash\t%s\n", w.hash);
	struct slice part = buf_slice(&w.out);
	if (ret == 0 && w.hash[0])
		ret = file_put_derived(AT_FDCWD, conf_path(site->conf, a, "conduct/%s", list),
				       &part, 1, 0644, e);
	buf_free(&w.out);
	arena_free(a);
	return ret;
}

int
conduct_log_write(struct site *site, int64_t *newest, struct err *e)
{
	int64_t last;
	if (conduct_newest(site->db, &last, e) < 0)
		return -1;
	if (last == *newest)
		return 0;
	for (size_t i = 0; i < site->conf->nlists; i++)
		if (write_list(site, site->conf->lists[i].name, e) < 0)
			return -1;
	*newest = last;
	return 1;
}
