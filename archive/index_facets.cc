/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/index_facets.hh"

#include <algorithm>

extern "C" {
#include "archive/terms.h"
#include "base/clock.h"
#include "base/hash.h"
}

namespace shim
{

/* --- narrowing -------------------------------------------------------------------------------- */

namespace
{

/* All messages of whom that hash is: it begins their facets' value. */
Xapian::Query
written_by(slice author)
{
	std::string low;

	for (size_t i = 0; i + 1 < author.n; i += 2)
		low += static_cast<char>(std::stoul(std::string(author.p + i, 2), nullptr, 16));
	return Xapian::Query(Xapian::Query::OP_VALUE_RANGE, FACETS_SLOT, low,
			     low + std::string(FACETS_BYTES - AUTHOR_BYTES, '\xff'));
}

bool
is_author(slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == INDEX_AUTHOR;
}

int64_t
new_year(int64_t year)
{
	return clock_from_civil(static_cast<int>(year), 1, 1, 0, 0, 0);
}

Xapian::Query
only(const Xapian::Query &query, const Xapian::Query &those)
{
	return Xapian::Query(Xapian::Query::OP_FILTER, query, those);
}

} // namespace

Xapian::Query
narrowed(const Xapian::Query &query, const struct index_query *q)
{
	Xapian::Query narrow = query;

	if (q->list)
		narrow = only(narrow, Xapian::Query(term_of(TERM_LIST, literal(q->list))));
	if (q->attachment)
		narrow =
		    only(narrow, Xapian::Query(term_of(TERM_HAS, literal(TERM_HAS_ATTACHMENT))));
	if (q->year > 0)
		narrow = only(narrow, dated(new_year(q->year), new_year(q->year + 1) - 1));
	if (q->author.n > 0)
		narrow = only(narrow, is_author(q->author) ? written_by(q->author)
							   : Xapian::Query::MatchNothing);
	return narrow;
}

/* --- counting --------------------------------------------------------------------------------- */

void
Census::operator()(const Xapian::Document &doc, double)
{
	if (++seen <= COUNTED_MAX)
		members.push_back(
		    Member{doc.get_docid(), doc.get_value(DATE_SLOT), doc.get_value(FACETS_SLOT)});
}

/* Counts in the smallest sample that still says something; how much each one in it stands for. */
double
Census::count_again(const Tools &t, const Xapian::Query &query, Xapian::doccount matches)
{
	const Xapian::doccount ENOUGH = 100;
	Xapian::Enquire enquire(t.db);
	Xapian::Query narrow = query;

	for (int i = SAMPLES, part = 256; i > 0; i--, part /= SAMPLE_PART)
		if (matches / static_cast<Xapian::doccount>(part) >= ENOUGH) {
			narrow = only(query, Xapian::Query(TERM_SAMPLE + std::to_string(i)));
			break;
		}
	members.clear();
	seen = 0;
	enquire.set_query(narrow);
	enquire.set_weighting_scheme(Xapian::BoolWeight());
	enquire.set_time_limit(SECONDS_MAX);
	enquire.add_matchspy(this);
	(void)enquire.get_mset(0, 0, 2 * COUNTED_MAX);
	return members.empty() ? 1
			       : static_cast<double>(matches) / static_cast<double>(members.size());
}

/* A number that is not sure, as people say it: 2300, not 2287. */
static int64_t
rounded(double n)
{
	int64_t unit = 1;

	while (n / static_cast<double>(unit) >= 100)
		unit *= 10;
	return static_cast<int64_t>(n / static_cast<double>(unit) + 0.5) * unit;
}

namespace
{

/* One value of a facet, while it is counted. */
struct Count {
	size_t n;
	const Member *newest; /* message that has it, which tells its label */
};
typedef std::map<std::string, Count> Counts;

void
count(Counts *all, const std::string &value, const Member &m)
{
	auto at = all->emplace(value, Count{0, &m}).first;

	at->second.n++;
	if (at->second.newest->date < m.date)
		at->second.newest = &m;
}

/* The most frequent values. */
std::vector<Counts::const_iterator>
most(const Counts &all)
{
	std::vector<Counts::const_iterator> v;

	for (auto i = all.begin(); i != all.end(); ++i)
		v.push_back(i);
	std::sort(v.begin(), v.end(), [](Counts::const_iterator x, Counts::const_iterator y) {
		return x->second.n != y->second.n ? x->second.n > y->second.n : x->first < y->first;
	});
	if (v.size() > INDEX_FACETS_MAX)
		v.resize(INDEX_FACETS_MAX);
	return v;
}

std::string
year_of(const std::string &date)
{
	struct tm civil;
	time_t t = static_cast<time_t>(date_of(date));

	gmtime_r(&t, &civil);
	return std::to_string(civil.tm_year + 1900);
}

/* The data of a message, in whichever shard it is. */
std::string
data_of(const Xapian::Database &db, const Member &m)
{
	for (Xapian::docid shard = 1; shard <= INDEX_SHARDS; shard++) {
		try {
			Xapian::Document doc = db.get_document((m.id - 1) * INDEX_SHARDS + shard);

			if (doc.get_value(FACETS_SLOT) == m.facets &&
			    doc.get_value(DATE_SLOT) == m.date)
				return doc.get_data();
		} catch (const Xapian::DocNotFoundError &) {
			/* it is in another one */
		}
	}
	return std::string();
}

std::string
hex_of(const std::string &bytes)
{
	char hex[HEX_SIZE(AUTHOR_BYTES)];

	hash_hex(reinterpret_cast<const uint8_t *>(bytes.data()), AUTHOR_BYTES, hex);
	return hex;
}

/* A name without "via List" and the quotation marks that go with it. */
slice
person(slice name)
{
	slice s = slice_trim(slice_sub(name, 0, slice_find(name, literal(" via "))));

	if (s.n > 2 && s.n < name.n && s.p[0] == '\'' && s.p[s.n - 1] == '\'')
		s = slice_sub(s, 1, s.n - 2);
	return s;
}

/* A value, and what people call it. */
struct index_facet
facet_of(const Tools &t, int kind, Counts::const_iterator c, double scale)
{
	std::string value = c->first, label = c->first, data;
	double count = static_cast<double>(c->second.n) * scale;
	Shown s;

	if (kind == INDEX_LISTS || kind == INDEX_AUTHORS)
		data = data_of(t.db, *c->second.newest);
	s = shown_unpack(data);
	if (kind == INDEX_LISTS) {
		value = label = string_of(s.list);
	} else if (kind == INDEX_AUTHORS) {
		value = hex_of(c->first);
		label =
		    string_of(slice_trim(s.from_name).n > 0 ? person(s.from_name) : s.from_address);
	}
	return {arena_str(t.arena, slice_of(value)), arena_dup(t.arena, slice_of(label)),
		scale > 1 ? rounded(count) : static_cast<int64_t>(c->second.n)};
}

} // namespace

void
Census::facets(const Tools &t, const Xapian::Query &query, Xapian::doccount matches,
	       struct index_facets *out)
{
	Counts counts[INDEX_KINDS];
	double scale = 1;

	/* Xapian was told to look at more than these. */
	out->exact = seen <= COUNTED_MAX;
	if (!out->exact)
		scale = count_again(t, query, matches);
	for (const Member &m : members) {
		if (m.facets.size() != FACETS_BYTES)
			continue;
		count(&counts[INDEX_AUTHORS], m.facets.substr(0, AUTHOR_BYTES), m);
		count(&counts[INDEX_LISTS], m.facets.substr(AUTHOR_BYTES, LIST_BYTES), m);
		count(&counts[INDEX_YEARS], year_of(m.date), m);
		if (has_attachment(m.facets))
			count(&counts[INDEX_ATTACHMENTS], TERM_HAS_ATTACHMENT, m);
	}
	for (int k = 0; k < INDEX_KINDS; k++) {
		auto v = most(counts[k]);

		if (k == INDEX_YEARS)
			std::sort(v.begin(), v.end(),
				  [](auto x, auto y) { return x->first > y->first; });
		out->v[k] = static_cast<struct index_facet *>(
		    arena_array(t.arena, v.empty() ? 1 : v.size(), sizeof *out->v[k]));
		for (auto c : v)
			out->v[k][out->n[k]++] = facet_of(t, k, c, scale);
	}
}

} // namespace shim
