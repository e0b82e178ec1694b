/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * id: the name of one piece of work, from intake to archive, and its idempotency key everywhere.
 * 48 bits of milliseconds and 80 random bits in base32hex (0-9a-v: sorts as the bytes do), 26
 * characters: sorts by age.
 * A suffix of "-" and up to 40 of [a-z0-9-] names what was derived from it ("ID-a": accepted).
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>

#include "base/slice.h"

#define ID_LENGTH 26
#define ID_MAX 68 /* with suffix and NUL */

void id_new(char out[ID_MAX]);
/* True for an ID as above, with or without suffix: safe as a file name. */
bool id_valid(struct slice s);
/* out = id "-" suffix; fatal if it does not fit. */
void id_derive(char out[ID_MAX], const char *id, const char *suffix);

#endif
