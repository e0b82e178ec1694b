/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index_hits: what is shown of the messages found, and a better spelling of the words that stand in
 * none. Everything made is in the arena of the search.
 */
#ifndef ARCHIVE_INDEX_HITS_HH
#define ARCHIVE_INDEX_HITS_HH

#include "archive/index_asker.hh"

namespace shim
{

void hits_fill(const Tools &t, const std::vector<Asked> &asked, const Xapian::MSet &found,
	       struct index_result *res);
/* text: the query as it was written, into which the words' items point. Empty: nothing better. */
slice spelled_better(const Tools &t, const std::vector<Asked> &asked, slice text);

} // namespace shim

#endif
