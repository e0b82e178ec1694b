/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

struct entry {
	int64_t id;
	const char *name;
};

struct lists {
	struct db *db;
	struct arena *names; /* handed out, so never freed before the end */
	struct entry *v;
	size_t n, cap;
};

const char *const lists_schema[] = {
    "CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " log_end INTEGER NOT NULL)",
    NULL};

struct lists *
lists_new(struct db *db)
{
	struct lists *ls = calloc(1, sizeof *ls);

	if (!ls)
		fatal("no memory");
	ls->db = db;
	ls->names = arena_new();
	return ls;
}

void
lists_free(struct lists *ls)
{
	if (!ls)
		return;
	arena_free(ls->names);
	free(ls->v);
	free(ls);
}

void
lists_forget(struct lists *ls)
{
	ls->n = 0;
}

static struct entry *
remember(struct lists *ls, int64_t id, const char *name)
{
	if (ls->n == ls->cap) {
		ls->cap = ls->cap ? ls->cap * 2 : 32;
		ls->v = reallocarray(ls->v, ls->cap, sizeof *ls->v);
		if (!ls->v)
			fatal("no memory");
	}
	ls->v[ls->n] = (struct entry){id, arena_str(ls->names, slice_str(name))};
	return &ls->v[ls->n++];
}

int
lists_find(struct lists *ls, const char *name, int64_t *id, struct err *e)
{
	int r;

	*id = 0;
	if (!*name)
		return 1;
	for (size_t i = 0; i < ls->n; i++)
		if (strcmp(ls->v[i].name, name) == 0) {
			*id = ls->v[i].id;
			return 1;
		}
	r = db_one_int(ls->db, e, id, "SELECT id FROM list WHERE name = ?", "t", name);
	if (r == 1)
		remember(ls, *id, name);
	return r;
}

int
lists_make(struct lists *ls, const char *name, int64_t *id, struct err *e)
{
	int r = lists_find(ls, name, id, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (db_do(ls->db, e, "INSERT INTO list(name, log_end) VALUES(?, 0)", "t", name) < 0)
		return -1;
	*id = db_last_rowid(ls->db);
	remember(ls, *id, name);
	return 0;
}

const char *
lists_name(struct lists *ls, int64_t id)
{
	const char *name = "";
	struct db_query q;

	for (size_t i = 0; i < ls->n; i++)
		if (ls->v[i].id == id)
			return ls->v[i].name;
	if (id == 0 || db_ask(ls->db, &q, NULL, "SELECT name FROM list WHERE id = ?", "i", id) < 0)
		return name;
	if (db_next(&q, NULL) == 1)
		name = remember(ls, id, arena_str(ls->names, db_text(&q, 0)))->name;
	db_end(&q);
	return name;
}

int
lists_log_end(struct lists *ls, int64_t id, int64_t *end, struct err *e)
{
	*end = 0;
	return db_one_int(ls->db, e, end, "SELECT log_end FROM list WHERE id = ?", "i", id) < 0 ? -1
												: 0;
}

int
lists_set_log_end(struct lists *ls, int64_t id, int64_t end, struct err *e)
{
	return db_do(ls->db, e, "UPDATE list SET log_end = ? WHERE id = ?", "ii", end, id) < 0 ? -1
											       : 0;
}
