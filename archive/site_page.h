/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site_page: what a site has once: the style sheet, robots.txt and the site map. */
#ifndef ARCHIVE_SITE_PAGE_H
#define ARCHIVE_SITE_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define SITE_MAP_MAX 50000 /* URLs, by the rules of sitemaps.org */

int site_style(struct press *p, struct err *e) __attribute__((warn_unused_result));
int site_robots(struct press *p, struct err *e) __attribute__((warn_unused_result));
/* Front page, lists and months: the pages from which all others are found. */
int site_map(struct press *p, struct err *e) __attribute__((warn_unused_result));

#endif
