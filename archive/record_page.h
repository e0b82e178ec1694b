/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_page: the public log of moderation. The newest events, the years in numbers and the rules
 * that steps were taken under, by version, are a part of LIST/conduct/; each year's events stand
 * whole in LIST/conduct/YYYY/, where the event N has the anchor "eN" for good. Beside them:
 * LIST/conduct/atom.xml, one entry an event, and LIST/conduct/figures.json, the years in numbers.
 */
#ifndef ARCHIVE_RECORD_PAGE_H
#define ARCHIVE_RECORD_PAGE_H

#include "archive/frame.h"
#include "archive/press.h"
#include "archive/record.h"
#include "base/err.h"

#define RECORD_PAGE_EVENTS 20 /* on LIST/conduct/; a year has all of its own */
#define RECORD_PAGE_YEARS 6   /* in the table; figures.json has all */

/* The part of LIST/conduct/, into the page that is being made. */
void record_section(struct press *p, const struct frame *f, const struct record *r);
/* The years' pages, the feed, the figures. */
int record_pages(struct press *p, const struct conf_list *list, const struct record *r,
		 struct err *e) __attribute__((warn_unused_result));
/* The path below the site of an event's place: "LIST/conduct/2026/#e17". */
const char *record_path(struct arena *a, const char *list, const struct record_event *ev);

#endif
