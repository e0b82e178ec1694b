/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_pairs: in which documents words stand in a row, or a quoted word has its mark: asked of
 * each document's set of pairs (archive/pairs.h), after its words have been found.
 */
#ifndef ARCHIVE_INDEX_PAIRS_HH
#define ARCHIVE_INDEX_PAIRS_HH

#include <vector>

#include "archive/shim.hh"

extern "C" {
#include "archive/pairs.h"
}

namespace shim
{

const double WEIGHT_IN_ROW = 2.0; /* of own words that stand in a row, beside that of the words */

/* Of the documents that it is shown, those whose set of pairs has all of some hashes, or any of
 * them; or, instead, all of others, which gives less weight. */
class PairSource : public Xapian::ValuePostingSource
{
      public:
	explicit PairSource(const std::vector<uint32_t> &hashes,
			    const std::vector<uint32_t> &others = {}, bool one_will_do = false)
	    : Xapian::ValuePostingSource(PAIRS_SLOT), wanted(hashes), instead(others),
	      any(one_will_do)
	{
	}
	PairSource *
	clone() const override
	{
		return new PairSource(wanted, instead, any);
	}
	void
	init(const Xapian::Database &shard) override
	{
		ValuePostingSource::init(shard);
		set_maxweight(instead.empty() ? 0 : WEIGHT_IN_ROW);
	}
	double
	get_weight() const override
	{
		return found && !instead.empty() ? WEIGHT_IN_ROW : 0;
	}
	void
	next(double min) override
	{
		do
			ValuePostingSource::next(min);
		while (!at_end() && !here());
	}
	void
	skip_to(Xapian::docid id, double min) override
	{
		ValuePostingSource::skip_to(id, min);
		if (!at_end() && !here())
			next(min);
	}
	bool
	check(Xapian::docid id, double min) override
	{
		return ValuePostingSource::check(id, min) && (at_end() || here());
	}

      private:
	std::vector<uint32_t> wanted, instead;
	bool any, found = false;

	bool
	here()
	{
		std::string value = get_value();
		slice set = slice_of(value);

		if (any) {
			for (uint32_t one : wanted)
				if (pairs_have(set, &one, 1))
					return true;
			return false;
		}
		found = pairs_have(set, wanted.data(), wanted.size());
		return found ||
		       (!instead.empty() && pairs_have(set, instead.data(), instead.size()));
	}
};

} // namespace shim

#endif
