/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/pictures.h"

#include "archive/html.h"
#include "archive/links.h"

/* Raster formats that every browser reads, by what their bytes begin with and how their file is
 * called (the web server tells their type by that). */
static const struct {
	const char *type, *endings;
	const char *magic;
	size_t at, length;
} formats[] = {
    {"image/png", ".png", "\x89PNG\r\n\x1a\n", 0, 8},
    {"image/jpeg", ".jpg .jpeg", "\xff\xd8\xff", 0, 3},
    {"image/jpg", ".jpg .jpeg", "\xff\xd8\xff", 0, 3},
    {"image/gif", ".gif", "GIF8", 0, 4},
    {"image/webp", ".webp", "WEBP", 8, 4},
};

#define HEAD_SIZE 16

static bool
has_ending(struct slice file, const char *endings)
{
	struct slice rest = slice_str(endings), one;

	while (slice_next_word(&rest, &one))
		if (slice_ends_ci(file, one))
			return true;
	return false;
}

static bool
is_picture(const struct body_writer *w, const struct attachment *f)
{
	struct slice head;

	if (f->size > PICTURE_MAX || f->size < HEAD_SIZE)
		return false;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (!slice_is(f->type, formats[i].type) || !has_ending(f->file, formats[i].endings))
			continue;
		head = part_decode(w->a, &w->m->parts[f->part], HEAD_SIZE);
		return slice_eq(slice_sub(head, formats[i].at, formats[i].length),
				slice_make(formats[i].magic, formats[i].length));
	}
	return false;
}

/* "3/name.png", below the message's folder. */
static struct slice
address_of(const struct body_writer *w, const struct attachment *f)
{
	struct slice out;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b, "%d/", f->number);
	html_segment(&b, f->file);
	out = arena_dup(w->a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* A Content-ID without its brackets, against one of a URL (RFC 2392), where "%" escapes are rare.
 */
static bool
is_named(const struct part *p, struct slice cid)
{
	const struct field *f = part_field(p, "Content-ID");
	struct slice id = f ? slice_trim(f->value) : SLICE("");

	if (slice_starts(id, SLICE("<")))
		id = slice_sub(id, 1, slice_find_char(id, '>') - 1);
	return id.n > 0 && slice_eq(id, cid);
}

struct slice
pictures_find(void *arg, struct slice cid)
{
	const struct body_writer *w = arg;

	for (size_t i = 0; cid.n > 0 && i < w->nfiles; i++) {
		const struct attachment *f = &w->files[i];

		if (!is_named(&w->m->parts[f->part], cid) || !is_picture(w, f))
			continue;
		w->placed[i] = true;
		return address_of(w, f);
	}
	return SLICE("");
}

static void
put_alt(const struct body_writer *w, struct slice name)
{
	struct buf hidden;

	buf_init(&hidden, BUF_NO_LIMIT);
	links_hide(&hidden, name, w->style->domain);
	html_attr(w->b, "alt", buf_slice(&hidden));
	buf_free(&hidden);
}

void
pictures_put(const struct body_writer *w, int part)
{
	for (size_t i = 0; i < w->nfiles; i++) {
		const struct attachment *f = &w->files[i];

		if (f->part != part || w->placed[i] || !is_picture(w, f))
			continue;
		html_markup(w->b, "<p class=\"picture\"><img src=\"" BODY_FOLDER);
		buf_put_slice(w->b, address_of(w, f));
		html_markup(w->b, "\"");
		put_alt(w, f->name);
		html_markup(w->b, " loading=\"lazy\"></p>\n");
	}
}

bool
pictures_wait(const struct body_writer *w, int part)
{
	if (!part_field(&w->m->parts[part], "Content-ID"))
		return false;
	for (size_t i = (size_t)part + 1; i < w->m->nparts; i++)
		if (part_is(&w->m->parts[i], "text", "html"))
			return true;
	return false;
}
