/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maildir: see maildir.h. */
#include "daemon/maildir.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/id.h"

/* An address as the name of a folder: nothing that leads out of PATH. */
static char *
folder_name(struct arena *a, struct slice address)
{
	char *name = arena_lower(a, address);
	for (char *c = name; *c; c++)
		if (*c == '/' || (unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '_';
	if (name[0] == '.' || name[0] == '\0')
		return arena_printf(a, "_%s", name);
	return name;
}

/* From the wire's form back to lines as they are kept in files. */
static void
put_unwired(struct buf *b, struct slice s)
{
	struct slice line;
	while (slice_next_line(&s, &line)) {
		buf_put_slice(b, line.n > 0 && line.p[0] == '.' ? slice_from(line, 1) : line);
		buf_putc(b, '\n');
	}
}

static int
put_file(const char *dir, struct slice bytes, struct err *e)
{
	char id[ID_MAX];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", dir);
	id_new(id);
	int ret = file_put(fd, id, &bytes, 1, 0600, e);
	close(fd);
	return ret;
}

int
maildir_put(const char *path, const struct smtp_job *job, const struct smtp_rcpt *rcpt,
	    struct err *e)
{
	static const char *const parts[] = {"cur", "tmp", "new"};
	struct arena *a = arena_new();
	const char *dir = arena_printf(a, "%s/%s", path, folder_name(a, rcpt->address));
	struct buf b;
	int ret = -1;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < 3; i++)
		if (file_mkdirs(AT_FDCWD, arena_printf(a, "%s/%s", dir, parts[i]), 0700, false, e) <
		    0)
			goto out;
	buf_printf(&b, "Return-Path: <%.*s>\nDelivered-To: %.*s\n", SLICE_ARG(job->return_path),
		   SLICE_ARG(rcpt->address));
	put_unwired(&b, job->lines);
	put_unwired(&b, job->mail->head);
	put_unwired(&b, job->mail->body);
	ret = put_file(arena_printf(a, "%s/new", dir), buf_slice(&b), e);
out:
	buf_free(&b);
	arena_free(a);
	return ret;
}
