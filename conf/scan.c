/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why not libconfuse, whose grammar this is: it stops at the first error and keeps no line with a
 * value, so neither all errors nor their places can be told. Invariants: 1. `line` is the line of
 * the first byte of `rest`. 2. A string ends with its line at the latest (unless a backslash goes
 * on), so that a forgotten quote spoils one line and not the file.
 */
#include "conf/scan.h"

#include "base/buf.h"
#include "base/utf8.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool
is_mark(char c)
{
	return c == '=' || c == '{' || c == '}' || c == '(' || c == ')' || c == ',';
}

static bool
ends_word(char c)
{
	return is_blank(c) || is_mark(c) || c == '\n' || c == '"' || c == '\'' || c == '#';
}

/* The byte at an index; NUL behind the end. No NUL is in the text: conf_scan_begin saw to it. */
static char
byte_at(const struct conf_scan *s, size_t i)
{
	return i < s->rest.n ? s->rest.p[i] : '\0';
}

static void
skip(struct conf_scan *s, size_t n)
{
	s->rest = slice_from(s->rest, n);
}

static void
skip_line(struct conf_scan *s)
{
	skip(s, slice_find_char(s->rest, '\n'));
}

static void
skip_long_comment(struct conf_scan *s)
{
	int begin = s->line;

	for (skip(s, 2); s->rest.n > 0; skip(s, 1)) {
		if (byte_at(s, 0) == '*' && byte_at(s, 1) == '/') {
			skip(s, 2);
			return;
		}
		if (byte_at(s, 0) == '\n') {
			s->line++;
			s->fresh = true;
		}
	}
	conf_complain_syntax(s->complaints, s->source, begin,
			     "the comment that begins here is never closed by \"*/\"");
}

static void
skip_blanks(struct conf_scan *s)
{
	for (;;) {
		char c = byte_at(s, 0);

		if (c == '\n') {
			s->line++;
			s->fresh = true;
			skip(s, 1);
		} else if (is_blank(c)) {
			skip(s, 1);
		} else if (c == '#' || (c == '/' && byte_at(s, 1) == '/')) {
			skip_line(s);
		} else if (c == '/' && byte_at(s, 1) == '*') {
			skip_long_comment(s);
		} else {
			return;
		}
	}
}

/* One escape, s at its backslash; a byte follows it. */
static void
scan_escape(struct conf_scan *s, char quote, struct buf *b)
{
	char c = byte_at(s, 1);

	if (quote == '\'' && c != quote && c != '\\') {
		buf_putc(b, '\\');
		skip(s, 1);
		return;
	}
	skip(s, 2);
	if (c == quote || c == '\\') {
		buf_putc(b, c);
	} else if (c == 'n' || c == 't') {
		buf_putc(b, c == 'n' ? '\n' : '\t');
	} else if (c == '\n') {
		s->line++;
	} else if (c == '\r' && byte_at(s, 0) == '\n') {
		s->line++;
		skip(s, 1);
	} else {
		conf_complain_syntax(s->complaints, s->source, s->line,
				     "unknown escape \"\\%c\" in a string; write \"\\\\\" for a "
				     "backslash",
				     (unsigned char)c < 0x80 ? c : '?');
		buf_putc(b, c);
	}
}

static const char *
scan_string(struct conf_scan *s)
{
	char quote = byte_at(s, 0);
	int begin = s->line;
	struct buf b;
	const char *text;

	buf_init(&b, BUF_NO_LIMIT);
	for (skip(s, 1);;) {
		char c = byte_at(s, 0);

		if (c == quote) {
			skip(s, 1);
			break;
		}
		if (c == '\0' || c == '\n' || (c == '\\' && byte_at(s, 1) == '\0')) {
			conf_complain_syntax(s->complaints, s->source, begin,
					     "the string that begins here has no closing %c",
					     quote);
			skip(s, c == '\\');
			break;
		}
		if (c == '\\') {
			scan_escape(s, quote, &b);
			continue;
		}
		buf_putc(&b, c);
		skip(s, 1);
	}
	text = arena_str(s->arena, buf_slice(&b));
	buf_free(&b);
	return text;
}

void
conf_scan_begin(struct conf_scan *s, struct slice text)
{
	struct slice rest = text, line;
	int number = 0;

	while (slice_next_line(&rest, &line)) {
		bool bad = !utf8_valid(line);

		number++;
		for (size_t i = 0; i < line.n && !bad; i++)
			bad = ((unsigned char)line.p[i] < 0x20 && !is_blank(line.p[i])) ||
			      line.p[i] == 0x7f;
		if (!bad)
			continue;
		/* What follows would be read out of step: only what stands before is read. */
		conf_complain_syntax(s->complaints, s->source, number,
				     "this line has a control character or is not UTF-8; the file "
				     "is not read further");
		text.n = (size_t)(line.p - text.p);
		break;
	}
	if (slice_starts(text, SLICE("\xef\xbb\xbf")))
		text = slice_from(text, 3);
	s->rest = text;
	s->line = 1;
	s->fresh = true;
}

struct conf_token
conf_scan_next(struct conf_scan *s)
{
	struct conf_token t = {CONF_END, "", 0, false};
	size_t n = 0;

	skip_blanks(s);
	t.line = s->line;
	t.first = s->fresh;
	s->fresh = false;
	if (s->rest.n == 0)
		return t;
	if (byte_at(s, 0) == '"' || byte_at(s, 0) == '\'') {
		t.kind = CONF_STRING;
		t.text = scan_string(s);
		return t;
	}
	if (is_mark(byte_at(s, 0))) {
		t.kind = CONF_MARK;
		n = 1;
	} else {
		t.kind = CONF_WORD;
		while (n < s->rest.n && !ends_word(s->rest.p[n]))
			n++;
	}
	t.text = arena_str(s->arena, slice_sub(s->rest, 0, n));
	skip(s, n);
	return t;
}

char
conf_scan_peek(const struct conf_scan *s)
{
	size_t i = 0;
	char c;

	while (is_blank(byte_at(s, i)))
		i++;
	c = byte_at(s, i);
	return c == '\n' || c == '#' ? '\0' : c;
}

bool
conf_token_is(const struct conf_token *t, char mark)
{
	return t->kind == CONF_MARK && t->text[0] == mark;
}
