/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: see link.h. */
#include "daemon/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static gnutls_certificate_credentials_t trust;

int
link_load_trust(const char *file, struct err *e)
{
	int r = gnutls_certificate_allocate_credentials(&trust);
	if (r == 0)
		r = file ? gnutls_certificate_set_x509_trust_file(trust, file, GNUTLS_X509_FMT_PEM)
			 : gnutls_certificate_set_x509_system_trust(trust);
	if (r < 0)
		return err_permanent(e, "certificate authorities: %s", gnutls_strerror(r));
	if (r == 0)
		return err_permanent(e, "there are no certificate authorities%s%s",
				     file ? " in " : "", file ? file : "");
	return 0;
}

/* --- connecting ------------------------------------------------------------------------------- */

static int
wait_connected(int fd, int watch, struct err *e)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLOUT}, {.fd = watch}};
	int64_t until = clock_mono() + LINK_CONNECT_MS, left;
	int error = 0;
	socklen_t n = sizeof(error);
	while ((left = until - clock_mono()) > 0) {
		int r = poll(p, 2, (int)left);
		if (r < 0 && errno != EINTR)
			return err_errno(e, "poll");
		if (p[1].revents)
			return err_temporary(e, "nobody waits for it any more");
		if (r > 0 && p[0].revents)
			break;
	}
	if (left <= 0) {
		errno = ETIMEDOUT;
		return err_errno(e, "connect");
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		return err_errno(e, "connect");
	errno = error;
	return error ? err_errno(e, "connect") : 0;
}

static int
connect_one(const struct addrinfo *ai, int watch, struct err *e)
{
	int on = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	/* Each write is a whole step of the dialogue: never wait for more. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
		if (errno != EINPROGRESS)
			err_errno(e, "connect");
		if (errno != EINPROGRESS || wait_connected(fd, watch, e) < 0) {
			close(fd);
			return -1;
		}
	}
	return fd;
}

int
link_open(struct link *l, const struct addrinfo *ai, int watch, struct err *e)
{
	*l = (struct link){.fd = -1};
	err_temporary(e, "it has no address");
	for (; ai && l->fd < 0; ai = ai->ai_next)
		l->fd = connect_one(ai, watch, e);
	return l->fd < 0 ? -1 : 0;
}

void
link_close(struct link *l)
{
	if (l->tls) {
		gnutls_bye(l->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(l->tls);
	}
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct link){.fd = -1};
}

bool
link_is_loopback_address(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	if (a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	}
	if (a->sa_family != AF_INET6)
		return false;
	memcpy(&v6, a, sizeof(v6));
	return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool
link_is_loopback(const struct link *l)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	return getpeername(l->fd, (struct sockaddr *)&a, &n) == 0 &&
	       link_is_loopback_address((struct sockaddr *)&a);
}

/* --- TLS -------------------------------------------------------------------------------------- */

static bool
is_address(const char *name)
{
	unsigned char a[16];
	return inet_pton(AF_INET, name, a) == 1 || inet_pton(AF_INET6, name, a) == 1;
}

int
link_start_tls(struct link *l, const char *name, struct err *e)
{
	gnutls_session_t tls;
	int r = gnutls_init(&tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (r < 0)
		return err_temporary(e, "TLS: %s", gnutls_strerror(r));
	l->tls = tls;
	if (!is_address(name))
		r = gnutls_server_name_set(tls, GNUTLS_NAME_DNS, name, strlen(name));
	if (r == 0)
		r = gnutls_set_default_priority(tls);
	if (r == 0)
		r = gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, trust);
	if (r < 0)
		return err_temporary(e, "TLS: %s", gnutls_strerror(r));
	gnutls_session_set_verify_cert(tls, name, 0);
	gnutls_transport_set_int(tls, l->fd);
	l->shaking = true;
	return 0;
}

/* Why the certificate was not believed, in GnuTLS's words. */
static int
say_unverified(gnutls_session_t tls, struct err *e)
{
	gnutls_datum_t words = {NULL, 0};
	unsigned status = gnutls_session_get_verify_cert_status(tls);
	(void)gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0);
	err_temporary(e, "the relay's certificate is not to be trusted: %s",
		      words.data ? log_str(slice_trim(slice_str((char *)words.data))) : "");
	gnutls_free(words.data);
	return -1;
}

int
link_shake(struct link *l, struct err *e)
{
	int r = gnutls_handshake(l->tls);
	l->wants_write = r < 0 && gnutls_record_get_direction(l->tls) == 1;
	if (r == 0) {
		l->shaking = false;
		return 1;
	}
	if (!gnutls_error_is_fatal(r))
		return 0;
	if (r == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		return say_unverified(l->tls, e);
	return err_temporary(e, "TLS: %s", gnutls_strerror(r));
}

static ssize_t
tls_write(struct link *l, const struct iovec *iov, struct err *e)
{
	/* A record that did not go is sent again by GnuTLS itself. */
	ssize_t r = l->unsent ? gnutls_record_send(l->tls, NULL, 0)
			      : gnutls_record_send(l->tls, iov->iov_base, iov->iov_len);
	if (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED) {
		l->unsent = 1;
		return 0;
	}
	l->unsent = 0;
	return r < 0 ? err_temporary(e, "TLS: %s", gnutls_strerror((int)r)) : r;
}

static ssize_t
tls_read(struct link *l, void *p, size_t n, struct err *e)
{
	ssize_t r = gnutls_record_recv(l->tls, p, n);
	if (r > 0)
		return r;
	if (r < 0 && !gnutls_error_is_fatal((int)r) && r != GNUTLS_E_REHANDSHAKE)
		return 0;
	return err_temporary(e, "the relay closed the connection%s%s", r < 0 ? ": " : "",
			     r < 0 ? gnutls_strerror((int)r) : "");
}

/* --- bytes ------------------------------------------------------------------------------------ */

ssize_t
link_read(struct link *l, void *p, size_t n, struct err *e)
{
	ssize_t r;
	if (l->tls)
		return tls_read(l, p, n, e);
	do
		r = recv(l->fd, p, n, 0);
	while (r < 0 && errno == EINTR);
	if (r > 0)
		return r;
	if (r < 0 && errno == EAGAIN)
		return 0;
	return r < 0 ? err_errno(e, "the connection to the relay")
		     : err_temporary(e, "the relay closed the connection");
}

ssize_t
link_write(struct link *l, const struct iovec *iov, int n, struct err *e)
{
	struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)n};
	ssize_t r;
	if (l->tls)
		return tls_write(l, iov, e);
	do
		r = sendmsg(l->fd, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r < 0 && errno == EAGAIN)
		return 0;
	return r < 0 ? err_errno(e, "the connection to the relay") : r;
}

short
link_events(const struct link *l, bool has_output)
{
	if (l->shaking)
		return l->wants_write ? POLLOUT : POLLIN;
	return has_output ? POLLIN | POLLOUT : POLLIN;
}

bool
link_has_input(const struct link *l)
{
	return l->tls && !l->shaking && gnutls_record_check_pending(l->tls) > 0;
}
