/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html: HTML of mail as text (tests/data/html/NAME.html and .txt) and cleaned; hostile HTML. What
 * html_clean gives out is read again by a small strict reader: elements and attributes of the list
 * only, each closed, in an order that HTML allows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "mail/html_scan.h"
#include "mail/readable.h"
#include "tests/unit/html_check.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct arena *a;
static struct buf out;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	buf_init(&out, BUF_NO_LIMIT);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	arena_free(a);
	return 0;
}

static struct slice
clean(struct slice html)
{
	char why[200];
	buf_clear(&out);
	html_clean(&out, html);
	if (!html_check(buf_slice(&out), why, sizeof why))
		fail_msg("%s in: %s\nfrom: %s", why, buf_str(&out), arena_str(a, html));
	return buf_slice(&out);
}

static void
test_files(void **state)
{
	(void)state;
	const char *top = getenv("top_srcdir");
	char *path = arena_printf(a, "%s/tests/data/html", top ? top : ".");
	DIR *dir = opendir(path);
	struct dirent *d;
	int n = 0;
	if (!dir)
		fail_msg("no folder %s: set top_srcdir", path);
	while ((d = readdir(dir))) {
		struct slice name = slice_str(d->d_name), html, want;
		if (!slice_ends_ci(name, SLICE(".html")))
			continue;
		assert_int_equal(file_read(dirfd(dir), d->d_name, 1 << 20, a, &html, NULL), 0);
		char *txt = arena_printf(a, "%.*s.txt", (int)name.n - 5, name.p);
		assert_int_equal(file_read(dirfd(dir), txt, 1 << 20, a, &want, NULL), 0);
		struct slice got = html_to_text(a, html);
		if (!slice_eq(got, want))
			print_error("file: %s\n", d->d_name);
		assert_string_equal(arena_str(a, got), arena_str(a, want));
		clean(html);
		n++;
	}
	closedir(dir);
	assert_true(n >= 6);
}

struct pair {
	const char *in, *out;
};

static const struct pair cleaned[] = {
    {"plain", "<p>plain</p>\n"},
    {"a<br>b<br><br>c", "<p>a<br>b</p>\n<p>c</p>\n"},
    {"<div>a</div><div>b</div><div><br></div><div>c</div>", "<p>a<br>b</p>\n<p>c</p>\n"},
    {"<p>a</p><p>b</p>", "<p>a</p>\n<p>b</p>\n"},
    {"<b>a<div>b</div></b>c", "<p><strong>a<br>b<br></strong>c</p>\n"},
    {"<i><b>x</i>y</b>", NULL},
    {"<h1>T</h1>x", "<h3>T</h3>\n<p>x</p>\n"},
    {"<h4>T</h4>x", "<h3>T</h3>\n<p>x</p>\n"},
    {"<ul><li>a<li>b</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
    {"<ul>text<li>b</ul>", "<ul>\n<li>text</li>\n<li>b</li>\n</ul>\n"},
    {"<li>alone</li>", "<p>alone</p>\n"},
    {"<table border=1><tr><td>1<td>2</table>",
     "<table tabindex=\"0\">\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</table>\n"},
    {"<table>loose<tr><td>1</table>", NULL},
    {"<td>alone</td>", "<p>alone</p>\n"},
    {"<table></table><ul></ul><p></p><b></b>", ""},
    {"<table border=1><tr><td></td><td>x</td></tr></table>",
     "<table tabindex=\"0\">\n<tr>\n<td></td>\n<td>x</td>\n</tr>\n</table>\n"},
    {"<td colspan=3>", ""},
    /* Tables that only place things are read cell by cell. */
    {"<table><tr><td>1<td>2</table>", "<p>1<br>2</p>\n"},
    {"<table role=presentation border=1><tr><td>1<td>2<tr><td>3<td>4</table>",
     "<p>1<br>2<br>3<br>4</p>\n"},
    {"<table><tr><td>a<td><table><tr><td>1<td>2<tr><td>3<td>4</table></table>",
     "<p>a</p>\n<table "
     "tabindex=\"0\">\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n<tr>\n<td>3</td>\n<td>4</td>\n"
     "</tr>\n</table>\n"},
    {"<table><tr><th>h</table>", "<table tabindex=\"0\">\n<tr>\n<th>h</th>\n</tr>\n</table>\n"},
    {"<blockquote type=cite>x</blockquote>", "<blockquote class=\"q\">\n<p>x</p>\n</blockquote>\n"},
    {"<blockquote class='x q'>x</blockquote>", "<blockquote>\n<p>x</p>\n</blockquote>\n"},
    {"<blockquote style='margin: 0 0 0 40px; border: none'>x</blockquote>", "<p>x</p>\n"},
    {"<img src='cid:x' alt='a picture'>", "<p>a picture</p>\n"},
    {"<table border=1><tr><td colspan=3 rowspan=99999999>x</table>",
     "<table tabindex=\"0\">\n<tr>\n<td colspan=\"3\">x</td>\n</tr>\n</table>\n"},
    {"<pre>a\n  b</pre>", "<pre tabindex=\"0\">a\n  b</pre>\n"},
    {"<a href=\"https://e.org/?a=1&amp;b=2\">x</a>",
     "<p><a href=\"https://e.org/?a=1&amp;b=2\">x</a></p>\n"},
    {"<a href='mailto:a@b.c'>x</a>", "<p><a href=\"mailto:a@b.c\">x</a></p>\n"},
    {"<a href=\"/relative\">x</a>", "<p>x</p>\n"},
    {"<a href='https://e.org'>a<a href='https://f.org'>b</a></a>", NULL},
    {"<p dir=rtl>x<p>y", "<p dir=\"rtl\">x</p>\n<p>y</p>\n"},
    {"<p dir='evil\" onclick=x'>x", "<p>x</p>\n"},
    {"<img src=x alt='a picture'>", "<p>a picture</p>\n"},
    {"<img src=x>", ""},
    {"a &lt;script&gt; &amp; &quot;b&quot;", "<p>a &lt;script&gt; &amp; &quot;b&quot;</p>\n"},
    {"<unknown>x</unknown>", "<p>x</p>\n"},
    {"", ""},
};

static void
test_cleaned(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cleaned); i++) {
		struct slice got = clean(slice_str(cleaned[i].in));
		if (cleaned[i].out && !slice_is(got, cleaned[i].out))
			fail_msg("for: %s\n got: %s\nwant: %s", cleaned[i].in, buf_str(&out),
				 cleaned[i].out);
	}
}

static struct slice
find_image(void *arg, struct slice cid)
{
	return slice_is(cid, "a@b") ? slice_str(arg) : SLICE("");
}

static void
test_images(void **state)
{
	static char src[] = "1/a\"b.png";
	const struct html_images images = {find_image, src};
	(void)state;
	buf_clear(&out);
	html_clean_with(
	    &out,
	    SLICE("<a href='https://e.org/'><img src=' CID:a@b ' alt='<x>'></a>"
		  "<img src='cid:other' alt=no><img src='https://e.org/a.png' alt=remote>"),
	    &images);
	assert_string_equal(buf_str(&out),
			    "<p><a href=\"https://e.org/\"><img src=\"1/a&quot;b.png\" "
			    "alt=\"&lt;x&gt;\" loading=\"lazy\"></a>noremote</p>\n");
}

/* Whatever is in these, "EVIL" must not come out, neither as text nor as markup. */
static const char *const hostile[] = {
    "<script>EVIL</script>",
    "<SCRIPT SRC=EVIL></SCRIPT>",
    "<scr<script>ipt>x",
    "<style>EVIL</style>",
    "<svg onload=EVIL><script>EVIL</script><text>EVIL</text></svg>",
    "<svg/onload=EVIL>",
    "<math><mi xlink:href='data:x,EVIL'>EVIL</mi></math>",
    "<img src=x onerror=EVIL>",
    "<a href='javascript:EVIL'>x</a>",
    "<a href=' java\nscript:EVIL'>x</a>",
    "<a href='&#106;avascript:EVIL'>x</a>",
    "<a href='jav&#x09;ascript:EVIL'>x</a>",
    "<a href='\x01javascript:EVIL'>x</a>",
    "<a href='data:text/html,EVIL'>x</a>",
    "<a href='vbscript:EVIL'>x</a>",
    "<a href='//EVIL'>x</a>",
    "<a href='file:///EVIL'>x</a>",
    "<p style='background:url(EVIL)' onclick=EVIL class=EVIL id=EVIL>x</p>",
    "<meta http-equiv=refresh content='0;url=EVIL'>",
    "<base href=EVIL><link rel=stylesheet href=EVIL>",
    "<iframe src=EVIL>EVIL</iframe><object data=EVIL>EVIL</object><embed src=EVIL>",
    "<form action=EVIL><input value=EVIL><button>EVIL</button><textarea>EVIL</textarea></form>",
    "<!-- EVIL --><!--[if mso]>EVIL<![endif]--><!doctype EVIL><?php EVIL ?>",
    "<title>EVIL</title><noframes>EVIL</noframes>",
    "<div style='display:none'>EVIL</div><span style='DISPLAY : none'>EVIL</span>",
    "<table background=EVIL><tr bgcolor=EVIL><td onclick=EVIL colspan='2\" EVIL'>x",
    "<template>EVIL</template><video><source src=EVIL>EVIL</video>",
    "<o:script>EVIL</o:script>",
};

static void
test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct slice html = slice_str(hostile[i]);
		struct slice got = clean(html);
		if (slice_find(got, SLICE("EVIL")) < got.n)
			fail_msg("%s\n gave %s", hostile[i], buf_str(&out));
		struct slice text = html_to_text(a, html);
		if (slice_find(text, SLICE("EVIL")) < text.n)
			fail_msg("%s\n gave text %s", hostile[i], arena_str(a, text));
	}
}

static void
repeat(struct buf *b, const char *unit, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_puts(b, unit);
}

struct flood {
	const char *head, *unit;
	size_t times;
	const char *tail;
	bool kept; /* must the tail's word come out? */
};

/* Depth, attributes, size, and things left open: each at a size that hangs or kills who recurses,
 * or who is quadratic. */
static const struct flood floods[] = {
    {"", "<div>", 10000, "word", true},        {"", "<b>", 10000, "word", true},
    {"", "<blockquote>", 10000, "word", true}, {"", "<table><tr><td>", 10000, "word", true},
    {"", "<ul><li>", 10000, "word", true},     {"<a ", "x=y ", 100000, ">word", true},
    {"<a ", "x", 100000, ">word", true},       {"", "<p>x", 100000, "word", true},
    {"", "<", 300000, " word", false},         {"", "<!--", 100000, "word", false},
    {"", "<a href=\"", 50000, "word", false},  {"", "</div>", 100000, "word", true},
    {"", "&", 300000, "word", true},           {"<script/>", "<a x ", 20000, ">word", false},
    {"<pre>", "\n", 300000, "word", true},
};

static void
test_floods(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(floods); i++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		buf_puts(&b, floods[i].head);
		repeat(&b, floods[i].unit, floods[i].times);
		buf_puts(&b, floods[i].tail);
		struct slice text = html_to_text(a, buf_slice(&b));
		char why[200];
		buf_clear(&out);
		html_clean(&out, buf_slice(&b));
		if (!html_check(buf_slice(&out), why, sizeof why))
			fail_msg("%s: %s%s…", why, floods[i].head, floods[i].unit);
		struct slice got = buf_slice(&out);
		if (floods[i].kept && (slice_find(text, SLICE("word")) == text.n ||
				       slice_find(got, SLICE("word")) == got.n))
			fail_msg("lost: %s%s…", floods[i].head, floods[i].unit);
		buf_free(&b);
	}
}

/* At, below and above each limit. */
static void
test_limits(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t n = HTML_TAG_MAX - 1; n <= HTML_TAG_MAX + 1; n++) {
		buf_clear(&b);
		buf_puts(&b, "<a");
		repeat(&b, "x", n - 2);
		buf_puts(&b, ">");
		assert_int_equal(html_is_safe(buf_slice(&b)), n <= HTML_TAG_MAX);
	}
	for (size_t n = HTML_TAG_WORDS_MAX - 1; n <= HTML_TAG_WORDS_MAX + 1; n++) {
		buf_clear(&b);
		buf_puts(&b, "<a");
		repeat(&b, " x", n);
		buf_puts(&b, ">");
		assert_int_equal(html_is_safe(buf_slice(&b)), n <= HTML_TAG_WORDS_MAX);
	}
	for (size_t n = HTML_TAGS_MAX - 1; n <= HTML_TAGS_MAX + 1; n++) {
		buf_clear(&b);
		repeat(&b, "<p>", n);
		assert_int_equal(html_is_safe(buf_slice(&b)), n <= HTML_TAGS_MAX);
	}
	assert_true(html_is_safe(SLICE("<a title=\"a > b\">")));
	buf_free(&b);
}

static const struct pair stripped[] = {
    {"<p>one</p><p>two &amp; <b>three</b></p>", "one\n\ntwo & three\n"},
    {"a<script>EVIL</script>b<style>EVIL</style>c", "abc\n"},
    {"<!-- EVIL -->x", "x\n"},
    {"1 < 2 & 3", "1 < 2 & 3\n"},
    {"open <a href=", "open\n"},
};

static void
test_strip(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stripped); i++) {
		buf_clear(&out);
		html_strip(&out, slice_str(stripped[i].in));
		assert_string_equal(arena_str(a, slice_trim(buf_slice(&out))),
				    arena_str(a, slice_trim(slice_str(stripped[i].out))));
	}
}

static const struct pair texts[] = {
    {"a <a href='https://e.org/x'>link</a>.", "a link <https://e.org/x>.\n"},
    {"<a href='https://e.org/'>e.org</a>", "e.org\n"},
    {"<a href='mailto:a@b.c'>a@b.c</a>", "a@b.c\n"},
    {"<a href='javascript:x'>link</a>", "link\n"},
    {"-- <br>Bob", "-- \nBob\n"},
    {"--&nbsp;<br>Bob", "-- \nBob\n"},
    {"a<br>&nbsp;<br>b", "a\n\nb\n"},
    {"a<br>&nbsp;&nbsp; indented", "a\n   indented\n"},
    {"<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>only indented</blockquote>",
     "only indented\n"},
    {"<blockquote style='border:none;border-left:solid 1pt'>q</blockquote>", "> q\n"},
    {"<ol><li>a<li><p>b</p></ol>", "1. a\n2. b\n"},
    {"<hr>x", "________________________________\nx\n"},
    {"&#1;&#0;x", "x\n"},
    {"", ""},
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct slice got = html_to_text(a, slice_str(texts[i].in));
		if (!slice_is(got, texts[i].out))
			print_error("for: %s\n", texts[i].in);
		assert_string_equal(arena_str(a, got), texts[i].out);
		assert_true(utf8_valid(got));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_cleaned, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_images, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_floods, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_strip, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
