/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole mail from hostile bytes: guard, splitter, every part decoded and named, keys, and the
 * header edited. Besides not crashing it checks what others rely on: parts lie in the message and
 * in their parents, text is clean, an edit without edits changes nothing, a mailbox gives back what
 * was put in.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/utf8.h"
#include "mail/edit.h"
#include "mail/mbox.h"
#include "mail/message.h"
#include "mail/msgid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good)
		fatal("not so: %s", what);
}

static bool
within(struct slice inner, struct slice outer)
{
	return inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n;
}

static void
check_clean(struct arena *a, struct slice text)
{
	must(utf8_valid(text), "text is UTF-8");
	must(slice_eq(utf8_cleaned(a, text), text), "text is clean");
}

static void
check_part(struct arena *a, const struct message *m, size_t i)
{
	const struct part *p = &m->parts[i];
	must(p->parent < (int)i && p->depth <= GUARD_DEPTH_MAX, "parents stand before children");
	must(within(p->body, m->bytes), "a body lies in the message");
	must((i == 0) == (p->parent < 0), "only the message has no parent");
	if (p->parent >= 0)
		must(within(p->body, m->parts[p->parent].body) &&
			 m->parts[p->parent].kind != PART_LEAF &&
			 p->depth == m->parts[p->parent].depth + 1,
		     "a part lies in its parent");
	for (size_t f = 0; f < p->nfields; f++)
		must(within(p->fields[f].whole, p->head), "a field lies in its header");
	must(part_decode(a, p, 100000).n <= 100000, "decoding keeps its limit");
	struct slice name = part_filename(a, p);
	check_clean(a, name);
	must(slice_find_char(name, '/') == name.n && slice_find_char(name, '\n') == name.n,
	     "a file name is one component in one line");
	check_clean(a, part_text(a, p, 100000));
}

static void
check_no_edit(struct slice bytes)
{
	struct header_edit none = {0};
	struct slice head, body, same;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	edit_split(bytes, &head, &body);
	must(head.n + body.n == bytes.n, "head and body are all");
	field_skip_lead(&head);
	edit_header(&none, bytes, &b, &same);
	must(slice_eq(same, body), "the body is untouched");
	must(slice_starts(buf_slice(&b), head) && b.n <= head.n + 4, "no edit changes nothing");
	buf_free(&b);
}

/* However hostile what is put in: fields, then one empty line, then nothing. */
static void
check_edit(struct arena *a, struct slice bytes)
{
	static const char *const drop[] = {"List-*", "Subject", NULL};
	char *value = arena_alloc(a, 103);
	size_t n = bytes.n < 100 ? bytes.n : 100;
	memcpy(value, "X: ", 3);
	if (n)
		memcpy(value + 3, bytes.p, n);
	const struct slice add[] = {slice_make(value, 3 + n)};
	struct header_edit some = {.drop = drop,
				   .add = add,
				   .nadd = 1,
				   .replace_name = "From",
				   .replace_value = slice_from(bytes, bytes.n / 2)};
	struct slice body, rest;
	struct field f;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	edit_header(&some, bytes, &b, &body);
	rest = buf_slice(&b);
	while (field_next(&rest, &f))
		must(!field_is(&f, "List-*") && !field_is(&f, "Subject"),
		     "what is dropped is gone");
	must(field_take_blank(&rest) && rest.n == 0, "the header ends at its end");
	buf_free(&b);
}

/* What mbox_put and back should make of bytes. */
static void
put_canonical(struct buf *b, struct slice bytes)
{
	struct slice line;
	while (field_take_line(&bytes, &line)) {
		bool crlf = line.n >= 2 && line.p[line.n - 1] == '\n' && line.p[line.n - 2] == '\r';
		buf_put_slice(b, slice_sub(line, 0, line.n - (crlf ? 2 : 0)));
		if (crlf || line.p[line.n - 1] != '\n')
			buf_putc(b, '\n');
	}
}

static void
check_mbox(struct slice bytes)
{
	struct slice rest = bytes, line, raw;
	struct buf b, got, want;
	size_t n = 0;
	while (mbox_next(&rest, &line, &raw)) {
		must(raw.n == 0 || within(raw, bytes), "a message lies in the mailbox");
		must(++n <= bytes.n, "a mailbox ends");
	}
	buf_init(&b, BUF_NO_LIMIT);
	buf_init(&got, BUF_NO_LIMIT);
	buf_init(&want, BUF_NO_LIMIT);
	mbox_put(&b, slice_sub(bytes, 0, 20), 1000000000, bytes);
	mbox_put(&b, SLICE("second@example.org"), 1000000001, SLICE("A: x\n"));
	rest = buf_slice(&b);
	must(mbox_next(&rest, &line, &raw), "what was put is there");
	put_canonical(&want, bytes);
	must(slice_eq(mbox_unquote(&got, raw), buf_slice(&want)), "as it was put");
	must(mbox_next(&rest, &line, &raw) && slice_is(raw, "A: x\n") && rest.n == 0,
	     "and one message");
	buf_free(&b);
	buf_free(&got);
	buf_free(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct slice bytes = slice_make((const char *)data, size);
	struct identity id;
	struct message m;
	if (!a)
		a = arena_new();
	message_parse(&m, a, bytes);
	must(m.nparts >= 1 && m.nparts <= GUARD_PARTS_MAX, "the number of parts");
	for (size_t i = 0; i < m.nparts; i++)
		check_part(a, &m, i);
	msgid_identify(&id, a, bytes, "example.org");
	must(key_valid(slice_str(id.key)) && id.msgid.n > 0, "a message has a key");
	check_no_edit(bytes);
	check_edit(a, bytes);
	check_mbox(bytes);
	arena_reset(a);
	return 0;
}
