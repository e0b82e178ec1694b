/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink: an SMTP server that takes everything, or misbehaves as it is told. For tests and benches.
 *
 *	sink [options]      listens on 127.0.0.1 and prints its port as the first line
 *
 *	-p PORT      that port (default: a free one)
 *	-o WORDS     what EHLO offers, separated by commas; default
 *	             PIPELINING,8BITMIME,SMTPUTF8,SIZE 52428800,ENHANCEDSTATUSCODES; "" for nothing
 *	-s DIR       stores message N as DIR/N.eml (whole when it is there): lines "from: ADDRESS",
 *	             "args: WORDS OF MAIL", "rcpt: ADDRESS" (each), an empty line, the message
 *	-r TEXT=REPLY  a recipient with TEXT in it gets REPLY ("-r gone@=550 5.1.1 no such user")
 *	-g REPLY     for a greeting      -m REPLY  to MAIL      -d REPLY  to DATA
 *	-e REPLY     after the final dot
 *	-N N         what -r -m -d -e say holds for the first N times only; then all is well
 *	-x N         closes the connection in the middle of the N-th message (each connection's)
 *	-c N         closes it after N messages of a connection, with 421
 *	-w MS        waits that long before each reply       -q MS  drips: a byte each MS
 *	-b           babbles: an endless reply to EHLO
 *	-l           lies: answers commands that were not given yet
 *	-n N         ends after N messages
 *	-k FILE      keeps struct sink_counters there, shared (tests/tools/sink.h)
 *
 * The end is SIGTERM, or its standard input's end when that is a pipe.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/slice.h"
#include "tests/tools/sink.h"

#define CONNS_MAX 256
#define RULES_MAX 16
#define INPUT_MAX (256 * 1024)

struct rule {
	const char *text, *reply;
};

static struct {
	const char *offer, *store, *greeting, *mail, *data, *dot;
	struct rule rule[RULES_MAX];
	size_t nrules;
	long times, cut, close_after, wait_ms, drip_ms, messages_max;
	bool babble, lie;
} opt = {.offer = "PIPELINING,8BITMIME,SMTPUTF8,SIZE 52428800,ENHANCEDSTATUSCODES", .times = -1};

struct conn {
	int fd;
	bool data, closing;
	struct buf in, out, envelope, message;
	size_t sent;
	long rcpts, messages;
	int64_t due; /* ms: when out may be written */
};

static struct conn conns[CONNS_MAX];
static size_t nconns;
static long stored;
static struct sink_counters *count;

static int64_t
now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t
now_ms(void)
{
	return now_ns() / 1000000;
}

static void
say(struct conn *c, const char *reply)
{
	if (c->out.n == 0)
		c->due = now_ms() + opt.wait_ms;
	buf_puts(&c->out, reply);
	buf_puts(&c->out, "\r\n");
}

/* A scripted reply, as long as its times last. */
static bool
scripted(struct conn *c, const char *reply)
{
	if (!reply || opt.times == 0)
		return false;
	if (opt.times > 0)
		opt.times--;
	say(c, reply);
	return true;
}

/* --- messages --------------------------------------------------------------------------------- */

static void
store(struct conn *c)
{
	char tmp[4096], name[4096];
	snprintf(tmp, sizeof(tmp), "%s/.%ld", opt.store, stored);
	snprintf(name, sizeof(name), "%s/%ld.eml", opt.store, stored);
	FILE *f = fopen(tmp, "w");
	if (!f || fwrite(c->envelope.p, 1, c->envelope.n, f) != c->envelope.n ||
	    fputc('\n', f) == EOF || fwrite(c->message.p, 1, c->message.n, f) != c->message.n ||
	    fclose(f) != 0 || rename(tmp, name) < 0) {
		perror(name);
		exit(1);
	}
}

static void
message_end(struct conn *c)
{
	if (scripted(c, opt.dot)) {
		c->data = false;
		return;
	}
	stored++;
	c->messages++;
	if (opt.store)
		store(c);
	count->messages++;
	count->recipients += c->rcpts;
	count->last_ns = now_ns();
	say(c, "250 2.0.0 taken");
	c->data = false;
	if (opt.close_after && c->messages >= opt.close_after) {
		say(c, "421 4.7.0 enough for one connection");
		c->closing = true;
	}
}

/* Takes message bytes; true when its end was there. */
static bool
take_data(struct conn *c)
{
	const char *p = c->in.p, *end = p + c->in.n, *nl;
	bool over = false;
	while (!over && (nl = memchr(p, '\n', (size_t)(end - p)))) {
		size_t n = (size_t)(nl - p) + 1;
		over = n == 3 && memcmp(p, ".\r\n", 3) == 0;
		if (!over && opt.store)
			buf_put(&c->message, p + (*p == '.'), n - (*p == '.'));
		count->bytes += (int64_t)n;
		p += n;
	}
	buf_drop(&c->in, (size_t)(p - c->in.p));
	if (opt.cut && c->messages + 1 == opt.cut && count->bytes > 0) {
		c->closing = true;
		buf_clear(&c->out);
		buf_clear(&c->in);
	} else if (over) {
		message_end(c);
	}
	return over;
}

/* --- commands --------------------------------------------------------------------------------- */

static void
do_ehlo(struct conn *c, struct slice line)
{
	struct slice rest = slice_str(opt.offer), word;
	(void)line;
	if (opt.babble)
		for (int i = 0; i < 10000; i++)
			say(c, "250-BLAH");
	if (opt.lie)
		say(c, "250 lies\r\n250 ok\r\n250 ok\r\n354 go\r\n250 sent");
	buf_puts(&c->out, "250-sink\r\n");
	while (rest.n > 0) {
		slice_cut(rest, ',', &word, &rest);
		buf_printf(&c->out, "250-%.*s\r\n", SLICE_ARG(word));
	}
	say(c, "250 HELP");
}

/* "MAIL FROM:<a> ARGS": what stands in the brackets, and behind them. */
static struct slice
path_of(struct slice line, struct slice *args)
{
	struct slice path, rest;
	slice_cut(line, '<', &path, &rest);
	size_t n = rest.n;
	while (n > 0 && rest.p[n - 1] != '>')
		n--;
	*args = slice_trim(slice_from(rest, n));
	return slice_sub(rest, 0, n > 0 ? n - 1 : 0);
}

static void
do_mail(struct conn *c, struct slice line)
{
	struct slice args, path = path_of(line, &args);
	buf_clear(&c->envelope);
	buf_clear(&c->message);
	c->rcpts = 0;
	if (scripted(c, opt.mail))
		return;
	buf_printf(&c->envelope, "from: %.*s\nargs: %.*s\n", SLICE_ARG(path), SLICE_ARG(args));
	say(c, "250 2.1.0 ok");
}

static void
do_rcpt(struct conn *c, struct slice line)
{
	struct slice args, path = path_of(line, &args);
	for (size_t i = 0; i < opt.nrules; i++)
		if (slice_find(path, slice_str(opt.rule[i].text)) < path.n &&
		    scripted(c, opt.rule[i].reply))
			return;
	if (c->envelope.n == 0) {
		say(c, "503 5.5.1 MAIL first");
		return;
	}
	buf_printf(&c->envelope, "rcpt: %.*s\n", SLICE_ARG(path));
	c->rcpts++;
	say(c, "250 2.1.5 ok");
}

static void
do_data(struct conn *c, struct slice line)
{
	(void)line;
	if (c->rcpts == 0) {
		say(c, "554 5.5.1 no valid recipients");
	} else if (!scripted(c, opt.data)) {
		say(c, "354 go ahead");
		c->data = true;
	}
}

static void
do_rset(struct conn *c, struct slice line)
{
	(void)line;
	buf_clear(&c->envelope);
	c->rcpts = 0;
	say(c, "250 2.0.0 ok");
}

static void
do_quit(struct conn *c, struct slice line)
{
	(void)line;
	say(c, "221 2.0.0 bye");
	c->closing = true;
}

static const struct {
	const char *verb;
	void (*run)(struct conn *, struct slice);
} verbs[] = {{"EHLO", do_ehlo}, {"HELO", do_rset}, {"MAIL", do_mail}, {"RCPT", do_rcpt},
	     {"DATA", do_data}, {"RSET", do_rset}, {"QUIT", do_quit}};

static void
take_command(struct conn *c, struct slice line)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (slice_starts_ci(line, slice_str(verbs[i].verb))) {
			verbs[i].run(c, line);
			return;
		}
	say(c, "500 5.5.2 what?");
}

static void
take_input(struct conn *c)
{
	size_t at = 0;
	while (!c->closing) {
		if (c->data) {
			buf_drop(&c->in, at);
			at = 0;
			if (!take_data(c))
				return;
			continue;
		}
		const char *p = c->in.p + at, *nl = memchr(p, '\n', c->in.n - at);
		if (!nl)
			break;
		at += (size_t)(nl - p) + 1;
		take_command(c, slice_trim(slice_make(p, (size_t)(nl - p))));
	}
	buf_drop(&c->in, at);
}

/* --- connections ------------------------------------------------------------------------------ */

static void
hang_up(struct conn *c)
{
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->envelope);
	buf_free(&c->message);
	*c = conns[--nconns];
}

static void
welcome(int listener)
{
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (nconns == CONNS_MAX) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	struct conn *c = &conns[nconns++];
	*c = (struct conn){.fd = fd};
	buf_init(&c->in, INPUT_MAX);
	buf_init(&c->out, BUF_NO_LIMIT);
	buf_init(&c->envelope, BUF_NO_LIMIT);
	buf_init(&c->message, BUF_NO_LIMIT);
	count->connections++;
	say(c, opt.greeting ? opt.greeting : "220 sink ESMTP");
	if (opt.greeting && opt.greeting[0] != '2')
		c->closing = true;
}

/* False when the other end is gone. */
static bool
read_input(struct conn *c)
{
	char *p = buf_reserve(&c->in, 65536);
	ssize_t n = p ? read(c->fd, p, 65536) : -1;
	if (n == 0 || (n < 0 && (!p || (errno != EAGAIN && errno != EINTR))))
		return false;
	if (n > 0) {
		c->in.n += (size_t)n;
		take_input(c);
	}
	return true;
}

static bool
write_output(struct conn *c)
{
	if (c->out.n == 0 || (c->due > 0 && now_ms() < c->due))
		return !(c->closing && c->out.n == 0);
	size_t n = opt.drip_ms ? 1 : c->out.n - c->sent;
	ssize_t w = send(c->fd, c->out.p + c->sent, n, MSG_NOSIGNAL);
	if (w < 0)
		return errno == EAGAIN;
	c->sent += (size_t)w;
	if (opt.drip_ms)
		c->due = now_ms() + opt.drip_ms;
	if (c->sent < c->out.n)
		return true;
	buf_clear(&c->out);
	c->sent = 0;
	return !c->closing;
}

static void
turn(int listener, bool watch_stdin)
{
	struct pollfd p[CONNS_MAX + 2];
	bool delayed = false;
	p[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	p[1] = (struct pollfd){.fd = watch_stdin ? 0 : -1, .events = POLLIN};
	for (size_t i = 0; i < nconns; i++) {
		bool later = conns[i].out.n > 0 && (opt.wait_ms || opt.drip_ms);
		bool now = conns[i].out.n > 0 && !later;
		p[2 + i] = (struct pollfd){.fd = conns[i].fd,
					   .events = (short)(now ? POLLIN | POLLOUT : POLLIN)};
		delayed |= later;
	}
	size_t n = nconns;
	if (poll(p, (nfds_t)(2 + n), delayed ? 1 : -1) < 0)
		return;
	if (p[1].revents)
		exit(0);
	for (size_t i = n; i-- > 0;) {
		struct conn *c = &conns[i];
		bool alive = true;
		if (p[2 + i].revents & (POLLIN | POLLHUP | POLLERR))
			alive = read_input(c);
		if (!alive || !write_output(c))
			hang_up(c);
	}
	if (p[0].revents)
		welcome(listener);
	if (opt.messages_max && stored >= opt.messages_max)
		exit(0);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static void
keep_counters(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*count)) < 0) {
		perror(file);
		exit(1);
	}
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (count == MAP_FAILED) {
		perror(file);
		exit(1);
	}
}

static int
start_listening(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		perror("listen");
		exit(1);
	}
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

static void
add_rule(char *text)
{
	char *eq = strchr(text, '=');
	if (!eq || opt.nrules == RULES_MAX) {
		fprintf(stderr, "sink: -r wants TEXT=REPLY\n");
		exit(2);
	}
	*eq = '\0';
	opt.rule[opt.nrules++] = (struct rule){text, eq + 1};
}

int
main(int argc, char **argv)
{
	static struct sink_counters own;
	int port = 0, c;
	struct stat st;
	count = &own;
	while ((c = getopt(argc, argv, "p:o:s:r:g:m:d:e:N:x:c:w:q:bln:k:")) != -1) {
		switch (c) {
		case 'p':
			port = atoi(optarg);
			break;
		case 'o':
			opt.offer = optarg;
			break;
		case 's':
			opt.store = optarg;
			break;
		case 'r':
			add_rule(optarg);
			break;
		case 'g':
			opt.greeting = optarg;
			break;
		case 'm':
			opt.mail = optarg;
			break;
		case 'd':
			opt.data = optarg;
			break;
		case 'e':
			opt.dot = optarg;
			break;
		case 'N':
			opt.times = atol(optarg);
			break;
		case 'x':
			opt.cut = atol(optarg);
			break;
		case 'c':
			opt.close_after = atol(optarg);
			break;
		case 'w':
			opt.wait_ms = atol(optarg);
			break;
		case 'q':
			opt.drip_ms = atol(optarg);
			break;
		case 'b':
			opt.babble = true;
			break;
		case 'l':
			opt.lie = true;
			break;
		case 'n':
			opt.messages_max = atol(optarg);
			break;
		case 'k':
			keep_counters(optarg);
			break;
		default:
			fprintf(stderr, "usage: see the head of tests/tools/sink.c\n");
			return 2;
		}
	}
	bool watch_stdin = fstat(0, &st) == 0 && S_ISFIFO(st.st_mode);
	int listener = start_listening(port);
	for (;;)
		turn(listener, watch_stdin);
}
