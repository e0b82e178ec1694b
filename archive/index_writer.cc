/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All changes to a shard are in a transaction, since closing a database would commit what is
 * pending.
 */
#include <cerrno>
#include <cstdio>
#include <thread>
#include <vector>

#include <fcntl.h>

#include "archive/shim.hh"

extern "C" {
#include "archive/terms.h"
#include "base/buf.h"
#include "base/crash.h"
#include "base/file.h"
}

using namespace shim;

namespace
{

const size_t BYTES_PENDING = 32UL << 20; /* of text a shard, then it commits by itself: memory */

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
		doc.add_value(THREAD_SLOT, thread_value(literal(d->thread_key)));
		doc.add_value(FACETS_SLOT, facets_value(d));
		doc.set_data(shown_pack(d, language));
		db.replace_document(local(d->id), doc);
		pending += d->own.n + d->quoted.n;
		if (pending > BYTES_PENDING)
			commit();
	}
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
		terms_add_text(terms, fold, TERM_SUBJECT, d->subject,
			       TEXT | TERMS_STEMS | (d->echo ? TERMS_ECHO : 0));
		terms_add_text(terms, fold, TERM_FROM, d->from_name, TEXT);
		terms_add_text(terms, fold, TERM_FROM, d->from_address, TEXT);
		terms_add_text(terms, fold, TERM_TO, d->to_text, TERMS_FAINT);
		for (size_t i = 0; i < d->nattachments; i++)
			terms_add_text(terms, fold, TERM_NAME, d->attachments[i], TEXT);
		if (d->nattachments > 0)
			terms_add(terms, TERM_HAS, literal(TERM_HAS_ATTACHMENT));
		terms_add(terms, TERM_MSGID, slice_of(hashed(d->msgid, MSGID_BYTES)));
		terms_add(terms, TERM_LIST, literal(d->list));
		for (int i = 1; i <= SAMPLES && in_sample(d->id, i); i++)
			terms_add(terms, TERM_SAMPLE, slice_of(std::to_string(i)));
		terms_add_text(terms, fold, TERM_OWN, d->own, TEXT | TERMS_STEMS | TERMS_SCREEN);
		terms_add_text(terms, fold, TERM_QUOTED, d->quoted,
			       TERMS_PAIRS | TERMS_FAINT | TERMS_SCREEN | TERMS_MARKS);
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
