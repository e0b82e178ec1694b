/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_reason: see report_reason.h. Words that can mean only one thing come first, because many
 * servers put any code before them ("550 5.7.1 No such user"); then the code; then weaker words.
 * What is left is OTHER, which nobody is held to account for.
 */
#include "config.h"
#include "mail/report_reason.h"

#include <string.h>

#include "mail/report_fold.h"
#include "mail/report_phrases.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Codes without their class (RFC 3463, 7505, 7372); the first that fits. One that ends in a dot
 * fits all behind it. */
static const struct status_row {
	const char *detail;
	enum report_reason reason;
	enum report_final final;
	bool sender; /* it is about the sender, whatever the words say */
} status_rows[] = {
    {"1.1", GONE, false},     {"1.2", NO_DOMAIN, false}, {"1.3", GONE, false},
    {"1.4", GONE, false},     {"1.6", MOVED, false},     {"1.10", NO_DOMAIN, false},
    {"1.7", POLICY, true},    {"1.8", POLICY, true},     {"2.1", LOCKED, false},
    {"2.2", FULL, false},     {"2.3", BIG, false},       {"2.4", OTHER, false},
    {"3.4", BIG, false},      {"3.", TEMPORARY, false},  {"4.1", EXPIRED, false},
    {"4.2", EXPIRED, false},  {"4.4", NO_DOMAIN, false}, {"4.7", EXPIRED, false},
    {"4.", TEMPORARY, false}, {"6.", CONTENT, false},    {"7.13", LOCKED, false},
    {"7.17", GONE, false},    {"7.20", AUTH, false},     {"7.21", AUTH, false},
    {"7.22", AUTH, false},    {"7.23", AUTH, false},     {"7.24", AUTH, false},
    {"7.25", AUTH, false},    {"7.26", AUTH, false},     {"7.", POLICY, false},
};

static const char *const names[] = {
    "gone",    "full",      "moved",   "expired",  "policy",    "content",   "auth",
    "too-big", "temporary", "delayed", "vacation", "delivered", "complaint", "other",
};

const char *
report_reason_name(enum report_reason reason)
{
	return names[reason];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "5.1.1", "4.0.947" at the start of s (RFC 3463 2: class, subject and detail of up to 3 digits);
 * its length or 0. */
static size_t
status_length(struct slice s)
{
	size_t n = 0, dots = 0, digits = 0;
	if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') || s.p[1] != '.')
		return 0;
	for (n = 0; n < s.n && (is_digit(s.p[n]) || s.p[n] == '.'); n++) {
		bool dot = s.p[n] == '.';
		if (dot ? digits == 0 || ++dots > 2 : ++digits > 3)
			break;
		if (dot)
			digits = 0;
	}
	bool ends = n == s.n || (!is_digit(s.p[n]) && s.p[n] != '.') ||
		    (s.p[n] == '.' && (n + 1 == s.n || !is_digit(s.p[n + 1])));
	return dots >= 2 && digits > 0 && ends ? n : 0;
}

struct slice
report_status_find(struct slice words)
{
	words = slice_sub(words, 0, REPORT_WORDS_MAX);
	for (size_t i = 0; i < words.n; i++) {
		char before = i ? words.p[i - 1] : ' ';
		if (is_digit(before) || before == '.' || (before | 0x20) >= 'a')
			continue;
		size_t n = status_length(slice_from(words, i));
		if (n > 0)
			return slice_sub(words, i, n);
	}
	return slice_make(NULL, 0);
}

/* --- words --- */

/* A reply code or an enhanced status that stands as a word, also "550-": no part of a phrase. */
static size_t
code_length(struct slice s)
{
	size_t n = status_length(s);
	if (n == 0 && s.n >= 3 && (s.p[0] == '4' || s.p[0] == '5') && is_digit(s.p[1]) &&
	    is_digit(s.p[2]))
		n = 3;
	if (n == 0)
		return 0;
	if (n < s.n && (s.p[n] == '-' || s.p[n] == ':'))
		return n + 1;
	return n == s.n || s.p[n] == ' ' || s.p[n] == '\n' ? n : 0;
}

static bool
begins_word(char before)
{
	return !((before >= 'a' && before <= 'z') || is_digit(before) || before == '\'');
}

/* Folded words without codes: "550-5.1.1 The user\n550 5.1.1 is unknown" → "the user is unknown".
 */
static void
fold_words(struct folded *out, struct slice words)
{
	struct folded f;
	report_fold(&f, words);
	struct slice s = slice_make(f.p, f.n);
	out->n = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool start = i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '-';
		size_t code = start ? code_length(slice_from(s, i)) : 0;
		while (code > 0) {
			i += code;
			while (i < s.n && s.p[i] == ' ')
				i++;
			code = code_length(slice_from(s, i));
		}
		if (i < s.n)
			out->p[out->n++] = s.p[i];
	}
}

/* The first row of the range that fits anywhere: each word is compared with the rows that begin
 * with its letter and stand before the best one so far. */
static const struct report_phrase *
find_phrase(const struct folded *f, const struct report_phrase *from, size_t n)
{
	for (size_t i = 0; i < f->n; i++) {
		if (i > 0 && !begins_word(f->p[i - 1]))
			continue;
		for (size_t k = 0; k < n; k++) {
			const char *w = from[k].words;
			if (w[0] == f->p[i] &&
			    slice_starts(slice_make(f->p + i, f->n - i), slice_str(w)))
				n = k;
		}
	}
	return &from[n];
}

static const struct status_row *
find_row(struct slice status)
{
	struct slice detail = slice_from(status, 2);
	for (size_t i = 0; i < COUNT(status_rows); i++) {
		struct slice row = slice_str(status_rows[i].detail);
		bool prefix = row.p[row.n - 1] == '.';
		if (prefix ? slice_starts(detail, row) : slice_eq(detail, row))
			return &status_rows[i];
	}
	return NULL;
}

/* The server that refused knows better than the one that reports: its code counts, if it is one
 * that says something. */
static struct slice
telling_status(struct slice status, struct slice words)
{
	struct slice said = report_status_find(words);
	if (said.n == 0 || said.p[0] == '2')
		return status;
	struct slice detail = slice_from(said, 2);
	bool empty = slice_starts(detail, SLICE("0.")) || slice_starts(detail, SLICE("5."));
	return empty && status.n > 0 ? status : said;
}

static bool
is_code_of(struct slice status, const char *subject)
{
	return slice_starts(slice_from(status, 2), slice_str(subject));
}

/* Does it say "554" or "550", which only SMTP says? */
static bool
has_reply_code(struct slice words)
{
	words = slice_sub(words, 0, REPORT_WORDS_MAX);
	for (size_t i = 0; i + 3 <= words.n; i++)
		if (words.p[i] == '5' && is_digit(words.p[i + 1]) && is_digit(words.p[i + 2]) &&
		    (i == 0 || (unsigned char)words.p[i - 1] <= ' ') &&
		    (i + 3 == words.n || !is_digit(words.p[i + 3])))
			return true;
	return false;
}

/* Where a refusal was said to RCPT, or somebody looked the address up. */
static bool
is_about_mailbox(struct slice words)
{
	static const char *const marks[] = {
	    "rcpt to:<", "rcpt to command", "rcpt to response",  "rcpt command",     "rcpt_to",
	    "rcpt: <",   "our rcpt",        "address not found", "couldn't be found"};
	for (size_t i = 0; i < COUNT(marks); i++)
		if (slice_find_ci(words, slice_str(marks[i])) < words.n)
			return true;
	return false;
}

/*
 * Is it to be believed for ever? A code of class 4 is not for ever (but for 4.1.1, which RFC
 * 3463 3.2 has for nothing but permanent failures). A server that writes 5.2.0, or
 * no enhanced code at all, and did not refuse at RCPT, has often taken the recipient already and
 * refuses this message (phones' mail filters in Japan do): half a point will do until it repeats
 * itself.
 */
static bool
is_for_ever(enum report_final final, struct slice status, struct slice words, struct slice context)
{
	if (final == FINAL_NOT)
		return false;
	if (status.n > 0 && status.p[0] == '4')
		return is_code_of(status, "1.1");
	if (final == FINAL_DOMAIN)
		return true;
	if (status.n > 0 && is_code_of(status, "2.0"))
		return false;
	if (status.n > 0 && !is_code_of(status, "0."))
		return true;
	return !(has_reply_code(words) || has_reply_code(context)) || is_about_mailbox(words) ||
	       is_about_mailbox(context);
}

static const struct report_phrase *
find_words(const struct folded *f, const struct report_phrase *table, size_t n)
{
	const struct report_phrase *p = find_phrase(f, table, n);
	return p == &table[n] ? NULL : p;
}

/* The report's other words may know of a mailbox that is there, but full or locked. */
static const struct report_phrase *
milder(struct slice context)
{
	struct folded f;
	fold_words(&f, context);
	const struct report_phrase *p =
	    find_words(&f, report_phrases_strong, report_phrases_strong_count);
	bool there =
	    p && p->final == FINAL_NOT && (p->reason == REPORT_FULL || p->reason == REPORT_GONE);
	return there ? p : NULL;
}

struct report_verdict
report_reason_find(struct slice status, struct slice words, struct slice context)
{
	struct folded f;
	const struct report_phrase *p = NULL, *other;
	enum report_final final = FINAL_NOT;
	struct report_verdict v = {REPORT_OTHER, false};
	status = telling_status(status, words);
	const struct status_row *row = find_row(status);
	fold_words(&f, words);
	if (!row || !row->sender)
		p = find_words(&f, report_phrases_strong, report_phrases_strong_count);
	if (!row && !p)
		p = find_words(&f, report_phrases_weak, report_phrases_weak_count);
	if (p && p->final == FINAL_MAILBOX && (other = milder(context)))
		p = other;
	if (p) {
		v.reason = p->reason;
		final = p->final;
	} else if (row) {
		v.reason = row->reason;
		final = row->final;
	}
	v.hard = is_for_ever(final, status, words, context);
	return v;
}

int
report_reason_points(struct report_verdict v)
{
	switch (v.reason) {
	case REPORT_GONE:
	case REPORT_MOVED:
		return v.hard ? 2 : 1;
	case REPORT_FULL:
	case REPORT_EXPIRED:
		return 1;
	default:
		return 0;
	}
}
