/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a file of its own: the grammar asks for texts and need not know of folders. A pattern that
 * matches nothing is fine (a site without lists yet); a plain name that is not there is an error.
 * A file is never read inside of itself, whatever links and patterns say.
 */
#include "conf/include.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"

static const char *
folder_of(struct arena *a, const char *name)
{
	const char *slash = strrchr(name, '/');

	if (!slash)
		return ".";
	return slash == name ? "/" : arena_str(a, slice_make(name, (size_t)(slash - name)));
}

const char *
conf_source_path(const struct conf_source *source, struct arena *a, const char *name)
{
	if (name[0] == '/' || strcmp(source->dir, ".") == 0)
		return name;
	return arena_printf(a, "%s/%s", strcmp(source->dir, "/") == 0 ? "" : source->dir, name);
}

static struct conf_source *
new_source(struct conf_files *files, const struct conf_source *includer, const char *name)
{
	struct conf_source *s = arena_zalloc(files->arena, sizeof(*s));

	s->name = arena_str(files->arena, slice_str(name));
	s->dir = folder_of(files->arena, name);
	s->order = files->count++;
	s->includer = includer;
	return s;
}

/* Is name one of the files that are being read? */
static bool
is_open(const struct conf_source *source, const char *name)
{
	char *real = realpath(name, NULL);
	bool same = false;

	for (; real && source && !same; source = source->includer) {
		char *other = realpath(source->name, NULL);

		same = other && strcmp(real, other) == 0;
		free(other);
	}
	free(real);
	return same;
}

/* Reads and parses one file. What prevents it is the fault of line `line` of `at`. */
static struct conf_node **
read_file(struct conf_files *files, const struct conf_source *source, const struct conf_source *at,
	  int line, struct conf_node **end)
{
	struct slice text;
	struct err e = {0};

	if (file_read(AT_FDCWD, source->name, CONF_FILE_MAX, files->arena, &text, &e) < 0) {
		conf_complain(files->complaints, at, line, "%s", e.text);
		return end;
	}
	return files->parse(files, source, text, end);
}

const struct conf_source *
conf_files_main(struct conf_files *files, const char *name, struct conf_node **end)
{
	const struct conf_source *source = new_source(files, NULL, name);

	read_file(files, source, source, 0, end);
	return source;
}

static struct conf_node **
include_one(struct conf_files *files, const struct conf_source *source, int line, const char *name,
	    struct conf_node **end)
{
	if (is_open(source, name)) {
		conf_complain(files->complaints, source, line, "include: \"%s\" includes itself",
			      name);
		return end;
	}
	if (files->count >= CONF_FILES_MAX) {
		conf_complain(files->complaints, source, line, "include: more than %d files",
			      CONF_FILES_MAX);
		return end;
	}
	return read_file(files, new_source(files, source, name), source, line, end);
}

/* The pattern from its source's folder, whose own name is no pattern. */
static const char *
full_pattern(struct arena *a, const struct conf_source *source, const char *pattern)
{
	size_t n = strlen(source->dir), k = 0;
	char *dir;

	if (pattern[0] == '/' || strcmp(source->dir, ".") == 0)
		return pattern;
	dir = arena_array(a, 2 * n + 1, 1);
	for (size_t i = 0; i < n; i++) {
		if (strchr("*?[\\", source->dir[i]))
			dir[k++] = '\\';
		dir[k++] = source->dir[i];
	}
	return arena_printf(a, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, pattern);
}

/* A folder that is not there has no files; one that can't be read may have some. */
static int
on_glob_error(const char *name, int error)
{
	(void)name;
	return error != ENOENT && error != ENOTDIR;
}

struct conf_node **
conf_files_include(struct conf_files *files, const struct conf_source *source, int line,
		   const char *pattern, struct conf_node **end)
{
	int depth = 0;
	glob_t found;
	int rc;

	for (const struct conf_source *s = source; s; s = s->includer)
		depth++;
	if (depth > CONF_INCLUDE_DEPTH_MAX) {
		conf_complain(files->complaints, source, line,
			      "include: files include each other more than %d deep",
			      CONF_INCLUDE_DEPTH_MAX);
		return end;
	}
	if (!strpbrk(pattern, "*?["))
		return include_one(files, source, line,
				   conf_source_path(source, files->arena, pattern), end);
	rc = glob(full_pattern(files->arena, source, pattern), 0, on_glob_error, &found);
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
		end = include_one(files, source, line, found.gl_pathv[i], end);
	if (rc != 0 && rc != GLOB_NOMATCH)
		conf_complain(files->complaints, source, line,
			      "include: the folder of \"%s\" can't be read", pattern);
	else if (rc == 0)
		globfree(&found);
	return end;
}
