/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delivery: see delivery.h. */
#include "config.h"

#include "tests/tools/delivery.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "daemon/listdb.h"
#include "daemon/member.h"
#include "daemon/queue.h"

#define HEAD                                                                                       \
	SLICE("From: a@example.org\r\nSubject: a post\r\nMessage-ID: <p@example.org>\r\n"          \
	      "List-Id: <l.lists.example>\r\n\r\n")
#define ENVELOPE SLICE("from: a@example.org\nrcpt: l@lists.example\n\n")
#define ARGS_MAX 40

static void
must(bool ok, const char *what, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, e ? e->text : "failed");
	exit(1);
}

static const char *
program(const char *name)
{
	static char path[2][4096];
	static int turn;
	const char *top = getenv("top_builddir");
	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", top ? top : ".", name);
	return path[turn];
}

static const char *
in_dir(const struct delivery *d, const char *name)
{
	static char path[4][512];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", d->dir, name);
	return path[turn];
}

/* Forks and executes; gone with us. in and out become 0 and 1 if they are not -1. */
static pid_t
run(const char *const *argv, int in, int out, int keep)
{
	pid_t pid = fork();
	must(pid >= 0, "fork", NULL);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0)
		dup2(in, 0);
	if (out >= 0)
		dup2(out, 1);
	if (keep >= 0)
		fcntl(keep, F_SETFD, 0);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	perror(argv[0]);
	_exit(127);
}

/* --- the sink --------------------------------------------------------------------------------- */

static int
read_port(int fd)
{
	char line[32];
	size_t n = 0;
	while (n < sizeof(line) - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return atoi(line);
}

void
delivery_sink_start(struct delivery *d, const char *const *options, bool store)
{
	const char *argv[ARGS_MAX];
	char port[16];
	int in[2], out[2];
	size_t n = 0;
	must(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe", NULL);
	argv[n++] = program("tests/tools/sink");
	argv[n++] = "-k";
	argv[n++] = in_dir(d, "counters");
	snprintf(port, sizeof(port), "%d", d->port);
	argv[n++] = "-p";
	argv[n++] = port;
	if (store) {
		argv[n++] = "-s";
		argv[n++] = in_dir(d, "store");
	}
	while (options && *options && n < ARGS_MAX - 1)
		argv[n++] = *options++;
	argv[n] = NULL;
	d->sink = run(argv, in[0], out[1], -1);
	close(in[0]);
	close(out[1]);
	d->sink_stdin = in[1];
	d->port = read_port(out[0]);
	close(out[0]);
	must(d->port > 0, "the sink did not start", NULL);
	int fd = open(in_dir(d, "counters"), O_RDWR | O_CLOEXEC);
	d->count = mmap(NULL, sizeof(*d->count), PROT_READ, MAP_SHARED, fd, 0);
	must(d->count != MAP_FAILED, "the sink's counters", NULL);
	close(fd);
}

void
delivery_sink_stop(struct delivery *d)
{
	if (d->sink <= 0)
		return;
	close(d->sink_stdin);
	kill(d->sink, SIGTERM);
	waitpid(d->sink, NULL, 0);
	munmap(d->count, sizeof(*d->count));
	d->sink = 0;
}

/* --- the folder ------------------------------------------------------------------------------- */

void
delivery_setup(struct delivery *d, const char *const *options, const char *relay, bool store)
{
	const char *tmp = getenv("TMPDIR");
	struct err e = {0};
	memset(d, 0, sizeof(*d));
	d->bell = -1;
	snprintf(d->dir, sizeof(d->dir), "%s/delivery-XXXXXX", tmp ? tmp : "/tmp");
	must(mkdtemp(d->dir) && mkdir(in_dir(d, "store"), 0700) == 0, d->dir, NULL);
	delivery_sink_start(d, options, store);
	FILE *f = fopen(in_dir(d, "conf"), "w");
	must(f, "conf", NULL);
	fprintf(f,
		"domain = \"lists.example\"\nsite-url = \"https://lists.example\"\n"
		"owner = \"root@lists.example\"\nstate-dir = \"%s/state\"\nuser = \"root\"\n",
		d->dir);
	if (relay)
		fprintf(f, "relay = { \"%s\" }\n", relay);
	else
		fprintf(f, "relay = { \"smtp://127.0.0.1:%d\" }\n", d->port);
	fprintf(f, "list \"l\" {\n}\n");
	fclose(f);
	d->conf = conf_load_or_complain(in_dir(d, "conf"));
	must(d->conf, "conf", NULL);
	must(file_mkdirs(AT_FDCWD, in_dir(d, "state/out"), 0700, false, &e) == 0 &&
		 listdb_open(&d->db, d->conf, DB_WRITE_NORMAL, &e) == 0,
	     "list.db", &e);
}

void
delivery_start(struct delivery *d)
{
	const char *argv[] = {
	    program("plenary-deliver"), "-f", in_dir(d, "conf"), "-d", NULL, NULL};
	char number[16];
	int bell[2];
	if (getenv("DELIVERY_DEBUG"))
		argv[4] = "-v";
	must(pipe2(bell, O_CLOEXEC) == 0, "pipe", NULL);
	snprintf(number, sizeof(number), "%d", bell[0]);
	setenv("PLENARY_BELL", number, 1);
	d->deliver = run(argv, -1, -1, bell[0]);
	close(bell[0]);
	if (d->bell >= 0)
		close(d->bell);
	d->bell = bell[1];
}

void
delivery_kill(struct delivery *d)
{
	kill(d->deliver, SIGKILL);
	waitpid(d->deliver, NULL, 0);
	d->deliver = 0;
}

int
delivery_stop(struct delivery *d)
{
	int status = 0;
	kill(d->deliver, SIGTERM);
	waitpid(d->deliver, &status, 0);
	d->deliver = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
delivery_teardown(struct delivery *d)
{
	struct err e = {0};
	if (d->deliver > 0)
		delivery_kill(d);
	delivery_sink_stop(d);
	db_close(d->db);
	conf_free(d->conf);
	close(d->bell);
	must(file_remove_tree(AT_FDCWD, d->dir, &e) == 0, d->dir, &e);
}

/* --- mails ------------------------------------------------------------------------------------ */

void
delivery_members(struct delivery *d, int first, int n)
{
	struct err e = {0};
	int64_t id;
	must(db_begin(d->db, &e) == 0, "begin", &e);
	for (int i = first; i < first + n; i++) {
		char a[64];
		snprintf(a, sizeof(a), "m%d@example.com", i);
		must(member_add(d->db, "l", slice_str(a), slice_str(""), "mail", "", "admin",
				clock_now(), &id, &e) == 1,
		     "member_add", &e);
	}
	must(db_commit(d->db, &e) == 0, "commit", &e);
}

void
delivery_link(struct delivery *d, const char *id, struct slice body)
{
	struct slice parts[] = {ENVELOPE, HEAD, body};
	struct err e = {0};
	int fd = open(in_dir(d, "state/out"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(file_put_derived(fd, id, parts, 3, 0600, &e) == 0, "out", &e);
	close(fd);
}

void
delivery_ring(struct delivery *d)
{
	if (d->bell >= 0)
		must(write(d->bell, "", 1) == 1, "bell", NULL);
}

int64_t
delivery_post(struct delivery *d, const char *copies, struct slice body, int flags, bool late,
	      char *id)
{
	char own[ID_MAX];
	struct err e = {0};
	id = id ? id : own;
	id_new(id);
	if (!late)
		delivery_link(d, id, body);
	struct queue_mail m = {.spool = id,
			       .list = "l",
			       .kind = "post",
			       .copies = copies,
			       .seq = 7,
			       .head = HEAD,
			       .body_at = (int64_t)(ENVELOPE.n + HEAD.n),
			       .flags = flags};
	must(db_begin(d->db, &e) == 0, "begin", &e);
	int64_t out = queue_add(d->db, &m, clock_now(), &e);
	must(out > 0 && queue_add_members(d->db, out, "l", 0, clock_now(), &e) > 0 &&
		 db_commit(d->db, &e) == 0,
	     "queue", &e);
	delivery_ring(d);
	return out;
}

int64_t
delivery_notice(struct delivery *d, const char *to, int flags, struct slice mail)
{
	struct err e = {0};
	struct queue_mail m = {.list = "l", .kind = "notice", .head = mail, .flags = flags};
	must(db_begin(d->db, &e) == 0, "begin", &e);
	int64_t out = queue_add(d->db, &m, clock_now(), &e);
	must(out > 0 && queue_add_recipient(d->db, out, 0, slice_str(to), clock_now(), &e) == 0 &&
		 db_commit(d->db, &e) == 0,
	     "queue", &e);
	delivery_ring(d);
	return out;
}

int64_t
delivery_rows(struct delivery *d)
{
	int64_t rows = -1, mails;
	struct err e = {0};
	must(queue_count(d->db, &rows, &mails, &e) == 0, "queue_count", &e);
	return rows;
}

bool
delivery_wait_rows(struct delivery *d, int64_t rows, int ms)
{
	int64_t until = clock_mono() + ms;
	while (delivery_rows(d) != rows) {
		if (clock_mono() > until)
			return false;
		usleep(2000);
	}
	return true;
}

bool
delivery_wait_messages(struct delivery *d, int64_t messages, int ms)
{
	int64_t until = clock_mono() + ms;
	while (d->count->messages < messages) {
		if (clock_mono() > until)
			return false;
		usleep(500);
	}
	return true;
}
