/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirects: no old link breaks. Message-IDs of any list software, the addresses of Mailman 2
 * (Pipermail) and Mailman 3 (HyperKitty, Postorius): first by the map that an import left
 * (web/moved.h), then by what their own scheme says. They lead nowhere but to a page that is there.
 */
#ifndef WEB_REDIRECTS_H
#define WEB_REDIRECTS_H

#include "web/request.h"

/* By the map alone; false, and nothing done, when the path is not in it. */
bool redirect_moved(struct web *web, struct web_request *rq, struct web_response *rs);

/* /LIST/id/MESSAGE-ID */
void redirect_message_id(struct web *web, struct web_request *rq, struct web_response *rs);
/* /pipermail/LIST/… */
void redirect_pipermail(struct web *web, struct web_request *rq, struct web_response *rs);
/* /mailman/listinfo/LIST, /mailman3/lists/LIST.DOMAIN/, /mailman3/hyperkitty/…, /postorius/… */
void redirect_mailman(struct web *web, struct web_request *rq, struct web_response *rs);
/* /archives/list/LIST@DOMAIN/…, /hyperkitty/list/LIST@DOMAIN/… */
void redirect_hyperkitty(struct web *web, struct web_request *rq, struct web_response *rs);

#endif
