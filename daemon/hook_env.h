/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_env: what a hook is told of a post, besides the message itself (plenary-hooks(7)).
 */
#ifndef DAEMON_HOOK_ENV_H
#define DAEMON_HOOK_ENV_H

#include "daemon/checks.h"

/* Its whole environment, in the arena of the work, a NULL at the end. Values have no control
 * characters and an end. */
const char **hook_env(const struct facts *f);

#endif
