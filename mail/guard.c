/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard: the wall in front of every parser. It reads the header's line ends once and the rest only
 * where a line could be too long, and it must never depend on what any later code understands.
 */
#include "config.h"
#include "mail/guard.h"

#include "mail/field.h"

/*
 * Is there a line of more than GUARD_LINE_MAX bytes? The last line end within reach is looked for
 * from behind: what one step has found free of line ends the next one need not pass, so all steps
 * together look at each byte at most once, and at few of a mail with short lines.
 */
static bool
has_endless_line(struct slice rest)
{
	while (rest.n > GUARD_LINE_MAX) {
		const char *nl = memrchr(rest.p, '\n', GUARD_LINE_MAX + 1);
		if (!nl)
			return true;
		rest = slice_from(rest, (size_t)(nl - rest.p) + 1);
	}
	return false;
}

enum guard_verdict
mail_guard(struct slice bytes)
{
	struct slice rest = bytes;
	struct field f;
	size_t fields = 0;

	field_skip_lead(&rest);
	const size_t start = rest.n;
	while (field_next(&rest, &f)) {
		if (start - rest.n > GUARD_HEADER_MAX)
			return GUARD_HEADER_TOO_BIG;
		if (++fields > GUARD_FIELDS_MAX)
			return GUARD_TOO_MANY_FIELDS;
	}
	if (fields == 0)
		return GUARD_NO_HEADER;
	return has_endless_line(bytes) ? GUARD_LINE_TOO_LONG : GUARD_OK;
}

const char *
guard_text(enum guard_verdict v)
{
	static const char *const texts[] = {
	    [GUARD_OK] = "ok",
	    [GUARD_NO_HEADER] = "no header",
	    [GUARD_HEADER_TOO_BIG] = "header too big",
	    [GUARD_TOO_MANY_FIELDS] = "too many header fields",
	    [GUARD_LINE_TOO_LONG] = "line too long",
	    [GUARD_TOO_MANY_PARTS] = "too many parts",
	    [GUARD_TOO_DEEP] = "parts nested too deep",
	};
	return (size_t)v < sizeof(texts) / sizeof(*texts) ? texts[v] : "unknown";
}
