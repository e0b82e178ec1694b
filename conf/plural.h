/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plural: which form of a phrase goes with a number, from the Plural-Forms line of a catalogue
 * ("nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : …", an expression of C in n).
 */
#ifndef CONF_PLURAL_H
#define CONF_PLURAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct plural {
	size_t count; /* of forms */
	struct slice expression;
};

/* One form for 1, another one for all else: English, and catalogues without a Plural-Forms line. */
extern const struct plural plural_germanic;

/* The value of a Plural-Forms line; the slice must live as long as p. -1 if it can't be read. */
int plural_parse(struct plural *p, struct slice line, struct err *e)
    __attribute__((warn_unused_result));
/* 0 … count - 1. */
size_t plural_index(const struct plural *p, uint64_t n);

#endif
