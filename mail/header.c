/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * header: unfolding and decoding of unstructured values.
 *
 * The encoded words are read here and not by libetpan, which collapses spaces, drops quotes, ends
 * at =00 and refuses a whole value for one unknown letter. Rules: 1. One pass, nothing is looked at
 * twice. 2. What is no encoded word, or a wrong one, stays as it stands. 3. The bytes of
 * neighbouring words of one charset are joined before that charset is decoded, so a character cut
 * in two by a careless mailer is whole again. 4. Nothing that comes out has a line break.
 */
#include "mail/header.h"

#include "mail/charset.h"
#include "mail/guard.h"
#include "mail/transfer.h"
#include "mail/words.h"

#define CHARSET_NAME_MAX 64 /* the longest registered name has 45 letters */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* White space that holds a line end becomes one mark; other white space stays. */
static struct slice
unfold_to(struct arena *a, struct slice raw, char mark)
{
	raw = slice_trim(slice_sub(raw, 0, GUARD_FIELD_MAX));
	char *out = arena_alloc(a, raw.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.n;) {
		char c = raw.p[i];
		if (c != '\r' && c != '\n') {
			out[n++] = c;
			i++;
			continue;
		}
		while (n > 0 && is_blank(out[n - 1]))
			n--;
		while (i < raw.n && is_blank(raw.p[i]))
			i++;
		out[n++] = mark;
	}
	out[n] = '\0';
	return slice_make(out, n);
}

struct slice
header_unfold(struct arena *a, struct slice raw)
{
	return unfold_to(a, raw, ' ');
}

/* --- encoded words (RFC 2047 section 2) ------------------------------------------------------- */

/* Up to "?="; s.n if there is none before another word begins, so no byte is searched twice. */
static size_t
text_length(struct slice s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] == '?' && s.p[i + 1] == '=')
			return i;
		if (s.p[i] == '=' && s.p[i + 1] == '?' && (i + 2 >= s.n || s.p[i + 2] != '='))
			break;
	}
	return s.n;
}

bool
word_match(struct slice s, struct encoded_word *w)
{
	if (s.n < 8 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	size_t i = 2;
	while (i < s.n && i < 2 + CHARSET_NAME_MAX && s.p[i] != '?' && !is_blank(s.p[i]))
		i++;
	if (i == 2 || i + 2 >= s.n || s.p[i] != '?' || s.p[i + 2] != '?')
		return false;
	w->charset = slice_sub(s, 2, i - 2);
	w->charset.n = slice_find_char(w->charset, '*'); /* RFC 2231 5: the language behind it */
	char letter = (char)(s.p[i + 1] | 0x20);
	if (letter != 'q' && letter != 'b')
		return false;
	w->base64 = letter == 'b';
	w->text = slice_from(s, i + 3);
	w->text.n = text_length(w->text);
	w->length = i + 3 + w->text.n + 2;
	return w->length <= s.n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A fold inside a word ('\n' here) was put there by somebody else and is no part of it. */
static size_t
decode_q(struct slice s, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\n')
			continue;
		if (c == '=' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
		    hex_digit(s.p[i + 2]) >= 0) {
			out[n++] = (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2]));
			i += 2;
			continue;
		}
		out[n++] = c == '_' ? ' ' : c;
	}
	return n;
}

/* Padding may be missing, and may stand between two texts that were glued together. */
static bool
decode_b(struct slice s, char *out, size_t *len)
{
	size_t n = 0;
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (is_blank(c))
			continue;
		if (c == '=') {
			bits = have = 0;
			continue;
		}
		int d = transfer_base64_digit(c);
		if (d < 0)
			return false;
		bits = (bits << 6 | (unsigned)d) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xff);
		}
	}
	*len = n;
	return true;
}

bool
word_decode(const struct encoded_word *w, char *out, size_t *len)
{
	if (w->base64)
		return decode_b(w->text, out, len);
	*len = decode_q(w->text, out);
	return true;
}

/* --- text ------------------------------------------------------------------------------------- */

/* The text that is being put together: out is final, run the joined bytes of one charset. */
struct text {
	struct arena *a;
	struct slice *pieces;
	size_t npieces, total;
	char *run;
	size_t nrun;
	struct slice charset;
	bool after_word; /* the last thing put was an encoded word */
};

static void
text_add(struct text *t, struct slice piece)
{
	if (piece.n == 0)
		return;
	t->pieces[t->npieces++] = piece;
	t->total += piece.n;
}

static void
text_flush(struct text *t)
{
	if (t->nrun > 0)
		text_add(t, charset_to_utf8(t->a, slice_make(t->run, t->nrun), t->charset));
	t->run += t->nrun;
	t->nrun = 0;
}

static void
text_plain(struct text *t, struct slice s)
{
	if (s.n == 0)
		return;
	text_flush(t);
	text_add(t, charset_to_utf8(t->a, s, slice_make(NULL, 0)));
	t->after_word = false;
}

/*
 * A word and what stood before it; white space alone between two words does not count. The bytes
 * are decoded to where the run ends: if it is flushed then, they stand at the start of the next.
 */
static bool
text_word(struct text *t, struct slice before, const struct encoded_word *w)
{
	size_t n;
	if (!word_decode(w, t->run + t->nrun, &n))
		return false;
	if (!t->after_word || slice_trim(before).n > 0)
		text_plain(t, before);
	if (!slice_eq_ci(t->charset, w->charset))
		text_flush(t);
	t->charset = w->charset;
	t->nrun += n;
	t->after_word = true;
	return true;
}

/* A byte order mark, which means nothing inside a text and is lost by some converters. */
static bool
is_bom(struct slice s)
{
	return s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0;
}

/* Joined, every control character and line break a space, trimmed. */
static struct slice
text_finish(struct text *t)
{
	text_flush(t);
	char *out = arena_alloc(t->a, t->total + 1);
	size_t n = 0;
	for (size_t i = 0; i < t->npieces; i++) {
		struct slice s = t->pieces[i];
		for (size_t k = 0; k < s.n; k++) {
			if (is_bom(slice_from(s, k)))
				k += 2;
			else
				out[n++] = (unsigned char)s.p[k] < 0x20 ? ' ' : s.p[k];
		}
	}
	out[n] = '\0';
	return slice_trim(slice_make(out, n));
}

/* Nothing to decode: printable ASCII without "=?". */
static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c > 0x7e || (c == '=' && i + 1 < s.n && s.p[i + 1] == '?'))
			return false;
	}
	return true;
}

struct slice
header_text(struct arena *a, struct slice raw)
{
	struct slice s = slice_trim(slice_sub(raw, 0, GUARD_FIELD_MAX));
	if (is_plain(s))
		return arena_dup(a, s);
	s = unfold_to(a, s, '\n');
	/* a word is at least 8 bytes, and each may follow a plain piece */
	struct text t = {.a = a, .run = arena_alloc(a, s.n + 1)};
	t.pieces = arena_array(a, s.n / 4 + 3, sizeof *t.pieces);
	size_t from = 0;
	for (size_t i = 0; i + 1 < s.n;) {
		struct encoded_word w;
		if (s.p[i] != '=' || s.p[i + 1] != '?' || !word_match(slice_from(s, i), &w)) {
			i++;
			continue;
		}
		bool good = text_word(&t, slice_sub(s, from, i - from), &w);
		i += w.length;
		if (good) /* else it stays as it stands, with the text around it */
			from = i;
	}
	text_plain(&t, slice_from(s, from));
	return text_finish(&t);
}
