/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err: what the world did wrong. A function that can fail for such a reason returns -1 and fills
 * this; a caller adds a prefix at most once. The kind is the question a mail server asks: may it
 * be tried again (4xx) or not (5xx)? No memory and broken invariants are not errors but fatal().
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

enum err_kind {
	ERR_NONE,
	ERR_TEMPORARY, /* trying again later may work: a full disk, a busy database, a dead relay */
	ERR_PERMANENT  /* it will fail again: bad input, wrong version, refused */
};

struct err {
	enum err_kind kind;
	char text[512]; /* one line, no period at its end; always terminated, cut if too long */
};

/* Each returns -1, so that a function can end with "return err_permanent(e, …)". e may be NULL. */
int err_temporary(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_permanent(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As err_temporary, with ": " and strerror(errno) behind. errno is kept. */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "prefix: " before the text that is there; the kind stays. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
