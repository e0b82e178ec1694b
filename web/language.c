/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/language.h"

#include "conf/text.h"

int
language_weight(struct slice parameters)
{
	struct slice key, q;
	int w = 0, unit = 1000;

	if (slice_trim(parameters).n == 0)
		return 1000;
	slice_cut(parameters, '=', &key, &q);
	q = slice_trim(q);
	if (!slice_is_ci(slice_trim(key), "q") || q.n == 0 || q.n > 5)
		return 0;
	for (size_t i = 0; i < q.n; i++) {
		if (i == 1) {
			if (q.p[i] != '.')
				return 0;
			continue;
		}
		if (q.p[i] < '0' || q.p[i] > '9')
			return 0;
		w += (q.p[i] - '0') * unit;
		unit /= 10;
	}
	return w > 1000 ? 1000 : w;
}

const char *
language_choose(struct slice accept, const char *fallback)
{
	const char *best = fallback;
	int best_weight = 0;
	struct slice item, range, parameters;

	for (int n = 0; accept.n > 0 && n < LANGUAGE_RANGES_MAX; n++) {
		const char *lang;
		int w;

		slice_cut(accept, ',', &item, &accept);
		slice_cut(item, ';', &range, &parameters);
		range = slice_trim(range);
		w = language_weight(parameters);
		if (w <= best_weight || range.n == 0)
			continue;
		lang = slice_is(range, "*") ? fallback : text_language(range);
		if (!lang)
			continue;
		best = lang;
		best_weight = w;
	}
	return best;
}
