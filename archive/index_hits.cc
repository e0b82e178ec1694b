/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/index_hits.hh"

extern "C" {
#include "archive/snippet.h"
#include "archive/spell.h"
#include "archive/terms.h"
}

namespace shim
{

namespace
{

const int SPELL_WORDS = 3; /* of a query are looked at */

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
fill_hit(const Tools &t, const std::vector<Asked> &asked, struct index_hit *hit,
	 const Xapian::Document &doc)
{
	std::string data = doc.get_data();
	Shown s = shown_unpack(data);
	std::vector<struct needle> needles;
	StemOf stemmer = {nullptr, t.fold, std::string()};
	struct needles all = {};

	hit->list = arena_str(t.arena, s.list);
	hit->key = arena_str(t.arena, s.key);
	hit->thread_key = arena_str(t.arena, s.thread_key);
	hit->subject = kept(t.arena, s.subject);
	hit->from_name = kept(t.arena, s.from_name);
	hit->from_address = kept(t.arena, s.from_address);
	hit->date = date_of(doc.get_value(DATE_SLOT));
	hit->attachment = has_attachment(doc.get_value(FACETS_SLOT));
	if (has_stemmer(string_of(s.language))) {
		stemmer.stems = &t.stemmers.of(string_of(s.language));
		all.stem = stem_of;
		all.arg = &stemmer;
	}
	for (const Asked &w : asked) {
		struct slice *words = static_cast<struct slice *>(
		    arena_array(t.arena, w.tokens.size(), sizeof(struct slice)));
		struct needle n = {words, w.tokens.size(), w.item->open, {nullptr, 0}};

		for (size_t i = 0; i < n.n; i++)
			words[i] = slice_of(w.tokens[i].text);
		if (stemmer.stems && is_stemmed(w.item, w.tokens))
			n.stem = kept(t.arena, stem_of(&stemmer, words[0]));
		needles.push_back(n);
	}
	all.needle = needles.data();
	all.n = needles.size();
	hit->snippet = snippet_make(t.arena, t.fold, s.own, &all);
}

} // namespace

void
hits_fill(const Tools &t, const std::vector<Asked> &asked, const Xapian::MSet &found,
	  struct index_result *res)
{
	size_t n = 0;

	res->hits = static_cast<struct index_hit *>(
	    arena_array(t.arena, found.size() ? found.size() : 1, sizeof *res->hits));
	for (auto i = found.begin(); i != found.end(); ++i, n++) {
		fill_hit(t, asked, &res->hits[n], i.get_document());
		res->hits[n].alike = i.get_collapse_count();
	}
	res->n = n;
}

/* --- spelling --------------------------------------------------------------------------------- */

namespace
{

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
spell(const Xapian::Database &db, const Asked &w, std::string *better)
{
	Candidates c = {&db, std::string(), 0};
	const std::string &word = w.tokens[0].text;

	if (frequency(db, word) + db.get_termfreq(TERM_FROM + word) +
		db.get_termfreq(TERM_QUOTED + word) + db.get_termfreq(TERM_NAME + word) >
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

} // namespace

slice
spelled_better(const Tools &t, const std::vector<Asked> &asked, slice written)
{
	std::string text;
	size_t at = 0;
	int tried = 0;

	for (const Asked &w : asked) {
		std::string better;
		const char *p = w.item->text.p;

		/* What plain reading made of an operator is no part of the text. */
		if (!is_stemmed(w.item, w.tokens) || p < written.p + at ||
		    p >= written.p + written.n || tried++ == SPELL_WORDS ||
		    !spell(t.db, w, &better))
			continue;
		text.append(written.p + at, static_cast<size_t>(p - written.p) - at);
		text += better;
		at = static_cast<size_t>(p - written.p) + w.item->text.n;
	}
	if (at == 0)
		return slice{nullptr, 0};
	text.append(written.p + at, written.n - at);
	return kept(t.arena, slice_of(text));
}

} // namespace shim
