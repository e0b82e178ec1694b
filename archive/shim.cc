/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cerrno>
#include <cstdio>

#include "archive/shim.hh"

extern "C" {
#include "archive/language.h"
#include "archive/snippet.h"
#include "archive/terms.h"
#include "archive/words.h"
#include "base/buf.h"
#include "base/hash.h"
}

namespace shim
{

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

/* --- terms and values ------------------------------------------------------------------------- */

std::string
shard_path(const char *dir, int i)
{
	return std::string(dir) + "/" + std::to_string(i);
}

namespace
{
const int DATE_BYTES = 5;
const int64_t DATE_MAX = (INT64_C(1) << (8 * DATE_BYTES)) - 1;
} // namespace

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

std::string
hashed(slice text, size_t bytes)
{
	uint8_t sum[SHA1_SIZE];

	hash_sha1(text, sum);
	return std::string(sum, sum + bytes);
}

std::string
thread_value(slice thread_key)
{
	const size_t THREAD_BYTES = 6; /* a million threads share one with odds of 1 to 500 */

	return hashed(thread_key, THREAD_BYTES);
}

namespace
{

/* Who wrote: an address, but not that of a list which sends in its own name ("Ann via List"). */
std::string
author_of(const struct index_doc *d)
{
	size_t via = slice_find(d->from_name, literal(" via "));
	slice who = via < d->from_name.n ? slice_sub(d->from_name, 0, via) : d->from_address;
	std::string author = string_of(slice_trim(who.n > 0 ? who : d->from_name));

	for (char &c : author)
		if (c >= 'A' && c <= 'Z')
			c = static_cast<char>(c - 'A' + 'a');
	return author;
}

} // namespace

std::string
facets_value(const struct index_doc *d)
{
	return hashed(slice_of(author_of(d)), AUTHOR_BYTES) + hashed(literal(d->list), LIST_BYTES) +
	       (d->nattachments > 0 ? '\1' : '\0');
}

bool
in_sample(int64_t id, int sample)
{
	uint64_t mixed = static_cast<uint64_t>(id) * UINT64_C(0x9e3779b97f4a7c15);

	return mixed >> (64 - 4 * sample) == 0;
}

bool
has_attachment(const std::string &facets)
{
	return facets.size() == FACETS_BYTES && facets.back() == '\1';
}

/* --- languages -------------------------------------------------------------------------------- */

namespace
{

const size_t STEMS_CACHED = 50000; /* words a language */

/* Languages of cld2 that Xapian has a stemmer for. */
const char *const languages[] = {"ar", "ca", "da", "de", "en", "es", "eu", "fi",
				 "fr", "ga", "hu", "hy", "id", "it", "lt", "ne",
				 "nl", "no", "pt", "ro", "ru", "sv", "ta", "tr"};

} // namespace

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
	char code[LANGUAGE_SIZE];

	language_of(text, code);
	return has_stemmer(code) ? code : std::string();
}

namespace
{

std::string
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

} // namespace

const std::string &
Stems::of(const std::string &word, struct fold *fold)
{
	auto known = cache.find(word);

	if (known != cache.end())
		return known->second;
	if (cache.size() >= STEMS_CACHED)
		cache.clear();
	return cache.emplace(word, plain(stem(word), fold)).first->second;
}

Stems &
Stemmers::of(const std::string &code)
{
	auto &s = all[code];

	if (!s)
		s.reset(new Stems(code));
	return *s;
}

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
/* --- what a document keeps -------------------------------------------------------------------- */

namespace
{

const size_t LINE_MAX_BYTES = 1000; /* of a subject or a name */

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

} // namespace

std::string
shown_pack(const struct index_doc *d, const std::string &language)
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
	/* It stands for the name where there is none. */
	put_text(&b, slice_trim(d->from_name).n > 0 ? literal("") : d->from_address,
		 LINE_MAX_BYTES);
	put_text(&b, d->own, EXCERPT_BYTES);
	out = string_of(buf_slice(&b));
	buf_free(&b);
	return out;
}

Shown
shown_unpack(const std::string &data)
{
	slice rest = slice_of(data);
	Shown s = {};

	for (slice *part : {&s.list, &s.key, &s.thread_key, &s.language, &s.subject, &s.from_name,
			    &s.from_address, &s.own})
		if (!get_part(&rest, part))
			break;
	return s;
}

} // namespace shim
