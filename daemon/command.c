/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command: see command.h.
 */
#include "daemon/command.h"

#include <string.h>

#include "daemon/answer.h"
#include "daemon/answers.h"
#include "daemon/habits.h"
#include "daemon/moderator.h"
#include "daemon/request.h"
#include "base/utf8.h"
#include "mail/header.h"

#define ANSWER_MAX (512 * 1024)
#define LINE_MAX_SHOWN 200
#define LINE_MAX 1000    /* bytes; no command is that long */
#define ANSWER_TAIL 4096 /* room for a last word behind a full answer */

/* What a command needs. Who only reads needs no proof: the answer goes to the address that is asked
 * about, whoever wrote the question. */
enum {
	NEEDS_LIST = 1 << 0,      /* asked of the site, it is told to go to a list */
	NEEDS_PROOF = 1 << 1,     /* it changes something: the address must show that it was it */
	NEEDS_MODERATOR = 1 << 2, /* or an owner */
	NEEDS_CONFIRMED = 1 << 3, /* it can't be undone: a question is always asked */
	TAKES_PROSE = 1 << 4,     /* its words are a person's: punctuation at their end is meant */
	ABOUT_HELD = 1 << 5       /* a reply to a mail with held posts may have it */
};

static const struct row {
	const char *word;
	int (*run)(struct command *c, struct err *e);
	unsigned needs;
} rows[] = {
    {"help", answer_help, ABOUT_HELD},
    {"info", answer_info, NEEDS_LIST},
    {"lists", answer_lists, 0},
    {"which", answer_which, 0},
    {"status", answer_status, 0},
    {"subscribe", answer_subscribe, NEEDS_LIST}, /* these four ask for a proof by themselves */
    {"join", answer_subscribe, NEEDS_LIST},
    {"unsubscribe", answer_unsubscribe, NEEDS_LIST},
    {"leave", answer_unsubscribe, NEEDS_LIST},
    {"confirm", answer_confirm, 0}, /* the token is the proof */
    {"data", answer_data, NEEDS_PROOF},
    {"erase", answer_erase, NEEDS_PROOF | NEEDS_CONFIRMED},
    {"set", answer_set, NEEDS_LIST | NEEDS_PROOF},
    {"get", answer_get, NEEDS_LIST},
    {"index", answer_index, NEEDS_LIST},
    {"search", answer_search, TAKES_PROSE},
    {"held", answer_held, NEEDS_LIST | NEEDS_MODERATOR | ABOUT_HELD},
    {"show", answer_show, NEEDS_LIST | NEEDS_MODERATOR | ABOUT_HELD},
    {"accept", answer_accept, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | ABOUT_HELD},
    {"reject", answer_reject,
     NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE | ABOUT_HELD},
    {"discard", answer_discard, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | ABOUT_HELD},
    {"members", answer_members, NEEDS_LIST | NEEDS_MODERATOR},
    {"report", answer_report, NEEDS_LIST | NEEDS_PROOF | TAKES_PROSE},
    {"step", answer_step, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"remind", answer_remind, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"warn", answer_warn, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"suspend", answer_suspend, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"lift", answer_lift, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"cases", answer_cases, NEEDS_LIST | NEEDS_MODERATOR},
    {"case", answer_case, NEEDS_LIST | NEEDS_MODERATOR},
    {"speak", answer_speak, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"hush", answer_hush, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"cosign", answer_cosign, NEEDS_LIST | NEEDS_PROOF},
    {"freeze", answer_freeze, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"thaw", answer_thaw, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF},
    {"emergency", answer_emergency, NEEDS_LIST | NEEDS_MODERATOR | NEEDS_PROOF | TAKES_PROSE},
    {"end", answer_end, ABOUT_HELD},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *
find_row(struct slice line, struct slice *args)
{
	struct slice word;
	*args = line = habits_bare_line(line);
	if (line.n > LINE_MAX || !slice_next_word(args, &word))
		return NULL;
	word = habits_bare_word(word);
	*args = slice_trim(*args);
	for (size_t i = 0; i < ROWS; i++) {
		if (!slice_is_ci(word, rows[i].word))
			continue;
		if (!(rows[i].needs & TAKES_PROSE))
			*args = habits_bare_end(*args);
		return &rows[i];
	}
	return NULL;
}

/* Levenshtein distance, capped: a typing slip is 1 or 2. Words are short. */
static size_t
distance(struct slice a, const char *b)
{
	size_t row[32], nb = strlen(b);
	if (a.n > 24 || nb > 24)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t before = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t same = before + ((a.p[i - 1] | 0x20) != b[j - 1]);
			before = row[j];
			size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			row[j] = same < least ? same : least;
		}
	}
	return row[nb];
}

static const char *
nearest(struct slice line)
{
	struct slice word;
	size_t best = 3;
	const char *name = NULL;
	line = habits_bare_line(line);
	if (!slice_next_word(&line, &word))
		return NULL;
	for (size_t i = 0; i < ROWS; i++) {
		size_t d = distance(word, rows[i].word);
		if (d < best) {
			best = d;
			name = rows[i].word;
		}
	}
	return name;
}

static void
quote_line(struct command *c, struct slice line)
{
	if (c->out->n)
		buf_putc(c->out, '\n');
	buf_puts(c->out, "> ");
	buf_put_slice(c->out, utf8_head(line, LINE_MAX_SHOWN));
	buf_putc(c->out, '\n');
}

static int
run_line(struct command *c, const struct row *row, struct slice line, struct slice args,
	 struct err *e)
{
	quote_line(c, line);
	c->args = args;
	const char *refusal = NULL;
	if ((row->needs & NEEDS_LIST) && !c->list)
		refusal = N_("Please send this command to a list's own address, LIST-request.");
	else if ((row->needs & NEEDS_MODERATOR) && !moderator_is(c->list, c->who))
		refusal = N_("This command is for the moderators of the list.");
	if (c->upto && !(row->needs & ABOUT_HELD))
		refusal =
		    N_("A reply to this mail is about posts that wait. Please send this command to "
		       "LIST-request.");
	if (refusal) {
		buf_printf(c->out, "%s\n", text_phrase(c->lang, refusal));
		return 0;
	}
	if (((row->needs & NEEDS_PROOF) && !c->proven) ||
	    ((row->needs & NEEDS_CONFIRMED) && !c->confirmed)) {
		buf_put_slice(c->ask, line);
		buf_putc(c->ask, '\n');
		buf_printf(c->out, "%s\n",
			   text_phrase(c->lang, request_phrase(REQUEST_ASKED, true)));
		return 0;
	}
	int ret = row->run(c, e);
	if (c->out->n && c->out->p[c->out->n - 1] != '\n')
		buf_putc(c->out, '\n');
	return ret;
}

static void
unknown_line(struct command *c, struct slice line)
{
	const char *name = nearest(line);
	quote_line(c, line);
	if (name)
		buf_printf(c->out,
			   text_phrase(c->lang, N_("This is no command. Did you mean \"%s\"?")),
			   name);
	else
		buf_puts(c->out, text_phrase(c->lang, N_("This is no command. \"help\" lists them "
							 "all.")));
	buf_putc(c->out, '\n');
}

/* Runs lines until one says end, too many were unknown, or there were too many. */
static int
run_lines(struct command *c, const struct slice *lines, size_t n, bool prose_is_fine, struct err *e)
{
	size_t unknown = 0, run = 0;
	struct slice args;
	for (size_t i = 0; i < n && !c->end; i++) {
		const struct row *row = find_row(lines[i], &args);
		if (!row && prose_is_fine)
			continue;
		if (!row && ++unknown > COMMAND_UNKNOWN_MAX) {
			buf_printf(c->out, "\n%s\n",
				   text_phrase(c->lang, N_("What stands below was not read.")));
			break;
		}
		if (++run > COMMANDS_MAX) {
			buf_printf(
			    c->out, "\n%s\n",
			    text_phrase(c->lang, N_("There were too many commands in one mail; "
						    "the others were not read.")));
			break;
		}
		if (!row)
			unknown_line(c, lines[i]);
		else if (run_line(c, row, lines[i], args, e) < 0)
			return -1;
	}
	return 0;
}

/* The answer mail, and one question for all commands that need one. */
static int
finish(struct command *c, struct err *e)
{
	struct work *w = c->w;
	struct text_value values[] = {{"results", ""}};
	struct notice n = {.list = c->list,
			   .to = c->who,
			   .language = c->lang,
			   .template = "answer",
			   .values = values,
			   .nvalues = 1,
			   .file = c->file,
			   .file_name = c->file_name,
			   .file_type = c->file_type,
			   .from_local = c->from_local,
			   .answer = true};
	enum request_end end = REQUEST_ASKED;
	if (c->ask->n && request_ask(w, "command", c->list, c->who, buf_str(c->ask),
				     "confirm-command", buf_str(c->ask), &end, e) < 0)
		return -1;
	bool over = buf_over(c->out);
	c->out->over = false;
	c->out->limit += ANSWER_TAIL;
	if (over)
		buf_printf(c->out, "\n[…]\n%s\n",
			   text_phrase(c->lang, N_("The answer was too long for one mail and ends "
						   "here.")));
	if (end == REQUEST_TOO_MANY)
		buf_printf(c->out, "\n%s\n", text_phrase(c->lang, request_phrase(end, true)));
	values[0].value = buf_str(c->out);
	return c->out->n ? work_notice(w, &n, e) : 0;
}

static int
command_language(struct command *c, struct err *e)
{
	struct member m;
	int r = 0;
	c->lang = work_language(c->w, NULL);
	if (c->list)
		r = member_find(c->w->site->db, c->w->arena, c->list->name, c->who, &m, e);
	if (r == 1 && m.language[0])
		c->lang = m.language;
	return r < 0 ? -1 : 0;
}

/* One answer to lines that were sent or confirmed; first: a line before them, or empty. */
static int
run_all(struct command *c, const struct slice *lines, size_t n, struct slice first, struct err *e)
{
	struct buf out, ask;
	struct slice args;
	const struct row *row;
	int ret = -1;
	buf_init(&out, ANSWER_MAX);
	buf_init(&ask, 8192);
	c->out = &out;
	c->ask = &ask;
	if (command_language(c, e) < 0)
		goto out;
	row = find_row(first, &args);
	if (row && run_line(c, row, first, args, e) < 0)
		goto out;
	if (run_lines(c, lines, n, row != NULL, e) < 0)
		goto out;
	if (out.n == 0 && answer_help(c, e) < 0)
		goto out;
	ret = finish(c, e);
out:
	buf_free(&out);
	buf_free(&ask);
	return ret;
}

int
command_run_proven(struct work *w, const struct conf_list *l, struct slice who, const char *text,
		   struct err *e)
{
	struct command c = {.w = w, .list = l, .who = who, .proven = true, .confirmed = true};
	struct slice lines[COMMANDS_MAX], rest = slice_str(text);
	size_t n = 0;
	while (n < COMMANDS_MAX && slice_next_line(&rest, &lines[n]))
		n++;
	return run_all(&c, lines, n, slice_make(NULL, 0), e);
}

int
command_run_held(struct work *w, const struct conf_list *l, struct slice who, int64_t upto,
		 const char *from_local, struct err *e)
{
	struct command c = {
	    .w = w, .list = l, .who = who, .proven = true, .upto = upto, .from_local = from_local};
	struct slice *lines;
	size_t n = answer_lines(w, &lines);
	return run_all(&c, lines, n, slice_make(NULL, 0), e);
}

/* One recipient's share of a mail's searches. */
static size_t
searches_of(struct work *w, const struct conf_list *l, const struct slice *lines, size_t nlines,
	    struct command_search *out, size_t max)
{
	size_t n = 0, run = 0;
	struct slice args;
	for (size_t i = 0; i < nlines && n < max && run < COMMANDS_MAX; i++) {
		const struct row *row = find_row(lines[i], &args);
		run += row != NULL;
		if (row && row->run == answer_end)
			break;
		if (row && row->run == answer_search && args.n)
			out[n++] = (struct command_search){l, arena_dup(w->arena, args)};
	}
	return n;
}

size_t
command_searches(struct work *w, struct command_search *out, size_t max)
{
	struct slice rcpt, *own, *lines = NULL;
	struct route r;
	size_t n = 0, nlines = 0;
	for (size_t i = 0; n < max && envelope_nth(&w->env, "rcpt", i, &rcpt); i++) {
		route_classify(w->site->conf, rcpt, &r);
		if (r.function != ROUTE_REQUEST && r.function != ROUTE_SITE)
			continue;
		if (!lines && !work_would_answer(w, work_answer_to(w)))
			return 0;
		if (!lines) {
			nlines = answer_lines(w, &own);
			lines = arena_array(w->arena, nlines + 1, sizeof(*lines));
			lines[0] = subject_base(w->arena, w->subject, NULL);
			memcpy(lines + 1, own, nlines * sizeof(*own));
			nlines++;
		}
		n += searches_of(w, r.list, lines, nlines, out + n, max - n);
	}
	return n;
}

int
command_handle(struct work *w, struct err *e)
{
	struct command c = {
	    .w = w, .list = w->route.list, .who = work_answer_to(w), .proven = w->vouched};
	struct slice *lines;
	int may = work_may_answer(w, c.who, e);
	if (may != 1)
		return may;
	size_t n = answer_lines(w, &lines);
	return run_all(&c, lines, n, subject_base(w->arena, w->subject, NULL), e);
}

int
command_help(struct work *w, struct err *e)
{
	struct command c = {.w = w, .list = w->route.list, .who = work_answer_to(w)};
	struct slice help = SLICE("help");
	int may = work_may_answer(w, c.who, e);
	return may == 1 ? run_all(&c, NULL, 0, help, e) : may;
}
