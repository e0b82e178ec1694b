/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header: decoding of values, subjects without marks, dates, and values that we write. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mail/guard.h"
#include "mail/header.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct arena *a;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

struct pair {
	const char *in, *out;
};

static void
check(struct slice got, const char *want, const char *in)
{
	if (!slice_is(got, want))
		print_error("for: %s\n", in);
	assert_string_equal(arena_str(a, got), want);
}

/* --- text ------------------------------------------------------------------------------------- */

static const struct pair texts[] = {
    {"Saying hello", "Saying hello"},
    {"  two  spaces stay  ", "two  spaces stay"},
    {"folded\r\n line", "folded line"},
    {"folded \n \t line", "folded line"},
    {"=?iso-8859-1?q?caf=E9?=", "café"},
    {"=?ISO-8859-1*fr?Q?caf=E9?=", "café"},
    {"=?utf-8?b?Y2Fmw6k=?=", "café"},
    {"=?utf-8?b?Y2Fmw6k?=", "café"}, /* padding left out */
    {"=?utf-8?B?Y2Fm?= =?utf-8?B?w6k=?=", "café"},
    {"=?utf-8?Q?caf=C3?=\r\n =?utf-8?Q?=A9?= au lait", "café au lait"}, /* a character cut */
    {"=?utf-8?B?5pel?= =?utf-8?B?5pys?=", "日本"},
    {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"},
    {"=?iso-8859-1?q?a?= =?iso-8859-2?q?_b?=", "a b"},
    {"a =?utf-8?q?b?= c", "a b c"},
    {"a =?utf-8?q?b?=\n =?utf-8?q?c?= d", "a bc d"},
    {"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
    {"[tag]=?utf-8?q?glued=21?=", "[tag]glued!"},
    {"=?utf-8?q?spaces inside?=", "spaces inside"},
    {"=?utf-8?Q?folded\r\n _inside?=", "folded inside"},
    {"=?utf-8?B?Y2\r\n Fmw6k=?=", "café"},
    {"=?utf-8?Q?bad_=hex=3?=", "bad =hex=3"},
    {"=?utf-8?X?unknown letter?=", "=?utf-8?X?unknown letter?="},
    {"=?utf-8?b?not*base64?= stays", "=?utf-8?b?not*base64?= stays"},
    {"=?utf-8?b?**?= =?utf-8?q?good?=", "=?utf-8?b?**?= good"},
    {"=?utf-8?q?open", "=?utf-8?q?open"},
    {"=?", "=?"},
    {"=?utf-8?q?x=?utf-8?q?y?=", "=?utf-8?q?xy"}, /* an open one, then a good one */
    {"=?utf-8?q?one=00two?=", "onetwo"},          /* not cut at the NUL */
    {"=?utf-8?q?line=0D=0ABcc:_x?=", "line Bcc: x"},
    {"=?utf-8?q?\"quotes\"_stay?=", "\"quotes\" stay"},
    {"=?no-such-charset?q?caf=C3=A9?=", "café"},
    {"caf\xc3\xa9 raw", "café raw"},
    {"caf\xe9 raw", "café raw"},
    {"caf\xe9 and =?utf-8?q?th=C3=A9?=", "café and thé"},
    {"=?utf-8?Q?"
     "?=",
     ""},
    {"=?utf-8?Q?=41?=", "A"},
    {"tab\tinside", "tab inside"},
    {"", ""},
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check(header_text(a, slice_str(texts[i].in)), texts[i].out, texts[i].in);
	struct slice nul = header_text(a, slice_make("a\0b", 3));
	assert_true(utf8_valid(nul) && !memchr(nul.p, '\0', nul.n));
}

static void
test_unfold(void **state)
{
	(void)state;
	check(header_unfold(a, slice_str(" a\r\n\tb \n c ")), "a b c", "folds");
	check(header_unfold(a, slice_str("a  b")), "a  b", "no folds");
	check(header_unfold(a, slice_str("\r\n \r\n x")), "x", "empty folds");
}

/* The limit: one byte under, at, and over. What is over is not looked at. */
static void
test_limit(void **state)
{
	(void)state;
	char *big = malloc(GUARD_FIELD_MAX + 1);
	memset(big, 'x', GUARD_FIELD_MAX + 1);
	for (size_t n = GUARD_FIELD_MAX - 1; n <= GUARD_FIELD_MAX + 1; n++) {
		size_t want = n > GUARD_FIELD_MAX ? GUARD_FIELD_MAX : n;
		assert_int_equal(header_text(a, slice_make(big, n)).n, want);
		assert_int_equal(header_unfold(a, slice_make(big, n)).n, want);
	}
	free(big);
}

/* Inputs that cost the square of their length where code searches again from each "=?". */
static void
test_linear(void **state)
{
	(void)state;
	static const char *const units[] = {"=?a?q?", "=?", "=?a?b?x ", "=?utf-8?q?a?= ", "\n "};
	char *big = malloc(GUARD_FIELD_MAX);
	for (size_t u = 0; u < COUNT(units); u++) {
		size_t len = strlen(units[u]);
		for (size_t i = 0; i < GUARD_FIELD_MAX; i++)
			big[i] = units[u][i % len];
		struct slice out = header_text(a, slice_make(big, GUARD_FIELD_MAX));
		assert_true(utf8_valid(out) && out.n <= GUARD_FIELD_MAX);
	}
	free(big);
}

/* --- subjects --------------------------------------------------------------------------------- */

struct subject {
	const char *in, *out;
	bool stripped;
};

static const struct subject subjects[] = {
    {"Meeting", "Meeting", false},
    {"Re: Meeting", "Meeting", true},
    {"RE: re: Re: Meeting", "Meeting", true},
    {"Re[2]: Meeting", "Meeting", true},
    {"Re(3): Meeting", "Meeting", true},
    {"Re^2: Meeting", "Meeting", true},
    {"Re2: Meeting", "Meeting", true},
    {"Re:Meeting", "Meeting", true},
    {"RE : Réunion", "Réunion", true},
    {"RE\xc2\xa0: Réunion", "Réunion", true},
    {"TR: Réunion", "Réunion", true},
    {"Rép : Réunion", "Réunion", true},
    {"AW: Treffen", "Treffen", true},
    {"Aw: WG: AW: Treffen", "Treffen", true},
    {"Antw: Vergadering", "Vergadering", true},
    {"SV: Møte", "Møte", true},
    {"RES: Reunião", "Reunião", true},
    {"ENC: Reunião", "Reunião", true},
    {"RV: Reunión", "Reunión", true},
    {"Odp: Spotkanie", "Spotkanie", true},
    {"YNT: Toplantı", "Toplantı", true},
    {"İLT: Toplantı", "Toplantı", true},
    {"Vá: Találkozó", "Találkozó", true},
    {"ΑΠ: Συνάντηση", "Συνάντηση", true},
    {"Ответ: Встреча", "Встреча", true},
    {"回复：会议", "会议", true},
    {"答复: 回复: 会议", "会议", true},
    {"转发：会议", "会议", true},
    {"返信: 会議", "会議", true},
    {"회신: 회의", "회의", true},
    {"رد: اجتماع", "اجتماع", true},
    {"השב: פגישה", "פגישה", true},
    {"Trả lời: Cuộc họp", "Cuộc họp", true},
    {"Fwd: Meeting", "Meeting", true},
    {"FW: Fwd: Meeting", "Meeting", true},
    {"[Fwd: Meeting]", "Meeting", true},
    {"Meeting (fwd)", "Meeting", true},
    {"[dc-access] Meeting", "Meeting", false},
    {"Re: [dc-access] Meeting", "Meeting", true},
    {"[dc-access] Re: Meeting", "Meeting", true},
    {"[dc-access 217] Re: [dc] Meeting", "Meeting", true},
    {"R: [dc-access] Riunione", "Riunione", true},
    {"R: Re: Riunione", "Riunione", true},
    {"  Re:   much \t  space  ", "much space", true},
    {"[Fwd: Meeting]\xc2\xa0", "Meeting", true},
    {"رد\xe2\x80\x8f: اجتماع", "اجتماع", true},
    {"Re:", "", true},
    {"", "", false},
    /* an author's title, not a mark */
    {"R: how to read a table", "R: how to read a table", false},
    {"I: Claudius", "I: Claudius", false},
    {"vs: which one", "vs: which one", false},
    {"[PATCH 2/3] io: fix", "[PATCH 2/3] io: fix", false},
    {"Re: [PATCH v2 3/5] io: fix", "[PATCH v2 3/5] io: fix", true},
    {"[RFC] numbering", "[RFC] numbering", false},
    {"[two words] title", "[two words] title", false},
    {"[tag]", "[tag]", false},
    {"Reply: yes", "Reply: yes", false},
    {"Regarding: x", "Regarding: x", false},
    {"Re", "Re", false},
    {"Re-think", "Re-think", false},
    {"Release: 2.0", "Release: 2.0", false},
    {"resume: attached", "resume: attached", false},
    {"12:30 lunch", "12:30 lunch", false},
};

static void
test_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(subjects); i++) {
		bool stripped = !subjects[i].stripped;
		struct slice got = subject_base(a, slice_str(subjects[i].in), &stripped);
		check(got, subjects[i].out, subjects[i].in);
		if (stripped != subjects[i].stripped)
			fail_msg("stripped: %s", subjects[i].in);
		/* what is stripped once has nothing left to strip */
		check(subject_base(a, got, NULL), subjects[i].out, subjects[i].in);
	}
}

/* --- dates ------------------------------------------------------------------------------------ */

static const struct pair dates[] = {
    {"Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    {"1 Jul 2003 10:52 +0200", "2003-07-01T08:52:00Z"},
    {"Tue, 1 Jul 2003 10:52:37 -0000", "2003-07-01T10:52:37Z"},
    {"Tue, 01 Jul 2003 10:52:37 +0200 (CEST)", "2003-07-01T08:52:37Z"},
    {"Tue, 1 (a (nested \\) one)) Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    {"Tue,\r\n 1\r\n Jul\r\n 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    {"Tue, 1 Jul 2003 10:52:37", "2003-07-01T10:52:37Z"}, /* zone missing */
    {"Tue, 1 Jul 03 10:52:37 GMT", "2003-07-01T10:52:37Z"},
    {"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"},
    {"21 Nov 103 09:55:06 GMT", "2003-11-21T09:55:06Z"}, /* RFC 5322 4.3 */
    {"Friday, 21-Nov-97 09:55:06 GMT", "1997-11-21T09:55:06Z"},
    {"Sun, 27 Oct 2002 23:57:07 EST", "2002-10-28T04:57:07Z"},
    {"Thu, 10 Jul 1997 14:53:31 EST5EDT", "1997-07-10T19:53:31Z"},
    {"Tue Jul  1 10:52:37 2003", "2003-07-01T10:52:37Z"}, /* ctime */
    {"Tue Jul  1 10:52:37 PDT 2003", "2003-07-01T17:52:37Z"},
    {"Tue Jul  1 10:52:37 2003 -0700", "2003-07-01T17:52:37Z"},
    {"2003-07-01T10:52:37Z", "2003-07-01T10:52:37Z"}, /* ISO 8601 */
    {"2003-07-01T10:52:37.123+02:00", "2003-07-01T08:52:37Z"},
    {"2003-07-01 10:52:37 -0700", "2003-07-01T17:52:37Z"},
    {"20030701T105237Z", "2003-07-01T10:52:37Z"},
    {"2003/07/01 10:52", "2003-07-01T10:52:00Z"},
    {"1.7.2003 10:52:37", "2003-07-01T10:52:37Z"},
    {"Tue, 1 Jul 2003 10.52.37 +0200", "2003-07-01T08:52:37Z"},
    {"July 1, 2003 1:05:09 PM", "2003-07-01T13:05:09Z"},
    {"July 1, 2003 12:05 AM", "2003-07-01T00:05:00Z"},
    {"Tue, 1 Jul 2003 10:52:37 GMT+0200", "2003-07-01T08:52:37Z"},
    {"Tue, 1 Jul 2003 10:52:37 UTC+2", "2003-07-01T08:52:37Z"},
    {"Tue, 1 Jul 2003 10:52:37 +0530", "2003-07-01T05:22:37Z"},
    {"Tue, 1 Jul 2003 10:52:37 +1400", "2003-06-30T20:52:37Z"},
    {"Tue, 1 Jul 2003 10:52:37 +9999", "2003-07-01T10:52:37Z"}, /* no such zone: UTC */
    {"Tue, 1 Jul 2003 10:52:37 XYZ", "2003-07-01T10:52:37Z"},
    {"Mar, 1 Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"}, /* mardi is not March */
    {"mar., 1 juil. 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    {"Di, 1 Okt 2002 10:52:37 +0200", "2002-10-01T08:52:37Z"},
    {"1 September 2003 10:52:37 +0000", "2003-09-01T10:52:37Z"},
    {"Tue, 31 Dec 1998 23:59:60 +0000", "1998-12-31T23:59:59Z"}, /* a leap second */
    {"29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00Z"},
    {"1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z"},
    {"31 Dec 2262 23:59:59 +0000", "2262-12-31T23:59:59Z"},
    {"by mx with SMTP id 1a2b3c; Mon, 10 Oct 2022 10:31:15 -0700 (PDT)", "2022-10-10T17:31:15Z"},
    {"1 Jul 2003 10:52:37 +0200,Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"},
    {"1 Jul 2003", "2003-07-01T00:00:00Z"},
};

static const char *const no_dates[] = {
    "",
    "yesterday",
    "Tue, 31 Feb 2003 10:52:37 +0200",
    "29 Feb 2023 00:00:00 +0000",
    "0 Jul 2003 10:52:37 +0200",
    "32 Jul 2003 10:52:37 +0200",
    "1 Jul 2003 25:61:00 +0000",
    "1 Jul 2003 24:00:00 +0000",
    "1 Jul 2003 10:60:00 +0000",
    "1 Jul 2003 10:52:61 +0000",
    "1 Jul 2003 13:05:00 AM",
    "1 Jul 1661992959 10:52:37 +0000",
    "1 Jul 24680 10:52:37 +0000",
    "1 Jul 1969 10:52:37 +0000",
    "1 Jul 2263 10:52:37 +0000",
    "1 Jan 1970 00:00:00 +0100",
    "Tue, 7 All 2026 19:14:51 +0000",
    "Tue, 7 00 2026 19:14:51 +0000",
    "2003-13-01T10:52:37Z",
    "10:52:37",
    "1 Jul 10:52:37 +0200",
    "(1 Jul 2003 10:52:37 +0200",
    "Sunday morning",
    "99999999999999999999",
};

static void
test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		int64_t t = -1;
		if (!date_parse(slice_str(dates[i].in), &t))
			fail_msg("refused: %s", dates[i].in);
		check(slice_str(clock_rfc3339(a, t)), dates[i].out, dates[i].in);
	}
	for (size_t i = 0; i < COUNT(no_dates); i++) {
		int64_t t;
		if (date_parse(slice_str(no_dates[i]), &t))
			fail_msg("taken as %s: %s", clock_rfc3339(a, t), no_dates[i]);
	}
}

/* Every day of four centuries' ends comes back from what we write. */
static void
test_dates_round(void **state)
{
	(void)state;
	for (int64_t t = 86399; t < 9246182400; t += 86400 * 31 + 12345) {
		int64_t back = -1;
		arena_reset(a);
		assert_true(date_parse(slice_str(clock_rfc5322(a, t)), &back));
		assert_int_equal(back, t);
		back = -1;
		assert_true(date_parse(slice_str(clock_rfc3339(a, t)), &back));
		assert_int_equal(back, t);
	}
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Every line at most 76 columns unless a single word is longer, ASCII, and no stray line. */
static void
check_lines(struct slice value, size_t used)
{
	struct slice rest = value, line;
	bool first = true;
	while (slice_next_line(&rest, &line)) {
		size_t columns = line.n + (first ? used : 0);
		if (columns > 76 && memchr(slice_trim(line).p, ' ', slice_trim(line).n))
			fail_msg("long line: %.*s", SLICE_ARG(line));
		assert_true(columns <= 998);
		assert_true(first || (line.n > 1 && line.p[0] == ' '));
		assert_true(first || slice_trim(line).n > 0);
		for (size_t i = 0; i < line.n; i++)
			assert_true(line.p[i] >= 0x20 && line.p[i] < 0x7f);
		first = false;
	}
}

static const char *const written[] = {
    "plain",
    "a subject that is long enough to be folded once at least, since it has many more words "
    "than fit into seventy-six columns",
    "two  spaces",
    "Ünïcödé",
    "[dc-access] Re: Barrierefreiheit für alle: Einladung zur nächsten Sitzung der Koalition",
    "动态联盟会议纪要：关于互联网治理论坛的无障碍问题，请各位成员在周五之前提出意见，谢谢大家的参"
    "与",
    "Встреча динамических коалиций и повестка дня на следующую неделю в Женеве",
    "=?utf-8?q?not=20decoded?=",
    "what is a = b ? c : d",
    "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂",
    "quote \" and back\\slash",
    "a, b; c: d <e@f> (g) [h]",
    "",
};

static void
test_put(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < COUNT(written); i++) {
		for (size_t used = 0; used < 100; used += 9) {
			buf_clear(&b);
			header_put_text(&b, slice_str(written[i]), used);
			check_lines(buf_slice(&b), used < 60 ? used : 0);
			check(header_text(a, buf_slice(&b)), written[i], "written");
		}
	}
	buf_free(&b);
}

static const struct pair phrases[] = {
    {"Jane Doe", "Jane Doe"},
    {"Jane Q. Doe", "\"Jane Q. Doe\""},
    {"Doe, Jane", "\"Doe, Jane\""},
    {"say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""},
    {"evil\r\nBcc: x@y", "\"evil Bcc: x@y\""},
    {"José", "=?UTF-8?B?Sm9zw6k=?="},
    {"Renée Dupont", "=?UTF-8?Q?Ren=C3=A9e_Dupont?="},
    {"日本", "=?UTF-8?B?5pel5pys?="},
    {"=?utf-8?q?x?=", "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?="},
    {"", ""},
};

static void
test_phrase(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < COUNT(phrases); i++) {
		buf_clear(&b);
		header_put_phrase(&b, slice_str(phrases[i].in), 6);
		check(buf_slice(&b), phrases[i].out, phrases[i].in);
	}
	buf_free(&b);
}

static void
test_put_hostile(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	header_put_text(&b, slice_str("x\r\nBcc: victim@example.org\r\n\r\nbody\x01\x7f"), 9);
	check(buf_slice(&b), "x Bcc: victim@example.org  body", "injection");
	char *longest = malloc(5000);
	memset(longest, 'x', 5000); /* no place to fold: must be encoded */
	buf_clear(&b);
	header_put_text(&b, slice_make(longest, 5000), 9);
	check_lines(buf_slice(&b), 9);
	assert_int_equal(header_text(a, buf_slice(&b)).n, 5000);
	free(longest);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unfold, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_linear, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_subjects, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_dates, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_dates_round, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_put, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_phrase, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_put_hostile, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
