/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain kinds of value. A complaint names the key, says what it wants with an example, and
 * shows what stands there. What needs more than the value itself (is there such a list?) is checked
 * where all lists are known.
 */
#include "conf/values.h"

#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "conf/text.h"
#include "mail/address.h"

void
conf_refuse(const struct conf_setting *s, const char *fmt, ...)
{
	va_list ap;
	const char *wish;

	va_start(ap, fmt);
	wish = arena_vprintf(s->arena, fmt, ap);
	va_end(ap);
	conf_complain(s->complaints, s->node->source, s->line, "\"%s\" %s, not \"%.100s\"",
		      s->key->name, wish, s->text);
}

static void
put(void *field, const char *text)
{
	*(const char **)field = text;
}

static bool
has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

void
conf_set_line(const struct conf_setting *s, void *field)
{
	struct slice t = slice_trim(slice_str(s->text));

	if (t.n == 0 || t.n > CONF_LINE_MAX || has_control(s->text))
		conf_refuse(s, "wants one line of at most %d bytes", CONF_LINE_MAX);
	else
		put(field, arena_str(s->arena, t));
}

void
conf_set_prefix(const struct conf_setting *s, void *field)
{
	if (!*s->text)
		put(field, NULL);
	else if (strlen(s->text) > 78 || has_control(s->text))
		conf_refuse(s, "wants one line of at most 78 bytes");
	else
		put(field, s->text);
}

void
conf_set_text(const struct conf_setting *s, void *field)
{
	if (strlen(s->text) > CONF_TEXT_MAX)
		conf_refuse(s, "wants at most %d bytes", CONF_TEXT_MAX);
	else
		put(field, s->text);
}

void
conf_set_word(const struct conf_setting *s, void *field)
{
	if (!*s->text || has_control(s->text) || strpbrk(s->text, " ;\"'"))
		conf_refuse(s, "wants a name without spaces");
	else
		put(field, s->text);
}

bool
conf_is_host(struct slice s)
{
	size_t label = 0;

	if (s.n == 0 || s.n > 253)
		return false;
	for (size_t i = 0; i <= s.n; i++) {
		char c = i < s.n ? s.p[i] : '.';

		if (c == '.') {
			if (label == 0 || label > 63 || s.p[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c == '-' && label > 0)))
			return false;
		label++;
	}
	return true;
}

void
conf_set_domain(const struct conf_setting *s, void *field)
{
	struct slice t = slice_str(s->text);

	if (!conf_is_host(t) || (!strchr(s->text, '.') && !slice_is_ci(t, "localhost")))
		conf_refuse(
		    s, "wants a mail domain such as \"lists.example.org\" (in its xn-- form, if "
		       "it has one)");
	else
		put(field, arena_lower(s->arena, t));
}

void
conf_set_address(const struct conf_setting *s, void *field)
{
	if (!address_valid(slice_str(s->text), true))
		conf_refuse(s, "wants a mail address such as \"name@example.org\"");
	else
		put(field, s->text);
}

void
conf_set_language(const struct conf_setting *s, void *field)
{
	const char *const *have = text_languages();
	const char *lang = text_language(slice_str(s->text));
	const char *all = "";

	if (lang) {
		put(field, arena_str(s->arena, slice_str(lang)));
		return;
	}
	for (; *have; have++)
		all = arena_printf(s->arena, "%s%s\"%s\"", all, *all ? ", " : "", *have);
	conf_refuse(s, "wants a language that there are texts in (%s)", all);
}

void
conf_set_list_name(const struct conf_setting *s, void *field)
{
	const char *fault = conf_list_name_fault(s->arena, s->text);

	if (fault)
		conf_refuse(s, "wants a list's name");
	else
		put(field, s->text);
}

void
conf_set_delimiter(const struct conf_setting *s, void *field)
{
	/* Others stand in list names, or mean something to mail servers and URLs. */
	if (strlen(s->text) != 1 || !strchr("+=~", s->text[0]))
		conf_refuse(s, "wants one of \"+\", \"=\" and \"~\"");
	else
		*(char *)field = s->text[0];
}

void
conf_set_number(const struct conf_setting *s, void *field)
{
	int64_t v;

	if (!num_parse(slice_str(s->text), s->key->min, s->key->max, &v))
		conf_refuse(s, "wants a number from %lld to %lld", (long long)s->key->min,
			    (long long)s->key->max);
	else
		*(int *)field = (int)v;
}

void
conf_set_choice(const struct conf_setting *s, void *field)
{
	const char *all = "";
	int i;

	for (i = 0; s->key->words[i]; i++) {
		if (strcmp(s->key->words[i], s->text) == 0) {
			/* The fields are of enum types, which are as wide as an int. */
			memcpy(field, &i, sizeof(i));
			return;
		}
		all = arena_printf(s->arena, "%s%s\"%s\"", all, i ? " or " : "", s->key->words[i]);
	}
	conf_refuse(s, "wants %s", all);
}

void
conf_set_size(const struct conf_setting *s, void *field)
{
	int64_t v;

	if (!num_parse_size(slice_str(s->text), &v))
		conf_refuse(s, "wants a size such as \"60K\" or \"10M\"");
	else if (v < s->key->min || v > s->key->max)
		conf_refuse(s, "wants a size from %lld bytes to %lldM", (long long)s->key->min,
			    (long long)(s->key->max >> 20));
	else
		*(int64_t *)field = v;
}

static bool
read_day(const struct conf_setting *s, int64_t *t)
{
	if (clock_parse_day(slice_str(s->text), t))
		return true;
	conf_refuse(s, "wants a day such as \"2026-12-31\"");
	return false;
}

void
conf_set_day(const struct conf_setting *s, void *field)
{
	int64_t t;

	if (read_day(s, &t))
		*(int64_t *)field = t;
}

void
conf_set_last_day(const struct conf_setting *s, void *field)
{
	int64_t t;

	if (read_day(s, &t))
		*(int64_t *)field = t + 86400;
}

void
conf_set_span(const struct conf_setting *s, void *field)
{
	int64_t v;

	if (!num_parse_span(slice_str(s->text), &v))
		conf_refuse(s, "wants a span such as \"90s\", \"12h\", \"14d\" or \"2w\"");
	else if (v < s->key->min || v > s->key->max)
		conf_refuse(s, "wants a span from %lld seconds to %lld days",
			    (long long)s->key->min, (long long)(s->key->max / 86400));
	else
		*(int64_t *)field = v;
}
