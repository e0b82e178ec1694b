/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message's body as HTML, from hostile bytes: HTML mail, invitations, cards, delivery reports,
 * signatures. Checked besides not crashing: every element is one of ours and closed again in its
 * order, none of the sender's markup or control characters come through, and the mark of the
 * message's own folder stands nowhere but before a picture.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "archive/body.h"
#include "base/log.h"
#include "base/utf8.h"
#include "mail/calendar.h"
#include "mail/cms.h"
#include "mail/pgp.h"
#include "mail/vcard.h"

#define DEPTH_MAX 2000 /* libxml2 ends at 256, each level may imply others; forwarded mail at 50   \
			*/

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		log_error("not so: %s", what);
		abort(); /* so that the fuzzer keeps the input */
	}
}

static bool
is_one_of(struct slice name, const char *words)
{
	struct slice rest = slice_str(words), one;

	while (slice_next_word(&rest, &one))
		if (slice_eq(one, name))
			return true;
	return false;
}

/* ' name="value"' each, names as below, no '<' or '"' in a value; returns what follows. */
static void
check_attributes(struct slice s)
{
	struct slice name, value;

	while (s.n > 0) {
		must(*s.p == ' ', "a space before an attribute");
		s = slice_from(s, 1);
		if (slice_is(s, "open"))
			return;
		must(slice_cut(s, '=', &name, &s) && s.n > 1 && *s.p == '"', "a quoted value");
		must(slice_cut(slice_from(s, 1), '"', &value, &s), "the quote is closed");
		must(is_one_of(name, "class dir lang href rel src alt loading tabindex scope "
				     "colspan rowspan datetime start reversed type"),
		     "an attribute of ours");
		must(slice_find_char(value, '<') == value.n, "no tag in a value");
		if (slice_is(name, "href"))
			must(slice_starts_ci(value, SLICE("http://")) ||
				 slice_starts_ci(value, SLICE("https://")),
			     "a link to the web");
		if (slice_is(name, "src"))
			must(slice_starts(value, SLICE(BODY_FOLDER)), "a picture of the message");
		else
			must(slice_find_char(value, *BODY_FOLDER) == value.n,
			     "no folder but there");
	}
}

static const char elements[] =
    "p br hr img h3 pre ul ol li table caption thead tbody tfoot tr th td dl dt dd blockquote "
    "details summary div b i em strong ins del code small bdi a time span s u sub sup "
    "q cite abbr kbd samp var mark";

/* One tag off *html; open[0..*n) are the elements around it. */
static void
check_tag(struct slice *html, struct slice *open, size_t *n)
{
	struct slice tag, name;
	size_t length = 0;
	bool ends;

	must(slice_cut(slice_from(*html, 1), '>', &tag, html), "a tag is closed");
	ends = slice_starts(tag, SLICE("/"));
	tag = slice_from(tag, ends);
	while (length < tag.n && tag.p[length] != ' ')
		length++;
	name = slice_sub(tag, 0, length);
	must(is_one_of(name, elements), "an element of ours");
	if (ends) {
		must(*n > 0 && slice_eq(open[*n - 1], tag), "closed in order");
		--*n;
		return;
	}
	check_attributes(slice_from(tag, length));
	if (is_one_of(name, "br hr img"))
		return;
	must(*n < DEPTH_MAX, "not endlessly deep");
	open[(*n)++] = name;
}

static void
check_html(struct arena *a, struct slice html)
{
	struct slice *open = arena_array(a, DEPTH_MAX, sizeof *open);
	size_t n = 0;

	for (struct slice s = html; s.n > 0;) {
		if (*s.p == '<') {
			check_tag(&s, open, &n);
			continue;
		}
		must((unsigned char)*s.p >= ' ' || *s.p == '\n' || *s.p == '\t', "no control");
		must(*s.p != '>', "no '>' in text");
		s = slice_from(s, 1);
	}
	must(n == 0, "all is closed");
}

static void
check_body(struct arena *a, struct slice bytes)
{
	struct body_style style = {"en", "lists.example.org", SLICE("plain words"), NULL};
	struct message m;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	message_parse(&m, a, bytes);
	body_put(&b, a, &m, &style);
	check_html(a, buf_slice(&b));
	must(utf8_length(body_excerpt(a, &m, 200)) <= 201, "an excerpt keeps its limit");
	buf_free(&b);
}

/* What is inside of parts, without the parts. */
static void
check_insides(struct arena *a, struct slice s)
{
	struct calendar_event *events;
	struct vcard *cards;
	struct slice content;

	must(calendar_parse(a, s, &events) <= CALENDAR_EVENTS_MAX, "few events");
	must(vcard_parse(a, s, &cards) <= VCARD_MAX, "few cards");
	must(pgp_open(a, s).n <= s.n + 1, "a signed text grows by no more than a line end");
	if (cms_signed_content(a, s, &content))
		must(content.n < s.n, "what is signed is less than all");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct slice s = slice_make((const char *)data, size);

	check_body(a, s);
	check_insides(a, s);
	arena_free(a);
	return 0;
}
