/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox: what a role drops after it has opened what it needs. Walls that this kernel lacks are
 * logged once at debug level and skipped; a wall that the kernel has but refuses to raise is fatal.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Paths a role may still reach (Landlock). Absent paths are skipped. With at least one path, what
 * libc opens late is readable, too: /usr/lib, /lib, time zones, resolv.conf, hosts, /dev/null.
 * Descriptors that are open already stay usable, whatever they are.
 */
enum sandbox_access { SANDBOX_READ, SANDBOX_WRITE, SANDBOX_EXEC };
struct sandbox_path {
	const char *path;
	enum sandbox_access
	    access; /* WRITE includes reading, making, renaming, removing; EXEC includes reading */
};

/* Families of system calls beyond files, memory, time, signals, threads and what libc itself needs.
 */
enum {
	SANDBOX_NET = 1 << 0,     /* socket, connect, accept, send, recv (role-opened sockets of
				     AF_UNIX, AF_INET, AF_INET6); not bind and listen, which
				     are the parent's. Without it: datagrams to syslog only */
	SANDBOX_CHILDREN = 1 << 1 /* fork and exec (hooks; deliver's remotes), which stay inside
				     these walls and limits; they may put up more */
};

/* The folder that path stands in: a Landlock rule for a file holds for that file alone, and not for
 * the next one of its name. */
const char *sandbox_folder_of(struct arena *a, const char *path);

struct sandbox_rules {
	const struct sandbox_path *paths; /* files are closed altogether when npaths is 0 */
	size_t npaths;
	unsigned calls;     /* SANDBOX_* */
	int64_t memory_max; /* bytes of data (RLIMIT_DATA); 0: none. Off in sanitized builds */
	int64_t files_max;  /* RLIMIT_NOFILE; 0: as it is */
};

/* Becomes user (with its group, no others) when started as root; does nothing otherwise. */
int sandbox_become(const char *user, struct err *e) __attribute__((warn_unused_result));
/* no_new_privs, limits, Landlock, seccomp (a forbidden call fails with EPERM and is logged by the
 * kernel's audit; sanitized builds go without seccomp). Call it before threads are started. */
int sandbox_enter(const struct sandbox_rules *rules, struct err *e)
    __attribute__((warn_unused_result));

#endif
