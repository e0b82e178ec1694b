/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listdb: the schema of list.db, and opening it. Each table belongs to the one module named beside
 * it; no other module has SQL for it.
 *
 * T1 (list role, FULL) and T2 (deliver role, NORMAL) are the only kinds of transaction: a decision
 * with all it brings about, notices included, commits at once or not at all. So a notice is a row,
 * not a file (out.head holds the whole mail); a post's bytes stay in the one file that intake made
 * durable, which step 6 links into out/, held/ and feed/ after T1 and before the spool entry goes.
 */
#ifndef DAEMON_LISTDB_H
#define DAEMON_LISTDB_H

#include "base/db.h"
#include "base/err.h"
#include "conf/conf.h"

extern const struct db_schema listdb_schema;

int listdb_open(struct db **db, const struct conf *conf, enum db_mode mode, struct err *e)
    __attribute__((warn_unused_result));

#endif
