/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * totals: how many posts each list's archive has, asked of plenary-archive, since this side of the
 * house does not know the archive.
 */
#ifndef DAEMON_TOTALS_H
#define DAEMON_TOTALS_H

#include <stdint.h>

#include "base/err.h"
#include "conf/cli.h"

struct totals {
	struct json_t *lists;
};

/* plenary-archive's path: beside this program, as in a build folder, else where it was installed.
 */
const char *totals_program(struct cli *c);
int totals_load(struct cli *c, struct totals *t, struct err *e) __attribute__((warn_unused_result));
/* last: 0 if there is no post. */
void totals_of(const struct totals *t, const char *list, int64_t *posts, int64_t *last);
void totals_free(struct totals *t);

#endif
