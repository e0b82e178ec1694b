/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strays: files in out/ that no mail needs, left behind by a crash between T2 and their removal. */
#ifndef DAEMON_STRAYS_H
#define DAEMON_STRAYS_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"

#define STRAY_S 600 /* younger ones may belong to what is just being decided */

int strays_remove(struct db *db, int out_fd, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
