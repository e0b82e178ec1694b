/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * option: what a member may choose (INTERFACE section 8), and how its values are written. It only
 * reads; daemon/member.h keeps them.
 */
#ifndef DAEMON_OPTION_H
#define DAEMON_OPTION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum option_which {
	OPTION_DELIVERY,
	OPTION_VACATION,
	OPTION_DIGEST, /* its form */
	OPTION_ACK,
	OPTION_COPY,
	OPTION_LANGUAGE,
	OPTION_GROUP,
	OPTION_BOUNCE_SCORE,
	OPTIONS
};

/* A value as it is kept: text, in the arena, or if that is NULL the number: a flag, the last second
 * of a vacation, half points. */
struct option {
	enum option_which which;
	int64_t number;
	const char *text;
};

/* 0 and *o; -1 for a bad key or value: a permanent error whose text says what is allowed. */
int option_read(struct arena *a, const char *key, struct slice value, struct option *o,
		struct err *e) __attribute__((warn_unused_result));

#endif
