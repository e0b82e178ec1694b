/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mask: what is published shows nobody's keys. Members quote the mail they got, with its one-click
 * leave link or return path in it; in pages, raw files, mailboxes and exports each token in one of
 * this site's own addresses or links becomes as many "x":
 *
 *   SITE-URL/u/TOKEN  SITE-URL/c/TOKEN  LIST-bounces+TOKEN@DOMAIN (-unsubscribe, -leave, -confirm,
 *   -moderate, -report likewise; "@" also as "%40", "=40" and "&#64;")
 *
 * Found in plain text, across the soft line breaks of quoted-printable, and inside base64 text.
 * Linear in the message's size; the length of what is masked never changes.
 */
#ifndef ARCHIVE_MASK_H
#define ARCHIVE_MASK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

struct mask;

/* site_url as in the configuration (its scheme does not count), domain and subaddress delimiter. */
struct mask *mask_new(const char *site_url, const char *domain, char delimiter)
    __attribute__((returns_nonnull));
void mask_free(struct mask *k);

/* Text: true, and a masked copy in the arena, if there was something to mask; else *out is s. */
bool mask_text(const struct mask *k, struct arena *a, struct slice s, struct slice *out);
/* The same for the bytes of a whole message, its parts in base64 too, if they are text or hold one
 * in an S/MIME signature. */
bool mask_message(const struct mask *k, struct arena *a, struct slice bytes, struct slice *out);

#endif
