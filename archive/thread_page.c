/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/thread_page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/elsewhere.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/passage.h"
#include "archive/place.h"
#include "archive/posting.h"
#include "archive/thread_bar.h"
#include "archive/suspects.h"
#include "base/clock.h"
#include "base/file.h"
#include "conf/text.h"

#define PAGE_VERSION "7"    /* of what this file makes of its input: part of the stamp */
#define FAR_REPLIES_SHOWN 8 /* of one message, on other pages */

struct page {
	struct press *press;
	struct buf *b;
	const struct conversation *c;
	int number;
	struct frame frame;
	struct thread_bar bar;
};

/* The nearest row above row i that is on this page, too; CONVERSATION_NONE. */
static size_t
shown_parent(const struct page *pg, size_t i)
{
	do
		i = pg->c->parents[i];
	while (i != CONVERSATION_NONE && pg->c->pages[i] != pg->number);
	return i;
}

/* --- stamp -------------------------------------------------------------------------------------
 */

static void
digest_row(struct buf *b, const struct conversation *c, size_t i)
{
	const struct overview_message *m = &c->rows[i];

	buf_printf(b, "%s %d %d %d %d %lld %lld ", m->key, (int)m->state, m->digest, c->pages[i],
		   c->numbers[i], (long long)m->date,
		   m->state == OVERVIEW_WITHDRAWN ? (long long)m->received : 0);
	buf_put_slice(b, m->from_name);
	buf_putc(b, '\n');
	buf_put_slice(b, m->reason);
	buf_putc(b, '\n');
}

/* All that the page is made of but the bodies, which never change. */
static void
stamp_of(const struct page *pg, char stamp[PRESS_STAMP + 1])
{
	const struct conversation *c = pg->c;
	const struct frame *f = &pg->frame;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b, PAGE_VERSION "\n%s\n%s\n%s\n%s\n%d %d\n", f->press->style, f->lang,
		   f->press->conf->site_url, c->info.root_key, pg->number,
		   pg->number < c->npages ? -1 : c->nmessages);
	if (f->list)
		buf_printf(&b, "%s\n%s\n", f->list->name, f->list->title);
	buf_put_slice(&b, c->info.subject);
	for (size_t i = 0; i < c->n; i++) {
		size_t up = c->parents[i];

		if (c->pages[i] != pg->number &&
		    (up == CONVERSATION_NONE || c->pages[up] != pg->number))
			continue;
		buf_printf(&b, "%d ", c->rows[i].depth);
		if (suspects_condemned(store_suspects(f->press->store), SUSPECTS_PAGES,
				       c->rows[i].list, c->rows[i].key))
			buf_puts(&b, "unshown ");
		digest_row(&b, c, i);
		if (up != CONVERSATION_NONE)
			digest_row(&b, c, up);
	}
	elsewhere_digest(&b, c, pg->number);
	thread_bar_digest(&b, &pg->bar);
	press_digest(buf_slice(&b), stamp);
	buf_free(&b);
}

/* --- the page ----------------------------------------------------------------------------------
 */

static void
put_link(const struct page *pg, size_t i)
{
	const struct overview_message *m = &pg->c->rows[i];

	if (pg->c->pages[i] == pg->number) {
		html_markup(pg->b, "<a href=\"#");
		html_str(pg->b, m->key);
		html_markup(pg->b, "\">");
	} else {
		html_markup(pg->b, "<a");
		frame_hrefn(pg->b, &pg->frame, "%s#%s",
			    conversation_path(pg->c, pg->press->arena, pg->c->pages[i]), m->key);
		html_markup(pg->b, ">");
	}
	if (m->state == OVERVIEW_WITHDRAWN)
		frame_str(pg->b, &pg->frame, N_("a withdrawn message"));
	else
		frame_person(pg->b, &pg->frame, m);
	html_markup(pg->b, "</a>");
}

static void
put_parent(const struct page *pg, size_t i)
{
	size_t up = pg->c->parents[i];

	if (up == CONVERSATION_NONE)
		return;
	html_markup(pg->b, " <span class=\"re\">");
	if (pg->c->rows[up].state == OVERVIEW_GHOST) {
		frame_str(pg->b, &pg->frame,
			  N_("in reply to a message that is not in this archive"));
	} else {
		frame_str(pg->b, &pg->frame, N_("in reply to"));
		html_markup(pg->b, " ");
		put_link(pg, up);
	}
	html_markup(pg->b, "</span>");
}

/* Replies on other pages: some by name, the others by their number. */
static void
put_far_replies(const struct page *pg, size_t at)
{
	size_t n = 0;

	for (size_t i = at + 1; i < pg->c->n && pg->c->rows[i].depth > pg->c->rows[at].depth; i++) {
		if (pg->c->parents[i] != at || pg->c->pages[i] == pg->number ||
		    pg->c->rows[i].state == OVERVIEW_GHOST)
			continue;
		if (n++ == 0) {
			html_markup(pg->b, "<p class=\"re\">");
			frame_str(pg->b, &pg->frame, N_("Replies on later pages:"));
		}
		if (n > FAR_REPLIES_SHOWN)
			continue;
		html_markup(pg->b, " ");
		put_link(pg, i);
	}
	if (n > FAR_REPLIES_SHOWN) {
		size_t more = n - FAR_REPLIES_SHOWN;

		html_markup(pg->b, " ");
		html_str(pg->b, arena_printf(pg->press->arena,
					     text_plural(pg->frame.lang, "and %d more answer",
							 "and %d more answers", more),
					     (int)more));
	}
	if (n > 0)
		html_markup(pg->b, "</p>\n");
}

static void
put_reply(const struct page *pg, size_t i)
{
	const struct place at = {.frame = &pg->frame, .c = pg->c, .at = i};

	if (!pg->frame.list)
		return;
	html_markup(pg->b, "<p class=\"reply\"><a");
	place_reply_href(pg->b, &at);
	html_markup(pg->b, ">");
	frame_str(pg->b, &pg->frame, N_("Reply"));
	html_markup(pg->b, "</a></p>\n");
}

/* A subject that is not the thread's: somebody changed it on the way. That of an answer to a digest
 * says nothing. */
static void
put_new_subject(const struct page *pg, const struct overview_message *m)
{
	if (m->digest || slice_eq_ci(slice_trim(m->subject_base), slice_trim(pg->c->info.subject)))
		return;
	html_markup(pg->b, "<p class=\"subject\">");
	frame_subject(pg->b, &pg->frame, m->subject);
	html_markup(pg->b, "</p>\n");
}

/* How deep it stands: seen by the indent, which who hears the page has not. */
static void
put_level(const struct page *pg, size_t level)
{
	if (level > 1)
		frame_spoken(pg->b,
			     arena_printf(pg->press->arena,
					  text_phrase(pg->frame.lang, ", level %d"), (int)level));
}

/* Which one it is by date, since the tree's order is another. */
static void
put_number(const struct page *pg, size_t i)
{
	const struct conversation *c = pg->c;

	if (c->nmessages < 2)
		return;
	html_markup(pg->b, " <span class=\"n\">");
	if (c->npages > 1)
		buf_printf(pg->b, "%d", c->numbers[i]);
	else
		html_str(pg->b,
			 arena_printf(pg->press->arena, text_phrase(pg->frame.lang, "%d of %d"),
				      c->numbers[i], c->nmessages));
	html_markup(pg->b, "</span>");
}

static int
put_present(const struct page *pg, size_t i, size_t level, struct err *e)
{
	const struct overview_message *m = &pg->c->rows[i];
	const struct rendering *r;

	if (render_get(pg->press->render, m, &r, e) < 0)
		return -1;
	html_markup(pg->b, "<article class=\"msg\">\n<h2 class=\"by\">");
	passage_byline(pg->b, &pg->frame, m);
	put_level(pg, level);
	html_markup(pg->b, "</h2>\n<p class=\"meta\"><a class=\"perma\"");
	frame_hrefn(pg->b, &pg->frame, "%s/m/%s/", m->list, m->key);
	html_markup(pg->b, ">");
	frame_time(pg->b, &pg->frame, m->date);
	html_markup(pg->b, "</a>");
	put_number(pg, i);
	put_parent(pg, i);
	html_markup(pg->b, "</p>\n");
	passage_digest_note(pg->b, &pg->frame, m);
	put_new_subject(pg, m);
	passage_body(pg->b, &pg->frame, m, r);
	passage_attachments(pg->b, &pg->frame, m, r);
	put_far_replies(pg, i);
	put_reply(pg, i);
	html_markup(pg->b, "</article>\n");
	return 0;
}

static int
put_row(const struct page *pg, size_t i, size_t level, struct err *e)
{
	const struct overview_message *m = &pg->c->rows[i];

	if (m->state == OVERVIEW_PRESENT)
		return put_present(pg, i, level, e);
	if (m->state == OVERVIEW_WITHDRAWN) {
		passage_tombstone(pg->b, &pg->frame, m);
		return 0;
	}
	html_markup(pg->b, "<p class=\"ghost\">");
	frame_str(pg->b, &pg->frame, N_("A message that is not in this archive"));
	html_markup(pg->b, "</p>\n");
	return 0;
}

/* Nested lists, by a stack of the depths that are open. */
static int
put_tree(const struct page *pg, struct err *e)
{
	const struct conversation *c = pg->c;
	size_t *depths = arena_array(pg->press->arena, c->n, sizeof *depths);
	size_t open = 0; /* lists that are open, each with an open item */

	for (size_t i = 0; i < c->n; i++) {
		size_t up, depth;

		if (c->pages[i] != pg->number)
			continue;
		up = shown_parent(pg, i);
		depth = depths[i] = up == CONVERSATION_NONE ? 1 : depths[up] + 1;
		if (depth > open)
			html_markup(pg->b, "<ol class=\"tree\">\n");
		else
			html_markup(pg->b, "</li>\n");
		for (; open > depth; open--)
			html_markup(pg->b, "</ol></li>\n");
		open = depth;
		html_markup(pg->b, "<li id=\"");
		html_str(pg->b, c->rows[i].key);
		html_markup(pg->b, "\">\n");
		if (put_row(pg, i, depth, e) < 0)
			return -1;
	}
	for (; open > 0; open--)
		html_markup(pg->b, "</li></ol>\n");
	return 0;
}

static void
put_page_link(const struct page *pg, int number, const char *rel, const char *phrase)
{
	if (number < 1 || number > pg->c->npages || number == pg->number)
		return;
	html_markup(pg->b, "<li><a");
	if (rel)
		html_attr(pg->b, "rel", slice_str(rel));
	frame_href(pg->b, &pg->frame, conversation_path(pg->c, pg->press->arena, number));
	html_markup(pg->b, ">");
	html_str(pg->b, phrase);
	html_markup(pg->b, "</a></li>\n");
}

/* landmark: the first of two; two of one name would puzzle those who go from landmark to landmark.
 */
static void
put_page_links(const struct page *pg, bool landmark)
{
	const char *lang = pg->frame.lang;

	if (pg->c->npages == 1)
		return;
	buf_puts(pg->b, landmark ? "<nav class=\"pages\"" : "<div class=\"pages\"");
	if (landmark)
		html_attr(pg->b, "aria-label",
			  slice_str(text_phrase(lang, "Pages of this thread")));
	html_markup(pg->b, "><ul>\n");
	if (pg->number > 2)
		put_page_link(pg, 1, NULL, text_phrase(lang, "First page"));
	put_page_link(pg, pg->number - 1, "prev", text_phrase(lang, "Earlier messages"));
	put_page_link(pg, pg->number + 1, "next", text_phrase(lang, "Later messages"));
	buf_puts(pg->b, landmark ? "</ul></nav>\n" : "</ul></div>\n");
}

/* How many and when: of the thread, or of a long one's page. */
static void
put_extent(const struct page *pg)
{
	const struct conversation *c = pg->c;
	int64_t first = INT64_MAX, last = INT64_MIN, n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->pages[i] != pg->number || c->rows[i].state != OVERVIEW_PRESENT)
			continue;
		first = c->rows[i].date < first ? c->rows[i].date : first;
		last = c->rows[i].date > last ? c->rows[i].date : last;
		n++;
	}
	html_markup(pg->b, "<p class=\"meta\">");
	if (c->npages > 1) {
		html_str(pg->b, arena_printf(pg->press->arena,
					     text_phrase(pg->frame.lang, "Page %d"), pg->number));
		html_markup(pg->b, " · ");
	}
	frame_messages(pg->b, &pg->frame, n);
	if (n > 0) {
		html_markup(pg->b, " · ");
		frame_day(pg->b, &pg->frame, first);
	}
	if (n > 0 && last / 86400 != first / 86400) {
		html_markup(pg->b, " – ");
		frame_day(pg->b, &pg->frame, last);
	}
	html_markup(pg->b, "</p>\n");
}

static void
put_actions(const struct page *pg)
{
	const char *root = conversation_path(pg->c, pg->press->arena, 1);

	html_markup(pg->b, "<ul class=\"do\">\n<li><a rel=\"nofollow\"");
	frame_hrefn(pg->b, &pg->frame, "%smbox.gz", root);
	html_markup(pg->b, ">");
	frame_str(pg->b, &pg->frame, N_("This thread as a mailbox"));
	html_markup(pg->b, "</a></li>\n<li><a");
	frame_hrefn(pg->b, &pg->frame, "%satom.xml", root);
	html_markup(pg->b, ">");
	frame_str(pg->b, &pg->frame, N_("Follow this thread"));
	html_markup(pg->b, "</a></li>\n</ul>\n");
}

/* The beginning of the first message on the page, for who sees only a link to it. */
static int
describe(struct page *pg, struct err *e)
{
	const struct rendering *r;

	for (size_t i = 0; i < pg->c->n; i++) {
		if (pg->c->pages[i] != pg->number || pg->c->rows[i].state != OVERVIEW_PRESENT)
			continue;
		if (render_get(pg->press->render, &pg->c->rows[i], &r, e) < 0)
			return -1;
		pg->frame.description = frame_hidden(&pg->frame, r->excerpt);
		return 0;
	}
	return 0;
}

static void
frame_of(struct page *pg)
{
	struct press *p = pg->press;
	const struct conversation *c = pg->c;
	int year, month, day;

	pg->frame = (struct frame){.press = p,
				   .list = press_list(p, c->info.list),
				   .path = conversation_path(c, p->arena, pg->number),
				   .type = "article"};
	pg->frame.lang = press_language(p, pg->frame.list);
	pg->frame.title = frame_hidden(&pg->frame, c->info.subject);
	clock_civil(c->info.first, &year, &month, &day);
	pg->frame.up = arena_printf(p->arena, "%s/%04d/%02d/", c->info.list, year, month);
	pg->frame.up_text = text_month(p->arena, pg->frame.lang, year, month);
	pg->frame.feed = arena_printf(p->arena, "%satom.xml", conversation_path(c, p->arena, 1));
	if (pg->number > 1)
		pg->frame.prev = conversation_path(c, p->arena, pg->number - 1);
	if (pg->number < c->npages)
		pg->frame.next = conversation_path(c, p->arena, pg->number + 1);
	pg->frame.hidden = c->info.messages == 0;
}

int
thread_page(struct press *p, const struct conversation *c, int number, struct err *e)
{
	struct page pg = {.press = p, .b = &p->page, .c = c, .number = number};
	char stamp[PRESS_STAMP + 1];
	const char *path;

	frame_of(&pg);
	if (thread_bar_find(&pg.bar, p, c, e) < 0)
		return -1;
	path = arena_printf(p->arena, "%s" PRESS_PAGE, pg.frame.path);
	stamp_of(&pg, stamp);
	if (press_fresh(p, path, stamp))
		return 0;
	if (describe(&pg, e) < 0)
		return -1;
	pg.frame.published = c->info.first;
	pg.frame.data = posting_thread(&pg.frame, c, number);
	buf_clear(pg.b);
	frame_begin(pg.b, &pg.frame);
	html_markup(pg.b, "<h1>");
	frame_subject(pg.b, &pg.frame, c->info.subject);
	html_markup(pg.b, "</h1>\n");
	put_extent(&pg);
	elsewhere_page(pg.b, &pg.frame, c, number);
	put_page_links(&pg, true);
	if (put_tree(&pg, e) < 0)
		return -1;
	put_page_links(&pg, false);
	put_actions(&pg);
	thread_bar_put(pg.b, &pg.bar, &pg.frame);
	frame_end(pg.b, &pg.frame);
	press_stamp(p, stamp);
	return press_put(p, path, e) < 0 ? -1 : 1;
}

int
thread_page_trim(struct press *p, const struct conversation *c, struct err *e)
{
	for (int page = c->npages + 1; page <= c->npages + 1000; page++) {
		char *path = conversation_path(c, p->arena, page);

		path[strlen(path) - 1] = '\0';
		if (!press_has(p, path))
			return 0;
		if (press_remove(p, path, e) < 0)
			return -1;
	}
	return 0;
}

int
thread_page_alias(struct press *p, const char *list, const char *key, const char *root,
		  struct err *e)
{
	char *path = arena_printf(p->arena, "%s/t/%s", list, key),
	     *tmp = arena_printf(p->arena, "%s/t/.tmp-%s", list, key), there[64];
	ssize_t n;

	if (strcmp(key, root) == 0)
		return 0;
	n = readlinkat(p->html, path, there, sizeof there);
	if (n >= 0 && slice_is(slice_make(there, (size_t)n), root))
		return 0;
	if (file_mkdirs(p->html, arena_printf(p->arena, "%s/t", list), 0755, false, e) < 0 ||
	    press_remove(p, tmp, e) < 0)
		return -1;
	if (symlinkat(root, p->html, tmp) < 0)
		return err_errno(e, "%s", tmp);
	/* The old thread's folder and the link change places at once. */
	if (renameat2(p->html, tmp, p->html, path, RENAME_EXCHANGE) == 0)
		return press_remove(p, tmp, e);
	if (errno != ENOENT && press_remove(p, path, e) < 0)
		return -1;
	if (renameat(p->html, tmp, p->html, path) < 0)
		return err_errno(e, "%s", path);
	return 0;
}
