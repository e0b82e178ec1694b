/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reasons: see reasons.h. A row for each: its name, the phrase for people, and what of the detail
 * they are shown.
 */
#include "daemon/reasons.h"

#include "base/log.h"
#include "base/num.h"
#include "conf/text.h"

/* What people are shown of the detail: the log has all of it. */
enum shown { SHOW_NOTHING, SHOW_WORDS, SHOW_SIZE, SHOW_UNTIL };

static const struct row {
	const char *name;
	const char *phrase;
	enum shown shown;
} rows[REASONS] = {
    [REASON_OWN_ADDRESS] = {"own-address",
			    N_("it claims to come from an address of the list itself"),
			    SHOW_NOTHING},
    [REASON_LOOP] = {"loop", N_("it has been through this list before"), SHOW_NOTHING},
    [REASON_HEADER] = {"header", N_("its header is too long to be read"), SHOW_NOTHING},
    [REASON_SIZE] = {"size", N_("it is larger than this list allows"), SHOW_SIZE},
    [REASON_HEADERS_REFUSED] =
	{"headers-refused",
	 N_("the mail server marked it as something that this list does not take"), SHOW_WORDS},
    [REASON_ATTACHMENTS_REFUSED] =
	{"attachments-refused", N_("it has an attachment of a kind that this list does not take"),
	 SHOW_WORDS},
    [REASON_NO_AUTHOR] = {"no-author", N_("it does not say who wrote it"), SHOW_NOTHING},
    [REASON_AUTOMATIC] = {"automatic", N_("it is an automatic answer"), SHOW_NOTHING},
    [REASON_ATTACHMENTS] = {"attachments",
			    N_("it has an attachment of a kind that a moderator looks at first"),
			    SHOW_WORDS},
    [REASON_RECIPIENTS] = {"recipients", N_("it is addressed to very many people"), SHOW_WORDS},
    [REASON_DESTINATION] = {"destination", N_("it does not name the list among its recipients"),
			    SHOW_NOTHING},
    [REASON_NONMEMBER] = {"nonmember", N_("its author is not a member of this list"), SHOW_WORDS},
    [REASON_FIRST_POSTS] = {"first-posts", N_("it is among the first posts of a new member"),
			    SHOW_NOTHING},
    [REASON_SPEAKERS] = {"speakers", N_("its author is not one of this list's speakers"),
			 SHOW_NOTHING},
    [REASON_SUSPENDED] = {"suspended", N_("its author may not post for a time"), SHOW_UNTIL},
    [REASON_MODERATED] = {"moderated", N_("its author's posts are held for a time"), SHOW_UNTIL},
    [REASON_POSTS_PER_DAY] = {"posts-per-day",
			      N_("its author has written as much today as this list allows"),
			      SHOW_UNTIL},
    [REASON_COOLED] = {"cooled", N_("its thread rests for some days"), SHOW_UNTIL},
    [REASON_EMERGENCY] = {"emergency", N_("all posts to this list are held for the moment"),
			  SHOW_NOTHING},
    [REASON_HEADERS] = {"headers", N_("the mail server marked it"), SHOW_WORDS},
    [REASON_DUPLICATE] = {"duplicate", N_("it had come before"), SHOW_NOTHING},
    [REASON_HOOK] = {"hook", N_("a filter of this list says so"), SHOW_WORDS},
    [REASON_HOOK_LATE] = {"hook-late", N_("a filter of this list gave no answer in time"),
			  SHOW_WORDS},
    [REASON_HOOK_FLOOD] = {"hook-flood", N_("a filter of this list said far too much"), SHOW_WORDS},
    [REASON_HOOK_KILLED] = {"hook-killed", N_("a filter of this list broke down"), SHOW_WORDS},
    [REASON_HOOK_FAILED] = {"hook-failed", N_("a filter of this list failed"), SHOW_WORDS},
    [REASON_HOOK_START] = {"hook-start", N_("a filter of this list could not be started"),
			   SHOW_WORDS},
};

void
reasons_put(struct buf *reasons, enum reason why, struct slice detail)
{
	buf_printf(reasons, "%s\t%.*s\n", rows[why].name, SLICE_ARG(detail));
}

/* The time that a detail begins with. */
static bool
until_of(struct slice detail, int64_t *t)
{
	struct slice word;
	return slice_next_word(&detail, &word) && num_parse(word, 0, INT64_MAX, t);
}

bool
reasons_pass_by_themselves(const char *reasons, int64_t *until)
{
	struct slice rest = slice_str(reasons), line, check, detail;
	int64_t t;
	*until = 0;
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '\t', &check, &detail);
		if (!slice_is(check, rows[REASON_POSTS_PER_DAY].name) &&
		    !slice_is(check, rows[REASON_COOLED].name))
			return false;
		if (until_of(detail, &t) && t > *until)
			*until = t;
	}
	return *until > 0;
}

static const struct row *
find_row(struct slice name)
{
	for (size_t i = 0; i < REASONS; i++)
		if (slice_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}

const char *
reasons_phrase(struct slice name)
{
	const struct row *r = find_row(name);
	return r ? r->phrase : N_("a rule of this list asks for a look at it");
}

static void
put_detail(const char *lang, const struct row *r, struct slice detail, struct buf *out)
{
	int64_t n;
	if (r->shown == SHOW_WORDS) {
		buf_printf(out, " (%.*s)", SLICE_ARG(detail));
	} else if (r->shown == SHOW_SIZE && num_parse(detail, 0, INT64_MAX, &n)) {
		struct arena *a = arena_new();
		buf_printf(out, " (%s)", text_size(a, lang, n));
		arena_free(a);
	} else if (r->shown == SHOW_UNTIL && until_of(detail, &n)) {
		struct arena *a = arena_new();
		buf_puts(out, " (");
		buf_printf(out, text_phrase(lang, N_("until %s")), text_date_time(a, lang, n));
		buf_putc(out, ')');
		arena_free(a);
	}
}

void
reasons_explain(const char *lang, const char *reasons, struct buf *out)
{
	struct slice rest = slice_str(reasons), line, check, detail;
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '\t', &check, &detail);
		buf_printf(out, "%s- %s", out->n ? "\n" : "",
			   text_phrase(lang, reasons_phrase(check)));
		const struct row *r = find_row(check);
		if (r && detail.n)
			put_detail(lang, r, detail, out);
	}
}

const char *
reasons_log(struct arena *a, const char *reasons)
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
