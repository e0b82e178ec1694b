/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/links.h"

#include <string.h>

#include "archive/body.h"
#include "archive/html.h"

#define SHOWN_MAX 3 /* letters of a local part that are shown */

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters of other scripts count, so that addresses of RFC 6531 are hidden, too. */
static bool
is_local(char c)
{
	return is_alnum(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("._%+=-'~!$*/?^|", c));
}

static bool
is_domain(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* Was a domain's end cut off for want of room? */
static bool
is_cut(struct slice host)
{
	return slice_find(host, SLICE("…")) < host.n;
}

/* Is there an address around the '@' at s[at]? [*from, *to). */
static bool
address_at(struct slice s, size_t at, size_t *from, size_t *to)
{
	size_t last_dot = 0;

	for (*from = at; *from > 0 && is_local(s.p[*from - 1]);)
		(*from)--;
	while (*from < at && !is_alnum(s.p[*from]) && (unsigned char)s.p[*from] < 0x80)
		(*from)++;
	for (*to = at + 1; *to < s.n && is_domain(s.p[*to]); (*to)++)
		continue;
	while (*to > at + 1 && (s.p[*to - 1] == '.' || s.p[*to - 1] == '-'))
		(*to)--;
	for (size_t i = at + 1; i < *to; i++)
		if (s.p[i] == '.')
			last_dot = i;
	if (*from < at && is_cut(slice_sub(s, at + 1, *to - at - 1)))
		return true;
	if (*from == at || last_dot == 0 || *to - last_dot < 3)
		return false;
	/* scp's and a URL's user@host */
	return *to >= s.n || (s.p[*to] != ':' && s.p[*to] != '/') || *to + 1 >= s.n ||
	       !(is_alnum(s.p[*to + 1]) || s.p[*to + 1] == '/');
}

/* Letters of a local part that are shown: never all, never half of a character. */
static size_t
shown_length(struct slice local)
{
	size_t n = local.n / 3 < SHOWN_MAX ? local.n / 3 : SHOWN_MAX;

	while (n > 0 && ((unsigned char)local.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool
is_ours(struct slice host, const char *domain)
{
	return slice_is_ci(host, domain);
}

void
links_address(struct buf *b, struct slice address, const char *domain)
{
	size_t from, to, at = slice_find_char(address, '@');
	struct slice host = slice_from(address, at + 1);

	if (at == address.n || is_ours(host, domain) || !address_at(address, at, &from, &to)) {
		html_line(b, slice_sub(address, 0, at), SHOWN_MAX);
		if (at < address.n && is_ours(host, domain))
			html_line(b, slice_from(address, at), 100);
		return;
	}
	html_text(b, slice_sub(address, 0, shown_length(slice_sub(address, 0, at))));
	html_markup(b, "…");
	html_line(b, slice_from(address, at), 100);
}

/* --- plain text --------------------------------------------------------------------------------
 */

/* Where a URL that starts at s[from] ends: at white space, at what RFC 3986 forbids, at quotes and
 * punctuation of other scripts; then without punctuation that belongs to the sentence. */
static size_t
url_end(struct slice s, size_t from)
{
	size_t to = from;
	int round = 0, square = 0;

	for (; to < s.n; to++) {
		unsigned char c = (unsigned char)s.p[to];

		if (c <= ' ' || c == 0x7f || strchr("<>\"`{}\\^", c))
			break;
		if (to + 1 < s.n && ((c == 0xe3 && (unsigned char)s.p[to + 1] == 0x80) ||
				     (c == 0xef && ((unsigned char)s.p[to + 1] & 0xfe) == 0xbc) ||
				     (c == 0xe2 && (unsigned char)s.p[to + 1] == 0x80)))
			break;
		round += (c == '(') - (c == ')');
		square += (c == '[') - (c == ']');
	}
	while (to > from) {
		char c = s.p[to - 1];

		if (c == ')' && round < 0)
			round++;
		else if (c == ']' && square < 0)
			square++;
		else if (!strchr(".,;:!?'*_|", c))
			break;
		to--;
	}
	return to;
}

/* Does a URL's scheme end at the ':' at s[colon]? Where it starts, or colon. */
static size_t
url_start(struct slice s, size_t colon)
{
	static const char *const schemes[] = {"https", "http", NULL};

	if (!slice_starts(slice_from(s, colon), SLICE("://")))
		return colon;
	for (size_t i = 0; schemes[i]; i++) {
		size_t n = strlen(schemes[i]);

		if (colon >= n && slice_is_ci(slice_sub(s, colon - n, n), schemes[i]) &&
		    (colon == n || !is_alnum(s.p[colon - n - 1])))
			return colon - n;
	}
	return colon;
}

static void
put_link(struct buf *b, struct slice url)
{
	html_markup(b, "<a rel=\"nofollow\"");
	html_url(b, "href", url);
	html_markup(b, ">");
	html_text(b, url);
	html_markup(b, "</a>");
}

/* What is special around s[i], if anything: true, written, [*from, *to) of s. Text before *from is
 * still to be written: so it goes first. */
static bool
put_special(struct buf *b, struct slice s, size_t done, size_t i, const char *domain, size_t *to)
{
	size_t from;

	if (s.p[i] == ':') {
		from = url_start(s, i);
		if (from == i || from < done)
			return false;
		*to = url_end(s, from);
		if (*to < i + 4 || !html_url_ok(slice_sub(s, from, *to - from)))
			return false;
		html_text(b, slice_sub(s, done, from - done));
		put_link(b, slice_sub(s, from, *to - from));
		return true;
	}
	if (!address_at(s, i, &from, to) || from < done ||
	    is_ours(slice_sub(s, i + 1, *to - i - 1), domain))
		return false;
	html_text(b, slice_sub(s, done, from - done));
	html_text(b, slice_sub(s, from, shown_length(slice_sub(s, from, i - from))));
	html_markup(b, "…");
	html_text(b, slice_sub(s, i, *to - i));
	return true;
}

void
links_text(struct buf *b, struct slice s, const char *domain)
{
	size_t done = 0, to;

	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] != ':' && s.p[i] != '@') || !put_special(b, s, done, i, domain, &to))
			continue;
		done = to;
		i = to - 1;
	}
	html_text(b, slice_from(s, done));
}

bool
links_next_url(struct slice *rest, struct slice *url)
{
	for (size_t i = 0; i < rest->n; i++) {
		size_t from, to;

		if (rest->p[i] != ':')
			continue;
		from = url_start(*rest, i);
		if (from == i)
			continue;
		to = url_end(*rest, from);
		*url = slice_sub(*rest, from, to - from);
		if (to >= i + 4 && html_url_ok(*url)) {
			*rest = slice_from(*rest, to);
			return true;
		}
	}
	return false;
}

/* --- markup ------------------------------------------------------------------------------------
 */

/* Copied, addresses hidden: of escaped text, too, since what surrounds an entity is no part of an
 * address. */
void
links_hide(struct buf *b, struct slice s, const char *domain)
{
	size_t done = 0, from, to;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '@' || !address_at(s, i, &from, &to) || from < done ||
		    is_ours(slice_sub(s, i + 1, to - i - 1), domain))
			continue;
		buf_put_slice(b, slice_sub(s, done, from - done));
		buf_put_slice(b, slice_sub(s, from, shown_length(slice_sub(s, from, i - from))));
		html_markup(b, "…");
		done = i;
		i = to - 1;
	}
	buf_put_slice(b, slice_from(s, done));
}

/* A tag of html_clean: as it stands, but for links to mail addresses, with rel on others, and with
 * the way to a picture of the message. */
static void
put_tag(struct buf *b, struct slice tag, const char *domain)
{
	static const struct slice link = {"<a ", 3}, href = {"href=\"", 6};
	static const struct slice image = {"<img src=\"", 10};
	size_t at;

	if (slice_starts(tag, image)) {
		html_markup(b, "<img src=\"" BODY_FOLDER);
		links_hide(b, slice_from(tag, image.n), domain);
		return;
	}
	if (!slice_starts(tag, link)) {
		buf_put_slice(b, tag);
		return;
	}
	at = slice_find(tag, href);
	if (at < tag.n && slice_starts_ci(slice_from(tag, at + href.n), SLICE("mailto:"))) {
		html_markup(b, "<a>");
		return;
	}
	html_markup(b, "<a rel=\"nofollow\" ");
	buf_put_slice(b, slice_from(tag, link.n));
}

void
links_markup(struct buf *b, struct slice html, const char *domain)
{
	while (html.n > 0) {
		size_t open = slice_find_char(html, '<'), close;

		links_hide(b, slice_sub(html, 0, open), domain);
		html = slice_from(html, open);
		close = slice_find_char(html, '>');
		if (html.n == 0)
			return;
		put_tag(b, slice_sub(html, 0, close + 1), domain);
		html = slice_from(html, close + 1);
	}
}
