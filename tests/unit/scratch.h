/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch: a list.db in a folder of its own, for the tests of the modules that own its tables. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"

#define SCRATCH_NOW ((int64_t)1800000000)

struct scratch {
	char dir[200];
	struct db *db;
	struct arena *a;
};

/* cmocka's setup and teardown: *state is a struct scratch. */
int scratch_setup(void **state);
int scratch_teardown(void **state);
/* A member of list who gets mail; its row. */
int64_t scratch_member(struct scratch *s, const char *list, const char *address);

#endif
