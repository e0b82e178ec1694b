/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_facets: of which lists, years and authors the messages are that a search finds, and how
 * many have an attachment. While Xapian goes through what matches, a sample is kept that is the
 * same fraction of all of it, however much it is: so the price is bounded, and up to SAMPLE_MAX
 * messages the numbers are exact.
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

class Sample : public Xapian::MatchSpy
{
      public:
	static const Xapian::doccount SAMPLE_MAX = 4000;

	void operator()(const Xapian::Document &doc, double weight) override;
	/* matches: how many there are in all, as far as Xapian knows. */
	void facets(const Tools &t, Xapian::doccount matches, struct index_facets *out) const;

      private:
	std::vector<Member> members;
	Xapian::doccount seen = 0;
	uint32_t mask = 0; /* who is in it: those whose mixed id has none of these bits */

	static uint32_t mixed(Xapian::docid id);
};

/* Narrows a query to a year, an author, messages with attachments, as far as q asks for it. */
Xapian::Query narrowed(const Xapian::Query &query, const struct index_query *q);

} // namespace shim

#endif
