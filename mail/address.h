/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address: mail addresses (RFC 5321, 5322, 6531). An address here is "local@domain" without
 * brackets, comments or display name.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define ADDRESS_MAX 512       /* RFC 5321 has 254; UTF-8 local parts are longer in bytes */
#define ADDRESS_LIST_MAX 1000 /* addresses taken from one field */

struct address {
	struct slice name;   /* display name or trailing comment, clean UTF-8, may be empty */
	struct slice local;  /* unquoted */
	struct slice domain; /* lower case ASCII (IDN as A-labels where it can be) */
	struct slice text;   /* local@domain, local part quoted again where it must be */
};

/*
 * Addresses of a From, To, Cc, Reply-To… value, groups flattened; what can't be read is skipped,
 * the rest is found. Wants real mail, not only right mail: "Name <a@b> (x)", "a@b (Name)", unquoted
 * dots and commas guessed, RFC 2047 in names, "a at b" NOT. Returns the number.
 */
size_t address_parse_list(struct arena *a, struct slice raw, struct address **out);
/* The first one; false if there is none. */
bool address_parse_first(struct arena *a, struct slice raw, struct address *out)
    __attribute__((warn_unused_result));

/*
 * Reads one local@domain, as it stands in angle brackets: comments and folds go, a source route and
 * "mailto:" too. The name stays as it is in *out. False if it can't be mailed to.
 */
bool address_read(struct arena *a, struct slice spec, struct address *out)
    __attribute__((warn_unused_result));

/* Is it a syntactically good address for SMTP, at most ADDRESS_MAX, no control character, one '@',
 * a domain with a dot or "localhost" or a literal? UTF-8 in the local part counts if utf8. */
bool address_valid(struct slice address, bool utf8);
/* Splits at the last '@'. */
bool address_split(struct slice address, struct slice *local, struct slice *domain);
/*
 * The canonical form by which members are compared: domain lower case and A-label, local part lower
 * case (NFC). A-labels and U-labels of a domain meet. "+tag" and dots are kept: they are other
 * addresses.
 */
char *address_canonical(struct arena *a, struct slice address);
/*
 * The form by which floods are counted: canonical, without "+tag"; for providers known to ignore
 * dots (gmail.com, googlemail.com) without dots, googlemail.com as gmail.com.
 */
char *address_flood_key(struct arena *a, struct slice address);
bool address_eq(struct slice a, struct slice b); /* canonical forms are equal */
/* Wire form: needs SMTPUTF8? (a non-ASCII byte in it) */
bool address_needs_utf8(struct slice address);

#endif
