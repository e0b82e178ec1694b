/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "daemon/listdb.h"
#include "daemon/member.h"

int
scratch_setup(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");
	struct err e;
	if (!s)
		return -1;
	snprintf(s->dir, sizeof(s->dir), "%s/scratch-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir))
		return -1;
	s->a = arena_new();
	*state = s;
	if (db_open(&s->db, arena_printf(s->a, "%s/list.db", s->dir), DB_WRITE_NORMAL,
		    &listdb_schema, &e) == 0)
		return 0;
	fprintf(stderr, "list.db: %s\n", e.text);
	return -1;
}

int
scratch_teardown(void **state)
{
	struct scratch *s = *state;
	struct err e;
	db_close(s->db);
	int ret = file_remove_tree(AT_FDCWD, s->dir, &e);
	arena_free(s->a);
	free(s);
	return ret;
}

int64_t
scratch_member(struct scratch *s, const char *list, const char *address)
{
	int64_t id = 0;
	struct err e;
	if (member_add(s->db, list, slice_str(address), slice_str(""), "mail", "", "self",
		       SCRATCH_NOW, &id, &e) == 1)
		return id;
	fprintf(stderr, "member_add: %s\n", e.text);
	exit(1);
}
