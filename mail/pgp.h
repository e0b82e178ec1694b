/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pgp: texts that carry OpenPGP in themselves (RFC 4880 section 7): nothing is verified, a reader
 * of an archive wants the words.
 */
#ifndef MAIL_PGP_H
#define MAIL_PGP_H

#include "base/arena.h"
#include "base/slice.h"

enum pgp_kind { PGP_NONE, PGP_SIGNED, PGP_ENCRYPTED };

/* What a text is: signed as a whole or in part, or nothing but encrypted. */
enum pgp_kind pgp_of(struct slice text);
/* The text of a signed one without armour and signature, dashes unescaped; else the text itself. */
struct slice pgp_open(struct arena *a, struct slice text);

#endif
