/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-deliver: takes what is due out of the queue and gives it to the remotes, portion by
 * portion; collects what the relays said and writes it down (T2). It owns list.db's half of the
 * queue, the token keys and out/; it never talks to a relay itself.
 *
 * 1. A recipient is in one hand at a time: its row counts as due again only after T2.
 * 2. When no relay can be reached at all, nothing is given out for a while: retries are for
 *    recipients, not for a mail server that is being restarted.
 */
#include "config.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "daemon/lanes.h"
#include "daemon/listdb.h"
#include "daemon/portion.h"
#include "daemon/record.h"
#include "daemon/remotes.h"
#include "daemon/strays.h"
#include "daemon/turns.h"

#define TIMER_MS 10000   /* counters, idle lanes, a look at everything */
#define SCAN_MS 1000     /* between two looks for retries */
#define GROW_MS 10       /* between two starts of a lane */
#define RECORD_MS 10     /* a result waits that long for company */
#define RECORD_MAX 500   /* results in one T2 */
#define BACKLOG_MAX 4000 /* results that could not be written down: nothing more is sent */
#define STOP_MS 10000    /* at the end, for what is on the way */
#define PAUSE_FIRST_S 5  /* when no relay can be reached; doubled up to … */
#define PAUSE_MAX_S 60
#define SWEEP_MS (3600 * 1000)

struct deliver {
	struct role role;
	struct conf *conf;
	struct arena *arena;
	struct token_keys *keys;
	struct db *db;
	struct turns *turns;
	struct lanes *lanes;
	struct record *record;
	struct portion_maker portions;
	struct buf packet;
	int out_fd, metrics_fd;
	struct event grow, scan, recording, killer, child;
	int64_t last_start, last_scan; /* clock_mono's */
	int64_t pause_until, pause_s;
	int64_t last_chores, last_sweep;
	char metrics[512]; /* as last written */
};

static void go_on(struct deliver *d);

static void
arm(struct event *ev, int64_t ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	if (event_add(ev, &tv) < 0)
		fatal("no memory for an event");
}

/* --- T2 --------------------------------------------------------------------------------------- */

static void
commit_results(struct deliver *d)
{
	struct err e = {0};
	if (record_commit(d->record, d->turns, clock_now(), &e) < 0) {
		log_error("results wait: %s", e.text);
		arm(&d->recording, SCAN_MS);
		return;
	}
	evtimer_del(&d->recording);
	if (d->role.stopping && lanes_in_flight(d->lanes) == 0)
		role_finish(&d->role);
}

static void
on_recording(evutil_socket_t fd, short what, void *arg)
{
	struct deliver *d = arg;
	(void)fd;
	(void)what;
	commit_results(d);
	go_on(d);
}

/* No relay answers: a rest for all, longer each time. */
static void
pause_all(struct deliver *d, struct slice why)
{
	int64_t now = clock_mono();
	if (now < d->pause_until)
		return;
	d->pause_s = d->pause_s ? d->pause_s * 2 : PAUSE_FIRST_S;
	if (d->pause_s > PAUSE_MAX_S)
		d->pause_s = PAUSE_MAX_S;
	d->pause_until = now + d->pause_s * 1000;
	log_warning("no relay can be reached, trying again in %" PRId64 " s: %s", d->pause_s,
		    log_str(why));
	arm(&d->grow, d->pause_s * 1000);
}

static void
on_result(void *arg, const struct flight *f, const struct job_item *it)
{
	struct deliver *d = arg;
	record_add(d->record, f, it);
	if (it->unreachable)
		pause_all(d, it->text);
	else
		d->pause_s = 0;
	if (!evtimer_pending(&d->recording, NULL))
		arm(&d->recording, RECORD_MS);
}

/* After a lane's results: nothing more on the way, or many: they are written down. */
static void
on_room(void *arg)
{
	struct deliver *d = arg;
	go_on(d);
	if (record_waiting(d->record) >= RECORD_MAX ||
	    (lanes_in_flight(d->lanes) == 0 && record_waiting(d->record) > 0))
		commit_results(d);
	if (d->role.stopping && lanes_in_flight(d->lanes) == 0 && record_waiting(d->record) == 0)
		role_finish(&d->role);
}

/* A mail has neither rows nor recipients on the way. */
static void
on_over(void *arg, struct letter *l)
{
	struct deliver *d = arg;
	lanes_forget(d->lanes, l);
	if (l->sent + l->temporary + l->permanent > 0)
		log_info("%s: %s %s: %" PRId64 " sent, %" PRId64 " later, %" PRId64
			 " refused, in %" PRId64 " ms",
			 l->mail.list[0] ? l->mail.list : "site", l->mail.kind, l->mail.spool,
			 l->sent, l->temporary, l->permanent, clock_mono() - l->began);
}

/* --- giving out ------------------------------------------------------------------------------- */

static bool
give(struct deliver *d, struct lane *ln, struct letter *l)
{
	size_t n, max = portion_is_shared(l) ? JOB_RCPTS_MAX : lane_room(ln, l);
	const struct queue_row *rows = letter_rows(l, max, &n);
	do {
		buf_clear(&d->packet);
		portion_put(&d->portions, l, rows, n, !lane_knows(ln, l), clock_now(), &d->packet);
		/* Long addresses and links: fewer at a time. One fits always. */
	} while (buf_over(&d->packet) && (n /= 2) > 0);
	if (n == 0)
		fatal("one recipient of %s does not fit into a packet", l->mail.list);
	if (!lane_give(ln, l, buf_slice(&d->packet), rows, n))
		return false;
	turns_took(d->turns, l, n);
	return true;
}

/* One lane more, but not all at once: a small post needs one only. */
static bool
grow(struct deliver *d)
{
	int64_t now = clock_mono();
	if (lanes_count(d->lanes) > 0 && now - d->last_start < GROW_MS) {
		if (lanes_count(d->lanes) < LANES_MAX && !evtimer_pending(&d->grow, NULL))
			arm(&d->grow, GROW_MS);
		return false;
	}
	d->last_start = now;
	return lanes_start(d->lanes);
}

/* Gives out as much as the lanes take. */
static void
go_on(struct deliver *d)
{
	if (d->role.stopping || clock_mono() < d->pause_until ||
	    record_waiting(d->record) >= BACKLOG_MAX)
		return;
	for (;;) {
		struct lane *ln = lanes_with_room(d->lanes);
		struct letter *l = turns_next(d->turns);
		if (!l || (!ln && !grow(d)))
			break;
		if (ln && !give(d, ln, l) && !lanes_with_room(d->lanes))
			break;
	}
}

static void
on_grow(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	go_on(arg);
}

/* --- chores ----------------------------------------------------------------------------------- */

static void
put_metrics(struct deliver *d)
{
	const struct record_counts *c = record_counts(d->record);
	int64_t rows = 0, mails = 0;
	char text[sizeof(d->metrics)];
	struct err e = {0};
	if (queue_count(d->db, &rows, &mails, &e) < 0) {
		log_warning("metrics: %s", e.text);
		return;
	}
	int n = snprintf(text, sizeof(text),
			 "plenary_deliver_sent_total %" PRId64 "\n"
			 "plenary_deliver_temporary_total %" PRId64 "\n"
			 "plenary_deliver_permanent_total %" PRId64 "\n"
			 "plenary_deliver_lanes %zu\n"
			 "plenary_queue_rows %" PRId64 "\n"
			 "plenary_queue_mails %" PRId64 "\n",
			 c->sent, c->temporary, c->permanent, lanes_count(d->lanes), rows, mails);
	struct slice part = slice_make(text, n > 0 ? (size_t)n : 0);
	if (strcmp(text, d->metrics) == 0)
		return;
	if (file_put_derived(d->metrics_fd, "deliver", &part, 1, 0644, &e) < 0)
		log_warning("metrics: %s", e.text);
	else
		memcpy(d->metrics, text, sizeof(text));
}

static int
tidy(struct deliver *d, struct err *e)
{
	d->last_sweep = clock_mono();
	return queue_sweep(d->db, e) < 0 || strays_remove(d->db, d->out_fd, clock_now(), e) < 0 ? -1
												: 0;
}

static void
do_chores(struct deliver *d)
{
	struct err e = {0};
	put_metrics(d);
	if (clock_mono() - d->last_sweep >= SWEEP_MS && tidy(d, &e) < 0)
		log_error("%s", e.text);
	/* During a pause all of them go: the next one looks the relay's name up again. */
	lanes_rest(d->lanes, clock_mono() < d->pause_until ? 0 : LANE_IDLE_S);
}

/* --- looking ---------------------------------------------------------------------------------- */

/* When to look for retries again: what is due by then, what could not be taken up. */
static void
plan_scan(struct deliver *d)
{
	int64_t next, now = clock_now(), ms = TIMER_MS;
	struct err e = {0};
	if (turns_left_some(d->turns))
		ms = SCAN_MS;
	else if (queue_next_due(d->db, now, &next, &e) < 0)
		log_error("queue: %s", e.text);
	else if (next != INT64_MAX && (next - now) * 1000 < ms)
		ms = (next - now) * 1000;
	arm(&d->scan, ms < SCAN_MS ? SCAN_MS : ms);
}

static void
look(void *arg)
{
	struct deliver *d = arg;
	struct err e = {0};
	int64_t mono = clock_mono();
	bool all = mono - d->last_scan >= SCAN_MS;
	if (turns_look(d->turns, clock_now(), all, &e) < 0)
		log_error("queue: %s", e.text);
	if (all) {
		d->last_scan = mono;
		plan_scan(d);
	} else {
		arm(&d->scan, SCAN_MS); /* what rang may have been a retry */
	}
	if (mono - d->last_chores >= TIMER_MS) {
		d->last_chores = mono;
		do_chores(d);
	}
	go_on(d);
}

static void
on_scan(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (!((struct deliver *)arg)->role.stopping)
		look(arg);
}

static void
on_child(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void
on_killer(evutil_socket_t fd, short what, void *arg)
{
	struct deliver *d = arg;
	(void)fd;
	(void)what;
	log_warning("%zu recipients are on the way without a word: they are tried again",
		    lanes_in_flight(d->lanes));
	commit_results(d);
	role_finish(&d->role);
}

static void
stop(void *arg)
{
	struct deliver *d = arg;
	evtimer_del(&d->scan);
	evtimer_del(&d->grow);
	arm(&d->killer, STOP_MS);
	on_room(d);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static int
open_state(struct deliver *d, struct err *e)
{
	const char *out = conf_path(d->conf, d->arena, "out");
	const char *metrics = conf_path(d->conf, d->arena, "metrics");
	if (file_mkdirs(AT_FDCWD, conf_path(d->conf, d->arena, "secret"), 0700, true, e) < 0 ||
	    token_keys_load(&d->keys, conf_path(d->conf, d->arena, "secret/token.key"), true, e) <
		0 ||
	    file_mkdirs(AT_FDCWD, out, 0700, true, e) < 0 ||
	    file_mkdirs(AT_FDCWD, metrics, 0755, false, e) < 0 ||
	    listdb_open(&d->db, d->conf, DB_WRITE_NORMAL, e) < 0)
		return -1;
	for (size_t i = 0; i < d->conf->nrelays; i++)
		if (d->conf->relays[i].kind == RELAY_MAILDIR &&
		    file_mkdirs(AT_FDCWD, d->conf->relays[i].path, 0700, false, e) < 0)
			return -1;
	d->out_fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d->metrics_fd = open(metrics, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->out_fd < 0 || d->metrics_fd < 0 ? err_errno(e, "%s", d->conf->state_dir) : 0;
}

static void
set_up_events(struct deliver *d)
{
	struct event_base *loop = d->role.loop;
	evtimer_assign(&d->grow, loop, on_grow, d);
	evtimer_assign(&d->scan, loop, on_scan, d);
	evtimer_assign(&d->recording, loop, on_recording, d);
	evtimer_assign(&d->killer, loop, on_killer, d);
	evsignal_assign(&d->child, loop, SIGCHLD, on_child, d);
	if (event_add(&d->child, NULL) < 0)
		fatal("no memory for an event");
}

static int
prepare(struct deliver *d, const struct role_options *o, struct err *e)
{
	struct remotes remotes;
	d->role.arg = d;
	d->role.look = look;
	d->role.stop = stop;
	remotes_plan(&remotes, d->conf, o, d->arena);
	if (sandbox_become(d->conf->user, e) < 0 || open_state(d, e) < 0 ||
	    role_start(&d->role, "deliver", TIMER_MS, e) < 0 ||
	    remotes_enter_walls(d->conf, &remotes, e) < 0 || tidy(d, e) < 0)
		return -1;
	const struct lanes_setup setup = {.loop = d->role.loop,
					  .program = remotes.program,
					  .argv = remotes.args,
					  .result = on_result,
					  .room = on_room,
					  .arg = d};
	d->lanes = lanes_new(&setup);
	d->record = record_new(d->db, d->out_fd);
	d->turns = turns_new(d->db, d->out_fd, on_over, d);
	portion_init(&d->portions, d->conf, d->keys);
	buf_init(&d->packet, JOB_PACKET_MAX);
	set_up_events(d);
	return 0;
}

static void
clean_up(struct deliver *d)
{
	put_metrics(d);
	lanes_free(d->lanes);
	record_free(d->record);
	turns_free(d->turns);
	portion_free(&d->portions);
	buf_free(&d->packet);
	db_close(d->db);
	token_keys_free(d->keys);
	close(d->out_fd);
	close(d->metrics_fd);
	conf_free(d->conf);
	arena_free(d->arena);
}

int
main(int argc, char **argv)
{
	static struct deliver d;
	struct role_options o;
	struct err e = {0};
	if (!role_options(argc, argv, &o))
		return 2;
	log_init("deliver", o.to_stderr, o.debug);
	d.arena = arena_new();
	d.conf = conf_load_or_complain(o.file);
	if (!d.conf)
		return 1;
	if (prepare(&d, &o, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	role_run(&d.role);
	clean_up(&d);
	return 0;
}
