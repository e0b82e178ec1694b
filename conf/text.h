/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text: all that a person reads in mail or on a page, in her language. Phrases are gettext
 * catalogues (po/LANG.po, domain "plenary"), chosen by each call's language, never by the process's
 * locale; notices are files (conf/templates/LANG/NAME.txt), one a notice.
 *
 * Search for data: $PLENARY_DATA_DIR, then the folder of the running program's build ("./conf/…"
 * beside it or in its source folder as configured), then PKGDATADIR.
 *
 * A language without a catalogue or template falls back to English; the test of this module fails
 * on a phrase or template that en or fr lacks.
 */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Marks a phrase for extraction (xgettext --keyword=N_) where it is kept in a table. */
#define N_(phrase) phrase
/* The same for the two forms of a phrase with a number: a table's two members. */
#define N_PLURAL(one, many) one, many

/* Loads every catalogue and template once; a role calls it before its sandbox closes the files. */
int text_load(struct err *e) __attribute__((warn_unused_result));
void text_unload(void);
/* Languages there are ("ar", "en", "es", "fr", "ru", "zh"), NULL-terminated; and whether lang is
 * one ("fr-CA" counts as fr). */
const char *const *text_languages(void);
const char *text_language(struct slice lang); /* the nearest there is, or NULL */
const char *text_direction(const char *lang); /* "ltr" or "rtl" */

/* The phrase in lang; the phrase itself if it is not translated. */
const char *text_phrase(const char *lang, const char *phrase) __attribute__((format_arg(2)));
/* With a number: gettext's plural forms of the catalogue. */
const char *text_plural(const char *lang, const char *one, const char *many, uint64_t n)
    __attribute__((format_arg(2), format_arg(3)));
/* Dates for people, always with the year and UTC: "22 November 2026, 14:49 UTC", "22 novembre
 * 2026". */
char *text_date(struct arena *a, const char *lang, int64_t t);
char *text_date_time(struct arena *a, const char *lang, int64_t t);
char *text_month(struct arena *a, const char *lang, int year, int month);
char *text_size(struct arena *a, const char *lang, int64_t bytes);
char *text_span(struct arena *a, const char *lang, int64_t seconds); /* "3 days" */

/*
 * Templates. A file begins with "Subject: …" and an empty line; then plain text, UTF-8, lines of at
 * most 72 columns. {name} is replaced by the value of that name, {{ is a brace. A line that is only
 * "{?name}" … "{/name}" shows the lines between if the value is not empty, "{!name}" if it is.
 * A name that no value is given for is an error in the test of this module, and shows as nothing.
 */
struct text_value {
	const char *name;
	const char *value; /* UTF-8; line breaks are kept; NULL is empty */
};
/* Fills subject and body (both cleared first). 0, or -1 (permanent) if there is no such template.
 */
int text_template(const char *lang, const char *name, const struct text_value *values, size_t n,
		  struct buf *subject, struct buf *body, struct err *e)
    __attribute__((warn_unused_result));

#endif
