/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files: what stands in STATE/html, sent as it is. Nothing outside of it can be reached, whatever
 * the path or a link in it says; names that begin with a dot are nobody's business.
 *
 *   DIR/            DIR/index.html
 *   DIR             a redirect to DIR/
 *   a folder (or what is below it) with gone.html and no index.html
 *                   410 and that page: a withdrawn message
 *   …/m/KEY/raw     text/plain
 *   …/m/KEY/N/NAME  an attachment: to be saved, never to be shown as a page of ours
 */
#ifndef WEB_FILES_H
#define WEB_FILES_H

#include "web/request.h"

/* Fills the response; 404 when there is no such file. */
void files_serve(struct web *web, struct web_request *rq, struct web_response *rs);

/* Opens STATE/html/PATH, a path of ours; -1 if there is no such thing in it. Links inside of
 * STATE/html are followed. */
int files_open(const struct web *web, const char *path);
/* Is there such a page (or was there: gone.html)? */
bool files_has_page(const struct web *web, struct arena *a, const char *dir);

#endif
