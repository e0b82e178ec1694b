/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameter: the "; name=value" behind a structured value (Content-Type, Content-Disposition;
 * RFC 2045 5.1, 2183, 2231), as mailers write it: with folds and comments in between, quotes that
 * never end, semicolons left out, blanks in unquoted file names.
 */
#ifndef MAIL_PARAMETER_H
#define MAIL_PARAMETER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

#define PARAMETER_SEGMENTS_MAX 256 /* RFC 2231 continuations; mailers make ten of a long name */

/*
 * The bytes of a parameter: unquoted, continuations joined, percent signs decoded where RFC 2231
 * marks them. "name*" wins over "name*0…", that over "name". *charset is what RFC 2231 says, else
 * empty. False, and both empty, if there is none of that name. At most GUARD_FIELD_MAX bytes of
 * value are looked at.
 */
bool parameter_find(struct arena *a, struct slice value, const char *name, struct slice *bytes,
		    struct slice *charset);
/*
 * The same as UTF-8 text, cleaned, in one line; RFC 2047 words, which mailers write there against
 * the rule, are decoded. Empty if absent.
 */
struct slice mime_parameter(struct arena *a, struct slice value, const char *name);

#endif
