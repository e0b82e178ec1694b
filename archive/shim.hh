/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shim: what the files of the shim over Xapian and cld2 share. They are the only C++ of the house,
 * and no other file sees this header:
 *
 *   shim.cc          errors, values, languages and stems, what a document keeps of its message
 *   index_writer.cc  documents in, shards, commits
 *   index_dense.cc   dense copies of shards that have grown loose
 *   index_asker.cc   a query's words as what Xapian matches
 *   index_pairs.hh   in which documents words stand in a row
 *   index_reader.cc  the reader, a search from its words to its hits
 *   index_hits.cc    hits with their snippets, better spellings
 *   index_facets.cc  how many of what was found are of which list, year, author
 *
 * What can be said in C stands beside it: folding, words, terms, the query's grammar, snippets.
 *
 * 1. No exception leaves these files: each function of index.h runs inside guarded().
 * 2. The order is store, overview, index: what is here can be made again, so a damaged index is
 *    reported with errno EPROTO, like one of another format, and the caller rebuilds it.
 * 3. Which shard a document is in follows from its id alone.
 */
#ifndef ARCHIVE_SHIM_HH
#define ARCHIVE_SHIM_HH

#include <map>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>

#include <xapian.h>

extern "C" {
#include "config.h"
#include "archive/index.h"
#include "archive/fold.h"
#include "base/log.h"
}

namespace shim
{

/* Raise the first number whenever terms, values or data change their meaning. */
const char FORMAT_KEY[] = "plenary-format";
const char FORMAT[] = "3/2";
static_assert(INDEX_SHARDS == 2, "the second number of FORMAT");
const char LANGUAGES_KEY[] = "plenary-languages";

const Xapian::valueno DATE_SLOT = 0, PAIRS_SLOT = 1, THREAD_SLOT = 2, FACETS_SLOT = 3;

/* --- between C and C++ ------------------------------------------------------------------------ */

std::string string_of(slice s);
slice slice_of(const std::string &s);
slice literal(const char *s);

/* --- errors: -1, and errno EPROTO for an index that is of no use ------------------------------ */

int unusable(struct err *e, const char *text);
int xapian_error(const Xapian::Error &x, struct err *e);

/* Runs work; whatever it throws becomes an error. */
template <typename Work>
int
guarded(struct err *e, Work work)
{
	try {
		return work();
	} catch (const Xapian::Error &x) {
		return xapian_error(x, e);
	} catch (const std::bad_alloc &) {
		fatal("index: no memory");
	} catch (const std::exception &x) {
		return err_temporary(e, "index: %s", x.what());
	}
}

/* --- terms, values and data ------------------------------------------------------------------- */

std::string shard_path(const char *dir, int i);
/* Of a field (archive/terms.h). */
std::string term_of(const char *field, slice text);
/* The beginning of a hash: for what is only ever compared whole. */
std::string hashed(slice text, size_t bytes);
const size_t MSGID_BYTES = 8; /* of its term */
/* Seconds as a value that sorts. */
std::string date_value(int64_t t);
int64_t date_of(const std::string &value);
/* The thread as a value, by which hits are collapsed. */
std::string thread_value(slice thread_key);

/* What facets count, in one value: the author's hash, the list's, whether there is an attachment.
 */
const size_t AUTHOR_BYTES = INDEX_AUTHOR / 2, LIST_BYTES = 3;
const size_t FACETS_BYTES = AUTHOR_BYTES + LIST_BYTES + 1;
std::string facets_value(const struct index_doc *d);
bool has_attachment(const std::string &facets);
/* Which samples a document is in (TERM_SAMPLE): each a 16th of the one before. */
const int SAMPLES = 2, SAMPLE_PART = 16;
bool in_sample(int64_t id, int sample);

/* What is shown of a hit without its message: as stored, and read again (into data itself). */
struct Shown {
	slice list, key, thread_key, language, subject, from_name, from_address, own;
};
std::string shown_pack(const struct index_doc *d, const std::string &language);
Shown shown_unpack(const std::string &data);

/* --- languages -------------------------------------------------------------------------------- */

/* Two letters of a language that has a stemmer. */
bool has_stemmer(const std::string &code);
/* The language of a text, if it is certain and has a stemmer; else empty. */
std::string detect(slice text);
/* How many messages are in which: "en 120\nfr 3\n". */
std::map<std::string, int64_t> languages_read(const std::string &text);

/* The stems of one language, folded to the plain level, remembered. Not for two threads. */
class Stems
{
      public:
	explicit Stems(const std::string &code) : stem(code)
	{
	}
	const std::string &of(const std::string &word, struct fold *fold);

      private:
	Xapian::Stem stem;
	std::unordered_map<std::string, std::string> cache;
};

class Stemmers
{
      public:
	Stems &of(const std::string &code);

      private:
	std::map<std::string, std::unique_ptr<Stems>> all;
};

} // namespace shim

#endif
