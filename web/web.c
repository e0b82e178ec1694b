/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-web: the archive's pages, search, and the leave and confirm links. It reads STATE/html,
 * the index and the counters, and talks to intake's socket as any mail server does. It never opens
 * list.db or a secret, and its user could not.
 */
#include "config.h"

#include <event2/event.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/index.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "conf/conf.h"
#include "conf/text.h"
#include "web/guests.h"
#include "web/http.h"
#include "web/lmtp.h"
#include "web/moved.h"
#include "web/squeeze.h"

#define STOP_MS 5000
#define STOP_LOOK_MS 20
#define SPARE_FILES 256 /* beside connections: their files, the index, pools' sockets */
#define MEMORY_MAX ((int64_t)1024 * 1024 * 1024)

struct site {
	struct role role;
	struct arena *arena;
	struct web web;
	struct http *http;
	struct event *stopping;
	int stop_left; /* ms */
};

/* --- the end -------------------------------------------------------------------------------- */

static void
on_stopping(evutil_socket_t fd, short what, void *arg)
{
	struct site *s = arg;

	(void)fd;
	(void)what;
	s->stop_left -= STOP_LOOK_MS;
	if (http_busy(s->http) == 0) {
		role_finish(&s->role);
	} else if (s->stop_left <= 0) {
		log_info("%zu requests were cut off", http_busy(s->http));
		_exit(0); /* threads may hang in them; nothing here is worth a write */
	}
}

static void
stop(void *arg)
{
	struct site *s = arg;
	struct timeval soon = {0, STOP_LOOK_MS * 1000};

	http_quiesce(s->http);
	if (http_busy(s->http) == 0) {
		role_finish(&s->role);
		return;
	}
	s->stop_left = STOP_MS;
	s->stopping = event_new(s->role.loop, -1, EV_PERSIST, on_stopping, s);
	if (!s->stopping || event_add(s->stopping, &soon) < 0)
		fatal("no memory for an event");
}

/* --- the beginning -------------------------------------------------------------------------- */

static int
open_doors(struct site *s, struct err *e)
{
	static const struct {
		const char *name;
		enum http_door kind;
	} kinds[] = {{"http", HTTP_SITE}, {"monitor", HTTP_MONITOR}};
	int fd, n = 0;

	for (size_t k = 0; k < 2; k++)
		for (int i = 0; (fd = role_listener(kinds[k].name, i)) >= 0; i++, n++)
			if (http_open(s->http, fd, kinds[k].kind, e) < 0)
				return -1;
	if (n == 0)
		log_debug("no socket was handed down: nothing to do");
	return 0;
}

/* Raises the soft limit to what may be needed; how many connections fit into what was got. */
static size_t
connections_that_fit(void)
{
	rlim_t wanted = GUESTS_MAX * 2 + SPARE_FILES;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return SPARE_FILES;
	if (l.rlim_max == RLIM_INFINITY || l.rlim_max > wanted)
		return GUESTS_MAX;
	return l.rlim_max > 2 * SPARE_FILES ? (l.rlim_max - SPARE_FILES) / 2 : SPARE_FILES / 2;
}

static int
enter_sandbox(struct site *s, size_t connections, struct err *e)
{
	const struct conf *conf = s->web.conf;
	const struct conf_listen *intake = lmtp_door(conf).where;
	const struct sandbox_path paths[] = {
	    {conf_path(conf, s->arena, "html"), SANDBOX_READ},
	    {conf_path(conf, s->arena, "archive/xapian"), SANDBOX_READ},
	    {conf_path(conf, s->arena, "metrics"), SANDBOX_READ},
	    {intake && intake->path ? intake->path : "/dev/null", SANDBOX_WRITE},
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
prepare(struct site *s, struct err *e)
{
	struct web *web = &s->web;
	size_t connections = connections_that_fit();
	const char *html = conf_path(web->conf, s->arena, "html");

	s->role.arg = s;
	s->role.stop = stop;
	if (text_load(e) < 0 || role_start(&s->role, "web", 0, e) < 0 ||
	    sandbox_become(web->conf->web_user, e) < 0)
		return -1;
	web->html_fd = open(html, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (web->html_fd < 0)
		return err_errno(e, "%s", html);
	web->squeeze = squeeze_new();
	web->moved = moved_new();
	if (enter_sandbox(s, connections, e) < 0)
		return -1;
	s->http = http_new(s->role.loop, web, connections);
	return open_doors(s, e);
}

static void
clean_up(struct site *s)
{
	http_free(s->http);
	for (size_t i = 0; i < WEB_SEARCH_THREADS; i++)
		if (s->web.reader[i])
			index_reader_close(s->web.reader[i]);
	squeeze_free(s->web.squeeze);
	moved_free(s->web.moved);
	close(s->web.html_fd);
	text_unload();
	conf_free((struct conf *)(uintptr_t)s->web.conf);
	arena_free(s->arena);
}

int
main(int argc, char **argv)
{
	static struct site s;
	struct role_options o;
	struct err e;

	if (!role_options(argc, argv, &o))
		return 2;
	umask(022);
	/* A few threads that rarely work: one heap for all, given back early. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	log_init("web", o.to_stderr, o.debug);
	s.arena = arena_new();
	s.web.conf = conf_load_or_complain(o.file);
	if (!s.web.conf)
		return 1;
	if (prepare(&s, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	log_debug("ready");
	role_run(&s.role);
	clean_up(&s);
	return 0;
}
