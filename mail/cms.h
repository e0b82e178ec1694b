/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cms: what a signed message of S/MIME holds inside of its signature (RFC 5652 5.1, RFC
 * 8551 3.5.2): the words, not whether the signature is good.
 */
#ifndef MAIL_CMS_H
#define MAIL_CMS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

#define CMS_MAX ((size_t)8 << 20) /* bytes of a signed whole that are worth opening */

/* The content of a SignedData in DER or BER: bytes of a MIME entity. False if bytes are no such. */
bool cms_signed_content(struct arena *a, struct slice bytes, struct slice *content);

#endif
