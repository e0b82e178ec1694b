/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "mail/attachments.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/readable.h"

static const struct {
	const char *type, *extension;
} extensions[] = {{"application/pdf", ".pdf"},
		  {"text/html", ".html"},
		  {"text/calendar", ".ics"},
		  {"text/vcard", ".vcf"},
		  {"text/x-vcard", ".vcf"},
		  {"image/png", ".png"},
		  {"image/jpeg", ".jpg"},
		  {"image/gif", ".gif"},
		  {"message/rfc822", ".eml"},
		  {"application/pgp-signature", ".asc"},
		  {"text/plain", ".txt"},
		  {"application/pkcs7-signature", ".p7s"},
		  {"application/x-pkcs7-signature", ".p7s"},
		  {NULL, NULL}};

static struct slice
name_of(struct arena *a, const struct part *p, struct slice type, int number)
{
	struct slice name = slice_trim(part_filename(a, p));
	const char *extension = ".bin";

	if (name.n > 0)
		return name;
	for (size_t i = 0; extensions[i].type; i++)
		if (slice_is(type, extensions[i].type))
			extension = extensions[i].extension;
	return slice_str(arena_printf(a, "part-%d%s", number, extension));
}

#define FILE_NAME_MAX 120 /* bytes; NAME_MAX is 255, and a URL triples what is not ASCII */
#define EXTENSION_MAX 12

/* A name that is one harmless name of a file anywhere, and never a folder's index. */
static struct slice
file_of(struct arena *a, struct slice name)
{
	struct slice extension = SLICE("");
	struct buf b;

	for (size_t i = name.n; i-- > 0 && name.n - i <= EXTENSION_MAX;)
		if (name.p[i] == '.') {
			extension = slice_from(name, i);
			break;
		}
	buf_init(&b, BUF_NO_LIMIT);
	if (slice_starts(name, SLICE(".")) || slice_starts_ci(name, SLICE("index.")) ||
	    slice_starts(name, SLICE("-")))
		buf_putc(&b, '_');
	name = slice_sub(name, 0, name.n - extension.n);
	while (name.n + extension.n > FILE_NAME_MAX)
		name = utf8_head(name, utf8_length(name) * 3 / 4);
	utf8_clean(&b, name);
	utf8_clean(&b, extension);
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < ' ' || strchr("/\\:*?\"<>|", b.p[i]))
			b.p[i] = '_';
	name = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return name;
}

static int64_t
size_of(const struct part *p)
{
	size_t letters = 0;

	if (!slice_is(p->encoding, "base64"))
		return (int64_t)p->body.n;
	for (size_t i = 0; i < p->body.n; i++)
		letters += (unsigned char)p->body.p[i] > ' ' && p->body.p[i] != '=';
	return (int64_t)(letters / 4 * 3 + (letters % 4 > 0 ? letters % 4 - 1 : 0));
}

size_t
attachments_of(struct arena *a, const struct message *m, struct attachment **out)
{
	struct readable_part *rs;
	size_t n = readable_parts(m, a, &rs), k = 0;

	*out = arena_array(a, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		const struct part *p = &m->parts[rs[i].part];
		struct attachment *at = &(*out)[k];

		if (rs[i].kind != READABLE_ATTACHMENT)
			continue;
		at->number = rs[i].number;
		at->part = rs[i].part;
		at->type = slice_str(
		    arena_printf(a, "%.*s/%.*s", SLICE_ARG(p->type), SLICE_ARG(p->subtype)));
		at->name = name_of(a, p, at->type, at->number);
		at->file = file_of(a, at->name);
		at->size = size_of(p);
		k++;
	}
	return k;
}
