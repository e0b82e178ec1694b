/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stays of a message whose large parts are left out: all other bytes, in their order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "conf/text.h"
#include "daemon/lighten.h"
#include "mail/attachments.h"
#include "mail/edit.h"
#include "mail/part.h"

#define BASE "https://lists.example.org/dc/m/abc/"
#define OVER 1000
#define BIG 3000 /* letters of base64: 2250 bytes */

static struct arena *a;
static struct lightened l;
static bool acted;

static int
group_setup(void **state)
{
	struct err e;
	(void)state;
	return text_load(&e);
}

static int
group_teardown(void **state)
{
	(void)state;
	text_unload();
	return 0;
}

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

/* text with "#" as BIG letters, and each line end as eol. */
static struct slice
expand(const char *text, const char *eol)
{
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (; *text; text++) {
		if (*text == '\n')
			buf_puts(&b, eol);
		else if (*text != '#')
			buf_putc(&b, *text);
		else
			for (int i = 0; i < BIG; i++)
				buf_putc(&b, 'A');
	}
	struct slice s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* The lightened body of a message, in one. */
static struct slice
lightened(struct slice bytes, const char *language)
{
	struct message m;
	struct buf b;
	struct slice head, body;
	message_parse(&m, a, bytes);
	acted = lighten(a, &m, OVER, language, BASE, &l);
	edit_split(bytes, &head, &body);
	if (!acted) {
		assert_int_equal(l.n, 0);
		return body;
	}
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < l.n; i++)
		buf_put_slice(&b, l.piece[i]);
	body = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return body;
}

static void
assert_body(const char *text, const char *want, const char *eol)
{
	struct slice have = lightened(expand(text, eol), "en"), wanted = expand(want, eol);
	if (!slice_eq(have, wanted))
		print_error("have:\n%.*s\nwant:\n%.*s\n", SLICE_ARG(have), SLICE_ARG(wanted));
	assert_true(slice_eq(have, wanted));
}

static void
assert_both(const char *text, const char *want)
{
	assert_body(text, want, "\n");
	assert_body(text, want, "\r\n");
}

static void
assert_untouched(const char *text)
{
	lightened(expand(text, "\r\n"), "en");
	assert_false(acted);
	lightened(expand(text, "\n"), "en");
	assert_false(acted);
}

#define HEAD(type) "From: a@example.org\nContent-Type: " type "\n\n"
#define MIXED HEAD("multipart/mixed; boundary=b")
#define TEXT                                                                                       \
	"Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n"            \
	"Content-Disposition: inline\n"
#define STOOD "A large attachment stood here; it is kept in the archive:\n\n"
#define PDF                                                                                        \
	"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n"           \
	"Content-Disposition: attachment; filename=a.pdf\n"
#define LINK(n, name) "  " name " (application/pdf, 2.1 KB)\n  " BASE n "/" name

static void
test_mixed(void **state)
{
	(void)state;
	assert_both(
	    MIXED "before\n--b\n\nHello.\n\n--b\n" PDF "\n#\n--b\nContent-Type: image/png\n\n"
		  "small\n--b--\nbehind\n",
	    "before\n--b\n\nHello.\n\n--b\n" TEXT
	    "\n" STOOD LINK("1", "a.pdf") "\n--b\n"
					  "Content-Type: image/png\n\nsmall\n--b--\nbehind\n");
	assert_int_equal(l.nfields, 0);
}

/* Two of three, by the archive's numbers; further fields of a part stay. */
static void
test_numbers(void **state)
{
	(void)state;
	assert_both(MIXED "--b\n" PDF
			  "X-Keep: me\nContent-ID: <c>\n\n#\n--b\nContent-Type: image/png\n\nsmall"
			  "\n--b\n" PDF "\n#\n--b--\n",
		    "--b\n" TEXT "X-Keep: me\n\n" STOOD LINK(
			"1", "a.pdf") "\n--b\nContent-Type: image/png"
				      "\n\nsmall\n--b\n" TEXT
				      "\n" STOOD LINK("3", "a.pdf") "\n--b--\n");
}

static void
test_nested(void **state)
{
	(void)state;
	assert_both(
	    MIXED
	    "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\nText.\n--bb\n"
	    "Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>"
	    "\n--c\n" PDF "\n#\n--c--\n\n--bb--\n--b--\n",
	    "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\nText.\n--bb\n"
	    "Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>"
	    "\n--c\n" TEXT "\n" STOOD LINK("1", "a.pdf") "\n--c--\n\n--bb--\n--b--\n");
}

/* Inside of a forwarded message, whose own header has the attachment's fields, too. */
static void
test_forwarded(void **state)
{
	(void)state;
	assert_both(MIXED "--b\nContent-Type: message/rfc822\n\nFrom: b@example.org\n" PDF
			  "Subject: Plan\n\n#\n--b--\n",
		    "--b\nContent-Type: message/rfc822\n\n" TEXT
		    "From: b@example.org\nSubject: Plan\n\n" STOOD LINK("1", "a.pdf") "\n--b--\n");
}

/* Texts that are read are no attachments, however long; nor is the same text in another form. */
static void
test_texts(void **state)
{
	(void)state;
	assert_untouched(HEAD("text/plain") "#\n");
	assert_untouched(MIXED "--b\nContent-Type: text/plain\n\n#\n--b\n" PDF "\nQUJD\n--b--\n");
	assert_untouched(
	    HEAD("multipart/alternative; boundary=b") "--b\n\nShort text.\n--b\nContent-Type: "
						      "text/html\n\n<p>#\n--b--\n");
}

static void
test_sealed(void **state)
{
	(void)state;
	assert_untouched(
	    HEAD("multipart/signed; boundary=b; micalg=pgp-sha256") "--b\n" PDF
								    "\n#\n--b\nContent-Type: "
								    "application/"
								    "pgp-signature\n\nx\n--b--\n");
	assert_untouched(
	    HEAD("multipart/signed; boundary=b") "--b\nContent-Type: multipart/mixed; "
						 "boundary=c\n\n--c\n" PDF
						 "\n#\n--c--\n--b\nContent-Type: "
						 "application/pkcs7-signature\n\nx\n--b--\n");
	assert_untouched(
	    HEAD("multipart/encrypted; boundary=b") "--b\nContent-Type: "
						    "application/pgp-encrypted\n\nVersion: 1\n--b\n"
						    "Content-Type: "
						    "application/octet-stream\n\n#\n--b--\n");
	assert_untouched(HEAD("application/pkcs7-mime; smime-type=enveloped-data") "#\n");
	assert_untouched(HEAD("application/x-pkcs7-mime") "#\n");
	/* but what stands beside a signed part may go */
	assert_body(MIXED "--b\nContent-Type: multipart/signed; boundary=c\n\n--c\n" PDF
			  "\n#\n--c--\n--b\n" PDF "\n#\n--b--\n",
		    "--b\nContent-Type: multipart/signed; boundary=c\n\n--c\n" PDF
		    "\n#\n--c--\n--b\n" TEXT "\n" STOOD LINK("2", "a.pdf") "\n--b--\n",
		    "\r\n");
}

static void
test_whole_message(void **state)
{
	(void)state;
	assert_both("From: a@example.org\n" PDF "\n#\n", STOOD LINK("1", "a.pdf") "\n");
	assert_int_equal(l.nfields, 3);
	assert_true(slice_is(l.field[0], "Content-Type: text/plain; charset=us-ascii"));
	assert_true(slice_is(l.field[1], "Content-Transfer-Encoding: 7bit"));
}

/* The size is the decoded one: at the limit it stays, above it goes. */
static void
test_limit(void **state)
{
	struct buf b;
	(void)state;
	for (int size = OVER - 1; size <= OVER + 1; size++) {
		buf_init(&b, BUF_NO_LIMIT);
		buf_puts(&b, MIXED "--b\nContent-Type: application/pdf\n\n");
		for (int i = 0; i < size; i++)
			buf_putc(&b, 'x');
		buf_puts(&b, "\n--b--\n");
		lightened(arena_dup(a, buf_slice(&b)), "en");
		assert_int_equal(acted, size > OVER);
		buf_free(&b);
	}
	struct message m;
	message_parse(&m, a, expand(MIXED "--b\n" PDF "\n#\n--b--\n", "\n"));
	assert_false(lighten(a, &m, 0, "en", BASE, &l)); /* no limit */
}

static void
test_structures_of_no_form(void **state)
{
	(void)state;
	/* never closed; a part without a header; a boundary of another case; no parts at all */
	assert_body(MIXED "--b\n\nHi\n--b\n" PDF "\n#",
		    "--b\n\nHi\n--b\n" TEXT "\n" STOOD LINK("1", "a.pdf") "\n", "\n");
	assert_body(
	    HEAD("multipart/mixed; boundary=b") "--b\nContent-Type: application/pdf\n\n#\n--B--\n",
	    "--b\n" TEXT "\n" STOOD "  part-1.pdf (application/pdf, 2.9 KB)\n  " BASE
	    "1/part-1.pdf\n",
	    "\n");
	assert_untouched(HEAD("multipart/mixed; boundary=b") "#\n");
	assert_untouched("#");
	/* what the guard refuses is left as it is */
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, MIXED);
	for (int i = 0; i < 1100; i++)
		buf_puts(&b, "--b\nContent-Type: application/pdf\n\nx\n");
	buf_put_slice(&b, expand("--b\n" PDF "\n#\n--b--\n", "\n"));
	lightened(buf_slice(&b), "en");
	assert_false(acted);
	buf_free(&b);
}

/* In the list's language, and with any name a member may give to a file. */
static void
test_languages_and_names(void **state)
{
	struct slice body = lightened(
	    expand(MIXED "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
			 "Content-Disposition: attachment; "
			 "filename*=utf-8''..%2F%E2%82%AC%20100%25--b.pdf\n\n"
			 "#\n--b--\n",
		   "\r\n"),
	    "fr");
	struct message m;
	(void)state;
	message_parse(
	    &m, a,
	    slice_str(arena_printf(a, "Content-Type: multipart/mixed; boundary=b\r\n\r\n%.*s",
				   SLICE_ARG(body))));
	assert_int_equal(m.nparts, 2);
	struct slice text = part_text(a, &m.parts[1], 10000);
	assert_true(slice_find(text, SLICE("pièce jointe")) < text.n);
	assert_true(slice_find(text, SLICE("€ 100%--b.pdf (application/pdf")) < text.n);
	assert_true(slice_find(text, SLICE(BASE "1/%E2%82%AC%20100%25--b.pdf")) < text.n);
	for (size_t i = 0; i < body.n; i++)
		assert_true((unsigned char)body.p[i] < 0x80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_mixed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_forwarded, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_sealed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_whole_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_structures_of_no_form, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_languages_and_names, setup, teardown),
	};
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
