/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shim over Xapian and cld2, and the only C++ of the house. What can be said in C stands beside
 * it: folding, words, terms, the query's grammar, snippets, spelling.
 *
 * 1. No exception leaves this file: each public function runs inside guarded().
 * 2. The order is store, overview, index: what is here can be made again, so a damaged index is
 *    reported with errno EPROTO, like one of another format, and the caller rebuilds it.
 * 3. Which shard a document is in follows from its id alone.
 */
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include <cld2/public/compact_lang_det.h>
#include <xapian.h>

extern "C" {
#include "config.h"
#include "archive/index.h"
#include "archive/query.h"
#include "archive/snippet.h"
#include "archive/spell.h"
#include "archive/terms.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "conf/text.h"
}

namespace
{

/* Raise the first number whenever terms, values or data change their meaning. */
const char FORMAT_KEY[] = "plenary-format";
const char FORMAT[] = "1/2";
static_assert(INDEX_SHARDS == 2, "the second number of FORMAT");
const char LANGUAGES_KEY[] = "plenary-languages";

const Xapian::valueno DATE_SLOT = 0, PAIRS_SLOT = 1;
const int DATE_BYTES = 5;
const int64_t DATE_MAX = (INT64_C(1) << (8 * DATE_BYTES)) - 1;

const size_t LANGUAGE_SAMPLE = 1000;        /* bytes of text that tell its language */
const size_t STEMS_CACHED = 50000;          /* words a language */
const size_t BYTES_PENDING = 32UL << 20;    /* of text a shard, then it commits by itself: memory */
const size_t LANGUAGES_ASKED = 12;          /* in which a query's words are stemmed */
const size_t WORDS_ASKED = 64;              /* in a query */
const size_t WORDS_STEMMED = 16;            /* of these */
const Xapian::termcount PREFIXED_MAX = 500; /* words that foo* stands for */
const int64_t LIMIT_MAX = 200, OFFSET_MAX = 100000;
const Xapian::doccount COUNTED = 1000; /* matches up to which the number is exact */
const double SECONDS_MAX = 2.0;
const int SPELL_WORDS = 3;

/* How much a word counts by where it stands. */
const double WEIGHT_SUBJECT = 2.0, WEIGHT_NAME = 0.7, WEIGHT_STEM = 0.3, WEIGHT_QUOTED = 0.3;

std::string
string_of(slice s)
{
	return s.n ? std::string(s.p, s.n) : std::string();
}

slice
slice_of(const std::string &s)
{
	return slice_make(s.data(), s.size());
}

slice
literal(const char *s)
{
	return slice_str(s);
}

int
unusable(struct err *e, const char *text)
{
	err_permanent(e, "%s", text);
	errno = EPROTO;
	return -1;
}

int
xapian_error(const Xapian::Error &x, struct err *e)
{
	const char *system = x.get_error_string();
	std::string text = x.get_msg() + (system ? std::string(": ") + system : std::string());
	slice shown = literal(text.c_str());

	slice type = literal(x.get_type());

	if (slice_is(type, "DatabaseLockError"))
		return err_temporary(e, "the index is being written by another process");
	if (!system &&
	    (slice_is(type, "DatabaseCorruptError") || slice_is(type, "DatabaseVersionError") ||
	     slice_is(type, "DatabaseOpeningError") || slice_is(type, "DatabaseNotFoundError") ||
	     slice_is(type, "FeatureUnavailableError")))
		return unusable(e, ("the index is damaged: " + text).c_str());
	return err_temporary(e, "index: %s: %.*s", x.get_type(), SLICE_ARG(shown));
}

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

std::string
date_value(int64_t t)
{
	char v[DATE_BYTES];

	t = t < 0 ? 0 : t > DATE_MAX ? DATE_MAX : t;
	for (int i = DATE_BYTES - 1; i >= 0; i--, t >>= 8)
		v[i] = static_cast<char>(t & 0xff);
	return std::string(v, DATE_BYTES);
}

int64_t
date_of(const std::string &v)
{
	int64_t t = 0;

	for (char c : v)
		t = t << 8 | static_cast<unsigned char>(c);
	return t;
}

std::string
term_of(const char *field, slice text)
{
	char term[TERM_MAX];

	return std::string(term, term_make(term, field, text));
}

/* --- languages -------------------------------------------------------------------------------- */

/* Languages of cld2 that Xapian has a stemmer for. */
const char *const languages[] = {"ar", "ca", "da", "de", "en", "es", "eu", "fi",
				 "fr", "ga", "hu", "hy", "id", "it", "lt", "ne",
				 "nl", "no", "pt", "ro", "ru", "sv", "ta", "tr"};

bool
has_stemmer(const std::string &code)
{
	for (const char *l : languages)
		if (code == l)
			return true;
	return false;
}

std::string
detect(slice text)
{
	bool reliable = false;
	int valid = 0;
	size_t n = text.n < LANGUAGE_SAMPLE ? text.n : LANGUAGE_SAMPLE;
	CLD2::Language l;

	while (n > 0 && n < text.n && (static_cast<unsigned char>(text.p[n]) & 0xc0) == 0x80)
		n--;
	if (n == 0)
		return std::string();
	l = CLD2::DetectLanguageCheckUTF8(text.p, static_cast<int>(n), true, &reliable, &valid);
	if (!reliable)
		return std::string();
	std::string code = CLD2::LanguageCode(l);
	return has_stemmer(code) ? code : std::string();
}

/* The stems of one language, folded to the plain level, remembered. Not for two threads. */
class Stems
{
      public:
	explicit Stems(const std::string &code) : stem(code)
	{
	}
	const std::string &
	of(const std::string &word, struct fold *fold)
	{
		auto known = cache.find(word);

		if (known != cache.end())
			return known->second;
		if (cache.size() >= STEMS_CACHED)
			cache.clear();
		return cache.emplace(word, plain(stem(word), fold)).first->second;
	}

      private:
	Xapian::Stem stem;
	std::unordered_map<std::string, std::string> cache;

	static std::string
	plain(const std::string &text, struct fold *fold)
	{
		struct words w;
		struct word word;

		for (char c : text)
			if (static_cast<unsigned char>(c) >= 0x80) {
				words_init(&w, fold, slice_of(text));
				return words_next(&w, &word) ? string_of(word.plain) : text;
			}
		return text;
	}
};

class Stemmers
{
      public:
	Stems &
	of(const std::string &code)
	{
		auto &s = all[code];

		if (!s)
			s.reset(new Stems(code));
		return *s;
	}

      private:
	std::map<std::string, std::unique_ptr<Stems>> all;
};

/* "en 120\nfr 3\n" */
std::map<std::string, int64_t>
languages_read(const std::string &text)
{
	std::map<std::string, int64_t> all;
	slice rest = slice_of(text), line;

	while (slice_next_line(&rest, &line))
		if (line.n > 3)
			all[std::string(line.p, 2)] = strtoll(line.p + 3, nullptr, 10);
	return all;
}

/* --- the data of a document ------------------------------------------------------------------- */

void
put_part(struct buf *b, slice s)
{
	buf_printf(b, "%zu:", s.n);
	buf_put_slice(b, s);
}

bool
get_part(slice *rest, slice *out)
{
	slice number, behind;
	size_t n = 0;

	if (!slice_cut(*rest, ':', &number, &behind))
		return false;
	for (size_t i = 0; i < number.n; i++)
		n = n * 10 + static_cast<size_t>(number.p[i] - '0');
	*out = slice_sub(behind, 0, n);
	*rest = slice_from(behind, n);
	return out->n == n;
}

void
put_text(struct buf *b, slice s, size_t max)
{
	struct buf clean;

	buf_init(&clean, BUF_NO_LIMIT);
	excerpt_make(&clean, s, max);
	put_part(b, buf_slice(&clean));
	buf_free(&clean);
}

const size_t LINE_MAX_BYTES = 1000; /* of a subject or a name */

std::string
data_make(const struct index_doc *d, const std::string &language)
{
	struct buf b;
	std::string out;

	buf_init(&b, BUF_NO_LIMIT);
	put_part(&b, literal(d->list));
	put_part(&b, literal(d->key));
	put_part(&b, literal(d->thread_key));
	put_part(&b, slice_of(language));
	put_text(&b, d->subject, LINE_MAX_BYTES);
	put_text(&b, d->from_name, LINE_MAX_BYTES);
	put_text(&b, d->from_address, LINE_MAX_BYTES);
	put_text(&b, d->own, EXCERPT_BYTES);
	out = string_of(buf_slice(&b));
	buf_free(&b);
	return out;
}

/* --- writing ---------------------------------------------------------------------------------- */

class Shard
{
      public:
	Xapian::WritableDatabase db;
	std::map<std::string, int64_t> seen; /* languages, since the last commit */

	Shard() : fold(fold_new()), terms(terms_new())
	{
	}
	~Shard()
	{
		fold_free(fold);
		terms_free(terms);
	}
	Shard(const Shard &) = delete;
	Shard &operator=(const Shard &) = delete;

	void
	put(const struct index_doc *d)
	{
		Xapian::Document doc;
		std::string language = detect(d->own);

		if (language.empty())
			language = detect(d->quoted);
		if (!language.empty())
			seen[language]++;
		collect(d);
		fill(&doc, language);
		doc.add_value(DATE_SLOT, date_value(d->date));
		doc.add_value(PAIRS_SLOT, pairs());
		doc.set_data(data_make(d, language));
		db.replace_document(local(d->id), doc);
		pending += d->own.n + d->quoted.n;
		if (pending > BYTES_PENDING)
			commit();
	}
	/* All changes are in a transaction: closing a database would commit what is pending. */
	void
	begin()
	{
		db.begin_transaction();
	}
	void
	commit()
	{
		db.commit_transaction();
		pending = 0;
		begin();
	}
	static Xapian::docid
	local(int64_t id)
	{
		return static_cast<Xapian::docid>((id - 1) / INDEX_SHARDS + 1);
	}

      private:
	struct fold *fold;
	struct terms *terms;
	Stemmers stemmers;
	size_t pending = 0;
	std::string scratch, stem;

	void
	collect(const struct index_doc *d)
	{
		const int TEXT = TERMS_PAIRS | TERMS_TRIPLES;

		terms_clear(terms);
		terms_add_text(terms, fold, TERM_SUBJECT, d->subject, TEXT | TERMS_STEMS);
		terms_add_text(terms, fold, TERM_FROM, d->from_name, TEXT);
		terms_add_text(terms, fold, TERM_FROM, d->from_address, TEXT);
		terms_add_text(terms, fold, TERM_TO, d->to_text, TERMS_FAINT);
		for (size_t i = 0; i < d->nattachments; i++)
			terms_add_text(terms, fold, TERM_NAME, d->attachments[i], TEXT);
		if (d->nattachments > 0)
			terms_add(terms, TERM_HAS, literal("attachment"));
		terms_add(terms, TERM_MSGID, d->msgid);
		terms_add(terms, TERM_LIST, literal(d->list));
		terms_add(terms, TERM_THREAD, literal(d->thread_key));
		terms_add_text(terms, fold, TERM_OWN, d->own, TEXT | TERMS_STEMS | TERMS_SCREEN);
		terms_add_text(terms, fold, TERM_QUOTED, d->quoted,
			       TERMS_PAIRS | TERMS_FAINT | TERMS_SCREEN);
	}

	void
	fill(Xapian::Document *doc, const std::string &language)
	{
		const struct term *all;
		size_t n = terms_finish(terms, &all);
		Stems *stems = language.empty() ? nullptr : &stemmers.of(language);

		for (size_t i = 0; i < n; i++) {
			scratch.assign(all[i].text.p, all[i].text.n);
			doc->add_term(scratch, all[i].count);
			if (stems && all[i].stem)
				add_stem(doc, all[i], *stems, language);
		}
	}

	std::string
	pairs()
	{
		struct buf b;
		std::string out;

		buf_init(&b, BUF_NO_LIMIT);
		terms_pairs(terms, &b);
		out = string_of(buf_slice(&b));
		buf_free(&b);
		return out;
	}

	/* The stem of the word in scratch, where it is another word: else the word itself is found.
	 */
	void
	add_stem(Xapian::Document *doc, const struct term &t, Stems &stems,
		 const std::string &language)
	{
		bool subject = scratch[0] == TERM_SUBJECT[0];
		std::string word = subject ? scratch.substr(1) : scratch;

		if (word.find_first_of("0123456789_") != std::string::npos)
			return;
		const std::string &found = stems.of(word, fold);
		if (found.empty() || found == word)
			return;
		stem.assign(subject ? TERM_SUBJECT_STEM : TERM_STEM);
		stem.append(language).append(found);
		doc->add_term(stem, t.count);
	}
};

} // namespace

struct index_writer {
	Shard shard[INDEX_SHARDS];

	Shard &
	of(int64_t id)
	{
		return shard[static_cast<size_t>((id - 1) % INDEX_SHARDS)];
	}
};

namespace
{

std::string
shard_path(const char *dir, int i)
{
	return std::string(dir) + "/" + std::to_string(i);
}

int
shard_open(Shard *s, const std::string &path, struct err *e)
{
	std::string format;

	s->db = Xapian::WritableDatabase(path, Xapian::DB_CREATE_OR_OPEN);
	format = s->db.get_metadata(FORMAT_KEY);
	if (format.empty() && s->db.get_doccount() == 0) {
		s->db.set_metadata(FORMAT_KEY, FORMAT);
		s->db.commit();
	} else if (format != FORMAT) {
		return unusable(e, "the index was written in another format");
	}
	s->begin();
	return 0;
}

/* Adds what the shards saw of languages to the first one's metadata. */
void
note_languages(struct index_writer *w)
{
	std::map<std::string, int64_t> all;
	std::string text;
	bool any = false;

	for (Shard &s : w->shard)
		any = any || !s.seen.empty();
	if (!any)
		return;
	all = languages_read(w->shard[0].db.get_metadata(LANGUAGES_KEY));
	for (Shard &s : w->shard) {
		for (auto &l : s.seen)
			all[l.first] += l.second;
		s.seen.clear();
	}
	for (auto &l : all)
		text += l.first + " " + std::to_string(l.second) + "\n";
	w->shard[0].db.set_metadata(LANGUAGES_KEY, text);
}

/* Runs work(i) for each shard on a thread of its own; the first error is the answer. */
template <typename Work>
int
on_shards(struct err *e, Work work)
{
	struct err errors[INDEX_SHARDS] = {};
	int results[INDEX_SHARDS] = {}, numbers[INDEX_SHARDS] = {};
	std::vector<std::thread> threads;
	auto run = [&](int i) {
		results[i] = guarded(&errors[i], [&] { return work(i); });
		numbers[i] = errno;
	};

	for (int i = 1; i < INDEX_SHARDS; i++) {
		try {
			threads.emplace_back(run, i);
		} catch (const std::system_error &) {
			run(i); /* no more threads: one after the other */
		}
	}
	run(0);
	for (std::thread &t : threads)
		t.join();
	for (int i = 0; i < INDEX_SHARDS; i++)
		if (results[i] < 0) {
			if (e)
				*e = errors[i];
			errno = numbers[i];
			return -1;
		}
	return 0;
}

} // namespace

int
index_writer_open(struct index_writer **w, const char *dir, struct err *e)
{
	if (file_mkdirs(AT_FDCWD, dir, 0750, false, e) < 0)
		return -1;
	return guarded(e, [&] {
		std::unique_ptr<struct index_writer> made(new index_writer);

		for (int i = 0; i < INDEX_SHARDS; i++)
			if (shard_open(&made->shard[i], shard_path(dir, i), e) < 0)
				return -1;
		*w = made.release();
		return 0;
	});
}

int
index_put(struct index_writer *w, const struct index_doc *doc, struct err *e)
{
	return guarded(e, [&] {
		w->of(doc->id).put(doc);
		return 0;
	});
}

int
index_put_many(struct index_writer *w, const struct index_doc *docs, size_t n, struct err *e)
{
	return on_shards(e, [&](int i) {
		for (size_t k = 0; k < n; k++)
			if (&w->of(docs[k].id) == &w->shard[i])
				w->shard[i].put(&docs[k]);
		return 0;
	});
}

int
index_delete(struct index_writer *w, int64_t id, struct err *e)
{
	return guarded(e, [&] {
		try {
			w->of(id).db.delete_document(Shard::local(id));
		} catch (const Xapian::DocNotFoundError &) {
			/* it is what was wanted */
		}
		return 0;
	});
}

int
index_delete_list(struct index_writer *w, const char *list, struct err *e)
{
	return guarded(e, [&] {
		for (Shard &s : w->shard)
			s.db.delete_document(term_of(TERM_LIST, literal(list)));
		return 0;
	});
}

int
index_commit(struct index_writer *w, struct err *e)
{
	int r = guarded(e, [&] {
		note_languages(w);
		return 0;
	});

	if (r < 0)
		return r;
	crash_point("index.commit");
	r = on_shards(e, [&](int i) {
		w->shard[i].commit();
		return 0;
	});
	if (r == 0)
		crash_point("index.committed");
	return r;
}

void
index_writer_close(struct index_writer *w)
{
	if (!w)
		return;
	(void)guarded(nullptr, [&] {
		delete w;
		return 0;
	});
}

namespace
{

/* Puts a dense copy in the place of a shard, at once. */
int
shard_compact(const std::string &path, struct err *e)
{
	std::string dense = path + ".dense";
	Xapian::WritableDatabase db(path, Xapian::DB_OPEN); /* nobody else writes meanwhile */

	if (file_remove_tree(AT_FDCWD, dense.c_str(), e) < 0)
		return -1;
	db.compact(dense, Xapian::DBCOMPACT_NO_RENUMBER);
	crash_point("index.compacted");
	if (renameat2(AT_FDCWD, dense.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) < 0 &&
	    errno != EINVAL && errno != ENOSYS) /* a file system that can't: it stays as it is */
		return err_errno(e, "the dense index cannot take its place");
	crash_point("index.exchanged");
	db.close();
	return file_remove_tree(AT_FDCWD, dense.c_str(), e);
}

} // namespace

int
index_compact(const char *dir, struct err *e)
{
	return guarded(e, [&] {
		for (int i = 0; i < INDEX_SHARDS; i++)
			if (shard_compact(shard_path(dir, i), e) < 0)
				return -1;
		return 0;
	});
}

/* --- searching -------------------------------------------------------------------------------- */

struct index_reader {
	std::string dir;
	Xapian::Database db;
	bool open = false;
	struct stat identity[INDEX_SHARDS]; /* of the folders: a rebuilt index is another */
	std::vector<std::string> languages;
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

/* One word or gram of an operand. */
struct Token {
	std::string text, plain;
	bool gram, joined;
};

/* Of the documents that it is shown, those in which words stand side by side. */
class PairSource : public Xapian::ValuePostingSource
{
      public:
	explicit PairSource(const std::vector<uint32_t> &hashes)
	    : Xapian::ValuePostingSource(PAIRS_SLOT), wanted(hashes)
	{
	}
	PairSource *
	clone() const override
	{
		return new PairSource(wanted);
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
	std::vector<uint32_t> wanted;

	bool
	here() const
	{
		std::string set = get_value();

		return pairs_have(slice_of(set), wanted.data(), wanted.size());
	}
};

class Searcher
{
      public:
	Searcher(struct index_reader *reader, struct arena *ar, const struct index_query *query,
		 struct index_result *result)
	    : r(reader), a(ar), q(query), res(result), left(WORDS_ASKED)
	{
	}
	void run();

      private:
	/* What stands for an operand while the postfix form is worked off. */
	struct Value {
		Xapian::Query query;
		bool negated, nothing; /* nothing: no word in it, so it says nothing */
	};
	struct Asked {
		std::vector<Token> tokens;
		const struct query_item *item;
	};

	struct index_reader *r;
	struct arena *a;
	const struct index_query *q;
	struct index_result *res;
	size_t left; /* words that may still be asked for */
	struct query parsed;
	bool scored = false; /* some word gives weight */
	std::vector<Asked> asked;

	Xapian::Query build();
	Value operand(const struct query_item *item);
	Value words(const struct query_item *item);
	std::vector<Token> tokens_of(slice text);
	Xapian::Query field(const char *prefix, const std::vector<Token> &ts, bool open);
	Xapian::Query anywhere(const struct query_item *item, const std::vector<Token> &ts);
	Xapian::Query by_field(const struct query_item *item, const std::vector<Token> &ts);
	Xapian::Query stems(const char *field, const char *stem_field, const std::string &word);
	Xapian::Query prefixed(const std::string &term);
	void fill_hits(const Xapian::MSet &found);
	void fill_hit(struct index_hit *hit, const Xapian::Document &doc);
	void correct();
	bool spell(const Asked &word, std::string *better);
	void
	notice(const char *phrase)
	{
		if (res->notice.n == 0)
			res->notice = literal(phrase);
	}
};

const char *const FIELDS[] = {nullptr, TERM_SUBJECT, TERM_FROM, TERM_TO,
			      nullptr, TERM_QUOTED,  TERM_OWN,  TERM_NAME};

std::vector<Token>
Searcher::tokens_of(slice text)
{
	std::vector<Token> ts;
	struct words w;
	struct word word;

	words_init(&w, r->fold, text);
	while (words_next(&w, &word)) {
		if (left == 0) {
			notice(N_("The search is too long; its end was left out."));
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
Searcher::prefixed(const std::string &term)
{
	Xapian::termcount n = 0;

	for (auto i = r->db.allterms_begin(term); i != r->db.allterms_end(term); ++i)
		if (++n > PREFIXED_MAX) {
			notice(N_(
			    "Too many words begin like that; the most frequent were looked for."));
			break;
		}
	return Xapian::Query(Xapian::Query::OP_WILDCARD, term, PREFIXED_MAX,
			     Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT,
			     Xapian::Query::OP_SYNONYM);
}

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

/*
 * The words of an operand, one behind the other, in a field. Grams that adjoin are asked for as the
 * terms that their pairs are.
 */
Xapian::Query
Searcher::field(const char *prefix, const std::vector<Token> &ts, bool open)
{
	std::vector<Xapian::Query> all;
	std::vector<uint32_t> pairs;
	size_t n = ts.size();

	for (size_t i = 0; i < n; i++) {
		std::string term = prefix + ts[i].text;

		if (i > 0 && ts[i].joined)
			all.push_back(Xapian::Query(prefix + ts[i - 1].text + ts[i].text));
		else if (open && i + 1 == n)
			all.push_back(prefixed(term));
		else if (!(i + 1 < n && ts[i + 1].joined))
			all.push_back(Xapian::Query(term));
	}
	/* Of whom a mail was sent to nobody remembers the order. */
	if (prefix[0] != TERM_TO[0])
		pairs = pairs_of(prefix, ts, open ? n - 1 : n);
	if (!pairs.empty())
		all.push_back(Xapian::Query((new PairSource(pairs))->release()));
	return Xapian::Query(Xapian::Query::OP_AND, all.begin(), all.end());
}

/* The word's stems in the languages there are, and what is spelt like one of these stems. */
Xapian::Query
Searcher::stems(const char *field, const char *stem_field, const std::string &word)
{
	std::vector<Xapian::Query> all;

	for (const std::string &l : r->languages) {
		const std::string &stem = r->stemmers.of(l).of(word, r->fold);

		if (stem.empty())
			continue;
		if (stem != word)
			all.push_back(Xapian::Query(field + stem));
		all.push_back(Xapian::Query(stem_field + l + stem));
	}
	Xapian::Query either(Xapian::Query::OP_SYNONYM, all.begin(), all.end());
	return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, either, WEIGHT_STEM);
}

Xapian::Query
weighed(const Xapian::Query &q, double weight)
{
	return Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, q, weight);
}

bool
is_stemmed(const struct query_item *item, const std::vector<Token> &ts)
{
	return ts.size() == 1 && !ts[0].gram && !item->quoted && !item->open;
}

Xapian::Query
Searcher::anywhere(const struct query_item *item, const std::vector<Token> &ts)
{
	std::vector<Xapian::Query> any = {
	    field(TERM_OWN, ts, item->open),
	    weighed(field(TERM_SUBJECT, ts, item->open), WEIGHT_SUBJECT),
	    field(TERM_FROM, ts, item->open),
	    weighed(field(TERM_NAME, ts, item->open), WEIGHT_NAME),
	    weighed(field(TERM_QUOTED, ts, item->open), WEIGHT_QUOTED)};

	if (slice_find_char(item->text, '@') < item->text.n)
		any.push_back(Xapian::Query(term_of(TERM_MSGID, item->text)));
	if (is_stemmed(item, ts) && asked.size() <= WORDS_STEMMED) {
		any.push_back(stems(TERM_OWN, TERM_STEM, ts[0].text));
		any.push_back(stems(TERM_SUBJECT, TERM_SUBJECT_STEM, ts[0].text));
	}
	return Xapian::Query(Xapian::Query::OP_OR, any.begin(), any.end());
}

Xapian::Query
Searcher::by_field(const struct query_item *item, const std::vector<Token> &ts)
{
	const char *prefix = FIELDS[item->field];
	bool body = item->field == QUERY_BODY;
	Xapian::Query found = field(body ? TERM_OWN : prefix, ts, item->open);

	if (body)
		found |= weighed(field(TERM_QUOTED, ts, item->open), WEIGHT_QUOTED);
	if (!is_stemmed(item, ts) || asked.size() > WORDS_STEMMED)
		return found;
	if (item->field == QUERY_SUBJECT)
		found |= stems(TERM_SUBJECT, TERM_SUBJECT_STEM, ts[0].text);
	else if (body || item->field == QUERY_OWN)
		found |= stems(TERM_OWN, TERM_STEM, ts[0].text);
	return found;
}

Searcher::Value
Searcher::words(const struct query_item *item)
{
	std::vector<Token> ts = tokens_of(item->text);
	struct query_item one = *item;

	if (ts.empty())
		return Value{Xapian::Query(), false, true};
	one.open = item->open && !ts.back().gram;
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
dates(int64_t from, int64_t to)
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

Searcher::Value
Searcher::operand(const struct query_item *item)
{
	Value v = {Xapian::Query(), false, false};

	switch (item->kind) {
	case QUERY_WORDS:
		return words(item);
	case QUERY_DATES:
		v.query = weighed(dates(item->from, item->to), 0);
		break;
	case QUERY_LIST:
		v.query = filter(term_of(TERM_LIST, literal(arena_lower(a, item->text))));
		break;
	case QUERY_THREAD:
		v.query = filter(term_of(TERM_THREAD, literal(arena_lower(a, item->text))));
		break;
	case QUERY_MSGID:
		v.query = filter(term_of(TERM_MSGID, item->text));
		break;
	case QUERY_ATTACHMENT:
		v.query = filter(term_of(TERM_HAS, literal("attachment")));
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
Searcher::build()
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

void
Searcher::run()
{
	Xapian::Enquire enquire(r->db);
	Xapian::Query query;
	Xapian::MSet found;
	int64_t offset = q->offset < 0 ? 0 : q->offset < OFFSET_MAX ? q->offset : OFFSET_MAX;
	int64_t limit = q->limit < 0 ? 0 : q->limit < LIMIT_MAX ? q->limit : LIMIT_MAX;

	query_parse(&parsed, q->text, q->now);
	if (parsed.notice)
		notice(parsed.notice);
	query = build();
	if (query.empty())
		return;
	if (q->list)
		query = Xapian::Query(Xapian::Query::OP_FILTER, query,
				      Xapian::Query(term_of(TERM_LIST, literal(q->list))));
	enquire.set_query(query);
	if (q->sort == INDEX_BY_DATE || !scored) {
		enquire.set_weighting_scheme(Xapian::BoolWeight());
		enquire.set_sort_by_value(DATE_SLOT, true);
	} else {
		enquire.set_sort_by_relevance_then_value(DATE_SLOT, true);
	}
	enquire.set_time_limit(SECONDS_MAX);
	found = enquire.get_mset(static_cast<Xapian::doccount>(offset),
				 static_cast<Xapian::doccount>(limit),
				 static_cast<Xapian::doccount>(offset + limit) + COUNTED);
	res->estimated = found.get_matches_estimated();
	res->exact = found.get_matches_lower_bound() == found.get_matches_upper_bound();
	fill_hits(found);
	correct();
}

/* --- hits ------------------------------------------------------------------------------------- */

struct StemOf {
	Stems *stems;
	struct fold *fold;
	std::string last;
};

slice
stem_of(void *arg, slice word)
{
	StemOf *s = static_cast<StemOf *>(arg);

	s->last = s->stems->of(string_of(word), s->fold);
	return slice_of(s->last);
}

slice
kept(struct arena *a, slice s)
{
	return arena_dup(a, s);
}

void
Searcher::fill_hit(struct index_hit *hit, const Xapian::Document &doc)
{
	std::string data = doc.get_data();
	slice rest = slice_of(data), part[8] = {};
	std::vector<struct needle> needles;
	StemOf stemmer = {nullptr, r->fold, std::string()};
	struct needles all = {};

	for (slice &p : part)
		if (!get_part(&rest, &p))
			break;
	hit->list = arena_str(a, part[0]);
	hit->key = arena_str(a, part[1]);
	hit->thread_key = arena_str(a, part[2]);
	hit->subject = kept(a, part[4]);
	hit->from_name = kept(a, part[5]);
	hit->from_address = kept(a, part[6]);
	hit->date = date_of(doc.get_value(DATE_SLOT));
	if (has_stemmer(string_of(part[3]))) {
		stemmer.stems = &r->stemmers.of(string_of(part[3]));
		all.stem = stem_of;
		all.arg = &stemmer;
	}
	for (const Asked &w : asked) {
		struct slice *words = static_cast<struct slice *>(
		    arena_array(a, w.tokens.size(), sizeof(struct slice)));
		struct needle n = {words, w.tokens.size(), w.item->open, {nullptr, 0}};

		for (size_t i = 0; i < n.n; i++)
			words[i] = slice_of(w.tokens[i].text);
		if (stemmer.stems && is_stemmed(w.item, w.tokens))
			n.stem = kept(a, stem_of(&stemmer, words[0]));
		needles.push_back(n);
	}
	all.needle = needles.data();
	all.n = needles.size();
	hit->snippet = snippet_make(a, r->fold, part[7], &all);
}

void
Searcher::fill_hits(const Xapian::MSet &found)
{
	size_t n = 0;

	res->hits = static_cast<struct index_hit *>(
	    arena_array(a, found.size() ? found.size() : 1, sizeof *res->hits));
	for (auto i = found.begin(); i != found.end(); ++i)
		fill_hit(&res->hits[n++], i.get_document());
	res->n = n;
}

/* --- spelling --------------------------------------------------------------------------------- */

struct Candidates {
	const Xapian::Database *db;
	std::string best;
	Xapian::doccount most;
};

Xapian::doccount
frequency(const Xapian::Database &db, const std::string &word)
{
	return db.get_termfreq(word) + db.get_termfreq(TERM_SUBJECT + word);
}

void
try_candidate(void *arg, slice word)
{
	Candidates *c = static_cast<Candidates *>(arg);
	std::string text = string_of(word);
	Xapian::doccount n = frequency(*c->db, text);

	if (n > c->most) {
		c->most = n;
		c->best = text;
	}
}

/* A better spelling of a word that stands nowhere. */
bool
Searcher::spell(const Asked &w, std::string *better)
{
	Candidates c = {&r->db, std::string(), 0};
	const std::string &word = w.tokens[0].text;

	if (frequency(r->db, word) + r->db.get_termfreq(TERM_FROM + word) +
		r->db.get_termfreq(TERM_QUOTED + word) + r->db.get_termfreq(TERM_NAME + word) >
	    0)
		return false;
	/* The callback is called from C, where no exception may pass. */
	auto safe = [](void *arg, slice s) {
		try {
			try_candidate(arg, s);
		} catch (const Xapian::Error &) {
			/* a candidate less */
		}
	};
	spell_edits(slice_of(word), safe, &c);
	*better = c.best;
	return c.most > 0;
}

/* The query with words that stand nowhere replaced by their neighbours. */
void
Searcher::correct()
{
	std::string text;
	size_t at = 0;
	int tried = 0;

	for (const Asked &w : asked) {
		std::string better;
		const char *p = w.item->text.p;

		/* What plain reading made of an operator is no part of the text. */
		if (!is_stemmed(w.item, w.tokens) || p < q->text.p + at ||
		    p >= q->text.p + q->text.n || tried++ == SPELL_WORDS || !spell(w, &better))
			continue;
		text.append(q->text.p + at, static_cast<size_t>(p - q->text.p) - at);
		text += better;
		at = static_cast<size_t>(p - q->text.p) + w.item->text.n;
	}
	if (at == 0)
		return;
	text.append(q->text.p + at, q->text.n - at);
	res->corrected = kept(a, slice_of(text));
}

/* --- the reader ------------------------------------------------------------------------------- */

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

const int TRIES = 3; /* a writer that commits all the time must not make a reader fail */

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
					Searcher(r, a, q, res).run();
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
