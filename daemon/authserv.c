/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authserv: see authserv.h. A small reader of RFC 8601 section 2.2: comments are skipped, the rest
 * is words between semicolons.
 */
#include "daemon/authserv.h"

#include "daemon/dmarc.h"
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

/* Comments (RFC 5322 3.2.2) become a space, or, if they are asked for, plain words; quoted strings
 * lose their quotes and all that is not part of a word. */
static struct slice
flatten(struct arena *a, struct slice raw, bool comments)
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
			out[n++] = ' ';
		} else if (c == ')' && !quoted && depth > 0) {
			depth--;
			out[n++] = ' ';
		} else if (depth == 0) {
			out[n++] = quoted ? harmless(c) : c;
		} else if (comments) {
			out[n++] = c == ';' || c == ',' ? ' ' : c;
		}
	}
	out[n] = '\0';
	return slice_make(out, n);
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

/* What is looked for in results, and what was found. */
struct search {
	struct arena *arena;
	struct slice domain;
	bool strict;
	enum authserv_dkim dkim;
	int policy;
};

/* Shows each result of trusted servers until one ends the search: true then. */
static bool
each_result(const struct conf *conf, const struct message *m, bool comments,
	    bool (*see)(struct search *s, struct slice method, struct slice rest), struct search *s)
{
	const struct part *p = &m->parts[0];
	if (conf->trusted_authserv.n == 0 || s->domain.n == 0)
		return false;
	for (size_t i = 0; i < p->nfields; i++) {
		const struct field *f = &p->fields[i];
		struct slice rest, result, method;
		if (!slice_is_ci(f->name, "Authentication-Results") || f->value.n > FIELD_MAX)
			continue;
		slice_cut(flatten(s->arena, f->value, comments), ';', &result, &rest);
		if (!trusted(conf, result))
			continue;
		while (rest.n) {
			slice_cut(rest, ';', &result, &rest);
			if (slice_next_word(&result, &method) && see(s, method, result))
				return true;
		}
	}
	return false;
}

/* --- vouching ------------------------------------------------------------------------------- */

static bool
see_vouching(struct search *s, struct slice method, struct slice rest)
{
	static const struct {
		const char *pass, *key;
	} methods[] = {{"dkim=pass", "header.d="},
		       {"dkim=pass", "header.i="},
		       {"spf=pass", "smtp.mailfrom="},
		       {"dmarc=pass", "header.from="}};
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!slice_is_ci(method, methods[i].pass))
			continue;
		struct slice d = property(rest, methods[i].key);
		if (d.n && dmarc_aligned(s->arena, d, s->domain, false))
			return true;
	}
	return false;
}

bool
authserv_vouches(struct arena *a, const struct conf *conf, const struct message *m,
		 struct slice domain)
{
	struct search s = {.arena = a, .domain = domain};
	return each_result(conf, m, false, see_vouching, &s);
}

/* --- signatures ----------------------------------------------------------------------------- */

/* One good signature is enough (RFC 7489 3.1.1). That a key could not be fetched just then says
 * nothing about those who get the copies. */
static bool
see_dkim(struct search *s, struct slice method, struct slice rest)
{
	static const char *const bad[] = {"dkim=fail", "dkim=permerror", "dkim=policy",
					  "dkim=neutral"};
	struct slice d = property(rest, "header.d=");
	if (d.n == 0)
		d = property(rest, "header.i=");
	if (d.n == 0 || !dmarc_aligned(s->arena, d, s->domain, s->strict))
		return false;
	if (slice_is_ci(method, "dkim=pass"))
		s->dkim = AUTHSERV_PASS;
	for (size_t i = 0; s->dkim == AUTHSERV_SILENT && i < sizeof(bad) / sizeof(bad[0]); i++)
		if (slice_is_ci(method, bad[i]))
			s->dkim = AUTHSERV_FAIL;
	return s->dkim == AUTHSERV_PASS;
}

enum authserv_dkim
authserv_dkim(struct arena *a, const struct conf *conf, const struct message *m,
	      struct slice domain, bool strict)
{
	struct search s = {.arena = a, .domain = domain, .strict = strict};
	each_result(conf, m, false, see_dkim, &s);
	return s.dkim;
}

/* --- policies ------------------------------------------------------------------------------- */

/* The word behind one of these keys as a policy: 1 it enforces, 0 it does not, -1 absent. */
static int
policy_word(struct slice words, const char *const *keys)
{
	for (; *keys; keys++) {
		struct slice p = property(words, *keys);
		if (slice_is_ci(p, "reject") || slice_is_ci(p, "quarantine"))
			return 1;
		if (slice_is_ci(p, "none"))
			return 0;
	}
	return -1;
}

/*
 * "policy.dmarc=reject" (and rspamd's comment "policy=reject") is the policy that applies to this
 * mail. "p=" and "sp=", as OpenDMARC and others write into a comment, are what the record says: for
 * a subdomain it may be either, so they must agree.
 */
static bool
see_policy(struct search *s, struct slice method, struct slice rest)
{
	static const char *const applied[] = {
	    "policy.dmarc=", "policy.published-domain-policy=", "policy=", NULL};
	static const char *const own[] = {"p=", NULL}, *const sub[] = {"sp=", NULL};
	struct slice from = property(rest, "header.from=");
	if (!slice_starts_ci(method, SLICE("dmarc=")) ||
	    (from.n > 0 && !slice_eq_ci(from, s->domain)))
		return false;
	if (slice_is_ci(method, "dmarc=none"))
		s->policy = 0; /* there is no record (RFC 7489 11.2) */
	else
		s->policy = policy_word(rest, applied);
	int p = policy_word(rest, own);
	bool organisation = slice_is_ci(s->domain, dmarc_organisation(s->arena, s->domain));
	if (s->policy < 0 && (organisation || p == policy_word(rest, sub)))
		s->policy = p;
	return s->policy >= 0;
}

int
authserv_policy(struct arena *a, const struct conf *conf, const struct message *m,
		struct slice domain)
{
	struct search s = {.arena = a, .domain = domain, .policy = -1};
	each_result(conf, m, true, see_policy, &s);
	return s.policy;
}
