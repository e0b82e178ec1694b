/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command: mail to LIST-request or to the site's robot. One mail of commands gets one answer mail,
 * that quotes each command with its result. Commands stand in the subject or one a line in the
 * body; quoted text and signatures are nobody's words. Each command is a row of the table in
 * command.c, with its function in answers.c.
 */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/work.h"

#define COMMANDS_MAX                                                                               \
	25 /* commands one mail may have; the rest is not read, and the answer says so */
#define COMMAND_UNKNOWN_MAX 3 /* unknown lines, after which the rest is taken for prose */

/* One command in hand. */
struct command {
	struct work *w;
	const struct conf_list *list; /* NULL: sent to the site */
	struct slice who;             /* the address asking: answers go there */
	bool proven;                  /* it has shown to be who it says */
	bool confirmed;               /* … by answering a question about these very commands */
	const char *lang;
	struct slice args;      /* behind the command's word */
	struct buf *out;        /* the result, plain text in lang */
	struct buf *ask;        /* commands that need a confirmation first, one a line */
	bool end;               /* stop reading */
	int64_t upto;           /* a reply to a mail with held posts: the last of them; else 0 */
	int decided;            /* held posts, so far */
	const char *from_local; /* where a reply to the answer goes; NULL: as usual */
	struct slice file;      /* to go with the answer, or empty */
	const char *file_name, *file_type;
};

/* The searches that a mail of commands asks for, as its answer will read them; none if nobody will
 * be answered. At most max; how many. */
struct command_search {
	const struct conf_list *list; /* NULL: all lists */
	struct slice words;
};
size_t command_searches(struct work *w, struct command_search *out, size_t max);

/* Commands that were confirmed: run with proven set; the answer goes to who. */
int command_run_proven(struct work *w, const struct conf_list *l, struct slice who,
		       const char *lines, struct err *e) __attribute__((warn_unused_result));

/* Lines of a reply to a mail that shows held posts up to a number (waiting.h): commands about these
 * posts and no others. from_local: where a reply to the answer goes. */
int command_run_held(struct work *w, const struct conf_list *l, struct slice who, int64_t upto,
		     const char *from_local, struct err *e) __attribute__((warn_unused_result));

#endif
