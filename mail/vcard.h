/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcard: whose card it is (RFC 6350 and the versions before): a name, where they are, how to write.
 */
#ifndef MAIL_VCARD_H
#define MAIL_VCARD_H

#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define VCARD_MAX 20

struct vcard {
	struct slice name, organisation, title, address; /* any may be empty */
};

/* The cards of a text, UTF-8; how many, at most VCARD_MAX. */
size_t vcard_parse(struct arena *a, struct slice text, struct vcard **out);

#endif
