/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies to digests: which subjects and ids are a digest's, which of its messages a quote means,
 * and that the right place is found whichever comes last, reply or message.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "archive/digest_quote.h"
#include "base/clock.h"
#include "conf/text.h"
#include "mail/msgid.h"
#include "tests/unit/archive_site.h"

/* --- subjects and ids ------------------------------------------------------------------------- */

static void
subjects_of_digests(void **state)
{
	static const char *const yes[] = {
	    "USRP-users Digest, Vol 119, Issue 33",
	    "Re: [USRP-users] Re: [EXT] USRP-users Digest, Vol 137, Issue 39",
	    "Twisted-Python digest, Vol 1 #371 - 3 msgs",
	    "Ticket 1138 Re: Twisted-Python Digest, Vol 60, Issue 12",
	    "Lot Dc-access, Vol 12, Parution 4",
	    "RE : Liste Nachrichtensammlung, Band 3, Eintrag 14",
	    "Resumen de Lista, Vol 3, Envío 2",
	    "Resum de Llista, Vol 3, Número 2",
	    "Digest di Lista, Volume 3, Numero 2",
	    "Digest Lista, volume 3, assunto 2",
	    "Дайджест списка, Том 3, Выпуск 2",
	    "Lijst Verzamelmail, Volume 3, Nummer 2",
	    "Lista まとめ読み, 3 巻, 5 号",
	    "DC on Accessibility : recueil, vol 3, numéro 2",
	    "DC on Accessibility: compendio, vol. 3, núm. 2",
	    "Re: DC on Accessibility: дайджест, том 3, выпуск 2",
	    "回复：DC on Accessibility 摘要，第 3 卷第 2 期",
	    "النشرة المجمعة لقائمة DC on Accessibility، المجلد 3، العدد 2",
	};
	static const char *const no[] = {
	    "PATCH: twisted.web.client Basic/Digest Authentication",
	    "ESMTP: method DIGEST-MD5 and IP authenticator",
	    "Welcome to the \"X\" mailing list (Digest mode)",
	    "Digest, Vol 3",
	    "the digest of 2017 and its volume 3 issue 4 is not what I expected",
	    "Lots of volunteers: 3 of 5 came, and more are wanted",
	    "Weekly digest",
	    "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (!digest_subject(slice_str(yes[i])))
			fail_msg("not known: %s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (digest_subject(slice_str(no[i])))
			fail_msg("taken for one: %s", no[i]);
}

static void
ids_of_digests(void **state)
{
	bool ours;

	(void)state;
	assert_true(digest_id(SLICE("mailman.55.1594828802.23673.l@lists.example.org"), &ours));
	assert_false(ours);
	assert_true(
	    digest_id(SLICE("digest-06a3qv5k9z8w7t6r5s4n3m2p1k-en@lists.example.org"), &ours));
	assert_true(ours);
	assert_false(digest_id(SLICE("digest-of-it@lists.example.org"), &ours));
	assert_false(digest_id(SLICE("mailman.example.1@x"), &ours));
	assert_false(digest_id(SLICE("mailman.1.2.3"), &ours));
	assert_false(digest_id(SLICE(""), &ours));
}

/* --- places ----------------------------------------------------------------------------------- */

/* Posts as a digest has them. */
static const struct post {
	const char *id, *from, *subject, *refs, *text;
	int minute; /* after START */
} posts[] = {
    {"fund@x", "Ann Lee <ann@example.org>", "Travel funding for the meeting", NULL,
     "The host country offers to pay the travel of ten people from small islands,\n"
     "if we name them before the end of March. Who would like to go to the meeting?\n"
     "Please write to me and say which sessions you want to take part in.\n",
     0},
    {"fund2@x", "Bob Okoro <bob@example.net>", "Re: Travel funding for the meeting", "fund@x",
     "I would like to go, and I know two more from the Pacific who should be asked.\n"
     "Is there help with visas too, or do we have to see to that by ourselves?\n",
     61},
    {"caption@x", "Zoë Martin <zoe@example.com>", "Captions in the plenary", NULL,
     "The captions of the last plenary came twenty seconds late and had no names.\n"
     "We should ask for a test with the captioners on the day before it begins.\n",
     127},
};

static struct slice
post_text(struct arena *a, const struct post *p)
{
	return slice_str(arena_printf(
	    a, "From: %s\nDate: %s\nMessage-ID: <%s>\n%s%s%sSubject: %s\n\n%s", p->from,
	    clock_rfc5322(a, START + 60 * p->minute), p->id, p->refs ? "References: <" : "",
	    p->refs ? p->refs : "", p->refs ? ">\n" : "", p->subject, p->text));
}

static const char subject_digest[] = "Re: L Digest, Vol 3, Issue 2";
static const char ref_mailman[] = "mailman.1.1000000000.42.l@lists.example.org";
#define SUBJECT subject_digest
#define REF ref_mailman
#define OURS "digest-06a3qv5k9z8w7t6r5s4n3m2p1k@lists.example.org"
#define WHOLE                                                                                      \
	"> Send L mailing list submissions to\n>\tl@lists.example.org\n> or to\n"                  \
	">\tl-request@lists.example.org\n>\n> Today's Topics:\n>\n"                                \
	">    1. Travel funding for the meeting (Ann Lee)\n"                                       \
	">    2. Re: Travel funding for the meeting (Bob Okoro)\n"                                 \
	">    3. Captions in the plenary (Zoë Martin)\n>\n"
#define HEAD_ANN                                                                                   \
	"> Message: 1\n> Date: Sun, 09 Sep 2001 01:46:40 +0000\n> From: Ann Lee "                  \
	"<ann@example.org>\n"                                                                      \
	"> Subject: Travel funding for the meeting\n>\n"
#define TEXT_ANN                                                                                   \
	"> The host country offers to pay the travel of ten people from small islands,\n"          \
	"> if we name them before the end of March. Who would like to go to the meeting?\n"
#define HEAD_BOB                                                                                   \
	"> Message: 2\n> Date: Sun, 09 Sep 2001 02:47:40 +0000\n> From: Bob Okoro "                \
	"<bob@example.net>"                                                                        \
	"\n> Subject: Re: Travel funding for the meeting\n>\n"
#define TEXT_BOB "> Is there help with visas too, or do we have to see to that by ourselves?\n"
#define HEAD_ZOE                                                                                   \
	"> Message: 3\n> Date: Sun, 09 Sep 2001 03:53:40 +0000\n> From: Zoë Martin "              \
	"<zoe@example.com>\n> Subject: Captions in the plenary\n>\n"
#define TEXT_ZOE "> The captions of the last plenary came twenty seconds late and had no names.\n"
#define ALL WHOLE HEAD_ANN TEXT_ANN "> ----\n>\n" HEAD_BOB TEXT_BOB "> ----\n>\n" HEAD_ZOE TEXT_ZOE

static const struct reply {
	const char *what, *from, *subject, *ref, *text;
	const char *parent; /* a Message-ID; NULL: it begins a thread */
} replies[] = {
    {"header lines above a quote", "Dee <d@e.org>", SUBJECT, REF,
     HEAD_BOB TEXT_BOB "\nThe embassy helps.\n", "fund2@x"},
    {"a date and no other sign", "Dee <d@e.org>", SUBJECT, REF,
     "> From: Somebody <x@y.example>\n> Date: Sun, 09 Sep 2001 03:53:40 +0000\n>\n> yes\n\nNo.\n",
     "caption@x"},
    {"a quoted Message-ID", "Dee <d@e.org>", SUBJECT, REF,
     "> From: Ann Lee <ann@example.org>\n> Message-ID: <fund@x>\n>\n> yes\n\nNo.\n", "fund@x"},
    {"a Message-ID that an archive hid", "Dee <d@e.org>", SUBJECT, NULL,
     "> From: Ann Lee <ann at example.org>\n> Message-ID:\n>\t<fund at x>\n>\n> yes\n\nNo.\n",
     "fund@x"},
    {"an attribution with another zone's time", "Dee <d@e.org>", SUBJECT, REF,
     "On Sep 9, 2001, at 5:53 AM, Zoë Martin wrote:\n\n> so it is\n\nIndeed.\n", "caption@x"},
    {"an attribution in French", "Dee <d@e.org>", SUBJECT, REF,
     "Le 8 septembre 2001 à 22:47, Bob Okoro <bob@example.net> a écrit :\n\n> oui\n\nVoilà.\n",
     "fund2@x"},
    {"an author at another time", "Dee <d@e.org>", SUBJECT, REF,
     "On Sep 9, 2001, at 5:57 AM, Zoë Martin wrote:\n\n> so it is\n\nIndeed.\n", NULL},
    {"words wrapped anew", "Dee <d@e.org>", SUBJECT, NULL,
     "> We should ask for a test with the\n> captioners on the day\n> before it begins.\n\nYes!\n",
     "caption@x"},
    {"three quotes, an answer to the second", "Dee <d@e.org>", SUBJECT, REF,
     HEAD_ANN TEXT_ANN ">\n" HEAD_BOB TEXT_BOB "\nThe embassy helps.\n\n" HEAD_ZOE TEXT_ZOE,
     "fund2@x"},
    {"three quotes, the answer above them", "Dee <d@e.org>", SUBJECT, REF,
     "I agree.\n\n" HEAD_ANN TEXT_ANN ">\n" HEAD_BOB TEXT_BOB ">\n" HEAD_ZOE TEXT_ZOE, "fund@x"},
    {"three quotes by words alone", "Dee <d@e.org>", SUBJECT, REF,
     TEXT_BOB "\nThe embassy helps.\n\n" TEXT_ANN "\nSo it was.\n", "fund2@x"},
    {"the whole digest, something new", "Dee <d@e.org>", SUBJECT, REF,
     "Hello all, how does one join the working group?\n\n" ALL, NULL},
    {"the whole digest, a person addressed", "Dee <d@e.org>", SUBJECT, REF,
     "Dear Zoë,\nthank you.\n\n" ALL, "caption@x"},
    {"the whole digest, two of one conversation", "Dee <d@e.org>", SUBJECT, REF,
     "Ann, Bob, thank you.\n\n" ALL, "fund2@x"},
    {"the whole digest, two of different ones", "Dee <d@e.org>", SUBJECT, REF,
     "Ann, Zoë, thank you.\n\n" ALL, NULL},
    {"the whole digest, by one whose post was answered", "Ann Lee <ann@example.org>", SUBJECT, REF,
     "Thanks, I shall ask about visas.\n\n" ALL, "fund2@x"},
    {"the whole digest, an answer within", "Dee <d@e.org>", SUBJECT, REF,
     WHOLE HEAD_ANN TEXT_ANN ">\n" HEAD_BOB TEXT_BOB "\nThe embassy helps.\n", "fund2@x"},
    {"the table of contents and a person", "Dee <d@e.org>", SUBJECT, REF,
     "Hi Zoë, you are right.\n\n" WHOLE, "caption@x"},
    {"the digest without quote marks", "Dee <d@e.org>", SUBJECT, REF,
     "Thank you, Bob.\n\nl-request@lists.example.org wrote:\n"
     "Send L mailing list submissions to\nl@lists.example.org\n\nToday's Topics:\n\n"
     "1. Re: Travel funding for the meeting (Bob Okoro)\n\n\nMessage: 1\n"
     "Date: Sun, 09 Sep 2001 02:47:40 +0000\nFrom: Bob Okoro \n"
     "Subject: Re: Travel funding for the\nmeeting\nTo: L\n\nI would like to go.\n",
     "fund2@x"},
    {"a message below the reply", "Dee <d@e.org>", SUBJECT, REF,
     "So it was.\n\n---- Original Message ----\nFrom:\tZoë Martin\nDate:\tSun 9/9/01 5:53\n"
     "To:\tl@lists.example.org\nSubject:\tCaptions in the plenary\n\n"
     "The captions of the last plenary came twenty seconds late and had no names.\n",
     "caption@x"},
    {"marks behind a space", "Dee <d@e.org>", SUBJECT, NULL,
     "Zoë writes:\n\n >> who says what?\n >\n >The captions of the last plenary came twenty "
     "seconds\n >late and had no names.\n\nSo it was.\n",
     "caption@x"},
    {"nothing quoted", "Dee <d@e.org>", SUBJECT, REF, "How does one join?\n", NULL},
    {"a subject of its own, to our digest", "Dee <d@e.org>", "Re: Captions in the plenary", OURS,
     "I agree.\n", "caption@x"},
    {"a subject from the table of contents", "Dee <d@e.org>",
     "Captions in the plenary (Zoë Martin)", REF, "I agree.\n", "caption@x"},
    {"a new subject to our digest", "Dee <d@e.org>", "Joining the working group", OURS, "How?\n",
     NULL},
    {"a reference of a digest's form, and no sign", "Dee <d@e.org>", "Re: Joining the group", REF,
     "So?\n", REF},
    {"a reference that is a message", "Dee <d@e.org>", SUBJECT, "caption@x",
     HEAD_ANN TEXT_ANN "\nYes.\n", "caption@x"},
};

static struct slice
reply_text(struct arena *a, const struct reply *r)
{
	return slice_str(
	    arena_printf(a,
			 "From: %s\nDate: %s\nMessage-ID: <reply@x>\n%s%s%sSubject: %s\n"
			 "Content-Type: text/plain; charset=utf-8\n\n%s",
			 r->from, clock_rfc5322(a, START + 2 * DAY), r->ref ? "In-Reply-To: <" : "",
			 r->ref ? r->ref : "", r->ref ? ">\n" : "", r->subject, r->text));
}

static void
check_parent(struct archive_site *s, const struct reply *r)
{
	struct overview *ov = archive_overview(s->archive);
	struct overview_message m, up;

	assert_int_equal(overview_by_msgid(ov, s->arena, "l", SLICE("reply@x"), &m, NULL), 1);
	/* Where only the form of an id says digest, pages do not. */
	assert_int_equal(m.digest,
			 r->ref != ref_mailman || strcmp(r->subject, subject_digest) == 0);
	if (m.parent == 0) {
		if (r->parent)
			fail_msg("%s: not found", r->what);
		return;
	}
	assert_int_equal(overview_by_id(ov, s->arena, m.parent, &up, NULL), 1);
	if (!r->parent || !slice_is(up.msgid, r->parent))
		fail_msg("%s: found %.*s", r->what, SLICE_ARG(up.msgid));
}

/* The reply last, first, and in the middle. */
static void
replies_find_their_place(void **state)
{
	const size_t nposts = sizeof posts / sizeof *posts;

	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
		for (size_t at = 0; at <= nposts; at++) {
			struct archive_site s;

			site_new(&s);
			site_lock(&s);
			for (size_t k = 0; k <= nposts; k++) {
				struct slice text = k == at
							? reply_text(s.arena, &replies[i])
							: post_text(s.arena, &posts[k - (k > at)]);

				assert_int_equal(site_add(&s, text), ARCHIVE_STORED);
			}
			check_parent(&s, &replies[i]);
			site_free(&s);
		}
}

/* --- pages ------------------------------------------------------------------------------------ */

static const char *
page(struct archive_site *s, const char *format, const char *id)
{
	char key[KEY_SIZE];
	struct slice text;
	struct err e;

	msgid_key(slice_str(id), key);
	if (file_read(AT_FDCWD,
		      arena_printf(s->arena, "%s/html/l/%s/%s/index.html", s->dir, format, key),
		      1 << 24, s->arena, &text, &e) < 0)
		fail_msg("%s", e.text);
	return text.p;
}

static void
write_pages(struct archive_site *s)
{
	struct err e = {0};
	int64_t n;

	while ((n = archive_write_pages(s->archive, 1000, &e)) > 0)
		continue;
	if (n < 0)
		fail_msg("%s", e.text);
}

static void
pages_say_what_is_known(void **state)
{
	static const char note[] = "This answers a digest";
	const struct reply *r = &replies[0];
	struct archive_site s;
	struct err e;

	(void)state;
	site_new(&s);
	if (text_load(&e) < 0)
		fail_msg("%s", e.text);
	site_lock(&s);
	assert_int_equal(site_add(&s, reply_text(s.arena, r)), ARCHIVE_STORED);
	write_pages(&s);
	/* What it quotes gives its thread a name, though it is not there. */
	assert_non_null(strstr(page(&s, "t", "reply@x"), note));
	assert_non_null(strstr(page(&s, "m", "reply@x"), note));
	assert_non_null(strstr(page(&s, "t", "reply@x"), "<h1><bdi>Travel funding"));
	assert_non_null(strstr(page(&s, "m", "reply@x"), "<h1><bdi>Re: L Digest, Vol 3"));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(site_add(&s, post_text(s.arena, &posts[i])), ARCHIVE_STORED);
	write_pages(&s);
	assert_null(strstr(page(&s, "m", "reply@x"), note));
	assert_non_null(strstr(page(&s, "m", "reply@x"), "<h1><bdi>Re: L Digest, Vol 3"));
	assert_non_null(strstr(page(&s, "t", "fund@x"), "The embassy helps."));
	assert_null(strstr(page(&s, "t", "fund@x"), "Digest, Vol 3"));
	/* The way from where it was. */
	assert_non_null(strstr(page(&s, "t", "reply@x"), "The embassy helps."));
	archive_unlock(s.archive);
	text_unload();
	site_free(&s);
}

/* --- what is withdrawn, and what is hostile --------------------------------------------------- */

static void
the_withdrawn_leave_no_trace(void **state)
{
	struct archive_site s;
	struct overview_message m;
	struct err e = {0};
	char key[KEY_SIZE];
	const char *before;

	(void)state;
	site_new(&s);
	site_lock(&s);
	assert_int_equal(site_add(&s, post_text(s.arena, &posts[1])), ARCHIVE_STORED);
	msgid_key(SLICE("fund2@x"), key);
	if (archive_withdraw(s.archive, "l", slice_str(key), "asked for", false, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(site_add(&s, reply_text(s.arena, &replies[0])), ARCHIVE_STORED);
	assert_int_equal(overview_by_msgid(archive_overview(s.archive), s.arena, "l",
					   SLICE("reply@x"), &m, NULL),
			 1);
	assert_int_equal(m.parent, 0);
	/* Made again from the log, it is all the same. */
	before = site_dump(&s, s.arena);
	if (archive_rebuild(s.archive, "l", NULL, NULL, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(site_dump(&s, s.arena), before);
	site_free(&s);
}

static void
long_quotes_are_bounded(void **state)
{
	static const char *const lines[] = {
	    "> From: Ann Lee <ann@example.org>",
	    "> Subject: s",
	    "> text",
	    "own words",
	    "",
	    ">    1. a subject (Ann)",
	    "l-request@lists.example.org wrote:",
	    "> 7:61 99999999",
	    "> Date: 9",
	    "> Message-ID: <",
	    ">>>>>>>>>>>>",
	    ">",
	    "On 1 May 2001, 7:5, Ann wrote:",
	};
	struct arena *a = arena_new();
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct digest_evidence ev, again;
		struct text_line *ls;
		struct buf b;
		size_t n;

		buf_init(&b, BUF_NO_LIMIT);
		for (int i = 0; i < (round == 0 ? 60000 : 60); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			buf_printf(&b, "%s\n",
				   lines[(seed >> 33) % (sizeof lines / sizeof *lines)]);
		}
		n = readable_lines(a, buf_slice(&b), &ls);
		digest_quote_read(&ev, a, SLICE("Ann Lee"), SLICE(""), ls, n);
		assert_true(ev.nnames <= DIGEST_NAMES_MAX && ev.nruns <= DIGEST_RUNS_MAX);
		assert_true(digest_unpack(&again, a, digest_pack(&ev, a)));
		assert_int_equal(again.nruns, ev.nruns);
		assert_int_equal(again.minute, ev.minute);
		assert_false(digest_unpack(&again, a, slice_sub(digest_pack(&ev, a), 0, 60)));
		buf_free(&b);
		arena_reset(a);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subjects_of_digests),
	    cmocka_unit_test(ids_of_digests),
	    cmocka_unit_test(replies_find_their_place),
	    cmocka_unit_test(pages_say_what_is_known),
	    cmocka_unit_test(the_withdrawn_leave_no_trace),
	    cmocka_unit_test(long_quotes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
