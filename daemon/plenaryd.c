/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenaryd: the parent of the roles. It reads the configuration, takes the lock, binds the
 * sockets, starts the roles and keeps them alive. It must never touch mail, a database or anything
 * else from outside: as root it can do everything, so it does next to nothing.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"
#include "daemon/keeper.h"
#include "daemon/listen.h"
#include "daemon/state.h"

#define USAGE "usage: plenaryd [-f FILE] [-d] [-n] [-v]\n"
/* A role has 30 s to end; who waits for it waits a little longer. */
#define LOCK_WAIT_MS 35000

struct daemon {
	char file[PATH_MAX];
	bool foreground, check, debug;
	struct conf *conf;
	struct listeners *listeners;
	struct keeper *keeper;
	struct event_base *loop;
	int lock_fd;
	int told_fd; /* the process that was started waits here for our being up; -1: none does */
};

/* --- the service manager -------------------------------------------------------------------- */

/* sd_notify(3)'s protocol: one datagram to the socket named in NOTIFY_SOCKET. */
static void
tell_manager(const char *what)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n == 0 || n >= sizeof un.sun_path)
		return;
	memcpy(un.sun_path, path, n);
	if (un.sun_path[0] == '@') /* an abstract one */
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, what, strlen(what), MSG_NOSIGNAL, (const struct sockaddr *)&un,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		log_debug("the service manager could not be told: %s", strerror(errno));
	close(fd);
}

/* --- reload --------------------------------------------------------------------------------- */

static struct conf *
load_again(const struct daemon *d)
{
	struct arena *a = arena_new();
	struct conf_errors errors = {0};
	struct conf *conf = NULL;

	if (conf_load(d->file, &conf, a, &errors) < 0) {
		conf = NULL;
		for (size_t i = 0; i < errors.n; i++)
			log_error("%s:%d: %s", errors.v[i].file, errors.v[i].line,
				  errors.v[i].text);
	}
	arena_free(a);
	return conf;
}

static int
take_new(struct daemon *d, struct conf *conf)
{
	struct listeners *l;
	struct err e = {0};

	if (strcmp(conf->state_dir, d->conf->state_dir) != 0) {
		log_error("state-dir can only be changed by a restart");
		return -1;
	}
	if (state_prepare(conf, &e) < 0) {
		log_error("%s", e.text);
		return -1;
	}
	l = listeners_open(conf, d->listeners);
	if (!l)
		return -1;
	keeper_start(d->keeper, l);
	listeners_close(d->listeners, l);
	d->listeners = l;
	conf_free(d->conf);
	d->conf = conf;
	return 0;
}

static void
reload(struct daemon *d)
{
	struct conf *conf;

	tell_manager("RELOADING=1");
	conf = load_again(d);
	if (conf && take_new(d, conf) == 0) {
		log_info("the configuration was read again");
	} else {
		conf_free(conf);
		log_error("the configuration was not reloaded: the one in force stays");
	}
	tell_manager("READY=1");
}

/* --- signals -------------------------------------------------------------------------------- */

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	switch (sig) {
	case SIGCHLD:
		keeper_reap(d->keeper);
		break;
	case SIGHUP:
		reload(d);
		break;
	case SIGUSR1:
		keeper_ring(d->keeper);
		break;
	default:
		log_info("stopping");
		tell_manager("STOPPING=1");
		keeper_stop(d->keeper);
	}
}

static const int signals[] = {SIGCHLD, SIGHUP, SIGUSR1, SIGTERM, SIGINT};
#define SIGNALS (sizeof signals / sizeof *signals)

static void
catch_signals(struct daemon *d, struct event *ev[SIGNALS])
{
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIGNALS; i++) {
		ev[i] = evsignal_new(d->loop, signals[i], on_signal, d);
		if (!ev[i] || event_add(ev[i], NULL) < 0)
			fatal("no memory for an event");
	}
}

/* --- starting ------------------------------------------------------------------------------- */

/* Standard input is nothing; 1 and 2 exist, so that no socket can become one of them. */
static void
settle_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0 || dup2(fd, 0) < 0)
		fatal("/dev/null: %s", strerror(errno));
	while (fd >= 0 && fd < 3)
		fd = dup(fd);
	close(fd);
}

/*
 * Goes into the background. The process that was started ends when we are up, with 0, or with us,
 * with 1: a script that starts us may go on at once. This fork has no exec behind it: it is the
 * same program, before it has any state.
 */
static int
detach(struct daemon *d, struct err *e)
{
	int told[2], fd;
	pid_t pid;
	char c;

	if (pipe2(told, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	pid = fork();
	if (pid < 0)
		return err_errno(e, "fork");
	if (pid > 0) {
		close(told[1]);
		_exit(read(told[0], &c, 1) == 1 ? 0 : 1);
	}
	close(told[0]);
	d->told_fd = told[1];
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (setsid() < 0 || chdir("/") < 0 || fd < 0 || dup2(fd, 1) < 0)
		return err_errno(e, "going into the background");
	close(fd);
	return 0;
}

/* From here on the log is where it belongs, and nothing waits for us. */
static void
be_up(struct daemon *d)
{
	tell_manager("READY=1");
	log_info("up, working on %s", d->conf->state_dir);
	if (d->told_fd < 0)
		return;
	(void)!write(d->told_fd, "", 1);
	close(d->told_fd);
	(void)dup2(0, 2);
}

/* Everything that can be wrong is found here, while there is somebody to read it. */
static int
claim(struct daemon *d, struct err *e)
{
	if (state_prepare(d->conf, e) < 0)
		return -1;
	d->lock_fd = state_lock(d->conf, LOCK_WAIT_MS, e);
	if (d->lock_fd < 0)
		return -1;
	d->listeners = listeners_open(d->conf, NULL);
	if (!d->listeners)
		return err_permanent(e, "not every address could be bound");
	if (!d->foreground && detach(d, e) < 0)
		return -1;
	return state_write_pid(d->conf, e);
}

static int
serve(struct daemon *d, struct err *e)
{
	struct event *ev[SIGNALS] = {0};
	struct keeper_setup setup = {.conf_file = d->file,
				     .to_stderr = d->foreground,
				     .debug = d->debug,
				     .lock_fd = d->lock_fd};

	d->loop = event_base_new();
	if (!d->loop)
		return err_errno(e, "event loop");
	setup.loop = d->loop;
	d->keeper = keeper_new(&setup, e);
	if (!d->keeper)
		return -1;
	log_init("plenaryd", d->foreground, d->debug);
	catch_signals(d, ev);
	keeper_start(d->keeper, d->listeners);
	be_up(d);
	if (event_base_dispatch(d->loop) < 0)
		fatal("event loop: %s", strerror(errno));
	log_info("ended");
	for (size_t i = 0; i < SIGNALS; i++)
		event_free(ev[i]);
	keeper_free(d->keeper);
	return 0;
}

/* Roles are started with this name, from wherever they are. */
static int
absolute(const char *file, char out[PATH_MAX])
{
	char cwd[PATH_MAX] = "";
	int n;

	if (file[0] != '/' && !getcwd(cwd, sizeof cwd))
		return -1;
	n = snprintf(out, PATH_MAX, "%s%s%s", cwd, cwd[0] ? "/" : "", file);
	return n > 0 && n < PATH_MAX ? 0 : -1;
}

static int
parse_options(struct daemon *d, int argc, char **argv)
{
	const char *file = SYSCONFDIR "/plenary/plenary.conf";
	int c;

	while ((c = getopt(argc, argv, "f:dnv")) != -1)
		switch (c) {
		case 'f':
			file = optarg;
			break;
		case 'd':
			d->foreground = true;
			break;
		case 'n':
			d->check = true;
			break;
		case 'v':
			d->debug = true;
			break;
		default:
			return -1;
		}
	return optind == argc ? absolute(file, d->file) : -1;
}

int
main(int argc, char **argv)
{
	struct daemon d = {.lock_fd = -1, .told_fd = -1};
	struct err e = {0};
	int status = 1;

	if (parse_options(&d, argc, argv) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	settle_descriptors();
	umask(022);
	log_init("plenaryd", true, d.debug);
	d.conf = conf_load_or_complain(d.file);
	if (!d.conf || d.check) {
		status = d.conf ? 0 : 1;
		if (d.conf)
			conf_print_warnings(d.conf);
		conf_free(d.conf);
		return status;
	}
	if (claim(&d, &e) < 0 || serve(&d, &e) < 0) {
		fprintf(stderr, "plenaryd: %s\n", e.text);
	} else {
		state_remove_pid(d.conf);
		status = 0;
	}
	listeners_close(d.listeners, NULL);
	if (d.loop)
		event_base_free(d.loop);
	if (d.lock_fd >= 0)
		close(d.lock_fd);
	conf_free(d.conf);
	return status;
}
