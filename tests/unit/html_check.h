/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html_check: a strict reader of what html_clean may give out, for tests and the fuzzer. */
#ifndef TESTS_UNIT_HTML_CHECK_H
#define TESTS_UNIT_HTML_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Is it well formed, of the allowed elements and attributes only, each in a parent that HTML
 * allows, with every '<', '>' and '&' in text escaped? Else a few words in why.
 */
bool html_check(struct slice html, char *why, size_t size);

#endif
