/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset_guess: which encoding bytes are in that nobody named, or named ASCII or Latin-1, though
 * most of their letters are neither. By how often the commonest letters of a language come up when
 * they are read so: a wrong reading gives rare ones.
 */
#ifndef MAIL_CHARSET_GUESS_H
#define MAIL_CHARSET_GUESS_H

#include "base/buf.h"
#include "base/slice.h"
#include "mail/charset_label.h"

/* Reads s as c, appended to out; false if it can't be read so. charset.c's. */
typedef bool charset_reader(struct buf *out, struct slice s, const struct charset *c);

/* NULL: no reading is plainly right. */
const struct charset *charset_guess(struct slice s, charset_reader *read);

#endif
