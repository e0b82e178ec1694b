/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_text: see report_text.h. Parts inside a returned message are never the report's words, nor
 * is what stands behind a line that announces a copy; where such a line is missing, the first
 * Received or Return-Path at the start of a line does as well.
 */
#include "config.h"
#include "mail/report_text.h"

#include "base/buf.h"
#include "mail/field.h"
#include "mail/header.h"
#include "mail/readable.h"
#include "mail/report_irregular.h"
#include "mail/report_reason.h"

#define RETURNED_FIELDS_MAX 500 /* fields and lines of a returned header that are looked at */
#define ABOUT_LINES 4           /* an SMTP dialogue's reply stands within that many lines */

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* How lines begin that announce a copy of the message; lower case, without the rules around. */
static const struct copy_mark {
	const char *words;
	bool whole; /* nothing but punctuation may follow */
} copy_marks[] = {
    {"below this line is a copy", false},
    {"below the next line is a copy", false},
    {"below is a copy of", false},
    {"enclosed is a copy of", false},
    {"a copy of the original message below", false},
    {"a copy of your message", false},
    {"this is a copy of", false},
    {"included is a copy of the message", false},
    {"the header of the original message", false},
    {"the headers of the original message", false},
    {"original message follows", false},
    {"original message headers", false},
    {"original message header", true},
    {"original message attached", false},
    {"original message", true},
    {"original mail info", false},
    {"your original message", true},
    {"your message reads", false},
    {"message header follows", false},
    {"message headers follow", false},
    {"message text follows", false},
    {"header of the source mail", false},
    {"unsent message", false},
    {"returned message", true},
    {"returned mail follows", false},
    {"returned mail", true},
    {"undelivered message follows", false},
    {"mensaje original adjunto", false},
    {"original mail as follows", false},
    {"old message", true},
    {"return-path: <", false},
    {"received: from ", false},
    {"received: by ", false},
    {"received: (", false},
    {"dkim-signature: ", false},
};

/* Without the rules, bars and blanks that mailers draw around such a line. */
static struct slice
without_rule(struct slice line)
{
	size_t n = 0;
	while (n < line.n && strchr(" \t-*=_|~#+", line.p[n]) && line.p[n])
		n++;
	return slice_from(line, n);
}

static bool
has_letter(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z')
			return true;
	return false;
}

static bool
announces_copy(struct slice line)
{
	struct slice s = without_rule(line);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < COUNT(copy_marks); i++) {
		struct slice words = slice_str(copy_marks[i].words);
		if (!slice_starts_ci(s, words))
			continue;
		if (!copy_marks[i].whole || !has_letter(slice_from(s, words.n)))
			return true;
	}
	return false;
}

/* Cuts the copy off t->text; it is what was returned if no part was. */
static void
cut_copy(struct report_text *t)
{
	struct slice rest = t->text, line, before = rest;
	while (slice_next_line(&rest, &line)) {
		if (announces_copy(line)) {
			bool field = slice_find_char(without_rule(line), ':') < 20;
			t->text.n = (size_t)(before.p - t->text.p);
			if (t->returned.n == 0)
				t->returned = field ? before : rest;
			return;
		}
		before = rest;
	}
}

static bool
is_blank(struct slice s)
{
	return slice_trim(s).n == 0;
}

static bool
is_own_text(const struct part *p, const char *subtype)
{
	return p->kind == PART_LEAF && part_is(p, "text", subtype) && !part_is_attachment(p);
}

static void
add_texts(struct buf *b, struct arena *a, const struct message *m, const bool *inside,
	  const char *subtype)
{
	for (size_t i = 0; i < m->nparts && b->n < REPORT_TEXT_MAX; i++) {
		const struct part *p = &m->parts[i];
		if (inside[i] || !is_own_text(p, subtype))
			continue;
		struct slice text = part_text(a, p, REPORT_TEXT_MAX);
		if (slice_is(p->subtype, "html"))
			text = html_to_text(a, text);
		buf_put_slice(b, slice_sub(text, 0, REPORT_TEXT_MAX - b->n));
		buf_putc(b, '\n');
	}
}

/* The first part that is the returned message or its header. */
static void
find_returned(struct report_text *t, struct arena *a, const struct message *m, const bool *inside)
{
	for (size_t i = 1; i < m->nparts && t->returned.n == 0; i++) {
		const struct part *p = &m->parts[i];
		if (inside[i])
			continue;
		if (part_is(p, "message", "rfc822") || part_is(p, "message", "global") ||
		    part_is(p, "text", "rfc822-headers") || part_is(p, "message", "global-headers"))
			t->returned =
			    p->kind == PART_LEAF ? part_decode(a, p, REPORT_TEXT_MAX) : p->body;
	}
}

void
report_text_find(struct report_text *t, struct arena *a, const struct message *m)
{
	struct buf b;
	bool *inside = arena_array(a, m->nparts, sizeof *inside);
	for (size_t i = 1; i < m->nparts; i++) {
		int up = m->parts[i].parent;
		inside[i] = inside[up] || m->parts[up].kind == PART_MESSAGE;
	}
	t->returned = slice_make(NULL, 0);
	find_returned(t, a, m, inside);
	buf_init(&b, REPORT_TEXT_MAX + 2);
	add_texts(&b, a, m, inside, "plain");
	if (is_blank(buf_slice(&b)))
		add_texts(&b, a, m, inside, "html");
	t->text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	cut_copy(t);
}

struct slice
report_returned_field(const struct report_text *t, struct arena *a, const char *name)
{
	struct slice rest = t->returned, line;
	struct field f;
	field_skip_lead(&rest);
	for (int i = 0; i < RETURNED_FIELDS_MAX && rest.n > 0; i++) {
		if (!field_next(&rest, &f))
			slice_next_line(&rest, &line);
		else if (field_is(&f, name))
			return header_text(a, f.value);
	}
	return slice_make(NULL, 0);
}

/* A line of an SMTP transcript, which says all it has to say. */
static bool
begins_with_code(struct slice line)
{
	struct slice s = slice_trim(line);
	return s.n > 4 && (s.p[0] == '4' || s.p[0] == '5') && s.p[1] >= '0' && s.p[1] <= '9' &&
	       s.p[2] >= '0' && s.p[2] <= '9' && (s.p[3] == ' ' || s.p[3] == '-');
}

struct slice
report_text_about(struct arena *a, struct slice text, struct slice address)
{
	struct slice line, words;
	struct buf b;
	int more = 0;
	buf_init(&b, REPORT_WORDS_MAX + 1);
	while (b.n < REPORT_WORDS_MAX && slice_next_line(&text, &line)) {
		if (slice_find_ci(line, address) < line.n)
			more = begins_with_code(line) ? 1 : ABOUT_LINES;
		else if (is_blank(line) || report_address_at(line).n > 0)
			more = 0;
		if (more-- <= 0)
			continue;
		buf_put_slice(&b, slice_sub(line, 0, REPORT_WORDS_MAX - b.n));
		buf_putc(&b, '\n');
	}
	words = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return words;
}
