/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp_command: which command a line of LMTP (RFC 2033) or SMTP (RFC 5321) is, and whether it may
 * come now (4.1.4). It knows nothing of what a command does.
 */
#ifndef DAEMON_SMTP_COMMAND_H
#define DAEMON_SMTP_COMMAND_H

#include "base/slice.h"
#include "daemon/session.h"

enum smtp_command {
	SMTP_COMMAND_MAIL,
	SMTP_COMMAND_RCPT,
	SMTP_COMMAND_DATA,
	SMTP_COMMAND_HELLO, /* LHLO, EHLO */
	SMTP_COMMAND_HELO,
	SMTP_COMMAND_RSET,
	SMTP_COMMAND_NOOP,
	SMTP_COMMAND_VRFY,
	SMTP_COMMAND_HELP,
	SMTP_COMMAND_QUIT,
	SMTP_COMMAND_OTHER, /* known, and done by none of our sessions */
	SMTP_COMMAND_WEB,   /* a browser's */
	SMTP_COMMANDS
};

/* Where a session is. */
enum smtp_command_at {
	SMTP_COMMAND_AT_GREETING = 1 << 0, /* before LHLO, EHLO, HELO */
	SMTP_COMMAND_AT_READY = 1 << 1,    /* no transaction */
	SMTP_COMMAND_AT_SENDER = 1 << 2,   /* MAIL was taken */
	SMTP_COMMAND_AT_RCPT = 1 << 3,     /* a recipient at least */
	SMTP_COMMAND_AT_NONE = 1 << 4      /* from here on no command is read */
};

/* A line without its end. NULL, the command, and what stands behind it, trimmed; else the line of a
 * 5xx reply. at: one of enum smtp_command_at. */
const char *smtp_command_parse(struct slice line, enum session_kind kind, unsigned at,
			       enum smtp_command *command, struct slice *args)
    __attribute__((warn_unused_result));

#endif
