/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers: see answers.h.
 */
#include "daemon/answers.h"

#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "daemon/request.h"

int
answer_say(struct command *c, const char *phrase)
{
	buf_puts(c->out, text_phrase(c->lang, phrase));
	return 0;
}

struct slice
answer_address(struct command *c, struct slice *rest)
{
	struct slice word;
	struct address a;
	if (!slice_next_word(rest, &word) || !address_parse_first(c->w->arena, word, &a))
		return slice_make(NULL, 0);
	return a.text;
}

void
answer_line(struct command *c, const char *label, const char *value)
{
	buf_printf(c->out, "%s: %s\n", text_phrase(c->lang, label), value);
}

int
answer_help(struct command *c, struct err *e)
{
	struct buf subject;
	const struct conf *conf = c->w->site->conf;
	const char *l = c->list ? c->list->name : "LIST", *d = conf->domain;
	struct arena *a = c->w->arena;
	struct text_value values[] = {
	    {"list", l},
	    {"list-title", c->list ? c->list->title : d},
	    {"list-address", arena_printf(a, "%s@%s", l, d)},
	    {"join-address", arena_printf(a, "%s-subscribe@%s", l, d)},
	    {"leave-address", arena_printf(a, "%s-unsubscribe@%s", l, d)},
	    {"owner-address", arena_printf(a, "%s-owner@%s", l, d)},
	    {"request-address", arena_printf(a, "%s-request@%s", l, d)},
	    {"archive-url", arena_printf(a, "%s/%s", conf->site_url, c->list ? c->list->name : "")},
	    {"domain", d},
	    {"site-url", conf->site_url},
	};
	struct buf body;
	buf_init(&subject, 4096);
	buf_init(&body, 65536);
	int ret = text_template(c->lang, "help", values, sizeof(values) / sizeof(values[0]),
				&subject, &body, e);
	buf_put_slice(c->out, buf_slice(&body));
	buf_free(&subject);
	buf_free(&body);
	return ret;
}

int
answer_info(struct command *c, struct err *e)
{
	const struct conf_list *l = c->list;
	const struct conf *conf = c->w->site->conf;
	struct arena *a = c->w->arena;
	(void)e;
	buf_printf(c->out, "%s\n", l->title);
	if (l->description[0])
		buf_printf(c->out, "%s\n", l->description);
	answer_line(c, N_("To write to the list"), arena_printf(a, "%s@%s", l->name, conf->domain));
	answer_line(c, N_("To join"), arena_printf(a, "%s-subscribe@%s", l->name, conf->domain));
	answer_line(c, N_("To leave"), arena_printf(a, "%s-unsubscribe@%s", l->name, conf->domain));
	answer_line(c, N_("Its owners"), arena_printf(a, "%s-owner@%s", l->name, conf->domain));
	answer_line(c, N_("The archive"), arena_printf(a, "%s/%s/", conf->site_url, l->name));
	answer_line(c, N_("The rules of conduct"),
		    arena_printf(a, "%s/%s/conduct/", conf->site_url, l->name));
	return 0;
}

int
answer_lists(struct command *c, struct err *e)
{
	const struct conf *conf = c->w->site->conf;
	(void)e;
	for (size_t i = 0; i < conf->nlists; i++) {
		const struct conf_list *l = &conf->lists[i];
		buf_printf(c->out, "%s@%s\n  %s\n", l->name, conf->domain, l->title);
	}
	return 0;
}

/* --- changes -------------------------------------------------------------------------------- */

int
answer_subscribe(struct command *c, struct err *e)
{
	enum request_end end;
	const char *delivery = "mail";
	if (slice_is_ci(c->args, "digest") || slice_is_ci(c->args, "nomail"))
		delivery = arena_lower(c->w->arena, c->args);
	if (request_join(c->w, c->list, c->who, delivery, c->proven, &end, e) < 0)
		return -1;
	buf_puts(c->out, text_phrase(c->lang, request_phrase(end, true)));
	return 0;
}

int
answer_unsubscribe(struct command *c, struct err *e)
{
	enum request_end end;
	if (request_part(c->w, c->list, c->who, c->proven, &end, e) < 0)
		return -1;
	buf_puts(c->out, text_phrase(c->lang, request_phrase(end, false)));
	return 0;
}

int
answer_confirm(struct command *c, struct err *e)
{
	uint64_t id;
	struct slice token;
	if (!slice_next_word(&c->args, &token) ||
	    !token_check(c->w->site->keys, "ticket", "", token, &id)) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("This is not a code that we gave out. Please "
						 "reply to the question itself.")));
		return 0;
	}
	if (request_answer_ticket(c->w, (int64_t)id, e) < 0)
		return -1;
	buf_puts(c->out,
		 text_phrase(c->lang, N_("Thank you. A mail of its own tells what was done.")));
	return 0;
}

/* "set digest", "set vacation 2026-12-31", "set copy on": words as members say them. */
int
answer_set(struct command *c, struct err *e)
{
	struct slice rest = c->args, key;
	struct member m;
	struct err why = {0};
	if (slice_next_word(&rest, &key) && slice_is_ci(key, "notices"))
		return answer_notices(c, slice_trim(rest), e);
	rest = c->args;
	int found = member_find(c->w->site->db, c->w->arena, c->list->name, c->who, &m, e);
	if (found < 0)
		return -1;
	if (!found) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("You are not a member with this address.")));
		return 0;
	}
	if (!slice_next_word(&rest, &key))
		key = slice_make(NULL, 0);
	rest = slice_trim(rest);
	bool delivery = slice_is_ci(key, "mail") || slice_is_ci(key, "nomail") ||
			(slice_is_ci(key, "digest") && rest.n == 0);
	const char *name = delivery ? "delivery" : arena_lower(c->w->arena, key);
	const char *value = arena_str(c->w->arena, delivery ? key : rest);
	bool members_own = strcmp(name, "bounce_score") != 0; /* that one is the administrator's */
	if (members_own &&
	    member_set(c->w->site->db, m.id, name, value, "self", c->w->now, &why) == 0) {
		buf_puts(c->out, text_phrase(c->lang, N_("Done.")));
		if (strcmp(name, "vacation") == 0 && rest.n && !slice_is_ci(rest, "off"))
			buf_printf(c->out, " %s",
				   text_phrase(c->lang, N_("Mail comes again by itself after that "
							   "day; or before, with: set vacation "
							   "off")));
		return 0;
	}
	if (why.kind == ERR_TEMPORARY) {
		*e = why;
		return -1;
	}
	buf_puts(c->out,
		 text_phrase(c->lang, N_("This can't be set so. There are: set mail, set "
					 "digest, set digest plain, set nomail, set vacation "
					 "YYYY-MM-DD or off, set ack on or off, set copy on or "
					 "off, set language CODE, set group NAME.")));
	return 0;
}

int
answer_end(struct command *c, struct err *e)
{
	(void)e;
	c->end = true;
	buf_puts(c->out, text_phrase(c->lang, N_("What stands below was not read.")));
	return 0;
}
