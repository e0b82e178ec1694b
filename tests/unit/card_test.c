/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calendars, cards, OpenPGP texts and signed wholes: what is read of them, and that nothing in them
 * is believed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/calendar.h"
#include "mail/cms.h"
#include "mail/content_line.h"
#include "mail/pgp.h"
#include "mail/vcard.h"

#define SLICE_OF(lit)                                                                              \
	{                                                                                          \
		"" lit, sizeof(lit) - 1                                                            \
	}

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
is(struct slice got, const char *want)
{
	assert_string_equal(arena_str(a, got), want);
}

static void
test_lines(void **state)
{
	struct slice text = content_unfold(a, SLICE("A;X=\"a:b;c\";Y=1:one\r\n two\n\tthree\nno "
						    "line\nitem1.B:x\\, y\\nz\\\\\n:nameless\n"));
	struct content_line line;

	(void)state;
	assert_true(content_next(&text, &line));
	assert_true(content_is(&line, "a"));
	is(line.value, "onetwothree");
	assert_true(content_next(&text, &line));
	is(line.name, "B");
	is(content_text(a, &line), "x, y\nz\\");
	assert_false(content_next(&text, &line));
	text = SLICE("TZ;TZID=\"Europe/Paris\";V=DATE:x\n");
	assert_true(content_next(&text, &line));
	is(content_parameter(&line, "tzid"), "Europe/Paris");
	is(content_parameter(&line, "V"), "DATE");
	is(content_parameter(&line, "none"), "");
}

#define BEGIN_EVENT "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
#define END_EVENT "END:VEVENT\r\nEND:VCALENDAR\r\n"

static const struct calendar_event *
event(const char *lines, size_t want)
{
	struct calendar_event *v;
	char *text = arena_printf(a, BEGIN_EVENT "%s" END_EVENT, lines);

	assert_int_equal(calendar_parse(a, slice_str(text), &v), want);
	return v;
}

static void
test_calendar(void **state)
{
	const struct calendar_event *e =
	    event("SUMMARY:Board\\, monthly\nLOCATION:Room 4\nORGANIZER;CN=\"Ann "
		  "Doe\":mailto:ann@example.org\n"
		  "DTSTART;TZID=Europe/"
		  "Paris:20261122T140000\nDURATION:PT1H30M\nRRULE:COUNT=3;FREQ=MONTHLY\n"
		  "BEGIN:VALARM\nSUMMARY:not this\nEND:VALARM\n",
		  1);

	(void)state;
	is(e->summary, "Board, monthly");
	is(e->location, "Room 4");
	is(e->organizer, "Ann Doe");
	assert_int_equal(e->state, CALENDAR_INVITES);
	assert_int_equal(e->repeats, CALENDAR_MONTHLY);
	assert_int_equal(e->start.hour, 14);
	is(e->start.zone, "Europe/Paris");
	assert_int_equal(e->end.hour, 15);
	assert_int_equal(e->end.minute, 30);
	e = event(
	    "DTSTART:20261231T233000Z\nDURATION:P1D\nSTATUS:CANCELLED\nORGANIZER:mailto:b@c.d\n",
	    1);
	assert_true(e->start.utc);
	assert_int_equal(e->end.year, 2027);
	assert_int_equal(e->end.day, 1);
	assert_int_equal(e->state, CALENDAR_CANCELLED);
	is(e->organizer, "b@c.d");
	e = event("DTSTART;VALUE=DATE:20261122\nDTEND;VALUE=DATE:20261124\n", 1);
	assert_true(e->start.whole_day && e->end.whole_day);
	e = event("DTSTART:20260231T100000\n", 1);
	assert_int_equal(e->start.year, 0);
	e = event("DTSTART:20240229T100000\nDURATION:P9999W9999W9999W9999W9999W9999W9999W9999W"
		  "9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W"
		  "9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W9999W"
		  "9999W9999W9999W9999W9999W9999W\n",
		  1);
	assert_int_equal(e->start.day, 29);
	assert_int_equal(e->end.year, 0);
	/* What is no time is not said. */
	e = event("DTSTART:20261322T990000\nDTEND:x\nDURATION:P99999999999999W\n", 1);
	assert_int_equal(e->start.year, 0);
	assert_int_equal(e->end.year, 0);
}

static void
test_calendar_limits(void **state)
{
	struct calendar_event *v;
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n");
	assert_int_equal(calendar_parse(a, buf_slice(&b), &v), CALENDAR_EVENTS_MAX);
	buf_clear(&b);
	buf_puts(&b, "BEGIN:VEVENT\nSUMMARY:");
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "\n x");
	assert_int_equal(calendar_parse(a, buf_slice(&b), &v), 1);
	assert_int_equal(v->summary.n, 300);
	assert_int_equal(calendar_parse(a, SLICE(""), &v), 0);
	buf_free(&b);
}

static void
test_vcard(void **state)
{
	struct vcard *v;

	(void)state;
	assert_int_equal(
	    vcard_parse(
		a,
		SLICE("BEGIN:VCARD\nVERSION:3.0\nFN:Ann Doe\nORG:Coalition;Board\nTITLE:Chair\n"
		      "EMAIL;TYPE=work:ann@example.org\nEND:VCARD\nFN:outside\n"
		      "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=BCrgen\nEND:"
		      "VCARD\n"),
		&v),
	    2);
	is(v[0].name, "Ann Doe");
	is(v[0].organisation, "Coalition, Board");
	is(v[0].title, "Chair");
	is(v[0].address, "ann@example.org");
	is(v[1].name, "Jürgen");
}

#define SIGNED_HEAD "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
#define SIGNED_TAIL "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"

static void
test_pgp(void **state)
{
	static const char *const untouched[] = {
	    "plain text\n",
	    "> " SIGNED_HEAD "x\n" SIGNED_TAIL,
	    SIGNED_HEAD "never ends\n",
	    SIGNED_HEAD "x\n-----BEGIN PGP SIGNATURE-----\nno end\n",
	    "I wrote -----BEGIN PGP SIGNED MESSAGE----- here\n",
	};

	(void)state;
	is(pgp_open(
	       a, SLICE("Above.\n" SIGNED_HEAD "Words.\n- -- \n- - one\n" SIGNED_TAIL "Below.\n")),
	   "Above.\nWords.\n-- \n- one\nBelow.\n");
	assert_int_equal(pgp_of(SLICE(SIGNED_HEAD "x\r\n" SIGNED_TAIL)), PGP_SIGNED);
	assert_int_equal(pgp_of(SLICE("\n-----BEGIN PGP MESSAGE-----\n\nhQ\n")), PGP_ENCRYPTED);
	for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++) {
		assert_int_equal(pgp_of(slice_str(untouched[i])), PGP_NONE);
		is(pgp_open(a, slice_str(untouched[i])), untouched[i]);
	}
}

static void
test_cms(void **state)
{
	static const struct slice good[] = {
	    SLICE_OF("0J\006\011*\206H\206\367\015\001\007\002\240=0;\002\001\0011\00004\006\011*"
		     "\206H\206\367\015\001\007\001\240'\004%Content-Type: "
		     "text/plain\015\012\015\012Inside.\015\012"),
	    SLICE_OF("0\200\006\011*"
		     "\206H\206\367\015\001\007\002\240\2000\200\002\001\0011\0000\200\006\011*"
		     "\206H\206\367\015\001\007\001\240\200$\200\004\012Content-Ty\004\033pe: "
		     "text/"
		     "plain\015\012\015\012Inside."
		     "\015\012\000\000\000\000\000\000\000\000\000\000\000\000"),
	};
	struct slice content;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(cms_signed_content(a, good[i], &content));
		is(content, "Content-Type: text/plain\r\n\r\nInside.\r\n");
		/* Cut anywhere, or any byte another: never beyond its bytes. */
		for (size_t n = 0; n < good[i].n; n++) {
			char *copy = arena_alloc(a, good[i].n);

			cms_signed_content(a, slice_sub(good[i], 0, n), &content);
			memcpy(copy, good[i].p, good[i].n);
			copy[n] = (char)0xff;
			cms_signed_content(a, slice_make(copy, good[i].n), &content);
		}
	}
	assert_false(cms_signed_content(a, SLICE(""), &content));
	assert_false(cms_signed_content(a, SLICE("\060\204\377\377\377\377"), &content));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_calendar, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_calendar_limits, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_vcard, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_pgp, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_cms, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
