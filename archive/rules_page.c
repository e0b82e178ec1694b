/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/rules_page.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "archive/body.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "conf/text.h"
#include "mail/msgid.h"

static void
begin(struct press *p, struct frame *f, const struct conf_list *list, const char *page,
      const char *title)
{
	*f = (struct frame){.press = p,
			    .list = list,
			    .lang = press_language(p, list),
			    .path = arena_printf(p->arena, "%s/%s/", list->name, page),
			    .title = slice_str(title)};
	buf_clear(&p->page);
	frame_begin(&p->page, f);
	html_markup(&p->page, "<article class=\"text\">\n<h1>");
	html_str(&p->page, title);
	html_markup(&p->page, "</h1>\n");
}

static int
end(struct press *p, const struct frame *f, struct err *e)
{
	html_markup(&p->page, "</article>\n");
	frame_end(&p->page, f);
	return press_put(p, arena_printf(p->arena, "%s" PRESS_PAGE, f->path), e);
}

static void
put_paragraph(struct press *p, const char *text)
{
	html_markup(&p->page, "<p>");
	html_str(&p->page, text);
	html_markup(&p->page, "</p>\n");
}

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
	struct frame f;
	const char *lang = press_language(p, list);

	begin(p, &f, list, "about", text_phrase(lang, "About this list"));
	html_markup(&p->page, "<p class=\"lead\" dir=\"auto\">");
	html_str(&p->page,
		 list->description && *list->description ? list->description : list->title);
	html_markup(&p->page, "</p>\n");
	put_charter(p, &f, list);
	return end(p, &f, e);
}

/* --- conduct -----------------------------------------------------------------------------------
 */

static const char *
who_acts(const char *lang, enum step_by by)
{
	switch (by) {
	case STEP_BY_MODERATOR:
		return text_phrase(lang, "A moderator may take this step.");
	case STEP_BY_TWO_MODERATORS:
		return text_phrase(lang, "Two moderators have to agree to this step.");
	case STEP_BY_OWNER:
		break;
	}
	return text_phrase(lang, "Only an owner of the list may take this step.");
}

static const char *
who_is_told(const char *lang, enum step_audience audience)
{
	return audience == STEP_TO_LIST
		   ? text_phrase(lang,
				 "The member, the moderators and the whole list are told, and "
				 "it is in the public log.")
		   : text_phrase(lang, "The member and the moderators are told, nobody else.");
}

static const char *
what_it_does(const char *lang, enum step_does does)
{
	switch (does) {
	case STEP_MESSAGE:
		return text_phrase(lang, "It is a message; nothing else changes.");
	case STEP_HOLD:
		return text_phrase(lang, "The member's posts are held until a moderator has read "
					 "them.");
	case STEP_SUSPEND:
		break;
	}
	return text_phrase(lang, "The member may not post for a time. Membership and reading stay "
				 "untouched.");
}

static void
put_after(struct press *p, const char *lang, const struct conf_step *s)
{
	struct arena *a = p->arena;

	if (s->after && s->within > 0)
		html_str(&p->page,
			 arena_printf(a,
				      text_phrase(lang, "It can come only after “%s”, and not more "
							"than %s later."),
				      s->after, text_span(a, lang, s->within)));
	else if (s->after)
		html_str(
		    &p->page,
		    arena_printf(a, text_phrase(lang, "It can come only after “%s”."), s->after));
	html_markup(&p->page, " ");
	if (s->lasts > 0)
		html_str(&p->page, arena_printf(a, text_phrase(lang, "It ends by itself after %s."),
						text_span(a, lang, s->lasts)));
}

static void
put_step(struct press *p, const char *lang, const struct conf_step *s)
{
	html_markup(&p->page, "<li><h3><bdi>");
	html_str(&p->page, s->name);
	html_markup(&p->page, "</bdi></h3>\n<p>");
	html_str(&p->page, who_acts(lang, s->by));
	html_markup(&p->page, " ");
	html_str(&p->page, what_it_does(lang, s->does));
	html_markup(&p->page, " ");
	put_after(p, lang, s);
	html_markup(&p->page, " ");
	html_str(&p->page, who_is_told(lang, s->audience));
	html_markup(&p->page, "</p></li>\n");
}

static void
put_limits(struct press *p, const char *lang, const struct conf_list *l)
{
	if (l->posts_per_day > 0)
		put_paragraph(
		    p, arena_printf(p->arena,
				    text_plural(lang,
						"Each person may post %d message a day; what is "
						"more waits for the next day.",
						"Each person may post %d messages a day; what is "
						"more waits for the next day.",
						(uint64_t)l->posts_per_day),
				    l->posts_per_day));
	if (l->hold_first_posts > 0)
		put_paragraph(p, text_phrase(lang, "A new member's first posts are read by a "
						   "moderator before they go out."));
	if (l->speakers.n > 0)
		put_paragraph(p, text_phrase(lang, "Appointed speakers post at once; what others "
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
		put_paragraph(p, text_phrase(f->lang, "This list has named nobody to whom a step "
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
	put_paragraph(p, text_phrase(f->lang, "Anyone may report a message to the moderators: "
					      "answer “report” and the message's link to the "
					      "list's -request address."));
	html_markup(&p->page, "</section>\n");
}

/* --- the public log (daemon/conduct_log.h says what is in the file) -----------------------------
 */

#define LOG_MAX ((size_t)16 << 20)

/* Its words: a name of "" is a member that the list's rules do not name. */
static const struct {
	const char *what, *named, *unnamed;
} log_phrases[] = {
    {"step", N_("The step “%s” was taken about %s."),
     N_("The step “%s” was taken about a member.")},
    {"lift", N_("The step “%s” about %s was lifted."), N_("The step “%s” was lifted.")},
    {"end", N_("The step “%s” about %s has ended."), N_("The step “%s” has ended.")},
    {"overturn", N_("On appeal the step “%s” about %s was overturned."),
     N_("On appeal the step “%s” was overturned.")},
    {"uphold", N_("On appeal the step “%s” about %s was upheld."),
     N_("On appeal the step “%s” was upheld.")},
};
static const struct {
	const char *what, *phrase;
} plain_phrases[] = {
    {"freeze", N_("A thread was let rest.")},
    {"thaw", N_("A thread goes on that rested.")},
    {"emergency", N_("All posts were held for the moment.")},
    {"calm", N_("Posts go out as usual again.")},
};

/* What is shown of an event's texts: they are filled into the phrase as markup. */
static struct slice
as_markup(struct press *p, struct slice text)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	html_markup(&b, "<bdi>");
	html_str(&b, arena_str(p->arena, text));
	html_markup(&b, "</bdi>");
	struct slice markup = arena_dup(p->arena, buf_slice(&b));
	buf_free(&b);
	return markup;
}

static void
put_log_words(struct press *p, const char *lang, struct slice what, struct slice step,
	      struct slice member)
{
	const struct slice values[] = {as_markup(p, step), as_markup(p, member)};

	for (size_t i = 0; i < sizeof(log_phrases) / sizeof(log_phrases[0]); i++)
		if (slice_is(what, log_phrases[i].what))
			html_fill(&p->page,
				  text_phrase(lang, member.n ? log_phrases[i].named
							     : log_phrases[i].unnamed),
				  values, member.n ? 2 : 1);
	for (size_t i = 0; i < sizeof(plain_phrases) / sizeof(plain_phrases[0]); i++)
		if (slice_is(what, plain_phrases[i].what))
			html_str(&p->page, text_phrase(lang, plain_phrases[i].phrase));
}

static void
put_log_event(struct press *p, const struct frame *f, struct slice rest)
{
	struct slice t, what, step, member, until;
	int64_t when, end;

	slice_cut(rest, '\t', &t, &rest);
	slice_cut(rest, '\t', &what, &rest);
	slice_cut(rest, '\t', &step, &rest);
	slice_cut(rest, '\t', &member, &rest);
	slice_cut(rest, '\t', &until, &rest);
	if (!num_parse(t, 0, INT64_MAX, &when))
		return;
	html_markup(&p->page, "<li>");
	frame_time(&p->page, f, when);
	html_markup(&p->page, " · ");
	put_log_words(p, f->lang, what, step, member);
	if (num_parse(until, 1, INT64_MAX, &end)) {
		html_markup(&p->page, " ");
		html_str(&p->page, arena_printf(p->arena, text_phrase(f->lang, N_("Until %s.")),
						text_date_time(p->arena, f->lang, end)));
	}
	if (key_valid(rest) && slice_is(what, "freeze")) {
		html_markup(&p->page, " <a");
		frame_hrefn(&p->page, f, "%s/t/%.*s/", f->list->name, SLICE_ARG(rest));
		html_markup(&p->page, ">");
		frame_str(&p->page, f, N_("the thread"));
		html_markup(&p->page, "</a>");
	}
	html_markup(&p->page, "</li>\n");
}

/* What is only counted: who reported, or asked, is nobody else's. */
static void
put_log_count(struct press *p, const char *lang, struct slice rest)
{
	struct slice what, number;
	int64_t n;
	const char *s = "";

	slice_cut(rest, '\t', &what, &number);
	if (!num_parse(number, 1, INT32_MAX, &n))
		return;
	if (slice_is(what, "report"))
		s = arena_printf(p->arena,
				 text_plural(lang, "%d report by a member", "%d reports by members",
					     (uint64_t)n),
				 (int)n);
	else if (slice_is(what, "appeal"))
		s = arena_printf(p->arena,
				 text_plural(lang, "%d appeal", "%d appeals", (uint64_t)n), (int)n);
	else if (slice_is(what, "lapse"))
		s = arena_printf(
		    p->arena,
		    text_plural(lang, "%d proposed step to which no second moderator agreed",
				"%d proposed steps to which no second moderator agreed",
				(uint64_t)n),
		    (int)n);
	if (*s)
		put_paragraph(p, s);
}

static void
put_log(struct press *p, const struct frame *f, const struct conf_list *list)
{
	struct slice text, rest, line, kind, value;
	struct err e;

	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Public log"));
	html_markup(&p->page, "</h2>\n");
	if (file_read(AT_FDCWD, conf_path(p->conf, p->arena, "conduct/%s", list->name), LOG_MAX,
		      p->arena, &text, &e) < 0) {
		put_paragraph(p, text_phrase(f->lang, N_("No step was ever taken on this list.")));
		html_markup(&p->page, "</section>\n");
		return;
	}
	html_markup(&p->page, "<ol>\n");
	for (rest = text; slice_next_line(&rest, &line);)
		if (slice_cut(line, '\t', &kind, &value) && slice_is(kind, "event"))
			put_log_event(p, f, value);
	html_markup(&p->page, "</ol>\n");
	for (rest = text; slice_next_line(&rest, &line);) {
		slice_cut(line, '\t', &kind, &value);
		if (slice_is(kind, "count"))
			put_log_count(p, f->lang, value);
		if (slice_is(kind, "hash"))
			put_paragraph(p, arena_printf(p->arena,
						      text_phrase(f->lang, N_("Each entry of the "
									      "record is hashed "
									      "with the one before "
									      "it; the last: %s")),
						      arena_str(p->arena, value)));
	}
	html_markup(&p->page, "</section>\n");
}

int
conduct_page(struct press *p, const struct conf_list *list, struct err *e)
{
	const char *lang = press_language(p, list);
	struct frame f;

	begin(p, &f, list, "conduct", text_phrase(lang, "Rules of conduct"));
	put_date_of(p, &f, list->file, text_phrase(lang, "In force in this form since %s."));
	put_paragraph(p, text_phrase(lang, "These steps can be taken when a member's posts break "
					   "the rules of this list. None is skipped, each is "
					   "recorded, and each says which message it is about."));
	html_markup(&p->page, "<ol class=\"ladder\">\n");
	for (size_t i = 0; i < list->nsteps; i++)
		put_step(p, lang, &list->steps[i]);
	html_markup(&p->page, "</ol>\n");
	put_limits(p, lang, list);
	put_appeals(p, &f, list);
	put_log(p, &f, list);
	return end(p, &f, e);
}

/* --- the three opens ---------------------------------------------------------------------------
 */

static void
put_heading(struct press *p, const char *text)
{
	html_markup(&p->page, "<h2>");
	html_str(&p->page, text);
	html_markup(&p->page, "</h2>\n");
}

static const char *
who_posts(const char *lang, const struct conf_list *l)
{
	if (l->speakers.n > 0)
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

	put_paragraph(p,
		      text_phrase(lang, "Every message that was posted is here, for everybody, "
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
	put_paragraph(p, text_phrase(lang, "Each month and each thread can be taken along as a "
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
	begin(p, &f, list, "opens", text_phrase(lang, "How open this list is"));
	put_heading(p, text_phrase(lang, "Open membership"));
	put_paragraph(p,
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
	put_heading(p, text_phrase(lang, "Open list"));
	put_paragraph(p, who_posts(lang, list));
	if (list->hold_first_posts > 0)
		put_paragraph(p, text_phrase(lang, "A new member's first posts are read by a "
						   "moderator before they go out."));
	put_heading(p, text_phrase(lang, "Open archive"));
	put_archive_facts(p, &f, &t);
	return end(p, &f, e);
}
