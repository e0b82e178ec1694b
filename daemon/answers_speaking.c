/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_speaking: commands by which a moderator lets somebody speak on a list that has speakers.
 */
#include "daemon/answers.h"
#include "daemon/speaking.h"

/* The address that a command names; empty if there is none. */
static struct slice
take_address(struct command *c, struct slice *rest)
{
	struct slice word;
	struct address a;
	if (!slice_next_word(rest, &word) || !address_parse_first(c->w->arena, word, &a))
		return slice_make(NULL, 0);
	*rest = slice_trim(*rest);
	return a.text;
}

static int
say(struct command *c, const char *phrase)
{
	buf_puts(c->out, text_phrase(c->lang, phrase));
	return 0;
}

static struct deed
deed_of(struct command *c)
{
	return (struct deed){.site = c->w->site,
			     .a = c->w->arena,
			     .list = c->list,
			     .by = arena_str(c->w->arena, c->who),
			     .id = c->w->id,
			     .now = c->w->now,
			     .notices = c->w->notices};
}

int
answer_speak(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = take_address(c, &rest);
	struct deed d = deed_of(c);
	enum speaking_end end;
	int64_t until;
	if (address.n == 0 || !speaking_take_until(&rest, &until))
		return say(c, N_("Please name the address, and the last day if there is one: speak "
				 "ADDRESS until YYYY-MM-DD [why]."));
	if (until > 0 && until <= c->w->now)
		return say(c, N_("This day is over."));
	if (address_eq(address, c->who))
		return say(c, N_("Nobody decides about himself. Nothing was done."));
	if (speaking_let_in(&d, address, until, rest, &end, e) < 0)
		return -1;
	c->w->notices = d.notices;
	buf_puts(c->out, speaking_explain(c->lang, end));
	return 0;
}

int
answer_hush(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = take_address(c, &rest);
	struct deed d = deed_of(c);
	enum speaking_end end;
	if (address.n == 0)
		return say(c, N_("Please name the address: hush ADDRESS [why]."));
	if (speaking_take_back(&d, address, rest, &end, e) < 0)
		return -1;
	c->w->notices = d.notices;
	buf_puts(c->out, speaking_explain(c->lang, end));
	return 0;
}
