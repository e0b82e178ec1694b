/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remotes: how plenary-deliver's children, who talk to the relays, are begun: by which program,
 * with which options, and inside of which walls.
 */
#ifndef DAEMON_REMOTES_H
#define DAEMON_REMOTES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/role.h"
#include "conf/conf.h"

#define REMOTES_ARGS_MAX 32

struct remotes {
	const char *program;
	const char **args; /* without the program's name; a NULL at the end */
};

/* o: what the deliver role itself was called with. All in the arena. */
void remotes_plan(struct remotes *r, const struct conf *conf, const struct role_options *o,
		  struct arena *a);
/* The deliver role's own walls: remotes are born inside them and put up theirs. */
int remotes_enter_walls(const struct conf *conf, const struct remotes *r, struct err *e)
    __attribute__((warn_unused_result));

#endif
