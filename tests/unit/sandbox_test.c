/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each test goes into the sandbox in a forked child and tries what must and what must not work. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/db.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "base/spool.h"

static char dir[64], inside[96], outside[96];
static bool have_landlock;

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%.40s/box-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(inside, sizeof inside, "%s/in", dir);
	snprintf(outside, sizeof outside, "%s/out", dir);
	return mkdir(inside, 0700) < 0 || mkdir(outside, 0700) < 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return file_remove_tree(AT_FDCWD, dir, NULL);
}

/* In the child a failed condition is its line number on stderr and a bad exit. */
#define MUST(c)                                                                                    \
	do {                                                                                       \
		if (!(c)) {                                                                        \
			fprintf(stderr, "line %d: %s (errno %d)\n", __LINE__, #c, errno);          \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)
#define REFUSED(call) MUST((call) == -1 && (errno == EPERM || errno == EACCES))

static void
in_box(const struct sandbox_rules *rules, void (*try)(void))
{
	struct err e = {0};
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter(rules, &e) < 0) {
			fprintf(stderr, "%s\n", e.text);
			_exit(2);
		}
		try();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int
path_in(const char *folder, const char *name, int flags)
{
	char path[160];
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd;
}

static void
try_paths(void)
{
	char a[160], b[160];

	MUST(path_in(inside, "f", O_CREAT | O_RDWR) >= 0);
	MUST(path_in(inside, "f", O_TRUNC | O_WRONLY) >= 0);
	REFUSED(path_in(outside, "f", O_CREAT | O_RDWR));
	REFUSED(open(outside, O_RDONLY | O_DIRECTORY));
	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(open("/usr/share", O_RDONLY | O_DIRECTORY));
	snprintf(a, sizeof a, "%s/sub", inside);
	MUST(mkdir(a, 0700) == 0);
	snprintf(a, sizeof a, "%s/f", inside);
	snprintf(b, sizeof b, "%s/sub/f", inside);
	MUST(rename(a, b) == 0); /* into another folder, as a spool does */
	snprintf(a, sizeof a, "%s/f", outside);
	MUST(rename(b, a) == -1);
	MUST(unlink(b) == 0);
	snprintf(a, sizeof a, "%s/link", inside);
	MUST(symlink("/etc/passwd", a) == 0);
	REFUSED(open(a, O_RDONLY));
	MUST(open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
}

static void
try_reading(void)
{
	MUST(path_in(inside, "f", O_RDONLY) >= 0);
	REFUSED(path_in(inside, "f", O_WRONLY));
	REFUSED(path_in(inside, "g", O_CREAT | O_RDWR));
	REFUSED(path_in(outside, "f", O_RDONLY));
}

static void
try_no_files(void)
{
	REFUSED(path_in(inside, "f", O_RDONLY));
	REFUSED(open("/etc/hosts", O_RDONLY));
	REFUSED(open("/", O_RDONLY | O_DIRECTORY));
}

static void
test_paths(void **state)
{
	const struct sandbox_path both[] = {{inside, SANDBOX_WRITE},
					    {"/nowhere/at/all", SANDBOX_WRITE}};
	const struct sandbox_path reading[] = {{inside, SANDBOX_READ}};
	const struct sandbox_rules w = {.paths = both, .npaths = 2};
	const struct sandbox_rules r = {.paths = reading, .npaths = 1};
	const struct sandbox_rules none = {.calls = SANDBOX_NET};

	(void)state;
	if (!have_landlock) {
		print_message("SKIP: this kernel has no Landlock\n");
		skip();
	}
	in_box(&w, try_paths);
	assert_true(path_in(inside, "f", O_CREAT | O_RDWR) >= 0);
	assert_true(path_in(outside, "f", O_CREAT | O_RDWR) >= 0);
	in_box(&r, try_reading);
	in_box(&none, try_no_files);
}

/* What our own modules do every day works inside. */
static void *
thread(void *arg)
{
	*(int *)arg = 42;
	return NULL;
}

static void
try_work(void)
{
	static const char *const steps[] = {"CREATE TABLE t (a)"};
	static const struct db_schema schema = {"x.db", steps, 1};
	struct event_base *loop;
	char path[160], id[ID_MAX];
	struct slice part = SLICE("hello");
	struct spool *sp;
	struct err e = {0};
	struct db *db;
	pthread_t t;
	int got = 0;

	snprintf(path, sizeof path, "%s/x.db", inside);
	MUST(db_open(&db, path, DB_WRITE_FULL, &schema, &e) == 0);
	MUST(db_begin(db, &e) == 0);
	MUST(db_do(db, &e, "INSERT INTO t VALUES (1)", "") == 1);
	MUST(db_commit(db, &e) == 0);
	MUST(db_do(db, &e, "VACUUM", "") >= 0);
	db_close(db);
	snprintf(path, sizeof path, "%s/spool", inside);
	MUST(spool_open(&sp, path, &e) == 0);
	id_new(id);
	MUST(spool_put(sp, id, &part, 1, &e) == 0);
	MUST(spool_claim(sp, id, &e) == 1);
	MUST(spool_done(sp, id, &e) == 0);
	spool_close(sp);
	MUST(pthread_create(&t, NULL, thread, &got) == 0);
	MUST(pthread_join(t, NULL) == 0);
	MUST(got == 42);
	loop = event_base_new();
	MUST(loop && event_base_loopexit(loop, &(struct timeval){.tv_usec = 1000}) == 0);
	MUST(event_base_dispatch(loop) >= 0);
	event_base_free(loop);
	free(malloc(10000000));
}

static void
test_daily_work(void **state)
{
	const struct sandbox_path paths[] = {{inside, SANDBOX_WRITE}};
	const struct sandbox_rules r = {
	    .paths = paths, .npaths = 1, .memory_max = 256 << 20, .files_max = 100};

	(void)state;
	in_box(&r, try_work);
}

static void
try_no_net(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd;

	REFUSED(socket(AF_INET, SOCK_STREAM, 0));
	REFUSED(socket(AF_INET6, SOCK_DGRAM, 0));
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0)); /* a stream could speak to the mail server */
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* syslog's */
	MUST(fd >= 0);
	MUST(connect(fd, (struct sockaddr *)&un, sizeof un) == 0 || errno != EPERM);
}

static void
try_no_children(void)
{
	REFUSED(fork());
	REFUSED(vfork());
	REFUSED(execl("/bin/true", "true", (char *)NULL));
	REFUSED(kill(getppid(), SIGUSR1));
	REFUSED(ptrace(PTRACE_TRACEME, 0, 0, 0));
	REFUSED(syscall(SYS_mount, 0, 0, 0, 0, 0));
	REFUSED(syscall(SYS_bpf, 0, 0, 0));
	REFUSED(syscall(SYS_io_uring_setup, 0, 0));
	REFUSED(syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0));
	REFUSED(ioctl(0, 0x5412 /* TIOCSTI */, "x"));
	REFUSED(ioctl(0, 0x100005412UL, "x")); /* the kernel would cut it to the same */
	MUST(kill(getpid(), 0) == 0);
}

static void
test_calls(void **state)
{
	const struct sandbox_path paths[] = {{inside, SANDBOX_WRITE}};
	const struct sandbox_rules r = {.paths = paths, .npaths = 1};

	(void)state;
#ifdef SANITIZED
	(void)r;
	(void)try_no_net;
	(void)try_no_children;
	print_message("SKIP: system calls are not closed in sanitized builds\n");
	skip();
#else
	in_box(&r, try_no_net);
	in_box(&r, try_no_children);
#endif
}

static void
try_net(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(1)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	MUST(fd >= 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(connect(fd, (struct sockaddr *)&in, sizeof in) == 0 || errno == EINPROGRESS ||
	     errno == ECONNREFUSED);
	MUST(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0 || errno == EAFNOSUPPORT);
	MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
#ifndef SANITIZED
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0));
	REFUSED(bind(fd, (struct sockaddr *)&in, sizeof in));
	REFUSED(listen(fd, 1));
	REFUSED(fork());
#endif
}

static void
test_net(void **state)
{
	const struct sandbox_rules r = {.calls = SANDBOX_NET};

	(void)state;
	in_box(&r, try_net);
}

/* A hook runs inside its role's walls: an ordinary program works, and reaches no further. */
static void
try_hook(void)
{
	static const char script[] =
	    "read x; echo got $x; ls /usr/bin | head -1 >/dev/null; seq 3 | sort | wc -l;"
	    "cat /etc/passwd >/dev/null 2>&1 || echo refused; echo $(date +%s) | grep -c .;"
	    "t=$(mktemp \"$IN/XXXXXX\") && echo y >\"$t\" && cat \"$t\" && rm \"$t\"";
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	char in[128];
	const char *const envp[] = {"PATH=/usr/bin:/bin", in, NULL};
	struct child_result res;
	struct err e = {0};
	struct buf out;

	snprintf(in, sizeof in, "IN=%s", inside);
	buf_init(&out, 10000);
	MUST(child_run(argv, envp, SLICE("hello\n"), &out, 20000, &res, &e) == 0);
	MUST(res.end == CHILD_EXITED);
	if (strcmp(buf_str(&out), "got hello\n3\nrefused\n1\ny\n") != 0)
		fprintf(stderr, "%s", buf_str(&out));
	MUST(strcmp(buf_str(&out), "got hello\n3\nrefused\n1\ny\n") == 0);
	REFUSED(path_in(outside, "f", O_CREAT | O_RDWR));
	buf_free(&out);
}

/* deliver's remotes: a child with walls of its own inside the walls of its parent. */
static void
try_nested(void)
{
	const struct sandbox_rules r = {.calls = SANDBOX_NET};
	struct err e = {0};
	int status;
	pid_t pid = fork();

	MUST(pid >= 0);
	if (pid == 0) {
		MUST(sandbox_enter(&r, &e) == 0);
		REFUSED(path_in(inside, "f", O_CREAT | O_RDWR));
		MUST(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	MUST(status == 0);
}

static void
test_children(void **state)
{
	const struct sandbox_path paths[] = {{inside, SANDBOX_WRITE},
					     {"/usr", SANDBOX_EXEC},
					     {"/bin", SANDBOX_EXEC},
					     {"/lib", SANDBOX_EXEC},
					     {"/lib64", SANDBOX_EXEC}};
	const struct sandbox_rules r = {
	    .paths = paths, .npaths = 5, .calls = SANDBOX_CHILDREN | SANDBOX_NET};

	(void)state;
	if (!have_landlock) {
		print_message("SKIP: this kernel has no Landlock\n");
		skip();
	}
	in_box(&r, try_hook);
	in_box(&r, try_nested);
}

static void
try_limits(void)
{
	struct rlimit l;

	MUST(getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur == 20 && l.rlim_max == 20);
	for (int i = 0; i < 40; i++)
		if (dup(0) < 0) {
			MUST(errno == EMFILE);
			break;
		} else {
			MUST(i < 20);
		}
#ifndef SANITIZED
	volatile size_t big = 200 << 20;
	MUST(malloc(big) == NULL);
	MUST(malloc(big / 20) != NULL);
#endif
}

static void
test_limits(void **state)
{
	const struct sandbox_rules r = {.memory_max = 64 << 20, .files_max = 20};

	(void)state;
	in_box(&r, try_limits);
}

static void
test_become(void **state)
{
	struct passwd *pw = getpwnam("nobody");
	struct err e = {0};
	int status;

	(void)state;
	if (geteuid() != 0 || !pw) {
		assert_int_equal(sandbox_become("no-such-user", &e), 0);
		print_message("SKIP: not root, or no user nobody\n");
		skip();
	}
	fflush(NULL);
	if (fork() == 0) {
		gid_t groups[2] = {0, 0};

		MUST(sandbox_become("nobody", &e) == 0);
		MUST(getuid() == pw->pw_uid && geteuid() == pw->pw_uid && getgid() == pw->pw_gid);
		MUST(getgroups(2, groups) <= 1 && (groups[0] == pw->pw_gid || groups[0] == 0));
		MUST(setuid(0) == -1);
		MUST(sandbox_become("root", &e) == 0); /* does nothing now */
		MUST(getuid() == pw->pw_uid);
		_exit(0);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_int_equal(sandbox_become("no-such-user", &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(getuid(), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_paths),    T(test_daily_work), T(test_calls),  T(test_net),
	    T(test_children), T(test_limits),     T(test_become),
	};

	/* SYS_landlock_create_ruleset with the flag that asks for the version */
	have_landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 2;
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
