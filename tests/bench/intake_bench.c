/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * intake_bench: how many messages a second intake acknowledges, beside what the same disk does in
 * the same run without it. One JSON object a line.
 *
 *	intake_bench [-r ROLE] [-d FOLDER] [-s BYTES] [-t SECONDS] [CONNECTIONS...]
 *
 * Floors: "rename", one thread that creates, writes, fdatasyncs, renames and fsyncs the folder for
 * each message, as a simple server would; "append", sixteen threads that append to a file of their
 * own and fdatasync, the most that so many threads get out of the disk.
 *
 * Nothing is removed before the end: an ext4 without a journal searches long for a new file's inode
 * where many were freed within the last minute. For the same reason, wait a minute between runs
 * there.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define APPENDERS 16
#define WORKERS_MAX 3000
#define SAMPLES_MAX 4096 /* latencies kept by each connection */
#define STACK_SIZE (256 * 1024)

static struct {
	const char *role;
	char dir[PATH_MAX];
	size_t bytes;
	double seconds;
	char *message; /* what a file holds */
	char *data;    /* the same for DATA, with the closing dot */
	size_t data_n;
	_Atomic bool over;
} bench = {.role = "./plenary-intake", .bytes = 4096, .seconds = 5};

struct worker {
	pthread_t thread;
	int number;
	int64_t done;
	size_t nsamples;
	float *samples; /* milliseconds */
};

static void
die(const char *what)
{
	fprintf(stderr, "intake_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
path_in(char *out, size_t n, const char *format, int number)
{
	int length = snprintf(out, n, "%s/", bench.dir);

	if (length < 0 || (size_t)length + 40 > n)
		die("the folder's name is too long");
	snprintf(out + length, n - (size_t)length, "%s-%d", format, number);
}

static void
write_message(int fd)
{
	if (write(fd, bench.message, bench.bytes) != (ssize_t)bench.bytes)
		die("write");
}

/* --- the floors ----------------------------------------------------------------------------- */

static void *
rename_loop(void *arg)
{
	struct worker *w = arg;
	char from[PATH_MAX], to[PATH_MAX];
	int dir = open(bench.dir, O_RDONLY | O_DIRECTORY), fd;

	if (dir < 0)
		die(bench.dir);
	for (; !bench.over; w->done++) {
		path_in(from, sizeof from, "tmp", (int)w->done);
		path_in(to, sizeof to, "new", (int)w->done);
		fd = open(from, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0)
			die(from);
		write_message(fd);
		if (fdatasync(fd) < 0 || close(fd) < 0 || rename(from, to) < 0 || fsync(dir) < 0)
			die(to);
	}
	close(dir);
	return NULL;
}

static void *
append_loop(void *arg)
{
	struct worker *w = arg;
	char path[PATH_MAX];
	int fd;

	path_in(path, sizeof path, "log", w->number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (fd < 0)
		die(path);
	for (; !bench.over; w->done++) {
		write_message(fd);
		if (fdatasync(fd) < 0)
			die(path);
	}
	close(fd);
	return NULL;
}

/* --- clients -------------------------------------------------------------------------------- */

struct client {
	int fd;
	char in[4096];
	size_t n;
};

static void
client_connect(struct client *c)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	c->n = 0;
	snprintf(un.sun_path, sizeof un.sun_path, "lmtp.sock");
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket");
	/* A full backlog is EAGAIN on unix sockets. */
	while (connect(c->fd, (struct sockaddr *)&un, sizeof un) < 0) {
		if (errno != EAGAIN)
			die("connect");
		usleep(2000);
	}
}

static void
client_send(struct client *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = send(c->fd, p, n, MSG_NOSIGNAL);

		if (r <= 0)
			die("send");
		p += r;
		n -= (size_t)r;
	}
}

/* The next whole reply must have this code. */
static void
client_expect(struct client *c, const char *code)
{
	for (;;) {
		char *lf = memchr(c->in, '\n', c->n);
		ssize_t r;

		if (lf) {
			size_t n = (size_t)(lf - c->in) + 1;
			bool last = c->in[3] == ' ', good = memcmp(c->in, code, 3) == 0;

			if (!good) {
				fprintf(stderr, "intake_bench: wanted %s, got %.*s", code, (int)n,
					c->in);
				exit(1);
			}
			memmove(c->in, c->in + n, c->n -= n);
			if (last)
				return;
			continue;
		}
		r = recv(c->fd, c->in + c->n, sizeof c->in - c->n, 0);
		if (r <= 0)
			die("recv");
		c->n += (size_t)r;
	}
}

static void
client_post(struct client *c)
{
	static const char envelope[] = "MAIL FROM:<ann@example.com>\r\n"
				       "RCPT TO:<dc@lists.example.org>\r\nDATA\r\n";

	client_send(c, envelope, sizeof envelope - 1);
	client_expect(c, "250");
	client_expect(c, "250");
	client_expect(c, "354");
	client_send(c, bench.data, bench.data_n);
	client_expect(c, "250");
}

static void *
client_loop(void *arg)
{
	struct worker *w = arg;
	struct client *c = calloc(1, sizeof *c);

	w->samples = calloc(SAMPLES_MAX, sizeof *w->samples);
	if (!c || !w->samples)
		die("memory");
	client_connect(c);
	client_expect(c, "220");
	client_send(c, "LHLO bench\r\n", 12);
	client_expect(c, "250");
	for (; !bench.over; w->done++) {
		double start = now();

		/* Fewer than the messages that one session may have. */
		if (w->done % 5000 == 4999) {
			close(c->fd);
			client_connect(c);
			client_expect(c, "220");
			client_send(c, "LHLO bench\r\n", 12);
			client_expect(c, "250");
		}
		client_post(c);
		w->samples[w->nsamples++ % SAMPLES_MAX] = (float)((now() - start) * 1000);
	}
	close(c->fd);
	free(c);
	return NULL;
}

/* --- running -------------------------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void
print_latency(const struct worker *w, int n)
{
	size_t total = 0, at = 0;
	float *all;

	for (int i = 0; i < n; i++)
		total += w[i].nsamples < SAMPLES_MAX ? w[i].nsamples : SAMPLES_MAX;
	all = calloc(total + 1, sizeof *all);
	if (!all)
		die("memory");
	for (int i = 0; i < n; i++) {
		size_t k = w[i].nsamples < SAMPLES_MAX ? w[i].nsamples : SAMPLES_MAX;

		if (k > 0)
			memcpy(all + at, w[i].samples, k * sizeof *all);
		at += k;
	}
	qsort(all, total, sizeof *all, by_value);
	if (total > 0)
		printf(", \"p50_ms\": %.2f, \"p99_ms\": %.2f", (double)all[total / 2],
		       (double)all[total * 99 / 100]);
	free(all);
}

static double
run(const char *name, void *(*loop)(void *), int n, double floor)
{
	static struct worker workers[WORKERS_MAX];
	pthread_attr_t attr;
	int64_t done = 0;
	double start = now(), took, rate;

	memset(workers, 0, sizeof workers);
	bench.over = false;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (int i = 0; i < n; i++) {
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, &attr, loop, &workers[i]) != 0)
			die("thread");
	}
	pthread_attr_destroy(&attr);
	usleep((useconds_t)(bench.seconds * 1e6));
	bench.over = true;
	took = now() - start;
	for (int i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < n; i++)
		done += workers[i].done;
	rate = (double)done / took;
	printf("{\"bench\": \"intake\", \"what\": \"%s\", \"parallel\": %d, \"bytes\": %zu, "
	       "\"messages\": %lld, \"seconds\": %.2f, \"per_second\": %.0f",
	       name, n, bench.bytes, (long long)done, took, rate);
	if (loop == client_loop)
		print_latency(workers, n);
	if (floor > 0)
		printf(", \"of_rename_floor\": %.2f", rate / floor);
	printf("}\n");
	fflush(stdout);
	for (int i = 0; i < n; i++)
		free(workers[i].samples);
	return rate;
}

static pid_t
start_role(void)
{
	FILE *f = fopen("plenary.conf", "w");
	pid_t pid;

	if (!f)
		die("plenary.conf");
	fprintf(f,
		"domain = \"lists.example.org\"\nsite-url = \"https://lists.example.org\"\n"
		"owner = \"postmaster@example.org\"\nstate-dir = \"state\"\nuser = \"root\"\n"
		"web-user = \"root\"\nlisten-lmtp = { \"unix:%s/lmtp.sock\" }\n"
		"relay = { \"maildir:%s/out\" }\nlist \"dc\" { title = \"DC\" }\n",
		bench.dir, bench.dir);
	if (fclose(f) != 0)
		die("plenary.conf");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execl(bench.role, "plenary-intake", "-d", "-f", "plenary.conf", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; access("lmtp.sock", F_OK) < 0; i++) {
		if (i > 1000 || waitpid(pid, NULL, WNOHANG) == pid)
			die(bench.role);
		usleep(10000);
	}
	return pid;
}

/* One random line over and over, as long as a message is to be; no line begins with a dot. */
static void
make_message(void)
{
	static const char line[] =
	    "The quick brown fox jumps over the lazy dog, and back again.\r\n";

	bench.message = malloc(bench.bytes + 1);
	bench.data = malloc(bench.bytes + 6);
	if (!bench.message || !bench.data)
		die("memory");
	for (size_t i = 0; i < bench.bytes; i++)
		bench.message[i] = line[i % (sizeof line - 1)];
	memcpy(bench.message + bench.bytes - 2, "\r\n", 2);
	if (bench.message[bench.bytes - 3] == '\r')
		bench.message[bench.bytes - 3] = 'x';
	memcpy(bench.data, bench.message, bench.bytes);
	memcpy(bench.data + bench.bytes, ".\r\n", 3);
	bench.data_n = bench.bytes + 3;
}

static void
parse(int argc, char **argv, const char **folder)
{
	int opt;

	while ((opt = getopt(argc, argv, "r:d:s:t:")) != -1) {
		if (opt == 'r') {
			bench.role = optarg;
		} else if (opt == 'd') {
			*folder = optarg;
		} else if (opt == 's') {
			bench.bytes = (size_t)strtoul(optarg, NULL, 10);
		} else if (opt == 't') {
			bench.seconds = strtod(optarg, NULL);
		} else {
			fprintf(stderr, "usage: intake_bench [-r ROLE] [-d FOLDER] [-s BYTES] "
					"[-t SECONDS] [CONNECTIONS...]\n");
			exit(2);
		}
	}
	if (bench.bytes < 100 || bench.bytes > 1 << 20 || bench.seconds <= 0)
		exit(2);
}

int
main(int argc, char **argv)
{
	static const int usual[] = {1, 16, 50, 200, 1000};
	const char *folder = getenv("TMPDIR");
	char role[PATH_MAX], command[PATH_MAX + 20];
	double floor;
	pid_t pid;

	parse(argc, argv, &folder);
	if (!realpath(bench.role, role))
		die(bench.role);
	bench.role = role;
	snprintf(bench.dir, sizeof bench.dir, "%s/intake-bench.XXXXXX", folder ? folder : "/tmp");
	if (!mkdtemp(bench.dir) || chdir(bench.dir) < 0)
		die(bench.dir);
	make_message();
	floor = run("rename", rename_loop, 1, 0);
	run("append", append_loop, APPENDERS, floor);
	pid = start_role();
	if (optind == argc) {
		for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
			run("intake", client_loop, usual[i], floor);
	}
	for (int i = optind; i < argc; i++) {
		int n = atoi(argv[i]);

		if (n > 0 && n <= WORKERS_MAX)
			run("intake", client_loop, n, floor);
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	snprintf(command, sizeof command, "rm -rf '%s'", bench.dir);
	return system(command) == 0 ? 0 : 1;
}
