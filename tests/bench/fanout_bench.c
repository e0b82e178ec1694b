/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fanout_bench [MEMBERS]: how fast one post reaches all members, from the queue's rows to the last
 * row gone, against the best a bare client can do with the same sink in the same run: as many
 * connections, pipelined, one fixed message, no queue. Prints a line of JSON for each measure.
 *
 * Personal copies (own return path and leave token each) and shared ones; cold (no connection open)
 * and warm; and how long a post to ten members takes on an idle server, and while a post to all
 * members is under way.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "daemon/lanes.h"
#include "daemon/reply.h"
#include "tests/tools/delivery.h"

#define WAIT_MS 60000

static int64_t
now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
print(const char *name, int members, int connections, double seconds)
{
	printf(
	    "{\"bench\": \"fanout\", \"measure\": \"%s\", \"recipients\": %d, \"connections\": %d,"
	    " \"ms\": %.2f, \"recipients_per_s\": %.0f}\n",
	    name, members, connections, seconds * 1e3, members / seconds);
	fflush(stdout);
}

static void
body_make(struct buf *b)
{
	buf_init(b, BUF_NO_LIMIT);
	for (int i = 0; i < 40; i++)
		buf_printf(b, "Line %d of a post of ordinary length, as members write them.\r\n",
			   i);
}

/* --- the bare client -------------------------------------------------------------------------- */

struct bare {
	int fd, share, per; /* transactions to do; recipients each */
	int replies;        /* awaited until the next thing is written */
	bool content;       /* the next thing is a message */
	struct reply reply;
};

static int
bare_connect(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		fatal("connect: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
bare_envelope(struct bare *c, struct buf *out)
{
	buf_puts(out,
		 "MAIL FROM:<l-bounces+abcdefghijklmnopqrstuvwxyz@lists.example> SIZE=3000\r\n");
	for (int i = 0; i < c->per; i++)
		buf_printf(out, "RCPT TO:<m%d@example.com>\r\n", i);
	buf_puts(out, "DATA\r\n");
	c->replies += 2 + c->per;
}

/* What is due after all awaited replies: the message, and the next envelope behind it. */
static bool
bare_step(struct bare *c, const struct buf *body)
{
	struct buf out;
	buf_init(&out, BUF_NO_LIMIT);
	if (c->content) {
		buf_puts(&out, "From: a@example.org\r\nSubject: a post\r\n\r\n");
		buf_put_slice(&out, buf_slice(body));
		buf_puts(&out, ".\r\n");
		c->replies = 1;
		c->content = false;
		c->share--;
	}
	if (c->share > 0) {
		bare_envelope(c, &out);
		c->content = true;
	}
	if (out.n > 0 && write(c->fd, out.p, out.n) != (ssize_t)out.n)
		fatal("write: %s", strerror(errno));
	buf_free(&out);
	return c->replies > 0;
}

static bool
bare_read(struct bare *c, const struct buf *body)
{
	char in[65536];
	ssize_t n = read(c->fd, in, sizeof(in));
	struct slice s = slice_make(in, n > 0 ? (size_t)n : 0);
	if (n <= 0)
		fatal("the sink closed the connection");
	while (s.n > 0)
		if (reply_take(&c->reply, &s) == REPLY_LINE && c->reply.last)
			c->replies--;
	return c->replies > 0 || bare_step(c, body);
}

/* One process with all connections, so that nothing but SMTP is measured. */
static double
bare_run(int port, int connections, int members, int per, const struct buf *body)
{
	struct bare *cs = calloc((size_t)connections, sizeof(*cs));
	struct pollfd *p = calloc((size_t)connections, sizeof(*p));
	int64_t start = now_ns();
	int open = connections, jobs = members / per;
	for (int i = 0; i < connections; i++) {
		cs[i] = (struct bare){.fd = bare_connect(port),
				      .per = per,
				      .share = jobs / connections + (i < jobs % connections),
				      .replies = 2};
		p[i] = (struct pollfd){.fd = cs[i].fd, .events = POLLIN};
		if (write(cs[i].fd, "EHLO bare\r\n", 11) != 11)
			fatal("write");
	}
	while (open > 0) {
		if (poll(p, (nfds_t)connections, -1) < 0)
			fatal("poll");
		for (int i = 0; i < connections; i++)
			if (p[i].fd >= 0 && p[i].revents && !bare_read(&cs[i], body)) {
				p[i].fd = -1;
				open--;
			}
	}
	double seconds = (double)(now_ns() - start) / 1e9;
	for (int i = 0; i < connections; i++)
		close(cs[i].fd);
	free(cs);
	free(p);
	return seconds;
}

/* --- ours ------------------------------------------------------------------------------------- */

static double
post_run(struct delivery *d, const char *copies, const struct buf *body)
{
	delivery_post(d, copies, buf_slice(body), 0, false, NULL);
	int64_t start = now_ns();
	if (!delivery_wait_rows(d, 0, WAIT_MS))
		fatal("a post did not get out");
	return (double)(now_ns() - start) / 1e9;
}

/* From the rows' commit to the last recipient at the sink. */
static double
notices_run(struct delivery *d, int n)
{
	int64_t before = d->count->messages, start = now_ns();
	for (int i = 0; i < n; i++)
		delivery_notice(d, "n@example.com", 4,
				SLICE("From: l@lists.example\r\n\r\nA small mail.\r\n"));
	if (!delivery_wait_messages(d, before + n, WAIT_MS))
		fatal("a notice did not get out");
	return (double)(d->count->last_ns - start) / 1e9;
}

static void
small_run(const char *name, int lanes)
{
	struct delivery d;
	struct buf body;
	body_make(&body);
	delivery_setup(&d, NULL, NULL, false);
	delivery_members(&d, 0, 10);
	delivery_start(&d);
	delivery_notice(&d, "n@example.com", 4, SLICE("Subject: warm\r\n\r\n"));
	if (!delivery_wait_rows(&d, 0, WAIT_MS))
		fatal("a notice did not get out");
	for (int i = 0; i < 5; i++) {
		usleep(50000);
		int64_t before = d.count->messages;
		delivery_post(&d, "personal", buf_slice(&body), 0, false, NULL);
		int64_t start = now_ns();
		if (!delivery_wait_messages(&d, before + 10, WAIT_MS))
			fatal("a post did not get out");
		print(name, 10, lanes, (double)(d.count->last_ns - start) / 1e9);
	}
	delivery_stop(&d);
	delivery_teardown(&d);
	buf_free(&body);
}

static double
best(double a, double b)
{
	return a < b ? a : b;
}

int
main(int argc, char **argv)
{
	int members = argc > 1 ? atoi(argv[1]) : 2000;
	struct delivery d;
	struct buf body;
	log_init("bench", true, false);
	body_make(&body);
	delivery_setup(&d, NULL, NULL, false);
	delivery_members(&d, 0, members);
	double bare10 = 1e9, bare1 = 1e9, shared10 = 1e9, ours = 1e9, ours_shared = 1e9;
	for (int i = 0; i < 3; i++) {
		bare1 = best(bare1, bare_run(d.port, 1, members, 1, &body));
		bare10 = best(bare10, bare_run(d.port, LANES_MAX, members, 1, &body));
		shared10 = best(shared10, bare_run(d.port, LANES_MAX, members, 100, &body));
	}
	print("bare, personal", members, 1, bare1);
	print("bare, personal", members, LANES_MAX, bare10);
	print("bare, shared", members, LANES_MAX, shared10);
	delivery_start(&d);
	usleep(300000);
	print("deliver, personal, cold", members, LANES_MAX, post_run(&d, "personal", &body));
	for (int i = 0; i < 5; i++) {
		ours = best(ours, post_run(&d, "personal", &body));
		ours_shared = best(ours_shared, post_run(&d, "shared", &body));
	}
	print("deliver, personal", members, LANES_MAX, ours);
	print("deliver, shared", members, LANES_MAX, ours_shared);
	printf(
	    "{\"bench\": \"fanout\", \"measure\": \"ratio to bare, personal\", \"ratio\": %.2f}\n"
	    "{\"bench\": \"fanout\", \"measure\": \"ratio to bare, shared\", \"ratio\": %.2f}\n",
	    bare10 / ours, shared10 / ours_shared);
	delivery_post(&d, "personal", buf_slice(&body), 0, false, NULL);
	print("deliver, a notice while a post is under way", 1, LANES_MAX, notices_run(&d, 1));
	if (!delivery_wait_rows(&d, 0, WAIT_MS))
		fatal("a post did not get out");
	int status = delivery_stop(&d);
	delivery_teardown(&d);
	buf_free(&body);
	small_run("deliver, post to ten on an idle server", LANES_MAX);
	return status;
}
