/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listsite: a site in a folder of its own, for the tests of what the list role does with mail:
 * configuration from a text, list.db, keys, spool. Mail is put into the spool as intake does it and
 * decided by the role's own code (daemon/batch.c); then one asks what is queued and in the tables.
 *
 * What the role logs goes into a file. A template that got a value too few, or was not found, fails
 * the test at its end.
 */
#ifndef TESTS_UNIT_LISTSITE_H
#define TESTS_UNIT_LISTSITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "daemon/member.h"
#include "daemon/work.h"

#define LISTSITE_NOW ((int64_t)1795358975) /* 22 November 2026, 14:49:35 UTC */
#define DOMAIN "lists.example.org"
#define URL "https://lists.example.org"

struct listsite {
	char dir[200];
	struct arena *a; /* for the test's own strings, too */
	struct conf *conf;
	struct site site;
	int64_t now;  /* of the role; tests move it */
	int64_t mark; /* the last out row that listsite_forget() saw */
	int saved_stderr;
};

/* cmocka's setup and teardown: *state is a struct listsite without lists. */
int listsite_setup(void **state);
int listsite_teardown(void **state);
/* The rest of the configuration (list blocks, further keys of the site). Once a test, first. */
struct listsite *listsite_begin(void **state, const char *lists);
/* Reads the configuration anew, with other lists: as after SIGHUP. */
void listsite_reload(struct listsite *s, const char *lists);
/* Closes the spool and takes it up again, as a role that starts. */
void listsite_restart(struct listsite *s);

/* --- mail ----------------------------------------------------------------------------------- */

/* An entry of these envelope lines (without the empty one) and message. Its ID, in the arena. */
const char *listsite_put(struct listsite *s, const char *envelope, struct slice message);
/* From sender to one address of the site, both as local@domain; head: further header lines with LF
 * ("" for none; From, To, Date and a Message-ID come by themselves where it has none). Its ID. */
const char *listsite_mail(struct listsite *s, const char *sender, const char *to, const char *head,
			  const char *body);
/* Decides all that waits, and what that puts back into the spool. How many entries. */
int listsite_run(struct listsite *s);
/* listsite_mail, then listsite_run: every entry must have been decided. */
const char *listsite_send(struct listsite *s, const char *sender, const char *to, const char *head,
			  const char *body);

/* --- what is queued ------------------------------------------------------------------------- */

struct outmail {
	int64_t id, seq;
	const char *kind, *list, *spool, *copies;
	int flags;
	struct slice head;    /* up to and with the empty line */
	struct slice body;    /* from the file for a post */
	const char *to;       /* recipients in order, separated by one space */
	const char *subject;  /* decoded */
	const char *language; /* Content-Language, or "" */
	const char *from;     /* the address: where a plain reply goes */
	const char *text;     /* readable text */
	struct message message;
};

/* From now on only mails queued later count. */
void listsite_forget(struct listsite *s);
int listsite_count(struct listsite *s);
/* The i-th (from 0). Fails the test if there are fewer. */
struct outmail *listsite_nth(struct listsite *s, int i);
/* The only mail to this address; fails the test if there is none or more than one. */
struct outmail *listsite_only(struct listsite *s, const char *address);
/* How many mails to this address. */
int listsite_count_to(struct listsite *s, const char *address);
/* A raw field's value of a mail, trimmed; fails the test if it stands not exactly once. */
struct slice outmail_field(const struct outmail *m, const char *name);
/* How often a field stands there. */
int outmail_fields(const struct outmail *m, const char *name);
/* Answers a mail as a mail client does: to its From, "Re:", body above the quoted text. */
const char *listsite_reply(struct listsite *s, const struct outmail *m, const char *sender,
			   const char *body);

/* --- what is there -------------------------------------------------------------------------- */

/* A member who gets mail; its row. */
int64_t listsite_member(struct listsite *s, const char *list, const char *address);
void listsite_set(struct listsite *s, const char *list, const char *address, const char *key,
		  const char *value);
/* NULL if it is no member. */
struct member *listsite_find(struct listsite *s, const char *list, const char *address);
/* An integer from list.db. */
int64_t listsite_int(struct listsite *s, const char *sql);
void listsite_sql(struct listsite *s, const char *sql);
/* Open held posts. */
int listsite_held(struct listsite *s);
/* Is STATE/path there? */
bool listsite_has(struct listsite *s, const char *path);
/* Puts a file below STATE. */
void listsite_file(struct listsite *s, const char *path, struct slice bytes);
/* How often the log says so, since the beginning. */
int listsite_logged(struct listsite *s, const char *text);
char *listsite_printf(struct listsite *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "TOKEN" behind the delimiter of an address, and of a link URL/u/TOKEN or URL/c/TOKEN. */
const char *listsite_token(struct listsite *s, const char *purpose, uint64_t payload);

#define assert_contains(text, part) listsite_assert_contains(text, part, true, __FILE__, __LINE__)
#define assert_lacks(text, part) listsite_assert_contains(text, part, false, __FILE__, __LINE__)
void listsite_assert_contains(const char *text, const char *part, bool yes, const char *file,
			      int line);

#endif
