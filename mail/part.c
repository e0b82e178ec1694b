/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * part: reading one part of a mail. Nothing here changes it, and nothing fails: a part that lies
 * about itself is read as well as it can be.
 */
#include "config.h"
#include "mail/part.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/charset.h"
#include "mail/parameter.h"
#include "mail/transfer.h"

const struct field *
part_field(const struct part *p, const char *name)
{
	for (size_t i = 0; i < p->nfields; i++)
		if (field_is(&p->fields[i], name))
			return &p->fields[i];
	return NULL;
}

bool
part_is(const struct part *p, const char *type, const char *subtype)
{
	return slice_is(p->type, type) && (!subtype || slice_is(p->subtype, subtype));
}

static struct slice
disposition(const struct part *p)
{
	const struct field *f = part_field(p, "Content-Disposition");
	return f ? slice_trim(f->value) : SLICE("");
}

bool
part_is_attachment(const struct part *p)
{
	struct slice d = disposition(p);
	return slice_starts_ci(d, SLICE("attachment")) &&
	       (d.n == 10 || strchr("; \t\r\n(", d.p[10]) != NULL);
}

/* Behind the last slash of either kind; "." and ".." are no names. */
static struct slice
last_component(struct slice path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/' || path.p[i - 1] == '\\') {
			path = slice_from(path, i);
			break;
		}
	path = slice_trim(path);
	return slice_is(path, ".") || slice_is(path, "..") ? SLICE("") : path;
}

/* Without line ends and tabs, which clean text may have, and without the invisible characters that
 * make "exe.txt" of "txt.exe". */
static struct slice
file_name(struct arena *a, struct slice name)
{
	struct buf b;
	uint32_t cp;
	buf_init(&b, BUF_NO_LIMIT);
	while (utf8_next(&name, &cp))
		if (cp >= ' ' && !utf8_is_bidi_control(cp))
			utf8_put(&b, cp);
	name = arena_dup(a, last_component(buf_slice(&b)));
	buf_free(&b);
	return name;
}

struct slice
part_filename(struct arena *a, const struct part *p)
{
	struct slice name = mime_parameter(a, disposition(p), "filename");
	if (name.n == 0)
		name = mime_parameter(a, p->content_type, "name");
	return name.n ? file_name(a, name) : SLICE("");
}

struct slice
part_decode(struct arena *a, const struct part *p, size_t limit)
{
	return p->kind == PART_LEAF ? transfer_decode(a, p->body, p->encoding, limit)
				    : slice_sub(p->body, 0, limit);
}

/* What an HTML page says of its own encoding: <meta charset=x> or <meta … content="…; charset=x">
 * in its first kilobyte (WHATWG HTML 13.2.3.2). */
static struct slice
html_charset(struct slice html)
{
	struct slice rest = slice_sub(html, 0, 1024), tag;
	for (;;) {
		rest = slice_from(rest, slice_find_ci(rest, SLICE("<meta")));
		if (rest.n == 0)
			return SLICE("");
		tag = slice_sub(rest, 0, slice_find_char(rest, '>'));
		rest = slice_from(rest, tag.n);
		struct slice value = slice_from(tag, slice_find_ci(tag, SLICE("charset")));
		if (value.n == 0)
			continue;
		value = slice_trim(slice_from(value, sizeof("charset") - 1));
		if (value.n == 0 || value.p[0] != '=')
			continue;
		value = slice_trim(slice_from(value, 1));
		while (value.n && (value.p[0] == '"' || value.p[0] == '\''))
			value = slice_from(value, 1);
		for (size_t n = 0; n < value.n; n++)
			if (strchr(" \t\r\n\"';/", value.p[n]))
				value.n = n;
		return value;
	}
}

struct slice
part_text(struct arena *a, const struct part *p, size_t limit)
{
	struct slice bytes = part_decode(a, p, limit), label, language, text;
	parameter_find(a, p->content_type, "charset", &label, &language);
	if (label.n == 0 && part_is(p, "text", "html"))
		label = html_charset(bytes);
	text = charset_to_utf8(a, bytes, label);
	if (text.n <= limit)
		return text;
	/* UTF-8 may be longer than the bytes were: cut again, between characters. */
	while (limit > 0 && ((unsigned char)text.p[limit] & 0xc0) == 0x80)
		limit--;
	return slice_sub(text, 0, limit);
}
