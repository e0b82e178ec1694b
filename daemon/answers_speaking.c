/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_speaking: commands by which a moderator lets somebody speak on a list that has speakers.
 */
#include "daemon/answers.h"
#include "daemon/speaking.h"

int
answer_speak(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = answer_address(c, &rest);
	struct deed d = answer_deed(c);
	enum speaking_end end;
	int64_t until;
	rest = slice_trim(rest);
	if (address.n == 0 || !speaking_take_until(&rest, &until))
		return answer_say(
		    c, N_("Please name the address, and the last day if there is one: speak "
			  "ADDRESS until YYYY-MM-DD [why]."));
	if (until > 0 && until <= c->w->now)
		return answer_say(c, N_("This day is over."));
	if (address_eq(address, c->who))
		return answer_say(c, N_("Nobody decides about himself. Nothing was done."));
	if (speaking_let_in(&d, address, until, rest, &end, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	buf_puts(c->out, speaking_explain(c->lang, end));
	return 0;
}

int
answer_hush(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = answer_address(c, &rest);
	struct deed d = answer_deed(c);
	enum speaking_end end;
	rest = slice_trim(rest);
	if (address.n == 0)
		return answer_say(c, N_("Please name the address: hush ADDRESS [why]."));
	if (speaking_take_back(&d, address, rest, &end, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	buf_puts(c->out, speaking_explain(c->lang, end));
	return 0;
}
