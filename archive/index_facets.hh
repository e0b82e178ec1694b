/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_facets: of which lists, years and authors the messages are that a search finds, and how
 * many have an attachment. Up to COUNTED_MAX messages are counted while Xapian looks for the hits;
 * of more it does not look at all, nor at a fair choice of them: then the search is done again
 * among a sample that the index keeps for this, and what is found there is multiplied.
 */
#ifndef ARCHIVE_INDEX_FACETS_HH
#define ARCHIVE_INDEX_FACETS_HH

#include <vector>

#include "archive/index_asker.hh"

namespace shim
{

/* A message found. Xapian tells its number in its shard, but not which shard. */
struct Member {
	Xapian::docid id;
	std::string date, facets;
};

class Census : public Xapian::MatchSpy
{
      public:
	static const Xapian::doccount COUNTED_MAX = 1000;

	void operator()(const Xapian::Document &doc, double weight) override;
	/* query: what enquire was asked for; matches: how many there are in all, as far as Xapian
	 * knows. */
	void facets(const Tools &t, const Xapian::Query &query, Xapian::doccount matches,
		    struct index_facets *out);

      private:
	std::vector<Member> members;
	Xapian::doccount seen = 0;

	double count_again(const Tools &t, const Xapian::Query &query, Xapian::doccount matches);
};

/* Narrows a query to a year, an author, messages with attachments, as far as q asks for it. */
Xapian::Query narrowed(const Xapian::Query &query, const struct index_query *q);

} // namespace shim

#endif
