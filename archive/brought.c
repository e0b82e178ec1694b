/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/brought.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/html.h"
#include "archive/mask.h"
#include "conf/text.h"

#define PICTURE_MIN ((int64_t)20 * 1024) /* smaller ones are logos */
#define ATTACHED_MAX 20                  /* of one message */
#define URL_SHOWN 90                     /* letters */
#define FOOTER_MESSAGES 5 /* a link in so many, and in more than a fifth of all, is a footer's */

struct brought {
	struct buf *b;
	const struct frame *f;
	const struct press *press;
	struct mask *mask;
	const struct overview_message *m; /* whose files are being shown */
	int shown;
};

/* --- documents -------------------------------------------------------------------------------- */

/* Endings of files that nobody reads by themselves; of pictures. */
static const char *const noise[] = {".asc", ".sig", ".pgp", ".p7s", ".p7m", ".vcf", ".dat", NULL};
static const char *const pictures[] = {".png", ".gif", ".jpg", ".jpeg", ".bmp", ".webp", NULL};

static bool
ends_in(struct slice name, const char *const *endings)
{
	for (; *endings; endings++)
		if (slice_ends_ci(name, slice_str(*endings)))
			return true;
	return false;
}

static bool
is_worth(struct slice name, int64_t size)
{
	if (ends_in(name, noise) || slice_find_char(name, '.') == name.n)
		return false;
	return size >= PICTURE_MIN || !ends_in(name, pictures);
}

static void
put_bringer(const struct brought *br, const struct overview_message *m)
{
	html_markup(br->b, " <small><a");
	frame_hrefn(br->b, br->f, "%s/m/%s/", m->list, m->key);
	html_markup(br->b, ">");
	frame_person(br->b, br->f, m);
	html_markup(br->b, "</a>, ");
	frame_day(br->b, br->f, m->date);
	html_markup(br->b, "</small></li>\n");
}

static void
put_section(const struct brought *br, const char *id, const char *phrase)
{
	html_markup(br->b, "<section class=\"brought\"");
	html_attr(br->b, "id", slice_str(id));
	html_markup(br->b, "><h2>");
	html_str(br->b, text_phrase(br->f->lang, phrase));
	html_markup(br->b, "</h2>\n<ul>\n");
}

static void
put_file(struct brought *br, int number, struct slice name, int64_t size)
{
	if (br->shown++ == 0)
		put_section(br, "documents", N_("Documents of this month"));
	html_markup(br->b, "<li><a");
	frame_hrefn(br->b, br->f, "%s/m/%s/%d/", br->m->list, br->m->key, number);
	buf_cut(br->b, br->b->n - 1); /* the quote */
	html_segment(br->b, name);
	html_markup(br->b, "\"><bdi>");
	html_line(br->b, frame_hidden(br->f, name), URL_SHOWN);
	html_markup(br->b, "</bdi></a> <small>");
	html_str(br->b, text_size(br->press->arena, br->f->lang, size));
	html_markup(br->b, "</small>");
	put_bringer(br, br->m);
}

/* The one file of LIST/m/KEY/N/. */
static void
look_at(struct brought *br, int number)
{
	const char *folder =
	    arena_printf(br->press->arena, "%s/m/%s/%d", br->m->list, br->m->key, number);
	int fd = openat(br->press->html, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		struct slice name = slice_str(entry->d_name);

		if (name.p[0] == '.' || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || !is_worth(name, st.st_size))
			continue;
		put_file(br, number, slice_str(arena_str(br->press->arena, name)), st.st_size);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

static int
put_files(struct brought *br, const char *list, int month, struct err *e)
{
	struct overview_message *ms;
	size_t n;

	if (overview_month_files(br->press->overview, br->press->arena, list, month,
				 BROUGHT_MESSAGES, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		br->m = &ms[i];
		for (int k = 1; k <= ms[i].attachments && k <= ATTACHED_MAX; k++)
			if (br->shown < BROUGHT_FILES)
				look_at(br, k);
	}
	if (br->shown > 0)
		html_markup(br->b, "</ul></section>\n");
	return 0;
}

/* --- links ------------------------------------------------------------------------------------ */

/* The same without its scheme. */
static struct slice
without_scheme(struct slice url)
{
	size_t at = slice_find(url, SLICE("://"));

	return at < url.n ? slice_from(url, at + 3) : url;
}

/* Links of our own pages are the archive's own business, and may be a member's to leave by: such a
 * one also where a mail server has wrapped it into a link of its own. */
static bool
is_ours(const struct brought *br, struct slice url)
{
	struct slice masked;

	return slice_starts_ci(without_scheme(url),
			       without_scheme(slice_str(br->press->conf->site_url))) ||
	       mask_text(br->mask, br->press->arena, url, &masked);
}

static bool
is_footer(const struct overview_url *u, int64_t messages)
{
	return u->messages >= FOOTER_MESSAGES && u->messages * 5 > messages;
}

static int
put_url(struct brought *br, const struct overview_url *u, struct err *e)
{
	struct overview_message m;
	int r = overview_by_id(br->press->overview, br->press->arena, u->message, &m, e);

	if (r <= 0)
		return r;
	if (br->shown++ == 0)
		put_section(br, "links", N_("Links of this month"));
	html_markup(br->b, "<li><a rel=\"nofollow\"");
	html_url(br->b, "href", u->url);
	html_markup(br->b, "><bdi>");
	html_line(br->b, without_scheme(u->url), URL_SHOWN);
	html_markup(br->b, "</bdi></a>");
	put_bringer(br, &m);
	return 0;
}

static int
put_urls(struct brought *br, const char *list, int month, int64_t messages, struct err *e)
{
	struct overview_url *us;
	size_t n;

	br->shown = 0;
	if (overview_month_urls(br->press->overview, br->press->arena, list, month,
				BROUGHT_URLS + BROUGHT_URLS / 2, &us, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n && br->shown < BROUGHT_URLS; i++)
		if (!is_ours(br, us[i].url) && !is_footer(&us[i], messages) &&
		    html_url_ok(us[i].url) && put_url(br, &us[i], e) < 0)
			return -1;
	if (br->shown > 0)
		html_markup(br->b, "</ul></section>\n");
	return 0;
}

int
brought_put(struct buf *b, const struct frame *f, const char *list, int month, int64_t messages,
	    struct err *e)
{
	const struct conf *conf = f->press->conf;
	struct brought br = {.b = b, .f = f, .press = f->press};
	int ret;

	br.mask = mask_new(conf->site_url, conf->domain, conf->delimiter);
	ret = put_files(&br, list, month, e) < 0 || put_urls(&br, list, month, messages, e) < 0 ? -1
												: 0;
	mask_free(br.mask);
	return ret;
}
