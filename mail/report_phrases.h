/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_phrases: the words by which mail servers tell why. In lower case, single spaces, without
 * codes; each begins at a word. Of several that fit, the first decides.
 */
#ifndef MAIL_REPORT_PHRASES_H
#define MAIL_REPORT_PHRASES_H

#include <stddef.h>

#include "mail/report_reason.h"

/* Is trying again of no use? Of a mailbox a server may say so and mean this message only. */
enum report_final { FINAL_NOT, FINAL_MAILBOX, FINAL_DOMAIN };

struct report_phrase {
	const char *words;
	enum report_reason reason;
	enum report_final final;
};

/* Reason and hardness in one, for short tables. */
#define GONE REPORT_GONE, FINAL_MAILBOX
#define NO_DOMAIN REPORT_GONE, FINAL_DOMAIN
#define LOCKED REPORT_GONE, FINAL_NOT /* the mailbox is there, and may come back */
#define MOVED REPORT_MOVED, FINAL_DOMAIN
#define FULL REPORT_FULL, FINAL_NOT
#define EXPIRED REPORT_EXPIRED, FINAL_NOT
#define POLICY REPORT_POLICY, FINAL_NOT
#define CONTENT REPORT_CONTENT, FINAL_NOT
#define AUTH REPORT_AUTH, FINAL_NOT
#define BIG REPORT_TOO_BIG, FINAL_NOT
#define TEMPORARY REPORT_TEMPORARY, FINAL_NOT
#define OTHER REPORT_OTHER, FINAL_NOT

/* Those that mean one thing, whatever code stands before them, and those that give way to it. */
extern const struct report_phrase report_phrases_strong[];
extern const size_t report_phrases_strong_count;
extern const struct report_phrase report_phrases_weak[];
extern const size_t report_phrases_weak_count;

#endif
