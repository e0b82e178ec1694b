/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/vcard.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/content_line.h"

#define FIELD_MAX 200 /* letters */

/* Organisations and names have parts: "Family;Given", "Company;Department". */
static struct slice
joined(struct arena *a, struct slice s, const char *between)
{
	struct slice one, out;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	while (s.n > 0) {
		slice_cut(s, ';', &one, &s);
		one = slice_trim(one);
		if (one.n > 0 && b.n > 0)
			buf_puts(&b, between);
		buf_put_slice(&b, one);
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void
take(struct slice *to, struct arena *a, const struct content_line *line, const char *between)
{
	if (to->n == 0)
		*to = utf8_head(
		    utf8_cleaned(a, joined(a, slice_sub(content_text(a, line), 0, 1000), between)),
		    FIELD_MAX);
}

static void
take_line(struct vcard *v, struct arena *a, const struct content_line *line)
{
	if (content_is(line, "FN"))
		take(&v->name, a, line, " ");
	else if (content_is(line, "ORG"))
		take(&v->organisation, a, line, ", ");
	else if (content_is(line, "TITLE"))
		take(&v->title, a, line, ", ");
	else if (content_is(line, "EMAIL"))
		take(&v->address, a, line, " ");
}

size_t
vcard_parse(struct arena *a, struct slice text, struct vcard **out)
{
	struct content_line line;
	struct vcard *v = NULL;
	size_t n = 0;

	*out = arena_array(a, VCARD_MAX, sizeof **out);
	text = content_unfold(a, text);
	while (content_next(&text, &line)) {
		if (content_is(&line, "BEGIN") && slice_is_ci(slice_trim(line.value), "VCARD"))
			v = n < VCARD_MAX ? &(*out)[n++] : NULL;
		else if (content_is(&line, "END"))
			v = NULL;
		else if (v)
			take_line(v, a, &line);
	}
	return n;
}
