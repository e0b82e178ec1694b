/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dkim: see dkim.h. */
#include "config.h"
#include "daemon/dkim.h"

#include <string.h>

#include "base/num.h"

#define VALUE_MAX 65536 /* of a field that is looked at; real ones have 500 bytes */

/* White space may stand anywhere in the values that count here (RFC 6376 3.2). */
static struct slice
without_space(struct arena *a, struct slice raw)
{
	char *out = arena_alloc(a, raw.n);
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++)
		if (!strchr(" \t\r\n", raw.p[i]) || raw.p[i] == '\0')
			out[n++] = raw.p[i];
	return slice_make(out, n);
}

bool
dkim_parse(struct arena *a, struct slice value, struct dkim_signature *s)
{
	struct slice tag, name, v, rest = without_space(a, slice_sub(value, 0, VALUE_MAX));
	bool signs = false;
	memset(s, 0, sizeof(*s));
	s->expires = INT64_MAX;
	while (rest.n > 0) {
		slice_cut(rest, ';', &tag, &rest);
		if (!slice_cut(tag, '=', &name, &v))
			continue;
		if (slice_is(name, "d"))
			s->domain = v;
		else if (slice_is(name, "h"))
			s->headers = v;
		else if (slice_is(name, "b"))
			signs = v.n > 0;
		else if (slice_is(name, "x") && !num_parse(v, 0, INT64_MAX - 1, &s->expires))
			s->expires = INT64_MAX;
	}
	return signs && s->domain.n > 0 && s->headers.n > 0;
}

bool
dkim_covers(const struct dkim_signature *s, const char *name)
{
	struct slice rest = s->headers, one, wanted = slice_str(name);
	bool prefix = wanted.n > 0 && wanted.p[wanted.n - 1] == '*';
	bool more = rest.n > 0;
	if (prefix)
		wanted.n--;
	while (more) {
		more = slice_cut(rest, ':', &one, &rest);
		if (prefix ? slice_starts_ci(one, wanted) : slice_eq_ci(one, wanted))
			return true;
	}
	return false;
}
