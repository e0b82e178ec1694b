/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards: parts of a message that are no text, in a few words of ours: invitations, visiting cards,
 * what became of a delivery; and that a message is signed or encrypted. The parts themselves stay
 * attachments.
 */
#ifndef ARCHIVE_CARDS_H
#define ARCHIVE_CARDS_H

#include <stdbool.h>

#include "archive/body_writer.h"

/* What this part says, if it is a card of any kind. True: it was one. */
bool cards_put(const struct body_writer *w, int part);
/* What holds of the message as a whole: encrypted, signed, not well formed. */
void cards_notes(const struct body_writer *w);

/* "<details class="fwd">" with what a message inside is about, and its header; ends with
 * cards_forwarded_end. open: there is nothing but it. */
void cards_forwarded(const struct body_writer *w, const struct part *inner, bool open);
void cards_forwarded_end(const struct body_writer *w);

#endif
