/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/indexing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/gather.h"
#include "archive/index.h"
#include "archive/suspects.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"

struct indexing {
	const char *dir;
	struct index_writer *writer;
	struct gather *gather;
	bool tried; /* this process has had it open: it is there, and of our version */
	bool grown; /* since it was last looked at whether it is loose */
};

/* The web role's user goes in and reads, whatever the umask is. */
static int
make_dir(const char *dir, struct err *e)
{
	if (file_mkdirs(AT_FDCWD, dir, 0755, false, e) < 0)
		return -1;
	return chmod(dir, 0755) < 0 ? err_errno(e, "%s", dir) : 0;
}

int
indexing_open(struct indexing **out, const struct conf *conf, const char *dir, struct err *e)
{
	struct indexing *ix = calloc(1, sizeof *ix);

	if (!ix)
		fatal("no memory");
	if (make_dir(dir, e) < 0) {
		free(ix);
		return -1;
	}
	ix->dir = dir;
	ix->gather = gather_new(conf);
	ix->grown = true;
	*out = ix;
	return 0;
}

void
indexing_close(struct indexing *ix)
{
	if (!ix)
		return;
	indexing_release(ix);
	gather_free(ix->gather);
	free(ix);
}

void
indexing_release(struct indexing *ix)
{
	index_writer_close(ix->writer);
	ix->writer = NULL;
}

int
indexing_wipe(struct indexing *ix, struct err *e)
{
	struct dirent *de;
	DIR *d;
	int ret = 0;

	indexing_release(ix);
	if (make_dir(ix->dir, e) < 0)
		return -1;
	d = opendir(ix->dir);
	if (!d)
		return err_errno(e, "open %s", ix->dir);
	/* Only what is inside: the folder itself is what the web role's wall names. */
	while (ret == 0 && (de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			ret = file_remove_tree(dirfd(d), de->d_name, e);
	closedir(d);
	return ret;
}

/* Is there anything at all? A folder that somebody has emptied looks like a new index. */
static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	bool empty = true;

	while (d && (de = readdir(d)))
		empty = empty && de->d_name[0] == '.';
	if (d)
		closedir(d);
	return empty;
}

/* An index that can't be used goes; all present messages are marked for the new one. */
static int
open_writer(struct indexing *ix, struct overview *ov, struct err *e)
{
	if (ix->writer)
		return 0;
	if (!is_empty(ix->dir)) {
		if (index_writer_open(&ix->writer, ix->dir, e) == 0) {
			ix->tried = true;
			return 0;
		}
		if (errno != EPROTO)
			return -1;
		log_warning("%s; making the index anew from the stored messages", e->text);
	}
	if (overview_reindex(ov, NULL, e) < 0 || indexing_wipe(ix, e) < 0 ||
	    index_writer_open(&ix->writer, ix->dir, e) < 0)
		return -1;
	ix->tried = true;
	return 0;
}

int
indexing_drop_list(struct indexing *ix, struct overview *ov, const char *list, struct err *e)
{
	if (open_writer(ix, ov, e) < 0)
		return -1;
	return index_delete_list(ix->writer, list, e) < 0 ? -1 : index_commit(ix->writer, e);
}

/* The rows of ids that are to be in the index; those that are not any more, or that nobody survives
 * reading, are taken out of it. */
static int
rows_of(struct indexing *ix, struct overview *ov, const struct suspects *sus, struct arena *a,
	const int64_t *ids, size_t n, struct gather_item *items, size_t *nitems, struct err *e)
{
	struct overview_message parent;
	struct overview_thread *t;

	*nitems = 0;
	for (size_t i = 0; i < n; i++) {
		struct gather_item *it = &items[*nitems];
		int r = overview_by_id(ov, a, ids[i], &it->m, e);

		if (r < 0)
			return -1;
		if (r == 0 || it->m.state != OVERVIEW_PRESENT ||
		    suspects_condemned(sus, SUSPECTS_INDEX, it->m.list, it->m.key)) {
			if (index_delete(ix->writer, ids[i], e) < 0)
				return -1;
			continue;
		}
		t = arena_alloc(a, sizeof *t);
		if (overview_thread_info(ov, a, it->m.thread, t, e) < 0)
			return -1;
		it->thread_key = t->root_key;
		r = it->m.parent != 0 ? overview_by_id(ov, a, it->m.parent, &parent, e) : 0;
		if (r < 0)
			return -1;
		it->parent_present = r == 1 && parent.state == OVERVIEW_PRESENT;
		it->echo = it->parent_present && slice_eq(it->m.subject_base, parent.subject_base);
		++*nitems;
	}
	return 0;
}

/* Who dies over several takes them singly the next time, and so finds which it is. */
static int
put_docs(struct indexing *ix, struct suspects *sus, const struct index_doc *docs, size_t n,
	 struct err *e)
{
	int ret;

	suspects_hold(sus, SUSPECTS_INDEX, n == 1 ? docs->list : "*", n == 1 ? docs->key : "*");
	ret = index_put_many(ix->writer, docs, n, e) < 0 || index_commit(ix->writer, e) < 0;
	suspects_drop(sus);
	return ret ? -1 : 0;
}

int64_t
indexing_slice(struct indexing *ix, struct overview *ov, struct store *st, size_t max,
	       struct err *e)
{
	struct suspects *sus = store_suspects(st);
	struct arena *a = arena_new();
	struct gather_item *items;
	struct index_doc *docs;
	int64_t ret = -1, *ids;
	size_t n, nitems;

	if (suspects_careful(sus, SUSPECTS_INDEX))
		max = 1;
	if ((!ix->tried && open_writer(ix, ov, e) < 0) ||
	    overview_unindexed(ov, a, max, &ids, &n, e) < 0)
		goto out;
	if (n == 0) {
		suspects_clear(sus, SUSPECTS_INDEX);
		ret = 0;
		goto out;
	}
	if (open_writer(ix, ov, e) < 0)
		goto out;
	items = arena_array(a, n, sizeof *items);
	docs = arena_array(a, n, sizeof *docs);
	if (rows_of(ix, ov, sus, a, ids, n, items, &nitems, e) < 0)
		goto out;
	gather_texts(ix->gather, st, items, nitems);
	for (size_t i = 0; i < nitems; i++)
		docs[i] = items[i].doc;
	if (put_docs(ix, sus, docs, nitems, e) < 0)
		goto out;
	crash_point("archive.indexed");
	ix->grown = true;
	if (overview_indexed(ov, ids, n, e) == 0)
		ret = (int64_t)n;
out:
	/* A damaged index is noticed in the middle, too: the next one to open it throws it away. */
	if (ret < 0) {
		indexing_release(ix);
		ix->tried = false;
	}
	arena_free(a);
	return ret;
}

int
indexing_tighten(struct indexing *ix, struct err *e)
{
	int r;

	if (!ix->grown || is_empty(ix->dir))
		return 0;
	indexing_release(ix);
	r = index_tighten(ix->dir, clock_now(), e);
	ix->grown = r > 0;
	return r;
}
