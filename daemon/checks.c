/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks: see checks.h. A check is a row: its name, the phrase for people, and a function that only
 * looks. Whether a post is a duplicate is asked by post.c, since asking notes it.
 */
#include "daemon/checks.h"

#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "conf/text.h"

/* The post names this very list in a List-Id, or comes from one of the list's own addresses. */
static enum verdict
check_loop(const struct facts *f, struct buf *detail)
{
	const struct part *p = &f->w->message.parts[0];
	const char *own =
	    arena_printf(f->w->arena, "<%s.%s>", f->list->name, f->w->site->conf->domain);
	for (size_t i = 0; i < p->nfields; i++)
		if (slice_is_ci(p->fields[i].name, "List-Id") &&
		    slice_find_ci(p->fields[i].value, slice_str(own)) < p->fields[i].value.n) {
			buf_puts(detail, "List-Id");
			return VERDICT_DISCARD;
		}
	return VERDICT_PASS;
}

static enum verdict
check_own_address(const struct facts *f, struct buf *detail)
{
	struct route r;
	route_classify(f->w->site->conf, f->w->author.text, &r);
	if (f->w->author.text.n == 0 || r.function == ROUTE_NONE || r.function == ROUTE_ELSEWHERE ||
	    r.function == ROUTE_POSTMASTER)
		return VERDICT_PASS;
	buf_put_slice(detail, f->w->author.text);
	return VERDICT_DISCARD;
}

/* The guard has not parsed it (mail/guard.h), so that nothing is known of its author either. */
static enum verdict
check_header(const struct facts *f, struct buf *detail)
{
	enum guard_verdict v = f->w->message.verdict;
	if (v != GUARD_HEADER_TOO_BIG && v != GUARD_TOO_MANY_FIELDS)
		return VERDICT_PASS;
	buf_puts(detail, guard_text(v));
	return VERDICT_REJECT;
}

static enum verdict
check_no_author(const struct facts *f, struct buf *detail)
{
	(void)detail;
	return f->w->author.text.n ? VERDICT_PASS : VERDICT_HOLD;
}

/* Answers that a machine gave to a post (RFC 3834): shown to a moderator, never to everyone. */
static enum verdict
check_automatic(const struct facts *f, struct buf *detail)
{
	struct slice v = message_value(&f->w->message, "Auto-Submitted");
	if (!slice_starts_ci(v, SLICE("auto-replied")) && f->w->sender.n > 0)
		return VERDICT_PASS;
	buf_puts(detail, f->w->automatic ? f->w->automatic : "");
	return VERDICT_HOLD;
}

static enum verdict
check_size(const struct facts *f, struct buf *detail)
{
	if ((int64_t)f->w->env.message.n <= f->list->max_message_size)
		return VERDICT_PASS;
	buf_put_int(detail, (int64_t)f->w->env.message.n);
	return VERDICT_REJECT;
}

static enum verdict
check_speakers(const struct facts *f, struct buf *detail)
{
	(void)detail;
	if (f->list->speakers.n == 0 || strings_has_address(&f->list->speakers, f->w->author.text))
		return VERDICT_PASS;
	return VERDICT_HOLD;
}

static enum verdict
check_nonmember(const struct facts *f, struct buf *detail)
{
	static const enum verdict by_setting[] = {[NONMEMBER_HOLD] = VERDICT_HOLD,
						  [NONMEMBER_ACCEPT] = VERDICT_PASS,
						  [NONMEMBER_REJECT] = VERDICT_REJECT};
	if (f->member || strings_has_address(&f->list->speakers, f->w->author.text))
		return VERDICT_PASS;
	buf_put_slice(detail, f->w->author.text);
	return by_setting[f->list->nonmember_posts];
}

static enum verdict
check_first_posts(const struct facts *f, struct buf *detail)
{
	if (!f->member || f->member->posts >= f->list->hold_first_posts)
		return VERDICT_PASS;
	buf_put_int(detail, f->member->posts + 1);
	return VERDICT_HOLD;
}

/* What people are shown of the detail: the log has all of it. */
enum shown { SHOW_NOTHING, SHOW_WORDS, SHOW_SIZE };

static const struct check {
	const char *name;
	enum verdict (*look)(const struct facts *f, struct buf *detail);
	const char *phrase;
	enum shown shown;
} checks[] = {
    {"loop", check_loop, N_("it has been through this list before"), SHOW_NOTHING},
    {"own-address", check_own_address, N_("it claims to come from an address of the list itself"),
     SHOW_NOTHING},
    {"header", check_header, N_("its header is too long to be read"), SHOW_NOTHING},
    {"no-author", check_no_author, N_("it does not say who wrote it"), SHOW_NOTHING},
    {"automatic", check_automatic, N_("it is an automatic answer"), SHOW_NOTHING},
    {"size", check_size, N_("it is larger than this list allows"), SHOW_SIZE},
    {"speakers", check_speakers, N_("its author is not one of this list's speakers"), SHOW_NOTHING},
    {"nonmember", check_nonmember, N_("its author is not a member of this list"), SHOW_WORDS},
    {"first-posts", check_first_posts, N_("it is among the first posts of a new member"),
     SHOW_NOTHING},
};

int
checks_author(struct work *w, const struct conf_list *l, struct member *m, struct err *e)
{
	const struct conf *conf = w->site->conf;
	if (w->author.text.n == 0)
		return 0;
	int r = member_find(w->site->db, w->arena, l->name, w->author.text, m, e);
	for (size_t i = 0; r == 0 && i < conf->nlists; i++)
		if (conf->lists[i].umbrella && strcmp(conf->lists[i].umbrella, l->name) == 0)
			r = member_find(w->site->db, w->arena, conf->lists[i].name, w->author.text,
					m, e);
	return r;
}

int
checks_run(const struct facts *f, enum verdict *v, struct buf *reasons, struct err *e)
{
	struct buf detail;
	(void)e;
	*v = VERDICT_PASS;
	buf_init(&detail, 1024);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		buf_clear(&detail);
		enum verdict now = checks[i].look(f, &detail);
		if (now == VERDICT_PASS)
			continue;
		if (*v == VERDICT_PASS)
			*v = now;
		buf_printf(reasons, "%s\t%s\n", checks[i].name, log_str(buf_slice(&detail)));
		if (now != VERDICT_HOLD) /* nobody will be shown the rest */
			break;
	}
	buf_free(&detail);
	return 0;
}

static const struct check *
find_check(struct slice name)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (slice_is(name, checks[i].name))
			return &checks[i];
	return NULL;
}

const char *
checks_phrase(struct slice check)
{
	const struct check *c = find_check(check);
	return c ? c->phrase : N_("a rule of this list asks for a look at it");
}

static void
put_detail(const char *lang, const struct check *c, struct slice detail, struct buf *out)
{
	int64_t n;
	if (c->shown == SHOW_WORDS) {
		buf_printf(out, " (%.*s)", SLICE_ARG(detail));
	} else if (c->shown == SHOW_SIZE && num_parse(detail, 0, INT64_MAX, &n)) {
		struct arena *a = arena_new();
		buf_printf(out, " (%s)", text_size(a, lang, n));
		arena_free(a);
	}
}

void
checks_explain(const char *lang, const char *reasons, struct buf *out)
{
	struct slice rest = slice_str(reasons), line, check, detail;
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '\t', &check, &detail);
		buf_printf(out, "%s- %s", out->n ? "\n" : "",
			   text_phrase(lang, checks_phrase(check)));
		const struct check *c = find_check(check);
		if (c && detail.n)
			put_detail(lang, c, detail, out);
	}
}

const char *
checks_log(struct arena *a, const char *reasons)
{
	struct slice rest = slice_str(reasons), line, check, detail;
	const char *s = "";
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '\t', &check, &detail);
		s = arena_printf(a, "%s%s%.*s (%s)", s, s[0] ? ", " : "", SLICE_ARG(check),
				 log_str(detail));
	}
	return s;
}
