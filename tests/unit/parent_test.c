/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the parent: the state folder and its lock, listening sockets, the back-off. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/keeper.h"
#include "daemon/listen.h"
#include "daemon/state.h"

static char dir[64], state_dir[80], sock[80], messages[96];
static struct arena *arena;
static struct conf_listen where[3];
static struct conf conf;

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%.40s/parent-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(state_dir, sizeof state_dir, "%s/state", dir);
	snprintf(sock, sizeof sock, "%s/run/lmtp", dir);
	snprintf(messages, sizeof messages, "%s/log", dir);
	arena = arena_new();
	conf = (struct conf){
	    .arena = arena, .state_dir = state_dir, .user = "root", .web_user = "root"};
	memset(where, 0, sizeof where);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return file_remove_tree(AT_FDCWD, dir, NULL);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	if (stat(conf_path(&conf, arena, "%s", name), &st) < 0)
		return 0;
	return st.st_mode & 0777;
}

static void
test_delays(void **state)
{
	int64_t d = 0;

	(void)state;
	for (int64_t want = 1000; want <= 32000; want *= 2) {
		d = keeper_delay(59999, d);
		assert_int_equal(d, want);
	}
	d = keeper_delay(0, d);
	assert_int_equal(d, 60000);
	assert_int_equal(keeper_delay(0, d), 60000);
	assert_int_equal(keeper_delay(60000, d), 1000);
}

static void
test_state_is_made_once(void **state)
{
	struct slice key, again;
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 2; i++)
		if (state_prepare(&conf, &e) < 0)
			fail_msg("%s", e.text);
	assert_int_equal(mode_of(""), 0711);
	assert_int_equal(mode_of("spool"), 0700);
	assert_int_equal(mode_of("secret"), 0700);
	assert_int_equal(mode_of("html"), 0755);
	assert_int_equal(mode_of("archive"), 0711);
	assert_int_equal(mode_of("archive/msg"), 0700);
	assert_int_equal(mode_of("archive/xapian"), 0755);
	assert_int_equal(mode_of("secret/token.key"), 0600);
	assert_int_equal(
	    file_read(AT_FDCWD, conf_path(&conf, arena, "secret/token.key"), 1000, arena, &key, &e),
	    0);
	assert_int_equal(state_prepare(&conf, &e), 0);
	assert_int_equal(file_read(AT_FDCWD, conf_path(&conf, arena, "secret/token.key"), 1000,
				   arena, &again, &e),
			 0);
	assert_true(slice_eq(key, again));
}

static void
test_state_needs_its_users(void **state)
{
	struct err e = {0};

	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: not root\n");
		skip();
	}
	conf.web_user = "no-such-user";
	assert_int_equal(state_prepare(&conf, &e), -1);
	assert_non_null(strstr(e.text, "no-such-user"));
	assert_int_equal(access(state_dir, F_OK), -1);
}

/* With root, all is given to the user, but nothing through a link that the user laid. */
static void
test_state_belongs_to_its_user(void **state)
{
	struct err e = {0};
	struct stat st;

	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: not root\n");
		skip();
	}
	conf.user = "nobody";
	assert_int_equal(mkdir(state_dir, 0700), 0);
	assert_int_equal(mkdir(conf_path(&conf, arena, "../elsewhere"), 0700), 0);
	assert_int_equal(symlink("../elsewhere", conf_path(&conf, arena, "html")), 0);
	if (state_prepare(&conf, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(stat(state_dir, &st), 0);
	assert_int_not_equal(st.st_uid, 0);
	assert_int_equal(stat(conf_path(&conf, arena, "secret/token.key"), &st), 0);
	assert_int_not_equal(st.st_uid, 0);
	assert_int_equal(stat(conf_path(&conf, arena, "../elsewhere"), &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void
test_lock(void **state)
{
	struct err e = {0};
	int fd, status;
	pid_t other;

	(void)state;
	assert_int_equal(state_prepare(&conf, &e), 0);
	assert_int_equal(state_daemon(&conf), 0);
	fd = state_lock(&conf, 0, &e);
	assert_true(fd >= 0);
	assert_int_equal(state_write_pid(&conf, &e), 0);
	assert_int_equal(state_daemon(&conf), getpid());
	assert_int_equal(state_lock(&conf, 100000, &e), -1);
	assert_non_null(strstr(e.text, "another plenaryd ("));
	(void)signal(SIGUSR1, SIG_IGN);
	state_ring(&conf);

	/* The one who wrote its number dies, but a child of it holds the lock for a moment. */
	other = fork();
	if (other == 0)
		_exit(state_write_pid(&conf, NULL) < 0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	assert_int_equal(state_lock(&conf, 50, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	close(fd);
	assert_int_equal(state_daemon(&conf), 0); /* a number without a lock is nobody */
	fd = state_lock(&conf, 0, &e);
	assert_true(fd >= 0);
	state_remove_pid(&conf);
	assert_int_equal(access(conf_path(&conf, arena, "plenaryd.pid"), F_OK), -1);
	close(fd);
}

/* --- listening ------------------------------------------------------------------------------ */

static void
want(int i, const char *path, const char *host, uint16_t port)
{
	where[i] = (struct conf_listen){.path = path, .host = host, .port = port};
	where[i].text =
	    path ? arena_printf(arena, "unix:%s", path) : arena_printf(arena, "%s:%d", host, port);
}

static uint16_t
free_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	close(fd);
	return ntohs(in.sin_port);
}

static int
try_unix(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	snprintf(un.sun_path, sizeof un.sun_path, "%s", sock);
	r = connect(fd, (struct sockaddr *)&un, sizeof un);
	close(fd);
	return r;
}

static int
try_tcp(uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r = connect(fd, (struct sockaddr *)&in, sizeof in);
	close(fd);
	return r;
}

/* What was logged meanwhile, since errors of addresses are told there. */
static int
catch_log(void)
{
	int old = dup(2), fd = open(messages, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fflush(stderr);
	dup2(fd, 2);
	close(fd);
	return old;
}

static const char *
caught(int old)
{
	struct slice s;

	fflush(stderr);
	dup2(old, 2);
	close(old);
	assert_int_equal(file_read(AT_FDCWD, messages, 10000, arena, &s, NULL), 0);
	return arena_str(arena, s);
}

static void
test_sockets_are_bound_given_and_kept(void **state)
{
	uint16_t port = free_port();
	struct listeners *l, *next;
	struct buf env;
	struct stat st;
	int fds[8];
	size_t n = 0;

	(void)state;
	want(0, sock, NULL, 0);
	want(1, NULL, "127.0.0.1", port);
	conf.listen_lmtp = (struct conf_listens){where, 2};
	l = listeners_open(&conf, NULL);
	assert_non_null(l);
	assert_int_equal(stat(sock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	assert_int_equal(try_unix(), 0);
	assert_int_equal(try_tcp(port), 0);
	buf_init(&env, 1000);
	listeners_give(l, "lmtp", &env, fds, &n, 8);
	listeners_give(l, "http", &env, fds, &n, 8);
	assert_int_equal(n, 2);
	assert_string_equal(buf_str(&env), arena_printf(arena, "lmtp:%d,lmtp:%d,", fds[0], fds[1]));
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	/* A reload: the same socket for another kind, the TCP one goes. */
	conf.listen_lmtp.n = 0;
	conf.listen_smtp = (struct conf_listens){where, 1};
	next = listeners_open(&conf, l);
	assert_non_null(next);
	listeners_close(l, next);
	assert_int_equal(try_unix(), 0);
	assert_int_equal(try_tcp(port), -1);
	n = 0;
	listeners_give(next, "smtp", &env, fds, &n, 8);
	assert_int_equal(n, 1);
	listeners_close(next, NULL);
	assert_int_equal(access(sock, F_OK), -1);
	buf_free(&env);
}

static void
test_each_bad_address_is_named(void **state)
{
	uint16_t port = free_port();
	struct listeners *first, *l;
	struct conf other = conf;
	const char *text;
	int old;

	(void)state;
	want(0, NULL, "127.0.0.1", port);
	other.listen_http = (struct conf_listens){where, 1};
	first = listeners_open(&other, NULL);
	assert_non_null(first);
	want(1, "/dev/null/lmtp", NULL, 0);
	want(2, sock, NULL, 0);
	conf.listen_lmtp = (struct conf_listens){where, 3};
	old = catch_log();
	l = listeners_open(&conf, NULL);
	text = caught(old);
	assert_null(l);
	assert_non_null(strstr(text, where[0].text));
	assert_non_null(strstr(text, where[1].text));
	assert_null(strstr(text, where[2].text));
	assert_int_equal(access(sock, F_OK), -1); /* all or none */
	assert_int_equal(try_tcp(port), 0);
	listeners_close(first, NULL);
}

static void
test_old_socket_files(void **state)
{
	struct listeners *l, *two;
	int status, old, fd;
	const char *text;

	(void)state;
	want(0, sock, NULL, 0);
	conf.listen_lmtp = (struct conf_listens){where, 1};
	fflush(NULL);
	if (fork() == 0)
		_exit(listeners_open(&conf, NULL) ? 0 : 1); /* dies and leaves its file */
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
	assert_int_equal(access(sock, F_OK), 0);
	assert_int_equal(try_unix(), -1);
	l = listeners_open(&conf, NULL);
	assert_non_null(l);
	old = catch_log();
	two = listeners_open(&conf, NULL); /* somebody answers: hands off */
	text = caught(old);
	assert_null(two);
	assert_non_null(strstr(text, "another program answers"));
	assert_int_equal(try_unix(), 0);
	listeners_close(l, NULL);
	fd = open(sock, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	old = catch_log();
	l = listeners_open(&conf, NULL);
	text = caught(old);
	assert_null(l);
	assert_non_null(strstr(text, "no socket"));
	assert_int_equal(access(sock, F_OK), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_delays),
	    T(test_state_is_made_once),
	    T(test_state_needs_its_users),
	    T(test_state_belongs_to_its_user),
	    T(test_lock),
	    T(test_sockets_are_bound_given_and_kept),
	    T(test_each_bad_address_is_named),
	    T(test_old_socket_files),
	};

	return cmocka_run_group_tests_name("parent", tests, NULL, NULL);
}
