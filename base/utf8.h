/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8: cleaning and walking UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

bool utf8_valid(struct slice s);
/*
 * Takes the next code point off *s. An invalid sequence gives U+FFFD and takes one byte (or the
 * maximal valid prefix, Unicode 3.9 "best practice"). False when *s is empty.
 */
bool utf8_next(struct slice *s, uint32_t *cp);
void utf8_put(struct buf *b, uint32_t cp);
/*
 * Appends s as text that is safe in XML, HTML and logs: invalid bytes become U+FFFD; C0 and C1
 * controls but tab and LF, U+FFFE, U+FFFF are dropped; CRLF and lone CR become LF.
 */
void utf8_clean(struct buf *b, struct slice s);
/* The same as a copy in the arena; s itself when it is clean already. */
struct slice utf8_cleaned(struct arena *a, struct slice s);
/* At most n code points of s, cut between code points. */
struct slice utf8_head(struct slice s, size_t n);
size_t utf8_length(struct slice s); /* code points */
/* Bidirectional and invisible control characters that can disguise a name: U+202A..202E,
 * 2066..2069, 200E/F, FEFF. */
bool utf8_is_bidi_control(uint32_t cp);

#endif
