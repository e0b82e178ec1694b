/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listen: the sockets that the parent binds (the header is the manual). */
#include "config.h"

#include "daemon/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"

#define BACKLOG 4096

struct listener {
	const char *kind;
	char *text; /* as configured: what makes it the same one at a reload */
	char *path; /* of a unix socket, else NULL */
	ino_t inode;
	int fd;
};

struct listeners {
	struct listener v[LISTENERS_MAX];
	size_t n;
};

static const struct {
	const char *kind;
	size_t offset;
} kinds[] = {
    {"lmtp", offsetof(struct conf, listen_lmtp)},
    {"smtp", offsetof(struct conf, listen_smtp)},
    {"http", offsetof(struct conf, listen_http)},
    {"monitor", offsetof(struct conf, listen_monitor)},
};

static int
append(struct listeners *l, const char *kind, const struct conf_listen *c, int fd, ino_t inode,
       struct err *e)
{
	struct listener *x = &l->v[l->n];

	if (l->n == LISTENERS_MAX) {
		close(fd);
		return err_permanent(e, "more than %d listening sockets", LISTENERS_MAX);
	}
	*x = (struct listener){.kind = kind, .fd = fd, .inode = inode};
	x->text = strdup(c->text);
	x->path = c->path ? strdup(c->path) : NULL;
	if (!x->text || (c->path && !x->path))
		fatal("no memory");
	l->n++;
	return 0;
}

/* --- unix ----------------------------------------------------------------------------------- */

/* A socket file outlives its server. It goes only if a connection is refused. */
static int
clear_stale(const struct sockaddr_un *un, struct err *e)
{
	struct stat st;
	int fd, r, reason;

	if (lstat(un->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "%s", un->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_permanent(e, "something that is no socket is in its place");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	r = connect(fd, (const struct sockaddr *)un, sizeof *un);
	reason = errno;
	close(fd);
	if (r == 0 || reason != ECONNREFUSED)
		return err_permanent(e, "another program answers there");
	return unlink(un->sun_path) < 0 ? err_errno(e, "removing the old socket") : 0;
}

static int
make_folder(const char *path, struct err *e)
{
	char dir[PATH_MAX];
	char *slash;

	snprintf(dir, sizeof dir, "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	return file_mkdirs(AT_FDCWD, dir, 0755, false, e);
}

static int
bind_unix(struct listeners *l, const char *kind, const struct conf_listen *c, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct stat st;
	int fd;

	if (strlen(c->path) >= sizeof un.sun_path)
		return err_permanent(e, "the path is longer than %zu bytes",
				     sizeof un.sun_path - 1);
	snprintf(un.sun_path, sizeof un.sun_path, "%s", c->path);
	if (make_folder(c->path, e) < 0 || clear_stale(&un, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	if (bind(fd, (struct sockaddr *)&un, sizeof un) < 0 || chmod(c->path, 0666) < 0 ||
	    listen(fd, BACKLOG) < 0 || lstat(c->path, &st) < 0) {
		err_errno(e, "binding");
		close(fd);
		return -1;
	}
	return append(l, kind, c, fd, st.st_ino, e);
}

/* --- TCP ------------------------------------------------------------------------------------ */

static int
open_tcp(const struct addrinfo *ai)
{
	int on = 1, saved;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	/* V6ONLY: "[::]:25" and "0.0.0.0:25" are two addresses, and may both be configured. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    (ai->ai_family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A name may stand for several addresses. One that this machine does not have ("localhost" as ::1
 * where IPv6 is off) is no error beside one that it has. */
static int
bind_tcp(struct listeners *l, const char *kind, const struct conf_listen *c, struct err *e)
{
	const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *all = NULL;
	char port[8];
	int r, bound = 0, absent = 0, ret = -1;

	snprintf(port, sizeof port, "%d", c->port);
	r = getaddrinfo(c->host, port, &hints, &all);
	if (r != 0)
		return err_permanent(e, "%s", gai_strerror(r));
	for (const struct addrinfo *ai = all; ai; ai = ai->ai_next) {
		int fd = open_tcp(ai);

		if (fd < 0 && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)) {
			absent = errno;
			continue;
		}
		if (fd < 0) {
			err_errno(e, "binding");
			goto out;
		}
		if (append(l, kind, c, fd, 0, e) < 0)
			goto out;
		bound++;
	}
	errno = absent;
	ret = bound > 0 ? 0 : err_errno(e, "binding");
out:
	freeaddrinfo(all);
	return ret;
}

/* --- the set -------------------------------------------------------------------------------- */

/* True if old had it, for whatever kind: the new set has descriptors of its own for the same
 * sockets. */
static bool
take_over(struct listeners *l, const struct listeners *old, const char *kind,
	  const struct conf_listen *c)
{
	bool found = false;

	for (size_t i = 0; old && i < old->n; i++) {
		const struct listener *x = &old->v[i];
		int fd;

		if (strcmp(x->text, c->text) != 0)
			continue;
		fd = fcntl(x->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0 || append(l, kind, c, fd, x->inode, NULL) < 0)
			fatal("no descriptor for %s: %s", c->text, strerror(errno));
		found = true;
	}
	return found;
}

static bool
open_one(struct listeners *l, const struct listeners *old, const char *kind,
	 const struct conf_listen *c)
{
	struct err e = {0};

	if (take_over(l, old, kind, c))
		return true;
	if ((c->path ? bind_unix(l, kind, c, &e) : bind_tcp(l, kind, c, &e)) == 0)
		return true;
	log_error("cannot listen on %s for %s: %s", c->text, kind, e.text);
	return false;
}

struct listeners *
listeners_open(const struct conf *conf, const struct listeners *old)
{
	struct listeners *l = calloc(1, sizeof *l);
	bool good = true;

	if (!l)
		fatal("no memory");
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		const struct conf_listens *all =
		    (const void *)((const char *)conf + kinds[k].offset);

		for (size_t i = 0; i < all->n; i++)
			good &= open_one(l, old, kinds[k].kind, &all->v[i]);
	}
	if (good)
		return l;
	listeners_close(l, old);
	return NULL;
}

static bool
has_path(const struct listeners *l, const char *path)
{
	for (size_t i = 0; l && i < l->n; i++)
		if (l->v[i].path && strcmp(l->v[i].path, path) == 0)
			return true;
	return false;
}

/* Not if it is another's by now. */
static void
remove_socket(const struct listener *x)
{
	struct stat st;

	if (lstat(x->path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == x->inode)
		unlink(x->path);
}

void
listeners_close(struct listeners *l, const struct listeners *next)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].path && !has_path(next, l->v[i].path))
			remove_socket(&l->v[i]);
		close(l->v[i].fd);
		free(l->v[i].text);
		free(l->v[i].path);
	}
	free(l);
}

void
listeners_give(const struct listeners *l, const char *kind, struct buf *env, int *fds, size_t *n,
	       size_t max)
{
	for (size_t i = 0; i < l->n && *n < max; i++) {
		if (strcmp(l->v[i].kind, kind) != 0)
			continue;
		buf_printf(env, "%s:%d,", kind, l->v[i].fd);
		fds[(*n)++] = l->v[i].fd;
	}
}
