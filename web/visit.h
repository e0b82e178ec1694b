/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * visit: one request, from its first line to the last byte of its response: what of it is refused,
 * which page answers it, where that is made, and how it is sent. http.c has the sockets and the
 * loop; these two know the library, nobody else does.
 */
#ifndef WEB_VISIT_H
#define WEB_VISIT_H

#include <microhttpd.h>

#include "web/pool.h"
#include "web/request.h"
#include "web/routes.h"

struct guest;
struct visit;

/* What the visits at one door share. */
struct visit_site {
	struct web *web;
	const struct web_route *(*route)(const struct url *u);
	struct pool **pool; /* POOLS of them */
	size_t *busy;       /* how many are being answered, over all doors */
	void *door;         /* the host's */
};

/* The request line is there; target is copied. */
struct visit *visit_begin(const struct visit_site *site, struct MHD_Connection *c,
			  struct guest *guest, const char *target);
/* The library's access handler: called with the fields, then with each piece of the body, then at
 * its end; and again when a suspended connection goes on. */
enum MHD_Result visit_go_on(struct visit *v, const char *method, const char *version,
			    const char *upload, size_t *upload_n);
/* Sent, or given up. */
void visit_end(struct visit *v);

/* A pool's function: makes the response. */
void visit_run(struct pool_work *work, size_t worker);
/* On the loop's thread, when that is done: the library goes on with it once it is run. Its door. */
void *visit_resume(struct pool_work *work);

#endif
