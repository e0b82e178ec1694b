/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/lmtp.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"

#define NAME "plenary-web"

struct talk {
	int fd;
	int64_t deadline;
	char in[LMTP_LINE_MAX];
	size_t n;
};

struct lmtp_door
lmtp_door(const struct conf *conf)
{
	if (conf->listen_lmtp.n > 0)
		return (struct lmtp_door){&conf->listen_lmtp.v[0], false};
	if (conf->listen_smtp.n > 0)
		return (struct lmtp_door){&conf->listen_smtp.v[0], true};
	return (struct lmtp_door){NULL, false};
}

/* --- the wire ------------------------------------------------------------------------------- */

static int
wait_for(struct talk *t, short what, struct err *e)
{
	struct pollfd p = {.fd = t->fd, .events = what};
	int64_t left = t->deadline - clock_mono();
	int r;

	if (left <= 0)
		return err_temporary(e, "no answer in time");
	do
		r = poll(&p, 1, (int)left);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return err_errno(e, "poll");
	return r == 0 ? err_temporary(e, "no answer in time") : 0;
}

static int
write_all(struct talk *t, struct slice s, struct err *e)
{
	while (s.n > 0) {
		ssize_t n = send(t->fd, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			s = slice_from(s, (size_t)n);
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(e, "sending");
		if (wait_for(t, POLLOUT, e) < 0)
			return -1;
	}
	return 0;
}

/* The next line, without its end, in *line until the next call. */
static int
read_line(struct talk *t, struct buf *line, struct err *e)
{
	buf_clear(line);
	for (;;) {
		size_t at = slice_find_char(slice_make(t->in, t->n), '\n');
		ssize_t n;

		if (at < t->n) {
			buf_put(line, t->in, at);
			memmove(t->in, t->in + at + 1, t->n - at - 1);
			t->n -= at + 1;
			return 0;
		}
		if (t->n == sizeof t->in)
			return err_permanent(e, "an answer of more than %d bytes", LMTP_LINE_MAX);
		if (wait_for(t, POLLIN, e) < 0)
			return -1;
		n = recv(t->fd, t->in + t->n, sizeof t->in - t->n, MSG_DONTWAIT);
		if (n == 0)
			return err_temporary(e, "it hung up");
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(e, "reading");
		t->n += n > 0 ? (size_t)n : 0;
	}
}

/* The code of the next reply (all of its lines), or -1. */
static int
reply(struct talk *t, struct err *e)
{
	struct buf line;
	int64_t code = -1;
	int ret = -1;

	buf_init(&line, LMTP_LINE_MAX);
	for (int i = 0; i < LMTP_LINES_MAX; i++) {
		if (read_line(t, &line, e) < 0)
			goto out;
		if (line.n < 3 || !num_parse(slice_make(line.p, 3), 200, 599, &code)) {
			err_permanent(e, "it does not speak LMTP");
			goto out;
		}
		if (line.n == 3 || line.p[3] != '-') {
			err_temporary(e, "it said: %s", log_str(buf_slice(&line)));
			ret = (int)code;
			goto out;
		}
	}
	err_permanent(e, "an answer of more than %d lines", LMTP_LINES_MAX);
out:
	buf_free(&line);
	return ret;
}

static int __attribute__((format(printf, 3, 4)))
command(struct talk *t, struct err *e, const char *fmt, ...)
{
	char line[LMTP_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line - 2, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof line - 2)
		return err_permanent(e, "an address that long");
	memcpy(line + n, "\r\n", 2);
	if (write_all(t, slice_make(line, (size_t)n + 2), e) < 0)
		return -1;
	return reply(t, e);
}

/* --- connecting ----------------------------------------------------------------------------- */

static int
connect_to(struct talk *t, const struct sockaddr *sa, socklen_t n, struct err *e)
{
	int error = 0;
	socklen_t size = sizeof error;

	t->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return err_errno(e, "socket");
	if (connect(t->fd, sa, n) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return err_errno(e, "connect");
	if (wait_for(t, POLLOUT, e) < 0)
		return -1;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return err_errno(e, "connect");
	errno = error;
	return error ? err_errno(e, "connect") : 0;
}

static int
connect_unix(struct talk *t, const char *path, struct err *e)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t n = strlen(path);

	if (n >= sizeof sun.sun_path)
		return err_permanent(e, "the name of the socket is too long");
	memcpy(sun.sun_path, path, n + 1);
	return connect_to(t, (struct sockaddr *)&sun, sizeof sun, e);
}

static int
connect_tcp(struct talk *t, const struct conf_listen *where, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all, *ai;
	char port[8];
	int r;

	snprintf(port, sizeof port, "%u", where->port);
	r = getaddrinfo(where->host, port, &hints, &all);
	if (r != 0)
		return err_temporary(e, "%s", gai_strerror(r));
	r = -1;
	for (ai = all; ai && r < 0; ai = ai->ai_next) {
		if (t->fd >= 0)
			close(t->fd);
		r = connect_to(t, ai->ai_addr, ai->ai_addrlen, e);
	}
	freeaddrinfo(all);
	return r;
}

/* Connected, greeted, and with MAIL and RCPT behind us. */
static enum lmtp_answer
begin(struct talk *t, struct lmtp_door door, const char *from, const char *to, struct err *e)
{
	int code;

	t->fd = -1;
	t->n = 0;
	t->deadline = clock_mono() + LMTP_DEADLINE_MS;
	if (!door.where) {
		err_permanent(e, "neither listen-lmtp nor listen-smtp is set");
		return LMTP_TROUBLE;
	}
	if ((door.where->path ? connect_unix(t, door.where->path, e)
			      : connect_tcp(t, door.where, e)) < 0)
		return LMTP_TROUBLE;
	if (reply(t, e) != 220 || command(t, e, door.smtp ? "EHLO " NAME : "LHLO " NAME) != 250 ||
	    command(t, e, "MAIL FROM:<%s>", from) != 250)
		return LMTP_TROUBLE;
	code = command(t, e, "RCPT TO:<%s>", to);
	if (code >= 500)
		return LMTP_NO;
	return code / 100 == 2 ? LMTP_YES : LMTP_TROUBLE;
}

static void
end(struct talk *t)
{
	struct err ignored;

	if (t->fd < 0)
		return;
	/* Said for politeness; whether it is heard changes nothing. */
	if (write_all(t, SLICE("QUIT\r\n"), &ignored) == 0)
		(void)reply(t, &ignored);
	close(t->fd);
}

enum lmtp_answer
lmtp_ask(struct lmtp_door door, const char *to, struct err *e)
{
	struct talk t;
	enum lmtp_answer answer = begin(&t, door, "", to, e);

	if (answer == LMTP_YES && command(&t, e, "RSET") != 250)
		answer = LMTP_TROUBLE;
	end(&t);
	return answer;
}

/* RFC 5321 4.5.2 */
static void
double_dots(struct buf *b, struct slice message)
{
	struct slice line;

	while (slice_next_line(&message, &line)) {
		if (line.n > 0 && line.p[0] == '.')
			buf_putc(b, '.');
		buf_put_slice(b, line);
		buf_puts(b, "\r\n");
	}
	buf_puts(b, ".\r\n");
}

enum lmtp_answer
lmtp_send(struct lmtp_door door, const char *from, const char *to, struct slice message,
	  struct err *e)
{
	struct talk t;
	struct buf data;
	enum lmtp_answer answer = begin(&t, door, from, to, e);
	int code;

	buf_init(&data, BUF_NO_LIMIT);
	if (answer != LMTP_YES)
		goto out;
	answer = LMTP_TROUBLE;
	if (command(&t, e, "DATA") != 354)
		goto out;
	double_dots(&data, message);
	if (write_all(&t, buf_slice(&data), e) < 0)
		goto out;
	code = reply(&t, e); /* one recipient: one reply, in LMTP too */
	answer = code / 100 == 2 ? LMTP_YES : code >= 500 ? LMTP_NO : LMTP_TROUBLE;
out:
	buf_free(&data);
	end(&t);
	return answer;
}
