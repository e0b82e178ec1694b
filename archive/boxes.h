/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boxes: mbox.gz of threads and months. Each message is a gzip member of its own, and members are
 * appended as messages come, so that a message costs the same in a month of ten and of ten
 * thousand. At a box's end stands an empty member whose header tells what is in the box (how many
 * messages, up to which row, a sum over the rows of a thread); each append writes over it. Where it
 * does not fit the overview (a message was withdrawn, threads were merged, a write was cut off),
 * the box is made anew. Messages are in the order in which the archive learned of them.
 */
#ifndef ARCHIVE_BOXES_H
#define ARCHIVE_BOXES_H

#include "base/err.h"
#include "archive/conversation.h"
#include "archive/press.h"

int boxes_thread(struct press *p, const struct conversation *c, struct err *e)
    __attribute__((warn_unused_result));
int boxes_month(struct press *p, const char *list, int month, struct err *e)
    __attribute__((warn_unused_result));

#endif
