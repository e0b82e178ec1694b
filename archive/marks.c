/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/marks.h"

#include <stdlib.h>

#include "base/log.h"

struct marks {
	struct db *db;
	int64_t next;       /* the next mark's number */
	struct mark *slots; /* open addressing by (kind, list, ref); kind 0 list 0: free */
	size_t nslots, used;
};

/* unindexed: the id alone, in order. */
const char *const marks_schema[] = {
    "CREATE TABLE dirty(mark INTEGER PRIMARY KEY, kind INTEGER NOT NULL, list INTEGER NOT NULL,"
    " ref INTEGER NOT NULL, arg INTEGER NOT NULL, UNIQUE(list, kind, ref))",
    "CREATE TABLE unindexed(id INTEGER PRIMARY KEY)", NULL};

int
marks_open(struct marks **out, struct db *db, struct err *e)
{
	struct marks *m = calloc(1, sizeof *m);
	int64_t greatest = 0;

	if (!m)
		fatal("no memory");
	if (db_one_int(db, e, &greatest, "SELECT max(mark) FROM dirty", "") < 0) {
		free(m);
		return -1;
	}
	m->db = db;
	m->next = greatest + 1;
	*out = m;
	return 0;
}

void
marks_close(struct marks *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m);
}

static size_t
slot_of(const struct marks *m, int kind, int64_t list, int64_t ref)
{
	uint64_t h = (uint64_t)ref * 0x9e3779b97f4a7c15u;
	size_t i;

	h ^= ((uint64_t)list << 8 ^ (uint64_t)kind) * 0xc2b2ae3d27d4eb4fu;
	h ^= h >> 29;
	for (i = (size_t)h & (m->nslots - 1); m->slots[i].mark != 0; i = (i + 1) & (m->nslots - 1))
		if (m->slots[i].kind == kind && m->slots[i].list == list && m->slots[i].ref == ref)
			break;
	return i;
}

static void
grow(struct marks *m)
{
	struct mark *old = m->slots;
	size_t n = m->nslots;

	m->nslots = n ? n * 2 : 1024;
	m->slots = calloc(m->nslots, sizeof *m->slots);
	if (!m->slots)
		fatal("no memory");
	for (size_t i = 0; i < n; i++)
		if (old[i].mark != 0)
			m->slots[slot_of(m, old[i].kind, old[i].list, old[i].ref)] = old[i];
	free(old);
}

void
marks_page(struct marks *m, int kind, int64_t list, int64_t ref, int64_t arg)
{
	struct mark *s;

	if (m->used * 2 >= m->nslots)
		grow(m);
	s = &m->slots[slot_of(m, kind, list, ref)];
	if (s->mark == 0) {
		*s = (struct mark){1, kind, list, ref, arg};
		m->used++;
	} else if (arg < s->arg) {
		s->arg = arg;
	}
}

void
marks_forget(struct marks *m)
{
	for (size_t i = 0; i < m->nslots; i++)
		m->slots[i].mark = 0;
	m->used = 0;
}

/* In the order of the table's unique index: neighbours share a page of the file. */
static int
by_place(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->ref < y->ref ? -1 : x->ref > y->ref;
}

int
marks_flush(struct marks *m, struct err *e)
{
	size_t n = 0;
	int ret = -1;

	for (size_t i = 0; i < m->nslots; i++)
		if (m->slots[i].mark != 0)
			m->slots[n++] = m->slots[i];
	if (n > 0)
		qsort(m->slots, n, sizeof *m->slots, by_place);
	for (size_t i = 0; i < n; i++) {
		const struct mark *s = &m->slots[i];

		if (db_do(m->db, e,
			  "INSERT INTO dirty(mark, kind, list, ref, arg) VALUES(?, ?, ?, ?, ?)"
			  " ON CONFLICT(list, kind, ref) DO UPDATE SET mark = excluded.mark,"
			  " arg = min(arg, excluded.arg)",
			  "iiiii", m->next++, (int64_t)s->kind, s->list, s->ref, s->arg) < 0)
			goto out;
	}
	ret = 0;
out:
	marks_forget(m);
	return ret;
}

int
marks_unindexed_add(struct marks *m, int64_t id, struct err *e)
{
	return db_do(m->db, e, "INSERT OR IGNORE INTO unindexed(id) VALUES(?)", "i", id) < 0 ? -1
											     : 0;
}

int
marks_unindexed(struct marks *m, struct arena *a, size_t max, int64_t **ids, size_t *n,
		struct err *e)
{
	struct db_query q;
	int r;

	*n = 0;
	*ids = arena_array(a, max, sizeof **ids);
	if (db_ask(m->db, &q, e, "SELECT id FROM unindexed ORDER BY id LIMIT ?", "i",
		   (int64_t)max) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		(*ids)[(*n)++] = db_int(&q, 0);
	db_end(&q);
	return r;
}

int
marks_indexed(struct marks *m, const int64_t *ids, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (db_do(m->db, e, "DELETE FROM unindexed WHERE id = ?", "i", ids[i]) < 0)
			return -1;
	return 0;
}

int
marks_pages(struct marks *m, struct arena *a, size_t max, struct mark **out, size_t *n,
	    struct err *e)
{
	struct db_query q;
	int r;

	*n = 0;
	*out = arena_array(a, max, sizeof **out);
	if (db_ask(m->db, &q, e,
		   "SELECT mark, kind, list, ref, arg FROM dirty ORDER BY mark LIMIT ?", "i",
		   (int64_t)max) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		(*out)[(*n)++] = (struct mark){db_int(&q, 0), (int)db_int(&q, 1), db_int(&q, 2),
					       db_int(&q, 3), db_int(&q, 4)};
	db_end(&q);
	return r;
}

int
marks_clear(struct marks *m, int64_t mark, struct err *e)
{
	return db_do(m->db, e, "DELETE FROM dirty WHERE mark = ?", "i", mark) < 0 ? -1 : 0;
}

int
marks_drop_list(struct marks *m, int64_t list, struct err *e)
{
	return db_do(m->db, e, "DELETE FROM dirty WHERE list = ?", "i", list) < 0 ? -1 : 0;
}
