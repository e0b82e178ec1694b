/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request: joining and leaving. Whoever asks proves the address by answering a question to it,
 * unless the request came with a token or a trusted server vouches for it. Nobody can be made to
 * get more than a few such questions a day, over all lists and tags of an address.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "base/err.h"
#include "daemon/ticket.h"
#include "daemon/work.h"

enum request_end {
	REQUEST_DONE,       /* joined or left; a notice tells so */
	REQUEST_ASKED,      /* a question is on its way to the address */
	REQUEST_NOT_NEEDED, /* is a member already, or is none */
	REQUEST_TOO_MANY,   /* the address was asked often enough today */
	REQUEST_REFUSED     /* it is no address that can be a member: a list, a robot */
};

/* proven: the address has shown that it wants this. delivery: mail, digest, nomail. */
int request_join(struct work *w, const struct conf_list *l, struct slice address,
		 const char *delivery, bool proven, enum request_end *end, struct err *e)
    __attribute__((warn_unused_result));
int request_part(struct work *w, const struct conf_list *l, struct slice address, bool proven,
		 enum request_end *end, struct err *e) __attribute__((warn_unused_result));
/*
 * The question of a ticket: a mail from LIST-confirm+TOKEN (a plain reply answers) with the link
 * /c/TOKEN in it. template: confirm-join, confirm-leave, confirm-command. An open ticket for the
 * same is asked again, not doubled. *end is REQUEST_ASKED or REQUEST_TOO_MANY.
 */
int request_ask(struct work *w, const char *kind, const struct conf_list *l, struct slice address,
		const char *detail, const char *template, const char *what, enum request_end *end,
		struct err *e) __attribute__((warn_unused_result));
/* What a confirm token stands for is carried out. Answers what became of it, used and expired ones
 * too. */
int request_answer_ticket(struct work *w, int64_t id, struct err *e)
    __attribute__((warn_unused_result));
/* A sentence for the answer to a command, for text_phrase(). */
const char *request_phrase(enum request_end end, bool join);

#endif
