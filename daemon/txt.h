/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * txt: what a DNS server says to a question for TXT records (RFC 1035 4.1). Its bytes are a
 * stranger's: reading is bounded by the limits named here, and goes over them once.
 */
#ifndef DAEMON_TXT_H
#define DAEMON_TXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

#define TXT_TEXTS_MAX 32    /* records of one name that are kept; real names have ten */
#define TXT_BYTES_MAX 4096  /* of one record; a longer one is passed over */
#define TXT_RECORDS_MAX 200 /* of all types in one answer, then reading stops */

enum txt_status {
	TXT_FOUND,   /* there are TXT records */
	TXT_NOTHING, /* the name, or its TXT records, do not exist: a server said so */
	TXT_FAILED   /* nobody gave a usable answer in time */
};

struct txt_answer {
	enum txt_status status;
	struct slice text[TXT_TEXTS_MAX]; /* the strings of a record joined (RFC 7208 3.3) */
	size_t n;
	int64_t ttl;     /* seconds it may be kept, as the zone says; 0 where it does not say */
	const char *why; /* FAILED: for the log */
};

/*
 * Reads an answer to a TXT question for name: records of that name, or of what it is an alias for.
 * Texts are in the arena. What is cut short, or answers another question, is TXT_FAILED.
 */
void txt_read(struct arena *a, const char *name, struct slice packet, struct txt_answer *answer);

#endif
