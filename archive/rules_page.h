/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_page: what a list says of itself: LIST/about/ (its description and charter), LIST/conduct/
 * (the ladder of steps in plain words, as it is configured, with the date of the file it is
 * configured in) and LIST/opens/ (open membership, open list, open archive: each with evidence).
 */
#ifndef ARCHIVE_RULES_PAGE_H
#define ARCHIVE_RULES_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define CHARTER_MAX ((size_t)1 << 20)

int about_page(struct press *p, const struct conf_list *list, struct err *e)
    __attribute__((warn_unused_result));
int conduct_page(struct press *p, const struct conf_list *list, struct err *e)
    __attribute__((warn_unused_result));
int opens_page(struct press *p, const struct conf_list *list, struct err *e)
    __attribute__((warn_unused_result));

#endif
