/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: one encoded word (RFC 2047 section 2), for those who read and write header values.
 * In header.c.
 */
#ifndef MAIL_WORDS_H
#define MAIL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct encoded_word {
	struct slice charset; /* without a language behind '*' */
	struct slice text;    /* still encoded */
	bool base64;          /* B, else Q */
	size_t length;        /* of the whole word from "=?" to "?=" */
};

/* Does s begin with an encoded word? Takes no more than the word, whose text may hold spaces. */
bool word_match(struct slice s, struct encoded_word *w) __attribute__((warn_unused_result));
/* Its bytes, in its charset, to out (room for text.n bytes). False: not base64 after all. */
bool word_decode(const struct encoded_word *w, char *out, size_t *len)
    __attribute__((warn_unused_result));

#endif
