/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: one line an event, for the person who reads it at night: what happened, to what, what was
 * done. Lines go to stderr ("role[pid]: level: text") or to syslog's mail facility. Whatever comes
 * from outside goes through log_str(), which leaves no control character and no more than 200
 * bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* role: a word that stays valid. to_stderr false: syslog. Before log_init, lines go to stderr. */
void log_init(const char *role, bool to_stderr, bool debug);
/* The role's word; "plenary" before log_init. */
const char *log_role(void);
bool log_is_debug(void);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The slice as a printable C string, in one of eight buffers that are used in turn. */
const char *log_str(struct slice s);

/* A broken invariant or no memory: logs and exits 70 (EX_SOFTWARE). The parent restarts the role.
 */
void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
