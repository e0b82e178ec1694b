/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An appointed speaker stands here by the name that the configuration gives, or by what is before
 * the @ of the address; who speaks without a term is counted only. Of a member's own word about her
 * group the number alone is shown, and not even that where it is small (daemon/conduct_log.h).
 */
#include "config.h"
#include "archive/speakers_part.h"

#include <string.h>

#include "archive/html.h"
#include "base/clock.h"
#include "conf/speakers.h"
#include "conf/text.h"

#define BAR_SEATS_MAX 40 /* seats that are drawn; more are only written */
#define SEAT 10          /* units of the drawing a seat */

/* --- speakers --------------------------------------------------------------------------------- */

static void
put_name(struct press *p, const struct conf_speaker *s)
{
	struct slice local, domain, address = slice_str(s->address);

	html_markup(&p->page, "<th scope=\"row\"><bdi>");
	if (*s->name) {
		html_str(&p->page, s->name);
	} else {
		slice_cut(address, '@', &local, &domain);
		html_text(&p->page, local);
		html_markup(&p->page, "@…");
	}
	html_markup(&p->page, "</bdi></th>");
}

static const char *
term_phrase(const char *lang, const struct conf_speaker *s, int64_t now)
{
	if (s->since > now)
		return s->until ? text_phrase(lang, "from %1$s to %2$s")
				: text_phrase(lang, "from %s");
	if (s->since && s->until)
		return text_phrase(lang, "since %1$s, until %2$s");
	if (s->until)
		return text_phrase(lang, "until %s");
	return s->since ? text_phrase(lang, "since %s") : text_phrase(lang, "without an end");
}

static void
put_term(struct press *p, const struct frame *f, const struct conf_speaker *s, int64_t now)
{
	struct slice days[2];
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	frame_day(&b, f, s->since);
	days[0] = arena_dup(p->arena, buf_slice(&b));
	buf_clear(&b);
	/* The last day, not the first moment behind it. */
	frame_day(&b, f, s->until - 1);
	days[1] = arena_dup(p->arena, buf_slice(&b));
	html_markup(&p->page, "<td>");
	html_fill(&p->page, term_phrase(f->lang, s, now), s->since ? days : days + 1,
		  s->since ? 2 : 1);
	html_markup(&p->page, "</td>");
	buf_free(&b);
}

static void
put_speaker(struct press *p, const struct frame *f, const struct conf_speaker *s, int64_t now)
{
	html_markup(&p->page, "<tr>");
	put_name(p, s);
	html_markup(&p->page, "<td><bdi>");
	if (s->group)
		html_str(&p->page, conf_group_find(f->list, slice_str(s->group))->name);
	html_markup(&p->page, "</bdi></td>");
	put_term(p, f, s, now);
	html_markup(&p->page, "</tr>\n");
}

static void
put_column(struct press *p, const struct frame *f, const char *phrase)
{
	html_markup(&p->page, "<th scope=\"col\">");
	html_str(&p->page, text_phrase(f->lang, phrase));
	html_markup(&p->page, "</th>");
}

/* Of this group (NULL: of none), whose term is not over. */
static void
put_speakers_of(struct press *p, const struct frame *f, const struct conf_group *g, int64_t now)
{
	const struct conf_list *l = f->list;

	for (size_t i = 0; i < l->nappointed; i++) {
		const struct conf_speaker *s = &l->appointed[i];
		const struct conf_group *of =
		    s->group ? conf_group_find(l, slice_str(s->group)) : NULL;

		if (of == g && (s->until == 0 || s->until > now))
			put_speaker(p, f, s, now);
	}
}

static void
begin_table(struct press *p, const char *caption)
{
	html_markup(&p->page, "<div class=\"wide\" role=\"region\" tabindex=\"0\"");
	html_attr(&p->page, "aria-label", slice_str(caption));
	html_markup(&p->page, "><table class=\"figures\">\n<caption>");
	html_str(&p->page, caption);
	html_markup(&p->page, "</caption>\n<thead><tr>");
}

static size_t
count_terms(const struct conf_list *l, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nappointed; i++)
		n += l->appointed[i].until == 0 || l->appointed[i].until > now;
	return n;
}

static void
put_speakers(struct press *p, const struct frame *f, int64_t now)
{
	const struct conf_list *l = f->list;

	if (count_terms(l, now) > 0) {
		begin_table(p, text_phrase(f->lang, "Appointed speakers and their terms"));
		put_column(p, f, N_("Speaker"));
		put_column(p, f, N_("Group"));
		put_column(p, f, N_("Term"));
		html_markup(&p->page, "</tr></thead>\n<tbody>\n");
		for (size_t i = 0; i < l->ngroups; i++)
			put_speakers_of(p, f, &l->groups[i], now);
		put_speakers_of(p, f, NULL, now);
		html_markup(&p->page, "</tbody></table></div>\n");
	}
	if (l->speakers.n > 0) {
		html_markup(&p->page, "<p>");
		html_str(
		    &p->page,
		    arena_printf(p->arena,
				 text_plural(f->lang, "%d person more speaks without a term.",
					     "%d people more speak without a term.", l->speakers.n),
				 (int)l->speakers.n));
		html_markup(&p->page, "</p>\n");
	}
}

/* --- the balance ------------------------------------------------------------------------------ */

static int
seats_filled(const struct conf_list *l, const struct conf_group *g, int64_t now)
{
	int n = 0;

	for (size_t i = 0; i < l->nappointed; i++)
		n += l->appointed[i].group && conf_speaker_serves(&l->appointed[i], now) &&
		     conf_group_find(l, slice_str(l->appointed[i].group)) == g;
	return n;
}

static int64_t
members_of(const struct record *r, const struct conf_group *g)
{
	for (size_t i = 0; i < r->ngroups; i++)
		if (slice_is(r->groups[i].name, g->name))
			return r->groups[i].members;
	return 0;
}

/* A box a seat, full or empty; the numbers beside it say the same. */
static void
put_bar(struct press *p, int seats, int filled)
{
	int n = seats > filled ? seats : filled;

	if (n == 0 || n > BAR_SEATS_MAX)
		return;
	buf_printf(&p->page,
		   "<svg class=\"seats\" viewBox=\"0 0 %d 10\" width=\"%d\" height=\"10\" "
		   "aria-hidden=\"true\">",
		   n * SEAT, n * SEAT);
	for (int full = 1; full >= 0; full--) {
		int from = full ? 0 : filled, to = full ? filled : n;

		if (from == to)
			continue;
		buf_printf(&p->page, "<path class=\"%s\" d=\"", full ? "full" : "free");
		for (int i = from; i < to; i++)
			buf_printf(&p->page, "M%d 1.5h7v7h-7z", i * SEAT + 1);
		html_markup(&p->page, "\"/>");
	}
	html_markup(&p->page, "</svg>");
}

static void
put_group(struct press *p, const struct frame *f, const struct record *r,
	  const struct conf_group *g, bool members, int64_t now)
{
	int filled = seats_filled(f->list, g, now);
	int64_t n = members_of(r, g);

	html_markup(&p->page, "<tr><th scope=\"row\"><bdi>");
	html_str(&p->page, g->name);
	html_markup(&p->page, "</bdi></th><td>");
	if (g->seats > 0)
		html_int(&p->page, g->seats);
	html_markup(&p->page, "</td><td>");
	html_int(&p->page, filled);
	html_markup(&p->page, "</td><td>");
	put_bar(p, g->seats, filled);
	html_markup(&p->page, "</td>");
	if (members) {
		html_markup(&p->page, "<td>");
		if (n > 0)
			html_int(&p->page, n);
		else
			html_markup(&p->page, "–");
		html_markup(&p->page, "</td>");
	}
	html_markup(&p->page, "</tr>\n");
}

static void
put_balance(struct press *p, const struct frame *f, const struct record *r, int64_t now)
{
	const struct conf_list *l = f->list;
	bool members = r->ngroups > 0;

	begin_table(p, text_phrase(f->lang, "The balance of groups, as the coalition declares it"));
	put_column(p, f, N_("Group"));
	put_column(p, f, N_("Seats declared"));
	put_column(p, f, N_("Seats filled"));
	html_markup(&p->page, "<td></td>");
	if (members)
		put_column(p, f, N_("Members who say so"));
	html_markup(&p->page, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < l->ngroups; i++)
		put_group(p, f, r, &l->groups[i], members, now);
	html_markup(&p->page, "</tbody></table></div>\n");
	if (members) {
		html_markup(&p->page, "<p class=\"meta\">");
		frame_str(&p->page, f,
			  N_("How many members say that they belong to a group is shown only where "
			     "they are at least five."));
		html_markup(&p->page, "</p>\n");
	}
}

size_t
speakers_turns(const struct conf_list *l, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nappointed; i++) {
		const struct conf_speaker *s = &l->appointed[i];

		n += s->since <= now;
		n += s->until != 0 && s->until <= now;
	}
	return n;
}

void
speakers_part(struct press *p, const struct frame *f, const struct record *r, int64_t now)
{
	const struct conf_list *l = f->list;

	if (!conf_has_speakers(l) && l->ngroups == 0)
		return;
	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Who speaks"));
	html_markup(&p->page, "</h2>\n");
	if (conf_has_speakers(l)) {
		html_markup(&p->page, "<p>");
		frame_str(&p->page, f,
			  N_("Appointed speakers post at once; everyone else joins, reads, and may "
			     "ask to speak by posting, which a moderator reads first."));
		html_markup(&p->page, "</p>\n");
		put_speakers(p, f, now);
	}
	if (l->ngroups > 0)
		put_balance(p, f, r, now);
	html_markup(&p->page, "</section>\n");
}
