/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cerrno>
#include <cstring>

#include <sys/stat.h>

#include "archive/index_facets.hh"
#include "archive/index_hits.hh"

using namespace shim;

struct index_reader {
	std::string dir;
	Xapian::Database db;
	bool open = false;
	struct stat identity[INDEX_SHARDS]; /* of the folders: a rebuilt index is another */
	std::vector<std::string> languages; /* in which words are stemmed */
	Stemmers stemmers;
	struct fold *fold;

	explicit index_reader(const char *d) : dir(d), identity(), fold(fold_new())
	{
	}
	~index_reader()
	{
		fold_free(fold);
	}
	index_reader(const index_reader &) = delete;
	index_reader &operator=(const index_reader &) = delete;
};

namespace
{

const size_t LANGUAGES_ASKED = 12; /* in which a query's words are stemmed */
const int64_t LIMIT_MAX = 200, OFFSET_MAX = 100000;
/* Matches up to which the number is exact. */
const Xapian::doccount COUNTED = Census::COUNTED_MAX + 1;
const int TRIES = 3; /* a writer that commits all the time must not make a reader fail */

bool
same_folder(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* The languages that most messages are in. */
void
read_languages(struct index_reader *r)
{
	std::multimap<int64_t, std::string> by_count;

	r->languages.clear();
	for (auto &l : languages_read(r->db.get_metadata(LANGUAGES_KEY)))
		if (has_stemmer(l.first))
			by_count.emplace(-l.second, l.first);
	for (auto &l : by_count)
		if (r->languages.size() < LANGUAGES_ASKED)
			r->languages.push_back(l.second);
}

/* Opens the shards anew. 1, or 0 if they are not there. */
int
reader_load(struct index_reader *r, struct err *e)
{
	Xapian::Database all;

	r->open = false;
	for (int i = 0; i < INDEX_SHARDS; i++) {
		std::string path = shard_path(r->dir.c_str(), i);
		struct stat st;

		/* "iamglass" comes last when an index is made. */
		if (stat((path + "/iamglass").c_str(), &st) < 0 || stat(path.c_str(), &st) < 0) {
			if (errno == ENOENT || errno == ENOTDIR)
				return 0;
			return err_errno(e, "the index cannot be read");
		}
		r->identity[i] = st;
		Xapian::Database one(path);
		std::string format = one.get_metadata(FORMAT_KEY);
		if (format.empty() && one.get_doccount() == 0)
			return 0; /* just being made */
		if (format != FORMAT)
			return unusable(e, "the index was written in another format");
		all.add_database(one);
	}
	r->db = all;
	r->open = true;
	read_languages(r);
	return 1;
}

/* The newest state of what is on disk. */
int
reader_refresh(struct index_reader *r, struct err *e)
{
	for (int i = 0; r->open && i < INDEX_SHARDS; i++) {
		struct stat st;

		r->open = stat(shard_path(r->dir.c_str(), i).c_str(), &st) == 0 &&
			  same_folder(&st, &r->identity[i]);
	}
	if (!r->open)
		return reader_load(r, e);
	if (r->db.reopen())
		read_languages(r);
	return 1;
}

/* What Xapian is to find, and in which order. */
void
set_up(Xapian::Enquire *enquire, const struct index_query *q, const Xapian::Query &query,
       bool scored)
{
	enquire->set_query(narrowed(query, q));
	if (q->sort == INDEX_BY_DATE || !scored) {
		enquire->set_weighting_scheme(Xapian::BoolWeight());
		enquire->set_sort_by_value(DATE_SLOT, true);
	} else {
		enquire->set_sort_by_relevance_then_value(DATE_SLOT, true);
	}
	if (q->collapse)
		enquire->set_collapse_key(THREAD_SLOT);
	enquire->set_time_limit(SECONDS_MAX);
}

int64_t
within(int64_t n, int64_t max)
{
	return n < 0 ? 0 : n < max ? n : max;
}

void
search(struct index_reader *r, struct arena *a, const struct index_query *q,
       struct index_result *res)
{
	Tools tools = {r->db, r->languages, r->stemmers, r->fold, a};
	Asker asker(tools);
	Census census;
	struct query parsed;
	Xapian::Enquire enquire(r->db);
	Xapian::Query query;
	Xapian::MSet found;
	Xapian::doccount offset = static_cast<Xapian::doccount>(within(q->offset, OFFSET_MAX));
	Xapian::doccount limit = static_cast<Xapian::doccount>(within(q->limit, LIMIT_MAX));

	query_parse(&parsed, q->text, q->now);
	query = asker.build(parsed);
	if (parsed.notice || asker.said())
		res->notice = literal(parsed.notice ? parsed.notice : asker.said());
	if (query.empty())
		return;
	set_up(&enquire, q, query, asker.is_scored());
	if (q->facets)
		enquire.add_matchspy(&census);
	found = enquire.get_mset(offset, limit, offset + limit + COUNTED);
	res->estimated = found.get_matches_estimated();
	res->exact = found.get_matches_lower_bound() == found.get_matches_upper_bound();
	if (q->facets)
		census.facets(tools, enquire.get_query(), found.get_uncollapsed_matches_estimated(),
			      &res->facets);
	hits_fill(tools, asker.words_asked(), found, res);
	res->corrected = spelled_better(tools, asker.words_asked(), q->text);
}

} // namespace

int
index_reader_open(struct index_reader **r, const char *dir, struct err *e)
{
	return guarded(e, [&] {
		std::unique_ptr<struct index_reader> made(new struct index_reader(dir));

		if (reader_load(made.get(), e) < 0)
			return -1;
		*r = made.release();
		return 0;
	});
}

int
index_search(struct index_reader *r, struct arena *a, const struct index_query *q,
	     struct index_result *res, struct err *e)
{
	for (int i = 1;; i++) {
		bool again = false;
		int n = guarded(e, [&] {
			int there;

			*res = {};
			res->exact = true;
			try {
				there = reader_refresh(r, e);
				if (there == 1)
					search(r, a, q, res);
				return there;
			} catch (const Xapian::DatabaseError &) {
				/* Changed twice meanwhile, or away: look at what is there now. */
				r->open = false;
				again = i < TRIES;
				if (again)
					return 0;
				throw;
			}
		});

		if (!again)
			return n < 0 ? -1 : 0;
	}
}

void
index_reader_close(struct index_reader *r)
{
	(void)guarded(nullptr, [&] {
		delete r;
		return 0;
	});
}
