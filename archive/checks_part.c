/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks_part: see checks_part.h. One sentence for each key that has a say; what is as everywhere
 * else (no limit, no rule) is not spoken of.
 */
#include "archive/checks_part.h"

#include <string.h>

#include "archive/html.h"
#include "conf/text.h"

static void
put_item(struct press *p, const char *text)
{
	html_markup(&p->page, "<li>");
	html_str(&p->page, text);
	html_markup(&p->page, "</li>\n");
}

/* A sentence with a list of words in it, which are the configuration's and no language's. */
static void
put_words(struct press *p, const char *phrase, const char *words)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	html_markup(&b, "<bdi>");
	html_str(&b, words);
	html_markup(&b, "</bdi>");
	struct slice markup = buf_slice(&b);
	html_markup(&p->page, "<li>");
	html_fill(&p->page, phrase, &markup, 1);
	html_markup(&p->page, "</li>\n");
	buf_free(&b);
}

static const char *
joined(struct arena *a, const struct strings *s)
{
	const char *all = "";

	for (size_t i = 0; i < s->n; i++)
		all = arena_printf(a, "%s%s%s", all, i ? ", " : "", s->v[i]);
	return all;
}

static const char *
rules_joined(struct arena *a, const struct conf_header_rules *r)
{
	const char *all = "";

	for (size_t i = 0; i < r->n; i++)
		all = arena_printf(a, "%s%s%s", all, i ? "; " : "", r->v[i].text);
	return all;
}

/* Programs by their names alone: where they are is nobody's business. */
static const char *
names_joined(struct arena *a, const struct strings *s)
{
	const char *all = "";

	for (size_t i = 0; i < s->n; i++) {
		const char *slash = strrchr(s->v[i], '/');
		all = arena_printf(a, "%s%s%s", all, i ? ", " : "", slash ? slash + 1 : s->v[i]);
	}
	return all;
}

static void
put_attachments(struct press *p, const char *lang, const struct conf_list *l)
{
	if (l->reject_attachments.n > 0)
		put_words(
		    p,
		    text_phrase(lang, N_("A post with an attachment of one of these kinds is sent "
					 "back: %s.")),
		    joined(p->arena, &l->reject_attachments));
	if (l->hold_attachments.n > 0)
		put_words(
		    p,
		    text_phrase(lang, N_("A post with an attachment of one of these kinds is read "
					 "by a moderator first: %s.")),
		    joined(p->arena, &l->hold_attachments));
}

static void
put_headers(struct press *p, const char *lang, const struct conf_list *l)
{
	const struct {
		const struct conf_header_rules *rules;
		const char *phrase;
	} rows[] = {
	    {&l->discard_headers, N_("What the mail server’s filters mark so is dropped: %s.")},
	    {&l->reject_headers, N_("What the mail server’s filters mark so is sent back: %s.")},
	    {&l->hold_headers,
	     N_("What the mail server’s filters mark so is read by a moderator first: %s.")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].rules->n > 0)
			put_words(p, text_phrase(lang, rows[i].phrase),
				  rules_joined(p->arena, rows[i].rules));
}

static const char *
about_others(const char *lang, enum nonmember_posts posts)
{
	switch (posts) {
	case NONMEMBER_HOLD:
		return text_phrase(lang, N_("What people write who are not members is read by a "
					    "moderator first."));
	case NONMEMBER_ACCEPT:
		return text_phrase(lang, N_("Everyone may post, members or not."));
	case NONMEMBER_REJECT:
		break;
	}
	return text_phrase(lang, N_("What people write who are not members is sent back."));
}

static void
put_people(struct press *p, const char *lang, const struct conf_list *l)
{
	put_item(p, about_others(lang, l->nonmember_posts));
	if (l->posts_per_day > 0)
		put_words(
		    p, text_phrase(lang, N_("The list’s day ends at midnight of this place: %s.")),
		    zone_name(l->zone));
	put_item(
	    p, text_phrase(lang, N_("Moderators may let a thread rest for some days, and hold all "
				    "posts for a while; the list is told of both.")));
}

static void
put_waiting(struct press *p, const char *lang, const struct conf_list *l)
{
	put_item(p,
		 arena_printf(p->arena,
			      text_phrase(lang, N_("A held post waits for a moderator for %s; its "
						   "author is told that it waits, and what became "
						   "of it, unless it was spam.")),
			      text_span(p->arena, lang, l->held_expire)));
	if (l->held_remind > 0 && l->held_remind < l->held_expire)
		put_item(p, arena_printf(
				p->arena,
				text_phrase(lang, N_("Moderators are reminded of it after %s, "
						     "and when a quarter of the time is left.")),
				text_span(p->arena, lang, l->held_remind)));
	if (l->open_record == RECORD_POSTS)
		put_item(p, text_phrase(lang, N_("Posts that are sent back can be read below by "
						 "everyone, without their authors’ names.")));
}

void
checks_part(struct press *p, const struct frame *f)
{
	const struct conf_list *l = f->list;
	const char *lang = f->lang;

	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("What happens to a post"));
	html_markup(&p->page, "</h2>\n<ul>\n");
	put_item(p, text_phrase(
			lang, N_("A post that has been through the list before, or claims to come "
				 "from the list itself, is dropped.")));
	put_item(p, arena_printf(p->arena,
				 text_phrase(lang, N_("A post of more than %s is sent back.")),
				 text_size(p->arena, lang, l->max_message_size)));
	put_item(p, text_phrase(lang,
				N_("A post to very many people, or one that does not name the list "
				   "among its recipients, is read by a moderator first.")));
	put_attachments(p, lang, l);
	put_headers(p, lang, l);
	put_people(p, lang, l);
	if (l->hooks.n > 0)
		put_words(
		    p, text_phrase(lang, N_("These programs are asked about each post, too: %s.")),
		    names_joined(p->arena, &l->hooks));
	put_waiting(p, lang, l);
	html_markup(&p->page, "</ul>\n</section>\n");
}
