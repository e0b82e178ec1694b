/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/rules_page.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "archive/body.h"
#include "archive/checks_part.h"
#include "archive/conduct_words.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/prose.h"
#include "archive/record_page.h"
#include "archive/refused_part.h"
#include "archive/speakers_part.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/speakers.h"
#include "conf/text.h"
#include "mail/msgid.h"

/* "Rules of this date": when the file was last changed that a text comes from. */
static void
put_date_of(struct press *p, const struct frame *f, const char *file, const char *phrase)
{
	struct stat st;
	struct buf date;
	struct slice markup;

	if (!file || stat(file, &st) < 0)
		return;
	buf_init(&date, BUF_NO_LIMIT);
	frame_day(&date, f, (int64_t)st.st_mtime);
	markup = buf_slice(&date);
	html_markup(&p->page, "<p class=\"meta\">");
	html_fill(&p->page, phrase, &markup, 1);
	html_markup(&p->page, "</p>\n");
	buf_free(&date);
}

/* --- about -------------------------------------------------------------------------------------
 */

static void
put_charter(struct press *p, const struct frame *f, const struct conf_list *list)
{
	struct slice text;
	struct err e;

	if (!list->charter)
		return;
	if (file_read(AT_FDCWD, list->charter, CHARTER_MAX, p->arena, &text, &e) < 0) {
		log_warning("%s: charter: %s", list->name, e.text);
		return;
	}
	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Charter"));
	html_markup(&p->page, "</h2>\n");
	put_date_of(p, f, list->charter, text_phrase(f->lang, "In this form since %s."));
	html_markup(&p->page, "<div class=\"body\" dir=\"auto\">\n");
	body_text(&p->page, p->arena, text, p->conf->domain);
	html_markup(&p->page, "</div></section>\n");
}

int
about_page(struct press *p, const struct conf_list *list, struct err *e)
{
	const char *lang = press_language(p, list);
	struct record r;
	struct frame f;

	if (record_load(&r, p->arena, p->conf, list->name, e) < 0)
		return -1;
	prose_begin(p, &f, list, "about", text_phrase(lang, "About this list"));
	html_markup(&p->page, "<p class=\"lead\" dir=\"auto\">");
	html_str(&p->page,
		 list->description && *list->description ? list->description : list->title);
	html_markup(&p->page, "</p>\n");
	speakers_part(p, &f, &r, clock_now());
	put_charter(p, &f, list);
	return prose_end(p, &f, e);
}

/* --- conduct -----------------------------------------------------------------------------------
 */

static void
put_step(struct press *p, const char *lang, const struct conf_step *s)
{
	html_markup(&p->page, "<li><h2><bdi>");
	html_str(&p->page, s->name);
	html_markup(&p->page, "</bdi></h2>\n<p>");
	step_words(&p->page, p->arena, lang, s);
	html_markup(&p->page, "</p></li>\n");
}

static void
put_limits(struct press *p, const char *lang, const struct conf_list *l)
{
	if (l->posts_per_day > 0)
		prose_paragraph(
		    p, arena_printf(p->arena,
				    text_plural(lang,
						"Each person may post %d message a day; what is "
						"more waits for the next day.",
						"Each person may post %d messages a day; what is "
						"more waits for the next day.",
						(uint64_t)l->posts_per_day),
				    l->posts_per_day));
	if (l->hold_first_posts > 0)
		prose_paragraph(p, text_phrase(lang, "A new member's first posts are read by a "
						     "moderator before they go out."));
	if (conf_has_speakers(l))
		prose_paragraph(p, text_phrase(lang, "Appointed speakers post at once; what others "
						     "write is read by a moderator first."));
}

static void
put_appeals(struct press *p, const struct frame *f, const struct conf_list *l)
{
	struct buf link;
	struct slice markup;

	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Appeals and reports"));
	html_markup(&p->page, "</h2>\n");
	if (l->appeals.n == 0) {
		prose_paragraph(p, text_phrase(f->lang, "This list has named nobody to whom a step "
							"can be appealed. Its owners answer for "
							"it."));
	} else {
		buf_init(&link, BUF_NO_LIMIT);
		html_markup(&link, "<a");
		frame_mailto(&link, f, "-appeal");
		html_markup(&link, ">");
		html_str(&link, l->name);
		html_markup(&link, "-appeal@");
		html_str(&link, p->conf->domain);
		html_markup(&link, "</a>");
		markup = buf_slice(&link);
		html_markup(&p->page, "<p>");
		html_fill(&p->page,
			  text_phrase(f->lang, "Against each step a member may appeal: %s. "
					       "Appeals are read by people who are not the list's "
					       "moderators."),
			  &markup, 1);
		html_markup(&p->page, "</p>\n");
		buf_free(&link);
	}
	prose_paragraph(p, text_phrase(f->lang, "Anyone may report a message to the moderators: "
						"answer “report” and the message's link to the "
						"list's -request address."));
	html_markup(&p->page, "</section>\n");
}

int
conduct_page(struct press *p, const struct conf_list *list, struct err *e)
{
	const char *lang = press_language(p, list);
	struct record r;
	struct frame f;

	if (record_load(&r, p->arena, p->conf, list->name, e) < 0)
		return -1;
	prose_frame(p, &f, list, "conduct", text_phrase(lang, "Rules of conduct"));
	f.feed = arena_printf(p->arena, "%s/conduct/atom.xml", list->name);
	prose_open(p, &f);
	put_date_of(p, &f, list->file, text_phrase(lang, "In force in this form since %s."));
	prose_paragraph(p, text_phrase(lang, "These steps can be taken when a member's posts break "
					     "the rules of this list. None is skipped, each is "
					     "recorded, and each says which message it is about."));
	html_markup(&p->page, "<ol class=\"ladder\">\n");
	for (size_t i = 0; i < list->nsteps; i++)
		put_step(p, lang, &list->steps[i]);
	html_markup(&p->page, "</ol>\n");
	put_limits(p, lang, list);
	checks_part(p, &f);
	put_appeals(p, &f, list);
	record_section(p, &f, &r);
	refused_part(p, &f);
	return prose_end(p, &f, e) < 0 ? -1 : record_pages(p, list, &r, e);
}

/* --- the three opens ---------------------------------------------------------------------------
 */

static const char *
who_posts(const char *lang, const struct conf_list *l)
{
	if (conf_has_speakers(l))
		return text_phrase(lang,
				   "Appointed speakers post at once; everyone else may ask to "
				   "speak by posting, and a moderator reads it first.");
	switch (l->nonmember_posts) {
	case NONMEMBER_ACCEPT:
		return text_phrase(lang, "Everyone may post, members or not.");
	case NONMEMBER_HOLD:
		return text_phrase(lang, "Members post at once; what others write is read by a "
					 "moderator first.");
	case NONMEMBER_REJECT:
		break;
	}
	return text_phrase(lang, "Members post at once; others are told to join first.");
}

static void
put_archive_facts(struct press *p, const struct frame *f, const struct overview_totals *t)
{
	const char *lang = f->lang;

	prose_paragraph(p, text_phrase(lang,
				       "Every message that was posted is here, for everybody, "
				       "without an account. What is withdrawn leaves a page that "
				       "says so and why."));
	html_markup(&p->page, "<p>");
	frame_messages(&p->page, f, t->messages);
	if (t->messages > 0) {
		html_markup(&p->page, " · ");
		frame_day(&p->page, f, t->first);
		html_markup(&p->page, " – ");
		frame_day(&p->page, f, t->last);
	}
	html_markup(&p->page, " · <a");
	frame_hrefn(&p->page, f, "%s/", f->list->name);
	html_markup(&p->page, ">");
	frame_str(&p->page, f, N_("Threads and months"));
	html_markup(&p->page, "</a> · <a");
	frame_hrefn(&p->page, f, "%s/atom.xml", f->list->name);
	html_markup(&p->page, ">");
	frame_str(&p->page, f, N_("Feed"));
	html_markup(&p->page, "</a></p>\n");
	prose_paragraph(p, text_phrase(lang, "Each month and each thread can be taken along as a "
					     "mailbox, each message as it was received."));
}

int
opens_page(struct press *p, const struct conf_list *list, struct err *e)
{
	const char *lang = press_language(p, list);
	struct overview_totals t;
	struct frame f;

	if (overview_totals(p->overview, list->name, &t, e) < 0)
		return -1;
	prose_begin(p, &f, list, "opens", text_phrase(lang, "How open this list is"));
	prose_heading(p, text_phrase(lang, "Open membership"));
	prose_paragraph(p,
			text_phrase(lang, "Anyone joins by one mail and a confirmation; nobody has "
					  "to agree. Anyone leaves at once. This server has no "
					  "setting that closes a list."));
	html_markup(&p->page, "<p><a");
	frame_mailto(&p->page, &f, "-join");
	html_markup(&p->page, ">");
	frame_str(&p->page, &f, N_("Join"));
	html_markup(&p->page, "</a> · <a");
	frame_mailto(&p->page, &f, "-leave");
	html_markup(&p->page, ">");
	frame_str(&p->page, &f, N_("Leave"));
	html_markup(&p->page, "</a></p>\n");
	prose_heading(p, text_phrase(lang, "Open list"));
	prose_paragraph(p, who_posts(lang, list));
	if (list->hold_first_posts > 0)
		prose_paragraph(p, text_phrase(lang, "A new member's first posts are read by a "
						     "moderator before they go out."));
	prose_heading(p, text_phrase(lang, "Open archive"));
	put_archive_facts(p, &f, &t);
	return prose_end(p, &f, e);
}
