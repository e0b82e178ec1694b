/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * header_put: values for headers that we write. Whatever comes in, what goes out is printable
 * ASCII in lines of at most 76 columns where it can be folded, 998 always (RFC 5322 2.1.1), and
 * reads back as the same text. A fold is LF and one space; who writes for the wire makes it CRLF.
 */
#include "mail/header.h"

#include "base/utf8.h"
#include "mail/encode.h"
#include "mail/words.h"

#define COLUMNS 76   /* RFC 2047 2: no longer line may hold an encoded word */
#define WORD_MAX 75  /* RFC 2047 2 */
#define ATOM_MAX 900 /* a longer run without a space can't be folded and must be encoded */

static const char word_start_q[] = "=?UTF-8?Q?";
static const char word_start_b[] = "=?UTF-8?B?";
#define WORD_FRAME (sizeof word_start_q - 1 + 2)

/* One line: cleaned, controls as spaces, trimmed. */
static struct slice
one_line(struct arena *a, struct slice text)
{
	struct slice s = arena_dup(a, utf8_cleaned(a, text));
	char *p = (char *)(uintptr_t)s.p; /* our own copy */
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = ' ';
	return slice_trim(s);
}

/* Would a reader take this for something else, or could no line hold it? */
static bool
needs_words(struct slice s)
{
	size_t run = 0;
	for (size_t i = 0; i < s.n; i++) {
		struct encoded_word w;
		if ((unsigned char)s.p[i] > 0x7e)
			return true;
		if (s.p[i] == '=' && word_match(slice_from(s, i), &w))
			return true;
		run = s.p[i] == ' ' ? 0 : run + 1;
		if (run > ATOM_MAX)
			return true;
	}
	return false;
}

/* A fold may replace only a space that stands alone: white space around a fold is one space. */
static bool
can_fold(struct slice s, size_t i)
{
	return s.p[i] == ' ' && i > 0 && i + 1 < s.n && s.p[i - 1] != ' ' && s.p[i + 1] != ' ';
}

/* ASCII text folded at spaces. Returns the column after it. */
static size_t
put_folded(struct buf *b, struct slice s, size_t column)
{
	for (size_t i = 0; i < s.n;) {
		size_t end = i + 1;
		while (end < s.n && !can_fold(s, end))
			end++;
		if (i > 0 && column + (end - i) > COLUMNS && can_fold(s, i)) {
			buf_puts(b, "\n");
			column = 0;
		}
		buf_put(b, s.p + i, end - i);
		column += end - i;
		i = end;
	}
	return column;
}

/* --- encoded words ---------------------------------------------------------------------------- */

/* What may stand as itself in a Q word even inside a phrase (RFC 2047 5 (3)). */
static bool
is_q_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t
q_length(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += is_q_plain(s.p[i]) || s.p[i] == ' ' ? 1 : 3;
	return n;
}

static size_t
b_length(struct slice s)
{
	return (s.n + 2) / 3 * 4;
}

static void
put_q(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ')
			buf_putc(b, '_');
		else if (is_q_plain(s.p[i]))
			buf_putc(b, s.p[i]);
		else
			buf_printf(b, "=%02X", (unsigned char)s.p[i]);
	}
}

/* The longest head of s, in whole characters, whose code fits into room columns. */
static struct slice
word_head(struct slice s, bool q, size_t room)
{
	struct slice rest = s, head = slice_sub(s, 0, 0);
	uint32_t cp;
	while (utf8_next(&rest, &cp)) {
		struct slice more = slice_sub(s, 0, s.n - rest.n);
		if ((q ? q_length(more) : b_length(more)) > room)
			break;
		head = more;
	}
	return head;
}

/* A word needs room for one character of four bytes. */
#define WORD_LEAST (WORD_FRAME + 12)

static void
put_words(struct buf *b, struct slice s, size_t column)
{
	bool q = q_length(s) <= b_length(s);
	while (s.n > 0) {
		size_t room = COLUMNS > column ? COLUMNS - column : 0;
		if (room > WORD_MAX)
			room = WORD_MAX;
		if (room < WORD_LEAST) {
			buf_puts(b, "\n ");
			column = 1;
			continue;
		}
		struct slice head = word_head(s, q, room - WORD_FRAME);
		buf_puts(b, q ? word_start_q : word_start_b);
		(q ? put_q : encode_base64)(b, head);
		buf_puts(b, "?=");
		s = slice_from(s, head.n);
		column = COLUMNS; /* the next one begins a line */
	}
}

/* Words before the first that must be encoded stay readable: a subject's "[list] Re: ". */
static size_t
plain_head(struct slice s)
{
	size_t last = 0;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] > 0x7e || s.p[i] == '=')
			break;
		if (can_fold(s, i))
			last = i;
	}
	return last > ATOM_MAX ? 0 : last;
}

static void
put_encoded(struct buf *b, struct slice s, size_t used)
{
	size_t head = plain_head(s);
	size_t column = put_folded(b, slice_sub(s, 0, head), used);
	if (head > 0) {
		/* the space between plain and encoded text is the reader's; it may be a fold */
		if (column + 1 + WORD_LEAST > COLUMNS) {
			buf_puts(b, "\n");
			column = 0;
		}
		buf_putc(b, ' ');
		column++;
		head++;
	}
	put_words(b, slice_from(s, head), column);
}

void
header_put_text(struct buf *b, struct slice text, size_t used)
{
	struct arena *a = arena_new();
	struct slice s = one_line(a, text);
	if (needs_words(s))
		put_encoded(b, s, used);
	else
		put_folded(b, s, used);
	arena_free(a);
}

/* --- phrases ---------------------------------------------------------------------------------- */

/* Atoms and single spaces need no quotes (RFC 5322 3.2.3). */
static bool
is_atoms(struct slice s)
{
	static const char other[] = "!#$%&'*+-/=?^_`{|}~ ";
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum =
		    (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!alnum && !memchr(other, c, sizeof other - 1))
			return false;
		if (c == ' ' && i + 1 < s.n && s.p[i + 1] == ' ')
			return false;
	}
	return true;
}

void
header_put_phrase(struct buf *b, struct slice text, size_t used)
{
	struct arena *a = arena_new();
	struct slice s = one_line(a, text);
	if (needs_words(s)) {
		/* one run of words: atoms beside them would have to be checked one by one */
		put_words(b, s, used);
	} else if (is_atoms(s)) {
		put_folded(b, s, used);
	} else {
		struct buf quoted;
		buf_init(&quoted, BUF_NO_LIMIT);
		buf_putc(&quoted, '"');
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_putc(&quoted, '\\');
			buf_putc(&quoted, s.p[i]);
		}
		buf_putc(&quoted, '"');
		put_folded(b, buf_slice(&quoted), used);
		buf_free(&quoted);
	}
	arena_free(a);
}
