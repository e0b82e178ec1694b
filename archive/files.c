/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/suspects.h"
#include "base/file.h"
#include "mail/part.h"

#define ATTACHMENT_MAX ((size_t)1 << 30)

static int
put_bytes(struct press *p, const char *path, struct slice bytes, struct err *e)
{
	return file_put_derived(p->html, path, &bytes, 1, 0644, e);
}

/* 1 linked, 0 it can't be, -1. A name that is there is an earlier, broken try. */
static int
link_stored(struct press *p, const struct overview_message *m, const char *path, struct err *e)
{
	const char *stored = arena_printf(p->arena, "%s/%04d/%02d/%s", m->list, m->month / 100,
					  m->month % 100, m->key);

	if (fchmodat(p->messages, stored, 0644, 0) < 0)
		return 0;
	if (linkat(p->messages, stored, p->html, path, 0) == 0)
		return 1;
	if (errno != EEXIST)
		return 0;
	if (press_remove(p, path, e) < 0)
		return -1;
	return linkat(p->messages, stored, p->html, path, 0) == 0;
}

static int
put_raw(struct press *p, const struct overview_message *m, const struct loaded *l,
	const char *folder, struct err *e)
{
	const char *path = arena_printf(p->arena, "%sraw", folder);
	int linked = 0;

	if (l->missing)
		return 0;
	if (!l->masked)
		linked = link_stored(p, m, path, e);
	return linked != 0 ? (linked < 0 ? -1 : 0) : put_bytes(p, path, l->bytes, e);
}

static int
put_attachments(struct press *p, const struct loaded *l, const struct rendering *r,
		const char *folder, struct err *e)
{
	for (size_t i = 0; i < r->nattachments; i++) {
		const struct attachment *at = &r->attachments[i];
		const char *path =
		    arena_printf(p->arena, "%s%d/%.*s", folder, at->number, SLICE_ARG(at->file));
		struct slice bytes;

		bytes = part_decode(l->arena, &l->message.parts[at->part], ATTACHMENT_MAX);
		if (file_mkdirs(p->html, arena_printf(p->arena, "%s%d", folder, at->number), 0755,
				false, e) < 0 ||
		    put_bytes(p, path, bytes, e) < 0)
			return -1;
	}
	return 0;
}

int
files_put(struct press *p, const struct overview_message *m, const char *folder, bool *made,
	  struct err *e)
{
	const struct rendering *r;
	const struct loaded *l;
	bool there = press_has(p, arena_printf(p->arena, "%s" PRESS_PAGE, folder)), ret;

	if (made)
		*made = !there;
	if (there)
		return 0;
	if (render_get(p->render, m, &r, e) < 0 || press_folder(p, folder, e) < 0)
		return -1;
	suspects_hold(store_suspects(p->store), SUSPECTS_PAGES, m->list, m->key);
	ret = render_load(p->render, m, &l, e) < 0 || put_raw(p, m, l, folder, e) < 0 ||
	      put_attachments(p, l, r, folder, e) < 0;
	suspects_drop(store_suspects(p->store));
	if (ret)
		return -1;
	/* A message that was withdrawn and has come back (a rebuild with an older store). */
	return press_remove(p, arena_printf(p->arena, "%s" PRESS_GONE, folder), e);
}

int
files_withdraw(struct press *p, const struct overview_message *m, struct err *e)
{
	const char *folder = arena_printf(p->arena, "%s/m/%s", m->list, m->key);
	int fd = openat(p->html, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(e, "%s", folder);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_errno(e, "%s", folder);
	}
	while (ret == 0 && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, PRESS_GONE) == 0)
			continue;
		ret = press_remove(p, arena_printf(p->arena, "%s/%s", folder, entry->d_name), e);
	}
	closedir(dir);
	return ret;
}
