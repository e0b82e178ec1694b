/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_conduct: commands about conduct. command.c has made sure who asks; what he may do is
 * asked of the rules (step.c).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/answers.h"
#include "daemon/step.h"
#include "daemon/tidings.h"
#include "mail/header.h"

#define FREEZE_DAYS_MAX 30
#define EMERGENCY_LASTS (7 * 86400)
#define RAW_MAX (64 * 1024 * 1024)

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

static void
deed_done(struct command *c, const struct deed *d)
{
	c->w->notices = d->notices;
}

static int
say(struct command *c, const char *phrase)
{
	buf_puts(c->out, text_phrase(c->lang, phrase));
	return 0;
}

/* --- steps ------------------------------------------------------------------------------------ */

/* The address that a command names, out of "<…>"; empty if there is none. */
static struct slice
take_address(struct command *c, struct slice *rest)
{
	struct slice word;
	struct address a;
	if (!slice_next_word(rest, &word) || !address_parse_first(c->w->arena, word, &a))
		return slice_make(NULL, 0);
	return a.text;
}

static int
take_step(struct command *c, const char *name, struct slice rest, struct err *e)
{
	struct slice address = take_address(c, &rest);
	struct deed d = deed_of(c);
	struct conduct_event ev;
	enum step_end end;
	if (address.n == 0)
		return say(c, N_("Please name the step and the member's address: step NAME ADDRESS "
				 "[why]."));
	if (step_take(&d, name, address, rest, &end, &ev, e) < 0)
		return -1;
	deed_done(c, &d);
	buf_puts(c->out, step_explain(c->w->arena, c->lang, c->list, name, end, &ev));
	return 0;
}

int
answer_step(struct command *c, struct err *e)
{
	struct slice rest = c->args, name = {NULL, 0};
	slice_next_word(&rest, &name);
	return take_step(c, arena_lower(c->w->arena, name), rest, e);
}

int
answer_remind(struct command *c, struct err *e)
{
	return take_step(c, "reminder", c->args, e);
}

int
answer_warn(struct command *c, struct err *e)
{
	return take_step(c, "warning", c->args, e);
}

int
answer_suspend(struct command *c, struct err *e)
{
	return take_step(c, "suspension", c->args, e);
}

int
answer_lift(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = take_address(c, &rest);
	struct deed d = deed_of(c);
	struct conduct_event ev;
	enum step_end end;
	if (address.n == 0)
		return say(c, N_("Please name the member's address: lift ADDRESS [why]."));
	if (step_lift(&d, address, rest, &end, &ev, e) < 0)
		return -1;
	deed_done(c, &d);
	buf_puts(c->out, step_explain(c->w->arena, c->lang, c->list, "", end, &ev));
	return 0;
}

/* --- the record ------------------------------------------------------------------------------- */

static int
case_line(void *arg, const struct conduct_case *k)
{
	struct command *c = arg;
	struct standing s;
	struct err e = {0};
	struct arena *a = arena_new();
	int r =
	    conduct_standing(c->w->site->db, a, k->list, slice_str(k->address), c->w->now, &s, &e);
	/* Nobody reads about himself here: "status" tells him what is his to know. */
	if (r == 0 && !address_eq(slice_str(k->address), c->who))
		buf_printf(c->out, "%" PRId64 "  %s  %s  %s\n", k->id, k->address,
			   text_date(a, c->lang, k->opened),
			   s.does == STEP_MESSAGE ? "" : conduct_standing_word(&s));
	arena_free(a);
	return r;
}

int
answer_cases(struct command *c, struct err *e)
{
	size_t before = c->out->n;
	struct slice none = {NULL, 0};
	if (conduct_each_case(c->w->site->db, c->list->name, none, case_line, c, e) < 0)
		return -1;
	return c->out->n == before ? say(c, N_("There are no cases.")) : 0;
}

/* One event, as the moderators see it: who reported is nobody's business. */
static int
event_line(void *arg, const struct conduct_event *ev)
{
	struct command *c = arg;
	struct arena *a = arena_new();
	bool report = strcmp(ev->what, "report") == 0;
	buf_printf(c->out, "%s  %s %s%s%s\n", text_date_time(a, c->lang, ev->t), ev->what, ev->step,
		   report ? "" : "  ", report ? "" : ev->by);
	if (ev->until)
		buf_printf(c->out, "    -> %s\n", text_date_time(a, c->lang, ev->until));
	if (ev->about[0])
		buf_printf(c->out, "    %s/%s/m/%s/\n", c->w->site->conf->site_url, ev->list,
			   ev->about);
	struct slice rest = slice_str(ev->why), line;
	while (slice_next_line(&rest, &line))
		buf_printf(c->out, "    | %.*s\n", SLICE_ARG(line));
	arena_free(a);
	return 0;
}

int
answer_case(struct command *c, struct err *e)
{
	struct conduct_case k;
	int64_t id = 0;
	int r = num_parse(c->args, 1, INT64_MAX, &id)
		    ? conduct_case_get(c->w->site->db, c->w->arena, id, &k, e)
		    : 0;
	if (r < 0)
		return -1;
	if (r == 0 || strcmp(k.list, c->list->name) != 0)
		return say(c, N_("No case of this list has this number. \"cases\" lists them."));
	if (address_eq(slice_str(k.address), c->who))
		return say(c, N_("This case is about you: \"status\" tells you where you stand."));
	buf_printf(c->out, "%s\n", k.address);
	return conduct_each(c->w->site->db, k.list, k.id, event_line, c, e);
}

/* What is hers to know: every step, and what is in force. */
static int
own_line(void *arg, const struct conduct_event *ev)
{
	static const char *const shown[] = {"step",   "lift",   "end",     "answer",
					    "appeal", "uphold", "overturn"};
	struct command *c = arg;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strcmp(shown[i], ev->what) == 0) {
			struct conduct_event k = *ev;
			k.by = ""; /* decided by the list's people, not by one of them */
			return event_line(c, &k);
		}
	return 0;
}

static int
own_case(void *arg, const struct conduct_case *k)
{
	struct command *c = arg;
	struct err e = {0};
	struct standing s;
	struct arena *a = arena_new();
	int r =
	    conduct_standing(c->w->site->db, a, k->list, slice_str(k->address), c->w->now, &s, &e);
	size_t before = c->out->n;
	if (r == 0)
		r = conduct_each(c->w->site->db, k->list, k->id, own_line, c, &e);
	if (r == 0 && c->out->n > before && s.does != STEP_MESSAGE) {
		buf_printf(c->out, "%s: ", k->list);
		buf_printf(c->out,
			   text_phrase(c->lang, s.does == STEP_SUSPEND
						    ? N_("you may not post until %s.")
						    : N_("your posts are held until %s.")),
			   text_date_time(a, c->lang, s.until));
		buf_putc(c->out, '\n');
	}
	arena_free(a);
	return r;
}

int
answer_own_conduct(struct command *c, const char *list, struct err *e)
{
	return conduct_each_case(c->w->site->db, list, c->who, own_case, c, e);
}

/* --- reports ---------------------------------------------------------------------------------- */

static const char *
key_of(struct command *c, struct slice *rest)
{
	struct slice word;
	char key[KEY_SIZE];
	if (!slice_next_word(rest, &word))
		return "";
	if (key_valid(word))
		return arena_lower(c->w->arena, word);
	struct slice id = msgid_parse(c->w->arena, word);
	if (id.n == 0)
		id = word;
	if (slice_find_char(id, '@') == id.n)
		return "";
	msgid_key(id, key);
	return arena_str(c->w->arena, slice_str(key));
}

/* Whose message it is, by what everyone can read. Empty: it is not there. */
static struct slice
author_of(struct command *c, const char *key)
{
	struct arena *a = c->w->arena;
	struct slice bytes;
	struct message m;
	struct address from;
	struct err e = {0};
	const char *path = conf_path(c->w->site->conf, a, "html/%s/m/%s/raw", c->list->name, key);
	if (!key[0] || file_read(AT_FDCWD, path, RAW_MAX, a, &bytes, &e) < 0)
		return slice_make(NULL, 0);
	message_parse(&m, a, bytes);
	return address_parse_first(a, message_value(&m, "From"), &from) ? from.text
									: slice_make(NULL, 0);
}

int
answer_report(struct command *c, struct err *e)
{
	struct slice rest = c->args;
	const char *key = key_of(c, &rest);
	struct slice author = author_of(c, key);
	struct member m;
	struct deed d = deed_of(c);
	int r = member_find(c->w->site->db, c->w->arena, c->list->name, c->who, &m, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return say(c, N_("Only members of the list can report a message."));
	if (author.n == 0)
		return say(c, N_("The archive of this list has nothing under that name."));
	struct conduct_event ev = {
	    .list = c->list->name,
	    .address = arena_str(c->w->arena, author),
	    .what = "report",
	    .by = d.by,
	    .about = key,
	    .why = arena_str(c->w->arena, slice_sub(slice_trim(rest), 0, STEP_WHY_MAX))};
	if (conduct_case(c->w->site->db, c->list->name, author, c->w->now, &ev.case_id, e) < 0 ||
	    conduct_add(c->w->site->db, &ev, c->w->now, e) < 0 ||
	    tidings_moderators(&d, "conduct-report", &ev, slice_make(NULL, 0), e) < 0)
		return -1;
	deed_done(c, &d);
	log_info("%s: %s: a member reports %s", c->w->id, c->list->name, key);
	return say(c, N_("The moderators were told. Who reported it is not told to anyone."));
}

/* --- cooling ---------------------------------------------------------------------------------- */

/* Begins or ends something about the list, and announces it. */
static int
cool(struct command *c, struct conduct_event *ev, const char *template, struct err *e)
{
	struct deed d = deed_of(c);
	struct slice none = {NULL, 0};
	ev->list = c->list->name;
	ev->address = "";
	ev->by = d.by;
	ev->audience = "list";
	if (conduct_add(c->w->site->db, ev, c->w->now, e) < 0 ||
	    tidings_list(&d, template, ev, none, e) < 0)
		return -1;
	deed_done(c, &d);
	return say(c, N_("It was done, and the list was told."));
}

int
answer_freeze(struct command *c, struct err *e)
{
	struct slice rest = c->args, word = {NULL, 0};
	const char *key = key_of(c, &rest);
	struct conduct_event ev;
	int64_t days;
	slice_next_word(&rest, &word);
	if (!key[0] || !num_parse(word, 1, FREEZE_DAYS_MAX, &days))
		return say(c, N_("Please name the thread's first message and 1 to 30 days: freeze "
				 "KEY DAYS [why]."));
	int r = conduct_cooled(c->w->site->db, c->w->arena, c->list->name, "freeze", key, c->w->now,
			       &ev, e);
	if (r != 0)
		return r < 0 ? -1 : say(c, N_("This thread rests already."));
	ev = (struct conduct_event){
	    .what = "freeze",
	    .about = key,
	    .until = c->w->now + days * 86400,
	    .why = arena_str(c->w->arena, slice_sub(slice_trim(rest), 0, STEP_WHY_MAX))};
	return cool(c, &ev, "conduct-frozen", e);
}

int
answer_thaw(struct command *c, struct err *e)
{
	struct slice rest = c->args;
	const char *key = key_of(c, &rest);
	struct conduct_event freeze;
	int r = conduct_cooled(c->w->site->db, c->w->arena, c->list->name, "freeze", key, c->w->now,
			       &freeze, e);
	if (r != 1)
		return r < 0 ? -1 : say(c, N_("This thread does not rest."));
	struct conduct_event ev = {.what = "thaw", .about = key, .refers = freeze.id};
	return cool(c, &ev, "conduct-thawed", e);
}

int
answer_emergency(struct command *c, struct err *e)
{
	struct slice rest = c->args, word = {NULL, 0};
	struct conduct_event now;
	slice_next_word(&rest, &word);
	bool on = slice_is_ci(word, "on");
	if (!on && !slice_is_ci(word, "off"))
		return say(c, N_("Please write \"emergency on\" or \"emergency off\"."));
	int r = conduct_cooled(c->w->site->db, c->w->arena, c->list->name, "emergency", "",
			       c->w->now, &now, e);
	if (r < 0)
		return -1;
	if (r == on)
		return say(c, on ? N_("It is on already.") : N_("It is off already."));
	struct conduct_event ev = {
	    .what = on ? "emergency" : "calm",
	    .until = on ? c->w->now + EMERGENCY_LASTS : 0,
	    .refers = on ? 0 : now.id,
	    .why = arena_str(c->w->arena, slice_sub(slice_trim(rest), 0, STEP_WHY_MAX))};
	return cool(c, &ev, on ? "conduct-emergency" : "conduct-calm", e);
}
