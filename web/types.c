/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages are asked for again after a minute, since a reply changes them. What is named by its
 * content (a message's bytes, its attachments) changes only when it is withdrawn, so a day is as
 * long as we let others keep it.
 */
#include "config.h"
#include "web/types.h"

#include <stddef.h>

#define PAGE "max-age=60, must-revalidate"
#define DAY "max-age=86400"
#define LONG "max-age=31536000, immutable"

static const struct {
	const char *ending;
	struct type type;
} ours[] = {
    {".html", {"text/html; charset=utf-8", PAGE, true, false}},
    {"atom.xml", {"application/atom+xml", PAGE, true, false}},
    {".gz", {"application/gzip", PAGE, false, false}},
    {".css", {"text/css; charset=utf-8", PAGE, true, false}},
    {".txt", {"text/plain; charset=utf-8", PAGE, true, false}},
    {".json", {"application/json", PAGE, true, false}},
    {".xml", {"application/xml", PAGE, true, false}},
    {".ics", {"text/calendar; charset=utf-8", PAGE, true, false}},
    {".svg", {"image/svg+xml", DAY, true, false}},
    {".png", {"image/png", DAY, false, false}},
    {".ico", {"image/vnd.microsoft.icon", DAY, false, false}},
    {".woff2", {"font/woff2", DAY, false, false}},
};

/* A stranger's: only what no browser runs has a type of its own. */
static const struct {
	const char *ending, *type;
} theirs[] = {
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".pdf", "application/pdf"},
    {".txt", "text/plain"},
    {".ics", "text/calendar"},
    {".zip", "application/zip"},
    {".gz", "application/gzip"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".mp4", "video/mp4"},
};

static struct type
type_of_attachment(struct slice name)
{
	struct type t = {"application/octet-stream", DAY, false, true};

	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++)
		if (slice_ends_ci(name, slice_str(theirs[i].ending)))
			t.type = theirs[i].type;
	return t;
}

struct type
type_of(const struct url *u, bool index)
{
	struct slice name = index || u->nseg == 0 ? SLICE("index.html") : u->seg[u->nseg - 1];
	bool of_message = u->nseg >= 4 && slice_is(u->seg[1], "m");

	/* LIST/m/KEY/N/NAME; RFC 2046 4.1.2: text without a charset is what it is. */
	if (of_message && u->nseg >= 5)
		return type_of_attachment(name);
	if (of_message && slice_is(name, "raw"))
		return (struct type){"text/plain", DAY, true, false};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		struct type t = ours[i].type;

		if (!slice_ends_ci(name, slice_str(ours[i].ending)))
			continue;
		/* What has its version in its name never changes. */
		if (u->nseg > 0 && slice_is(u->seg[0], "static"))
			t.cache = LONG;
		return t;
	}
	return (struct type){"application/octet-stream", PAGE, false, false};
}
