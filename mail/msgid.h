/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msgid: Message-IDs and the keys of messages (INTERFACE section 5).
 */
#ifndef MAIL_MSGID_H
#define MAIL_MSGID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define KEY_LENGTH 32
#define KEY_SIZE (KEY_LENGTH + 1)
#define MSGID_MAX 1000     /* longer ones are cut: no mailer makes them, indexes choke on them */
#define REFERENCES_MAX 100 /* the first and the last 99 count */

/* All ids of a References or In-Reply-To value, without brackets, white space inside removed, in
 * order; what stands in no brackets is ignored unless it is the only word and has an '@'. */
size_t msgid_parse_list(struct arena *a, struct slice raw, struct slice **out);
/* The Message-ID of a message without brackets; empty when it has none that can be read. */
struct slice msgid_parse(struct arena *a, struct slice raw);

/* The key of a Message-ID: base32 of its SHA-1. */
void msgid_key(struct slice msgid, char out[KEY_SIZE]);
/* The key of a second message with the same id and other content; body_sha256 lower-case hex. */
void msgid_key_second(struct slice msgid, const char *body_sha256, char out[KEY_SIZE]);
bool key_valid(struct slice s); /* 32 letters of the alphabet, any case */

/* What everything needs of a message's identity, computed once. */
struct identity {
	struct slice msgid; /* from the header, or "generated-…@DOMAIN" */
	bool generated;
	char key[KEY_SIZE];   /* of msgid */
	char body_sha256[65]; /* hex, of the body with CRLF as LF */
};
/* domain: the site's. bytes: the whole message; its body begins after the first empty line. */
void msgid_identify(struct identity *id, struct arena *a, struct slice bytes, const char *domain);

#endif
