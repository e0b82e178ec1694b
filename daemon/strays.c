/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strays: see strays.h. */
#include "config.h"

#include "daemon/strays.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/queue.h"

/* ctime: when its name here was made, not when its bytes were written. */
static bool
is_stray(struct db *db, int out_fd, const char *name, int64_t now)
{
	struct stat st;
	return name[0] != '.' && fstatat(out_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now - st.st_ctime >= STRAY_S && !queue_needs_file(db, name);
}

int
strays_remove(struct db *db, int out_fd, int64_t now, struct err *e)
{
	int n = 0, fd = openat(out_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	if (!dir)
		return err_errno(e, "out");
	while ((entry = readdir(dir))) {
		if (!is_stray(db, out_fd, entry->d_name, now))
			continue;
		if (unlinkat(out_fd, entry->d_name, 0) < 0)
			log_error("out/%s: %m", entry->d_name);
		else
			n++;
	}
	closedir(dir);
	if (n > 0)
		log_info("%d files in out/ that nobody needed are gone", n);
	return 0;
}
