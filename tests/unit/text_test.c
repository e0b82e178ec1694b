/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts: phrases, plural forms, dates, sizes and spans per language, and templates. The templates
 * that are delivered are checked one by one: every language has each of them, with the same names.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "conf/catalogue.h"
#include "conf/plural.h"
#include "conf/template.h"
#include "conf/text.h"

static struct arena *arena;

static int
setup(void **state)
{
	struct err e = {0};

	(void)state;
	arena = arena_new();
	if (text_load(&e) < 0)
		fail_msg("%s", e.text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	text_unload();
	return 0;
}

static void
test_languages(void **state)
{
	const char *const *have = text_languages();
	bool fr = false;

	(void)state;
	assert_string_equal(have[0], "en");
	for (; *have; have++)
		fr = fr || strcmp(*have, "fr") == 0;
	assert_true(fr);
	assert_string_equal(text_language(SLICE("fr")), "fr");
	assert_string_equal(text_language(SLICE("FR-ca")), "fr");
	assert_string_equal(text_language(SLICE("fr_CA-x")), "fr");
	assert_string_equal(text_language(SLICE("en-GB")), "en");
	assert_null(text_language(SLICE("f")));
	assert_null(text_language(SLICE("frr")));
	assert_null(text_language(SLICE("")));
	assert_null(text_language(SLICE("../fr")));
	assert_string_equal(text_direction("ar"), "rtl");
	assert_string_equal(text_direction("he-IL"), "rtl");
	assert_string_equal(text_direction("fr"), "ltr");
	assert_string_equal(text_direction("arn"), "ltr");
}

static void
test_phrases(void **state)
{
	(void)state;
	assert_string_equal(text_phrase("fr", "%s January %d"), "%s janvier %d");
	assert_string_equal(text_phrase("fr-BE", "%s January %d"), "%s janvier %d");
	assert_string_equal(text_phrase("en", "%s January %d"), "%s January %d");
	assert_string_equal(text_phrase("xx", "%s January %d"), "%s January %d");
	assert_string_equal(text_phrase("fr", "there is no such phrase"),
			    "there is no such phrase");
	/* The empty phrase is the catalogue's head, which is nobody's to read. */
	assert_string_equal(text_phrase("fr", ""), "");
	/* In French, nothing is singular. */
	assert_string_equal(text_plural("fr", "%s day", "%s days", 0), "%s jour");
	assert_string_equal(text_plural("fr", "%s day", "%s days", 2), "%s jours");
	assert_string_equal(text_plural("en", "%s day", "%s days", 0), "%s days");
	assert_string_equal(text_plural("en", "%s day", "%s days", 1), "%s day");
}

static void
test_dates(void **state)
{
	int64_t t = clock_from_civil(2026, 11, 22, 14, 49, 35);

	(void)state;
	assert_string_equal(text_date(arena, "en", t), "22 November 2026");
	assert_string_equal(text_date(arena, "fr", t), "22 novembre 2026");
	assert_string_equal(text_date_time(arena, "en", t), "22 November 2026, 14:49 UTC");
	assert_string_equal(text_date_time(arena, "fr", t), "22 novembre 2026 à 14:49 UTC");
	assert_string_equal(text_date(arena, "fr", clock_from_civil(2027, 5, 1, 0, 0, 0)),
			    "1er mai 2027");
	assert_string_equal(text_date(arena, "en", clock_from_civil(2027, 5, 1, 0, 0, 0)),
			    "1 May 2027");
	assert_string_equal(text_date_time(arena, "en", -1), "31 December 1969, 23:59 UTC");
	assert_string_equal(text_month(arena, "fr", 2026, 8), "août 2026");
	assert_string_equal(text_month(arena, "en", 2026, 12), "December 2026");
	assert_string_equal(text_month(arena, "en", 2026, 13), "2026");
	/* The year before the month and the day. */
	assert_string_equal(text_date_time(arena, "zh", t), "2026年11月22日 14:49 UTC");
	assert_string_equal(text_month(arena, "zh", 2026, 8), "2026年8月");
	assert_string_equal(text_date_time(arena, "ar", t),
			    "22 تشرين الثاني/نوفمبر 2026، الساعة 14:49 بتوقيت UTC");
	assert_string_equal(text_date_time(arena, "es", t), "22 de noviembre de 2026, 14:49 UTC");
	assert_string_equal(text_month(arena, "es", 2026, 8), "agosto de 2026");
}

static void
test_sizes_and_spans(void **state)
{
	(void)state;
	assert_string_equal(text_size(arena, "en", 0), "0 bytes");
	assert_string_equal(text_size(arena, "en", 1), "1 byte");
	assert_string_equal(text_size(arena, "en", 1023), "1023 bytes");
	assert_string_equal(text_size(arena, "en", 1024), "1 KB");
	assert_string_equal(text_size(arena, "en", 1536), "1.5 KB");
	assert_string_equal(text_size(arena, "fr", 1536), "1,5\u00a0Ko");
	assert_string_equal(text_size(arena, "es", 1536), "1,5\u00a0KB");
	assert_string_equal(text_size(arena, "en", 10 * 1024 + 512), "10 KB");
	assert_string_equal(text_size(arena, "en", 1024 * 1024 - 1), "1023 KB");
	assert_string_equal(text_size(arena, "en", 1024 * 1024), "1 MB");
	assert_string_equal(text_size(arena, "fr", (int64_t)3 << 30), "3\u00a0Go");
	assert_string_equal(text_size(arena, "en", (int64_t)5 << 40), "5120 GB");
	assert_string_equal(text_span(arena, "en", 0), "0 seconds");
	assert_string_equal(text_span(arena, "en", -4), "0 seconds");
	assert_string_equal(text_span(arena, "en", 1), "1 second");
	assert_string_equal(text_span(arena, "en", 60), "1 minute");
	assert_string_equal(text_span(arena, "en", 5400), "90 minutes");
	assert_string_equal(text_span(arena, "en", 86400), "1 day");
	assert_string_equal(text_span(arena, "fr", 3 * 86400), "3 jours");
	assert_string_equal(text_span(arena, "zh", 86400), "1 天");
	/* Arabic counts none, one, two, few and many, and has a decimal comma. */
	assert_string_equal(text_span(arena, "ar", 2 * 86400), "يومين");
	assert_string_equal(text_span(arena, "ar", 3 * 86400), "3 أيام");
	assert_string_equal(text_span(arena, "ar", 14 * 86400), "14 يوماً");
	assert_string_equal(text_size(arena, "ar", 1536), "1,5 كيلوبايت");
	assert_string_equal(text_span(arena, "en", 14 * 86400 - 60), "14 days");
	assert_string_equal(text_span(arena, "en", 100000), "28 hours");
}

static size_t
index_of(const char *line, uint64_t n)
{
	struct plural p;
	struct err e = {0};

	if (plural_parse(&p, slice_str(line), &e) < 0)
		fail_msg("%s: %s", line, e.text);
	return plural_index(&p, n);
}

static void
test_plural_forms(void **state)
{
	static const char ru[] =
	    " nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
	    "(n%100<10 || n%100>=20) ? 1 : 2;";
	static const char ar[] = "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && "
				 "n%100<=10 ? 3 : n%100>=11 ? 4 : 5;";
	static const char *const bad[] = {
	    "",
	    "nplurals=2",
	    "nplurals=0; plural=0;",
	    "nplurals=2; plural=n;",
	    "nplurals=2; plural=1/n;",
	    "nplurals=2; plural=(n;",
	    "nplurals=2; plural=n 1;",
	    "nplurals=2; plural=n ? 1;",
	    "nplurals=2; singular=0;",
	    "nplurals=2; plural=m;",
	};
	struct plural p;

	(void)state;
	assert_int_equal(index_of("nplurals=1; plural=0;", 17), 0);
	assert_int_equal(index_of("nplurals=2; plural=n>1", 1), 0);
	assert_int_equal(index_of("nplurals=2; plural=!(n==1)", 2), 1);
	assert_int_equal(index_of("nplurals=2; plural=10-n*2+n/1 < 10;", 0), 0);
	assert_int_equal(index_of(ru, 1), 0);
	assert_int_equal(index_of(ru, 11), 2);
	assert_int_equal(index_of(ru, 22), 1);
	assert_int_equal(index_of(ru, 112), 2);
	assert_int_equal(index_of(ru, 1000000000000001), 0);
	assert_int_equal(index_of(ar, 0), 0);
	assert_int_equal(index_of(ar, 103), 3);
	assert_int_equal(index_of(ar, 102), 5);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(plural_parse(&p, slice_str(bad[i]), NULL), -1);
}

/* Every cut and every changed byte of a real catalogue: refused, or read without harm. */
static void
test_broken_catalogues(void **state)
{
	static const char mo[] =
	    "\xde\x12\x04\x95\0\0\0\0\2\0\0\0\x1c\0\0\0\x2c\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\x3c\0\0\0\1\0\0\0\x3d\0\0\0"
	    "\0\0\0\0\x3c\0\0\0\2\0\0\0\x3f\0\0\0"
	    "\0a\0bc";
	struct catalogue *cat;

	(void)state;
	assert_int_equal(catalogue_open(&cat, arena, slice_make(mo, sizeof(mo)), NULL), 0);
	assert_string_equal(catalogue_phrase(cat, "a"), "bc");
	assert_null(catalogue_phrase(cat, "b"));
	assert_string_equal(catalogue_plural(cat, "a", 1), "bc");
	for (size_t n = 0; n < sizeof(mo); n++) {
		/* A copy of just this size, so that a read beyond it is seen. */
		char *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, mo, n);
		cut[n] = '\0';
		if (n < sizeof(mo) - 1)
			assert_int_equal(catalogue_open(&cat, arena, slice_make(cut, n), NULL), -1);
		free(cut);
	}
	for (size_t i = 0; i < sizeof(mo) * 255; i++) {
		char *changed = malloc(sizeof(mo));

		assert_non_null(changed);
		memcpy(changed, mo, sizeof(mo));
		changed[i / 255] = (char)(changed[i / 255] + 1 + (char)(i % 255));
		if (catalogue_open(&cat, arena, slice_make(changed, sizeof(mo)), NULL) == 0) {
			catalogue_phrase(cat, "a");
			catalogue_plural(cat, "a", 5);
		}
		free(changed);
	}
}

static void
check_fill(const char *file, const struct text_value *values, size_t n, const char *subject,
	   const char *body)
{
	struct template_text t;
	struct err e = {0};
	struct buf s, b;

	if (template_parse(&t, slice_str(file), &e) < 0)
		fail_msg("%s", e.text);
	buf_init(&s, 1000);
	buf_init(&b, 1000);
	template_fill(&t, values, n, &s, &b);
	assert_string_equal(buf_str(&s), subject);
	assert_string_equal(buf_str(&b), body);
	buf_free(&s);
	buf_free(&b);
}

static void
test_template(void **state)
{
	const struct text_value v[] = {
	    {"a", "A {b}\nBcc: x@example.org"}, {"b", "b"}, {"none", NULL}, {"empty", ""}};

	(void)state;
	check_fill("Subject: hi {a}!\n\nx {b}{b} {{b} } {none}.\n", v, 4,
		   "hi A {b} Bcc: x@example.org!", "x bb {b} } .\n");
	check_fill("Subject: s\n\n{a}\n", v, 4, "s", "A {b}\nBcc: x@example.org\n");
	check_fill(
	    "Subject: s\n\n{?b}\nyes\n{!b}\nno\n{/b}\n{?empty}\nnever\n{?b}\nnor this\n{/b}\nnor "
	    "that\n{/empty}\n{/b}\n{!none}\nright\n{/none}\nend\n",
	    v, 4, "s", "yes\nright\nend\n");
	/* A value that is not given shows as nothing. */
	check_fill("Subject: s\n\n[{other}]\n", v, 4, "s", "[]\n");
	check_fill("Subject: s\n\n", NULL, 0, "s", "");
}

static void
test_bad_templates(void **state)
{
	static const char *const bad[] = {
	    "",
	    "Hello\n\nx\n",
	    "Subject: \n\nx\n",
	    "Subject: s\nx\n",
	    "Subject: s",
	    "Subject: s {\n\nx\n",
	    "Subject: s {?a}\n\nx\n",
	    "Subject: s\n\n{Name}\n",
	    "Subject: s\n\n{}\n",
	    "Subject: s\n\n{?}\n",
	    "Subject: s\n\nx {?a}\n{/a}\n",
	    "Subject: s\n\n{?a}\n",
	    "Subject: s\n\n{/a}\n",
	    "Subject: s\n\n{?a}\n{!b}\n{/a}\n{/b}\n",
	};
	struct template_text t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (template_parse(&t, slice_str(bad[i]), NULL) == 0)
			fail_msg("taken as good: %s", bad[i]);
}

static void
test_text_template(void **state)
{
	const struct text_value v[] = {{"list-title", "Accès"}, {"list", "acces"}};
	struct buf subject, body;
	struct err e = {0};

	(void)state;
	buf_init(&subject, 100);
	buf_init(&body, 10000);
	assert_int_equal(text_template("fr-CH", "welcome", v, 2, &subject, &body, &e), 0);
	assert_string_equal(buf_str(&subject), "Bienvenue sur Accès");
	assert_int_equal(text_template("xx", "welcome", v, 2, &subject, &body, &e), 0);
	assert_string_equal(buf_str(&subject), "Welcome to Accès");
	assert_int_equal(text_template("fr", "nonesuch", v, 2, &subject, &body, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	buf_free(&subject);
	buf_free(&body);
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	FILE *out = fopen(arena_printf(arena, "%s/%s", dir, name), "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* A site's own texts go before the delivered ones, file by file, and may add a language. */
static void
test_data_dir(void **state)
{
	const struct text_value v[] = {{"list-title", "A"}};
	char dir[] = "/tmp/plenary-text-XXXXXX";
	struct buf subject, body;
	struct err e = {0};

	(void)state;
	buf_init(&subject, 100);
	buf_init(&body, 10000);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(file_mkdirs(AT_FDCWD, arena_printf(arena, "%s/conf/templates/fr", dir),
				     0700, false, &e),
			 0);
	assert_int_equal(file_mkdirs(AT_FDCWD, arena_printf(arena, "%s/conf/templates/pt-BR", dir),
				     0700, false, &e),
			 0);
	put_file(dir, "conf/templates/fi", "no language\n");
	put_file(dir, "conf/templates/fr/welcome.txt", "Subject: Salut {list-title}\n\nx\n");
	put_file(dir, "conf/templates/pt-BR/welcome.txt", "Subject: Oi {list-title}\n\nx\n");
	text_unload();
	setenv("PLENARY_DATA_DIR", dir, 1);
	assert_int_equal(text_load(&e), 0);
	assert_string_equal(text_language(SLICE("pt-br")), "pt-BR");
	assert_null(text_language(SLICE("fi")));
	assert_int_equal(text_template("fr", "welcome", v, 1, &subject, &body, &e), 0);
	assert_string_equal(buf_str(&subject), "Salut A");
	assert_int_equal(text_template("pt-BR", "welcome", v, 1, &subject, &body, &e), 0);
	assert_string_equal(buf_str(&subject), "Oi A");
	/* What it does not have is as delivered. */
	assert_int_equal(text_template("fr", "help", v, 1, &subject, &body, &e), 0);
	assert_string_equal(buf_str(&subject), "Aide pour A");
	assert_string_equal(text_phrase("fr", "January %d"), "janvier %d");

	/* A broken text is said, by name, before anyone needs it. */
	put_file(dir, "conf/templates/fr/welcome.txt", "Salut\n");
	text_unload();
	assert_int_equal(text_load(&e), -1);
	assert_non_null(strstr(e.text, "fr/welcome.txt: no \"Subject: \""));
	unsetenv("PLENARY_DATA_DIR");
	assert_int_equal(text_load(&e), 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, dir, &e), 0);
	buf_free(&subject);
	buf_free(&body);
}

/* --- the templates that are delivered --------------------------------------------------------- */

/* All names of a text in byte order, each once, each behind a letter for its kind. */
static char *
names_of(struct slice text)
{
	char *all = arena_str(arena, SLICE(" "));
	struct slice name, rest = text;
	char kind;

	while (template_next_name(&rest, &kind, &name)) {
		char *one = arena_printf(arena, " %c%.*s ", kind, SLICE_ARG(name));

		if (!strstr(all, one))
			all = arena_printf(arena, "%s%s", all, one + 1);
	}
	return all;
}

static void
check_same_names(const char *file, struct slice a, struct slice b)
{
	struct slice all = slice_str(names_of(a)), word;
	const char *other = names_of(b);

	while (slice_next_word(&all, &word))
		if (!strstr(other, arena_printf(arena, " %.*s ", SLICE_ARG(word))))
			fail_msg("%s: %.*s stands in one language only", file, SLICE_ARG(word));
}

static struct slice
read_template(const char *dir, const char *lang, const char *name)
{
	const char *file = arena_printf(arena, "%s/%s/%s", dir, lang, name);
	struct template_text t;
	struct slice text, line, rest;
	struct err e = {0};

	if (file_read(AT_FDCWD, file, TEMPLATE_MAX, arena, &text, &e) < 0)
		fail_msg("%s", e.text);
	if (template_parse(&t, text, &e) < 0)
		fail_msg("%s: %s", file, e.text);
	assert_true(utf8_valid(text));
	assert_int_equal(text.p[text.n - 1], '\n');
	for (rest = t.body; slice_next_line(&rest, &line);)
		if (utf8_length(line) > 72)
			fail_msg("%s: longer than 72 columns: %.*s", file, SLICE_ARG(line));
	return text;
}

/* Each template of lang has its twin in other, with the same names. */
static void
check_twins(const char *dir, const char *lang, const char *other)
{
	DIR *d = opendir(arena_printf(arena, "%s/%s", dir, lang));
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (!slice_ends_ci(slice_str(entry->d_name), SLICE(".txt")))
			continue;
		check_same_names(entry->d_name, read_template(dir, lang, entry->d_name),
				 read_template(dir, other, entry->d_name));
		n++;
	}
	closedir(d);
	assert_true(n >= 2);
}

static void
test_delivered_templates(void **state)
{
	const char *source = getenv("srcdir");
	const char *dir;

	(void)state;
	if (!source) {
		print_message(
		    "SKIP: the delivered templates: srcdir is not set (make check does)\n");
		skip();
	}
	dir = arena_printf(arena, "%s/conf/templates", source);
	for (const char *const *lang = text_languages(); *lang; lang++) {
		check_twins(dir, "en", *lang);
		check_twins(dir, *lang, "en");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_phrases),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_sizes_and_spans),
	    cmocka_unit_test(test_plural_forms),
	    cmocka_unit_test(test_broken_catalogues),
	    cmocka_unit_test(test_template),
	    cmocka_unit_test(test_bad_templates),
	    cmocka_unit_test(test_text_template),
	    cmocka_unit_test(test_data_dir),
	    cmocka_unit_test(test_delivered_templates),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
