/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mime_dump FILE…: what message_parse sees in each file, one JSON object a line, for comparing with
 * what other parsers see. Offsets are into the file. With -q nothing is printed (does it crash,
 * does it end?); the exit code is 1 if a file can't be read or an edit without edits changes a
 * message.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/file.h"
#include "base/hash.h"
#include "mail/edit.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/msgid.h"

#define DUMP_MAX ((size_t)64 << 20)

static json_t *
text_json(struct slice s)
{
	json_t *j = json_stringn(s.p ? s.p : "", s.n);
	if (!j) {
		fprintf(stderr, "mime_dump: text is not clean UTF-8\n");
		abort();
	}
	return j;
}

static json_t *
range_json(struct slice all, struct slice s)
{
	return json_pack("[I,I]", (json_int_t)(s.p ? s.p - all.p : 0), (json_int_t)s.n);
}

static json_t *
part_json(const struct message *m, const struct part *p, struct arena *a)
{
	static const char *const kinds[] = {"leaf", "multipart", "message"};
	json_t *j = json_object();
	json_object_set_new(j, "parent", json_integer(p->parent));
	json_object_set_new(j, "depth", json_integer(p->depth));
	json_object_set_new(j, "kind", json_string(kinds[p->kind]));
	json_object_set_new(j, "head", range_json(m->bytes, p->head));
	json_object_set_new(j, "body", range_json(m->bytes, p->body));
	json_object_set_new(j, "fields", json_integer((json_int_t)p->nfields));
	json_object_set_new(j, "type", text_json(header_text(a, p->type)));
	json_object_set_new(j, "subtype", text_json(header_text(a, p->subtype)));
	json_object_set_new(j, "encoding", text_json(header_text(a, p->encoding)));
	json_object_set_new(j, "filename", text_json(part_filename(a, p)));
	json_object_set_new(j, "attachment", json_boolean(part_is_attachment(p)));
	if (p->kind != PART_LEAF)
		return j;
	struct slice bytes = part_decode(a, p, DUMP_MAX);
	uint8_t hash[SHA256_SIZE];
	char hex[HEX_SIZE(SHA256_SIZE)];
	hash_sha256_lf(bytes, hash);
	hash_hex(hash, sizeof(hash), hex);
	json_object_set_new(j, "size", json_integer((json_int_t)bytes.n));
	json_object_set_new(j, "sha256_lf", json_string(hex));
	if (part_is(p, "text", NULL) || part_is(p, "message", NULL))
		json_object_set_new(j, "text", text_json(part_text(a, p, DUMP_MAX)));
	return j;
}

/* Does editing nothing change nothing but the ends of a header that was cut short? */
static bool
round_trips(struct slice bytes)
{
	struct header_edit none = {0};
	struct slice head, body, same;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	edit_split(bytes, &head, &body);
	field_skip_lead(&head);
	edit_header(&none, bytes, &b, &same);
	bool good = same.p == body.p && same.n == body.n && slice_starts(buf_slice(&b), head) &&
		    b.n - head.n <= sizeof("\r\n\r\n") - 1;
	buf_free(&b);
	return good;
}

static json_t *
message_json(const char *name, struct slice bytes, struct arena *a)
{
	struct message m;
	struct identity id;
	message_parse(&m, a, bytes);
	msgid_identify(&id, a, bytes, "example.org");
	json_t *j = json_object(), *parts = json_array();
	json_object_set_new(j, "file", json_string(name));
	json_object_set_new(j, "verdict", json_string(guard_text(m.verdict)));
	json_object_set_new(j, "key", json_string(id.key));
	for (size_t i = 0; i < m.nparts; i++)
		json_array_append_new(parts, part_json(&m, &m.parts[i], a));
	json_object_set_new(j, "parts", parts);
	return j;
}

int
main(int argc, char **argv)
{
	int ret = 0;
	bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	for (int i = 1 + quiet; i < argc; i++) {
		struct arena *a = arena_new();
		struct slice bytes;
		struct err e;
		if (file_read(AT_FDCWD, argv[i], DUMP_MAX, a, &bytes, &e) == -1) {
			fprintf(stderr, "mime_dump: %s\n", e.text);
			ret = 1;
		} else {
			json_t *j = message_json(argv[i], bytes, a);
			if (!round_trips(bytes)) {
				fprintf(stderr, "mime_dump: %s: an empty edit changes it\n",
					argv[i]);
				ret = 1;
			}
			if (!quiet)
				json_dumpf(j, stdout, JSON_COMPACT), putchar('\n');
			json_decref(j);
		}
		arena_free(a);
	}
	return ret;
}
