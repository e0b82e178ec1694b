/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp_command: see smtp_command.h. One table {name, who knows it, where it may come, which it is}.
 */
#include "config.h"
#include "daemon/smtp_command.h"

#include <stddef.h>

#define READY SMTP_COMMAND_AT_READY
#define SENDER SMTP_COMMAND_AT_SENDER
#define RCPT SMTP_COMMAND_AT_RCPT
#define ANY (SMTP_COMMAND_AT_GREETING | READY | SENDER | RCPT)

enum { LMTP = 1 << SESSION_LMTP, SMTP = 1 << SESSION_SMTP, BOTH = LMTP | SMTP };

static const struct row {
	const char *name;
	unsigned kinds; /* who knows it */
	unsigned at;    /* where it may come */
	enum smtp_command command;
} rows[] = {
    {"MAIL", BOTH, READY, SMTP_COMMAND_MAIL},    {"RCPT", BOTH, SENDER | RCPT, SMTP_COMMAND_RCPT},
    {"DATA", BOTH, RCPT, SMTP_COMMAND_DATA},     {"LHLO", LMTP, ANY, SMTP_COMMAND_HELLO},
    {"EHLO", SMTP, ANY, SMTP_COMMAND_HELLO},     {"HELO", SMTP, ANY, SMTP_COMMAND_HELO},
    {"RSET", BOTH, ANY, SMTP_COMMAND_RSET},      {"NOOP", BOTH, ANY, SMTP_COMMAND_NOOP},
    {"VRFY", BOTH, ANY, SMTP_COMMAND_VRFY},      {"HELP", BOTH, ANY, SMTP_COMMAND_HELP},
    {"QUIT", BOTH, ANY, SMTP_COMMAND_QUIT},      {"EXPN", BOTH, ANY, SMTP_COMMAND_OTHER},
    {"STARTTLS", BOTH, ANY, SMTP_COMMAND_OTHER}, {"AUTH", BOTH, ANY, SMTP_COMMAND_OTHER},
    {"BDAT", BOTH, ANY, SMTP_COMMAND_OTHER},     {"ETRN", BOTH, ANY, SMTP_COMMAND_OTHER},
    {"TURN", BOTH, ANY, SMTP_COMMAND_OTHER},     {"GET", BOTH, ANY, SMTP_COMMAND_WEB},
    {"POST", BOTH, ANY, SMTP_COMMAND_WEB},       {"CONNECT", BOTH, ANY, SMTP_COMMAND_WEB},
};

static const struct row *
find_row(struct slice word, enum session_kind kind)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (slice_is_ci(word, rows[i].name) && (rows[i].kinds & 1u << kind))
			return &rows[i];
	return NULL;
}

static const char *
out_of_sequence(enum session_kind kind, unsigned at)
{
	switch (at) {
	case SMTP_COMMAND_AT_GREETING:
		return kind == SESSION_LMTP ? "503 5.5.1 say LHLO first"
					    : "503 5.5.1 say EHLO first";
	case READY:
		return "503 5.5.1 say MAIL first";
	case SENDER:
		return "503 5.5.1 no recipient was accepted";
	default:
		return "503 5.5.1 there is a transaction already; say RSET first";
	}
}

const char *
smtp_command_parse(struct slice line, enum session_kind kind, unsigned at,
		   enum smtp_command *command, struct slice *args)
{
	const struct row *row;
	struct slice word;

	for (size_t i = 0; i < line.n; i++)
		if ((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t')
			return "500 5.5.2 a control character in a command";
	slice_cut(slice_trim(line), ' ', &word, args);
	*args = slice_trim(*args);
	row = find_row(word, kind);
	if (!row)
		return kind == SESSION_LMTP
			   ? "500 5.5.1 unknown command (this is LMTP: LHLO, no EHLO)"
			   : "500 5.5.1 unknown command (this is SMTP: EHLO, no LHLO)";
	if (!(row->at & at))
		return out_of_sequence(kind, at);
	*command = row->command;
	return NULL;
}
