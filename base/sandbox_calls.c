/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox_calls: an allow list by families: what is not named here fails with EPERM, which libc and
 * the libraries take as "not there".
 */
#include "config.h"

#include "base/sandbox_calls.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"

#ifndef SANITIZED

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* clang-format off */
static const char *const memory_calls[] = {
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "msync", "mincore", "mlock",
    "munlock", "membarrier", "memfd_create", NULL,
};

static const char *const file_calls[] = {
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
    "pwritev2", "open", "openat", "openat2", "creat", "close", "close_range", "lseek", "stat",
    "fstat", "lstat", "newfstatat", "fstatat64", "statx", "statfs", "fstatfs", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "getcwd",
    "chdir", "fchdir", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
    "symlink", "symlinkat", "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "sync_file_range",
    "syncfs", "truncate", "ftruncate", "fallocate", "fadvise64", "readahead", "copy_file_range",
    "sendfile", "splice", "flock", "fcntl", "dup", "dup2", "dup3", "chmod", "fchmod", "fchmodat",
    "fchown", "utime", "utimes", "utimensat", "futimesat", "umask", NULL,
};

static const char *const wait_calls[] = {
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "pipe", "pipe2",
    "socketpair", "signalfd", "signalfd4", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "setitimer", "getitimer", "alarm", "pause", "times", NULL,
};

static const char *const process_calls[] = {
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigpending",
    "rt_sigtimedwait", "sigaltstack", "restart_syscall", "exit", "exit_group", "futex",
    "futex_waitv", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "gettid",
    "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
    "getgroups", "getpgid", "getpgrp", "getsid", "sched_yield", "sched_getaffinity",
    "sched_setaffinity", "sched_getparam", "sched_getscheduler", "sched_setscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "getcpu", "getpriority", "setpriority",
    "prctl", "arch_prctl", "uname", "sysinfo", "getrusage", "getrlimit", "setrlimit", "prlimit64",
    "getrandom", NULL,
};
/* clang-format on */

/* Sending is for the log: without the network family only datagram unix sockets can be made. */
static const char *const log_calls[] = {"connect", "send", "sendto", "sendmsg", NULL};

/* clang-format off */
static const char *const net_calls[] = {
    "accept", "accept4", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "shutdown",
    "getsockname", "getpeername", "setsockopt", "getsockopt", NULL,
};
/* clang-format on */

/* Walls stay up across exec: this is what ordinary programs need, and a role that is a child. */
/* clang-format off */
static const char *const child_calls[] = {
    "fork", "vfork", "clone", "clone3", "execve", "execveat", "wait4", "waitid", "kill", "tkill",
    "tgkill", "pidfd_open", "pidfd_send_signal", "setpgid", "setsid", "getxattr", "lgetxattr",
    "fgetxattr", "listxattr", "llistxattr", "flistxattr", "seccomp", "landlock_create_ruleset",
    "landlock_add_rule", "landlock_restrict_self", NULL,
};
/* clang-format on */

/* No TIOCSTI among them, which types into the administrator's terminal. */
static const unsigned ioctls[] = {TCGETS,  TIOCGWINSZ, TIOCGPGRP, FIONREAD,
				  FIONBIO, FIOCLEX,    FIONCLEX,  FICLONE};

static int
rule(scmp_filter_ctx f, uint32_t action, const char *name, unsigned n,
     const struct scmp_arg_cmp *args, struct err *e)
{
	int nr = seccomp_syscall_resolve_name(name), r;

	if (nr == __NR_SCMP_ERROR)
		return 0; /* not known here: it stays forbidden */
	r = seccomp_rule_add_array(f, action, nr, n, args);
	if (r == 0)
		return 0;
	errno = -r;
	return err_errno(e, "seccomp rule for %s", name);
}

static int
allow_all(scmp_filter_ctx f, const char *const *names, struct err *e)
{
	for (; *names; names++)
		if (rule(f, SCMP_ACT_ALLOW, *names, 0, NULL, e) < 0)
			return -1;
	return 0;
}

static int
allow_if(scmp_filter_ctx f, const char *name, struct scmp_arg_cmp arg, struct err *e)
{
	return rule(f, SCMP_ACT_ALLOW, name, 1, &arg, e);
}

/* Arguments of 32 bits are compared as such: the kernel ignores what is above them. */
#define LOW32(n, v) SCMP_CMP64(n, SCMP_CMP_MASKED_EQ, 0xffffffff, (uint64_t)(uint32_t)(v))

static int
allow_sockets(scmp_filter_ctx f, bool net, struct err *e)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6};
	const struct scmp_arg_cmp log_socket[] = {
	    LOW32(0, AF_UNIX),
	    SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM),
	};

	if (allow_all(f, log_calls, e) < 0)
		return -1;
	if (!net)
		return rule(f, SCMP_ACT_ALLOW, "socket", COUNT(log_socket), log_socket, e);
	for (size_t i = 0; i < COUNT(families); i++)
		if (allow_if(f, "socket", LOW32(0, families[i]), e) < 0)
			return -1;
	return allow_all(f, net_calls, e);
}

/* Threads yes, processes no; clone3's flags are out of a filter's sight, so libc is sent to clone.
 */
static int
allow_threads_only(scmp_filter_ctx f, struct err *e)
{
	static const char *const self[] = {"kill", "tgkill"};

	for (size_t i = 0; i < COUNT(self); i++)
		if (allow_if(f, self[i], LOW32(0, getpid()), e) < 0)
			return -1;
	if (allow_if(f, "clone", SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD), e) <
	    0)
		return -1;
	return rule(f, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL, e);
}

static int
fill(scmp_filter_ctx f, unsigned calls, struct err *e)
{
	static const char *const *const base[] = {memory_calls, file_calls, wait_calls,
						  process_calls};

	for (size_t i = 0; i < COUNT(base); i++)
		if (allow_all(f, base[i], e) < 0)
			return -1;
	for (size_t i = 0; i < COUNT(ioctls); i++)
		if (allow_if(f, "ioctl", LOW32(1, ioctls[i]), e) < 0)
			return -1;
	if (allow_sockets(f, calls & SANDBOX_NET, e) < 0)
		return -1;
	return calls & SANDBOX_CHILDREN ? allow_all(f, child_calls, e) : allow_threads_only(f, e);
}

int
sandbox_calls_filter(unsigned calls, struct err *e)
{
	scmp_filter_ctx f;
	int r, ret = -1;

	if (prctl(PR_GET_SECCOMP) < 0) {
		log_debug("this kernel has no seccomp: system calls are not closed");
		return 0;
	}
	f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!f)
		fatal("no memory for seccomp");
	/* What runs already is held, too; the kernel tells its audit (if it can). */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_LOG, 1);
	if (fill(f, calls, e) < 0)
		goto out;
	r = seccomp_load(f);
	if (r < 0) {
		errno = -r;
		err_errno(e, "seccomp");
		goto out;
	}
	ret = 0;
out:
	seccomp_release(f);
	return ret;
}

#else

/* The sanitizers' own calls are not ours to name. */
int
sandbox_calls_filter(unsigned calls, struct err *e)
{
	(void)calls;
	(void)e;
	return 0;
}

#endif
