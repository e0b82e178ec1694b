/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * appeal: from what a member writes to LIST-appeal to what the appeal body decides. No moderator
 * reads any of it: what an appeal says, and who stands behind it, is the appeal body's alone.
 *
 * An appeal is taken of whoever it is proven to come from: by a server that vouches, by an answer
 * to the question whether it was she, or by the address of her own in the step's mail. On a list
 * with appeal-cosigners it is a petition first: the member gets an address that other members write
 * to; with enough of them it becomes the appeal, without, it lapses.
 */
#ifndef DAEMON_APPEAL_H
#define DAEMON_APPEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/step.h"
#include "daemon/ticket.h"
#include "daemon/work.h"

#define APPEAL_WORDS_MAX 20000        /* bytes */
#define PETITION_EXPIRES (14 * 86400) /* of the wait for co-signers */

/* LIST-appeal: filed, or asked about; where there is nothing to appeal against it is only handed on
 * to the appeal body. */
int appeal_handle(struct work *w, struct err *e) __attribute__((warn_unused_result));
/* who has shown that she appeals, in these words; attached: her mail, or empty. Against her newest
 * step; tells her what became of it. */
int appeal_take(struct work *w, const struct conf_list *l, struct slice who, const char *words,
		struct slice attached, struct err *e) __attribute__((warn_unused_result));
/* A mail to a petition's address: counts at once if it is proven whose it is, else asks. */
int appeal_cosign_mail(struct work *w, const struct conf_list *l, const struct ticket *t,
		       struct err *e) __attribute__((warn_unused_result));
/* d->by stands behind the petition; *result: a phrase that says what came of it. */
int appeal_cosign(struct deed *d, int64_t petition, const char **result, struct err *e)
    __attribute__((warn_unused_result));
/* The appeal body's word about an appeal; *result: a phrase. */
int appeal_decide(struct deed *d, const struct conduct_event *appeal, bool overturn,
		  struct slice why, const char **result, struct err *e)
    __attribute__((warn_unused_result));
/* How many stand behind it, and how many must. -1. */
int appeal_count(struct db *db, struct arena *a, const struct conduct_event *petition, int *have,
		 int *need, struct err *e) __attribute__((warn_unused_result));

#endif
