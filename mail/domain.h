/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: the right side of an address: host names (RFC 1035, 5321), IDN (RFC 5890), literals.
 */
#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

/*
 * Lower case, U-labels as A-labels, no dot at the end; a literal ("[192.0.2.1]", "[IPv6:…]") as it
 * is. False if it is none of these. A name without a dot is one.
 */
bool domain_read(struct arena *a, struct slice d, struct slice *out)
    __attribute__((warn_unused_result));
/* Does mail leave the machine with it: a dot inside, "localhost", or a literal? */
bool domain_is_mailable(struct slice ascii);

#endif
