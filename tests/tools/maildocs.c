/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "tests/tools/maildocs.h"

#include <fcntl.h>
#include <stdlib.h>

#include "archive/fields.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/mbox.h"
#include "mail/readable.h"

#define RECEIVED INT64_C(2000000000)

static void
put_line(struct buf *b, struct slice line)
{
	buf_put_slice(b, line);
	buf_putc(b, '\n');
}

static void
put_body(struct index_doc *doc, struct arena *keep, struct arena *a, const struct message *m)
{
	struct slice text = readable_text(m, a);
	struct text_line *lines;
	size_t n = readable_lines(a, text, &lines);
	struct buf own, quoted;

	buf_init(&own, BUF_NO_LIMIT);
	buf_init(&quoted, BUF_NO_LIMIT);
	for (size_t i = 0; i < n; i++)
		put_line(lines[i].kind == LINE_OWN ? &own : &quoted, lines[i].text);
	doc->own = arena_dup(keep, buf_slice(&own));
	doc->quoted = arena_dup(keep, buf_slice(&quoted));
	buf_free(&own);
	buf_free(&quoted);
}

static void
put_message(struct maildocs *d, struct arena *keep, struct arena *a, struct slice bytes,
	    const char *list)
{
	struct index_doc *doc = &d->doc[d->n++];
	struct slice *names;
	struct fields f;

	fields_of(&f, a, bytes, RECEIVED, "example.org");
	*doc = (struct index_doc){.id = (int64_t)d->n, .list = list, .date = f.date};
	doc->key = arena_str(keep, slice_str(f.key));
	doc->thread_key = doc->key;
	doc->msgid = arena_dup(keep, f.id.msgid);
	doc->subject = arena_dup(keep, f.subject);
	doc->from_name = arena_dup(keep, f.from_name);
	doc->from_address = arena_dup(keep, f.from_address);
	doc->to_text = arena_dup(keep, f.to_text);
	doc->nattachments = fields_attachments(&f, a, &names);
	doc->attachments = arena_array(keep, doc->nattachments, sizeof *names);
	for (size_t i = 0; i < doc->nattachments; i++)
		doc->attachments[i] = arena_dup(keep, names[i]);
	put_body(doc, keep, a, &f.message);
	d->bytes += (int64_t)bytes.n;
	d->text += (int64_t)(doc->own.n + doc->quoted.n);
}

int
maildocs_add(struct maildocs *d, struct arena *a, const char *path, const char *list, size_t max)
{
	struct slice file, rest, from_line, raw;
	struct arena *one = arena_new();
	struct err e;
	size_t to = d->n + max;

	if (file_map(AT_FDCWD, path, &file, &e) < 0) {
		arena_free(one);
		return -1;
	}
	rest = file;
	while (d->n < to && mbox_next(&rest, &from_line, &raw)) {
		struct buf b;

		if ((d->n & 1023) == 0 || !d->doc) {
			d->doc = realloc(d->doc, ((d->n | 1023) + 1) * sizeof *d->doc);
			if (!d->doc)
				fatal("no memory for documents");
		}
		buf_init(&b, BUF_NO_LIMIT);
		put_message(d, a, one, mbox_unquote(&b, raw), list);
		buf_free(&b);
		arena_reset(one);
	}
	file_unmap(file);
	arena_free(one);
	return 0;
}
