/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * header: what is inside a header field. Input: raw values (struct field.value); output: clean
 * UTF-8 without line breaks.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* Unfolded: line ends and the white space around a fold become one space (RFC 5322 2.2.3), trimmed.
 */
struct slice header_unfold(struct arena *a, struct slice raw);
/*
 * Unstructured text: unfolded, encoded words decoded (RFC 2047; adjacent ones joined before their
 * charset is decoded, split multibyte characters mended; wrong ones left as they stand), raw 8-bit
 * guessed. Bounded: at most GUARD_FIELD_MAX bytes are looked at.
 */
struct slice header_text(struct arena *a, struct slice raw);

/*
 * subject: as header_text gives it. The same without reply marks ("Re:", "RE[2]:", "AW:", "Antw:",
 * "SV:", "TR:", "RE :", "回复：", "答复:", "رد:", "Ответ:", "Odp:", "YNT:", "ENC:", "RES:", "Fwd:",
 * "[LIST] " …, in any number and order) and with white space folded, for display in thread lists.
 * "[PATCH 1/2]" and other topics in brackets stay. stripped (may be NULL): was there a reply or
 * forward mark? A list's tag is none.
 */
struct slice subject_base(struct arena *a, struct slice subject, bool *stripped);

/*
 * Date (RFC 5322 3.3 and the obsolete and wrong forms that real mail has: missing zone, two-digit
 * years, names of zones, comments, ctime order, ISO 8601). Seconds since 1970; impossible dates (31
 * February, 25:61) and years outside 1970..2262 are not readable: false.
 */
bool date_parse(struct slice raw, int64_t *t) __attribute__((warn_unused_result));

/*
 * A value for an outgoing header: text (UTF-8) made safe (no line break, no control character) and,
 * where not ASCII, as RFC 2047 encoded words (UTF-8, Q or B, whichever is shorter), folded at 76
 * columns, the first line starting at column used; a fold is LF and one space. header_put_phrase is
 * the same for a display name (quoted-string where ASCII needs it).
 */
void header_put_text(struct buf *b, struct slice text, size_t used);
void header_put_phrase(struct buf *b, struct slice text, size_t used);

#endif
