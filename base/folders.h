/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folders: the four folders of a spool and the names in them, for base/spool.h alone. A file name
 * is an ID, or an ID and ",N" after N deaths of its reader (N = 1, 2); anything else is no entry.
 */
#ifndef BASE_FOLDERS_H
#define BASE_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/slice.h"

#define FOLDERS_DEATHS_MAX 3           /* this one goes to bad/ */
#define FOLDERS_NAME_SIZE (ID_MAX + 2) /* with ",N" */

enum folder { FOLDER_TMP, FOLDER_NEW, FOLDER_CUR, FOLDER_BAD, FOLDERS };
extern const char *const folders_name[FOLDERS];

struct folders {
	char *dir;
	int fd[FOLDERS];
};

/* Makes what is missing of them (0700). After an error there is nothing to close. */
int folders_open(struct folders *f, const char *dir, struct err *e)
    __attribute__((warn_unused_result));
void folders_close(struct folders *f);
/* -1, and errno in words: "DIR: cannot WHAT NAME: …". */
int folders_fail(const struct folders *f, struct err *e, const char *what, const char *name);

struct folders_entry {
	struct slice id; /* in the name that was parsed */
	int deaths;
};
/* False for what is no entry of ours. */
bool folders_parse(const char *name, struct folders_entry *n);
void folders_make(char name[FOLDERS_NAME_SIZE], struct slice id, int deaths);
bool folders_has(const struct folders *f, enum folder where, struct slice id, int deaths);

/* Calls each with the names that are entries, in no order; stops at -1. */
int folders_each(const struct folders *f, enum folder where,
		 int (*each)(void *arg, const char *file, const struct folders_entry *n,
			     struct err *e),
		 void *arg, struct err *e) __attribute__((warn_unused_result));
int folders_count(const struct folders *f, enum folder where, int64_t *n, struct err *e)
    __attribute__((warn_unused_result));

/* What spool_recover says, for one whose hand is empty. */
int folders_recover(const struct folders *f, void (*on_bad)(void *arg, const char *id), void *arg,
		    struct err *e) __attribute__((warn_unused_result));

#endif
