/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading paths. An address leaves here in one spelling, so that what was let in at RCPT is found
 * again by whoever reads the envelope: quotes that say nothing are gone, the domain is lower case.
 */
#include "config.h"
#include "daemon/path.h"

#include "base/utf8.h"
#include "mail/address.h"

#define POSTMASTER "postmaster"

bool
path_take(struct slice *args, const char *keyword, struct slice *path)
{
	struct slice s = slice_trim(*args);
	bool quoted = false;
	size_t i;

	if (!slice_starts_ci(s, slice_str(keyword)))
		return false;
	/* No space is allowed here (RFC 5321 3.3), and many send one. */
	s = slice_trim(slice_from(s, strlen(keyword)));
	if (s.n == 0 || s.p[0] != '<')
		return false;
	for (i = 1; i < s.n && (quoted || s.p[i] != '>'); i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (quoted && s.p[i] == '\\')
			i++;
	}
	if (i >= s.n)
		return false;
	*path = slice_sub(s, 1, i - 1);
	*args = slice_from(s, i + 1);
	return args->n == 0 || args->p[0] == ' ';
}

/* RFC 5321 4.1.2 atext, and what is not ASCII (RFC 6531 3.3); dots are the caller's. */
static bool
is_atext(char c)
{
	return ((unsigned char)c > 0x20 && c != 0x7f && c != '.' &&
		memchr("()<>[]:;@\\,\"", c, 12) == NULL);
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* "@one,@two:" before the address. */
static struct slice
skip_source_route(struct slice path)
{
	struct slice route, rest;

	if (path.n == 0 || path.p[0] != '@' || !slice_cut(path, ':', &route, &rest))
		return path;
	return rest;
}

static bool
domain_good(struct slice d)
{
	if (d.n > 2 && d.p[0] == '[' && d.p[d.n - 1] == ']') {
		for (size_t i = 1; i + 1 < d.n; i++)
			if ((unsigned char)d.p[i] <= 0x20 || memchr("[]\\<>@", d.p[i], 6) != NULL)
				return false;
		return true;
	}
	if (d.n == 0 || d.p[0] == '.' || d.p[d.n - 1] == '.' || d.p[0] == '-')
		return false;
	for (size_t i = 0; i < d.n; i++) {
		char c = d.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;

		if (!alnum && c != '-' && c != '_' && (c != '.' || d.p[i - 1] == '.'))
			return false;
	}
	return true;
}

/* Reads "quoted" at the front of *s into plain. */
static bool
unquote(struct slice *s, struct buf *plain)
{
	size_t i;

	for (i = 1; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\')
			i++;
		if (i >= s->n || is_control(s->p[i]))
			return false;
		buf_putc(plain, s->p[i]);
	}
	if (i >= s->n)
		return false;
	*s = slice_from(*s, i + 1);
	return true;
}

/* The local part at the front of *s, unquoted. */
static bool
take_local(struct slice *s, struct buf *plain)
{
	size_t i;

	if (s->n > 0 && s->p[0] == '"')
		return unquote(s, plain);
	for (i = 0; i < s->n && (is_atext(s->p[i]) || s->p[i] == '.'); i++)
		;
	buf_put_slice(plain, slice_sub(*s, 0, i));
	*s = slice_from(*s, i);
	return i > 0;
}

static void
put_local(struct buf *out, struct slice plain)
{
	bool quote = plain.n == 0;

	for (size_t i = 0; i < plain.n && !quote; i++)
		quote = !is_atext(plain.p[i]) && plain.p[i] != '.';
	if (!quote) {
		buf_put_slice(out, plain);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '"' || plain.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, plain.p[i]);
	}
	buf_putc(out, '"');
}

static void
put_domain(struct buf *out, struct slice domain)
{
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		buf_putc(out, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
	}
}

enum path_fault
path_address(struct slice path, bool utf8, struct buf *out)
{
	enum path_fault fault = PATH_SYNTAX;
	struct slice s = skip_source_route(path);
	struct buf plain;

	buf_init(&plain, ADDRESS_MAX);
	if (s.n == 0 && path.n == 0)
		return PATH_GOOD;
	if (s.n > ADDRESS_MAX)
		return PATH_SYNTAX;
	if (address_needs_utf8(s)) {
		if (!utf8)
			return PATH_UTF8;
		if (!utf8_valid(s))
			return PATH_SYNTAX;
	}
	if (!take_local(&s, &plain))
		goto out;
	if (s.n == 0 && slice_is_ci(buf_slice(&plain), POSTMASTER)) {
		buf_puts(out, POSTMASTER);
		fault = PATH_GOOD;
		goto out;
	}
	if (s.n == 0 || s.p[0] != '@' || !domain_good(slice_from(s, 1)))
		goto out;
	put_local(out, buf_slice(&plain));
	buf_putc(out, '@');
	put_domain(out, slice_from(s, 1));
	fault = PATH_GOOD;
out:
	buf_free(&plain);
	return fault;
}

bool
path_next_param(struct slice *params, struct slice *keyword, struct slice *value)
{
	struct slice word;

	if (!slice_next_word(params, &word))
		return false;
	slice_cut(word, '=', keyword, value);
	return true;
}
