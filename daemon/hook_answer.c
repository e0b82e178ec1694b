/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_answer: see hook_answer.h. What a program writes is another's text: it is cleaned and cut
 * before it goes anywhere.
 */
#include "daemon/hook_answer.h"

#include <string.h>

#include "base/utf8.h"
#include "daemon/hook.h"

const char *
hook_answer_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const struct {
	int code;
	enum verdict verdict;
	const char *word;
} codes[] = {
    {0, VERDICT_PASS, "pass"},
    {10, VERDICT_HOLD, "hold"},
    {20, VERDICT_REJECT, "reject"},
    {30, VERDICT_DISCARD, "discard"},
};

/* A line as text that can stand in a notice. */
static struct slice
clean_line(struct arena *a, struct slice line)
{
	char *s = arena_str(a, utf8_head(slice_trim(utf8_cleaned(a, line)), HOOK_REASON_MAX));
	for (char *p = s; *p; p++)
		if (*p == '\t')
			*p = ' ';
	return slice_str(s);
}

static struct slice
first_line(struct arena *a, struct slice out)
{
	struct slice line = slice_make(NULL, 0);
	slice_next_line(&out, &line);
	return clean_line(a, line);
}

/* Behind the reason: the text of the case that it asks for, or NULL. */
static const char *
find_case(struct arena *a, struct slice out)
{
	struct slice line;
	slice_next_line(&out, &line);
	while (slice_next_line(&out, &line))
		if (slice_starts(line, SLICE("case:")))
			return arena_str(a, clean_line(a, slice_from(line, 5)));
	return NULL;
}

/* One that came to its own end, with a code that means something; else it failed. */
static void
read_code(struct arena *a, int code, struct slice out, struct hook_answer *answer)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code) {
			answer->reason = REASON_HOOK;
			answer->detail = answer->line;
			answer->verdict = codes[i].verdict;
			answer->word = codes[i].word;
			if (answer->verdict == VERDICT_HOLD)
				answer->case_text = find_case(a, out);
		}
}

void
hook_answer_read(struct arena *a, const char *path, const struct child_result *res,
		 struct slice out, struct hook_answer *answer)
{
	const char *name = hook_answer_name(path);
	*answer = (struct hook_answer){
	    .verdict = VERDICT_HOLD,
	    .word = "hold, since it failed",
	    .reason = REASON_HOOK_FAILED,
	    .detail = slice_str(arena_printf(a, "%s, %d", name, res->code)),
	    .line = first_line(a, out),
	};
	switch (res->end) {
	case CHILD_TIMEOUT:
		answer->reason = REASON_HOOK_LATE;
		answer->detail = slice_str(name);
		break;
	case CHILD_FLOODED:
		answer->reason = REASON_HOOK_FLOOD;
		answer->detail = slice_str(name);
		break;
	case CHILD_KILLED:
		answer->reason = REASON_HOOK_KILLED;
		break;
	case CHILD_EXITED:
		read_code(a, res->code, out, answer);
		break;
	}
}
