/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job: see job.h. Numbers are eight bytes in the machine's order, texts have their length before
 * them: both ends are one machine. */
#include "daemon/job.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- writing ---------------------------------------------------------------------------------- */

static void
put_int(struct buf *b, int64_t v)
{
	buf_put(b, &v, sizeof(v));
}

static void
put_text(struct buf *b, struct slice s)
{
	put_int(b, (int64_t)s.n);
	buf_put_slice(b, s);
}

void
job_put(struct buf *b, const struct job_item *it)
{
	buf_putc(b, (char)it->kind);
	put_int(b, it->id);
	switch (it->kind) {
	case JOB_MAIL:
		put_int(b, it->body_at);
		put_int(b, it->flags);
		break;
	case JOB_WORK:
		put_text(b, it->return_path);
		put_text(b, it->lines);
		put_int(b, (int64_t)it->nrcpt);
		for (size_t i = 0; i < it->nrcpt; i++) {
			put_int(b, it->rcpt[i].row);
			put_text(b, it->rcpt[i].address);
		}
		break;
	case JOB_RESULT:
		put_int(b, it->what);
		put_int(b, it->about);
		put_int(b, it->unreachable);
		put_text(b, slice_sub(it->text, 0, JOB_TEXT_MAX));
		break;
	case JOB_OVER:
		break;
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
get_int(struct slice *s, int64_t low, int64_t high, int64_t *v)
{
	if (s->n < sizeof(*v))
		return false;
	memcpy(v, s->p, sizeof(*v));
	*s = slice_from(*s, sizeof(*v));
	return *v >= low && *v <= high;
}

static bool
get_number(struct slice *s, int high, int *v)
{
	int64_t wide;
	if (!get_int(s, 0, high, &wide))
		return false;
	*v = (int)wide;
	return true;
}

static bool
get_text(struct slice *s, struct slice *t)
{
	int64_t n;
	if (!get_int(s, 0, JOB_PACKET_MAX, &n) || (size_t)n > s->n)
		return false;
	*t = slice_sub(*s, 0, (size_t)n);
	*s = slice_from(*s, (size_t)n);
	return true;
}

static bool
get_work(struct slice *s, struct job_item *it)
{
	int n;
	if (!get_text(s, &it->return_path) || !get_text(s, &it->lines) ||
	    !get_number(s, JOB_RCPTS_MAX, &n))
		return false;
	it->nrcpt = (size_t)n;
	for (size_t i = 0; i < it->nrcpt; i++)
		if (!get_int(s, 0, INT64_MAX, &it->rcpt[i].row) ||
		    !get_text(s, &it->rcpt[i].address))
			return false;
	return true;
}

static bool
get_result(struct slice *s, struct job_item *it)
{
	int unreachable;
	if (!get_number(s, 2, &it->what) || !get_number(s, 2, &it->about) ||
	    !get_number(s, 1, &unreachable) || !get_text(s, &it->text))
		return false;
	it->unreachable = unreachable;
	return it->text.n <= JOB_TEXT_MAX;
}

int
job_next(struct slice *packet, struct job_item *it)
{
	if (packet->n == 0)
		return 0;
	char kind = packet->p[0];
	*packet = slice_from(*packet, 1);
	if (!get_int(packet, 0, INT64_MAX, &it->id))
		return -1;
	it->kind = (enum job_kind)kind;
	switch (kind) {
	case JOB_MAIL:
		return get_int(packet, 0, INT64_MAX, &it->body_at) &&
			       get_number(packet, 0xffff, &it->flags)
			   ? 1
			   : -1;
	case JOB_WORK:
		return get_work(packet, it) ? 1 : -1;
	case JOB_RESULT:
		return get_result(packet, it) ? 1 : -1;
	case JOB_OVER:
		return 1;
	default:
		return -1;
	}
}

/* --- the socket ------------------------------------------------------------------------------- */

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(JOB_FDS_MAX * sizeof(int))];
};

int
job_send(int fd, struct slice packet, const int *fds, size_t nfds, struct err *e)
{
	union control c = {.room = {0}};
	struct iovec iov = {(void *)(uintptr_t)packet.p, packet.n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;
	if (nfds > 0) {
		m.msg_control = c.room;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(h), fds, nfds * sizeof(int));
	}
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
		return 0;
	return n < 0 ? err_errno(e, "sendmsg") : 1;
}

/* The descriptors that came along; more than we ever send are closed. */
static void
take_fds(struct msghdr *m, int fds[JOB_FDS_MAX])
{
	size_t at = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(fd));
			if (at < JOB_FDS_MAX)
				fds[at++] = fd;
			else
				close(fd);
		}
	}
}

int
job_receive(int fd, struct buf *packet, int fds[JOB_FDS_MAX])
{
	union control c;
	struct iovec iov = {.iov_len = JOB_PACKET_MAX};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = c.room,
			   .msg_controllen = sizeof(c.room)};
	ssize_t n;
	for (size_t i = 0; i < JOB_FDS_MAX; i++)
		fds[i] = -1;
	buf_clear(packet);
	iov.iov_base = buf_reserve(packet, JOB_PACKET_MAX);
	if (!iov.iov_base)
		return -1;
	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	take_fds(&m, fds);
	packet->n = (size_t)n;
	return n > 0 && !(m.msg_flags & MSG_TRUNC) ? 1 : -1;
}
