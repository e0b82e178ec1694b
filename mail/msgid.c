/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msgid: Message-IDs as mail has them (RFC 5322 3.6.4, folded, unbracketed, with comments behind)
 * and the keys that name messages in links. A key must come out the same for all time: links and
 * stored files carry it. So ids are never folded in case, and nothing here guesses.
 */
#include "config.h"
#include "mail/msgid.h"

#include "base/hash.h"
#include "mail/edit.h"
#include "mail/field.h"

/* The id as it is stored: white space and control characters inside are an accident of folding or
 * of a broken mailer, never part of a name; at most MSGID_MAX bytes. */
static struct slice
squeeze(struct arena *a, struct slice raw)
{
	size_t i = 0, n = 0;
	while (i < raw.n && (unsigned char)raw.p[i] > ' ' && raw.p[i] != 0x7f)
		i++;
	if (i == raw.n)
		return slice_sub(raw, 0, MSGID_MAX);
	char *p = arena_alloc(a, raw.n);
	for (i = 0; i < raw.n && n < MSGID_MAX; i++)
		if ((unsigned char)raw.p[i] > ' ' && raw.p[i] != 0x7f)
			p[n++] = raw.p[i];
	return slice_make(p, n);
}

/* Takes the next "<…>" off *rest; of "<<x>" the inner one. An unclosed one is none. */
static bool
next_bracketed(struct slice *rest, struct slice *inside)
{
	size_t open = slice_find_char(*rest, '<');
	struct slice s = slice_from(*rest, open + 1);
	size_t close = slice_find_char(s, '>');
	if (open == rest->n || close == s.n)
		return false;
	*inside = slice_sub(s, 0, close);
	*rest = slice_from(s, close + 1);
	const char *inner = inside->n ? memrchr(inside->p, '<', inside->n) : NULL;
	if (inner)
		*inside = slice_from(*inside, (size_t)(inner - inside->p) + 1);
	return true;
}

/* The only word of raw, without a bracket that was left open; empty if there are more. */
static struct slice
only_word(struct slice raw)
{
	struct slice rest = raw, word, more;
	if (!slice_next_word(&rest, &word) || slice_next_word(&rest, &more))
		return SLICE("");
	while (word.n && (word.p[0] == '<' || word.p[0] == '>'))
		word = slice_from(word, 1);
	while (word.n && (word.p[word.n - 1] == '<' || word.p[word.n - 1] == '>'))
		word.n--;
	return word;
}

size_t
msgid_parse_list(struct arena *a, struct slice raw, struct slice **out)
{
	struct slice rest = raw, inside, id, *ids = arena_array(a, REFERENCES_MAX, sizeof(*ids));
	size_t total = 0, kept = 0;

	*out = ids;
	while (next_bracketed(&rest, &inside))
		total++;
	rest = raw;
	for (size_t i = 0; next_bracketed(&rest, &inside); i++) {
		/* Of too many, the root and the nearest say where a message belongs. */
		if (i > 0 && i + REFERENCES_MAX - 1 < total)
			continue;
		id = squeeze(a, slice_sub(slice_trim(inside), 0, 4 * MSGID_MAX));
		if (id.n)
			ids[kept++] = id;
	}
	if (total == 0) {
		id = squeeze(a, only_word(raw));
		if (slice_find_char(id, '@') < id.n)
			ids[kept++] = id;
	}
	return kept;
}

struct slice
msgid_parse(struct arena *a, struct slice raw)
{
	struct slice rest = raw, inside;
	while (next_bracketed(&rest, &inside)) {
		struct slice id = squeeze(a, slice_trim(inside));
		if (id.n)
			return id;
	}
	return squeeze(a, only_word(raw));
}

void
msgid_key(struct slice msgid, char out[KEY_SIZE])
{
	uint8_t hash[SHA1_SIZE];
	hash_sha1(msgid, hash);
	hash_base32(hash, sizeof(hash), out);
}

void
msgid_key_second(struct slice msgid, const char *body_sha256, char out[KEY_SIZE])
{
	char joined[MSGID_MAX + 1 + HEX_SIZE(SHA256_SIZE)];
	struct slice id = slice_sub(msgid, 0, MSGID_MAX), sum = slice_str(body_sha256);
	sum = slice_sub(sum, 0, HEX_SIZE(SHA256_SIZE) - 1);
	if (id.n)
		memcpy(joined, id.p, id.n);
	joined[id.n] = '\0';
	if (sum.n)
		memcpy(joined + id.n + 1, sum.p, sum.n);
	msgid_key(slice_make(joined, id.n + 1 + sum.n), out);
}

bool
key_valid(struct slice s)
{
	uint8_t hash[SHA1_SIZE];
	return s.n == KEY_LENGTH && hash_unbase32(s, hash, sizeof(hash));
}

void
msgid_identify(struct identity *id, struct arena *a, struct slice bytes, const char *domain)
{
	uint8_t hash[SHA256_SIZE];
	struct slice head, body, rest;
	struct field f;

	edit_split(bytes, &head, &body);
	hash_sha256_lf(body, hash);
	hash_hex(hash, sizeof(hash), id->body_sha256);

	id->msgid = SLICE("");
	rest = head;
	field_skip_lead(&rest);
	while (id->msgid.n == 0 && field_next(&rest, &f))
		if (field_is(&f, "Message-ID"))
			id->msgid = msgid_parse(a, f.value);
	id->generated = id->msgid.n == 0;
	if (id->generated) {
		char hex[HEX_SIZE(SHA256_SIZE)];
		hash_sha256_lf(bytes, hash);
		hash_hex(hash, sizeof(hash), hex);
		id->msgid = slice_str(arena_printf(a, "generated-%.32s@%s", hex, domain));
	}
	msgid_key(id->msgid, id->key);
}
