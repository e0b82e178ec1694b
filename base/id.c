/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IDs are written in base32hex (RFC 4648, section 7: 0-9 then a-v), the one base32 alphabet whose
 * text sorts as the bytes do; the alphabet of keys and tokens does not.
 */
#include "config.h"
#include "base/id.h"

#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#define ID_BYTES 16
#define TIME_BYTES 6

void
id_new(char out[ID_MAX])
{
	static const char letter[] = "0123456789abcdefghijklmnopqrstuv";
	uint8_t raw[ID_BYTES];
	uint64_t ms = (uint64_t)clock_ms();
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < TIME_BYTES; i++)
		raw[i] = (uint8_t)(ms >> (8 * (TIME_BYTES - 1 - i)));
	hash_random(raw + TIME_BYTES, ID_BYTES - TIME_BYTES);
	for (size_t i = 0; i < ID_BYTES; i++) {
		bits = bits << 8 | raw[i];
		for (have += 8; have >= 5; have -= 5)
			out[n++] = letter[bits >> (have - 5) & 31];
	}
	out[n++] = letter[bits << (5 - have) & 31];
	out[n] = '\0';
}

static bool
suffix_valid(struct slice s)
{
	if (s.n < 1 || s.n > ID_MAX - ID_LENGTH - 2)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

bool
id_valid(struct slice s)
{
	if (s.n < ID_LENGTH)
		return false;
	for (size_t i = 0; i < ID_LENGTH; i++) {
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'v'))
			return false;
	}
	if (s.n == ID_LENGTH)
		return true;
	return s.p[ID_LENGTH] == '-' && suffix_valid(slice_from(s, ID_LENGTH + 1));
}

void
id_derive(char out[ID_MAX], const char *id, const char *suffix)
{
	size_t have = strlen(id), more = strlen(suffix);

	if (have > ID_MAX || more > ID_MAX || have + 1 + more >= ID_MAX)
		fatal("no ID can be derived from %s with %s", id, suffix);
	memmove(out, id, have); /* out may be id itself */
	out[have] = '-';
	memcpy(out + have + 1, suffix, more + 1);
	if (!id_valid(slice_make(out, have + 1 + more)))
		fatal("%s is no ID", out);
}
