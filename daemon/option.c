/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option: see option.h. A row for each: its name, how a value is read, and what is said of one that
 * can't be.
 */
#include "daemon/option.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "conf/text.h"

static bool
read_flag(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	if (!slice_is_ci(v, "on") && !slice_is_ci(v, "off"))
		return false;
	*number = slice_is_ci(v, "on");
	return true;
}

static bool
read_form(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	*number = slice_is_ci(v, "plain");
	return *number || slice_is_ci(v, "mime");
}

static bool
read_delivery(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)number;
	*text = arena_lower(a, v);
	return slice_is_ci(v, "mail") || slice_is_ci(v, "digest") || slice_is_ci(v, "nomail");
}

/* YYYY-MM-DD: until the end of that day in UTC; "" or "off" ends it. */
static bool
read_vacation(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	if (v.n == 0 || slice_is_ci(v, "off")) {
		*number = 0;
		return true;
	}
	if (!clock_parse_day(v, number))
		return false;
	*number += 86399;
	return true;
}

static bool
read_language(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)number;
	*text = v.n == 0 ? "" : text_language(v);
	return *text != NULL;
}

static bool
read_group(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)number;
	*text = arena_str(a, utf8_head(utf8_cleaned(a, slice_trim(v)), 100));
	return true;
}

/* Shown in points ("1.5"), kept in halves. */
static bool
read_score(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	struct slice whole, half;
	(void)a;
	(void)text;
	bool point = slice_cut(v, '.', &whole, &half);
	if (!num_parse(whole, 0, 1000, number))
		return false;
	*number *= 2;
	if (!point || slice_is(half, "0"))
		return true;
	*number += 1;
	return slice_is(half, "5");
}

static const struct row {
	const char *name;
	bool (*read)(struct arena *a, struct slice value, int64_t *number, const char **text);
	const char *allowed;
} rows[OPTIONS] = {
    [OPTION_DELIVERY] = {"delivery", read_delivery, "mail, digest or nomail"},
    [OPTION_VACATION] = {"vacation", read_vacation, "a day as YYYY-MM-DD, or off"},
    [OPTION_DIGEST] = {"digest", read_form, "plain or mime"},
    [OPTION_ACK] = {"ack", read_flag, "on or off"},
    [OPTION_COPY] = {"copy", read_flag, "on or off"},
    [OPTION_LANGUAGE] = {"language", read_language,
			 "a language this site speaks, such as en or fr"},
    [OPTION_GROUP] = {"group", read_group, "a group's name"},
    [OPTION_BOUNCE_SCORE] = {"bounce_score", read_score, "a number such as 0 or 1.5"},
};

int
option_read(struct arena *a, const char *key, struct slice value, struct option *o, struct err *e)
{
	size_t i = 0;
	*o = (struct option){.text = NULL};
	while (i < OPTIONS && strcmp(rows[i].name, key) != 0)
		i++;
	if (i == OPTIONS)
		return err_permanent(e,
				     "there is no option '%s'; there are delivery, vacation, ack, "
				     "copy, language, group, bounce_score",
				     log_str(slice_str(key)));
	o->which = (enum option_which)i;
	if (!rows[i].read(a, value, &o->number, &o->text))
		return err_permanent(e, "%s wants %s", rows[i].name, rows[i].allowed);
	return 0;
}
