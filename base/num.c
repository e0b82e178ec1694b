/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers from text: digits only, each step checked, the whole slice or nothing.
 */
#include "config.h"
#include "base/num.h"

#define SIZE_LIMIT (INT64_C(1) << 40)           /* 1 TB */
#define SPAN_LIMIT (INT64_C(100) * 365 * 86400) /* 100 years */

static bool
parse_digits(struct slice s, bool negative, int64_t *out)
{
	int64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, negative ? -digit : digit, &v))
			return false;
	}
	*out = v;
	return true;
}

bool
num_parse(struct slice s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = min < 0 && s.n > 0 && s.p[0] == '-';
	int64_t v;

	if (!parse_digits(negative ? slice_from(s, 1) : s, negative, &v) || v < min || v > max)
		return false;
	*out = v;
	return true;
}

struct unit {
	char letter;
	int64_t factor;
};

/* A number and a unit's letter; without a letter the factor is 1 if bare is set. */
static bool
parse_unit(struct slice s, const struct unit *units, bool bare, int64_t limit, int64_t *out)
{
	int64_t v, factor = bare ? 1 : 0;

	for (const struct unit *u = units; s.n > 0 && u->letter != '\0'; u++) {
		if (s.p[s.n - 1] == u->letter) {
			factor = u->factor;
			s.n--;
			break;
		}
	}
	if (factor == 0 || !num_parse(s, 0, limit / factor, &v))
		return false;
	*out = v * factor;
	return true;
}

bool
num_parse_size(struct slice s, int64_t *bytes)
{
	static const struct unit units[] = {
	    {'K', 1024}, {'M', 1024 * 1024}, {'G', 1024 * 1024 * 1024}, {'\0', 0}};

	return parse_unit(s, units, true, SIZE_LIMIT, bytes);
}

bool
num_parse_span(struct slice s, int64_t *seconds)
{
	static const struct unit units[] = {{'s', 1},     {'m', 60},     {'h', 3600},
					    {'d', 86400}, {'w', 604800}, {'\0', 0}};

	return parse_unit(s, units, false, SPAN_LIMIT, seconds);
}
