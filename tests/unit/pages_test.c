/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The site on disk: every kind of page with hostile text in every field, long threads and months,
 * merged threads, withdrawn messages, feeds, mailboxes, raw files.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ftw.h>
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "archive/press.h"
#include "archive/style.h"
#include "base/clock.h"
#include "conf/text.h"
#include "mail/msgid.h"
#include "tests/unit/archive_site.h"

static struct archive_site site;

static int
setup(void **state)
{
	struct err e;

	(void)state;
	site_new(&site);
	if (text_load(&e) < 0)
		fail_msg("%s", e.text);
	site_lock(&site);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	archive_unlock(site.archive);
	text_unload();
	site_free(&site);
	return 0;
}

static void
write_pages(void)
{
	struct err e = {0};
	int64_t n;

	do {
		n = archive_write_pages(site.archive, 10000, &e);
		if (n < 0)
			fail_msg("%s", e.text);
	} while (n > 0);
}

/* STATE/html/…, with %s being the key of an id. */
static const char *
path(const char *format, int id)
{
	char key[KEY_SIZE];

	msgid_key(slice_str(arena_printf(site.arena, "m%d@x", id)), key);
	return arena_printf(
	    site.arena, "%s/html/%s", site.dir,
	    arena_printf(
		site.arena, "%s%s%s",
		arena_str(site.arena, slice_sub(slice_str(format), 0,
						slice_find(slice_str(format), SLICE("KEY")))),
		strstr(format, "KEY") ? key : "",
		strstr(format, "KEY") ? strstr(format, "KEY") + 3 : ""));
}

static const char *
content(const char *file)
{
	struct slice s;
	struct err e;

	if (file_read(AT_FDCWD, file, 1 << 24, site.arena, &s, &e) < 0)
		fail_msg("%s", e.text);
	return s.p;
}

static void
has(const char *file, const char *part)
{
	if (!strstr(content(file), part))
		fail_msg("%s: not in it: %s\n%s", file, part, content(file));
}

static void
has_not(const char *file, const char *part)
{
	if (strstr(content(file), part))
		fail_msg("%s: in it: %s", file, part);
}

static ino_t
inode(const char *file)
{
	struct stat st;

	if (stat(file, &st) < 0)
		fail_msg("%s is missing", file);
	return st.st_ino;
}

static const char *
key_of(int id)
{
	char key[KEY_SIZE];

	msgid_key(slice_str(arena_printf(site.arena, "m%d@x", id)), key);
	return arena_str(site.arena, slice_str(key));
}

/* --- what may be in a page ---------------------------------------------------------------------
 */

static const char *const elements[] = {
    "html",    "head",   "meta",  "title",   "link",    "body",       "a",    "header", "nav",
    "form",    "label",  "input", "button",  "main",    "article",    "h1",   "h2",     "h3",
    "h4",      "h5",     "h6",    "p",       "b",       "bdi",        "span", "time",   "div",
    "section", "ul",     "ol",    "li",      "dl",      "dt",         "dd",   "small",  "footer",
    "pre",     "ins",    "del",   "details", "summary", "blockquote", "br",   "svg",    "path",
    "em",      "strong", "code",  "table",   "thead",   "tbody",      "tr",   "td",     "th",
    "sub",     "sup",    "hr"};

/* The only script there may be is none: data, of one attribute, which is JSON. */
static void
check_data(const char *file, xmlNode *node)
{
	xmlChar *type = xmlGetProp(node, (const xmlChar *)"type"), *text = xmlNodeGetContent(node);
	json_error_t e;
	json_t *json;

	if (!type || strcmp((const char *)type, "application/ld+json") != 0 ||
	    node->properties->next)
		fail_msg("%s: a script", file);
	json = json_loads((const char *)text, 0, &e);
	if (!json)
		fail_msg("%s: %s: %s", file, e.text, text);
	if (strpbrk((const char *)text, "<>&") || strstr((const char *)text, "\xe2\x80\xa8"))
		fail_msg("%s: not escaped: %s", file, text);
	assert_string_equal(json_string_value(json_object_get(json, "@context")),
			    "https://schema.org");
	json_decref(json);
	xmlFree(type);
	xmlFree(text);
}

static void
check_element(const char *file, xmlNode *node)
{
	bool known = false;

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		known = known || strcmp((const char *)node->name, elements[i]) == 0;
	if (strcmp((const char *)node->name, "script") == 0) {
		check_data(file, node);
		return;
	}
	if (!known)
		fail_msg("%s: <%s>", file, node->name);
	for (xmlAttr *at = node->properties; at; at = at->next) {
		xmlChar *value = xmlNodeListGetString(node->doc, at->children, 1);
		const char *name = (const char *)at->name;
		struct slice v = slice_str(value ? (const char *)value : "");

		if (strncmp(name, "on", 2) == 0 || strcmp(name, "style") == 0 ||
		    strcmp(name, "src") == 0)
			fail_msg("%s: %s=%.*s", file, name, SLICE_ARG(v));
		if (strcmp(name, "href") == 0 || strcmp(name, "action") == 0) {
			size_t colon = slice_find_char(v, ':');

			if (colon < slice_find_char(v, '/') && colon < slice_find_char(v, '#') &&
			    !slice_starts(v, SLICE("http://")) &&
			    !slice_starts(v, SLICE("https://")) &&
			    !slice_starts(v, SLICE("mailto:l@lists.example.org")) &&
			    !slice_starts(v, SLICE("mailto:l-")))
				fail_msg("%s: %s=%.*s", file, name, SLICE_ARG(v));
		}
		xmlFree(value);
	}
}

static void
check_html(const char *file)
{
	struct slice text = slice_str(content(file));
	xmlDoc *doc = htmlReadMemory(text.p, (int)text.n, file, "utf-8",
				     HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
	xmlNode *node;
	int h1 = 0, main_ = 0;

	assert_non_null(doc);
	node = xmlDocGetRootElement(doc);
	while (node) {
		xmlNode *next = node->children;

		if (node->type == XML_ELEMENT_NODE) {
			check_element(file, node);
			h1 += strcmp((const char *)node->name, "h1") == 0;
			main_ += strcmp((const char *)node->name, "main") == 0;
		}
		while (!next && node) {
			next = node->next;
			node = next ? node : node->parent;
		}
		node = next;
	}
	if (h1 != 1 || main_ != 1)
		fail_msg("%s: %d h1, %d main", file, h1, main_);
	xmlFreeDoc(doc);
}

static void
check_xml(const char *file)
{
	struct slice text = slice_str(content(file));
	xmlDoc *doc = xmlReadMemory(text.p, (int)text.n, file, NULL,
				    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);

	if (!doc)
		fail_msg("%s is not well formed:\n%s", file, text.p);
	xmlFreeDoc(doc);
}

static int nhtml, nxml;

static int
check_file(const char *file, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = file + ftw->base;

	(void)st;
	if (type != FTW_F || strncmp(name, "_", 1) == 0 || strstr(file, "/1/"))
		return 0;
	if (strncmp(name, ".", 1) == 0)
		fail_msg("%s is left over", file);
	if (strstr(name, ".html")) {
		check_html(file);
		nhtml++;
	}
	if (strstr(name, ".xml")) {
		check_xml(file);
		nxml++;
	}
	return 0;
}

/* --- hostile text ------------------------------------------------------------------------------
 */

static const char *const payloads[] = {
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</pre><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script/>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=alert(1) x=\"",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><a xlink:href=javascript:alert(1)>x</a></math>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=\"jAvAsCrIpT:alert(1)\">x</a>",
    "<a href=data:text/html;base64,PHNjcmlwdD4=>x</a>",
    "javascript:alert(1)",
    "x\xe2\x80\xa8</script><script>alert(1)</script>\xe2\x80\xa9<!--<script>",
    "\"},{\"@type\":\"Person\",\"name\":\"x\\\"",
    "javascript://example.org/%0aalert(1)",
    "http://example.org/\"onclick=alert(1)//",
    "http://example.org/'><script>alert(1)</script>",
    "https://user:pw@example.org/<b>",
    "<<script>alert(1)//<</script>",
    "<scr\001ipt>alert(1)</script>",
    "<scr\xc0\xafipt>alert(1)</script>",
    "\xe2\x80\xae<script>alert(1)</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "=?utf-8?q?=3Cscript=3Ealert(1)=3C/script=3E?=",
    "=?utf-8?b?PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{constructor.constructor('alert(1)')()}}",
    "<details open ontoggle=alert(1)>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">"};
#define PAYLOADS (sizeof payloads / sizeof *payloads)

/* A payload in every field that a page shows. */
static struct slice
hostile(int i, const char *p, const char *format)
{
	return slice_str(arena_printf(
	    site.arena,
	    "From: \"%s\" <%s@example.org>\nTo: %s\nDate: Mon, 3 May 2010 10:%02d:00 +0000\n"
	    "Message-ID: <m%d@x>\n%s%s%sSubject: %s\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/%s\n\n"
	    "%s\n\nOn Mon, %s wrote:\n> %s\n> %s\n\n-- \n%s\n--b\nContent-Type: application/%s; "
	    "name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\n\nx\n--b\n"
	    "Content-Type: message/rfc822\n\nFrom: %s\nSubject: %s\nDate: %s\n\n%s\n--b--\n",
	    p, i % 2 ? p : "x", p, i % 60, i, i % 3 == 2 ? "References: <" : "",
	    i % 3 == 2 ? arena_printf(site.arena, "m%d@x", i - 1) : "", i % 3 == 2 ? ">\n" : "", p,
	    format, p, p, p, p, p, p, p, p, p, p, p, p));
}

static void
test_hostile(void **state)
{
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < PAYLOADS; i++) {
		site_add(&site, hostile((int)i * 2 + 1, payloads[i], "plain"));
		site_add(&site, hostile((int)i * 2 + 2, payloads[i], "html"));
	}
	/* The id itself. */
	for (size_t i = 0; i < PAYLOADS; i++)
		site_add(&site, slice_str(arena_printf(
				    site.arena,
				    "From: a@b.org\nMessage-ID: <%s>\nReferences: "
				    "<%s> <m%d@x>\nSubject: Re: x\n\nx\n",
				    payloads[i], payloads[PAYLOADS - 1 - i], (int)i + 1)));
	if (archive_withdraw(site.archive, "l", slice_str(key_of(3)), payloads[0], false, &e) < 0)
		fail_msg("%s", e.text);
	write_pages();
	nhtml = nxml = 0;
	nftw(arena_printf(site.arena, "%s/html", site.dir), check_file, 16, FTW_PHYS);
	assert_true(nhtml > (int)PAYLOADS * 4);
	assert_true(nxml > (int)PAYLOADS / 2);
}

/* --- shapes ------------------------------------------------------------------------------------
 */

static int
count(const char *file, const char *part)
{
	const char *s = content(file);
	int n = 0;

	for (; (s = strstr(s, part)); s++)
		n++;
	return n;
}

static void
test_message(void **state)
{
	const char *page = path("l/m/KEY/index.html", 2);
	char style[PRESS_STYLE];
	struct slice s;

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "First words."));
	site_add(&site, site_message(&site, 2, 1, "<m1@x>", "An answer."));
	site_add(&site, site_message(&site, 3, 2, "<m1@x> <m2@x>", "Another one."));
	write_pages();
	has(page, "<html lang=\"en\" dir=\"ltr\">");
	has(page, "<p>An answer.</p>");
	has(page, "<time datetime=\"2001-09-10T01:46:40Z\">10 September 2001, 01:46 UTC</time>");
	has(page, "In reply to");
	has(page, arena_printf(site.arena, "href=\"../../../l/m/%s/\"", key_of(1)));
	has(page, arena_printf(site.arena, "href=\"../../../l/t/%s/#%s\"", key_of(1), key_of(2)));
	has(page,
	    arena_printf(site.arena,
			 "<link rel=\"canonical\" href=\"https://lists.example.org/l/m/%s/\">",
			 key_of(2)));
	has(page, "href=\"mailto:l@lists.example.org?In-Reply-To=%3Cm2%40x%3E&amp;References="
		  "%3Cm1%40x%3E%20%3Cm2%40x%3E&amp;Subject=Re%3A%20theme%202\"");
	has(page, "message 2 of 3 in its thread");
	has(path("l/m/KEY/index.html", 1), "message 1 of 3 in its thread");
	has(path("l/t/KEY/index.html", 1), "<span class=\"vh\">, level 2</span></h2>");
	has_not(page, "ann@example.org");
	/* The next one came with its own page; this one was told. */
	has(path("l/m/KEY/index.html", 1),
	    arena_printf(site.arena,
			 "<b aria-current=\"page\"><bdi>Ann</bdi></b> <time "
			 "datetime=\"2001-09-09T01:46:40Z\">9 September "
			 "2001</time><ol>\n<li><a href=\"../../../l/m/%s/\">",
			 key_of(2)));
	has(page,
	    arena_printf(site.arena, "<link rel=\"next\" href=\"../../../l/m/%s/\">", key_of(3)));
	assert_int_equal(file_read(AT_FDCWD, page, 1 << 20, site.arena, &s, NULL), 0);
	press_style(style);
	has(page,
	    arena_printf(site.arena, "<link rel=\"stylesheet\" href=\"../../../%s\">", style));
	assert_string_equal(content(path(style, 0)), style_sheet);
	print_message("a message page of %zu bytes, style sheet %zu\n", s.n, strlen(style_sheet));
	assert_true(s.n < 14 * 1024);
}

static void
test_raw(void **state)
{
	static const char token[] = "https://lists.example.org/u/abcdefghijklmnopqrstuvwxyz";
	struct slice plain = site_message(&site, 1, 0, NULL, "Plain.");
	struct stat st;

	(void)state;
	site_add(&site, plain);
	site_add(&site, site_message(&site, 2, 0, NULL, token));
	write_pages();
	assert_string_equal(content(path("l/m/KEY/raw", 1)), arena_str(site.arena, plain));
	assert_int_equal(stat(path("l/m/KEY/raw", 1), &st), 0);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(stat(path("l/m/KEY/raw", 2), &st), 0);
	assert_int_equal(st.st_nlink, 1);
	has_not(path("l/m/KEY/raw", 2), "abcdefgh");
	has_not(path("l/m/KEY/index.html", 2), "abcdefgh");
	has_not(path("l/t/KEY/index.html", 2), "abcdefgh");
	has_not(path("l/atom.xml", 0), "abcdefgh");
	has(path("l/m/KEY/raw", 2), "/u/xxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void
test_long_thread(void **state)
{
	const char *one = path("l/t/KEY/index.html", 1), *two = path("l/t/KEY/2/index.html", 1),
		   *three = path("l/t/KEY/3/index.html", 1);
	ino_t first, second, third;

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "start"));
	for (int i = 2; i <= 250; i++)
		site_add(&site,
			 site_message(&site, i, i,
				      arena_printf(site.arena, "<m%d@x>", i % 10 ? i - 1 : 1),
				      "more"));
	write_pages();
	assert_int_equal(count(one, "<article"), 100);
	assert_int_equal(count(two, "<article"), 100);
	assert_int_equal(count(three, "<article"), 50);
	has(path("l/m/KEY/index.html", 150),
	    arena_printf(site.arena, "href=\"../../../l/t/%s/2/#%s\"", key_of(1), key_of(150)));
	has(two, arena_printf(site.arena, "<li id=\"%s\">", key_of(150)));
	has(two, arena_printf(site.arena, "href=\"../../../../l/t/%s/#%s\"", key_of(1), key_of(1)));
	has(one, "Replies on later pages:");
	check_html(two);
	/* One more at the end: the pages before stay as they are. */
	first = inode(one);
	second = inode(two);
	third = inode(three);
	site_add(&site, site_message(&site, 251, 251, "<m249@x>", "last"));
	write_pages();
	assert_int_equal(inode(one), first);
	assert_int_equal(inode(two), second);
	assert_int_not_equal(inode(three), third);
	assert_int_equal(count(three, "<article"), 51);
}

static void
test_long_month(void **state)
{
	const char *one = path("l/2001/09/index.html", 0), *two = path("l/2001/09/2/index.html", 0);

	(void)state;
	for (int i = 1; i <= 201; i++)
		site_add(&site, slice_str(arena_printf(
				    site.arena,
				    "From: a@b.org\nDate: Mon, 10 Sep 2001 10:%02d:%02d +0000\n"
				    "Message-ID: <m%d@x>\nSubject: s%d\n\nx\n",
				    i / 60, i % 60, i, i)));
	site_add(&site, site_message(&site, 300, 40, NULL, "next month"));
	write_pages();
	assert_int_equal(count(one, "/t/"), 200);
	assert_int_equal(count(two, "/t/"), 1);
	has(one, "href=\"../../../l/2001/09/2/\"");
	has(one, "<link rel=\"next\" href=\"../../../l/2001/10/\">");
	has(path("l/2001/10/index.html", 0), "<link rel=\"prev\" href=\"../../../l/2001/09/\">");
	has(path("l/index.html", 0), "href=\"../l/2001/09/\"");
}

/* Threads that come in no order, grow, get other roots and go: no page of the month stays behind.
 */
static void
test_growing_month(void **state)
{
	static const char *const files[] = {"l/2001/09/index.html", "l/2001/09/2/index.html",
					    "l/2001/09/3/index.html"};
	uint64_t seed = 7;
	ino_t was[3];
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 640; i++) {
		int parent;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		parent = seed >> 40 & 3 ? -1 : (int)((seed >> 33) % 640);
		site_add(&site,
			 slice_str(arena_printf(
			     site.arena,
			     "From: a@b.org\nDate: %s\nMessage-ID: <m%d@x>\n"
			     "%s%s%sSubject: s%d\n\nx\n",
			     clock_rfc5322(site.arena, START + (int64_t)(seed >> 44) % (20 * DAY)),
			     i, parent < 0 ? "" : "References: <m",
			     parent < 0 ? "" : arena_printf(site.arena, "%d", parent),
			     parent < 0 ? "" : "@x>\n", i)));
		if (i % 50 == 49 && archive_withdraw(site.archive, "l", slice_str(key_of(i - 20)),
						     "why", false, &e) < 0)
			fail_msg("%s", e.text);
		if (i % 16 == 15)
			write_pages();
	}
	for (int i = 0; i < 3; i++)
		was[i] = inode(path(files[i], 0));
	assert_int_equal(
	    overview_mark(archive_overview(site.archive), DIRTY_MONTH, "l", 200109, 0, &e), 0);
	write_pages();
	for (int i = 0; i < 3; i++)
		assert_int_equal(was[i], inode(path(files[i], 0)));
}

/* A message with an attachment of a name, in a month. */
static void
add_file(int id, int64_t day, const char *name, const char *text, size_t size)
{
	char *body = arena_alloc(site.arena, size + 1);

	memset(body, 'x', size);
	body[size] = '\0';
	for (size_t i = 76; i < size; i += 77)
		body[i] = '\n';
	site_add(
	    &site,
	    slice_str(arena_printf(
		site.arena,
		"From: Ann <ann@example.org>\nDate: %s\nMessage-ID: <m%d@x>\nSubject: f%d\n"
		"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: text/plain\n\n%s\n--b\nContent-Type: application/x-any; "
		"name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\n\n%s\n--b--\n",
		clock_rfc5322(site.arena, START + day * DAY), id, id, text, name, name, body)));
}

static void
add_at(int id, int day, const char *subject, const char *more)
{
	site_add(&site, slice_str(arena_printf(site.arena,
					       "From: Ann <ann@example.org>\nDate: %s\n"
					       "Message-ID: <m%d@x>\nSubject: %s\n%s\nWords.\n",
					       clock_rfc5322(site.arena, START + day * DAY), id,
					       subject, more)));
}

/* Threads lead to each other by the dates on which they began, whatever the order they came in. */
static void
test_threads_beside(void **state)
{
	const char *two = path("l/t/KEY/index.html", 2), *three = path("l/t/KEY/index.html", 3);
	struct err e = {0};

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "first"));
	site_add(&site, site_message(&site, 3, 20, NULL, "third"));
	write_pages();
	has(three, arena_printf(site.arena, "<li class=\"prev\"><a href=\"../../../l/t/%s/\">",
				key_of(1)));
	has_not(three, "<li class=\"next\">");
	site_add(&site, site_message(&site, 2, 10, NULL, "between"));
	write_pages();
	has(two, arena_printf(site.arena, "<li class=\"prev\"><a href=\"../../../l/t/%s/\">",
			      key_of(1)));
	has(two, arena_printf(site.arena, "<li class=\"next\"><a href=\"../../../l/t/%s/\">",
			      key_of(3)));
	has(three, arena_printf(site.arena, "l/t/%s/", key_of(2)));
	has(path("l/t/KEY/index.html", 1), arena_printf(site.arena, "l/t/%s/", key_of(2)));
	/* What has nothing left to show stands between nobody any more. */
	if (archive_withdraw(site.archive, "l", slice_str(key_of(2)), "why", false, &e) < 0)
		fail_msg("%s", e.text);
	write_pages();
	has_not(three, key_of(2));
	has(three, arena_printf(site.arena, "l/t/%s/", key_of(1)));
	check_html(three);
	/* Its first message is another of the same second: so is its subject, there, too. */
	add_at(4, 30, "Secret", "");
	add_at(5, 30, "Public", arena_printf(site.arena, "In-Reply-To: <m%d@x>\n", 4));
	write_pages();
	has(three, "Secret");
	if (archive_withdraw(site.archive, "l", slice_str(key_of(4)), "why", false, &e) < 0)
		fail_msg("%s", e.text);
	write_pages();
	has_not(three, "Secret");
	has(three, "Public");
}

static void
test_brought(void **state)
{
	static const char footer[] = "\nhttps://footer.example/every\n";
	const char *month = path("l/2001/09/index.html", 0);
	struct err e = {0};

	(void)state;
	add_file(1, 0, "Report <2>.pdf", "See https://example.org/a?b=1&c=2.", 100);
	add_file(2, 1, "signature.asc", "https://lists.example.org/u/abcdefghijklmnopqrstuvwxyz",
		 100);
	add_file(3, 2, "logo.png", "> https://quoted.example/\n\nhttps://example.org/a?b=1&c=2",
		 100);
	add_file(4, 3, "map.png",
		 "https://EXAMPLE.ORG/UPPER, and more\nhttps://safe.example/?url="
		 "https%3A%2F%2Flists.example.org%2Fu%2Fabcdefghijklmnopqrstuvwxyz",
		 30000);
	for (int i = 5; i < 12; i++)
		site_add(&site, site_message(&site, i, 4, NULL, footer));
	write_pages();
	check_html(month);
	has(month, "<h2>Documents of this month</h2>");
	has(month, arena_printf(site.arena, "l/m/%s/1/Report", key_of(1)));
	has(month, "map.png");
	has_not(month, "signature.asc");
	has_not(month, "logo.png");
	has(month, "<a rel=\"nofollow\" href=\"https://example.org/a?b=1&amp;c=2\"><bdi>"
		   "example.org/a?b=1&amp;c=2</bdi></a>");
	assert_int_equal(count(month, "example.org/a?b=1&amp;c=2</bdi>"), 1);
	has(month, "EXAMPLE.ORG/UPPER</bdi>");
	has_not(month, "quoted.example");
	has_not(month, "footer.example");
	has_not(month, "abcdefgh");
	/* What is withdrawn takes along what it brought. */
	if (archive_withdraw(site.archive, "l", slice_str(key_of(4)), "why", false, &e) < 0)
		fail_msg("%s", e.text);
	write_pages();
	has_not(month, "EXAMPLE.ORG/UPPER");
	has_not(month, "map.png");
	has(month, "Report");
}

static void
test_list(void **state)
{
	const char *page = path("l/index.html", 0);

	(void)state;
	for (int i = 1; i <= 20; i++)
		site_add(&site, site_message(&site, i, i, NULL, "one of many"));
	for (int i = 21; i <= 24; i++)
		site_add(&site, site_message(&site, i, i, "<m3@x>", "a lively one"));
	write_pages();
	check_html(page);
	has(page, "href=\"mailto:l-join@lists.example.org\"");
	has(page, "href=\"mailto:l-leave@lists.example.org\"");
	has(page, arena_printf(site.arena,
			       "Liveliest threads of the last twelve months</h2>\n<ol "
			       "class=\"threads\">\n<li><a href=\"../l/t/%s/\">",
			       key_of(3)));
	has(page, "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"../l/atom.xml\">");
	has(page, "<meta property=\"og:url\" content=\"https://lists.example.org/l/\">");
	has_not(page, "Who wrote most");
	site.list.writers = WRITERS_SHOWN;
	site_add(&site, site_message(&site, 25, 25, NULL, "and one more"));
	write_pages();
	has(page, "Who wrote most");
	has(page, "<li><bdi>Ann</bdi> <small>25 messages</small></li>");
	check_html(page);
}

/* One message in UTF-8, in answer to m1. */
static struct slice
speaking(int id, const char *subject, const char *text)
{
	return slice_str(arena_printf(
	    site.arena,
	    "From: A <a@b.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
	    "Date: Mon, 10 Sep 2001 10:00:0%d +0000\nMessage-ID: <m%d@x>\nReferences: <m1@x>\n"
	    "Subject: %s\n\n%s\n",
	    id, id, subject, text));
}

static void
test_language(void **state)
{
	const char *thread = path("l/t/KEY/index.html", 1);

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL,
				     "This is plain English, as most mail here is, and it says "
				     "nothing of its language."));
	site_add(&site,
		 speaking(2, "اجتماع التحالف السنوي",
			  "مرحبا بالجميع، أقترح أن نلتقي الأسبوع القادم لمناقشة التقرير السنوي."));
	site_add(
	    &site,
	    speaking(3, "ok",
		     "Bonjour à tous, je vous propose de nous retrouver la semaine prochaine "
		     "afin de discuter du rapport annuel et de préparer la réunion publique."));
	write_pages();
	has(thread, "<div class=\"body\" dir=\"ltr\">");
	has(thread, "<div class=\"body\" lang=\"ar\" dir=\"rtl\">");
	has(thread, "<div class=\"body\" lang=\"fr\" dir=\"ltr\">");
	has(path("l/m/KEY/index.html", 2), "<h1><bdi lang=\"ar\" dir=\"rtl\">");
	has(path("l/m/KEY/index.html", 2), "\"inLanguage\":\"ar\"");
	has(path("l/m/KEY/index.html", 3), "<h1><bdi>ok</bdi></h1>");
}

static void
test_merged(void **state)
{
	char to[64];
	ssize_t n;

	(void)state;
	site_add(&site, site_message(&site, 2, 2, "<m1@x>", "the reply came first"));
	write_pages();
	has(path("l/t/KEY/index.html", 1), "A message that is not in this archive");
	/* Its parent comes late, and has a parent of its own. */
	site_add(&site, site_message(&site, 1, 1, "<m0@x>", "late"));
	write_pages();
	has(path("l/t/KEY/index.html", 0), "<p>late</p>");
	n = readlink(path("l/t/KEY", 1), to, sizeof to);
	assert_int_equal(n, KEY_LENGTH);
	assert_memory_equal(to, key_of(0), KEY_LENGTH);
	has(path("l/t/KEY/index.html", 1), "the reply came first");
	has(path("l/m/KEY/index.html", 2), arena_printf(site.arena, "l/t/%s/#", key_of(0)));
	site_add(&site, site_message(&site, 0, 0, NULL, "the root"));
	write_pages();
	has(path("l/t/KEY/index.html", 1), "the root");
}

/* --- taking along ------------------------------------------------------------------------------
 */

static const char *
unpacked(const char *file)
{
	static char text[1 << 16];
	gzFile gz = gzopen(file, "rb");
	int n;

	assert_non_null(gz);
	n = gzread(gz, text, sizeof text - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(gzclose(gz), Z_OK);
	return text;
}

static int
letters(const char *file)
{
	const char *s = unpacked(file);
	int n = 0;

	for (; (s = strstr(s, "Message-ID: <m")); s++)
		n++;
	return n;
}

static void
test_boxes(void **state)
{
	const char *month = path("l/2001/09/mbox.gz", 0), *thread = path("l/t/KEY/mbox.gz", 1);
	struct slice before, after;
	ino_t i_month, i_thread;

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "one\nFrom here on\n"));
	site_add(&site, site_message(&site, 2, 1, "<m1@x>", "two"));
	write_pages();
	assert_int_equal(letters(month), 2);
	assert_non_null(strstr(unpacked(month), "\n>From here on"));
	i_month = inode(month);
	i_thread = inode(thread);
	assert_int_equal(file_read(AT_FDCWD, month, 1 << 20, site.arena, &before, NULL), 0);
	site_add(&site, site_message(&site, 3, 2, "<m2@x>", "three"));
	write_pages();
	/* Appended in place: only the end is new. */
	assert_int_equal(inode(month), i_month);
	assert_int_equal(inode(thread), i_thread);
	assert_int_equal(letters(month), 3);
	assert_int_equal(letters(thread), 3);
	assert_int_equal(file_read(AT_FDCWD, month, 1 << 20, site.arena, &after, NULL), 0);
	assert_memory_equal(before.p, after.p, before.n - 50);
	/* A cut file is made anew. */
	assert_int_equal(truncate(month, (off_t)after.n - 10), 0);
	site_add(&site, site_message(&site, 4, 3, NULL, "four"));
	write_pages();
	assert_int_equal(letters(month), 4);
	assert_int_equal(letters(thread), 3);
}

static void
test_withdrawn(void **state)
{
	const char *thread = path("l/t/KEY/index.html", 1);
	struct err e = {0};

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "stays"));
	site_add(&site, site_message(&site, 2, 1, "<m1@x>", "secret words"));
	site_add(&site, site_message(&site, 3, 2, "<m2@x>", "stays, too"));
	write_pages();
	if (archive_withdraw(site.archive, "l", slice_str(key_of(2)), "Personal data.", false, &e) <
	    0)
		fail_msg("%s", e.text);
	write_pages();
	has(path("l/m/KEY/gone.html", 2), "This message was withdrawn on <time ");
	has_not(path("l/m/KEY/gone.html", 2), "ld+json");
	has(path("l/m/KEY/gone.html", 2), "Personal data.");
	check_html(path("l/m/KEY/gone.html", 2));
	assert_int_equal(access(path("l/m/KEY/index.html", 2), F_OK), -1);
	assert_int_equal(access(path("l/m/KEY/raw", 2), F_OK), -1);
	has(thread, "Personal data.");
	has(thread, "stays, too");
	has_not(thread, "secret words");
	has_not(path("l/atom.xml", 0), "secret words");
	has_not(path("l/t/KEY/atom.xml", 1), "secret words");
	assert_int_equal(letters(path("l/t/KEY/mbox.gz", 1)), 2);
	assert_int_equal(letters(path("l/2001/09/mbox.gz", 0)), 2);
	has(path("l/m/KEY/index.html", 3), "a withdrawn message");
}

static void
test_feed(void **state)
{
	const char *feed = path("l/atom.xml", 0);

	(void)state;
	for (int i = 1; i <= 30; i++)
		site_add(&site, site_message(&site, i, i, NULL, "words of it"));
	write_pages();
	check_xml(feed);
	check_xml(path("l/t/KEY/atom.xml", 7));
	check_xml(path("sitemap.xml", 0));
	assert_int_equal(count(feed, "<entry>"), 25);
	assert_int_equal(count(feed, "<updated>"), 26);
	has(feed,
	    arena_printf(site.arena, "<id>https://lists.example.org/l/m/%s/</id>", key_of(30)));
	has(feed, "<summary>words of it</summary>");
	has(feed, "<updated>2001-10-09T01:46:40Z</updated>");
	has_not(feed, "ann@example.org");
}

static void
test_nothing_changes(void **state)
{
	static const char *const files[] = {
	    "index.html",         "l/index.html",       "l/atom.xml",       "l/2001/09/index.html",
	    "l/opens/index.html", "l/t/KEY/index.html", "l/t/KEY/atom.xml", "l/m/KEY/index.html"};
	ino_t was[8];
	struct err e = {0};

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "words"));
	write_pages();
	for (size_t i = 0; i < 8; i++)
		was[i] = inode(path(files[i], 1));
	for (int kind = DIRTY_MESSAGE; kind <= DIRTY_THREAD_BESIDE; kind++) {
		bool month =
		    kind == DIRTY_MONTH || kind == DIRTY_MONTH_FIRST || kind == DIRTY_MBOX_MONTH;

		assert_int_equal(overview_mark(archive_overview(site.archive),
					       (enum dirty_kind)kind, "l", month ? 200109 : 1, 1,
					       &e),
				 0);
	}
	write_pages();
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(inode(path(files[i], 1)), was[i]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {T(test_hostile),
					   T(test_message),
					   T(test_raw),
					   T(test_long_thread),
					   T(test_long_month),
					   T(test_growing_month),
					   T(test_merged),
					   T(test_boxes),
					   T(test_withdrawn),
					   T(test_feed),
					   T(test_nothing_changes),
					   T(test_brought),
					   T(test_threads_beside),
					   T(test_list),
					   T(test_language)};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
