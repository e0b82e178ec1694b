/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/aside.h"

#include <dirent.h>

#include "daemon/notice.h"

#define LETTER_S 86400              /* between two mails */
#define FILES_MAX 20                /* named in one mail; the others are counted */
#define KEPT ((int64_t)400 * 86400) /* what was told is remembered */

struct aside {
	struct site *site;
	struct arena *arena;
	int64_t now;
	struct buf files; /* one a line */
	int n;
};

/* 1 it is news, and noted; 0; -1. */
static int
note(struct aside *as, const char *path, struct err *e)
{
	int64_t n = db_do(as->site->db, e,
			  "INSERT INTO aside (path, t) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
			  "ti", path, as->now);
	return n < 0 ? -1 : n > 0;
}

static int
look_into(struct aside *as, const char *folder, struct err *e)
{
	DIR *d = opendir(conf_path(as->site->conf, as->arena, "%s", folder));
	struct dirent *de;
	int r = 0;
	while (d && r >= 0 && (de = readdir(d))) {
		if (de->d_name[0] == '.')
			continue;
		const char *path = arena_printf(as->arena, "%s/%s", folder, de->d_name);
		r = note(as, path, e);
		if (r == 1 && as->n++ < FILES_MAX)
			buf_printf(&as->files, "%s\n", path);
	}
	if (d)
		closedir(d);
	return r < 0 ? -1 : 0;
}

static int
look(struct aside *as, struct err *e)
{
	const struct conf *conf = as->site->conf;
	if (look_into(as, "spool/bad", e) < 0)
		return -1;
	for (size_t i = 0; i < conf->nlists; i++)
		if (look_into(as, arena_printf(as->arena, "feed/%s/bad", conf->lists[i].name), e) <
		    0)
			return -1;
	return 0;
}

static int
tell(struct aside *as, struct err *e)
{
	const struct conf *conf = as->site->conf;
	char id[ID_MAX];
	if (as->n > FILES_MAX)
		buf_printf(&as->files,
			   text_plural(conf->language, "and %d more", "and %d more",
				       (uint64_t)(as->n - FILES_MAX)),
			   as->n - FILES_MAX);
	const struct text_value values[] = {
	    {"files", arena_str(as->arena, slice_trim(buf_slice(&as->files)))},
	    {"folder", conf->state_dir}};
	id_new(id);
	struct notice n = {.to = slice_str(conf->owner),
			   .language = conf->language,
			   .template = "set-aside",
			   .values = values,
			   .nvalues = 2,
			   .id = id};
	return notice_send(as->site->db, conf, &n, as->now, e);
}

static int
run(struct aside *as, struct err *e)
{
	struct db *db = as->site->db;
	int64_t last = 0;
	if (db_one_int(db, e, &last, "SELECT max(t) FROM aside", "") < 0)
		return -1;
	if (last > as->now - LETTER_S)
		return 0;
	if (look(as, e) < 0 ||
	    db_do(db, e, "DELETE FROM aside WHERE t < ?", "i", as->now - KEPT) < 0)
		return -1;
	return as->n > 0 ? tell(as, e) : 0;
}

int
aside_run(struct site *site, int64_t now, struct err *e)
{
	struct aside as = {.site = site, .arena = arena_new(), .now = now};
	int ret = -1;
	buf_init(&as.files, 64 * 1024);
	if (db_begin(site->db, e) < 0)
		goto out;
	if (run(&as, e) < 0 || db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		goto out;
	}
	ret = as.n > 0;
out:
	buf_free(&as.files);
	arena_free(as.arena);
	return ret;
}
