/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-hook: puts up the walls around one hook and becomes it. Usage: plenary-hook -q|-v PATH.
 *
 * The hook may read the system's programs and settings and its own folder, write nothing, talk to
 * the network (spam filters are asked that way), and start other programs, none of which can leave
 * its process group: at the deadline all of them go. Nothing of the site's state can be opened.
 * With -v what it says on standard error goes into the log, else nowhere.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/sandbox.h"

#define MEMORY_MAX ((int64_t)512 << 20)
#define FILES_MAX 64
#define CPU_SECONDS 10 /* as long as it may take altogether */
#define PROCESSES_MAX                                                                              \
	512 /* of this user, with all that runs anyway: a hook that forks finds an end             \
	     */

extern char **environ;

/* Not out of the group that is killed at the deadline. */
static int
stay_in_group(void)
{
	static const char *const calls[] = {"setsid", "setpgid"};
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int ret = f ? 0 : -1;
	for (size_t i = 0; ret == 0 && i < 2; i++) {
		int nr = seccomp_syscall_resolve_name(calls[i]);
		if (nr != __NR_SCMP_ERROR)
			ret = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), nr, 0);
	}
	if (ret == 0)
		ret = seccomp_load(f);
	seccomp_release(f);
	return ret;
}

static int
limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit l = {most, most};
	return setrlimit(what, &l);
}

static int
put_up_walls(char *path, struct err *e)
{
	char folder[4096];
	char *slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) >= sizeof(folder))
		return err_permanent(e, "%s is no whole path", path);
	snprintf(folder, sizeof(folder), "%.*s", slash > path ? (int)(slash - path) : 1, path);
	const struct sandbox_path paths[] = {
	    {"/usr", SANDBOX_EXEC}, {"/bin", SANDBOX_EXEC},   {"/sbin", SANDBOX_EXEC},
	    {"/lib", SANDBOX_EXEC}, {"/lib64", SANDBOX_EXEC}, {"/etc", SANDBOX_READ},
	    {folder, SANDBOX_EXEC},
	};
	const struct sandbox_rules rules = {.paths = paths,
					    .npaths = sizeof(paths) / sizeof(paths[0]),
					    .calls = SANDBOX_NET | SANDBOX_CHILDREN,
					    .memory_max = MEMORY_MAX,
					    .files_max = FILES_MAX};
	if (limit(RLIMIT_CPU, CPU_SECONDS) < 0 || limit(RLIMIT_CORE, 0) < 0 ||
	    limit(RLIMIT_NPROC, PROCESSES_MAX) < 0)
		return err_errno(e, "limits");
	if (sandbox_enter(&rules, e) < 0)
		return -1;
	return stay_in_group() < 0 ? err_permanent(e, "seccomp") : 0;
}

int
main(int argc, char **argv)
{
	struct err e = {0};
	log_init("hook", true, false);
	if (argc != 3)
		return 2;
	if (put_up_walls(argv[2], &e) < 0) {
		log_error("%s", e.text);
		return 126;
	}
	if (strcmp(argv[1], "-v") != 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (null >= 0)
			(void)dup2(null, STDERR_FILENO);
	}
	char *args[] = {argv[2], NULL};
	execve(argv[2], args, environ);
	return 127;
}
