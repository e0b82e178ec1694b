/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * advice: what is no error in a list's configuration and yet will not do what its writer hopes for.
 * Warnings stop nothing: "plenary check" and "plenaryd -n" show them.
 */
#ifndef CONF_ADVICE_H
#define CONF_ADVICE_H

#include "conf/complain.h"
#include "conf/syntax.h"

/* Of a list that is read whole, with the people who run it. node: its block. */
void conf_advise_list(const struct conf_list *l, const struct conf_node *node,
		      struct conf_complaints *c);

#endif
