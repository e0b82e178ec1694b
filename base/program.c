/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program: see program.h.
 */
#include "config.h"
#include "base/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
program_find(const char *name, char path[PROGRAM_PATH_MAX])
{
	char self[PATH_MAX] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash = n > 0 ? strrchr(self, '/') : NULL;

	if (slash) {
		snprintf(path, PROGRAM_PATH_MAX, "%.*s/%s", (int)(slash - self), self, name);
		if (access(path, X_OK) == 0)
			return true;
	}
	snprintf(path, PROGRAM_PATH_MAX, "%s/%s", PKGLIBEXECDIR, name);
	return access(path, X_OK) == 0;
}
