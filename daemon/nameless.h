/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameless: a text without whose it is, for records that everyone may read: all addresses are
 * masked, and each word of its author's name, as far as it has three letters.
 */
#ifndef DAEMON_NAMELESS_H
#define DAEMON_NAMELESS_H

#include "base/arena.h"
#include "base/slice.h"

/* from: the From field as it is shown, "Eve Example <eve@example.com>". The text in the arena. */
struct slice nameless_mask(struct arena *a, struct slice text, struct slice from);

#endif
