/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder: the steps of conduct, from a list's conduct block, or the default: reminder, warning,
 * suspension (INTERFACE section 3).
 */
#ifndef CONF_LADDER_H
#define CONF_LADDER_H

#include "conf/complain.h"
#include "conf/conf.h"
#include "conf/syntax.h"

#define CONF_STEPS_MAX 20
#define CONF_STEP_NAME_MAX 32 /* it is a word in commands and on pages */

/* conduct: the list's block, or NULL for the default. */
void conf_ladder_build(const struct conf_node *conduct, struct conf_list *list, struct arena *a,
		       struct conf_complaints *c);

#endif
