/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index: what is put in is found, by each kind of search word, and by nothing else. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/index.h"
#include "archive/snippet.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#define DAY(y, m, d) clock_from_civil(y, m, d, 12, 0, 0)
#define NOW DAY(2026, 11, 22)

struct mail {
	const char *list, *thread, *subject, *name, *address, *to, *own, *quoted, *attachment;
	int year, month, day;
};
/* The number of each is its place here, from 1; its key is k1, k2, … */
static const struct mail mails[] = {
    /* 1 */ {"dc", "t1", "Open captions for meetings", "Ada Lovelace", "ada@example.org",
	     "dc@lists.example.org",
	     "We propose live captions in all the meetings of the coalition. The captioning "
	     "services were running well last year, and everybody who took part was able to read "
	     "along. Please write what you think of this.",
	     "", NULL, 2017, 10, 3},
    /* 2 */
    {"dc", "t1", "Re: Open captions for meetings", "Zoë Müller", "zoe@example.com",
     "dc@lists.example.org",
     "I agree with this proposal; the Straße is long. T10-PI works. Don't wait.",
     "> We propose live captions in all the meetings of the coalition.", "report-2017.pdf", 2017,
     10, 4},
    /* 3 */
    {"fr", "t3", "Réunion à Genève", "Hélène Dupont", "helene@example.fr", "fr@lists",
     "Les participantes étaient prêtes à parler des nouvelles propositions de la "
     "coalition et des réunions qui suivront pendant toute cette année.",
     "", NULL, 2018, 1, 31},
    /* 4 */
    {"fr", "t3", "Prete", "Bob", "bob@example.net", "fr@lists", "une personne prete sans accent",
     "", NULL, 2018, 2, 1},
    /* 5 */
    {"cjk", "t5", "東京都の会議", "鈴木一郎", "suzuki@example.jp", "cjk@lists",
     "京都ではなく、東京で開催します。詳しい設\n定は次のとおりです。",
     "> 証明書のシステムを設定する", NULL, 2020, 2, 29},
    /* 6 */
    {"cjk", "t6", "京都", "王小明", "wang@example.cn", "cjk@lists", "防火墙是必要的。安全更新", "",
     NULL, 2020, 3, 1},
    /* 7 */
    {"ru", "t7", "Ёлка", "Иван", "ivan@example.ru", "ru@lists",
     "Все ёлки уже стоят, мой дом украшен к празднику и гости скоро придут.", "", NULL, 2026, 9,
     25},
    /* 8 */
    {"dc", "t8", "Query and notes", "Carol AND Dave", "carol@example.org", "dc@lists",
     "AND OR NOT are words too: alphabet alphanumeric alpha\xEE\x80\x80"
     "beta \xff bad bytes. <script>alert(1)</script>",
     "", NULL, 2026, 11, 22},
};
#define MAILS (sizeof mails / sizeof mails[0])

struct site {
	char dir[64], index[80];
	struct index_reader *reader;
	struct arena *a;
};

static void
put(struct index_writer *w, size_t i)
{
	const struct mail *m = &mails[i];
	char key[8], id[32];
	struct slice names[1] = {slice_str(m->attachment)};
	struct index_doc d = {.id = (int64_t)i + 1,
			      .list = m->list,
			      .key = key,
			      .thread_key = m->thread,
			      .subject = slice_str(m->subject),
			      .from_name = slice_str(m->name),
			      .from_address = slice_str(m->address),
			      .to_text = slice_str(m->to),
			      .own = slice_str(m->own),
			      .quoted = slice_str(m->quoted),
			      .attachments = names,
			      .nattachments = m->attachment ? 1 : 0,
			      .date = DAY(m->year, m->month, m->day)};
	struct err e;

	snprintf(key, sizeof key, "k%zu", i + 1);
	snprintf(id, sizeof id, "Mail(%zu)@Example.org", i + 1);
	d.msgid = slice_str(id);
	assert_int_equal(index_put(w, &d, &e), 0);
}

static int
set_up(void **state)
{
	struct site *s = calloc(1, sizeof *s);
	const char *tmp = getenv("TMPDIR");
	struct index_writer *w;
	struct err e;

	assert_non_null(s);
	snprintf(s->dir, sizeof s->dir, "%s/plenary-index-XXXXXX",
		 tmp && strlen(tmp) < 30 ? tmp : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->index, sizeof s->index, "%s/xapian", s->dir);
	s->a = arena_new();
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	for (size_t i = 0; i < MAILS; i++)
		put(w, i);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	assert_int_equal(index_reader_open(&s->reader, s->index, &e), 0);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct site *s = *state;
	struct err e;

	index_reader_close(s->reader);
	arena_free(s->a);
	assert_int_equal(file_remove_tree(AT_FDCWD, s->dir, &e), 0);
	free(s);
	return 0;
}

static void
ask(struct site *s, const struct index_query *q, struct index_result *res)
{
	struct err e = {0};

	if (index_search(s->reader, s->a, q, res, &e) < 0)
		fail_msg("%.*s: %s", SLICE_ARG(q->text), e.text);
}

/* The numbers of the mails found, in rising order, as "1 2 5". */
static const char *
numbers(struct site *s, const struct index_result *res)
{
	struct buf b;
	const char *out;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 1; i <= MAILS; i++) {
		char key[8];

		snprintf(key, sizeof key, "k%zu", i);
		for (size_t k = 0; k < res->n; k++)
			if (strcmp(res->hits[k].key, key) == 0)
				buf_printf(&b, b.n ? " %zu" : "%zu", i);
	}
	out = arena_str(s->a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void
expect(struct site *s, const char *text, const char *wanted)
{
	struct index_query q = {.text = slice_str(text), .limit = 50, .now = NOW};
	struct index_result res;

	ask(s, &q, &res);
	if (strcmp(numbers(s, &res), wanted) != 0)
		fail_msg("%s: found \"%s\", not \"%s\"", text, numbers(s, &res), wanted);
	assert_true(res.exact);
	assert_int_equal(res.estimated, res.n);
}

static const struct {
	const char *text, *wanted;
} searches[] = {
    {"coalition", "1 2 3"}, /* own, quoted, French */
    {"captions", "1 2"},
    {"caption", "1 2"}, /* by stem */
    {"captioning", "1 2"},
    {"\"captioning\"", "1"}, /* as it stands */
    {"run", "1"},
    {"services", "1"},
    {"nothingofthekind", ""},
    {"coalition propose", "1 2"},
    {"coalition -propose", "3"},
    {"coalition NOT propose", "3"},
    {"-coalition", "4 5 6 7 8"},
    {"NOT (coalition OR prete)", "5 6 7 8"},
    {"elka OR Ёлка OR agree", "2 7"},
    {"coalition agree OR prete", "2 3 4"}, /* AND binds closer; prêtes by stem */
    {"coalition (agree OR read)", "1 2"},
    /* fields */
    {"s:captions", "1 2"},
    {"s:caption", "1 2"},
    {"s:coalition", ""},
    {"f:ada", "1"},
    {"f:ada@example.org", "1"},
    {"f:example.org", "1 8"},
    {"f:muller", "2"},
    {"f:Müller", "2"},
    {"f:\"zoe muller\"", "2"},
    {"t:lists.example.org", "1 2"},
    {"b:captions", "1 2"},
    {"q:captions", "2"},
    {"nq:captions", "1"},
    {"q:the", "2"}, /* a word of the author's own, too */
    {"q:the*", "2"},
    {"q:cap*", "2"},
    {"q:agree", ""},
    {"q:agr*", ""},
    {"q:\"all the meetings\"", "2"},
    {"q:\"the coalition\" q:propose", "2"},
    {"\"all the meetings\"", "1 2"},
    {"nq:coalition", "1 3"},
    {"n:report", "2"},
    {"n:report-2017.pdf", "2"},
    {"report-2017.pdf", "2"},
    {"has:attachment", "2"},
    {"-has:attachment l:dc", "1 8"},
    {"m:Mail(3)@Example.org", "3"},
    {"m:<Mail(3)@Example.org>", "3"},
    {"(m:Mail(3)@Example.org)", ""}, /* up to the bracket that closes the group */
    {"m:mail(3)@example.org", ""},
    {"l:fr", "3 4"},
    {"l:FR", "3 4"},
    {"l:fr l:ru", "3 4 7"},
    {"l:fr AND l:ru", ""},
    {"l:fr prete", "3 4"},
    {"thread:t1", "1 2"},
    {"thread:T1 f:ada", "1"},
    {"thread:t1 thread:t7", "1 2 7"},
    /* dates */
    {"d:20171003", "1"},
    {"d:2017-10-03..2017-10-04", "1 2"},
    {"d:2017", "1 2"},
    {"d:2018-01", "3"},
    {"d:2018-02..", "4 5 6 7 8"},
    {"d:..2017-10", "1 2"},
    {"d:20200229..20200301", "5 6"},
    {"d:20180201..20180131", ""},
    {"d:2.months.ago..", "7 8"},
    {"d:1.month.ago..", "8"},
    {"d:today", "8"},
    {"coalition d:2018..", "3"},
    {"coalition -d:2018..", "1 2"},
    /* phrases */
    {"\"live captions\"", "1 2"},
    {"q:\"live captions\"", "2"},
    {"nq:\"live captions\"", "1"},
    {"\"captioning services were running well\"", "1"},
    {"\"captioning services running\"", ""},
    {"\"live captions in all\" OR f:bob", "1 2 4"},
    {"\"captions live\"", ""},
    {"\"open captions\"", "1 2"},
    {"s:\"captions open\"", ""},
    {"T10-PI", "2"},
    {"\"t10 pi\"", "2"},
    {"don't", "2"},
    {"-\"live captions\" coalition", "3"},
    /* accents: typed, they are meant; not typed, they don't matter */
    {"\"prêtes\"", "3"},
    {"\"prete\"", "4"},
    {"\"reunion\"", "3"},
    {"\"réunion\"", "3"},
    {"strasse", "2"},
    {"STRASSE", "2"},
    {"straße", "2"},
    {"елка", "7"},
    {"ёлки", "7"},
    {"\"мой\"", "7"},
    {"\"мои\"", ""},
    /* scripts without spaces */
    {"京都", "5 6"},
    {"東京都", "5"},
    {"s:京都", "5 6"},
    {"京", "5 6"},
    {"京都東", ""},
    {"設定は", "5"}, /* over a line end */
    {"防火墙", "6"},
    {"火墙是必", "6"},
    {"墙火", ""},
    {"証明書", "5"},
    {"q:証明書のシ", "5"},
    {"鈴木", "5"},
    /* beginnings */
    {"alpha*", "8"},
    {"alphan*", "8"},
    {"capt*", "1 2"},
    {"s:capt*", "1 2"},
    {"京*", "5 6"},
    /* what is no operator */
    {"and", "1 8"},
    {"http://example.org/", ""},
    {"coalition - propose", "1 2"},
    {"&&& coalition !!!", "1 2 3"},
    {"", ""},
    {"!!!", ""},
    {"()", ""},
};

static void
test_search(void **state)
{
	for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++)
		expect(*state, searches[i].text, searches[i].wanted);
}

/* What is not well formed is looked for all the same, and said. */
static void
test_malformed(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
	    {"coalition AND", "1 2 3"},
	    {"AND AND", "1 8"},
	    {"OR", "8"},
	    {"(coalition", "1 2 3"},
	    {"coalition)", "1 2 3"},
	    {"\"coalition", "1 2 3"},
	    {"captions NOT", "1 2"},
	    {"a OR OR b", ""},
	    {"d:nonsense coalition", "1 2 3"},
	    {"has:horns captions", "1 2"},
	    {"ca* captions", ""},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct index_query q = {.text = slice_str(cases[i].text), .limit = 9, .now = NOW};
		struct index_result res;

		ask(s, &q, &res);
		if (strcmp(numbers(s, &res), cases[i].wanted) != 0)
			fail_msg("%s: found \"%s\"", cases[i].text, numbers(s, &res));
		assert_true(res.notice.n > 0);
	}
}

/* Whatever is asked, there is an answer. */
static void
test_any_query(void **state)
{
	static const char *const parts[] = {"a", "(",  ")",  "\"", "AND ", "OR ",  "NOT ", "-",
					    "*", "d:", "m:", "s:", " ",    "..",   "京都", "\xff",
					    ":", "<",  "l:", "é",  "f:\"", "has:", "foo*", "\n"};
	struct site *s = *state;
	struct buf b;
	unsigned seed = 1;

	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 1500; i++) {
		struct index_query q = {.limit = 5, .now = NOW};
		struct index_result res;

		buf_clear(&b);
		for (int k = 0; k < i % 40; k++) {
			seed = seed * 1103515245 + 12345;
			buf_puts(&b, parts[(seed >> 16) % (sizeof parts / sizeof parts[0])]);
		}
		q.text = buf_slice(&b);
		ask(s, &q, &res);
		arena_reset(s->a);
	}
	/* Far beyond all limits. */
	for (int kind = 0; kind < 4; kind++) {
		struct index_query q = {.limit = 5, .now = NOW};
		struct index_result res;

		buf_clear(&b);
		for (int i = 0; i < 3000; i++)
			buf_puts(&b, &"(\0a \0-\0l:a "[kind == 0   ? 0
						       : kind == 1 ? 2
						       : kind == 2 ? 5
								   : 7]);
		q.text = buf_slice(&b);
		ask(s, &q, &res);
		assert_true(res.notice.n > 0 || kind == 2);
	}
	buf_free(&b);
}

static void
test_only_list(void **state)
{
	struct site *s = *state;
	struct index_query q = {
	    .text = SLICE("coalition OR prete"), .list = "fr", .limit = 9, .now = NOW};
	struct index_result res;

	ask(s, &q, &res);
	assert_string_equal(numbers(s, &res), "3 4");
	/* A filter of the asker's own never widens it. */
	q.text = SLICE("l:dc coalition");
	ask(s, &q, &res);
	assert_string_equal(numbers(s, &res), "");
	q.text = SLICE("l:dc OR l:ru OR coalition");
	ask(s, &q, &res);
	assert_string_equal(numbers(s, &res), "3");
}

static void
test_order(void **state)
{
	struct site *s = *state;
	struct index_query q = {.text = SLICE("captions"), .limit = 9, .now = NOW};
	struct index_result res;

	ask(s, &q, &res);
	assert_int_equal(res.n, 2);
	assert_string_equal(res.hits[0].key, "k1"); /* own words before quoted ones */
	q.sort = INDEX_BY_DATE;
	ask(s, &q, &res);
	assert_string_equal(res.hits[0].key, "k2");
	q.text = SLICE("d:2017..");
	q.offset = 1;
	q.limit = 2;
	ask(s, &q, &res);
	assert_int_equal(res.n, 2);
	assert_int_equal(res.estimated, MAILS);
	assert_string_equal(res.hits[0].key, "k7");
	assert_string_equal(res.hits[1].key, "k6");
	q.offset = 1000;
	ask(s, &q, &res);
	assert_int_equal(res.n, 0);
}

static void
test_hit(void **state)
{
	struct site *s = *state;
	struct index_query q = {.text = SLICE("captions"), .limit = 9, .now = NOW};
	struct index_result res;
	const struct index_hit *h;

	ask(s, &q, &res);
	h = &res.hits[0];
	assert_string_equal(h->list, "dc");
	assert_string_equal(h->thread_key, "t1");
	assert_true(slice_is(h->subject, mails[0].subject));
	assert_true(slice_is(h->from_name, "Ada Lovelace"));
	assert_int_equal(h->from_address.n, 0); /* only where there is no name */
	assert_int_equal(h->date, DAY(2017, 10, 3));
	assert_true(slice_starts(h->snippet, SLICE("We propose live " SNIPPET_BEGIN
						   "captions" SNIPPET_END " in all the")));
	/* The stem's other words are shown too. */
	assert_true(slice_find(h->snippet, SLICE(SNIPPET_BEGIN "captioning" SNIPPET_END)) <
		    h->snippet.n);
	q.text = SLICE("設定");
	ask(s, &q, &res);
	assert_true(slice_find(res.hits[0].snippet, SLICE(SNIPPET_BEGIN "設定" SNIPPET_END)) <
		    res.hits[0].snippet.n);
	/* The marks can't be written by an author, and bad bytes don't come out. */
	q.text = SLICE("words alphabeta");
	ask(s, &q, &res);
	assert_int_equal(res.n, 1);
	assert_true(slice_find(res.hits[0].snippet, SLICE("alpha\xEE\x80\x80"
							  "beta")) == res.hits[0].snippet.n);
	assert_true(slice_find(res.hits[0].snippet, SLICE("\xff")) == res.hits[0].snippet.n);
}

static void
test_spelling(void **state)
{
	static const struct {
		const char *text, *better;
	} cases[] = {
	    {"coaliton", "coalition"},
	    {"coalitionn AND meetngs", "coalition AND meetings"},
	    {"(ocalition) f:ada", "(coalition) f:ada"},
	    {"coalition", ""},
	    {"\"coaliton\"", ""},
	    {"zzzzzzzz", ""},
	    {"cooalitiom", ""},
	    {"праздникк", "праздник"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct index_query q = {.text = slice_str(cases[i].text), .limit = 9, .now = NOW};
		struct index_result res;

		ask(s, &q, &res);
		if (i != 7 && !slice_is(res.corrected, cases[i].better))
			fail_msg("%s: \"%.*s\"", cases[i].text, SLICE_ARG(res.corrected));
	}
}

/* Putting again replaces; deleting deletes; what was not committed is not there. */
static void
test_changes(void **state)
{
	struct site *s = *state;
	struct index_writer *w, *second;
	struct err e;
	struct index_doc d = {.id = 2,
			      .list = "dc",
			      .key = "k2",
			      .thread_key = "t1",
			      .msgid = SLICE("x@y"),
			      .own = SLICE("something else"),
			      .date = NOW};

	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_writer_open(&second, s->index, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	assert_int_equal(index_put(w, &d, &e), 0);
	expect(s, "agree", "2");
	index_writer_close(w);
	expect(s, "agree", "2");
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_put(w, &d, &e), 0);
	assert_int_equal(index_put(w, &d, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	expect(s, "agree", "");
	expect(s, "something else", "2");
	for (int i = 0; i < 5; i++) { /* a reader that sees every commit */
		assert_int_equal(index_delete(w, 8 - i, &e), 0);
		assert_int_equal(index_commit(w, &e), 0);
		expect(s, "coalition", i < 5 && 8 - i > 3 ? "1 3" : "1");
	}
	assert_int_equal(index_delete(w, 8, &e), 0); /* once more is harmless */
	assert_int_equal(index_delete_list(w, "dc", &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	expect(s, "d:2000..", "3");
	index_writer_close(w);
}

static void
test_many(void **state)
{
	struct site *s = *state;
	enum { N = 300 };
	struct index_doc *ds = calloc(N, sizeof *ds);
	char(*own)[32] = calloc(N, sizeof *own);
	struct index_writer *w;
	struct index_result res;
	struct err e;

	assert_true(ds && own);
	for (int i = 0; i < N; i++) {
		snprintf(own[i], sizeof own[i], "number n%d common", i);
		ds[i] = (struct index_doc){.id = 1000 + i,
					   .list = "many",
					   .key = "kx",
					   .thread_key = "tx",
					   .msgid = slice_str(own[i]),
					   .own = slice_str(own[i]),
					   .date = NOW - i};
	}
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_put_many(w, ds, N, &e), 0);
	assert_int_equal(index_put_many(w, ds, 0, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	for (int i = 0; i < N; i += 37) {
		char text[16];
		struct index_query q = {.limit = 9, .now = NOW};

		snprintf(text, sizeof text, "n%d", i);
		q.text = slice_str(text);
		ask(s, &q, &res);
		assert_int_equal(res.n, 1);
		assert_int_equal(res.hits[0].date, NOW - i);
	}
	ask(s, &(struct index_query){.text = SLICE("common l:many"), .limit = 500, .now = NOW},
	    &res);
	assert_int_equal(res.n, 200); /* the most in one answer */
	assert_int_equal(res.estimated, N);
	assert_true(res.exact);
	free(ds);
	free(own);
}

/* Nothing in a document keeps it out. */
static void
test_any_document(void **state)
{
	struct site *s = *state;
	struct index_writer *w;
	struct err e;
	struct buf b;
	char id[600];
	struct index_doc d = {.id = 100000, .list = "odd", .key = "odd", .thread_key = "odd"};

	memset(id, 'i', sizeof id);
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 256 * 20; i++)
		buf_putc(&b, (char)(i * 7 % 256));
	for (int i = 0; i < 3000; i++)
		buf_puts(&b, "verylongword");
	d.msgid = slice_make(id, sizeof id);
	d.subject = d.own = d.quoted = d.from_name = buf_slice(&b);
	d.date = -5;
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_put(w, &d, &e), 0);
	d.id++;
	d.own = d.quoted = d.subject = d.msgid = d.from_name = (struct slice){NULL, 0};
	d.date = INT64_MAX;
	assert_int_equal(index_put(w, &d, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	buf_clear(&b);
	buf_puts(&b, "l:odd m:");
	buf_put(&b, id, sizeof id);
	{
		struct index_query q = {.text = buf_slice(&b), .limit = 5, .now = NOW};
		struct index_result res;

		ask(s, &q, &res);
		assert_int_equal(res.n, 1);
	}
	buf_free(&b);
}

static void
test_absent(void **state)
{
	struct site *s = *state;
	struct index_query q = {.text = SLICE("coalition"), .limit = 9, .now = NOW};
	struct index_result res;
	struct index_writer *w;
	struct err e;

	/* Gone while it is open, and made anew. */
	assert_int_equal(file_remove_tree(AT_FDCWD, s->index, &e), 0);
	ask(s, &q, &res);
	assert_int_equal(res.n, 0);
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	ask(s, &q, &res);
	assert_int_equal(res.n, 0);
	put(w, 0);
	assert_int_equal(index_commit(w, &e), 0);
	ask(s, &q, &res);
	assert_int_equal(res.n, 1);
	index_writer_close(w);
}

/* Dense, it is the same index, for a reader that was open too, and for a writer. */
static void
test_compact(void **state)
{
	struct site *s = *state;
	struct index_writer *w;
	struct err e;
	char left[100];

	expect(s, "coalition", "1 2 3");
	assert_int_equal(index_compact(s->index, NOW, &e), 0);
	snprintf(left, sizeof left, "%s/0.dense", s->index);
	assert_int_equal(access(left, F_OK), -1);
	test_search(state);
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_compact(s->index, NOW, &e), -1); /* a writer is open */
	assert_int_equal(index_delete(w, 3, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	expect(s, "coalition", "1 2");
	assert_int_equal(index_compact(s->index, NOW, &e), 0);
	expect(s, "coalition", "1 2");
}

static void
put_filler(struct index_writer *w, int64_t first, int64_t n)
{
	struct err e;
	struct buf own;

	buf_init(&own, 4096);
	for (int64_t id = first; id < first + n; id++) {
		struct index_doc d = {.id = id, .list = "filler", .key = "f", .thread_key = "f"};

		buf_clear(&own);
		for (int i = 0; i < 400; i++)
			buf_printf(&own, "w%llxx%x ", (long long)(id % 97), (unsigned)i);
		d.own = buf_slice(&own);
		assert_int_equal(index_put(w, &d, &e), 0);
	}
	buf_free(&own);
	assert_int_equal(index_commit(w, &e), 0);
}

/* Shards that have grown are made dense one by one, and not again on the same day. */
static void
test_tighten(void **state)
{
	struct site *s = *state;
	struct index_writer *w;
	struct err e;

	assert_int_equal(index_tighten(s->index, NOW, &e), 0);
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	put_filler(w, 1000, 600);
	index_writer_close(w);
	for (int i = 0; i < INDEX_SHARDS; i++)
		assert_int_equal(index_tighten(s->index, NOW, &e), 1);
	assert_int_equal(index_tighten(s->index, NOW, &e), 0);
	assert_int_equal(index_tighten(s->index, NOW + 86400, &e), 0); /* as dense as it was */
	expect(s, "coalition", "1 2 3");
	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	put_filler(w, 2000, 900);
	index_writer_close(w);
	for (int i = 0; i < INDEX_SHARDS; i++)
		assert_int_equal(index_tighten(s->index, NOW + 86400, &e), 1);
	expect(s, "coalition", "1 2 3");
}

/* --- facets ----------------------------------------------------------------------------------- */

/* "dc 2, fr 1" */
static const char *
facet(struct site *s, const struct index_result *res, enum index_facet_kind kind)
{
	const char *out = "";

	for (size_t i = 0; i < res->facets.n[kind]; i++) {
		const struct index_facet *f = &res->facets.v[kind][i];

		out = arena_printf(s->a, "%s%s%.*s %lld", out, i ? ", " : "", SLICE_ARG(f->label),
				   (long long)f->count);
	}
	return out;
}

static void
test_facets(void **state)
{
	struct site *s = *state;
	struct index_query q = {
	    .text = SLICE("coalition OR prete"), .limit = 1, .now = NOW, .facets = true};
	struct index_result res, narrow;

	ask(s, &q, &res);
	assert_int_equal(res.n, 1);
	assert_true(res.facets.exact);
	assert_string_equal(facet(s, &res, INDEX_LISTS), "dc 2, fr 2");
	assert_string_equal(facet(s, &res, INDEX_YEARS), "2018 2, 2017 2");
	assert_string_equal(facet(s, &res, INDEX_ATTACHMENTS), "attachment 1");
	assert_int_equal(res.facets.n[INDEX_AUTHORS], 4);
	q.limit = 9;
	for (size_t i = 0; i < 4; i++) {
		q.author = slice_str(res.facets.v[INDEX_AUTHORS][i].value);
		ask(s, &q, &narrow);
		assert_int_equal(narrow.n, 1);
		assert_true(
		    slice_eq(narrow.hits[0].from_name, res.facets.v[INDEX_AUTHORS][i].label));
	}
	q.author = slice_str("nonsense");
	ask(s, &q, &narrow);
	assert_int_equal(narrow.n, 0);
	assert_int_equal(narrow.facets.n[INDEX_LISTS], 0);
	q.author = slice_str("");
	q.year = 2018;
	ask(s, &q, &narrow);
	assert_string_equal(numbers(s, &narrow), "3 4");
	q.list = "dc";
	ask(s, &q, &narrow);
	assert_string_equal(numbers(s, &narrow), "");
	q.year = 0;
	q.attachment = true;
	ask(s, &q, &narrow);
	assert_string_equal(numbers(s, &narrow), "2");
	assert_true(narrow.hits[0].attachment);
}

/* Of many messages a sample is counted; what it says is near the truth. */
static void
test_facets_of_many(void **state)
{
	enum { MANY = 9000 };
	struct site *s = *state;
	struct index_query q = {.text = SLICE("w"), .limit = 5, .now = NOW, .facets = true};
	struct index_result res;
	struct index_writer *w;
	struct err e;

	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	for (int i = 0; i < MANY; i++) {
		struct index_doc d = {.id = 100 + i,
				      .list = i % 3 ? "two" : "one",
				      .key = "f",
				      .thread_key = "f",
				      .own = SLICE("w"),
				      .date = DAY(2000 + i % 10, 5, 5)};

		assert_int_equal(index_put(w, &d, &e), 0);
	}
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	ask(s, &q, &res);
	assert_false(res.facets.exact);
	assert_int_equal(res.facets.n[INDEX_LISTS], 2);
	assert_string_equal(res.facets.v[INDEX_LISTS][0].value, "two");
	assert_true(llabs(res.facets.v[INDEX_LISTS][0].count - MANY * 2 / 3) < MANY / 15);
	assert_int_equal(res.facets.n[INDEX_YEARS], 10);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(atoi(res.facets.v[INDEX_YEARS][i].value), 2009 - (int)i);
		assert_true(llabs(res.facets.v[INDEX_YEARS][i].count - MANY / 10) < MANY / 30);
	}
}

static void
test_collapse(void **state)
{
	struct site *s = *state;
	struct index_query q = {.text = SLICE("coalition OR prete"), .limit = 9, .now = NOW};
	struct index_result res;

	q.collapse = q.facets = true;
	ask(s, &q, &res);
	assert_int_equal(res.n, 2);
	assert_int_equal(res.estimated, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(res.hits[i].alike, 1);
	assert_string_not_equal(res.hits[0].thread_key, res.hits[1].thread_key);
	assert_string_equal(facet(s, &res, INDEX_LISTS), "dc 2, fr 2"); /* messages all the same */
	/* Of each the newest. */
	q.sort = INDEX_BY_DATE;
	ask(s, &q, &res);
	assert_string_equal(numbers(s, &res), "2 4");
	q.offset = 1;
	ask(s, &q, &res);
	assert_string_equal(numbers(s, &res), "2");
}

/* A reply that only carries the subject on is found, and stands below who speaks of it. */
static void
test_echo(void **state)
{
	struct site *s = *state;
	struct index_query q = {.text = SLICE("zeppelin"), .limit = 9, .now = NOW};
	struct index_doc d = {.id = 100,
			      .list = "dc",
			      .key = "k100",
			      .thread_key = "t100",
			      .subject = SLICE("Re: Zeppelin"),
			      .own = SLICE("By whom?"),
			      .msgid = SLICE("echo@example.org"),
			      .echo = true,
			      .date = DAY(2026, 1, 2)};
	struct index_result res;
	struct index_writer *w;
	struct err e;

	assert_int_equal(index_writer_open(&w, s->index, &e), 0);
	assert_int_equal(index_put(w, &d, &e), 0);
	d = (struct index_doc){.id = 101,
			       .list = "dc",
			       .key = "k101",
			       .thread_key = "t101",
			       .subject = SLICE("Travelling"),
			       .msgid = SLICE("other@example.org"),
			       .own =
				   SLICE("There are many ways to come to the meeting, by train or "
					 "by boat, and one may even think of a zeppelin for it."),
			       .date = DAY(2026, 1, 1)};
	assert_int_equal(index_put(w, &d, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	ask(s, &q, &res);
	assert_int_equal(res.n, 2);
	assert_string_equal(res.hits[0].key, "k101");
	assert_string_equal(res.hits[1].key, "k100");
	q.text = SLICE("s:zeppelin");
	ask(s, &q, &res);
	assert_int_equal(res.n, 1);
}

static void
test_damaged(void **state)
{
	struct site *s = *state;
	struct index_writer *w;
	struct index_reader *r;
	char path[120];
	struct err e;
	int fd;

	snprintf(path, sizeof path, "%s/0/iamglass", s->index);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "nonsense", 8), 8);
	close(fd);
	errno = 0;
	assert_int_equal(index_writer_open(&w, s->index, &e), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(e.kind, ERR_PERMANENT);
	errno = 0;
	assert_int_equal(index_reader_open(&r, s->index, &e), -1);
	assert_int_equal(errno, EPROTO);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_search),   T(test_malformed),    T(test_any_query), T(test_only_list),
	    T(test_order),    T(test_hit),          T(test_spelling),  T(test_changes),
	    T(test_many),     T(test_any_document), T(test_absent),    T(test_damaged),
	    T(test_compact),  T(test_tighten),      T(test_facets),    T(test_facets_of_many),
	    T(test_collapse), T(test_echo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
