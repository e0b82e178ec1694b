/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmarc: see dmarc.h. A record is a tag list as in DKIM (RFC 6376 3.2): "tag = value" between
 * semicolons, white space around each of them.
 */
#include "config.h"
#include "daemon/dmarc.h"

#include <libpsl.h>
#include <string.h>

/* What of a record's tags counts here; NULL: absent or not understood. */
struct tags {
	struct slice p, sp, adkim;
};

static bool
enforces(struct slice policy)
{
	return slice_is_ci(policy, "quarantine") || slice_is_ci(policy, "reject");
}

static bool
is_policy(struct slice policy)
{
	return enforces(policy) || slice_is_ci(policy, "none");
}

static void
take_tag(struct tags *t, struct slice name, struct slice value)
{
	if (slice_is_ci(name, "p") && !t->p.p)
		t->p = value;
	else if (slice_is_ci(name, "sp") && !t->sp.p)
		t->sp = value;
	else if (slice_is_ci(name, "adkim") && !t->adkim.p)
		t->adkim = value;
}

bool
dmarc_parse(struct slice text, struct dmarc_record *r)
{
	struct tags t = {0};
	struct slice tag, name, value, rest;
	memset(r, 0, sizeof(*r));
	slice_cut(text, ';', &tag, &rest);
	/* The version comes first, and its letters' case counts (RFC 7489 6.4). */
	if (!slice_cut(tag, '=', &name, &value) || !slice_is_ci(slice_trim(name), "v") ||
	    !slice_is(slice_trim(value), "DMARC1"))
		return false;
	while (rest.n > 0) {
		slice_cut(rest, ';', &tag, &rest);
		if (slice_cut(tag, '=', &name, &value))
			take_tag(&t, slice_trim(name), slice_trim(value));
	}
	r->strict = slice_is_ci(t.adkim, "s");
	if (!is_policy(t.p))
		return true;
	r->enforces = enforces(t.p);
	r->sub_enforces = is_policy(t.sp) ? enforces(t.sp) : r->enforces;
	return true;
}

bool
dmarc_choose(const struct slice *texts, size_t n, struct dmarc_record *r)
{
	size_t found = 0;
	struct dmarc_record one;
	for (size_t i = 0; i < n; i++)
		if (dmarc_parse(texts[i], &one)) {
			*r = one;
			found++;
		}
	if (found != 1)
		memset(r, 0, sizeof(*r));
	return found == 1;
}

const char *
dmarc_organisation(struct arena *a, struct slice domain)
{
	const char *lower = arena_lower(a, domain);
	const char *organisation = psl_registrable_domain(psl_builtin(), lower);
	return organisation ? organisation : lower;
}

bool
dmarc_aligned(struct arena *a, struct slice x, struct slice y, bool strict)
{
	if (slice_eq_ci(x, y))
		return true;
	if (strict || x.n == 0 || y.n == 0)
		return false;
	return strcmp(dmarc_organisation(a, x), dmarc_organisation(a, y)) == 0;
}
