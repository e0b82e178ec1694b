/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * totals: see totals.h.
 */
#include "daemon/totals.h"

#include <jansson.h>
#include <string.h>

#include "base/child.h"
#include "base/program.h"
#include "mail/header.h"

#define DEADLINE_MS 60000
#define ANSWER_MAX (16 << 20)

const char *
totals_program(struct cli *c)
{
	char path[PROGRAM_PATH_MAX];
	(void)program_find("plenary-archive", path);
	return arena_str(c->arena, slice_str(path));
}

int
totals_load(struct cli *c, struct totals *t, struct err *e)
{
	const char *program = totals_program(c);
	const char *argv[] = {program, "-f", c->conf->file, "--json", "stats", NULL};
	const char *envp[] = {"PATH=/usr/bin:/bin", NULL};
	struct child_result res;
	struct buf out;
	int ret = -1;
	t->lists = NULL;
	buf_init(&out, ANSWER_MAX);
	if (child_run(argv, envp, slice_make(NULL, 0), &out, DEADLINE_MS, &res, e) < 0)
		goto out;
	if (res.end == CHILD_EXITED && res.code == 0)
		t->lists = json_loadb(out.p ? out.p : "", out.n, 0, NULL);
	ret = json_is_array(t->lists)
		  ? 0
		  : err_temporary(e, "the archive's numbers can't be had: \"plenary stats\" fails");
out:
	buf_free(&out);
	return ret;
}

void
totals_of(const struct totals *t, const char *list, int64_t *posts, int64_t *last)
{
	size_t i;
	json_t *row;
	*posts = 0;
	*last = 0;
	json_array_foreach(t->lists, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "list"));
		const char *when = json_string_value(json_object_get(row, "last"));
		if (!name || strcmp(name, list) != 0)
			continue;
		*posts = json_integer_value(json_object_get(row, "messages"));
		if (!when || !date_parse(slice_str(when), last))
			*last = 0;
	}
}

void
totals_free(struct totals *t)
{
	json_decref(t->lists);
}
