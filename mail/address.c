/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address: one address: reading it, its forms, and comparing. Lists of them are address_list.c's.
 *
 * libetpan's reader loses the spaces of quoted local parts and recurses on comments; what is here
 * passes every byte once, and what it gives out is a local part and a domain that could be mailed
 * to: no control character, no white space outside of quotes, no bracket.
 */
#include "mail/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/domain.h"

#define SPEC_MAX 4096 /* an address with comments and folds inside its brackets */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* What joins atoms: white space beside it is none of the address. */
static bool
is_joint(char c)
{
	return c == '@' || c == '.';
}

/* --- local parts ------------------------------------------------------------------------------ */

static bool
is_atext(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (unsigned char)c >= 0x80 || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

/* Must it stand in quotes? Dots at odd places go without: providers hand such addresses out. */
static bool
needs_quotes(struct slice local)
{
	for (size_t i = 0; i < local.n; i++)
		if (!is_atext(local.p[i]))
			return true;
	return local.n == 0;
}

/* A quoted string's inside, without its escapes, to out. Returns its length. */
static size_t
unquote(struct slice s, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		out[n++] = s.p[i];
	}
	return n;
}

static struct slice
local_read(struct arena *a, struct slice s)
{
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return arena_dup(a, s);
	char *out = arena_alloc(a, s.n);
	size_t n = unquote(slice_sub(s, 1, s.n - 2), out);
	return slice_make(out, n);
}

static struct slice
join_parts(struct arena *a, struct slice local, struct slice domain)
{
	struct buf b;
	buf_init(&b, 2 * local.n + domain.n + 3);
	bool quotes = needs_quotes(local);
	if (quotes)
		buf_putc(&b, '"');
	for (size_t i = 0; i < local.n; i++) {
		if (quotes && (local.p[i] == '"' || local.p[i] == '\\'))
			buf_putc(&b, '\\');
		buf_putc(&b, local.p[i]);
	}
	buf_puts(&b, quotes ? "\"@" : "@");
	buf_put_slice(&b, domain);
	struct slice out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* The last '@' outside of quotes; s.n if there is none. */
static size_t
find_at(struct slice s)
{
	size_t at = s.n;
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '@' && !quoted)
			at = i;
	}
	return at;
}

/* --- one address ------------------------------------------------------------------------------ */

/*
 * White space at the edges of atoms, and comments, are no part of an address (RFC 5322 4.4): out
 * gets s without them. Other white space stays, as one space, and spoils what it stands in.
 */
static struct slice
squeeze(struct arena *a, struct slice s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0, depth = 0;
	bool quoted = false, blank = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (depth > 0 || (c == '(' && !quoted)) {
			if (c == '\\')
				i++;
			depth += c == '(';
			depth -= c == ')';
			continue;
		}
		if (!quoted && is_blank(c)) {
			blank = true;
			continue;
		}
		if (blank && n > 0 && !is_joint(out[n - 1]) && !is_joint(c))
			out[n++] = ' ';
		blank = false;
		quoted ^= c == '"';
		out[n++] = c;
		if (c == '\\' && i + 1 < s.n)
			out[n++] = s.p[++i];
	}
	return slice_make(out, n);
}

bool
address_read(struct arena *a, struct slice spec, struct address *out)
{
	struct slice s = squeeze(a, slice_sub(spec, 0, SPEC_MAX));
	if (slice_starts_ci(s, SLICE("mailto:"))) {
		s = slice_from(s, 7);
		s.n = slice_find_char(s, '?');
	}
	size_t colon;
	if (s.n > 0 && s.p[0] == '@' && (colon = slice_find_char(s, ':')) < s.n)
		s = slice_from(s, colon + 1); /* a source route (RFC 5322 4.4) */
	size_t at = find_at(s);
	if (at == 0 || at >= s.n || s.n > ADDRESS_MAX)
		return false;
	struct slice local = slice_sub(s, 0, at);
	bool quoted = local.p[0] == '"' && local.n > 2 && local.p[local.n - 1] == '"';
	for (size_t i = 0; i < local.n; i++)
		if (is_control(local.p[i]) || (!quoted && !is_atext(local.p[i])))
			return false;
	if (!utf8_valid(local) || !domain_read(a, slice_from(s, at + 1), &out->domain))
		return false;
	out->local = local_read(a, local);
	out->text = join_parts(a, out->local, out->domain);
	return true;
}

/* --- forms ------------------------------------------------------------------------------------ */

bool
address_split(struct slice address, struct slice *local, struct slice *domain)
{
	size_t at = find_at(address);
	*local = slice_sub(address, 0, at);
	*domain = slice_from(address, at + 1);
	return at > 0 && at + 1 < address.n;
}

bool
address_valid(struct slice address, bool utf8)
{
	struct slice local, domain;
	if (address.n > ADDRESS_MAX || !address_split(address, &local, &domain) ||
	    slice_find_char(local, '@') < local.n)
		return false;
	bool quoted = local.n > 2 && local.p[0] == '"' && local.p[local.n - 1] == '"';
	struct slice inside = quoted ? slice_sub(local, 1, local.n - 2) : local;
	for (size_t i = 0; i < inside.n; i++) {
		char c = inside.p[i];
		if (is_control(c) || (!utf8 && (unsigned char)c >= 0x80))
			return false;
		if (!quoted && !is_atext(c))
			return false;
		if (quoted && c == '"')
			return false;
		if (quoted && c == '\\' && (++i >= inside.n || is_control(inside.p[i])))
			return false;
	}
	if (domain.p[domain.n - 1] == '.' || !utf8_valid(local))
		return false;
	struct arena *a = arena_new();
	struct slice ascii;
	bool good = domain_read(a, domain, &ascii) && domain_is_mailable(ascii);
	arena_free(a);
	return good;
}

/* Lower case in NFC, so that one name written in two ways is one name. */
static struct slice
fold_local(struct arena *a, struct slice local)
{
	if (!address_needs_utf8(local) || !utf8_valid(local))
		return slice_str(arena_lower(a, local));
	size_t n = 0;
	uint8_t *low = u8_tolower((const uint8_t *)local.p, local.n, NULL, UNINORM_NFC, NULL, &n);
	if (!low)
		return slice_str(arena_lower(a, local));
	struct slice out = arena_dup(a, slice_make((const char *)low, n));
	free(low);
	return out;
}

/* Both halves in canonical form; a string without an '@' is all local part. */
static void
canonical_parts(struct arena *a, struct slice address, struct slice *local, struct slice *domain)
{
	struct slice l, d;
	if (!address_split(address, &l, &d)) {
		*local = fold_local(a, address);
		*domain = slice_make(NULL, 0);
		return;
	}
	*local = fold_local(a, local_read(a, l));
	if (!domain_read(a, d, domain))
		*domain = slice_str(arena_lower(a, d));
}

char *
address_canonical(struct arena *a, struct slice address)
{
	struct slice local, domain;
	canonical_parts(a, slice_trim(address), &local, &domain);
	return arena_str(a, domain.n > 0 ? join_parts(a, local, domain) : local);
}

char *
address_flood_key(struct arena *a, struct slice address)
{
	struct slice local, domain;
	canonical_parts(a, slice_trim(address), &local, &domain);
	size_t plus = slice_find_char(local, '+');
	if (plus > 0)
		local.n = plus;
	if (slice_is(domain, "googlemail.com"))
		domain = SLICE("gmail.com");
	if (slice_is(domain, "gmail.com")) {
		char *out = arena_alloc(a, local.n + 1);
		size_t n = 0;
		for (size_t i = 0; i < local.n; i++)
			if (local.p[i] != '.')
				out[n++] = local.p[i];
		local = slice_make(out, n);
	}
	return arena_str(a, domain.n > 0 ? join_parts(a, local, domain) : local);
}

bool
address_eq(struct slice a, struct slice b)
{
	if (slice_eq(a, b))
		return true;
	struct arena *arena = arena_new();
	bool same = strcmp(address_canonical(arena, a), address_canonical(arena, b)) == 0;
	arena_free(arena);
	return same;
}

bool
address_needs_utf8(struct slice address)
{
	for (size_t i = 0; i < address.n; i++)
		if ((unsigned char)address.p[i] >= 0x80)
			return true;
	return false;
}
