/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of tokens over a stack of waiting operators. Two modes: as written, and, when that is
 * not well formed, plain: brackets, quotes and operators are taken for the slips of the hand that
 * they are.
 */
#include "config.h"
#include "archive/query.h"

#include "base/utf8.h"
#include "conf/text.h"

/* clang-format off */
#define MALFORMED \
	N_("The search was not well formed, so all of its words were looked for. Each bracket and " \
	   "each quotation mark needs its partner, and AND and OR need words on both sides.")
#define TOO_LONG N_("The search is too long; its end was left out.")
#define BAD_DATE \
	N_("A date in the search was not understood and was left out. Write d:2017, d:2017-10, " \
	   "d:20171003..20171231 or d:2.months.ago.. instead.")
#define BAD_FILTER \
	N_("A part of the search was not understood and was left out. Write has:attachment, l: and " \
	   "a list’s name, m: and a Message-ID, thread: and the key of a thread.")
#define UNKNOWN \
	N_("A word before a colon means nothing special here and was looked for like any other. " \
	   "Write s: for the subject, f: for the author, t: for who it was sent to, d: for dates, " \
	   "l: for a list.")
#define SHORT_PREFIX N_("A word with * needs at least three letters before it.")
/* clang-format on */

enum token { TOKEN_END, TOKEN_OPERAND, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_OPEN, TOKEN_CLOSE };

struct reader {
	struct query *q;
	struct slice text;
	size_t at;
	int64_t now;
	bool plain;     /* second reading */
	bool malformed; /* first reading failed */
	int depth;
	size_t operands;
	struct query_item operand; /* of TOKEN_OPERAND */
};

struct prefix {
	const char *name;
	enum query_kind kind;
	enum query_field field;
};
static const struct prefix prefixes[] = {
    {"s", QUERY_WORDS, QUERY_SUBJECT},    {"f", QUERY_WORDS, QUERY_FROM},
    {"t", QUERY_WORDS, QUERY_TO},         {"b", QUERY_WORDS, QUERY_BODY},
    {"q", QUERY_WORDS, QUERY_QUOTED},     {"nq", QUERY_WORDS, QUERY_OWN},
    {"n", QUERY_WORDS, QUERY_NAME},       {"m", QUERY_MSGID, QUERY_ANY},
    {"l", QUERY_LIST, QUERY_ANY},         {"d", QUERY_DATES, QUERY_ANY},
    {"has", QUERY_ATTACHMENT, QUERY_ANY}, {"thread", QUERY_THREAD, QUERY_ANY},
};

/* What other archives call these. */
static const char *const strangers[] = {"from",  "subject", "to",     "cc",    "author",
					"list",  "date",    "before", "after", "body",
					"since", "until",   "year",   "is"};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

/* Could there be a word in it? Bytes above ASCII are judged by whoever folds them. */
static bool
has_word(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == '_' ||
		    (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    (s.p[i] >= 'A' && s.p[i] <= 'Z'))
			return true;
	return false;
}

/* The prefix that stands at r->at, stepped over; NULL if there is none. */
static const struct prefix *
take_prefix(struct reader *r)
{
	struct slice rest = slice_from(r->text, r->at);

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		size_t n = strlen(prefixes[i].name);

		if (rest.n > n && rest.p[n] == ':' &&
		    slice_is_ci(slice_sub(rest, 0, n), prefixes[i].name)) {
			r->at += n + 1;
			return &prefixes[i];
		}
	}
	return NULL;
}

/* Is it "from:ann"? */
static bool
is_stranger(struct slice word)
{
	struct slice name, rest;

	if (!slice_cut(word, ':', &name, &rest) || slice_starts(rest, SLICE("//")))
		return false;
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
		if (slice_is_ci(name, strangers[i]))
			return true;
	return false;
}

/* "…" at r->at; true and the text between. */
static bool
take_quoted(struct reader *r, struct slice *out)
{
	struct slice rest = slice_from(r->text, r->at);
	size_t end;

	if (r->plain || rest.n == 0 || rest.p[0] != '"')
		return false;
	rest = slice_from(rest, 1);
	end = slice_find_char(rest, '"');
	if (end == rest.n)
		r->malformed = true;
	*out = slice_sub(rest, 0, end);
	r->at += end + 2;
	return true;
}

/* Up to white space, a quote or a bracket; of a filter, up to white space or the closing bracket
 * of a group that it stands in. */
static struct slice
take_bare(struct reader *r, bool filter)
{
	size_t at = r->at;

	while (r->at < r->text.n) {
		char c = r->text.p[r->at];

		if (is_space(c) || (filter && c == ')' && r->depth > 0) ||
		    (!filter && (c == '(' || c == ')' || c == '"')))
			break;
		r->at++;
	}
	return slice_sub(r->text, at, r->at - at);
}

static void
notice(struct reader *r, const char *text)
{
	if (!r->q->notice)
		r->q->notice = text;
}

/* A word that ends in "*" asks for all that begin so. */
static void
read_star(struct reader *r, struct query_item *o)
{
	struct slice s = o->text;

	if (s.n < 2 || s.p[s.n - 1] != '*')
		return;
	while (s.n > 0 && s.p[s.n - 1] == '*')
		s.n--;
	o->text = s;
	if (utf8_length(s) >= QUERY_PREFIX_MIN || (s.n > 0 && (unsigned char)s.p[0] >= 0xe0))
		o->open = true;
	else
		notice(r, SHORT_PREFIX);
}

/* Makes the operand what its prefix says. False if it is to be left out. */
static bool
read_operand(struct reader *r, const struct prefix *prefix, struct slice text, bool quoted)
{
	struct query_item *o = &r->operand;

	*o = (struct query_item){.kind = QUERY_WORDS, .text = text, .quoted = quoted};
	if (prefix) {
		o->kind = prefix->kind;
		o->field = prefix->field;
	}
	switch (o->kind) {
	case QUERY_WORDS:
		if (!quoted)
			read_star(r, o);
		return has_word(o->text);
	case QUERY_DATES:
		if (query_dates(text, r->now, &o->from, &o->to))
			return true;
		notice(r, BAD_DATE);
		return false;
	case QUERY_ATTACHMENT:
		if (slice_is_ci(text, "attachment") || slice_is_ci(text, "attachments"))
			return true;
		notice(r, BAD_FILTER);
		return false;
	case QUERY_MSGID:
		if (slice_starts(text, SLICE("<")))
			text = slice_from(text, 1);
		if (text.n > 0 && text.p[text.n - 1] == '>')
			text.n--;
		o->text = text;
		break;
	default:
		break;
	}
	if (text.n > 0)
		return true;
	notice(r, BAD_FILTER);
	return false;
}

/* AND, OR, NOT in capitals, standing alone. */
static enum token
read_operator(struct slice word)
{
	if (slice_is(word, "AND"))
		return TOKEN_AND;
	if (slice_is(word, "OR"))
		return TOKEN_OR;
	if (slice_is(word, "NOT"))
		return TOKEN_NOT;
	return TOKEN_OPERAND;
}

static bool
take_bracket(struct reader *r, enum token *t)
{
	char c = r->text.p[r->at];

	if (c != '(' && c != ')')
		return false;
	r->at++;
	*t = c == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
	return true;
}

/* A "-" that begins a word, and more than a dash between two words. */
static bool
take_minus(struct reader *r)
{
	if (r->text.p[r->at] != '-')
		return false;
	r->at++;
	return r->at < r->text.n && !is_space(r->text.p[r->at]) && r->text.p[r->at] != '-' &&
	       r->text.p[r->at] != ')';
}

static enum token
next_token(struct reader *r)
{
	while (r->at < r->text.n) {
		const struct prefix *prefix;
		struct slice word = {NULL, 0};
		enum token t;
		bool quoted;

		if (is_space(r->text.p[r->at])) {
			r->at++;
			continue;
		}
		if (take_bracket(r, &t)) {
			if (r->plain)
				continue;
			return t;
		}
		if (r->text.p[r->at] == '-') {
			if (take_minus(r) && !r->plain)
				return TOKEN_NOT;
			continue;
		}
		if (r->plain && r->text.p[r->at] == '"') {
			r->at++;
			continue;
		}
		prefix = take_prefix(r);
		quoted = take_quoted(r, &word);
		if (!quoted)
			word = take_bare(r, prefix && prefix->kind != QUERY_WORDS);
		if (!prefix && !quoted && (t = read_operator(word)) != TOKEN_OPERAND)
			return t;
		if (!prefix && !quoted && is_stranger(word))
			notice(r, UNKNOWN);
		if (read_operand(r, prefix, word, quoted))
			return TOKEN_OPERAND;
	}
	return TOKEN_END;
}

static void
emit(struct query *q, enum query_kind kind)
{
	if (q->n < QUERY_ITEMS_MAX)
		q->item[q->n++] = (struct query_item){.kind = kind};
}

/* Operators that wait, by how close they bind. */
enum waiting { WAITING_OPEN, WAITING_OR, WAITING_AND, WAITING_EITHER, WAITING_NOT };
struct stack {
	enum waiting op[QUERY_ITEMS_MAX];
	size_t n;
};

static void
release(struct query *q, struct stack *s, enum waiting down_to)
{
	static const enum query_kind kind[] = {[WAITING_OR] = QUERY_OR,
					       [WAITING_AND] = QUERY_AND,
					       [WAITING_EITHER] = QUERY_OR,
					       [WAITING_NOT] = QUERY_NOT};

	while (s->n > 0 && s->op[s->n - 1] >= down_to && s->op[s->n - 1] != WAITING_OPEN)
		emit(q, kind[s->op[--s->n]]);
}

static bool
push(struct query *q, struct stack *s, enum waiting op)
{
	if (op != WAITING_NOT && op != WAITING_OPEN)
		release(q, s, op);
	if (s->n == QUERY_ITEMS_MAX)
		return false;
	s->op[s->n++] = op;
	return true;
}

/* The operator that is meant between the operand that just ended and what begins. */
static enum waiting
between(const struct reader *r, enum token t, enum query_kind before)
{
	bool filter = before == QUERY_LIST || before == QUERY_THREAD || before == QUERY_MSGID;

	return t == TOKEN_OPERAND && filter && before == r->operand.kind ? WAITING_EITHER
									 : WAITING_AND;
}

struct parse {
	struct reader *r;
	struct stack s;
	bool ended;             /* an operand has ended: an operator may come */
	bool negated;           /* NOT right before */
	enum query_kind before; /* kind of the operand just before; QUERY_NOT if of no use */
};

/* One token as written. False where it may not stand. */
static bool
step(struct parse *p, enum token t)
{
	struct query *q = p->r->q;
	bool ok = true;

	if (p->ended && (t == TOKEN_OPERAND || t == TOKEN_OPEN || t == TOKEN_NOT)) {
		ok = push(q, &p->s, between(p->r, t, p->before));
		p->ended = false;
	}
	switch (t) {
	case TOKEN_OPERAND:
		if (q->n == QUERY_ITEMS_MAX)
			return false;
		q->item[q->n++] = p->r->operand;
		p->before = p->negated ? QUERY_NOT : p->r->operand.kind;
		p->ended = true;
		break;
	case TOKEN_AND:
	case TOKEN_OR:
		ok = p->ended && push(q, &p->s, t == TOKEN_AND ? WAITING_AND : WAITING_OR);
		p->ended = false;
		break;
	case TOKEN_NOT:
		ok = ok && push(q, &p->s, WAITING_NOT);
		break;
	case TOKEN_OPEN:
		ok = ok && ++p->r->depth <= QUERY_DEPTH_MAX && push(q, &p->s, WAITING_OPEN);
		break;
	case TOKEN_CLOSE:
		release(q, &p->s, WAITING_OR);
		ok = p->ended && p->r->depth-- > 0 && p->s.n-- > 0;
		p->before = QUERY_NOT;
		break;
	case TOKEN_END:
		release(q, &p->s, WAITING_OR);
		ok = (p->ended || q->n + p->s.n == 0) && p->r->depth == 0;
		break;
	}
	p->negated = t == TOKEN_NOT;
	return ok && q->n < QUERY_ITEMS_MAX;
}

static bool
read_as_written(struct reader *r)
{
	struct parse p = {.r = r, .before = QUERY_NOT};
	enum token t;

	do {
		t = next_token(r);
		if (t == TOKEN_OPERAND && ++r->operands > QUERY_OPERANDS_MAX) {
			notice(r, TOO_LONG);
			r->at = r->text.n;
			/* What is open is closed where the end is cut off. */
			while (r->depth > 0 && p.ended)
				if (!step(&p, TOKEN_CLOSE))
					return false;
			t = TOKEN_END;
		}
		if (!step(&p, t) || r->malformed)
			return false;
	} while (t != TOKEN_END);
	return true;
}

/* All operands, one AND the other; operators too when there is nothing else ("AND AND"). */
static void
read_plainly(struct reader *r, bool operators)
{
	enum token t;

	r->at = 0;
	r->depth = 0;
	r->operands = 0;
	r->q->n = 0;
	r->plain = true;
	while ((t = next_token(r)) != TOKEN_END && r->operands < QUERY_OPERANDS_MAX) {
		if (t != TOKEN_OPERAND && !operators)
			continue;
		if (t != TOKEN_OPERAND)
			r->operand = (struct query_item){.kind = QUERY_WORDS,
							 .text = t == TOKEN_AND  ? SLICE("and")
								 : t == TOKEN_OR ? SLICE("or")
										 : SLICE("not")};
		r->q->item[r->q->n++] = r->operand;
		if (++r->operands > 1)
			emit(r->q, QUERY_AND);
	}
}

void
query_parse(struct query *q, struct slice text, int64_t now)
{
	struct reader r = {.q = q, .text = text, .now = now};

	q->n = 0;
	q->notice = NULL;
	if (text.n > QUERY_BYTES_MAX) {
		r.text.n = QUERY_BYTES_MAX;
		while (r.text.n > 0 && ((unsigned char)text.p[r.text.n] & 0xc0) == 0x80)
			r.text.n--;
		notice(&r, TOO_LONG);
	}
	if (read_as_written(&r))
		return;
	notice(&r, MALFORMED);
	read_plainly(&r, false);
	if (q->n == 0)
		read_plainly(&r, true);
}
