/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What gets text into pages, with text that wants out of its place; links and hidden addresses;
 * masked tokens.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "archive/html.h"
#include "archive/links.h"
#include "archive/mask.h"
#include "base/arena.h"
#include "base/utf8.h"

static struct buf b;

static const char *
text(const char *s, size_t n)
{
	buf_clear(&b);
	html_text(&b, slice_make(s, n));
	return buf_str(&b);
}
#define TEXT(lit) text(lit, sizeof(lit) - 1)

static void
test_text(void **state)
{
	(void)state;
	assert_string_equal(TEXT("a < b > c & \"d\" 'e'"),
			    "a &lt; b &gt; c &amp; &quot;d&quot; &#39;e&#39;");
	assert_string_equal(TEXT("tab\tline\r\nlone\rend"), "tab\tline\nlone\nend");
	assert_string_equal(TEXT("a\0b\x01\x08\x0b\x1b[31m\x7f c"), "ab[31m c");
	assert_string_equal(TEXT("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
			    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	/* Latin-1, overlong '<', a surrogate, a cut sequence, C1, U+FFFE. */
	assert_string_equal(TEXT("caf\xe9!"), "caf\xef\xbf\xbd!");
	assert_null(strchr(TEXT("\xc0\xbcscript>"), '<'));
	assert_true(utf8_valid(slice_str(TEXT("\xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82"))));
	assert_string_equal(TEXT("\xc2\x85"
				 "a\xef\xbf\xbe"),
			    "a");
	assert_string_equal(TEXT(""), "");
}

static void
test_attribute(void **state)
{
	(void)state;
	buf_clear(&b);
	html_attr(&b, "title", SLICE("x\" onload='y'\n>\t<"));
	assert_string_equal(buf_str(&b), " title=\"x&quot; onload=&#39;y&#39; &gt; &lt;\"");
}

static void
test_line(void **state)
{
	static const struct {
		const char *in, *out;
		size_t max;
	} cases[] = {{"  a \n\t b  ", "a b", 10},
		     {"abcdef", "abc…", 3},
		     {"abc", "abc", 3},
		     {"ab cd", "ab…", 3},
		     {"ab cd", "ab c…", 4},
		     {"\xc3\xa9\xc3\xa9\xc3\xa9", "\xc3\xa9…", 1},
		     {"<b> & </b>", "&lt;b&gt; &amp; &lt;/b&gt;", 20},
		     {" ", "", 5}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&b);
		html_line(&b, slice_str(cases[i].in), cases[i].max);
		assert_string_equal(buf_str(&b), cases[i].out);
	}
}

static void
test_url(void **state)
{
	static const char *const bad[] = {"javascript:alert(1)",
					  "JaVaScRiPt:alert(1)",
					  " javascript:x",
					  "java\tscript:x",
					  "data:text/html,<script>x</script>",
					  "vbscript:x",
					  "file:///etc/passwd",
					  "//example.org/",
					  "/path",
					  "http://",
					  "http://a b/",
					  "http://a\n/",
					  "https:/a",
					  "mailto:",
					  ""};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf_clear(&b);
		assert_false(html_url(&b, "href", slice_str(bad[i])));
		assert_int_equal(b.n, 0);
	}
	buf_clear(&b);
	assert_true(html_url(&b, "href", SLICE("HTTPS://a/?x=1&y=\"><script>'\xc3\xa9")));
	assert_string_equal(buf_str(&b),
			    " href=\"HTTPS://a/?x=1&amp;y=%22%3E%3Cscript%3E%27%C3%A9\"");
	buf_clear(&b);
	html_segment(&b, SLICE("a b/../<\"&?#%.pdf"));
	assert_string_equal(buf_str(&b), "a%20b%2F..%2F%3C%22%26%3F%23%25.pdf");
}

static void
test_fill(void **state)
{
	struct slice m[2] = {SLICE("<b>1</b>"), SLICE("<i>2</i>")};

	(void)state;
	buf_clear(&b);
	html_fill(&b, "a<%s>%s 100%% %s", m, 2);
	assert_string_equal(buf_str(&b), "a&lt;<b>1</b>&gt;<i>2</i> 100% ");
	buf_clear(&b);
	html_fill(&b, "%2$s, %1$s%", m, 2);
	assert_string_equal(buf_str(&b), "<i>2</i>, <b>1</b>");
}

/* --- links -------------------------------------------------------------------------------------
 */

static const char *
linked(const char *s)
{
	buf_clear(&b);
	links_text(&b, slice_str(s), "lists.example.org");
	return buf_str(&b);
}

static void
test_links(void **state)
{
#define A(url) "<a rel=\"nofollow\" href=\"" url "\">" url "</a>"
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"see http://a.org/b.", "see " A("http://a.org/b") "."},
	    {"(http://a.org/x_(y))", "(" A("http://a.org/x_(y)") ")"},
	    {"<https://a.org/?q=1>", "&lt;" A("https://a.org/?q=1") "&gt;"},
	    {"\"http://a.org\"", "&quot;" A("http://a.org") "&quot;"},
	    {"http://a.org，好", A("http://a.org") "，好"},
	    {"javascript://a", "javascript://a"},
	    {"xhttp://a.org", "xhttp://a.org"},
	    {"http://", "http://"},
	    {"http://...", "http://..."},
	    {"write ada@example.org!", "write a…@example.org!"},
	    {"<adalovelace@example.org>", "&lt;ada…@example.org&gt;"},
	    {"dc@lists.example.org", "dc@lists.example.org"},
	    {"git@github.com:a/b", "git@github.com:a/b"},
	    {"me@localhost", "me@localhost"},
	    {"adalovelace@exam…", "ada…@exam…"},
	    {"adalovelace@…", "ada…@…"},
	    {"@… …", "@… …"},
	    {"mailto:adalovelace@example.org", "mailto:ada…@example.org"},
	    {"https://x/?m=adalovelace@example.org", A("https://x/?m=adalovelace@example.org")},
	    {"@example.org a@ @", "@example.org a@ @"},
	    {"почта@пример.рф", "п…@пример.рф"}};
	static const char mail[] =
	    "<p>Ask <a href=\"mailto:ada@example.org\">ada@example.org</a> or "
	    "<a href=\"https://e.org/@x\">here</a> &lt;bob.builder@example.org&gt;</p>";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(linked(cases[i].in), cases[i].out);
	buf_clear(&b);
	links_markup(&b, slice_str(mail), "lists.example.org");
	assert_string_equal(buf_str(&b),
			    "<p>Ask <a>a…@example.org</a> or <a rel=\"nofollow\" "
			    "href=\"https://e.org/@x\">here</a> &lt;bob…@example.org&gt;</p>");
	buf_clear(&b);
	links_address(&b, SLICE("adalovelace@example.org"), "lists.example.org");
	assert_string_equal(buf_str(&b), "ada…@example.org");
	buf_clear(&b);
	links_address(&b, SLICE("<script>@x"), "lists.example.org");
	assert_null(strchr(buf_str(&b), '<'));
}

/* --- tokens ------------------------------------------------------------------------------------
 */

#define TOKEN "abcdefghijklmnopqrstuvwxyz"
#define X26 "xxxxxxxxxxxxxxxxxxxxxxxxxx"

static void
test_mask_text(void **state)
{
	static const struct {
		const char *in, *out; /* out NULL: nothing to mask */
	} cases[] = {
	    {"https://lists.example.org/u/" TOKEN, "https://lists.example.org/u/" X26},
	    {"<https://LISTS.example.org/c/ABCDEFGHIJKLMNOPQRSTUVWXY2>",
	     "<https://LISTS.example.org/c/" X26 ">"},
	    {"https%3A%2F%2Flists.example.org%2Fu%2F" TOKEN,
	     "https%3A%2F%2Flists.example.org%2Fu%2F" X26},
	    {"mailto:dc-unsubscribe+" TOKEN "@lists.example.org?subject=x",
	     "mailto:dc-unsubscribe+" X26 "@lists.example.org?subject=x"},
	    {"dc-leave%2B" TOKEN "%40lists.example.org", "dc-leave%2B" X26 "%40lists.example.org"},
	    {"x https://lists.exam=\nple.org/u/abcdefghijklm=\r\nnopqrstuvwxyz.",
	     "x https://lists.exam=\nple.org/u/xxxxxxxxxxxxx=\r\nxxxxxxxxxxxxx."},
	    {"plenary-bounces+" TOKEN "=40lists.example.org",
	     "plenary-bounces+" X26 "=40lists.example.org"},
	    {TOKEN " a-confirm+" TOKEN "@lists.example.org a-moderate+" TOKEN "@lists.example.org",
	     TOKEN " a-confirm+" X26 "@lists.example.org a-moderate+" X26 "@lists.example.org"},
	    {"https://other.example.org/u/" TOKEN, NULL},
	    {"https://lists.example.org/t/" TOKEN, NULL},
	    {"https://lists.example.org/u/" TOKEN "a", NULL},
	    {"https://lists.example.org/u/abc", NULL},
	    {"https://lists.example.org/u/0bcdefghijklmnopqrstuvwxyz", NULL},
	    {"dc-unsubscribe+" TOKEN "@example.org", NULL},
	    {"dc-foo+" TOKEN "@lists.example.org", NULL},
	    {TOKEN, NULL},
	    {"", NULL}};
	struct mask *k = mask_new("https://lists.example.org", "lists.example.org", '+');
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t pad = 0; pad < 30; pad++) { /* wherever the probes fall */
			char in[300], out[300];
			struct slice got;
			bool found;

			snprintf(in, sizeof in, "%*s%s", (int)pad, "", cases[i].in);
			snprintf(out, sizeof out, "%*s%s", (int)pad, "",
				 cases[i].out ? cases[i].out : cases[i].in);
			found = mask_text(k, a, slice_str(in), &got);
			assert_int_equal(found, cases[i].out != NULL);
			assert_true(slice_is(got, out));
		}
	arena_free(a);
	mask_free(k);
}

#define SIGNED_HEAD "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
/* A SignedData (RFC 5652) of "https://lists.example.org/u/…". */
#define SIGNED(token)                                                                              \
	"MHkGCSqGSIb3DQEHAqBsMGoCAQExADBjBgkqhkiG9w0BBwGgVgRUQ29udGVudC1UeXBlOiB0"                 \
	"ZXh0L3BsYWluDQoNCmh0dHBzOi8vbGlzdHMuZXhhbXBsZS5vcmcvdS9" token "0K"

static void
test_mask_message(void **state)
{
	/* "Leave: https://lists.example.org/u/abc…xyz now\n" in base64, in lines. */
	static const char in[] =
	    "Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	    "TGVhdmU6IGh0dHBzOi8vbGlzdHMuZXhhbXBsZS5v\r\n"
	    "cmcvdS9hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eiBub3cK\r\n";
	static const char want[] =
	    "Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	    "TGVhdmU6IGh0dHBzOi8vbGlzdHMuZXhhbXBsZS5v\r\n"
	    "cmcvdS94eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eCBub3cK\r\n";
	struct mask *k = mask_new("https://lists.example.org", "lists.example.org", '+');
	struct arena *a = arena_new();
	struct slice got, plain = SLICE("Subject: y\n\nnothing here\n");

	(void)state;
	assert_true(mask_message(k, a, slice_str(in), &got));
	assert_true(slice_is(got, want));
	/* The same inside of an S/MIME signature. */
	assert_true(mask_message(
	    k, a, SLICE(SIGNED_HEAD SIGNED("hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg")), &got));
	assert_true(slice_is(got, SIGNED_HEAD SIGNED("4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA")));
	assert_false(mask_message(k, a, plain, &got));
	assert_ptr_equal(got.p, plain.p);
	arena_free(a);
	mask_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),      cmocka_unit_test(test_attribute),
	    cmocka_unit_test(test_line),      cmocka_unit_test(test_url),
	    cmocka_unit_test(test_fill),      cmocka_unit_test(test_links),
	    cmocka_unit_test(test_mask_text), cmocka_unit_test(test_mask_message)};
	int failed;

	buf_init(&b, BUF_NO_LIMIT);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&b);
	return failed;
}
