/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: names as DNS and SMTP have them. What libidn2 makes of a name is checked like any other.
 */
#include "mail/domain.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define DOMAIN_MAX 255 /* RFC 1035 2.3.4 */
#define LABEL_MAX 63

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Letters, digits, '-' inside and '_'; that is no host name's, but real mail has it. */
static bool
is_label(struct slice s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool
is_ascii_domain(struct slice d)
{
	struct slice label;
	bool more = d.n <= DOMAIN_MAX;
	if (!more)
		return false;
	while (more) {
		more = slice_cut(d, '.', &label, &d);
		if (!is_label(label))
			return false;
	}
	return true;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3). */
static bool
is_literal(struct slice d)
{
	char text[64];
	unsigned char parsed[16];
	if (d.n < 4 || d.n >= sizeof text || d.p[0] != '[' || d.p[d.n - 1] != ']')
		return false;
	struct slice inner = slice_sub(d, 1, d.n - 2);
	int family = AF_INET;
	if (slice_starts_ci(inner, SLICE("IPv6:"))) {
		inner = slice_from(inner, 5);
		family = AF_INET6;
	}
	memcpy(text, inner.p, inner.n);
	text[inner.n] = '\0';
	return strlen(text) == inner.n && inet_pton(family, text, parsed) == 1;
}

/* The A-label form, lower case, in the arena; false if it has none. */
static bool
domain_to_ascii(struct arena *a, struct slice d, struct slice *out)
{
	uint8_t *ascii = NULL;
	if (d.n > DOMAIN_MAX || !utf8_valid(d))
		return false;
	int rc = idn2_lookup_u8((const uint8_t *)arena_str(a, d), &ascii,
				IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	bool good = rc == IDN2_OK && is_ascii_domain(slice_str((const char *)ascii));
	if (good)
		*out = slice_str(arena_lower(a, slice_str((const char *)ascii)));
	idn2_free(ascii);
	return good;
}

bool
domain_read(struct arena *a, struct slice d, struct slice *out)
{
	if (d.n > 1 && d.p[d.n - 1] == '.')
		d.n--;
	bool high = false;
	for (size_t i = 0; i < d.n; i++)
		high |= (unsigned char)d.p[i] >= 0x80;
	if (high)
		return domain_to_ascii(a, d, out);
	if (!is_ascii_domain(d) && !is_literal(d))
		return false;
	*out = slice_str(arena_lower(a, d));
	return true;
}

bool
domain_is_mailable(struct slice ascii)
{
	return slice_find_char(ascii, '.') < ascii.n || slice_is_ci(ascii, "localhost") ||
	       is_literal(ascii);
}
