/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves list.db of the record: the public log's file, the years in numbers, the seals; and
 * what is noted of the mails that told of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "daemon/bounce.h"
#include "daemon/conduct_log.h"
#include "daemon/fate.h"
#include "daemon/figures.h"
#include "daemon/person.h"
#include "daemon/queue.h"
#include "daemon/seal.h"
#include "daemon/step.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define MOD "mod@example.org"
#define DAY 86400
#define ONE                                                                                        \
	"list \"dc\" { moderators = { \"" MOD "\" } group \"Technical\" { } group \"Small\" { } "  \
	"}\n"

static struct conduct_event
put(struct listsite *s, const char *address, const char *what, const char *step, const char *does,
    const char *audience, int64_t refers)
{
	struct conduct_event ev = {
	    .list = "dc",
	    .address = address,
	    .what = what,
	    .step = step,
	    .does = does,
	    .audience = audience,
	    .by = MOD,
	    .why = "secret words",
	    .about = audience[0] == 'm' ? "abcdefghijklmnopqrstuvwxyz234567" : "",
	    .rule = strcmp(what, "step") == 0 ? "step \"x\" { by = \"owner\" }" : "",
	    .refers = refers};
	if (address[0])
		assert_int_equal(
		    conduct_case(s->site.db, "dc", slice_str(address), s->now, &ev.case_id, NULL),
		    0);
	assert_int_equal(conduct_add(s->site.db, &ev, s->now, NULL), 0);
	return ev;
}

static const char *
log_text(struct listsite *s)
{
	struct slice text;
	assert_int_equal(
	    file_read(AT_FDCWD, conf_path(s->conf, s->a, "conduct/dc"), 1 << 20, s->a, &text, NULL),
	    0);
	return arena_str(s->a, text);
}

static void
test_file(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct conduct_log log = {0};
	put(s, ANN, "report", "", "", "", 0);
	put(s, ANN, "step", "warning", "message", "list", 0);
	struct conduct_event quiet = put(s, BOB, "step", "reminder", "message", "member", 0);
	assert_contains(quiet.about, "abcd");
	assert_int_equal(conduct_log_write(&s->site, &log, s->now, NULL), 1);
	const char *text = log_text(s);
	assert_contains(text, "seal\t1\t");
	assert_contains(text, "event\t2\t1795358975\tstep\twarning\tann@…\t0\t\t0\tstep \"x\" {");
	assert_contains(text, "event\t3\t1795358975\tstep\treminder\t\t0\t");
	assert_contains(text, "figure\t2026\treports\t1\n");
	assert_contains(text, "figure\t2026\tmessages\t2\n");
	assert_contains(text, "figure\t2026\tcases\t2\n");
	/* No word and no address more than it may have; no hash of the record itself. */
	assert_lacks(text, "secret");
	assert_lacks(text, "bob");
	assert_lacks(text, "abcdefgh"); /* his message */
	assert_lacks(text, MOD);
	assert_lacks(text, "example.org");
	assert_lacks(text, quiet.hash);
	/* Only when there is something new. */
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 1, NULL), 0);
	put(s, ANN, "lift", "warning", "", "list", 2);
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 1, NULL), 1);
	assert_contains(log_text(s), "event\t4\t1795358975\tlift\twarning\tann@…\t0\t\t2\t\t");
	/* Who upholds an appeal speaks of the step, for those who read the log. */
	struct conduct_event appeal = put(s, ANN, "appeal", "warning", "", "", 2);
	put(s, ANN, "uphold", "warning", "", "list", appeal.id);
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 1, NULL), 1);
	assert_contains(log_text(s), "event\t6\t1795358975\tuphold\twarning\tann@…\t0\t\t2\t\t");
	/* Members' groups are counted anew each day. */
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + DAY, NULL), 1);
}

static void
test_groups(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct conduct_log log = {0};
	for (int i = 0; i < 9; i++) {
		const char *who = listsite_printf(s, "m%d@example.org", i);
		listsite_member(s, "dc", who);
		listsite_set(s, "dc", who, "group", i < 5 ? "technical" : i < 9 ? "Small" : "");
	}
	assert_int_equal(conduct_log_write(&s->site, &log, s->now, NULL), 1);
	assert_contains(log_text(s), "group\tTechnical\t5\n");
	assert_lacks(log_text(s), "Small"); /* four */
}

static void
test_terms(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { speaker \"" ANN
						   "\" { until = \"2026-11-30\" } }\n");
	struct conduct_log log = {0};
	assert_int_equal(conduct_log_write(&s->site, &log, s->now, NULL), 1);
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 5 * DAY, NULL), 0);
	assert_lacks(log_text(s), "term");
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 9 * DAY, NULL), 1);
	assert_contains(log_text(s), "term\t1796083200\n");
	assert_int_equal(conduct_log_write(&s->site, &log, s->now + 10 * DAY, NULL), 0);
}

static void
test_seal(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct seal_key a, b, again;
	char x[SEAL_SIZE], y[SEAL_SIZE];
	assert_int_equal(seal_key(s->site.db, "dc", &a, NULL), 0);
	assert_int_equal(seal_key(s->site.db, "other", &b, NULL), 0);
	assert_int_equal(seal_key(s->site.db, "dc", &again, NULL), 0);
	assert_memory_equal(a.bytes, again.bytes, sizeof(a.bytes));
	assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
	seal_make(&a, "00", x);
	seal_make(&again, "00", y);
	assert_string_equal(x, y);
	assert_int_equal(strlen(x), 64);
	seal_make(&b, "00", y);
	assert_string_not_equal(x, y);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int
add_figure(void *arg, const struct conduct_event *ev)
{
	figures_add(arg, ev);
	return 0;
}

static const char *
figures(struct listsite *s)
{
	struct figures *f = figures_new(s->a);
	struct buf out;
	buf_init(&out, BUF_NO_LIMIT);
	assert_int_equal(conduct_each(s->site.db, "dc", 0, add_figure, f, NULL), 0);
	figures_put(f, &out);
	const char *text = arena_str(s->a, buf_slice(&out));
	buf_free(&out);
	return text;
}

static void
test_figures(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	assert_string_equal(figures(s), "");
	put(s, ANN, "report", "", "", "", 0);
	put(s, BOB, "report", "", "", "", 0);
	s->now += 2 * DAY;
	struct conduct_event step = put(s, ANN, "step", "suspension", "suspend", "list", 0);
	s->now += 2 * DAY;
	put(s, BOB, "step", "reminder", "message", "member", 0);
	put(s, ANN, "appeal", "suspension", "", "", step.id);
	/* 22 November and 50 days: the next year's decision, and a thing of its own there. */
	s->now += 46 * DAY;
	put(s, ANN, "overturn", "suspension", "", "list", step.id);
	put(s, "", "freeze", "", "", "list", 0);
	assert_string_equal(figures(s), "figure\t2026\treports\t2\n"
					"figure\t2026\tmessages\t1\n"
					"figure\t2026\tsuspensions\t1\n"
					"figure\t2026\tappeals\t1\n"
					"figure\t2026\tcases\t2\n"
					"figure\t2026\twait\t259200\n" /* 2 and 4 days: 3 */
					"figure\t2027\toverturned\t1\n"
					"figure\t2027\tfrozen\t1\n"
					"figure\t2027\tcases\t1\n"
					"figure\t2027\twait\t3974400\n");
}

/* --- what became of mails --------------------------------------------------------------------- */

struct seen {
	struct listsite *s;
	int n;
	const char *state, *error, *recipient;
};

static int
see(void *arg, const struct fate *f)
{
	struct seen *seen = arg;
	seen->n++;
	seen->state = listsite_printf(seen->s, "%s", f->state);
	seen->error = listsite_printf(seen->s, "%s", f->error);
	seen->recipient = listsite_printf(seen->s, "%s", f->recipient);
	return 0;
}

static struct seen
fate_of(struct listsite *s, int64_t event)
{
	struct seen seen = {.s = s};
	assert_int_equal(fate_each(s->site.db, event, see, &seen, NULL), 0);
	return seen;
}

static int64_t
remind(struct listsite *s)
{
	struct deed d = {.site = &s->site,
			 .a = s->a,
			 .list = &s->conf->lists[0],
			 .by = MOD,
			 .id = listsite_printf(s, "%lld", (long long)s->now),
			 .now = s->now};
	struct conduct_event ev;
	enum step_end end;
	assert_int_equal(db_begin(s->site.db, NULL), 0);
	assert_int_equal(step_take(&d, "reminder", SLICE(ANN), SLICE("please"), &end, &ev, NULL),
			 0);
	assert_int_equal(db_commit(s->site.db, NULL), 0);
	assert_int_equal(end, STEP_TAKEN);
	return ev.id;
}

static void
test_fate(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	int64_t row = listsite_member(s, "dc", ANN);
	int64_t event = remind(s);
	struct outmail *m = listsite_only(s, ANN);
	/* A return path of her own: a bounce of it is known. */
	assert_int_equal(m->flags & (QUEUE_NULL_RETURN | QUEUE_TRACED), QUEUE_TRACED);
	assert_int_equal(listsite_only(s, MOD)->flags & (QUEUE_NULL_RETURN | QUEUE_TRACED),
			 QUEUE_NULL_RETURN);
	struct seen f = fate_of(s, event);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.state, "waiting");
	assert_string_equal(f.recipient, ANN);
	/* Who leaves, or calls the list's mail spam, is told all the same. */
	assert_int_equal(queue_take_back(s->site.db, row, NULL), 0);
	assert_int_equal(
	    listsite_int(s, listsite_printf(s, "SELECT count(*) FROM delivery WHERE out = %lld",
					    (long long)m->id)),
	    1);
	/* What became of it is hers to know. */
	struct slice json;
	assert_int_equal(person_data(&s->site, s->a, SLICE(ANN), s->now, &json, NULL), 0);
	assert_contains(arena_str(s->a, json), "\"state\": \"waiting\"");
	assert_int_equal(fate_end(s->site.db, m->id, "delivered", SLICE(""), s->now, NULL), 0);
	assert_string_equal(fate_of(s, event).state, "delivered");
	/* A report of another post says nothing about it; one of this mail does. */
	for (int i = 0; i < 2; i++) {
		const char *token = listsite_token(
		    s, "bounce", (uint64_t)row << 16 | (uint64_t)(i ? BOUNCE_TIDING_SEQ : 7));
		listsite_send(
		    s, "", listsite_printf(s, "dc-bounces+%s@" DOMAIN, token),
		    "From: mailer-daemon@example.org\nSubject: failed\nMIME-Version: 1.0\n"
		    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n",
		    "--x\n\nno\n--x\nContent-Type: message/delivery-status\n\n"
		    "Reporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; " ANN "\n"
		    "Action: failed\nStatus: 5.1.1\n"
		    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--x--\n");
		assert_string_equal(fate_of(s, event).state, i ? "bounced" : "delivered");
	}
	assert_contains(fate_of(s, event).error, "no such user");
	assert_int_equal(fate_forget(s->site.db, SLICE(ANN), "erased-x", NULL), 0);
	assert_string_equal(fate_of(s, event).recipient, "erased-x");
	assert_string_equal(fate_of(s, event).error, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_file), TEST(test_groups),  TEST(test_terms),
	    TEST(test_seal), TEST(test_figures), TEST(test_fate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
