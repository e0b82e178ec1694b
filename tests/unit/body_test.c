/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies as HTML: whose words are folded and whose never, what flows and what keeps its columns,
 * HTML mail, forwarded mail, attachments.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "archive/body.h"
#include "archive/mask.h"
#include "base/arena.h"
#include "mail/attachments.h"

static struct arena *a;
static struct buf b;

static const char *
body(const char *message)
{
	struct body_style style = {"en", "lists.example.org", SLICE("plain English words"), NULL};
	struct message m;

	message_parse(&m, a, slice_str(message));
	buf_clear(&b);
	body_put(&b, a, &m, &style);
	return buf_str(&b);
}

#define HEAD "From: Ada <ada@example.org>\nSubject: x\n"
#define PLAIN HEAD "\n"

static void
has(const char *html, const char *part)
{
	if (!strstr(html, part))
		fail_msg("not in it: %s\n%s", part, html);
}

static void
has_not(const char *html, const char *part)
{
	if (strstr(html, part))
		fail_msg("in it: %s\n%s", part, html);
}

static void
test_paragraphs(void **state)
{
	(void)state;
	assert_string_equal(body(PLAIN "One.\n\nTwo & <three>.\n"),
			    "<p>One.</p>\n<p>Two &amp; &lt;three&gt;.</p>\n");
	/* Broken at the margin by a mailer: flows. */
	assert_string_equal(
	    body(PLAIN "This is a line that some mailer has broken at its right margin because\n"
		       "the next word did not fit any more; it was not the author who did that,\n"
		       "so it flows.\n"),
	    "<p>This is a line that some mailer has broken at its right margin because\n"
	    "the next word did not fit any more; it was not the author who did that,\n"
	    "so it flows.</p>\n");
	/* Broken twice, at two margins: flows. */
	has_not(body(PLAIN "this was broken by one mailer at its margin, then by the next at a\n"
			   "shorter one,\nso it came with teeth like those of a comb, as happens "
			   "with\nlong quotes\nthat went around.\n"),
		"<br>");
	/* Broken by the author: stays. */
	has(body(PLAIN "2026-11-22 12:00:01 connection from somewhere that has a name\n"
		       "2026-11-22 12:00:02 closed\n2026-11-22 12:00:03 opened\n"),
	    "closed<br>");
	assert_string_equal(body(PLAIN "Roses are red\nviolets are blue\n"),
			    "<p>Roses are red<br>\nviolets are blue</p>\n");
	assert_string_equal(body(PLAIN "To do:\n- one\n- two\n"),
			    "<p>To do:<br>\n- one<br>\n- two</p>\n");
}

static void
test_columns(void **state)
{
	const char *html;

	(void)state;
	has(body(PLAIN "name     size   date\na.txt    12     May\nb.txt    7      June\n"),
	    "<pre tabindex=\"0\">name     size   date\na.txt    12     May\nb.txt    7      "
	    "June</pre>");
	has(body(PLAIN "    int x = 1;\n\n    if (x)\n        y();\n"),
	    "<pre tabindex=\"0\">int x = 1;\n\nif (x)\n    y();</pre>");
	has(body(PLAIN "| a | b |\n|---|---|\n| 1 | 2 |\n"), "<pre tabindex=\"0\">| a | b |\n");
	html = body(PLAIN "Try this:\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old <b>\n+new\n");
	has(html, "<p>Try this:</p>");
	has(html, "<del>-old &lt;b&gt;</del>\n<ins>+new</ins>");
	/* A sentence is no table, whatever its spaces. */
	has_not(body(PLAIN "First.  Second.  Third.\nFourth.  Fifth.\n"), "<pre");
}

#define LONG_QUOTE "> 1\n> 2\n> 3\n> 4\n> 5\n> 6\n> 7\n"

static void
test_quotes(void **state)
{
	const char *html;

	(void)state;
	/* At the end, below one's own words: folded under who is quoted. */
	html = body(PLAIN "I agree.\n\nOn Mon, 3 May 2010, Bob <bobby@example.org> wrote:\n"
			  "> one\n> two\n");
	has(html, "<p>I agree.</p>");
	has(html, "<details><summary><bdi>On Mon, 3 May 2010, Bob &lt;b…@example.org&gt; wrote:"
		  "</bdi> <small>2 lines</small></summary>\n<blockquote><p>one<br>\ntwo</p>");
	has_not(html, "bobby@");
	/* Short and answered below: open. */
	html = body(PLAIN "> Is it?\n\nYes.\n");
	has(html, "<blockquote><p>Is it?</p>\n</blockquote>");
	has_not(html, "<details>");
	/* Long and answered: folded; the answer never. */
	html = body(PLAIN LONG_QUOTE "\nMy answer.\n");
	has(html, "<details><summary>Quoted text <small>7 lines</small></summary>");
	has(strstr(html, "</details>"), "<p>My answer.</p>");
	/* Nothing but a quote: nothing is hidden. */
	has_not(body(PLAIN LONG_QUOTE), "<details>");
	/* Quotes in quotes. */
	html = body(PLAIN "> > deep\n> less\n\nOwn.\n");
	has(html, "<blockquote><blockquote><p>deep</p>\n</blockquote>\n<p>less</p>");
}

static void
test_signature(void **state)
{
	const char *html = body(PLAIN "Hello.\n\n-- \nAda <b>\nhttps://a.org/\n");

	(void)state;
	has(html, "<p>Hello.</p>\n<p class=\"sig\">Ada &lt;b&gt;<br>\n<a ");
	has_not(html, "-- ");
}

#define HTML_HEAD HEAD "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"

static void
test_html(void **state)
{
	const char *html;
	struct buf mail;

	(void)state;
	html = body(HTML_HEAD "<p onclick=x>Hi <b>you</b><script>alert(1)</script> "
			      "<img src=http://t/x.gif> <a href='javascript:x'>j</a> "
			      "<a href='https://a.org/'>ok</a></p>");
	has(html, "you");
	has(html, "<a rel=\"nofollow\" href=\"https://a.org/\">ok</a>");
	has_not(html, "script");
	has_not(html, "onclick");
	has_not(html, "x.gif");
	buf_init(&mail, BUF_NO_LIMIT);
	buf_puts(&mail, HTML_HEAD "<div>Top.</div><div>On Mon, May 3, 2010 at 10:00 AM Bob "
				  "&lt;bobby@example.org&gt; wrote:<br><blockquote>");
	for (int i = 0; i < 60; i++)
		buf_puts(&mail, "<p>Some quoted line.</p>");
	buf_puts(&mail, "</blockquote></div>");
	html = body(buf_str(&mail));
	has(html, "<details><summary>Quoted text <small>60 lines</small></summary>\n<blockquote");
	has_not(html, "bobby@");
	buf_free(&mail);
	/* A blockquote that nobody introduces is the author's own layout. */
	buf_init(&mail, BUF_NO_LIMIT);
	buf_puts(&mail, HTML_HEAD "<p>My favourite poem</p><blockquote>");
	for (int i = 0; i < 60; i++)
		buf_puts(&mail, "<p>Some line of it.</p>");
	buf_puts(&mail, "</blockquote>");
	has_not(body(buf_str(&mail)), "<details>");
	buf_free(&mail);
}

#define MIXED                                                                                      \
	HEAD "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee "         \
	     "attached.\n--b\n"

static void
test_parts(void **state)
{
	static const char message[] =
	    MIXED "Content-Type: application/pdf; name=\"../../a b<c>.pdf\"\n"
		  "Content-Disposition: attachment; filename=\"../../a b<c>.pdf\"\n"
		  "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQ=\n"
		  "--b\nContent-Type: image/png\nContent-Disposition: attachment\n\nxxx\n"
		  "--b\nContent-Type: text/html\nContent-Disposition: attachment; "
		  "filename=index.html\n\n<script>x</script>\n"
		  "--b\nContent-Type: message/rfc822\n\nFrom: Bob <bobby@example.org>\nSubject: "
		  "<inner>\n\nInner text.\n--b\n\nAfter.\n--b--\n";
	struct attachment *at;
	struct message m;
	const char *html = body(message);

	(void)state;
	has(html, "<p>See attached.</p>");
	has(html, "<details class=\"fwd\"><summary>");
	has(html, "&lt;inner&gt;");
	has(html, "<p>Inner text.</p>");
	has(strstr(html, "</div></details>"), "<p>After.</p>");
	message_parse(&m, a, slice_str(message));
	assert_int_equal(attachments_of(a, &m, &at), 3);
	assert_int_equal(at[0].number, 1);
	assert_true(slice_is(at[0].type, "application/pdf"));
	assert_int_equal(at[0].size, 8);
	assert_true(slice_is(at[0].file, "a b_c_.pdf"));
	assert_true(slice_is(at[1].name, "part-2.png"));
	assert_true(slice_is(at[2].file, "_index.html"));
}

/* --- what is no text ---------------------------------------------------------------------------
 */

#define PART(type, body) "--b\nContent-Type: " type "\n\n" body "\n"
#define PIXEL                                                                                      \
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5"  \
	"ErkJggg=="
#define PICTURE(head) "--b\n" head "Content-Transfer-Encoding: base64\n\n" PIXEL "\n"

static void
test_cards(void **state)
{
	const char *html;

	(void)state;
	html = body(
	    MIXED PART("text/calendar; method=REQUEST",
		       "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Board <1>\n"
		       "DTSTART;TZID=Europe/Paris:20261122T140000\nDTEND:20261122T153000\n"
		       "LOCATION:Room 4\nORGANIZER:mailto:bobby@example.org\nRRULE:FREQ=WEEKLY\n"
		       "END:VEVENT\nEND:VCALENDAR") "--b--\n");
	has(html, "<caption>Invitation</caption>");
	has(html, "Board &lt;1&gt;");
	has(html, "<time datetime=\"2026-11-22T14:00\">22 November 2026, 14:00</time>–15:30 "
		  "(Europe/Paris), every week</td>");
	has(html, "b…@example.org");
	has_not(html, "bobby@");
	/* A day that ends as it begins does not end on the day before. */
	html = body(MIXED PART("text/calendar", "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261122\n"
						"DTEND;VALUE=DATE:20261122\nEND:VEVENT") "--b--\n");
	has(html, "<td dir=\"auto\"><time datetime=\"2026-11-22\">22 November 2026</time></td>");
	/* The same beside itself is said once. */
	html = body(MIXED PART("text/calendar", "BEGIN:VEVENT\nSUMMARY:One\nEND:VEVENT")
			PART("application/ics", "BEGIN:VEVENT\nSUMMARY:One\nEND:VEVENT") "--b--\n");
	has(html, "One");
	has_not(strstr(html, "One") + 1, "One");
	html = body(MIXED PART("text/vcard", "BEGIN:VCARD\nFN:Bob <b>\nORG:Coalition\n"
					     "EMAIL:bobby@example.org\nEND:VCARD") "--b--\n");
	has(html, "<caption>Visiting card</caption>");
	has(html, "Bob &lt;b&gt;");
	has_not(html, "bobby@");
}

static void
test_reports(void **state)
{
	const char *html = body(
	    HEAD "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n" PART(
		"text/plain", "It did not arrive.")
		PART("message/delivery-status",
		     "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bobby@example.org\n"
		     "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 <nobody> here")
		    PART("text/rfc822-headers", "Subject: <old>\nTo: bobby@example.org") "--b--\n");

	(void)state;
	has(html, "<p>It did not arrive.</p>");
	has(html, "<caption>Delivery report</caption>");
	has(html, "b…@example.org</th><td>not delivered <small dir=\"auto\">5.1.1 ");
	has(html, "550 &lt;nobody&gt; here");
	has(html, "<summary>Header of the returned message</summary>");
	has(html, "&lt;old&gt;");
	has_not(html, "bobby@");
}

static void
test_signed(void **state)
{
	const char *html;

	(void)state;
	html = body(HEAD "MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b;\n "
			 "protocol=\"application/pgp-signature\"\n\n" PART("text/plain", "Words.")
			     PART("application/pgp-signature", "-----BEGIN") "--b--\n");
	has(html, "<p>Words.</p>");
	has(html, "<p class=\"note\">Signed with OpenPGP; the signature is attached.</p>");
	html = body(HEAD "MIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=b;\n "
			 "protocol=\"application/pgp-encrypted\"\n\n" PART(
			     "application/pgp-encrypted", "Version: 1")
			     PART("application/octet-stream", "x") "--b--\n");
	has(html, "This message is encrypted with OpenPGP");
	html = body(HEAD "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n");
	has(html, "encrypted with S/MIME");
	html = body(HEAD "Content-Type: application/pkcs7-mime; smime-type=signed-data; "
			 "name=smime.p7m\nContent-Transfer-Encoding: "
			 "base64\n\nMEoGCSqGSIb3DQEHAqA9MDsCAQExADA0BgkqhkiG9w0BBwGgJwQlQ29udGVudC1"
			 "UeXBlOiB0ZXh0L3BsYWluDQoNCkluc2lkZS4NCg==\n");
	has(html, "<p>Inside.</p>");
	has(html, "Signed with S/MIME; the signature is in the attached file.");
	html = body(PLAIN "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWords.\n"
			  "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n");
	has(html, "<p>Words.</p>");
	has(html, "Signed with OpenPGP");
	has_not(html, "iQEz");
	has_not(html, "BEGIN PGP");
}

static void
test_pictures(void **state)
{
	const char *html;
	struct buf placed;

	(void)state;
	/* In an HTML mail at its place, and there only. */
	html = body(MIXED PICTURE("Content-Type: image/png; name=a.png\nContent-ID: <x@y>\n") PART(
	    "text/html", "<p>Look: <img src='cid:x@y' alt='a cat'></p>") "--b--\n");
	has(html,
	    "<p>Look: <img src=\"" BODY_FOLDER "1/a.png\" alt=\"a cat\" loading=\"lazy\"></p>");
	has_not(html, "class=\"picture\"");
	buf_init(&placed, BUF_NO_LIMIT);
	body_place(&placed, slice_str(html), SLICE("../m/k/"));
	has(buf_str(&placed), "src=\"../m/k/1/a.png\"");
	buf_free(&placed);
	/* Among the parts. */
	html = body(MIXED PICTURE("Content-Type: image/png; name=\"a b.png\"\n") "--b--\n");
	has(html, "<p class=\"picture\"><img src=\"" BODY_FOLDER "1/a%20b.png\" alt=\"a b.png\"");
	has(body(MIXED PICTURE(
		"Content-Type: image/png; name=\"of adalovelace@example.org.png\"\n") "--b--\n"),
	    "alt=\"of ada…@example.org.png\"");
	/* What the server would call otherwise, what is no picture, what may hold a program: none.
	 */
	has_not(body(MIXED PICTURE("Content-Type: image/png; name=a.html\n") "--b--\n"), "<img");
	has_not(body(MIXED PART("image/png; name=a.png", "<script>alert(1)</script>") "--b--\n"),
		"<img");
	has_not(body(MIXED PART("image/svg+xml; name=a.svg",
				"<svg><script>x</script></svg>") "--b--\n"),
		"<img");
	/* Another's picture, ever. */
	html =
	    body(HTML_HEAD "<img src='https://t.example/x.gif' alt='words'><img src='//t/x.png'>");
	has_not(html, "<img");
	has(html, "words");
}

static void
test_forwarded(void **state)
{
	const char *html;

	(void)state;
	/* Without a word: open. With words: folded. */
	html = body(HEAD "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" PART(
	    "message/rfc822", "Subject: Old\n\nInner.") "--b--\n");
	has(html, "<details class=\"fwd\" open><summary><b>Forwarded message</b> "
		  "<bdi>Old</bdi></summary>");
	has(html, "<p>Inner.</p>");
	html = body(MIXED PART("message/rfc822", "Subject: Old\n\nInner.") "--b--\n");
	has(html, "<details class=\"fwd\"><summary>");
}

static void
test_tongues(void **state)
{
	const char *html = body(PLAIN "Plain words here.\n\nשלום לכולם, מה שלומכם היום?\n\n"
				      "これは日本語の文章です。お元気ですか。\n");

	(void)state;
	has(html, "<p>Plain words here.</p>");
	has(html, "<p lang=\"he\" dir=\"rtl\">");
	has(html, "<p lang=\"ja\" dir=\"ltr\">");
}

#define OUTLOOK                                                                                    \
	"<p class=MsoNormal><b>From:</b> Ann Doe &lt;annie@example.org&gt;<br><b>Sent:</b> "       \
	"Thursday, "                                                                               \
	"May 5, 2022 10:15<br><b>To:</b> Bob<br><b>Subject:</b> Friday?</p><p>Does it suit "       \
	"you?</p>"

static void
test_html_quotes(void **state)
{
	const char *html;

	(void)state;
	html = body(HTML_HEAD "<p>Yes, it does.</p><div style='border-top:solid #B5C4DF'>" OUTLOOK
			      "</div>");
	has(html,
	    "<p>Yes, it does.</p>\n<details><summary><bdi>From: Ann Doe &lt;a…@example.org&gt;");
	has_not(html, "annie@");
	/* Answers between the lines stay. */
	has_not(body(HTML_HEAD "<p>My answers are below.</p>" OUTLOOK "<p>It does.</p>"),
		"<details>");
	has_not(body(HTML_HEAD "<p>Dear Ann,</p>" OUTLOOK "<p>It does.</p>"), "<details>");
	/* A mailer's own mark, with one's words before, between and behind. */
	html =
	    body(HTML_HEAD "<p>First.</p><blockquote type=cite><p>1</p><p>2</p><p>3</p><p>4</p><p>5"
			   "</p><p>6</p></blockquote><p>Own words.</p><blockquote type=cite><p>"
			   "last</p></blockquote>");
	has(html, "<p>First.</p>\n<details>");
	has(html, "</details>\n<p>Own words.</p>\n<details>");
	/* Half another's: in sight. */
	has_not(body(HTML_HEAD "<p>Mine.<br>" OUTLOOK), "<details><summary>Quoted");
}

static void
test_traces(void **state)
{
	const char *html;

	(void)state;
	html = body(PLAIN "It fell:\n\n BUG: unable to handle\n Call Trace:\n  <TASK>\n  "
			  "dump_stack_lvl+0x5b/0x77\n  print_report+0x15e/0x49b\n  </TASK>\n");
	has(html, "<pre tabindex=\"0\">BUG: unable to handle\nCall Trace:\n &lt;TASK&gt;\n "
		  "dump_stack_lvl+0x5b/0x77\n");
	has(body(PLAIN "[   12.345678] a word\n[   12.345679]   another\n"), "another</pre>");
	html = body(PLAIN "Unhandled\nTraceback (most recent call last):\n  File \"a.py\", line 3\n"
			  "    x()\nValueError\n");
	has(html, "\n    x()\n");
	html = body(PLAIN "```\nif x:\n  y\n\nz\n```\n\nWords.\n");
	has(html, "<pre tabindex=\"0\">```\nif x:\n  y\n\nz\n```</pre>\n<p>Words.</p>");
	html = body(
	    PLAIN
	    "Signed-off-by: A\n---\n a.c | 2 +-\n b.c | 2 +-\n\ndiff --git a/a.c b/a.c\n--- a/a.c\n"
	    "+++ b/a.c\n@@ -1 +1 @@\n-old\n+new\n");
	has(html, "<p>Signed-off-by: A</p>\n<pre tabindex=\"0\">---\n a.c | 2 +-\n");
	has(html, "<b>--- a/a.c</b>\n<b>+++ b/a.c</b>\n<i>@@ -1 +1 "
		  "@@</i>\n<del>-old</del>\n<ins>+new</ins>");
}

static void
test_names(void **state)
{
	static const char *const names[] = {"..",         ".htaccess",  "a/b\\c",  "-rf",
					    "x\x01y.txt", "INDEX.HTML", "a.tar.gz"};
	struct attachment *at;
	struct message m;
	struct buf mail;

	(void)state;
	buf_init(&mail, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof names / sizeof *names + 1; i++) {
		buf_clear(&mail);
		buf_puts(&mail, MIXED "Content-Type: application/x\nContent-Disposition: "
				      "attachment; filename=\"");
		if (i < sizeof names / sizeof *names)
			buf_puts(&mail, names[i]);
		else
			for (int k = 0; k < 300; k++)
				buf_puts(&mail, "\xc3\xa9");
		buf_puts(&mail, "\"\n\nx\n--b--\n");
		message_parse(&m, a, buf_slice(&mail));
		assert_int_equal(attachments_of(a, &m, &at), 1);
		assert_true(at->file.n > 0 && at->file.n <= 130);
		assert_true(at->file.p[0] != '.' && at->file.p[0] != '-');
		assert_int_equal(slice_find_char(at->file, '/'), at->file.n);
		assert_false(slice_starts_ci(at->file, SLICE("index.")));
	}
	buf_free(&mail);
}

/* A leave link in base64, inside of a signature, in base64. */
static void
test_masked(void **state)
{
	static const char message[] =
	    HEAD "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
		 "MIG3BgkqhkiG9w0BBwKggakwgaYCAQExADCBngYJKoZIhvcNAQcBoIGQBIGNQ29u"
		 "dGVudC1UeXBlOiB0ZXh0L3BsYWluDQpDb250ZW50LVRyYW5zZmVyLUVuY29kaW5n"
		 "OiBiYXNlNjQNCg0KYUhSMGNITTZMeTlzYVhOMGN5NWxlR0Z0Y0d4bExtOXlaeTkx"
		 "TDJGaVkyUmxabWRvYVdwcmJHMXViM0J4Y25OMGRYWjNlSGw2Q2c9PQ0K\n";
	struct mask *mask = mask_new("https://lists.example.org", "lists.example.org", '+');
	struct body_style style = {"en", "lists.example.org", SLICE(""), mask};
	struct message m;

	(void)state;
	message_parse(&m, a, slice_str(message));
	buf_clear(&b);
	body_put(&b, a, &m, &style);
	has(buf_str(&b), "lists.example.org/u/xxxxxxxxxxxxxxxxxxxxxxxxxx");
	has_not(buf_str(&b), "/u/abc");
	mask_free(mask);
}

static void
test_excerpt(void **state)
{
	static const char message[] =
	    PLAIN "> not this\n\nBut  this,\nin one line.\n\n-- \nnot me\n";
	struct message m;

	(void)state;
	message_parse(&m, a, slice_str(message));
	assert_true(slice_is(body_excerpt(a, &m, 100), "But this, in one line."));
	assert_true(slice_is(body_excerpt(a, &m, 4), "But "));
	/* Half an address could not be hidden. */
	message_parse(&m, a, SLICE(PLAIN "Ask (ada.lovelace@example.org) why\n"));
	assert_true(slice_is(body_excerpt(a, &m, 22), "Ask"));
	assert_true(slice_is(body_excerpt(a, &m, 33), "Ask (ada.lovelace@example.org) wh"));
	assert_true(slice_is(body_excerpt(a, &m, 6), "Ask (a"));
}

/* Every message of the samples: elements are balanced, and nothing of the sender's is left. */
static void
test_samples(void **state)
{
	static const char *const hostile[] = {
	    HEAD "Content-Type: text/html\n\n<blockquote><blockquote></div></p><table><td>",
	    HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b",
	    "no header at all",
	    "",
	    HEAD "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nX: y\n\nend\n",
	    HEAD "Content-Type: text/plain; format=flowed; delsp=yes\n\n>> a \n> b \nc \n"};

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct slice rest = slice_str(body(hostile[i]));
		int depth = 0;

		while (rest.n > 0) {
			rest = slice_from(rest, slice_find_char(rest, '<'));
			if (rest.n < 2)
				break;
			if (rest.p[1] == '/')
				depth--;
			else if (!slice_starts(rest, SLICE("<br")) &&
				 !slice_starts(rest, SLICE("<hr")))
				depth++;
			assert_true(depth >= 0);
			rest = slice_from(rest, 1);
		}
		assert_int_equal(depth, 0);
		arena_reset(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paragraphs),  cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_quotes),      cmocka_unit_test(test_signature),
	    cmocka_unit_test(test_html),        cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_names),       cmocka_unit_test(test_excerpt),
	    cmocka_unit_test(test_masked),      cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_cards),       cmocka_unit_test(test_reports),
	    cmocka_unit_test(test_signed),      cmocka_unit_test(test_pictures),
	    cmocka_unit_test(test_forwarded),   cmocka_unit_test(test_tongues),
	    cmocka_unit_test(test_html_quotes), cmocka_unit_test(test_traces)};
	int failed;

	a = arena_new();
	buf_init(&b, BUF_NO_LIMIT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&b);
	arena_free(a);
	return failed;
}
