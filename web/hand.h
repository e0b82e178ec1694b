/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hand: leave and confirm links, /u/TOKEN and /c/TOKEN. This role knows no secret and no member: it
 * asks intake whether such an address exists, and hands in a mail to it as anybody could. GET
 * changes nothing (scanners follow links); POST acts, be it from the button or a mail program's own
 * (RFC 8058).
 */
#ifndef WEB_HAND_H
#define WEB_HAND_H

#include "web/request.h"

void hand_leave(struct web *web, struct web_request *rq, struct web_response *rs);
void hand_confirm(struct web *web, struct web_request *rq, struct web_response *rs);

#endif
