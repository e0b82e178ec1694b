/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lists: the list blocks, and all that can be checked only when every list is known.
 */
#ifndef CONF_LISTS_H
#define CONF_LISTS_H

#include "conf/complain.h"
#include "conf/conf.h"
#include "conf/syntax.h"

/* Reads every list of the tree into conf->lists (sorted). The site's keys must be in *conf. */
void conf_lists_build(const struct conf_node *root, struct conf *conf, struct conf_complaints *c);

#endif
