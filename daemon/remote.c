/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-remote: one connection to a relay, kept open between mails. The deliver role starts it,
 * hands it messages as open descriptors and jobs over a socket, and closes the socket when it has
 * nothing more. It reads no path and no database; what a relay says can reach nothing here.
 *
 *	plenary-remote -c FD -n NAME [-t AUTHORITIES] [-d] [-v] RELAY...
 *
 * NAME is what it says in EHLO. RELAY is smtp:PORT:HOST or maildir:PATH, tried in turn. With -t,
 * TLS is asked for on loopback too, and believed if these authorities sign for it (for tests).
 * It ends when the socket closes, and only then: signals for the server as a whole must not tear a
 * mail in two.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/sandbox.h"
#include "daemon/job.h"
#include "daemon/link.h"
#include "daemon/maildir.h"
#include "daemon/outcome.h"
#include "daemon/relay.h"
#include "daemon/smtp.h"
#include "daemon/stock.h"

#define RELAYS_MAX 16
#define READ_MAX 16384
#define QUIT_MS 3000              /* for the relay's goodbye */
#define WRITE_MS (60 * 60 * 1000) /* for one message, however slowly it is read */
#define FRUITLESS_MAX 8           /* connections in a row without a single word on a mail */
#define PACKETS 8                 /* taken at a time: the relay waits meanwhile */

struct remote {
	int ipc;
	bool ended; /* deliver has closed its end */
	const char *name, *authorities;
	struct relay relays[RELAYS_MAX];
	size_t nrelays, at;
	struct link link;
	struct smtp *smtp;
	bool was_ready;
	int64_t since;     /* the relay's last word, or its last taking of bytes */
	int64_t out_since; /* the first of the bytes that wait was queued; 0: none wait */
	struct stock stock;
	struct buf packet;
	struct outcome outcome;
	size_t in_hand; /* recipients without a result */
	bool unreachable;
	bool fruitful; /* this connection brought a mail to an end */
	int fruitless; /* connections in a row that did not */
};

/* --- results ---------------------------------------------------------------------------------- */

static void
add_result(void *arg, struct smtp_job *job, struct smtp_rcpt *rcpt, enum smtp_what what,
	   enum smtp_about about, struct slice text)
{
	struct remote *r = arg;
	struct job_item it = {.kind = JOB_RESULT,
			      .id = rcpt->row,
			      .what = (int)what,
			      .about = (int)about,
			      .unreachable = r->unreachable};
	(void)job;
	if (what != SMTP_SENT)
		it.text = text;
	r->fruitful |= what != SMTP_TEMPORARY;
	r->in_hand--;
	outcome_add(&r->outcome, &it);
}

/* --- mails and jobs --------------------------------------------------------------------------- */

static void
job_done(void *arg, struct smtp_job *job)
{
	struct remote *r = arg;
	stock_job_done(&r->stock, job);
}

static void
take_job(struct remote *r, const struct job_item *it)
{
	const struct err *broken;
	struct smtp_job *job = stock_job(&r->stock, it, &broken);
	r->in_hand += job->nrcpt;
	if (!broken) {
		smtp_submit(r->smtp, job);
		return;
	}
	for (size_t i = 0; i < job->nrcpt; i++)
		add_result(r, job, &job->rcpt[i], SMTP_TEMPORARY, SMTP_ABOUT_OTHER,
			   slice_str(broken->text));
	job_done(r, job);
}

static void
take_packet(struct remote *r, int fds[JOB_FDS_MAX])
{
	struct slice rest = buf_slice(&r->packet);
	struct job_item it;
	int got;
	while ((got = job_next(&rest, &it)) == 1) {
		if (it.kind == JOB_MAIL)
			stock_mail(&r->stock, &it, fds);
		else if (it.kind == JOB_WORK)
			take_job(r, &it);
		else
			stock_over(&r->stock, it.id);
	}
	if (got < 0)
		fatal("a packet that is none");
}

static void
take_packets(struct remote *r)
{
	int fds[JOB_FDS_MAX];
	for (int i = 0; i < PACKETS; i++) {
		int got = job_receive(r->ipc, &r->packet, fds);
		if (got == 1)
			take_packet(r, fds);
		else if (got < 0)
			r->ended = true;
		if (got != 1)
			return;
	}
}

/* --- the connection --------------------------------------------------------------------------- */

static const struct relay *
this_relay(const struct remote *r)
{
	return &r->relays[r->at < r->nrelays ? r->at : 0];
}

/* The connection, or the attempt at one, has failed: the next relay's turn. */
static void
lose(struct remote *r, const struct err *why)
{
	const struct relay *relay = this_relay(r);
	struct err e = *why;
	err_prefix(&e, "%s port %s", relay->host, relay->port);
	/* That a relay ends a connection now and then is its right. */
	if (r->in_hand > 0 && !r->fruitful)
		log_warning("%s", e.text);
	else
		log_debug("%s", e.text);
	link_close(&r->link);
	smtp_lost(r->smtp, e.text);
	r->at++;
	if (r->was_ready && r->at == r->nrelays)
		r->at = 0;
	r->fruitless = r->fruitful || r->in_hand == 0 ? 0 : r->fruitless + 1;
	if (r->at < r->nrelays && r->fruitless < FRUITLESS_MAX)
		return;
	r->fruitless = 0;
	r->unreachable = true;
	smtp_fail_all(r->smtp, SMTP_TEMPORARY, e.text);
	r->unreachable = false;
	r->at = 0;
}

static void
put_into_maildir(struct remote *r, const char *path)
{
	struct smtp_job *job;
	struct err e = {0};
	while ((job = smtp_steal(r->smtp))) {
		for (size_t i = 0; i < job->nrcpt; i++) {
			bool put = maildir_put(path, job, &job->rcpt[i], &e) == 0;
			add_result(r, job, &job->rcpt[i], put ? SMTP_SENT : SMTP_TEMPORARY,
				   SMTP_ABOUT_OTHER, slice_str(e.text));
		}
		job_done(r, job);
	}
}

static void
connect_relay(struct remote *r)
{
	struct relay *relay = &r->relays[r->at];
	struct err e = {0};
	r->was_ready = r->fruitful = false;
	if (relay->path) {
		put_into_maildir(r, relay->path);
		r->at = 0;
		return;
	}
	if (link_open(&r->link, relay->ai, r->ipc, &e) < 0) {
		lose(r, &e);
		return;
	}
	smtp_open(r->smtp, r->authorities || !link_is_loopback(&r->link));
	r->since = clock_mono();
	r->out_since = 0;
}

static int
shake(struct remote *r, struct err *e)
{
	int got = 0;
	if (!r->link.tls && link_start_tls(&r->link, this_relay(r)->host, e) < 0)
		return -1;
	got = link_shake(&r->link, e);
	if (got == 1)
		smtp_secured(r->smtp);
	return got < 0 ? -1 : 0;
}

static int
read_relay(struct remote *r, struct err *e)
{
	char in[READ_MAX];
	do {
		uint64_t before = smtp_replies(r->smtp);
		ssize_t n = link_read(&r->link, in, sizeof(in), e);
		if (n <= 0)
			return (int)n;
		if (smtp_take(r->smtp, slice_make(in, (size_t)n), e) < 0)
			return -1;
		if (smtp_replies(r->smtp) != before)
			r->since = clock_mono();
	} while (link_has_input(&r->link));
	return 0;
}

static int
write_relay(struct remote *r, struct err *e)
{
	struct iovec iov[PARTS_MAX];
	int n;
	while ((n = smtp_output(r->smtp, iov)) > 0) {
		ssize_t w = link_write(&r->link, iov, n, e);
		if (w < 0)
			return -1;
		if (r->out_since == 0)
			r->out_since = clock_mono();
		if (w == 0)
			return 0;
		smtp_wrote(r->smtp, (size_t)w);
		r->since = clock_mono();
	}
	r->out_since = 0;
	return 0;
}

static int
check_time(const struct remote *r, struct err *e)
{
	int64_t now = clock_mono();
	int patience = smtp_patience(r->smtp);
	if (patience >= 0 && now - r->since > patience)
		return err_temporary(e, "the relay has not answered for %d s", patience / 1000);
	if (r->out_since > 0 && now - r->out_since > WRITE_MS)
		return err_temporary(e, "the relay takes a message too slowly");
	return 0;
}

/* What the connection can do now. */
static void
serve_relay(struct remote *r, bool readable)
{
	struct err e = {0};
	int ret = 0;
	if (smtp_state(r->smtp) == SMTP_HANDSHAKE)
		ret = shake(r, &e);
	else if (readable)
		ret = read_relay(r, &e);
	if (ret == 0 && smtp_state(r->smtp) == SMTP_HANDSHAKE && !r->link.tls)
		ret = shake(r, &e);
	r->was_ready |= smtp_state(r->smtp) == SMTP_READY;
	if (ret == 0 && smtp_state(r->smtp) != SMTP_HANDSHAKE)
		ret = write_relay(r, &e);
	if (ret < 0 || check_time(r, &e) < 0)
		lose(r, &e);
}

/* --- the loop --------------------------------------------------------------------------------- */

static int
sleep_ms(const struct remote *r)
{
	int ms = -1;
	if (r->link.fd >= 0) {
		int patience = smtp_patience(r->smtp);
		int64_t left = r->since + patience + 1 - clock_mono();
		if (patience >= 0)
			ms = left > 0 ? (int)left : 0;
	}
	return outcome_patience(&r->outcome, ms);
}

static void
wait_for_something(struct remote *r)
{
	struct iovec iov[PARTS_MAX];
	bool output = smtp_output(r->smtp, iov) > 0;
	struct pollfd p[2] = {{.fd = r->ipc, .events = POLLIN}, {.fd = -1}};
	if (r->link.fd >= 0)
		p[1] = (struct pollfd){.fd = r->link.fd, .events = link_events(&r->link, output)};
	if (poll(p, 2, sleep_ms(r)) < 0 && errno != EINTR)
		fatal("poll: %s", strerror(errno));
	if (p[0].revents)
		take_packets(r);
	if (r->link.fd >= 0)
		serve_relay(r, p[1].revents);
}

/* A goodbye, if there is still a connection and nothing is cut short by it. */
static void
say_goodbye(struct remote *r)
{
	int64_t until = clock_mono() + QUIT_MS;
	struct err e = {0};
	if (r->link.fd < 0 || smtp_has_jobs(r->smtp) || smtp_state(r->smtp) != SMTP_READY)
		return;
	smtp_quit(r->smtp);
	if (write_relay(r, &e) < 0)
		return;
	struct pollfd p = {.fd = r->link.fd, .events = POLLIN};
	while (clock_mono() < until && poll(&p, 1, QUIT_MS) > 0 && read_relay(r, &e) == 0)
		;
}

static void
run(struct remote *r)
{
	while (!r->ended && !r->outcome.ended) {
		if (r->link.fd < 0 && smtp_has_jobs(r->smtp))
			connect_relay(r);
		outcome_send_if_due(&r->outcome, r->in_hand);
		if (r->link.fd < 0 && smtp_has_jobs(r->smtp))
			continue; /* the next relay */
		wait_for_something(r);
		outcome_send_if_due(&r->outcome, r->in_hand);
	}
	say_goodbye(r);
	link_close(&r->link);
	smtp_lost(r->smtp, "the server ends");
	smtp_fail_all(r->smtp, SMTP_TEMPORARY, "the server ends");
}

/* --- the beginning ---------------------------------------------------------------------------- */

static bool
options(struct remote *r, int argc, char **argv, bool *to_stderr, bool *debug)
{
	int64_t fd = -1;
	int c;
	while ((c = getopt(argc, argv, "c:n:t:dv")) != -1) {
		if (c == 'c' && !num_parse(slice_str(optarg), 0, 1 << 20, &fd))
			return false;
		if (c == 'n')
			r->name = optarg;
		if (c == 't')
			r->authorities = optarg;
		*to_stderr |= c == 'd';
		*debug |= c == 'v';
		if (c == '?')
			return false;
	}
	r->ipc = (int)fd;
	for (; optind < argc && r->nrelays < RELAYS_MAX; optind++)
		if (!relay_parse(argv[optind], &r->relays[r->nrelays++]))
			return false;
	return optind == argc && fd >= 0 && r->name && r->nrelays > 0;
}

static int
close_paths(const struct remote *r, struct err *e)
{
	struct sandbox_path paths[RELAYS_MAX];
	struct sandbox_rules rules = {.paths = paths, .calls = SANDBOX_NET};
	for (size_t i = 0; i < r->nrelays; i++)
		if (r->relays[i].path)
			paths[rules.npaths++] =
			    (struct sandbox_path){r->relays[i].path, SANDBOX_WRITE};
	return sandbox_enter(&rules, e);
}

/* What needs paths: names and certificates. */
static void
prepare(struct remote *r)
{
	bool trust = r->authorities;
	struct err e = {0};
	for (size_t i = 0; i < r->nrelays; i++) {
		relay_resolve(&r->relays[i]);
		trust |= !relay_is_near(&r->relays[i]);
	}
	if (trust && link_load_trust(r->authorities, &e) < 0)
		log_error("%s", e.text);
}

static void
clean_up(struct remote *r)
{
	smtp_free(r->smtp);
	buf_free(&r->packet);
	outcome_free(&r->outcome);
	for (size_t i = 0; i < r->nrelays; i++)
		relay_free(&r->relays[i]);
	stock_free(&r->stock);
}

int
main(int argc, char **argv)
{
	struct remote r = {.link = {.fd = -1}};
	const struct smtp_calls calls = {&r, add_result, job_done};
	bool to_stderr = false, debug = false;
	struct err e = {0};
	if (!options(&r, argc, argv, &to_stderr, &debug)) {
		fprintf(stderr, "usage: plenary-remote -c FD -n NAME [-t AUTHORITIES] [-d] [-v]"
				" RELAY...\n");
		return 2;
	}
	log_init("remote", to_stderr, debug);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	prepare(&r);
	if (fcntl(r.ipc, F_SETFL, O_NONBLOCK) < 0)
		err_errno(&e, "the socket to deliver");
	if (e.kind || close_paths(&r, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	buf_init(&r.packet, JOB_PACKET_MAX);
	outcome_init(&r.outcome, r.ipc);
	r.smtp = smtp_new(r.name, &calls);
	run(&r);
	clean_up(&r);
	return 0;
}
