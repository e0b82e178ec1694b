/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planting: a message's fields as the forest wants them, in numbers and bytes.
 */
#ifndef ARCHIVE_PLANTING_H
#define ARCHIVE_PLANTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/fields.h"
#include "archive/forest.h"

/* The bytes of a key; false if it is none. */
bool planting_key(struct slice key, uint8_t out[NODE_KEY_SIZE]) __attribute__((warn_unused_result));
/* What breaks ties of dates: of two messages with one id, it says whether the bodies are alike. */
int64_t planting_rank(const struct fields *f, const uint8_t id_key[NODE_KEY_SIZE]);
/* All of *p but its list. Lives in the arena and in f. */
int planting_of(struct planting *p, struct arena *a, const struct fields *f, struct err *e)
    __attribute__((warn_unused_result));

#endif
