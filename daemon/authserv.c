/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authserv: see authserv.h. A small reader of RFC 8601 section 2.2: comments are skipped, the rest
 * is words between semicolons.
 */
#include "daemon/authserv.h"

#include <libpsl.h>
#include <string.h>

#include "mail/address.h"

#define FIELD_MAX 16384

/* What may stand in a quoted string without meaning anything else once the quotes are gone: a
 * sender's own local part must not bring a semicolon, a space or "header.d=" of its own. */
static char
harmless(char c)
{
	bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	return word || c == '.' || c == '@' || c == '-' || c == '_' || c == '+' ? c : '_';
}

/* Comments (RFC 5322 3.2.2) become a space; quoted strings lose their quotes and all that is not
 * part of a word. */
static struct slice
without_comments(struct arena *a, struct slice raw)
{
	char *out = arena_alloc(a, raw.n + 1);
	size_t n = 0, depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (c == '\\' && i + 1 < raw.n) {
			i++;
			if (depth == 0)
				out[n++] = harmless(raw.p[i]);
		} else if (c == '"' && depth == 0) {
			quoted = !quoted;
		} else if (c == '(' && !quoted) {
			depth++;
		} else if (c == ')' && !quoted && depth > 0) {
			depth--;
			out[n++] = ' ';
		} else if (depth == 0) {
			out[n++] = quoted ? harmless(c) : c;
		}
	}
	out[n] = '\0';
	return slice_make(out, n);
}

/* Relaxed alignment (RFC 7489 3.1): the same organisational domain. */
static bool
aligned(struct arena *a, struct slice x, struct slice y)
{
	const psl_ctx_t *psl = psl_builtin();
	const char *dx = psl_registrable_domain(psl, arena_lower(a, x));
	const char *dy = psl_registrable_domain(psl, arena_lower(a, y));
	return slice_eq_ci(x, y) || (dx && dy && strcmp(dx, dy) == 0);
}

/* The value of "key=" among the words of one result, its part behind the last '@'; empty if absent.
 */
static struct slice
property(struct slice result, const char *key)
{
	struct slice word, k = slice_str(key);
	while (slice_next_word(&result, &word)) {
		if (!slice_starts_ci(word, k))
			continue;
		word = slice_from(word, k.n);
		for (size_t i = word.n; i > 0; i--) /* "@example.org" is one, too (header.i) */
			if (word.p[i - 1] == '@')
				return slice_from(word, i);
		return word;
	}
	return slice_make(NULL, 0);
}

static bool
result_vouches(struct arena *a, struct slice result, struct slice domain)
{
	static const struct {
		const char *pass, *key;
	} methods[] = {{"dkim=pass", "header.d="},
		       {"dkim=pass", "header.i="},
		       {"spf=pass", "smtp.mailfrom="},
		       {"dmarc=pass", "header.from="}};
	struct slice rest = result, word;
	if (!slice_next_word(&rest, &word))
		return false;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!slice_is_ci(word, methods[i].pass))
			continue;
		struct slice d = property(rest, methods[i].key);
		if (d.n && aligned(a, d, domain))
			return true;
	}
	return false;
}

static bool
trusted(const struct conf *conf, struct slice authserv)
{
	struct slice id;
	if (!slice_next_word(&authserv, &id))
		return false;
	for (size_t i = 0; i < conf->trusted_authserv.n; i++)
		if (slice_is_ci(id, conf->trusted_authserv.v[i]))
			return true;
	return false;
}

bool
authserv_vouches(struct arena *a, const struct conf *conf, const struct message *m,
		 struct slice domain)
{
	const struct part *p = &m->parts[0];
	if (conf->trusted_authserv.n == 0 || domain.n == 0)
		return false;
	for (size_t i = 0; i < p->nfields; i++) {
		const struct field *f = &p->fields[i];
		struct slice rest, head, next;
		if (!slice_is_ci(f->name, "Authentication-Results") || f->value.n > FIELD_MAX)
			continue;
		slice_cut(without_comments(a, f->value), ';', &head, &rest);
		if (!trusted(conf, head))
			continue;
		while (rest.n) {
			slice_cut(rest, ';', &head, &next);
			if (result_vouches(a, head, domain))
				return true;
			rest = next;
		}
	}
	return false;
}
