/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/press.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/style.h"
#include "base/file.h"
#include "base/hash.h"
#include "conf/text.h"

static int
open_folder(const struct conf *conf, const char *name, mode_t mode, struct arena *a, struct err *e)
{
	const char *path = conf_path(conf, a, "%s", name);
	int fd;

	if (file_mkdirs(AT_FDCWD, path, mode, false, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(e, "%s", path) : fd;
}

void
press_style(char path[PRESS_STYLE])
{
	char version[PRESS_STAMP + 1];

	press_digest(slice_str(style_sheet), version);
	snprintf(path, PRESS_STYLE, "static/plenary-%.8s.css", version);
}

int
press_open(struct press *p, const struct conf *conf, struct overview *ov, struct store *st,
	   struct err *e)
{
	*p = (struct press){.conf = conf, .overview = ov, .store = st, .html = -1, .messages = -1};
	p->arena = arena_new();
	buf_init(&p->page, BUF_NO_LIMIT);
	p->render = render_new(conf, st);
	press_style(p->style);
	p->html = open_folder(conf, "html", 0755, p->arena, e);
	if (p->html >= 0)
		p->messages = open_folder(conf, "archive/msg", 0700, p->arena, e);
	if (p->messages >= 0)
		return 0;
	press_close(p);
	return -1;
}

void
press_close(struct press *p)
{
	if (p->html >= 0)
		close(p->html);
	if (p->messages >= 0)
		close(p->messages);
	render_free(p->render);
	arena_free(p->arena);
	buf_free(&p->page);
}

const struct conf_list *
press_list(const struct press *p, const char *list)
{
	return conf_list_find(p->conf, slice_str(list));
}

const char *
press_language(const struct press *p, const struct conf_list *list)
{
	const char *lang = text_language(slice_str(list ? list->language : p->conf->language));

	return lang ? lang : "en";
}

/* Is the file of that name exactly these bytes? */
static bool
is_same(const struct press *p, const char *path, struct slice bytes)
{
	int fd = openat(p->html, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct slice there;
	struct stat st;
	bool same = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == bytes.n &&
	    file_map_fd(fd, &there, NULL) == 0) {
		same = slice_eq(there, bytes);
		file_unmap(there);
	}
	close(fd);
	return same;
}

int
press_folder(struct press *p, const char *path, struct err *e)
{
	/* As a rule only the last step is missing. */
	if (mkdirat(p->html, path, 0755) == 0 || errno == EEXIST)
		return 0;
	return file_mkdirs(p->html, path, 0755, false, e);
}

/* The folder in which path stands, made if it is missing. */
static int
make_folder(struct press *p, const char *path, struct err *e)
{
	char folder[512];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return 0;
	if (snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path) >=
	    (int)sizeof folder)
		return err_permanent(e, "%s: the path is too long", path);
	return press_folder(p, folder, e);
}

int
press_put(struct press *p, const char *path, struct err *e)
{
	struct slice bytes = buf_slice(&p->page);

	if (is_same(p, path, bytes))
		return 0;
	if (file_put_derived(p->html, path, &bytes, 1, 0644, e) < 0) {
		if (errno != ENOENT)
			return -1;
		if (make_folder(p, path, e) < 0 ||
		    file_put_derived(p->html, path, &bytes, 1, 0644, e) < 0)
			return -1;
	}
	p->written++;
	return 0;
}

int
press_remove(struct press *p, const char *path, struct err *e)
{
	struct stat st;

	if (fstatat(p->html, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(e, "%s", path);
	if (S_ISDIR(st.st_mode))
		return file_remove_tree(p->html, path, e);
	if (unlinkat(p->html, path, 0) < 0 && errno != ENOENT)
		return err_errno(e, "%s", path);
	return 0;
}

bool
press_has(const struct press *p, const char *path)
{
	return faccessat(p->html, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- stamps ------------------------------------------------------------------------------------
 */

#define STAMP_OPEN "<!--"
#define STAMP_CLOSE "-->\n"

void
press_digest(struct slice inputs, char stamp[PRESS_STAMP + 1])
{
	uint8_t sum[SHA256_SIZE];
	char hex[HEX_SIZE(SHA256_SIZE)];

	hash_sha256(inputs, sum);
	hash_hex(sum, sizeof sum, hex);
	memcpy(stamp, hex, PRESS_STAMP);
	stamp[PRESS_STAMP] = '\0';
}

void
press_stamp(struct press *p, const char *stamp)
{
	buf_printf(&p->page, STAMP_OPEN "%s" STAMP_CLOSE, stamp);
}

bool
press_fresh(const struct press *p, const char *path, const char *stamp)
{
	char want[64], there[64];
	int n = snprintf(want, sizeof want, STAMP_OPEN "%s" STAMP_CLOSE, stamp);
	int fd = openat(p->html, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool fresh;

	if (fd < 0)
		return false;
	fresh = fstat(fd, &st) == 0 && st.st_size >= n &&
		pread(fd, there, (size_t)n, st.st_size - n) == n &&
		memcmp(want, there, (size_t)n) == 0;
	close(fd);
	return fresh;
}
