/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/body.h"

#include <stdbool.h>

#include "archive/blocks.h"
#include "archive/body_writer.h"
#include "archive/cards.h"
#include "archive/html.h"
#include "archive/mask.h"
#include "archive/pictures.h"
#include "archive/quotes.h"
#include "archive/rich.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "mail/cms.h"
#include "mail/pgp.h"
#include "mail/readable.h"

/* The header of the message inside a message/rfc822 part: its one child's. */
static const struct part *
inner_of(const struct message *m, int part)
{
	for (size_t i = (size_t)part + 1; i < m->nparts; i++)
		if (m->parts[i].parent == part)
			return &m->parts[i];
	return &m->parts[part];
}

static bool
is_inside(const struct message *m, int part, int outer)
{
	while (part > outer)
		part = m->parts[part].parent;
	return part == outer;
}

/* Closes the forwarded messages that part is not in. open[0..n): their parts. */
static size_t
leave_forwarded(const struct body_writer *w, const int *open, size_t n, int part)
{
	for (; n > 0 && (part < 0 || !is_inside(w->m, part, open[n - 1])); n--)
		cards_forwarded_end(w);
	return n;
}

static void
put_note(const struct body_writer *w, const char *phrase)
{
	html_markup(w->b, "<p class=\"note\">");
	html_str(w->b, text_phrase(w->style->lang, phrase));
	html_markup(w->b, "</p>\n");
}

/* A text that carries its own signature, or is one block of cipher. */
static void
put_plain(const struct body_writer *w, int part)
{
	struct slice stored = part_text(w->a, &w->m->parts[part], READABLE_MAX);
	enum pgp_kind kind = pgp_of(stored);

	if (kind == PGP_ENCRYPTED)
		put_note(w,
			 N_("This message is encrypted with OpenPGP: only its addressees can read "
			    "it."));
	quotes_put(w, readable_part_text(w->m, part, w->a));
	if (kind == PGP_SIGNED)
		put_note(w, N_("Signed with OpenPGP; the signature is in the message as it was "
			       "received."));
}

/* The text inside of an S/MIME signature. */
static void
put_enclosed(const struct body_writer *w, const struct part *p)
{
	struct slice content;
	struct message inner;

	if (!part_is(p, "application", "pkcs7-mime") && !part_is(p, "application", "x-pkcs7-mime"))
		return;
	if (!cms_signed_content(w->a, part_decode(w->a, p, CMS_MAX), &content))
		return;
	/* A mask of the whole does not see what is encoded twice. */
	if (w->style->mask)
		mask_message(w->style->mask, w->a, content, &content);
	message_parse(&inner, w->a, content);
	quotes_put(w, readable_text(&inner, w->a));
}

static void
put_part(const struct body_writer *w, const struct readable_part *r)
{
	const struct part *p = &w->m->parts[r->part];

	if (cards_put(w, r->part))
		return;
	if (r->kind == READABLE_ATTACHMENT) {
		put_enclosed(w, p);
		if (!pictures_wait(w, r->part))
			pictures_put(w, r->part);
		return;
	}
	if (r->kind == READABLE_HTML)
		rich_put(w, part_text(w->a, p, READABLE_MAX));
	else
		put_plain(w, r->part);
	if (p->body.n > READABLE_MAX && part_decode(w->a, p, READABLE_MAX + 1).n > READABLE_MAX)
		put_note(w, N_("Only the beginning of this long text is shown; all of it is in the "
			       "message as it was received."));
}

static bool
is_own_text(const struct readable_part *r)
{
	return r->kind == READABLE_TEXT || r->kind == READABLE_HTML;
}

static void
put_parts(const struct body_writer *w, const struct readable_part *rs, size_t n)
{
	size_t nopen = 0;
	int *open = arena_array(w->a, n + 1, sizeof *open);
	bool only = n > 0 && !is_own_text(&rs[0]); /* forwarded without a word */

	for (size_t i = 0; i < n; i++) {
		nopen = leave_forwarded(w, open, nopen, rs[i].part);
		if (rs[i].kind == READABLE_FORWARDED) {
			cards_forwarded(w, inner_of(w->m, rs[i].part), only);
			open[nopen++] = rs[i].part;
			only = false;
		} else {
			put_part(w, &rs[i]);
		}
	}
	leave_forwarded(w, open, nopen, -1);
	for (size_t i = 0; i < n; i++)
		if (rs[i].kind == READABLE_ATTACHMENT && pictures_wait(w, rs[i].part))
			pictures_put(w, rs[i].part);
}

void
body_put(struct buf *b, struct arena *a, const struct message *m, const struct body_style *style)
{
	struct body_writer w = {.b = b, .a = a, .style = style, .m = m};
	struct attachment *files;
	struct readable_part *rs;
	size_t n = readable_parts(m, a, &rs);

	w.nfiles = attachments_of(a, m, &files);
	w.files = files;
	w.event = arena_zalloc(a, sizeof *w.event);
	w.placed = arena_array(a, w.nfiles + 1, sizeof *w.placed);
	tongue_of(&w.tongue, style->words, style->lang);
	w.blocks = (struct blocks_style){style->domain, &w.tongue};
	cards_notes(&w);
	put_parts(&w, rs, n);
}

void
body_place(struct buf *b, struct slice body, struct slice folder)
{
	while (body.n > 0) {
		size_t at = slice_find_char(body, *BODY_FOLDER);

		buf_put_slice(b, slice_sub(body, 0, at));
		if (at < body.n)
			buf_put_slice(b, folder);
		body = slice_from(body, at + 1);
	}
}

void
body_text(struct buf *b, struct arena *a, struct slice text, const char *domain)
{
	struct slice *lines = arena_array(a, text.n + 1, sizeof *lines), line;
	size_t n = 0;

	while (slice_next_line(&text, &line))
		lines[n++] = line;
	blocks_put(b, lines, n, &(struct blocks_style){.domain = domain});
}

/* The head of s; a word that would be cut is left out if it has an address, since half of one can't
 * be told from other words, and hidden, any more. */
static struct slice
head_without_half(struct slice s, size_t max)
{
	struct slice head = utf8_head(s, max), word = head;

	if (head.n == s.n || s.p[head.n] == ' ')
		return head;
	while (word.n > 0 && word.p[word.n - 1] != ' ')
		word.n--;
	return slice_find_char(slice_from(head, word.n), '@') < head.n - word.n ? slice_trim(word)
										: head;
}

struct slice
body_excerpt(struct arena *a, const struct message *m, size_t max)
{
	struct text_line *ls;
	size_t n = readable_lines(a, readable_text(m, a), &ls);
	struct slice out;
	struct buf b;

	buf_init(&b, max * 8);
	for (size_t i = 0; i < n && b.n < max * 4 && !b.over; i++) {
		struct slice rest = ls[i].text, word;

		if (ls[i].kind != LINE_OWN)
			continue;
		while (b.n < max * 4 && slice_next_word(&rest, &word)) {
			if (b.n > 0)
				buf_putc(&b, ' ');
			buf_put_slice(&b, utf8_head(word, max));
		}
	}
	out = arena_dup(a, head_without_half(buf_slice(&b), max));
	buf_free(&b);
	return out;
}
