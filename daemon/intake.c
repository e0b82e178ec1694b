/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-intake: takes mail from the mail server by LMTP, or SMTP, and answers for it once it is
 * in spool/new, durable. It reads the configuration and the token keys, never a database and never
 * what is in a message beyond counting its Received lines.
 */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "daemon/conn.h"
#include "daemon/listen.h"

#define TIMER_MS 10000 /* how often the counters are written */
#define ACCEPTS 64     /* in one go: those who are inside wait meanwhile */
#define SPARE_FILES 128
#define MEMORY_MAX ((int64_t)1024 * 1024 * 1024)

struct door {
	struct intake *intake;
	enum session_kind kind;
	struct event *ev;
};

struct intake {
	struct role role;
	struct conf *conf;
	struct arena *arena;
	struct token_keys *keys;
	struct session_site site;
	struct conns conns;
	int metrics_fd;
	char metrics[1024]; /* as last written */
	struct door doors[LISTENERS_MAX];
	size_t ndoors;
	struct listeners *own;                  /* when no parent handed any down */
	struct event committed, reopen, killer; /* inside, because the loop ends before we do */
};

/* --- counters ------------------------------------------------------------------------------- */

static void
put_metrics(struct intake *in)
{
	const struct session_stats *st = &in->site.stats;
	int64_t syncs, files;
	char text[sizeof in->metrics];
	struct err e;
	struct slice part;
	int n;

	commit_counts(in->conns.commit, &syncs, &files);
	const struct {
		const char *name;
		int64_t value;
	} rows[] = {
	    {"messages_total", st->messages},
	    {"recipients_total", st->recipients},
	    {"bytes_total", st->bytes},
	    {"refused_recipients_total", st->refused_rcpt},
	    {"refused_messages_total", st->refused_messages},
	    {"deferred_messages_total", st->deferred},
	    {"connections_total", in->conns.accepted},
	    {"connections_turned_away_total", in->conns.turned_away},
	    {"connections", (int64_t)peers_count(in->conns.peers)},
	    {"folder_syncs_total", syncs},
	};
	part = slice_make(text, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = snprintf(text + part.n, sizeof text - part.n, "plenary_intake_%s %lld\n",
			     rows[i].name, (long long)rows[i].value);
		part.n += n > 0 ? (size_t)n : 0;
		if (part.n >= sizeof text)
			fatal("counters of more than %zu bytes", sizeof text);
	}
	if (strcmp(text, in->metrics) == 0)
		return;
	if (file_put_derived(in->metrics_fd, "intake", &part, 1, 0644, &e) < 0) {
		log_warning("metrics: %s", e.text);
		return;
	}
	memcpy(in->metrics, text, sizeof text);
}

static void
look(void *arg)
{
	put_metrics(arg);
}

/* --- doors ---------------------------------------------------------------------------------- */

/* No descriptor left: a full house, not an error; those who wait are let in a little later. */
static void
shut_for_a_moment(struct intake *in)
{
	struct timeval soon = {1, 0};

	log_warning("no more connections for a second: %s", strerror(errno));
	for (size_t i = 0; i < in->ndoors; i++)
		event_del(in->doors[i].ev);
	evtimer_add(&in->reopen, &soon);
}

static void
on_reopen(evutil_socket_t fd, short what, void *arg)
{
	struct intake *in = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < in->ndoors; i++)
		event_add(in->doors[i].ev, NULL);
}

static void
on_knock(evutil_socket_t listener, short what, void *arg)
{
	struct door *d = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage ss = {0};
		socklen_t n = sizeof ss;
		int fd =
		    accept4(listener, (struct sockaddr *)&ss, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				shut_for_a_moment(d->intake);
			return;
		}
		conn_accept(&d->intake->conns, fd, d->kind, (struct sockaddr *)&ss);
	}
}

static void
add_door(struct intake *in, int fd, enum session_kind kind)
{
	struct door *d = &in->doors[in->ndoors++];

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	*d = (struct door){in, kind,
			   event_new(in->role.loop, fd, EV_READ | EV_PERSIST, on_knock, d)};
	if (!d->ev || event_add(d->ev, NULL) < 0)
		fatal("no memory for an event");
}

static const struct {
	const char *name;
	enum session_kind kind;
} kinds[] = {{"lmtp", SESSION_LMTP}, {"smtp", SESSION_SMTP}};

/* The parent's sockets; run by hand without any, those of the configuration. */
static int
open_doors(struct intake *in, struct err *e)
{
	struct conf mine = *in->conf;
	int fds[LISTENERS_MAX], fd;
	struct buf env;

	for (size_t k = 0; k < 2; k++)
		for (int i = 0;
		     in->ndoors < LISTENERS_MAX && (fd = role_listener(kinds[k].name, i)) >= 0; i++)
			add_door(in, fd, kinds[k].kind);
	if (in->ndoors > 0)
		return 0;
	mine.listen_http.n = 0;
	mine.listen_monitor.n = 0;
	in->own = listeners_open(&mine, NULL);
	if (!in->own)
		return err_permanent(e, "no socket to listen on");
	buf_init(&env, BUF_NO_LIMIT);
	for (size_t k = 0; k < 2; k++) {
		size_t n = 0;

		listeners_give(in->own, kinds[k].name, &env, fds, &n, LISTENERS_MAX);
		for (size_t i = 0; i < n && in->ndoors < LISTENERS_MAX; i++)
			add_door(in, fds[i], kinds[k].kind);
	}
	buf_free(&env);
	if (in->ndoors == 0)
		return err_permanent(e, "neither listen-lmtp nor listen-smtp is set");
	return 0;
}

/* --- the end -------------------------------------------------------------------------------- */

static void
on_committed(evutil_socket_t fd, short what, void *arg)
{
	struct intake *in = arg;

	(void)fd;
	(void)what;
	conns_collect(&in->conns);
}

static void
on_kill(evutil_socket_t fd, short what, void *arg)
{
	struct intake *in = arg;

	(void)fd;
	(void)what;
	conns_kill(&in->conns);
}

static void
gone(void *arg)
{
	struct intake *in = arg;

	role_finish(&in->role);
}

static void
stop(void *arg)
{
	struct intake *in = arg;
	struct timeval later = {CONN_STOP_TIMEOUT, 0};

	for (size_t i = 0; i < in->ndoors; i++) {
		evutil_socket_t fd = event_get_fd(in->doors[i].ev);

		event_free(in->doors[i].ev);
		if (!in->own)
			close(fd);
	}
	in->ndoors = 0;
	listeners_close(in->own, NULL);
	in->own = NULL;
	evtimer_del(&in->reopen);
	evtimer_add(&in->killer, &later);
	conns_stop(&in->conns);
}

/* --- the beginning -------------------------------------------------------------------------- */

/* How many connections fit: each may have a socket and a file. */
static size_t
connections_that_fit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_max == RLIM_INFINITY ||
	    l.rlim_max > 2 * PEERS_TOTAL_MAX + SPARE_FILES)
		return PEERS_TOTAL_MAX;
	return l.rlim_max > 2 * SPARE_FILES ? (l.rlim_max - SPARE_FILES) / 2 : SPARE_FILES / 2;
}

static int
open_state(struct intake *in, struct err *e)
{
	const char *spool = conf_path(in->conf, in->arena, "spool");
	const char *metrics = conf_path(in->conf, in->arena, "metrics");
	const char *secret = conf_path(in->conf, in->arena, "secret");

	if (spool_open(&in->conns.spool, spool, e) < 0 ||
	    file_mkdirs(AT_FDCWD, secret, 0700, true, e) < 0 ||
	    token_keys_load(&in->keys, conf_path(in->conf, in->arena, "secret/token.key"), true,
			    e) < 0 ||
	    file_mkdirs(AT_FDCWD, metrics, 0755, false, e) < 0)
		return -1;
	in->conns.spool_fd = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in->metrics_fd = open(metrics, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in->conns.spool_fd < 0 || in->metrics_fd < 0)
		return err_errno(e, "%s", in->conf->state_dir);
	return 0;
}

static int
enter_sandbox(const struct intake *in, size_t connections, struct err *e)
{
	const struct sandbox_path paths[] = {
	    {conf_path(in->conf, in->arena, "spool"), SANDBOX_WRITE},
	    {conf_path(in->conf, in->arena, "metrics"), SANDBOX_WRITE},
	};
	const struct sandbox_rules rules = {
	    .paths = paths,
	    .npaths = sizeof paths / sizeof *paths,
	    .calls = SANDBOX_NET,
	    .memory_max = MEMORY_MAX,
	    .files_max = (int64_t)(2 * connections + SPARE_FILES),
	};

	return sandbox_enter(&rules, e);
}

static int
prepare(struct intake *in, struct err *e)
{
	size_t connections = connections_that_fit();

	in->role.arg = in;
	in->role.look = look;
	in->role.stop = stop;
	if (role_start(&in->role, "intake", TIMER_MS, e) < 0 || open_doors(in, e) < 0 ||
	    sandbox_become(in->conf->user, e) < 0 || open_state(in, e) < 0)
		return -1;
	session_site_init(&in->site, in->conf, in->keys);
	in->conns.loop = in->role.loop;
	in->conns.site = &in->site;
	in->conns.peers = peers_new(connections);
	in->conns.gone = gone;
	in->conns.arg = in;
	if (enter_sandbox(in, connections, e) < 0 ||
	    commit_start(&in->conns.commit, in->conns.spool, COMMIT_THREADS_MAX, e) < 0)
		return -1;
	event_assign(&in->committed, in->role.loop, commit_fd(in->conns.commit),
		     EV_READ | EV_PERSIST, on_committed, in);
	evtimer_assign(&in->reopen, in->role.loop, on_reopen, in);
	evtimer_assign(&in->killer, in->role.loop, on_kill, in);
	if (event_add(&in->committed, NULL) < 0)
		fatal("no memory for an event");
	return 0;
}

static void
clean_up(struct intake *in)
{
	put_metrics(in);
	commit_stop(in->conns.commit);
	peers_free(in->conns.peers);
	spool_close(in->conns.spool);
	token_keys_free(in->keys);
	close(in->conns.spool_fd);
	close(in->metrics_fd);
	conf_free(in->conf);
	arena_free(in->arena);
}

static int
usage(void)
{
	fprintf(stderr, "usage: plenary-intake [-f FILE] [-d] [-v]\n");
	return 2;
}

int
main(int argc, char **argv)
{
	static struct intake in;
	const char *file = SYSCONFDIR "/plenary/plenary.conf";
	bool to_stderr = false, debug = false;
	struct err e;
	int opt;

	while ((opt = getopt(argc, argv, "f:dv")) != -1) {
		switch (opt) {
		case 'f':
			file = optarg;
			break;
		case 'd':
			to_stderr = true;
			break;
		case 'v':
			debug = true;
			break;
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	umask(022);
	log_init("intake", to_stderr, debug);
	in.arena = arena_new();
	in.conf = conf_load_or_complain(file);
	if (!in.conf)
		return 1;
	if (prepare(&in, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	log_debug("ready");
	role_run(&in.role);
	clean_up(&in);
	return 0;
}
