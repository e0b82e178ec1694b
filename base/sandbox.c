/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox: what a role drops (the header is the manual). Three walls, each on its own: limits,
 * Landlock for paths, seccomp for system calls (base/sandbox_calls.h).
 *
 * Landlock is called by number: Debian 12's libc has no wrappers, and its kernel headers may be
 * older than the kernel that runs.
 */
#include "config.h"

#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox_calls.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --- user ----------------------------------------------------------------------------------- */

int
sandbox_become(const char *user, struct err *e)
{
	struct passwd *pw;
	int death = 0;

	if (geteuid() != 0)
		return 0;
	errno = 0;
	pw = getpwnam(user);
	if (!pw && errno)
		return err_errno(e, "user %s", user);
	if (!pw)
		return err_permanent(e, "there is no user %s on this system", user);
	/* Root that stays root has nothing to become; a child behind walls may not even ask. */
	if (pw->pw_uid == 0)
		return 0;
	(void)prctl(PR_GET_PDEATHSIG, &death);
	if (setgroups(1, &pw->pw_gid) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return err_errno(e, "becoming user %s", user);
	if (pw->pw_uid != 0 && setuid(0) == 0)
		fatal("the way back to root is open");
	/* The kernel forgets it with the user. */
	if (death && prctl(PR_SET_PDEATHSIG, death) < 0)
		return err_errno(e, "prctl");
	return 0;
}

/* --- limits --------------------------------------------------------------------------------- */

static int
set_limit(__rlimit_resource_t what, int64_t most, struct err *e)
{
	struct rlimit l;

	if (getrlimit(what, &l) < 0)
		return err_errno(e, "getrlimit");
	if (l.rlim_max < (rlim_t)most)
		most = (int64_t)l.rlim_max;
	l.rlim_cur = (rlim_t)most;
	l.rlim_max = (rlim_t)most;
	return setrlimit(what, &l) < 0 ? err_errno(e, "setrlimit") : 0;
}

static int
limit(const struct sandbox_rules *r, struct err *e)
{
#ifndef SANITIZED
	if (r->memory_max > 0 && set_limit(RLIMIT_DATA, r->memory_max, e) < 0)
		return -1;
#endif
	return r->files_max > 0 ? set_limit(RLIMIT_NOFILE, r->files_max, e) : 0;
}

/* --- Landlock ------------------------------------------------------------------------------- */

/* include/uapi/linux/landlock.h; what is behind fs came with ABI 4 and 6. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};
struct path_attr {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

#define RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14
};
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)
#define NET_BIND_CONNECT_TCP 3U
#define SCOPE_ABSTRACT_UNIX 1U
#define SCOPE_SIGNAL 2U

/* What can be handled, by ABI: newer kernels know all of it. */
static const uint64_t fs_of_abi[] = {
    0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1,
};

static const uint64_t fs_of_access[] = {
    [SANDBOX_READ] = FS_READ_FILE | FS_READ_DIR,
    [SANDBOX_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR |
		      FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SYM | FS_REFER,
    [SANDBOX_EXEC] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
};

/* What libc opens late in any program with files: converters, time zones, name resolution. */
static const struct sandbox_path libc_paths[] = {
    {"/usr/lib", SANDBOX_READ},
    {"/usr/lib64", SANDBOX_READ},
    {"/lib", SANDBOX_READ},
    {"/lib64", SANDBOX_READ},
    {"/etc/ld.so.cache", SANDBOX_READ},
    {"/usr/share/zoneinfo", SANDBOX_READ},
    {"/etc/localtime", SANDBOX_READ},
    {"/etc/resolv.conf", SANDBOX_READ},
    {"/etc/hosts", SANDBOX_READ},
    {"/etc/nsswitch.conf", SANDBOX_READ},
    {"/etc/gai.conf", SANDBOX_READ},
    {"/etc/services", SANDBOX_READ},
    {"/dev/urandom", SANDBOX_READ},
    {"/dev/null", SANDBOX_WRITE},
};

#ifdef SANITIZED
/* The leak check at the end walks its own threads and maps. */
static const struct sandbox_path sanitizer_paths[] = {{"/proc", SANDBOX_READ}};
#endif

static int
allow_path(int ruleset, uint64_t handled, const struct sandbox_path *p, struct err *e)
{
	struct path_attr rule = {.allowed = fs_of_access[p->access] & handled};
	struct stat st;
	long r = -1;
	int fd = open(p->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : err_errno(e, "%s", p->path);
	if (fstat(fd, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			rule.allowed &= FS_OF_FILES;
		rule.parent = fd;
		r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	}
	if (r < 0)
		err_errno(e, "Landlock rule for %s", p->path);
	close(fd);
	return r < 0 ? -1 : 0;
}

static int
allow_paths(int ruleset, uint64_t handled, const struct sandbox_path *p, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (allow_path(ruleset, handled, &p[i], e) < 0)
			return -1;
	return 0;
}

static bool
writes(const struct sandbox_rules *r)
{
	for (size_t i = 0; i < r->npaths; i++)
		if (r->paths[i].access == SANDBOX_WRITE)
			return true;
	return false;
}

static int
make_ruleset(long abi, const struct sandbox_rules *r, uint64_t *handled, struct err *e)
{
	struct ruleset_attr attr = {
	    .fs = fs_of_abi[abi < (long)COUNT(fs_of_abi) ? abi : (long)COUNT(fs_of_abi) - 1],
	};
	size_t size = sizeof attr.fs;
	long fd;

	if (abi >= 4) {
		size = 2 * sizeof attr.fs;
		attr.net = r->calls & SANDBOX_NET ? 0 : NET_BIND_CONNECT_TCP;
	}
	if (abi >= 6) {
		size = sizeof attr;
		attr.scoped = SCOPE_SIGNAL | (r->calls & SANDBOX_NET ? 0 : SCOPE_ABSTRACT_UNIX);
	}
	fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (fd < 0)
		return err_errno(e, "Landlock");
	*handled = attr.fs;
	return (int)fd;
}

static int
landlock(const struct sandbox_rules *r, struct err *e)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
	uint64_t handled = 0;
	int fd, ret = -1;

	/* The first ABI can't let a file be renamed into another folder: a spool needs that. */
	if (abi < 1 || (abi < 2 && writes(r))) {
		log_debug("this kernel has no Landlock for us: paths are not closed");
		return 0;
	}
	fd = make_ruleset(abi, r, &handled, e);
	if (fd < 0)
		return -1;
	if (allow_paths(fd, handled, r->paths, r->npaths, e) < 0)
		goto out;
	if (r->npaths > 0 && allow_paths(fd, handled, libc_paths, COUNT(libc_paths), e) < 0)
		goto out;
#ifdef SANITIZED
	if (allow_paths(fd, handled, sanitizer_paths, COUNT(sanitizer_paths), e) < 0)
		goto out;
#endif
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0) {
		err_errno(e, "Landlock");
		goto out;
	}
	ret = 0;
out:
	close(fd);
	return ret;
}

const char *
sandbox_folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash > path ? arena_printf(a, "%.*s", (int)(slash - path), path) : "/";
}

int
sandbox_enter(const struct sandbox_rules *rules, struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, "no_new_privs");
	if (limit(rules, e) < 0 || landlock(rules, e) < 0)
		return -1;
	return sandbox_calls_filter(rules->calls, e);
}
