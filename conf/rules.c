/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: see rules.h; and the kinds of value that are rules about posts.
 */
#include "conf/rules.h"

#include <string.h>

#include "conf/values.h"

#define RULE_MAX 200 /* bytes of one rule */

/* --- attachments ------------------------------------------------------------------------------ */

static const char *programs[] = {
    ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".msi", ".js",  ".jse", ".vbs", ".vbe",
    ".wsf", ".wsh", ".hta", ".lnk", ".ps1", ".jar", ".reg", ".cpl", ".iso", ".img",
};
const struct strings rules_programs = {programs, sizeof(programs) / sizeof(programs[0])};

/* A token (RFC 2045 5.1) of a media type as it is used (RFC 6838 4.2). */
static bool
is_token(struct slice s)
{
	if (s.n == 0 || s.n > 127)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (i > 0 && memchr("!#$&-^_.+", c, 9))))
			return false;
	}
	return true;
}

void
conf_set_attachment(const struct conf_setting *s, void *field)
{
	struct slice t = slice_str(s->text), type, subtype;
	bool ending = slice_starts(t, SLICE(".")) && is_token(slice_from(t, 1));
	bool kind = slice_cut(t, '/', &type, &subtype) && (is_token(type) || slice_is(type, "*")) &&
		    (is_token(subtype) || slice_is(subtype, "*")) &&
		    (!slice_is(type, "*") || slice_is(subtype, "*"));

	if (!ending && !kind)
		conf_refuse(s, "wants the end of a file's name or a type such as \".exe\", "
			       "\"application/zip\" or \"image/*\"");
	else
		*(const char **)field = arena_lower(s->arena, t);
}

bool
rules_attachment_is(const char *rule, struct slice name, struct slice type, struct slice subtype)
{
	struct slice r = slice_str(rule), t, sub;

	if (!slice_cut(r, '/', &t, &sub))
		return slice_ends_ci(slice_trim(name), r);
	return slice_like_ci(type, t) && slice_like_ci(subtype, sub);
}

/* --- header lines ----------------------------------------------------------------------------- */

/* RFC 5322 2.2: printable ASCII but the colon. */
static bool
is_field_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == ':')
			return false;
	return s.n > 0;
}

void
conf_set_header_rule(const struct conf_setting *s, void *field)
{
	struct conf_header_rule *rule = field;
	struct slice t = slice_str(s->text), name, pattern;
	bool parted = slice_cut(t, ':', &name, &pattern);

	pattern = slice_trim(pattern);
	*rule = (struct conf_header_rule){"", "", ""};
	if (!parted || t.n > RULE_MAX || !is_field_name(name) || pattern.n == 0) {
		conf_refuse(s, "wants a field and what it says, such as \"X-Spam-Flag: YES\" or "
			       "\"X-Spam-Status: Yes,*\"");
		return;
	}
	if (slice_find(pattern, SLICE("**")) < pattern.n) {
		conf_refuse(s, "wants no two \"*\" in a row, which would fit anything; \"?????*\" "
			       "are five characters or more");
		return;
	}
	*rule = (struct conf_header_rule){arena_str(s->arena, name), arena_str(s->arena, pattern),
					  s->text};
}

/* --- time ------------------------------------------------------------------------------------- */

void
conf_set_zone(const struct conf_setting *s, void *field)
{
	const struct zone *z = zone_find(s->text);

	if (!z)
		conf_refuse(s, "wants a time zone that this system knows, such as \"UTC\" or "
			       "\"Europe/Paris\"");
	else
		*(const struct zone **)field = z;
}

/* --- what contradicts itself ------------------------------------------------------------------ */

struct check {
	struct arena *arena;
	void (*fault)(void *arg, const char *key, const char *text);
	void *arg;
};

static void
check_attachments(const struct check *c, const struct conf_list *l)
{
	for (size_t i = 0; l->hold_attachments.v != programs && i < l->hold_attachments.n; i++)
		for (size_t k = 0; k < l->reject_attachments.n; k++) {
			const char *hold = l->hold_attachments.v[i];
			const char *reject = l->reject_attachments.v[k];
			if (hold && reject && strcmp(hold, reject) == 0)
				c->fault(c->arg, "hold-attachments",
					 arena_printf(c->arena,
						      "hold-attachments: \"%.100s\" is rejected "
						      "by reject-attachments already",
						      hold));
		}
}

static void
check_headers(const struct check *c, const struct conf_header_rules *early, const char *early_key,
	      const struct conf_header_rules *late, const char *late_key)
{
	for (size_t i = 0; i < late->n; i++)
		for (size_t k = 0; k < early->n; k++) {
			const struct conf_header_rule *a = &late->v[i], *b = &early->v[k];
			if (a->name[0] && slice_eq_ci(slice_str(a->name), slice_str(b->name)) &&
			    slice_eq_ci(slice_str(a->pattern), slice_str(b->pattern)))
				c->fault(c->arg, late_key,
					 arena_printf(c->arena, "%s: \"%.100s\" is in %s already",
						      late_key, a->text, early_key));
		}
}

void
rules_check(const struct conf_list *l, struct arena *a,
	    void (*fault)(void *arg, const char *key, const char *text), void *arg)
{
	const struct check c = {a, fault, arg};

	check_attachments(&c, l);
	check_headers(&c, &l->discard_headers, "discard-headers", &l->reject_headers,
		      "reject-headers");
	check_headers(&c, &l->discard_headers, "discard-headers", &l->hold_headers, "hold-headers");
	check_headers(&c, &l->reject_headers, "reject-headers", &l->hold_headers, "hold-headers");
	if (l->held_remind >= l->held_expire && l->held_remind != RULES_REMIND)
		fault(arg, "held-remind",
		      "held-remind is not less than held-expire: nobody would be reminded");
}
