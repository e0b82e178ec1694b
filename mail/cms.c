/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cms: a walk straight down to the one value that is wanted, tag by tag, by a table; nothing
 * recurses and nothing is believed that does not fit into its bytes.
 */
#include "mail/cms.h"

#include "base/buf.h"

#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"

enum {
	INTEGER = 0x02,
	OCTETS = 0x04,
	OID = 0x06,
	OCTETS_MADE = 0x24,
	SEQUENCE = 0x30,
	SET = 0x31,
	EXPLICIT = 0xa0
};

struct value {
	unsigned char tag;
	struct slice body;
	bool open; /* of indefinite length: body is all that is left */
};

/* Takes the next value off *s (X.690 8.1). An open one takes its head only. */
static bool
take(struct slice *s, struct value *v)
{
	size_t length, at = 2;

	if (s->n < 2)
		return false;
	v->tag = (unsigned char)s->p[0];
	length = (unsigned char)s->p[1];
	v->open = length == 0x80;
	if (length > 0x80) {
		size_t octets = length & 0x7f;

		if (octets > 4 || s->n < at + octets)
			return false;
		for (length = 0; octets > 0; octets--)
			length = length << 8 | (unsigned char)s->p[at++];
	}
	if (v->open)
		length = s->n - at;
	if (length > s->n - at)
		return false;
	v->body = slice_sub(*s, at, length);
	*s = slice_from(*s, v->open ? at : at + length);
	return true;
}

/* An octet string in pieces, up to its end. */
static struct slice
joined(struct arena *a, struct value whole)
{
	struct slice rest = whole.body, out;
	struct value piece;
	struct buf b;

	if (whole.tag == OCTETS)
		return whole.body;
	buf_init(&b, BUF_NO_LIMIT);
	while (take(&rest, &piece) && piece.tag == OCTETS && !piece.open)
		buf_put_slice(&b, piece.body);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

bool
cms_signed_content(struct arena *a, struct slice s, struct slice *content)
{
	/* The way down: into, or past, or past what must be this object. */
	static const struct {
		unsigned char tag;
		bool into;
		const char *oid;
	} steps[] = {
	    {SEQUENCE, true, NULL}, {OID, false, OID_SIGNED}, {EXPLICIT, true, NULL},
	    {SEQUENCE, true, NULL}, {INTEGER, false, NULL},   {SET, false, NULL},
	    {SEQUENCE, true, NULL}, {OID, false, OID_DATA},   {EXPLICIT, true, NULL},
	};
	struct value v;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (!take(&s, &v) || v.tag != steps[i].tag || (v.open && !steps[i].into))
			return false;
		if (steps[i].oid && !slice_is(v.body, steps[i].oid))
			return false;
		if (steps[i].into)
			s = v.body;
	}
	if (!take(&s, &v) || (v.tag != OCTETS && v.tag != OCTETS_MADE))
		return false;
	*content = joined(a, v);
	return content->n > 0;
}
