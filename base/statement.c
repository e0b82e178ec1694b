/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statement: see statement.h. Kept ones hang in buckets by the address of their text.
 */
#include "config.h"

#include "base/statement.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/slice.h"

/* What another try, or the administrator's hand, can mend. All others would fail again. */
static const int temporary_codes[] = {
    SQLITE_BUSY,     SQLITE_LOCKED,    SQLITE_FULL,     SQLITE_IOERR, SQLITE_CANTOPEN,
    SQLITE_PROTOCOL, SQLITE_INTERRUPT, SQLITE_READONLY, SQLITE_PERM,  SQLITE_SCHEMA,
};

int
statement_fail(const char *name, int rc, const char *text, struct err *e)
{
	if ((rc & 0xff) == SQLITE_NOMEM || (rc & 0xff) == SQLITE_MISUSE ||
	    (rc & 0xff) == SQLITE_RANGE)
		fatal("%s: %s", name, text);
	for (size_t i = 0; i < sizeof temporary_codes / sizeof *temporary_codes; i++)
		if ((rc & 0xff) == temporary_codes[i])
			return err_temporary(e, "%s: %s", name, text);
	return err_permanent(e, "%s: %s", name, text);
}

static int
fail(const struct statements *c, int rc, struct err *e)
{
	return statement_fail(c->name, rc, sqlite3_errmsg(c->h), e);
}

static struct statement **
bucket_of(struct statements *c, const char *sql)
{
	uintptr_t v = (uintptr_t)sql;

	return &c->bucket[(v ^ (v >> 7) ^ (v >> 14)) % STATEMENT_BUCKETS];
}

static struct statement *
prepare(struct statements *c, const char *sql, bool keep, struct err *e)
{
	struct statement *s = calloc(1, sizeof *s);
	const char *tail = NULL;
	int rc;

	if (!s)
		fatal("no memory");
	rc = sqlite3_prepare_v3(c->h, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &s->stmt,
				&tail);
	if (rc != SQLITE_OK) {
		free(s);
		fail(c, rc, e);
		return NULL;
	}
	if (!s->stmt || tail[strspn(tail, " \t\r\n;")])
		fatal("not one statement: %s", sql);
	s->sql = sql;
	s->kept = keep;
	return s;
}

static void
forget(struct statement *s)
{
	sqlite3_finalize(s->stmt);
	free(s);
}

/* A text that is not a literal may change under its address: better dead than the wrong SQL. */
static void
check_same_text(const struct statement *s)
{
	const char *text = sqlite3_sql(s->stmt);

	if (strncmp(text, s->sql, strlen(text)) != 0)
		fatal("SQL is not a literal: %s", s->sql);
}

struct statement *
statement_get(struct statements *c, const char *sql, struct err *e)
{
	struct statement **head = bucket_of(c, sql), *s;

	for (s = *head; s; s = s->next)
		if (s->sql == sql)
			break;
	if (s && !s->busy) {
		check_same_text(s);
	} else if (s) {
		s = prepare(c, sql, false, e);
	} else {
		s = prepare(c, sql, true, e);
		if (s) {
			s->next = *head;
			*head = s;
		}
	}
	if (s)
		s->busy = true;
	return s;
}

void
statement_put(struct statement *s)
{
	if (!s->kept) {
		forget(s);
		return;
	}
	/* The code is that of the last step, which was reported there. */
	(void)sqlite3_reset(s->stmt);
	sqlite3_clear_bindings(s->stmt);
	s->busy = false;
}

static int
bind_bytes(sqlite3_stmt *st, int i, char type, struct slice v, sqlite3_destructor_type how)
{
	const char *p = v.p ? v.p : ""; /* a NULL pointer would bind NULL */

	if (type == 'b')
		return sqlite3_bind_blob64(st, i, p, v.n, how);
	return sqlite3_bind_text64(st, i, p, v.n, how, SQLITE_UTF8);
}

int
statement_bind(struct statements *c, struct statement *s, bool copy, struct err *e,
	       const char *types, va_list ap)
{
	sqlite3_destructor_type how = copy ? SQLITE_TRANSIENT : SQLITE_STATIC;

	if (sqlite3_bind_parameter_count(s->stmt) != (int)strlen(types))
		fatal("values \"%s\" do not fit: %s", types, s->sql);
	for (int i = 0; types[i]; i++) {
		int rc = SQLITE_OK;
		const char *t;

		switch (types[i]) {
		case 'i':
			rc = sqlite3_bind_int64(s->stmt, i + 1, va_arg(ap, int64_t));
			break;
		case 't':
			t = va_arg(ap, const char *);
			if (t)
				rc = bind_bytes(s->stmt, i + 1, 't', slice_str(t), how);
			break;
		case 's':
		case 'b':
			rc = bind_bytes(s->stmt, i + 1, types[i], va_arg(ap, struct slice), how);
			break;
		case 'n':
			break; /* unbound is NULL */
		default:
			fatal("type letter '%c': %s", types[i], s->sql);
		}
		if (rc != SQLITE_OK)
			return fail(c, rc, e);
	}
	return 0;
}

void
statements_free(struct statements *c)
{
	for (size_t i = 0; i < STATEMENT_BUCKETS; i++)
		while (c->bucket[i]) {
			struct statement *s = c->bucket[i];

			c->bucket[i] = s->next;
			forget(s);
		}
}
