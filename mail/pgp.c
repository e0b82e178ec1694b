/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pgp: a state for each line. Only a whole frame is taken off: begin, signature, end, in this
 * order, each alone on its line and none of them quoted.
 */
#include "mail/pgp.h"

#include <stdbool.h>

#include "base/buf.h"

#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define SIGNATURE_END "-----END PGP SIGNATURE-----"
#define ENCRYPTED "-----BEGIN PGP MESSAGE-----"

enum place { OUTSIDE, ARMOUR, TEXT, IN_SIGNATURE };

static bool
is_line(struct slice line, const char *mark)
{
	size_t n = line.n;

	while (n > 0 && (line.p[n - 1] == ' ' || line.p[n - 1] == '\t'))
		n--;
	return slice_is(slice_sub(line, 0, n), mark);
}

static enum place
next_place(enum place at, struct slice line)
{
	switch (at) {
	case OUTSIDE:
		return is_line(line, SIGNED) ? ARMOUR : OUTSIDE;
	case ARMOUR: /* "Hash: SHA256", then an empty line */
		return slice_trim(line).n == 0 ? TEXT : ARMOUR;
	case TEXT:
		return is_line(line, SIGNATURE) ? IN_SIGNATURE : TEXT;
	case IN_SIGNATURE:
		return is_line(line, SIGNATURE_END) ? OUTSIDE : IN_SIGNATURE;
	}
	return OUTSIDE;
}

enum pgp_kind
pgp_of(struct slice text)
{
	enum place at = OUTSIDE;
	bool whole = false;
	struct slice line;

	if (slice_starts(slice_trim(text), SLICE(ENCRYPTED)))
		return PGP_ENCRYPTED;
	if (slice_find(text, SLICE(SIGNED)) == text.n)
		return PGP_NONE;
	while (slice_next_line(&text, &line)) {
		enum place next = next_place(at, line);

		whole |= at == IN_SIGNATURE && next == OUTSIDE;
		at = next;
	}
	return whole && at == OUTSIDE ? PGP_SIGNED : PGP_NONE;
}

struct slice
pgp_open(struct arena *a, struct slice text)
{
	enum place at = OUTSIDE;
	struct slice line, out;
	struct buf b;

	if (pgp_of(text) != PGP_SIGNED)
		return text;
	buf_init(&b, BUF_NO_LIMIT);
	while (slice_next_line(&text, &line)) {
		enum place next = next_place(at, line);

		if (at == next && (at == OUTSIDE || at == TEXT)) {
			/* 7.1: "- " before each line that begins with a dash */
			if (at == TEXT && slice_starts(line, SLICE("- ")))
				line = slice_from(line, 2);
			buf_put_slice(&b, line);
			buf_putc(&b, '\n');
		}
		at = next;
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
