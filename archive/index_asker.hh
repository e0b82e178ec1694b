/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_asker: a query (archive/query.h) as what Xapian matches. What it can't say exactly it says
 * with a notice, and everything it asks for is bounded.
 */
#ifndef ARCHIVE_INDEX_ASKER_HH
#define ARCHIVE_INDEX_ASKER_HH

#include <vector>

#include "archive/shim.hh"

extern "C" {
#include "archive/query.h"
}

namespace shim
{

const double SECONDS_MAX = 2.0; /* of one look through the index */

/* One word or gram of an operand. */
struct Token {
	std::string text, plain;
	bool gram, joined;
};
/* The words of an operand. */
struct Asked {
	std::vector<Token> tokens;
	const struct query_item *item;
};

/* Messages of that time; INT64_MIN and INT64_MAX are no bounds. */
Xapian::Query dated(int64_t from, int64_t to);
/* The word is also looked for by its stem. */
bool is_stemmed(const struct query_item *item, const std::vector<Token> &ts);

/* What an asker may use: an open index and the languages of its messages. */
struct Tools {
	const Xapian::Database &db;
	const std::vector<std::string> &languages;
	Stemmers &stemmers;
	struct fold *fold;
	struct arena *arena; /* of this search */
};

class Asker
{
      public:
	explicit Asker(const Tools &t) : tools(t)
	{
	}
	/* Empty if the query says nothing. The parsed query must outlive the asker. */
	Xapian::Query build(const struct query &parsed);
	bool
	is_scored() const /* some word gives weight */
	{
		return scored;
	}
	const std::vector<Asked> &
	words_asked() const
	{
		return asked;
	}
	const char *
	said() const /* a phrase, or NULL */
	{
		return notice;
	}

      private:
	/* What stands for an operand while the postfix form is worked off. */
	struct Value {
		Xapian::Query query;
		bool negated, nothing; /* nothing: no word in it, so it says nothing */
	};

	Tools tools;
	size_t left = WORDS_ASKED; /* words that may still be asked for */
	size_t opened = 0;         /* words with a "*" */
	bool scored = false;
	const char *notice = nullptr;
	std::vector<Asked> asked;

	static const size_t WORDS_ASKED = 64; /* in a query */

	Value operand(const struct query_item *item);
	Value words(const struct query_item *item);
	std::vector<Token> tokens_of(slice text);
	Xapian::Query field(const char *prefix, const std::vector<Token> &ts, bool open);
	Xapian::Query text(const std::vector<Token> &ts, bool open);
	Xapian::Query quoted(const std::vector<Token> &ts, bool open, bool as_own);
	Xapian::Query quoted_and_own(const std::string &begin);
	Xapian::Query anywhere(const struct query_item *item, const std::vector<Token> &ts);
	Xapian::Query by_field(const struct query_item *item, const std::vector<Token> &ts);
	Xapian::Query stems(const char *field, const char *stem_field, const std::string &word);
	Xapian::Query prefixed(const std::string &term);
	void say(const char *phrase);
};

} // namespace shim

#endif
