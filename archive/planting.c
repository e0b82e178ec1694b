/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/planting.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

bool
planting_key(struct slice key, uint8_t out[NODE_KEY_SIZE])
{
	return key.n == KEY_LENGTH && hash_unbase32(key, out, NODE_KEY_SIZE);
}

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

int64_t
planting_rank(const struct fields *f, const uint8_t id_key[NODE_KEY_SIZE])
{
	char half[17] = "";

	memcpy(half, f->id.body_sha256, 16);
	return (int64_t)((load64(id_key) ^ strtoull(half, NULL, 16)) & INT64_MAX);
}

/* A number for a base subject: ASCII case is folded, nothing else. */
static int64_t
subject_number(struct arena *a, struct slice base)
{
	uint8_t sha[SHA1_SIZE];
	int64_t v;

	base = slice_trim(base);
	if (base.n == 0)
		return 0;
	hash_sha1(slice_str(arena_lower(a, base)), sha);
	v = (int64_t)(load64(sha) & INT64_MAX);
	return v ? v : 1;
}

static bool
same_ref(const struct forest_ref *refs, size_t n, const uint8_t key[NODE_KEY_SIZE])
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(refs[i].key, key, NODE_KEY_SIZE) == 0)
			return true;
	return false;
}

/* References as the forest wants them: none twice (the last place counts), not the own id. */
static void
refs_of(struct planting *p, struct arena *a, const struct fields *f)
{
	struct forest_ref *refs = arena_array(a, f->nreferences, sizeof *refs);
	size_t at = f->nreferences;
	char key[KEY_SIZE];

	for (size_t i = f->nreferences; i-- > 0;) {
		struct forest_ref *r = &refs[at - 1];

		msgid_key(f->references[i], key);
		if (!planting_key(slice_str(key), r->key) ||
		    memcmp(r->key, p->id_key, NODE_KEY_SIZE) == 0 ||
		    same_ref(refs + at, f->nreferences - at, r->key))
			continue;
		r->msgid = f->references[i];
		at--;
	}
	p->refs = refs + at;
	p->nrefs = f->nreferences - at;
}

int
planting_of(struct planting *p, struct arena *a, const struct fields *f, struct err *e)
{
	if (!planting_key(slice_str(f->key), p->key) ||
	    !planting_key(slice_str(f->id.key), p->id_key))
		return err_permanent(e, "a message without a key");
	p->msgid = f->id.msgid;
	p->date = f->date;
	p->rank = planting_rank(f, p->id_key);
	refs_of(p, a, f);
	p->digest = p->nrefs <= 1 ? f->digest : NULL;
	p->trace = f->trace;
	p->subject = p->nrefs > 0 || p->digest ? 0 : subject_number(a, f->subject_base);
	p->reply_mark = f->is_reply;
	return 0;
}
