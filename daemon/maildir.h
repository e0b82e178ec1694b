/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maildir: a "relay" that needs no mail server, for demonstrations and tests: each recipient's mail
 * goes to PATH/ADDRESS/new/, a file a mail, with Return-Path and Delivered-To before it and LF
 * ends.
 */
#ifndef DAEMON_MAILDIR_H
#define DAEMON_MAILDIR_H

#include "base/err.h"
#include "daemon/smtp.h"

/* Writes the mail of one recipient, durably. */
int maildir_put(const char *path, const struct smtp_job *job, const struct smtp_rcpt *rcpt,
		struct err *e) __attribute__((warn_unused_result));

#endif
