/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_person: a person's own data, and their erasure (person.h). command.c has made sure that
 * the address concerned asks, and for the erasure that it said so twice.
 */
#include "daemon/answers.h"
#include "daemon/person.h"

int
answer_data(struct command *c, struct err *e)
{
	if (person_data(c->w->site, c->w->arena, c->who, c->w->now, &c->file, e) < 0)
		return -1;
	c->file_name = "plenary-data.json";
	c->file_type = "application/json";
	buf_puts(c->out,
		 text_phrase(c->lang,
			     N_("The file with this mail has all that the lists of this site have "
				"stored about your address. What you wrote to a list is in its "
				"public archive.")));
	return 0;
}

int
answer_erase(struct command *c, struct err *e)
{
	struct person_erased n;
	struct buf subject, body;
	const struct conf *conf = c->w->site->conf;
	struct arena *a = c->w->arena;
	if (person_erase(c->w->site, a, c->who, "self", c->w->now, &n, e) < 0)
		return -1;
	c->w->settle = true;
	const struct text_value values[] = {
	    {"address", arena_str(a, c->who)},
	    {"owner-address",
	     c->list ? arena_printf(a, "%s-owner@%s", c->list->name, conf->domain) : conf->owner},
	    {"archive-url", arena_printf(a, "%s/%s", conf->site_url, c->list ? c->list->name : "")},
	};
	buf_init(&subject, 4096);
	buf_init(&body, 65536);
	int ret = text_template(c->lang, "erased", values, sizeof(values) / sizeof(values[0]),
				&subject, &body, e);
	buf_put_slice(c->out, buf_slice(&body));
	buf_free(&subject);
	buf_free(&body);
	return ret;
}
