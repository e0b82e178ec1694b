/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject: what a conversation is called when the reply and forward marks of mailers are taken
 * away. A mark wrongly taken damages an author's title, one left over only looks untidy: so a mark
 * must be in the table, and the doubtful ones count only where something else proves a reply.
 */
#include "mail/header.h"

#include "base/utf8.h"

#define SUBJECT_MAX 4096 /* characters looked at; longer ones are attacks or pasted bodies */

struct mark {
	const char *text;
	bool weak; /* also a word or a letter of its own: needs a tag or mark beside it */
};

/* Reply and forward marks by the languages that write them; ASCII in any case. */
static const struct mark marks[] = {
    {"re", false},
    {"fwd", false},
    {"fw", false},
    {"ref", true},
    {"aw", false},   /* German: Antwort */
    {"wg", false},   /* German: weitergeleitet */
    {"antw", false}, /* Dutch */
    {"antwort", false},
    {"doorst", false}, /* Dutch: doorsturen */
    {"sv", false},     /* Danish, Norwegian, Swedish: svar */
    {"vs", true},      /* the same: videresend; Finnish: vastaus; English: versus */
    {"vb", true},      /* Swedish: vidarebefordrat */
    {"vl", true},      /* Finnish: välitetty */
    {"fs", true},      /* Icelandic: framsent */
    {"tr", false},     /* French: transféré */
    {"rép", false},
    {"réf", true},
    {"r", true}, /* Italian: risposta */
    {"rif", true},
    {"i", true},    /* Italian: inoltro */
    {"res", false}, /* Portuguese: resposta */
    {"enc", false}, /* Portuguese: encaminhado */
    {"rv", false},  /* Spanish: reenviado */
    {"resp", true},
    {"odp", false}, /* Polish, Czech: odpowiedź */
    {"pd", true},   /* Polish: podaj dalej */
    {"odg", false}, /* Croatian, Slovene, Serbian: odgovor */
    {"vá", false},  /* Hungarian: válasz */
    {"továbbítás", false},
    {"ynt", false}, /* Turkish: yanıt */
    {"ilt", false}, /* Turkish: ilet */
    {"İLT", false},
    {"İlt", false},
    {"bls", false}, /* Indonesian: balas */
    {"trs", false}, /* Indonesian: terusan */
    {"atb", false}, /* Welsh: ateb */
    {"yml", true},  /* Welsh: ymlaen */
    {"на", true},   /* Bulgarian, Russian */
    {"НА", true},
    {"ответ", false}, /* Russian */
    {"Ответ", false},
    {"ОТВЕТ", false},
    {"отв", false},
    {"Отв", false},
    {"пересл", false},
    {"Пересл", false},
    {"відповідь", false}, /* Ukrainian */
    {"Відповідь", false},
    {"απ", false}, /* Greek: απάντηση */
    {"ΑΠ", false},
    {"Απ", false},
    {"σχετ", false},
    {"ΣΧΕΤ", false},
    {"πρθ", false},
    {"ΠΡΘ", false},
    {"رد", false}, /* Arabic */
    {"إعادة توجيه", false},
    {"پاسخ", false}, /* Persian */
    {"השב", false},  /* Hebrew */
    {"הועבר", false},
    {"回复", false}, /* Chinese */
    {"回覆", false},
    {"答复", false},
    {"答覆", false},
    {"转发", false},
    {"轉寄", false},
    {"轉發", false},
    {"返信", false}, /* Japanese */
    {"転送", false},
    {"회신", false}, /* Korean */
    {"답장", false},
    {"전달", false},
    {"trả lời", false}, /* Vietnamese */
    {"Trả lời", false},
    {"chuyển tiếp", false},
    {"Chuyển tiếp", false},
    {"ตอบ", false}, /* Thai */
    {"ส่งต่อ", false},
};

/* Tags in brackets that say what the message is about, and so are part of its title. */
static const char *const topic_tags[] = {
    "patch",  "rfc",      "announce", "announcement", "ann",   "bug",       "help",  "solved",
    "ot",     "offtopic", "question", "vote",         "draft", "wip",       "fixed", "resend",
    "urgent", "security", "info",     "job",          "cfp",   "important", "poll",  "result",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Length of the blank at the start of s, those beyond ASCII that mail has too; 0 if there is none.
 */
static size_t
blank_length(struct slice s)
{
	static const char *const wide[] = {"\xc2\xa0", "\xe2\x80\xaf", "\xe3\x80\x80"};
	if (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		return 1;
	for (size_t i = 0; i < COUNT(wide); i++)
		if (slice_starts(s, slice_str(wide[i])))
			return strlen(wide[i]);
	return 0;
}

/* Past blanks and direction marks, which Arabic and Hebrew mailers put around their colon. */
static struct slice
skip_blank(struct slice s)
{
	for (;;) {
		size_t n = blank_length(s);
		if (n == 0 && (slice_starts(s, SLICE("\xe2\x80\x8e")) ||
			       slice_starts(s, SLICE("\xe2\x80\x8f"))))
			n = 3;
		if (n == 0)
			return s;
		s = slice_from(s, n);
	}
}

/* "[2]", "(2)", "^2", "*2", "2": how often some mailers say a mark counts. */
static struct slice
skip_count(struct slice s)
{
	struct slice t = s;
	char close = '\0';
	if (t.n > 0 && (t.p[0] == '[' || t.p[0] == '('))
		close = t.p[0] == '[' ? ']' : ')';
	if (close || (t.n > 0 && (t.p[0] == '^' || t.p[0] == '*' || t.p[0] == '-')))
		t = slice_from(t, 1);
	size_t digits = 0;
	while (digits < t.n && t.p[digits] >= '0' && t.p[digits] <= '9')
		digits++;
	t = slice_from(t, digits);
	if (digits == 0 || digits > 3)
		return s;
	if (!close)
		return t;
	return t.n > 0 && t.p[0] == close ? slice_from(t, 1) : s;
}

/* The length of ":" or its full-width sister, after blanks. 0 if there is none. */
static size_t
colon_length(struct slice s)
{
	struct slice t = skip_blank(s);
	size_t before = s.n - t.n;
	if (t.n > 0 && t.p[0] == ':')
		return before + 1;
	if (slice_starts(t, SLICE("：")))
		return before + strlen("：");
	return 0;
}

static const struct mark *
match_mark(struct slice s, struct slice *rest)
{
	for (size_t i = 0; i < COUNT(marks); i++) {
		struct slice text = slice_str(marks[i].text);
		if (!slice_starts_ci(s, text))
			continue;
		struct slice t = skip_count(slice_from(s, text.n));
		size_t n = colon_length(t);
		if (n == 0)
			continue;
		*rest = skip_blank(slice_from(t, n));
		return &marks[i];
	}
	return NULL;
}

/* A tag in brackets is a list's name: one word, perhaps with a running number. */
static bool
match_tag(struct slice s, struct slice *rest)
{
	if (s.n < 3 || s.p[0] != '[')
		return false;
	size_t end = slice_find_char(s, ']');
	if (end >= s.n || end < 2 || end > 48)
		return false;
	struct slice tag = slice_sub(s, 1, end - 1), word, number;
	slice_cut(tag, ' ', &word, &number);
	for (size_t i = 0; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
	for (size_t i = 0; i < COUNT(topic_tags); i++)
		if (slice_is_ci(word, topic_tags[i]))
			return false;
	*rest = skip_blank(slice_from(s, end + 1));
	return word.n > 0;
}

/* "[Fwd: title]" (RFC 5256 2.1) and a "(fwd)" at the end. */
static bool
unwrap_forward(struct slice *s)
{
	if (slice_starts_ci(*s, SLICE("[fwd:")) && s->p[s->n - 1] == ']') {
		*s = skip_blank(slice_sub(*s, 5, s->n - 6));
		return true;
	}
	if (slice_ends_ci(*s, SLICE("(fwd)"))) {
		*s = slice_trim(slice_sub(*s, 0, s->n - 5));
		return true;
	}
	return false;
}

/* White space runs as one space. */
static struct slice
fold_blanks(struct arena *a, struct slice s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	while (s.n > 0) {
		size_t blank = blank_length(s);
		if (blank == 0) {
			out[n++] = s.p[0];
			s = slice_from(s, 1);
			continue;
		}
		if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
		s = slice_from(s, blank);
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return slice_make(out, n);
}

struct slice
subject_base(struct arena *a, struct slice subject, bool *stripped)
{
	struct slice s = skip_blank(fold_blanks(a, utf8_head(subject, SUBJECT_MAX))), rest;
	bool marked = false, tagged = false;
	for (;;) {
		const struct mark *m;
		if (s.n > 0 && unwrap_forward(&s)) {
			marked = true;
		} else if (match_tag(s, &rest) && rest.n > 0) {
			tagged = true;
			s = rest;
		} else if ((m = match_mark(s, &rest)) != NULL) {
			struct slice after;
			bool proved =
			    marked || tagged || match_tag(rest, &after) || match_mark(rest, &after);
			if (m->weak && !proved)
				break;
			marked = true;
			s = rest;
		} else {
			break;
		}
	}
	if (stripped)
		*stripped = marked;
	return slice_trim(s);
}
