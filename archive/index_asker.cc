/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/index_asker.hh"
#include "archive/index_pairs.hh"

extern "C" {
#include "archive/terms.h"
#include "archive/words.h"
#include "conf/text.h"
}

namespace shim
{

namespace
{

const size_t WORDS_STEMMED = 16;            /* of the words of a query */
const size_t OPEN_ASKED = 6;                /* words with a "*" in a query */
const Xapian::termcount PREFIXED_MAX = 500; /* words that foo* stands for */

/* How much a word counts by where it stands. */
const double WEIGHT_SUBJECT = 2.0, WEIGHT_NAME = 0.7, WEIGHT_STEM = 0.3, WEIGHT_QUOTED = 0.3;

const char *const FIELDS[] = {nullptr, TERM_SUBJECT, TERM_FROM, TERM_TO,
			      nullptr, TERM_QUOTED,  TERM_OWN,  TERM_NAME};

} // namespace

void
Asker::say(const char *phrase)
{
	if (!notice)
		notice = phrase;
}

std::vector<Token>
Asker::tokens_of(slice text)
{
	std::vector<Token> ts;
	struct words w;
	struct word word;

	words_init(&w, tools.fold, text);
	while (words_next(&w, &word)) {
		if (left == 0) {
			say(N_("The search is too long; its end was left out."));
			break;
		}
		left--;
		ts.push_back(
		    Token{string_of(word.exact), string_of(word.plain), word.gram, word.joined});
	}
	return ts;
}

/* Any word that begins so: a bounded number, the commonest. */
Xapian::Query
Asker::prefixed(const std::string &term)
{
	Xapian::termcount n = 0;

	for (auto i = tools.db.allterms_begin(term); i != tools.db.allterms_end(term); ++i)
		if (++n > PREFIXED_MAX) {
			say(N_(
			    "Too many words begin like that; the most frequent were looked for."));
			break;
		}
	return Xapian::Query(Xapian::Query::OP_WILDCARD, term, PREFIXED_MAX,
			     Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT,
			     Xapian::Query::OP_SYNONYM);
}

namespace
{

/* What a phrase asks of the pairs of a document; a last word that is open is not in it. */
std::vector<uint32_t>
pairs_of(const char *prefix, const std::vector<Token> &ts, size_t n)
{
	struct neighbours nb = {};
	std::vector<uint32_t> all;
	uint32_t out[2];

	nb.field = prefix[0];
	nb.triples = nb.field != TERM_QUOTED[0];
	for (size_t i = 0; i < n; i++) {
		struct word w = {};

		w.gram = ts[i].gram;
		w.joined = ts[i].joined;
		w.plain = slice_of(ts[i].plain);
		all.insert(all.end(), out, out + neighbours_next(&nb, &w, out));
	}
	return all;
}

/* The first n words as terms without a prefix. Grams that adjoin are asked for as the terms that
 * their pairs are. */
std::vector<std::string>
units(const std::vector<Token> &ts, size_t n)
{
	std::vector<std::string> all;

	for (size_t i = 0; i < n; i++)
		if (i > 0 && ts[i].joined)
			all.push_back(ts[i - 1].text + ts[i].text);
		else if (!(i + 1 < n && ts[i + 1].joined))
			all.push_back(ts[i].text);
	return all;
}

Xapian::Query
weighed(const Xapian::Query &q, double weight)
{
	return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, q, weight);
}

Xapian::Query
in_pairs(const std::vector<uint32_t> &hashes, bool one_will_do = false)
{
	return Xapian::Query((new PairSource(hashes, {}, one_will_do))->release());
}

Xapian::Query
all_of(const std::vector<Xapian::Query> &all)
{
	return Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end());
}

} // namespace

/* The words of an operand, one behind the other, in a field. */
Xapian::Query
Asker::field(const char *prefix, const std::vector<Token> &ts, bool open)
{
	std::vector<Xapian::Query> all;
	std::vector<uint32_t> pairs;
	size_t n = open ? ts.size() - 1 : ts.size();

	for (const std::string &unit : units(ts, n))
		all.push_back(Xapian::Query(prefix + unit));
	if (open)
		all.push_back(prefixed(prefix + ts[n].text));
	/* Of whom a mail was sent to nobody remembers the order. */
	if (prefix[0] != TERM_TO[0])
		pairs = pairs_of(prefix, ts, n);
	if (!pairs.empty())
		all.push_back(in_pairs(pairs));
	return all_of(all);
}

/* Words that begin so, are quoted, and are the author's own as well: those with their marks. */
Xapian::Query
Asker::quoted_and_own(const std::string &begin)
{
	std::vector<uint32_t> marks;

	for (auto i = tools.db.allterms_begin(begin);
	     i != tools.db.allterms_end(begin) && marks.size() < PREFIXED_MAX; ++i)
		marks.push_back(term_mark(TERM_QUOTED, slice_of(*i)));
	return prefixed(begin) & in_pairs(marks, true);
}

/*
 * The same in quoted text, where a word that the author says himself, too, is only a mark
 * (TERMS_MARKS). as_own: what has it as an own word, too, is found by that anyway.
 */
Xapian::Query
Asker::quoted(const std::vector<Token> &ts, bool open, bool as_own)
{
	std::vector<Xapian::Query> all;
	size_t n = open ? ts.size() - 1 : ts.size();
	std::vector<uint32_t> pairs = pairs_of(TERM_QUOTED, ts, n);
	std::vector<std::string> closed = units(ts, n);
	bool alone = closed.size() + open == 1;

	for (const std::string &unit : closed) {
		Xapian::Query one(TERM_QUOTED + unit), own(unit);

		if (!pairs.empty())
			one |= own; /* the pairs tell */
		else if (!as_own || !alone)
			one |= own & in_pairs({term_mark(TERM_QUOTED, slice_of(unit))});
		all.push_back(one);
	}
	if (open) {
		Xapian::Query one = prefixed(TERM_QUOTED + ts[n].text);

		all.push_back(as_own && alone ? one : one | quoted_and_own(ts[n].text));
	}
	if (!pairs.empty())
		all.push_back(in_pairs(pairs));
	return all_of(all);
}

/* In own text or, with less weight, in quoted text. Of words in a row each message's set of pairs
 * is looked at once. */
Xapian::Query
Asker::text(const std::vector<Token> &ts, bool open)
{
	std::vector<Xapian::Query> all;
	size_t n = open ? ts.size() - 1 : ts.size();
	std::vector<uint32_t> own = pairs_of(TERM_OWN, ts, n), other = pairs_of(TERM_QUOTED, ts, n);

	if (own.empty() || other.empty())
		return field(TERM_OWN, ts, open) | weighed(quoted(ts, open, true), WEIGHT_QUOTED);
	for (const std::string &unit : units(ts, n))
		all.push_back(Xapian::Query(unit) |
			      weighed(Xapian::Query(TERM_QUOTED + unit), WEIGHT_QUOTED));
	if (open)
		all.push_back(prefixed(ts[n].text) |
			      weighed(prefixed(TERM_QUOTED + ts[n].text), WEIGHT_QUOTED));
	all.push_back(Xapian::Query((new PairSource(own, other))->release()));
	return all_of(all);
}

/* The word's stems in the languages there are, and what is spelt like one of these stems. */
Xapian::Query
Asker::stems(const char *field, const char *stem_field, const std::string &word)
{
	std::vector<Xapian::Query> all;

	for (const std::string &l : tools.languages) {
		const std::string &stem = tools.stemmers.of(l).of(word, tools.fold);

		if (stem.empty())
			continue;
		if (stem != word)
			all.push_back(Xapian::Query(field + stem));
		all.push_back(Xapian::Query(stem_field + l + stem));
	}
	Xapian::Query either(Xapian::Query::OP_SYNONYM, all.begin(), all.end());
	return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, either, WEIGHT_STEM);
}

bool
is_stemmed(const struct query_item *item, const std::vector<Token> &ts)
{
	return ts.size() == 1 && !ts[0].gram && !item->quoted && !item->open;
}

std::string
msgid_term(slice id)
{
	return TERM_MSGID + hashed(id, MSGID_BYTES);
}

Xapian::Query
Asker::anywhere(const struct query_item *item, const std::vector<Token> &ts)
{
	std::vector<Xapian::Query> any = {
	    text(ts, item->open), weighed(field(TERM_SUBJECT, ts, item->open), WEIGHT_SUBJECT),
	    field(TERM_FROM, ts, item->open),
	    weighed(field(TERM_NAME, ts, item->open), WEIGHT_NAME)};

	if (slice_find_char(item->text, '@') < item->text.n)
		any.push_back(Xapian::Query(msgid_term(item->text)));
	if (is_stemmed(item, ts) && asked.size() <= WORDS_STEMMED) {
		any.push_back(stems(TERM_OWN, TERM_STEM, ts[0].text));
		any.push_back(stems(TERM_SUBJECT, TERM_SUBJECT_STEM, ts[0].text));
	}
	return Xapian::Query(Xapian::Query::OP_OR, any.begin(), any.end());
}

Xapian::Query
Asker::by_field(const struct query_item *item, const std::vector<Token> &ts)
{
	const char *prefix = FIELDS[item->field];
	bool body = item->field == QUERY_BODY;
	Xapian::Query found = body                          ? text(ts, item->open)
			      : item->field == QUERY_QUOTED ? quoted(ts, item->open, false)
							    : field(prefix, ts, item->open);

	if (!is_stemmed(item, ts) || asked.size() > WORDS_STEMMED)
		return found;
	if (item->field == QUERY_SUBJECT)
		found |= stems(TERM_SUBJECT, TERM_SUBJECT_STEM, ts[0].text);
	else if (body || item->field == QUERY_OWN)
		found |= stems(TERM_OWN, TERM_STEM, ts[0].text);
	return found;
}

Asker::Value
Asker::words(const struct query_item *item)
{
	std::vector<Token> ts = tokens_of(item->text);
	struct query_item one = *item;

	if (ts.empty())
		return Value{Xapian::Query(), false, true};
	one.open = item->open && !ts.back().gram;
	if (one.open && ++opened > OPEN_ASKED) {
		say(N_("Too many words with *; the last ones were looked for as they stand."));
		one.open = false;
	}
	scored = true;
	asked.push_back(Asked{ts, item});
	return Value{item->field == QUERY_ANY ? anywhere(&one, ts) : by_field(&one, ts), false,
		     false};
}

/* Filters are ours, so that two of one kind are never taken for an OR, and give no weight. */
Xapian::Query
filter(const std::string &term)
{
	return weighed(Xapian::Query(term), 0);
}

Xapian::Query
in_thread(const std::string &value)
{
	return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, THREAD_SLOT, value, value);
}

Xapian::Query
dated(int64_t from, int64_t to)
{
	if (from == INT64_MIN)
		return Xapian::Query(Xapian::Query::OP_VALUE_LE, DATE_SLOT, date_value(to));
	if (to == INT64_MAX)
		return Xapian::Query(Xapian::Query::OP_VALUE_GE, DATE_SLOT, date_value(from));
	if (from > to)
		return Xapian::Query::MatchNothing;
	return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, DATE_SLOT, date_value(from),
			     date_value(to));
}

Asker::Value
Asker::operand(const struct query_item *item)
{
	Value v = {Xapian::Query(), false, false};

	switch (item->kind) {
	case QUERY_WORDS:
		return words(item);
	case QUERY_DATES:
		v.query = weighed(dated(item->from, item->to), 0);
		break;
	case QUERY_LIST:
		v.query = filter(term_of(TERM_LIST, literal(arena_lower(tools.arena, item->text))));
		break;
	case QUERY_THREAD:
		v.query = weighed(
		    in_thread(thread_value(literal(arena_lower(tools.arena, item->text)))), 0);
		break;
	case QUERY_MSGID:
		v.query = filter(msgid_term(item->text));
		break;
	case QUERY_ATTACHMENT:
		v.query = filter(term_of(TERM_HAS, literal(TERM_HAS_ATTACHMENT)));
		break;
	default:
		break;
	}
	return v;
}

Xapian::Query
all_but(const Xapian::Query &out)
{
	return Xapian::Query(Xapian::Query::OP_AND_NOT, filter(std::string()), out);
}

/* Works off the postfix form. Empty if it says nothing. */
Xapian::Query
Asker::build(const struct query &parsed)
{
	std::vector<Value> stack;

	for (size_t i = 0; i < parsed.n; i++) {
		const struct query_item *item = &parsed.item[i];

		if (item->kind < QUERY_AND) {
			stack.push_back(operand(item));
			continue;
		}
		if (item->kind == QUERY_NOT) {
			stack.back().negated = !stack.back().negated;
			continue;
		}
		Value y = stack.back();
		stack.pop_back();
		Value &x = stack.back();
		if (y.nothing)
			continue;
		if (x.nothing) {
			x = y;
		} else if (item->kind == QUERY_OR) {
			x.query = (x.negated ? all_but(x.query) : x.query) |
				  (y.negated ? all_but(y.query) : y.query);
			x.negated = false;
		} else if (x.negated && y.negated) {
			x.query |= y.query;
		} else if (y.negated) {
			x.query = Xapian::Query(Xapian::Query::OP_AND_NOT, x.query, y.query);
		} else if (x.negated) {
			x.query = Xapian::Query(Xapian::Query::OP_AND_NOT, y.query, x.query);
			x.negated = false;
		} else {
			x.query &= y.query;
		}
	}
	if (stack.empty() || stack.back().nothing)
		return Xapian::Query();
	return stack.back().negated ? all_but(stack.back().query) : stack.back().query;
}

} // namespace shim
