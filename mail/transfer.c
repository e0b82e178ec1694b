/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transfer: base64 and quoted-printable by libetpan where the bytes are as RFC 2045 wants them, by
 * our own loops where they are not, for libetpan loses data then: it reads "=zz" as a NUL, joins
 * two base64 texts across their padding, decodes the footer that a list appended. So each body is
 * looked over first. Uuencode, which libetpan does not know, is ours alone.
 */
#include "config.h"
#include "mail/transfer.h"

#include <libetpan/mailmime_content.h>
#include <libetpan/mailmime_types.h>
#include <libetpan/mmapstring.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* Classes of bytes behind the 64 values. */
enum { PAD = 64, SPACE = 65, JUNK = 66 };

static const uint8_t *
base64_classes(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	static uint8_t class[256];
	if (class[0] == JUNK)
		return class;
	for (size_t i = 0; i < sizeof(class); i++)
		class[i] = JUNK;
	for (uint8_t i = 0; i < sizeof(alphabet) - 1; i++)
		class[(uint8_t)alphabet[i]] = i;
	class['\r'] = class['\n'] = class['\t'] = class[' '] = SPACE;
	return class;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
transfer_hex_octet(const char *p)
{
	int high = hex_digit(p[0]), low = high < 0 ? -1 : hex_digit(p[1]);
	return low < 0 ? -1 : high << 4 | low;
}

/* libetpan's decoder on a copy with a spare zero byte (it reads one byte past "=X"). False if it
 * refuses. */
static bool
decode_by_library(struct arena *a, struct slice bytes, int mechanism, struct slice *out)
{
	char *copy = malloc(bytes.n + 1), *text = NULL;
	size_t at = 0, n = 0;
	bool good = false;
	if (!copy || bytes.n == 0)
		goto out;
	memcpy(copy, bytes.p, bytes.n);
	copy[bytes.n] = '\0';
	good = mailmime_part_parse(copy, bytes.n, &at, mechanism, &text, &n) == MAILIMF_NO_ERROR;
	if (good) {
		*out = arena_dup(a, slice_make(text, n));
		mmap_string_unref(text);
	}
out:
	free(copy);
	return good;
}

/* Only letters of the alphabet and line ends, padding only at its end? Blanks may be words'. */
static bool
base64_regular(struct slice s)
{
	const uint8_t *class = base64_classes();
	size_t letters = 0, strays = 0;
	while (s.n &&
	       (class[(uint8_t)s.p[s.n - 1]] == PAD || class[(uint8_t)s.p[s.n - 1]] == SPACE))
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = class[(uint8_t)s.p[i]];
		letters += c < PAD;
		strays += c == PAD || c == JUNK || s.p[i] == ' ';
	}
	return strays == 0 && letters % 4 != 1;
}

/* Is s text rather than base64: one in eight bytes, or more, a blank or not of the alphabet? */
static bool
base64_foreign(struct slice s)
{
	const uint8_t *class = base64_classes();
	size_t strays = 0, letters = 0;
	for (size_t i = 0; i < s.n; i++) {
		strays += class[(uint8_t)s.p[i]] == JUNK || s.p[i] == ' ';
		letters += class[(uint8_t)s.p[i]] < PAD;
	}
	return strays > 0 && strays * 7 >= letters;
}

/* A line of base64 and nothing else: whole groups, no blanks in it? */
static bool
base64_whole_line(struct slice line)
{
	return line.n > 0 && line.n % 4 == 0 && base64_regular(line);
}

/* A group that is being gathered, and the bytes of those before. */
struct base64 {
	char *out;
	size_t n;
	uint32_t bits;
	unsigned have;
	bool padded; /* the last group ended with padding */
};

static void
base64_end_group(struct base64 *b)
{
	b->bits <<= 6 * (4 - b->have);
	for (unsigned k = 0; k + 1 < b->have; k++)
		b->out[b->n++] = (char)(b->bits >> (16 - 8 * k) & 0xff);
	b->have = 0;
	b->bits = 0;
}

static void
base64_line(struct base64 *b, struct slice line)
{
	const uint8_t *class = base64_classes();
	for (size_t i = 0; i < line.n; i++) {
		uint8_t c = class[(uint8_t)line.p[i]];
		if (c < PAD) {
			b->bits = b->bits << 6 | c;
			b->have++;
			b->padded = false;
		}
		if (b->have == 4 || (c == PAD && b->have))
			base64_end_group(b);
		b->padded |= c == PAD;
	}
}

/*
 * Strays are skipped (RFC 2045 6.8), padding ends a group wherever it stands, the last group may
 * lack it. What a list or a virus scanner put around it in plain text (foreign lines, and lines
 * with strays behind padding) is skipped; behind such a line only what is plainly base64 is read.
 */
static struct slice
base64_lenient(struct arena *a, struct slice s, size_t limit)
{
	struct base64 b = {.out = arena_alloc(a, s.n / 4 * 3 + 6)};
	struct slice line;
	bool wary = false;
	while (b.n < limit && slice_next_line(&s, &line)) {
		line = slice_trim(line);
		if (wary ? !base64_whole_line(line)
			 : base64_foreign(line) || (b.padded && !base64_regular(line)))
			wary = wary || b.n > 0;
		else
			base64_line(&b, line);
	}
	if (b.have)
		base64_end_group(&b);
	return slice_make(b.out, b.n < limit ? b.n : limit);
}

/* Plain words under the header "base64": nothing of them begins like base64. */
static bool
never_base64(struct slice s)
{
	struct slice rest = s, line = SLICE("");
	if (!base64_foreign(slice_sub(s, 0, 4096)))
		return false;
	while (slice_next_line(&rest, &line) && slice_trim(line).n == 0)
		;
	return !base64_whole_line(slice_trim(line));
}

static struct slice
decode_base64(struct arena *a, struct slice s, size_t limit)
{
	struct slice out;
	if (s.n / 2 <= limit && base64_regular(s) &&
	    decode_by_library(a, s, MAILMIME_MECHANISM_BASE64, &out))
		return slice_sub(out, 0, limit);
	return never_base64(s) ? slice_sub(s, 0, limit) : base64_lenient(a, s, limit);
}

/* Is what follows a '=' a line end, white space before it allowed (RFC 2045 6.7 rule 3)? The end of
 * the body counts as one. *length: what goes with the '='. */
static bool
soft_break(struct slice s, size_t *length)
{
	size_t i = 0;
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r'))
		i++;
	*length = i < s.n ? i + 1 : i;
	return i == s.n || s.p[i] == '\n';
}

/* Is each '=' followed by two hex digits or right by a line end, and no line end a lone CR? */
static bool
quoted_regular(struct slice s)
{
	for (struct slice rest = s; (rest = slice_from(rest, slice_find_char(rest, '='))).n;) {
		rest = slice_from(rest, 1);
		bool soft = (rest.n >= 1 && rest.p[0] == '\n') ||
			    (rest.n >= 2 && rest.p[0] == '\r' && rest.p[1] == '\n');
		if (!soft && (rest.n < 2 || transfer_hex_octet(rest.p) < 0))
			return false;
	}
	for (struct slice rest = s; (rest = slice_from(rest, slice_find_char(rest, '\r'))).n;) {
		rest = slice_from(rest, 1);
		if (rest.n == 0 || rest.p[0] != '\n')
			return false;
	}
	return true;
}

/* A '=' that encodes nothing stands for itself. Line ends become CRLF, as libetpan has them: they
 * are the canonical form, whatever line ends the message is stored with. */
static struct slice
quoted_lenient(struct arena *a, struct slice s, size_t limit)
{
	size_t max = s.n <= SIZE_MAX / 2 ? 2 * s.n : s.n, n = 0, length;
	max = max < limit ? max : limit;
	char *out = arena_alloc(a, max);
	for (size_t i = 0; i < s.n && n < max; i++) {
		struct slice behind = slice_from(s, i + 1);
		int octet;
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r') && n + 1 < max)
			out[n++] = '\r';
		if (s.p[i] != '=') {
			out[n++] = s.p[i];
		} else if (behind.n >= 2 && (octet = transfer_hex_octet(behind.p)) >= 0) {
			out[n++] = (char)octet;
			i += 2;
		} else if (soft_break(behind, &length)) {
			i += length;
		} else {
			out[n++] = '=';
		}
	}
	return slice_make(out, n);
}

static struct slice
decode_quoted(struct arena *a, struct slice s, size_t limit)
{
	struct slice out;
	if (s.n / 4 <= limit && quoted_regular(s) &&
	    decode_by_library(a, s, MAILMIME_MECHANISM_QUOTED_PRINTABLE, &out))
		return slice_sub(out, 0, limit);
	return quoted_lenient(a, s, limit);
}

/* One line of uuencoded text: its first byte is the number of bytes in it. */
static size_t
uu_line(struct slice line, char *out)
{
	size_t want = line.n ? (size_t)((line.p[0] - ' ') & 63) : 0, n = 0;
	for (size_t i = 1; i < line.n && n < want; i += 4) {
		uint32_t group = 0;
		for (size_t k = 0; k < 4; k++) {
			/* Trailing blanks were cut on the way: they count as zeros. */
			char c = i + k < line.n ? line.p[i + k] : ' ';
			group = group << 6 | (uint32_t)((c - ' ') & 63);
		}
		for (unsigned k = 0; k < 3 && n < want; k++)
			out[n++] = (char)(group >> (16 - 8 * k) & 0xff);
	}
	return n;
}

/* From the line "begin MODE NAME" to "end"; the body as it is where there is no such line. */
static struct slice
decode_uu(struct arena *a, struct slice s, size_t limit)
{
	struct slice rest = s, line = SLICE("");
	size_t n = 0;
	while (slice_next_line(&rest, &line) && !slice_starts(line, SLICE("begin ")))
		;
	if (!slice_starts(line, SLICE("begin ")))
		return slice_sub(s, 0, limit);
	char *out = arena_alloc(a, rest.n + 64); /* a line of 4 bytes gives at most 3 */
	while (n < limit && slice_next_line(&rest, &line) && !slice_is(line, "end"))
		n += uu_line(line, out + n);
	return slice_make(out, n < limit ? n : limit);
}

struct slice
transfer_decode(struct arena *a, struct slice bytes, struct slice encoding, size_t limit)
{
	static const struct {
		const char *name;
		struct slice (*decode)(struct arena *a, struct slice s, size_t limit);
	} rows[] = {
	    {"base64", decode_base64}, {"quoted-printable", decode_quoted},
	    {"x-uuencode", decode_uu}, {"uuencode", decode_uu},
	    {"x-uue", decode_uu},      {"uue", decode_uu},
	    {"x-uu", decode_uu},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (slice_is(encoding, rows[i].name))
			return rows[i].decode(a, bytes, limit);
	return slice_sub(bytes, 0, limit);
}

int
transfer_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}
