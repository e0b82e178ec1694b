/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that runs from the folder it was built in takes its texts from there and from the
 * sources, never from an older installation; an installed one takes the installed ones.
 */
#include "conf/data.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/slice.h"

static bool
runs_from_build(void)
{
	static const char build[] = TOP_BUILDDIR "/";
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));

	return n > 0 && slice_starts(slice_make(exe, (size_t)n), slice_str(build));
}

int
data_places(struct arena *a, struct data_place places[DATA_PLACES_MAX])
{
	const char *dir = getenv("PLENARY_DATA_DIR");
	int n = 0;

	if (dir && *dir)
		places[n++] = (struct data_place){arena_printf(a, "%s/conf/templates", dir),
						  arena_printf(a, "%s/po", dir), false};
	if (runs_from_build())
		places[n++] =
		    (struct data_place){TOP_SRCDIR "/conf/templates", TOP_BUILDDIR "/po", false};
	else
		places[n++] = (struct data_place){PKGDATADIR "/conf/templates", LOCALEDIR, true};
	return n;
}
