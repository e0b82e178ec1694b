/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_irregular: see report_irregular.h. One pass over the lines. A line either holds a phrase
 * that says where addresses stand, or begins with an address while such a phrase is in force. An
 * address in the middle of prose is never taken: it may be the postmaster's. Transcripts of SMTP
 * dialogues are looked at only if there was no list.
 */
#include "config.h"
#include "mail/report_irregular.h"

#include "mail/address.h"
#include "mail/report_fold.h"
#include "mail/report_reason.h"
#include "mail/report_says.h"

#define LIST_LINES_MAX 3000 /* lines after which a list's phrase is no more in force */

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum stands {
	BEHIND, /* the address stands behind the phrase, or begins a line that follows */
	BELOW,  /* addresses begin lines that follow */
	STOP    /* no list any more */
};

/* Phrases in lower case with single spaces. Where several fit, the first. */
static const struct place {
	const char *words;
	enum stands where;
} places[] = {
    /* what ends a list */
    {"transcript of session", STOP},
    {"session transcript", STOP},
    {"for further assistance", STOP},
    {"please contact", STOP},
    {"a message sent by", STOP},
    {"message was sent from", STOP},
    {"technical details", STOP},
    {"additional information", STOP},
    {"error detail", STOP},
    {"diagnostic information", STOP},
    {"smtp command", STOP},
    /* one address, on the line or at the next one, whatever else the line says */
    {"did not reach the following recipient:", BEHIND},
    {"addressed to email address", BEHIND},
    /* lists */
    {"following address", BELOW},
    {"following recipient", BELOW},
    {"following user", BELOW},
    {"following list of recipients", BELOW},
    {"following destination", BELOW},
    {"these recipients", BELOW},
    {"this recipient", BELOW},
    {"address(es) failed", BELOW},
    {"addresses failed", BELOW},
    {"address failed", BELOW},
    {"failed recipients", BELOW},
    {"failed addresses", BELOW},
    {"failure reasons", BELOW},
    {"recipients of the message", BELOW},
    {"one or more of its recipients", BELOW},
    {"one or more recipients", BELOW},
    {"one or more destinations", BELOW},
    {"list of recipients", BELOW},
    {"recipients were affected", BELOW},
    {"address to which the message", BELOW},
    {"not delivered to", BELOW},
    {"recipient addresses that were", BELOW},
    {"undelivered to the following", BELOW},
    {"not able to deliver", BELOW},
    {"there's a problem with the e-mail address", BELOW},
    {"account is disabled", BELOW},
    {"le message aux destinataires", BELOW},
    {"destinataires suivants", BELOW},
    {"destinataire suivant", BELOW},
    {"adresses suivantes", BELOW},
    {"folgenden empf", BELOW},
    {"folgende adresse", BELOW},
    {"siguientes destinatarios", BELOW},
    {"siguiente destinatario", BELOW},
    {"siguientes direcciones", BELOW},
    {"seguintes destinat", BELOW},
    {"seguenti destinatari", BELOW},
    {"seguente destinatario", BELOW},
    {"seguenti indirizzi", BELOW},
    {"volgende geadresseerde", BELOW},
    {"volgende ontvanger", BELOW},
    {"следующим адрес", BELOW},
    {"следующим получател", BELOW},
    {"送信に失敗", BELOW},
    {"以下のメールアドレス", BELOW},
    {"以下の宛先", BELOW},
    {"无法发送到以下", BELOW},
    {"以下收件人", BELOW},
    {"無法傳送到", BELOW},
    /* one address, on the line or at the next one */
    {"undeliverable address:", BEHIND},
    {"quota violation for", BEHIND},
    {"intended recipient:", BEHIND},
    {"unknown user:", BEHIND},
    {"invalid final delivery userid:", BEHIND},
    {"mailbox is full:", BEHIND},
    {"error-for:", BEHIND},
    {"originally addressed to", BEHIND},
    {"delivering your mail to", BEHIND},
    {"unable to deliver your message to", BEHIND},
    {"unable to deliver message to", BEHIND},
    {"could not be delivered to", BEHIND},
    {"couldn't be delivered to", BEHIND},
    {"wasn't delivered to", BEHIND},
    {"was not delivered to", BEHIND},
    {"cannot be delivered to", BEHIND},
    {"not be delivered to", BEHIND},
    {"rejected recipient", BEHIND},
    {"you sent mail to", BEHIND},
    {"local mailbox", BEHIND},
    {"address: <", BEHIND},
    {"your message to", BEHIND},
    {"your email to", BEHIND},
    {"your mail to", BEHIND},
    {"the recipient:", BEHIND},
};

/* What may stand between bullets and an address at the start of a line. */
static const char *const labels[] = {"smtp:",      "mailto:", "rfc822;",
				     "recipient:", "to:",     "address:"};

/* Where in the line the phrase ends that stands in f; 0 if none does. */
static size_t
find_place(const struct folded *f, const struct place **place)
{
	struct slice s = slice_make(f->p, f->n);
	for (size_t i = 0; i < COUNT(places); i++) {
		struct slice words = slice_str(places[i].words);
		size_t at = slice_find(s, words);
		if (at == s.n)
			continue;
		*place = &places[i];
		return f->from[at + words.n - 1] + 1;
	}
	return 0;
}

/* --- addresses --- */

static bool
is_address_byte(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !memchr("<>()[]:;,\"'", c, 11);
}

static struct slice
skip_marks(struct slice s)
{
	size_t n = 0;
	while (n < s.n && ((unsigned char)s.p[n] <= ' ' || memchr("<>*-\"'([`=|", s.p[n], 11)))
		n++;
	return slice_from(s, n);
}

struct slice
report_address_at(struct slice s)
{
	size_t n = 0;
	s = skip_marks(s);
	for (size_t i = 0; i < COUNT(labels); i++)
		if (slice_starts_ci(s, slice_str(labels[i]))) {
			s = skip_marks(slice_from(s, strlen(labels[i])));
			i = (size_t)-1; /* "Recipient: [SMTP:x@y]": one label is shorter each time
					 */
		}
	while (n < s.n && is_address_byte(s.p[n]))
		n++;
	while (n > 0 && (s.p[n - 1] == '.' || s.p[n - 1] == '*'))
		n--;
	s.n = n;
	size_t at = slice_find_char(s, '@');
	if (at == 0 || at + 1 >= s.n)
		return slice_make(NULL, 0);
	return s;
}

/* The first address in s that stands as a word of its own. */
static struct slice
find_address(struct slice s)
{
	struct slice word;
	while (slice_next_word(&s, &word)) {
		struct slice address = report_address_at(word);
		if (address.n > 0)
			return address;
	}
	return slice_make(NULL, 0);
}

/* A line that is one word, which could be a local part: for servers that leave out their domain. */
static struct slice
local_part(struct slice line)
{
	struct slice s = slice_trim(line);
	for (size_t i = 0; i < s.n; i++)
		if (!is_address_byte(s.p[i]) || s.p[i] == '@' || (unsigned char)s.p[i] >= 0x80)
			return slice_make(NULL, 0);
	return slice_sub(s, 0, s.n <= 64 ? s.n : 0);
}

/* --- the pass --- */

struct walk {
	struct arena *arena;
	struct slice home;
	struct report_found *v;
	size_t n;
	const char *open; /* where the words behind the last address begin; NULL: nothing is open */
	int left;         /* lines for which a list's phrase is in force */
	bool expect;      /* the very next lines must begin with an address, or it is none */
};

static void
close_words(struct walk *w, const char *end)
{
	if (w->open && end > w->open) {
		size_t n = (size_t)(end - w->open);
		w->v[w->n - 1].words = slice_make(w->open, n);
	}
	w->open = NULL;
}

static bool
have(const struct walk *w, struct slice address)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_eq_ci(w->v[i].recipient, address))
			return true;
	return false;
}

static void
add(struct walk *w, struct slice address, const char *line)
{
	if (have(w, address) || w->n == REPORT_RECIPIENTS_MAX)
		return;
	close_words(w, line);
	w->v[w->n].recipient = address;
	w->v[w->n++].words = slice_make(NULL, 0);
	w->open = address.p + address.n;
}

/* Is this a line like "<ann@example.org>:", which needs no phrase before it? */
static bool
is_paragraph_head(struct slice line, struct slice address)
{
	struct slice s = slice_trim(line);
	return s.n > 0 && (s.p[0] == '<' || s.p[0] == '"') && address.p == s.p + 1 &&
	       address.p + address.n + 1 < s.p + s.n && address.p[address.n + 1] == ':';
}

static void
take_place(struct walk *w, struct slice line, size_t end, const struct place *place)
{
	struct slice address = slice_make(NULL, 0);
	if (place->where == STOP) {
		w->left = 0;
		close_words(w, line.p);
		return;
	}
	w->left = LIST_LINES_MAX;
	if (place->where == BEHIND)
		address = find_address(slice_from(line, end));
	if (address.n > 0)
		add(w, address, line.p);
}

static void
take_line(struct walk *w, struct slice line)
{
	struct folded f;
	const struct place *place;
	struct slice address = report_address_at(line);
	if (address.n > 0 && (w->left > 0 || is_paragraph_head(line, address))) {
		add(w, address, line.p);
		return;
	}
	if (report_is_quoted(line))
		return;
	report_fold(&f, line);
	size_t end = find_place(&f, &place);
	if (end > 0)
		take_place(w, line, end, place);
	else if (w->left > 0)
		w->left--;
}

/* "550 5.1.1 <ann@example.org>... User unknown", ">>> RCPT TO:<ann@example.org>". */
static struct slice
transcript_address(struct slice line)
{
	struct slice s = slice_trim(line), none = slice_make(NULL, 0);
	size_t rcpt = slice_find_ci(s, SLICE("rcpt to:"));
	if (rcpt < s.n)
		return report_address_at(slice_from(s, rcpt + 8));
	if (slice_starts(s, SLICE("<<< ")))
		return none; /* replies may name the sender */
	if (s.n < 5 || (s.p[0] != '4' && s.p[0] != '5') || (s.p[3] != ' ' && s.p[3] != '-'))
		return none;
	s = slice_from(s, 4);
	struct slice status = report_status_find(slice_sub(s, 0, 12));
	if (status.p == s.p)
		s = slice_from(s, status.n);
	struct slice address = report_address_at(s);
	if (address.n == 0)
		return none;
	const char *end = address.p + address.n;
	struct slice behind = slice_make(end, (size_t)(s.p + s.n - end));
	return slice_find(slice_sub(behind, 0, 5), SLICE("...")) < 5 ? address : none;
}

static void
walk_transcript(struct walk *w, struct slice text)
{
	struct slice line;
	while (slice_next_line(&text, &line)) {
		struct slice address = transcript_address(line);
		if (address.n > 0)
			add(w, address, line.p);
		if (!slice_starts(slice_trim(line), SLICE(">>>")) && w->open)
			close_words(w, line.p + line.n);
	}
	close_words(w, text.p);
}

/* AOL's reports name local parts only. */
static void
walk_locals(struct walk *w, struct slice text)
{
	struct slice line;
	struct folded f;
	const struct place *place;
	bool list = false;
	while (slice_next_line(&text, &line)) {
		struct slice local = local_part(line);
		report_fold(&f, line);
		if (find_place(&f, &place) > 0)
			list = place->where == BELOW;
		else if (list && local.n > 0)
			add(w,
			    slice_str(arena_printf(w->arena, "%.*s@%.*s", SLICE_ARG(local),
						   SLICE_ARG(w->home))),
			    line.p);
		else if (slice_trim(line).n > 0)
			list = false;
	}
	w->open = NULL;
}

size_t
report_irregular(struct arena *a, struct slice text, struct slice home, struct report_found **out)
{
	struct walk w = {.arena = a, .home = home};
	struct slice rest = text, line;
	w.v = arena_array(a, REPORT_RECIPIENTS_MAX, sizeof *w.v);
	while (slice_next_line(&rest, &line))
		take_line(&w, line);
	close_words(&w, text.p + text.n);
	if (w.n == 0)
		walk_transcript(&w, text);
	if (w.n == 0 && home.n > 0)
		walk_locals(&w, text);
	*out = w.v;
	return w.n;
}
