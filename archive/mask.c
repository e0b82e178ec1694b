/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens are found by their shape: a run of exactly TOKEN_LENGTH letters of base32, which no other
 * word has, and then by what stands around it. Probing every STRIDE-th byte is enough to hit each
 * such run, so ordinary text is passed over quickly.
 */
#include "config.h"
#include "archive/mask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/token.h"
#include "mail/message.h"

#define STRIDE 12       /* two probes in each token, of which a soft break can hide one */
#define CONTEXT_MAX 400 /* bytes looked at before a token: a URL or address is shorter */

struct mask {
	char *host;   /* site URL without its scheme, lower case */
	char *domain; /* lower case */
	char delimiter;
};

struct mask *
mask_new(const char *site_url, const char *domain, char delimiter)
{
	struct mask *k = calloc(1, sizeof *k);
	const char *host = strstr(site_url, "://");

	if (!k)
		fatal("no memory");
	k->host = strdup(host ? host + 3 : site_url);
	k->domain = strdup(domain);
	if (!k->host || !k->domain)
		fatal("no memory");
	k->delimiter = delimiter;
	return k;
}

void
mask_free(struct mask *k)
{
	if (!k)
		return;
	free(k->host);
	free(k->domain);
	free(k);
}

static bool
is_base32(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

static bool
is_word(char c)
{
	return is_base32(c) || (c >= '0' && c <= '9');
}

/* A soft line break of quoted-printable at s[i], or none: its length. */
static size_t
soft_break(struct slice s, size_t i)
{
	if (i + 1 < s.n && s.p[i] == '=' && s.p[i + 1] == '\n')
		return 2;
	if (i + 2 < s.n && s.p[i] == '=' && s.p[i + 1] == '\r' && s.p[i + 2] == '\n')
		return 3;
	return 0;
}

/* The same, ending right before s[i]. */
static size_t
soft_break_before(struct slice s, size_t i)
{
	if (i >= 3 && soft_break(s, i - 3) == 3)
		return 3;
	if (i >= 2 && soft_break(s, i - 2) == 2)
		return 2;
	return 0;
}

/* Out of the middle of a soft break, to its end. */
static size_t
leave_break(struct slice s, size_t i)
{
	for (size_t back = 0; back < 3 && back <= i; back++)
		if (soft_break(s, i - back) > back)
			return i - back + soft_break(s, i - back);
	return i;
}

/* The run of word characters around s[i]: [*from, *to), soft breaks inside; how many it has. */
static size_t
run_around(struct slice s, size_t i, size_t *from, size_t *to)
{
	size_t n = 0, skip;

	for (*from = i; *from > 0;) {
		skip = soft_break_before(s, *from);
		if (*from > skip && is_word(s.p[*from - skip - 1]))
			*from -= skip + 1;
		else
			break;
	}
	for (*to = *from; *to < s.n; (*to)++) {
		skip = soft_break(s, *to);
		if (*to + skip >= s.n || !is_word(s.p[*to + skip]))
			break;
		*to += skip;
		n++;
	}
	return n;
}

/* What stands before s[at], soft breaks taken out, lower case, at most CONTEXT_MAX bytes. */
static struct slice
context_before(struct slice s, size_t at, char out[CONTEXT_MAX])
{
	size_t n = CONTEXT_MAX;

	while (at > 0 && n > 0) {
		size_t skip = soft_break_before(s, at);
		char c;

		if (skip > 0) {
			at -= skip;
			continue;
		}
		c = s.p[--at];
		if ((unsigned char)c <= ' ' && c != '\t')
			break;
		out[--n] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return slice_make(out + n, CONTEXT_MAX - n);
}

static bool
ends(struct slice *s, const char *with)
{
	struct slice w = slice_str(with);

	if (w.n > s->n || !slice_ends_ci(*s, w))
		return false;
	s->n -= w.n;
	return true;
}

/* How a character may be written in a URL or text: itself, percent-encoded, quoted-printable. */
static bool
ends_char(struct slice *s, char c)
{
	char coded[2][8];
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < 2; i++) {
		coded[i][0] = "%="[i];
		coded[i][1] = hex[(unsigned char)c >> 4];
		coded[i][2] = hex[c & 15];
		coded[i][3] = '\0';
		if (ends(s, coded[i]))
			return true;
	}
	return ends(s, (char[]){c, '\0'});
}

static bool
is_link(const struct mask *k, struct slice before)
{
	static const char actions[] = "uc";

	if (!ends_char(&before, '/'))
		return false;
	for (size_t i = 0; actions[i]; i++) {
		struct slice rest = before;

		if (ends_char(&rest, actions[i]) && ends_char(&rest, '/'))
			return slice_ends_ci(rest, slice_str(k->host));
	}
	return false;
}

static bool
is_address(const struct mask *k, struct slice before, struct slice behind)
{
	static const char *const robots[] = {"-unsubscribe", "-leave",  "-confirm", "-moderate",
					     "-bounces",     "-report", NULL};
	static const char *const ats[] = {"@", "%40", "=40", "&#64;", NULL};
	bool robot = false, at = false;

	if (!ends_char(&before, k->delimiter))
		return false;
	for (size_t i = 0; robots[i] && !robot; i++)
		robot = slice_ends_ci(before, slice_str(robots[i]));
	for (size_t i = 0; ats[i] && !at; i++)
		if (slice_starts_ci(behind, slice_str(ats[i]))) {
			behind = slice_from(behind, strlen(ats[i]));
			at = true;
		}
	return robot && at && slice_starts_ci(behind, slice_str(k->domain));
}

/* What follows s[at], soft breaks taken out. */
static struct slice
context_behind(struct slice s, size_t at, char out[CONTEXT_MAX])
{
	size_t n = 0;

	while (at < s.n && n < CONTEXT_MAX) {
		size_t skip = soft_break(s, at);

		if (skip > 0)
			at += skip;
		else
			out[n++] = s.p[at++];
	}
	return slice_make(out, n);
}

/* An escaped "+" or "/" ends in a digit or letter that run_around took for the token's: "=2B",
 * "%2f". */
static size_t
without_escape(struct slice s, size_t *from, size_t n)
{
	if (n != TOKEN_LENGTH + 2 || *from == 0 || (s.p[*from - 1] != '%' && s.p[*from - 1] != '='))
		return n;
	*from += 2;
	return n - 2;
}

static bool
is_token(const struct mask *k, struct slice s, size_t from, size_t to)
{
	char before[CONTEXT_MAX], behind[CONTEXT_MAX];
	struct slice context = context_before(s, from, before);

	for (size_t i = from; i < to; i++) {
		size_t skip = soft_break(s, i);

		if (skip > 0)
			i += skip - 1;
		else if (!is_base32(s.p[i]))
			return false;
	}
	return is_link(k, context) || is_address(k, context, context_behind(s, to, behind));
}

/* UNSAFE: writes into p, which is as long as s. */
static void
cross_out(struct slice s, size_t from, size_t to, char *p)
{
	for (size_t at = from; at < to; at++) {
		size_t skip = soft_break(s, at);

		if (skip > 0)
			at += skip - 1;
		else
			p[at] = 'x';
	}
}

/* UNSAFE: writes into p, which has the length and content of s. How many tokens were masked. */
static size_t
mask_in_place(const struct mask *k, struct slice s, char *p)
{
	size_t i = STRIDE, found = 0;

	while (i < s.n) {
		size_t from, to, n;

		i = leave_break(s, i);
		if (i >= s.n || !is_word(s.p[i])) {
			i += STRIDE;
			continue;
		}
		n = run_around(s, i, &from, &to);
		n = without_escape(s, &from, n);
		if (n == TOKEN_LENGTH && is_token(k, s, from, to)) {
			cross_out(s, from, to, p);
			found++;
		}
		i = (to > i ? to : i) + STRIDE;
	}
	return found;
}

bool
mask_text(const struct mask *k, struct arena *a, struct slice s, struct slice *out)
{
	struct buf copy;
	bool found;

	*out = s;
	buf_init(&copy, BUF_NO_LIMIT);
	buf_put_slice(&copy, s);
	found = s.n > 0 && mask_in_place(k, s, copy.p) > 0;
	if (found)
		*out = arena_dup(a, buf_slice(&copy));
	buf_free(&copy);
	return found;
}

/* --- base64 -------------------------------------------------------------------------------------
 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
letter_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes that the letters of body stand for; all else is passed over. */
static struct slice
decode_letters(struct arena *a, struct slice body)
{
	char *p = arena_alloc(a, body.n / 4 * 3 + 3);
	size_t n = 0;
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < body.n; i++) {
		int v = letter_value(body.p[i]);

		if (v < 0)
			continue;
		bits = bits << 6 | (unsigned)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[n++] = (char)(bits >> have & 0xff);
		}
	}
	return slice_make(p, n);
}

/* UNSAFE: writes the letters of decoded over those in p[0..n), in their places. */
static void
encode_letters(struct slice decoded, char *p, size_t n)
{
	size_t letter = 0;

	for (size_t i = 0; i < n; i++) {
		size_t bit = letter * 6, byte = bit / 8;
		unsigned two;

		if (letter_value(p[i]) < 0)
			continue;
		if (byte >= decoded.n)
			return;
		two = (unsigned)(unsigned char)decoded.p[byte] << 8;
		if (byte + 1 < decoded.n)
			two |= (unsigned char)decoded.p[byte + 1];
		p[i] = alphabet[two >> (10 - bit % 8) & 63];
		letter++;
	}
}

static bool
mask_base64(const struct mask *k, struct arena *a, const struct part *part, char *p)
{
	struct slice decoded = decode_letters(a, part->body), masked;

	if (!mask_text(k, a, decoded, &masked))
		return false;
	encode_letters(masked, p, part->body.n);
	return true;
}

/* S/MIME has the words of a signed message in itself, as they are. */
static bool
has_words(const struct part *p)
{
	return p->kind == PART_LEAF &&
	       (part_is(p, "text", NULL) || part_is(p, "application", "pkcs7-mime") ||
		part_is(p, "application", "x-pkcs7-mime"));
}

bool
mask_message(const struct mask *k, struct arena *a, struct slice bytes, struct slice *out)
{
	struct arena *scratch = arena_new();
	struct message m;
	struct buf copy;
	bool found;

	*out = bytes;
	buf_init(&copy, BUF_NO_LIMIT);
	buf_put_slice(&copy, bytes);
	found = bytes.n > 0 && mask_in_place(k, bytes, copy.p) > 0;
	message_parse(&m, scratch, bytes);
	for (size_t i = 0; i < m.nparts; i++) {
		const struct part *part = &m.parts[i];

		if (has_words(part) && slice_is(part->encoding, "base64") && part->body.n > 0 &&
		    mask_base64(k, scratch, part, copy.p + (part->body.p - bytes.p)))
			found = true;
	}
	if (found)
		*out = arena_dup(a, buf_slice(&copy));
	buf_free(&copy);
	arena_free(scratch);
	return found;
}
