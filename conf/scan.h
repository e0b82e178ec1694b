/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan: the configuration's words. White space and comments (#, //, and slash-star) separate; marks
 * are = { } ( ) and the comma; a word is anything else; strings stand in "" (with \" \\ \n \t and a
 * backslash at the end of a line, which goes on in the next) or in '' (with \' and \\).
 */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "conf/complain.h"

enum conf_token_kind { CONF_END, CONF_WORD, CONF_STRING, CONF_MARK };

struct conf_token {
	enum conf_token_kind kind;
	const char *text; /* NUL-terminated, no NUL inside */
	int line;
	bool first; /* nothing stands before it on its line */
};

struct conf_scan {
	struct slice rest;
	int line;
	bool fresh; /* no token of this line was given yet */
	const struct conf_source *source;
	struct conf_complaints *complaints;
	struct arena *arena; /* of the texts */
};

/* Complains about bytes that can't be in a configuration (not UTF-8, control characters) and begins
 * at the first token. */
void conf_scan_begin(struct conf_scan *s, struct slice text);
/* The next token; at the end CONF_END, as often as asked. */
struct conf_token conf_scan_next(struct conf_scan *s);
/* The first byte of what follows on this line; NUL if nothing or only a comment does. */
char conf_scan_peek(const struct conf_scan *s);
bool conf_token_is(const struct conf_token *t, char mark);

#endif
