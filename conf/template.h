/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template: one notice's text with its places for values; the form is described in text.h.
 */
#ifndef CONF_TEMPLATE_H
#define CONF_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/text.h"

#define TEMPLATE_MAX (64 << 10) /* bytes of a file */
#define TEMPLATE_DEPTH_MAX 8    /* conditions inside each other */

struct template_text {
	struct slice subject;
	struct slice body;
};

/* Finds subject and body in a file, and checks that braces and conditions match. -1 (permanent). */
int template_parse(struct template_text *t, struct slice file, struct err *e)
    __attribute__((warn_unused_result));
/* Appends the text with its values. A name without a value is logged and shows as nothing. */
void template_fill(const struct template_text *t, const struct text_value *values, size_t n,
		   struct buf *subject, struct buf *body);
/*
 * Takes the next name off *text: its kind is '=' for {name}, or '?', '!' or '/'. False when no more
 * names follow.
 */
bool template_next_name(struct slice *text, char *kind, struct slice *name);

#endif
