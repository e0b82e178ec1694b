/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages: what is made on demand stands in the same frame as the static pages; and the pages that
 * say why there is no other, in the reader's language, with what to do now.
 */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "archive/frame.h"
#include "web/request.h"

struct page {
	struct frame frame;
	struct press press; /* of which the frame needs the configuration, arena and style */
	struct buf *b;
	const char *lang;
};

/* Opens a page up to and with its <h1>; list may be NULL. No search engine should keep it. */
void page_begin(struct page *p, struct web *web, struct web_request *rq, struct web_response *rs,
		const char *title, const struct conf_list *list);
/* The same for a page with a search form of its own. */
void page_begin_search(struct page *p, struct web *web, struct web_request *rq,
		       struct web_response *rs, const char *title, const struct conf_list *list);
void page_end(struct page *p);

/* A paragraph of a phrase, N_("…"). */
void page_say(struct page *p, const char *phrase);
/* A paragraph of a phrase with markup for its %s. */
void page_say_with(struct page *p, const char *phrase, struct slice markup);

/* The whole response for a status of 400 and above; headers that are there stay. */
void page_error(struct web *web, struct web_request *rq, struct web_response *rs, int status);

#endif
