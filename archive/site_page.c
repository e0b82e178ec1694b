/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/site_page.h"

#include "archive/html.h"
#include "archive/style.h"

int
site_style(struct press *p, struct err *e)
{
	buf_clear(&p->page);
	buf_puts(&p->page, style_sheet);
	return press_put(p, p->style, e);
}

int
site_robots(struct press *p, struct err *e)
{
	buf_clear(&p->page);
	buf_puts(&p->page, "User-agent: *\n"
			   "Disallow: /search\n"
			   "Disallow: /*/search\n"
			   "Disallow: /u/\n"
			   "Disallow: /c/\n"
			   "Disallow: /*/raw$\n"
			   "Disallow: /*/mbox.gz$\n"
			   "Sitemap: ");
	buf_puts(&p->page, p->conf->site_url);
	buf_puts(&p->page, "/sitemap.xml\n");
	return press_put(p, "robots.txt", e);
}

static void
put_url(struct press *p, const char *path)
{
	html_markup(&p->page, "<url><loc>");
	html_str(&p->page, p->conf->site_url);
	html_markup(&p->page, "/");
	html_str(&p->page, path);
	html_markup(&p->page, "</loc></url>\n");
}

static int
put_list(struct press *p, const struct conf_list *l, size_t *room, struct err *e)
{
	struct overview_month *ms;
	size_t n;

	if (overview_months(p->overview, p->arena, l->name, &ms, &n, e) < 0)
		return -1;
	put_url(p, arena_printf(p->arena, "%s/", l->name));
	put_url(p, arena_printf(p->arena, "%s/about/", l->name));
	put_url(p, arena_printf(p->arena, "%s/conduct/", l->name));
	for (size_t i = 0; i<n && * room> 3; i++, (*room)--)
		put_url(p, arena_printf(p->arena, "%s/%04d/%02d/", l->name, ms[i].month / 100,
					ms[i].month % 100));
	return 0;
}

int
site_map(struct press *p, struct err *e)
{
	size_t room = SITE_MAP_MAX - 1;

	buf_clear(&p->page);
	html_markup(&p->page, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			      "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	put_url(p, "");
	for (size_t i = 0; i < p->conf->nlists && room > 3; i++, room -= 3)
		if (put_list(p, &p->conf->lists[i], &room, e) < 0)
			return -1;
	html_markup(&p->page, "</urlset>\n");
	return press_put(p, "sitemap.xml", e);
}
