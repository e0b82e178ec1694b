/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statement: SQLite's prepared statements, for base/db.h alone. Each place in the code that has SQL
 * prepares it once; the address of the literal is its key. A text that is used a second time while
 * its statement still runs gets one more, which ends with its use.
 */
#ifndef BASE_STATEMENT_H
#define BASE_STATEMENT_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/err.h"

struct sqlite3;
struct sqlite3_stmt;

#define STATEMENT_BUCKETS 128 /* about as many as a role has statements */

struct statement {
	const char *sql; /* the caller's literal */
	struct sqlite3_stmt *stmt;
	bool busy;
	bool kept; /* for the next time; else it ends with its use */
	struct statement *next;
};

/* Those of one open database. */
struct statements {
	struct sqlite3 *h;
	const char *name; /* the database's, for messages */
	struct statement *bucket[STATEMENT_BUCKETS];
};
void statements_free(struct statements *c); /* none may be in use */

/* Prepared, without values; NULL is an error. Ends with statement_put, always. */
struct statement *statement_get(struct statements *c, const char *sql, struct err *e)
    __attribute__((warn_unused_result));
void statement_put(struct statement *s);
/* Gives it its values, by the letters of base/db.h; others than it has places for end the program.
 * copy: they need not outlive its run. */
int statement_bind(struct statements *c, struct statement *s, bool copy, struct err *e,
		   const char *types, va_list ap) __attribute__((warn_unused_result));

/* -1, and in *e what SQLite said: temporary if another try, or the administrator's hand, can mend
 * it; without memory, or after a wrong call, the program ends. */
int statement_fail(const char *name, int rc, const char *text, struct err *e);

#endif
