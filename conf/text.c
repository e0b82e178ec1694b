/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All texts are read at once and kept: a role closes the file system behind itself soon after it
 * starts, and a page or mail takes a dozen phrases. The process's locale is never asked.
 */
#include "conf/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "conf/catalogue.h"
#include "conf/data.h"
#include "conf/template.h"

#define LANGUAGES_MAX 64

struct named_template {
	const char *name;
	struct template_text text;
	struct named_template *next;
};

struct language {
	const char *tag;
	struct catalogue *catalogue; /* or NULL */
	struct named_template *templates;
};

static struct {
	struct arena *arena; /* NULL: nothing is loaded */
	struct language v[LANGUAGES_MAX];
	const char *tags[LANGUAGES_MAX + 1];
	size_t n; /* v[0] is English */
} texts;

/* Languages written from right to left. */
static const char *const rtl[] = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"};

/* "fr", "ckb", "pt-BR", "zh-Hant": what may be the name of a folder of texts. */
static bool
is_tag(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	if (n < 2 || n > 3 || s.n > 12 || (n < s.n && s.p[n] != '-'))
		return false;
	for (size_t i = n; i < s.n; i++)
		if (s.p[i] != '-' && !(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= 'A' && s.p[i] <= 'Z'))
			return false;
	return true;
}

static struct language *
find_exact(struct slice tag)
{
	for (size_t i = 0; i < texts.n; i++)
		if (slice_is_ci(tag, texts.v[i].tag))
			return &texts.v[i];
	return NULL;
}

static struct language *
add_language(struct slice tag)
{
	struct language *l = find_exact(tag);

	if (l || texts.n == LANGUAGES_MAX)
		return l;
	l = &texts.v[texts.n];
	*l = (struct language){.tag = arena_str(texts.arena, tag)};
	texts.tags[texts.n++] = l->tag;
	texts.tags[texts.n] = NULL;
	return l;
}

static int
load_template(struct language *l, const char *dir, struct slice name, struct err *e)
{
	const char *file = arena_printf(texts.arena, "%s/%.*s.txt", dir, SLICE_ARG(name));
	struct named_template *t;
	struct slice bytes;

	for (t = l->templates; t; t = t->next)
		if (slice_is(name, t->name))
			return 0;
	t = arena_zalloc(texts.arena, sizeof(*t));
	if (file_read(AT_FDCWD, file, TEMPLATE_MAX, texts.arena, &bytes, e) < 0)
		return -1;
	if (template_parse(&t->text, bytes, e) < 0)
		return err_prefix(e, "%s", file);
	t->name = arena_str(texts.arena, name);
	t->next = l->templates;
	l->templates = t;
	return 0;
}

static int
load_templates(struct slice tag, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct language *l = d ? add_language(tag) : NULL;
	struct dirent *entry;
	int ret = -1;

	if (!l) {
		ret = 0; /* a stray file among the folders is none of ours */
		goto out;
	}
	while ((entry = readdir(d)) != NULL) {
		struct slice name = slice_str(entry->d_name);

		if (name.p[0] == '.' || !slice_ends_ci(name, SLICE(".txt")))
			continue;
		name.n -= 4;
		if (load_template(l, dir, name, e) < 0)
			goto out;
	}
	ret = 0;
out:
	if (d)
		closedir(d);
	return ret;
}

/* A catalogue that is not there is fine: not every folder of a system's locales has ours. */
static int
load_catalogue(struct slice tag, const char *file, struct err *e)
{
	struct language *l;
	struct slice bytes;

	if (access(file, F_OK) < 0)
		return 0;
	l = add_language(tag);
	if (!l || l->catalogue)
		return 0;
	if (file_read(AT_FDCWD, file, CATALOGUE_MAX, texts.arena, &bytes, e) < 0)
		return -1;
	if (catalogue_open(&l->catalogue, texts.arena, bytes, e) < 0)
		return err_prefix(e, "%s", file);
	return 0;
}

/* What one entry of a folder means for the texts: a language's folder or catalogue. */
typedef int load_entry(const struct data_place *place, struct slice name, struct err *e);

static int
load_template_folder(const struct data_place *place, struct slice name, struct err *e)
{
	return load_templates(
	    name, arena_printf(texts.arena, "%s/%.*s", place->templates, SLICE_ARG(name)), e);
}

static int
load_locale_folder(const struct data_place *place, struct slice name, struct err *e)
{
	return load_catalogue(name,
			      arena_printf(texts.arena, "%s/%.*s/LC_MESSAGES/plenary.mo",
					   place->catalogues, SLICE_ARG(name)),
			      e);
}

static int
load_catalogue_file(const struct data_place *place, struct slice name, struct err *e)
{
	return load_catalogue(
	    name, arena_printf(texts.arena, "%s/%.*s.mo", place->catalogues, SLICE_ARG(name)), e);
}

static int
each_entry(const struct data_place *place, const char *dir, load_entry *load, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int ret = -1;

	while (d && (entry = readdir(d)) != NULL) {
		struct slice name = slice_str(entry->d_name);

		if (load == load_catalogue_file) {
			if (!slice_ends_ci(name, SLICE(".mo")))
				continue;
			name.n -= 3;
		}
		if (is_tag(name) && load(place, name, e) < 0)
			goto out;
	}
	ret = 0;
out:
	if (d)
		closedir(d);
	return ret;
}

int
text_load(struct err *e)
{
	struct data_place places[DATA_PLACES_MAX];
	int n;

	if (texts.arena)
		return 0;
	texts.arena = arena_new();
	add_language(SLICE("en"));
	n = data_places(texts.arena, places);
	for (int i = 0; i < n; i++) {
		const struct data_place *p = &places[i];

		if (each_entry(p, p->templates, load_template_folder, e) < 0 ||
		    each_entry(p, p->catalogues,
			       p->by_locale ? load_locale_folder : load_catalogue_file, e) < 0)
			goto bad;
	}
	if (texts.v[0].templates)
		return 0;
	err_permanent(e, "%s has no texts", places[n - 1].templates);
bad:
	text_unload();
	return err_prefix(e, "texts");
}

void
text_unload(void)
{
	arena_free(texts.arena);
	texts.arena = NULL;
	texts.n = 0;
	texts.tags[0] = NULL;
}

const char *const *
text_languages(void)
{
	static const char *const english[] = {"en", NULL};
	struct err e = {0};

	/* The configuration's check asks before a role had a reason to load. */
	if (text_load(&e) < 0) {
		log_warning("%s", e.text);
		return english;
	}
	return texts.tags;
}

static const struct language *
find_nearest(struct slice tag)
{
	const struct language *l;

	for (l = find_exact(tag); !l && tag.n > 0; l = find_exact(tag))
		do
			tag.n--;
		while (tag.n > 0 && tag.p[tag.n] != '-' && tag.p[tag.n] != '_');
	return l;
}

const char *
text_language(struct slice lang)
{
	const char *const *have = text_languages();
	const struct language *l = find_nearest(lang);

	if (texts.arena)
		return l ? l->tag : NULL;
	return slice_is_ci(lang, have[0]) ? have[0] : NULL;
}

const char *
text_direction(const char *lang)
{
	struct slice tag, rest;

	slice_cut(slice_str(lang), '-', &tag, &rest);
	for (size_t i = 0; i < sizeof(rtl) / sizeof(*rtl); i++)
		if (slice_is_ci(tag, rtl[i]))
			return "rtl";
	return "ltr";
}

const char *
text_phrase(const char *lang, const char *phrase)
{
	const struct language *l = find_nearest(slice_str(lang));
	const char *found = l && l->catalogue ? catalogue_phrase(l->catalogue, phrase) : NULL;

	return found ? found : phrase;
}

const char *
text_plural(const char *lang, const char *one, const char *many, uint64_t n)
{
	const struct language *l = find_nearest(slice_str(lang));
	const char *found = l && l->catalogue ? catalogue_plural(l->catalogue, one, n) : NULL;

	return found ? found : n == 1 ? one : many;
}

static const struct named_template *
find_template(const struct language *l, const char *name)
{
	const struct named_template *t = l ? l->templates : NULL;

	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

int
text_template(const char *lang, const char *name, const struct text_value *values, size_t n,
	      struct buf *subject, struct buf *body, struct err *e)
{
	const struct named_template *t = find_template(find_nearest(slice_str(lang)), name);

	if (!t && texts.n > 0)
		t = find_template(&texts.v[0], name);
	if (!t)
		return err_permanent(e, "there is no text \"%s\"", name);
	buf_clear(subject);
	buf_clear(body);
	template_fill(&t->text, values, n, subject, body);
	return 0;
}
