/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "web/request.h"
#include "web/squeeze.h"

/*
 * What a page may do in a browser: show itself, our style sheet and our pictures, send a form to
 * us. A message that gets markup past the cleaner still can run nothing and tell nobody.
 */
static const struct web_header common[] = {
    {"Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; "
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-cache"},
};

void
web_response_init(struct web_response *rs)
{
	*rs = (struct web_response){.status = 200, .fd = -1};
	buf_init(&rs->body, WEB_BODY_MAX);
}

void
web_response_free(struct web_response *rs)
{
	if (rs->fd >= 0)
		close(rs->fd);
	rs->fd = -1;
	shared_release(rs->shared);
	rs->shared = NULL;
	buf_free(&rs->body);
}

void
web_header(struct web_response *rs, const char *name, const char *value)
{
	if (rs->nheaders == WEB_HEADERS_MAX)
		fatal("more than %d response headers", WEB_HEADERS_MAX);
	rs->header[rs->nheaders++] = (struct web_header){name, value};
}

const char *
web_header_get(const struct web_response *rs, const char *name)
{
	for (size_t i = 0; i < rs->nheaders; i++)
		if (strcasecmp(rs->header[i].name, name) == 0)
			return rs->header[i].value;
	return NULL;
}

void
web_type(struct web_response *rs, const char *type)
{
	web_header(rs, "Content-Type", type);
}

void
web_redirect(struct web_response *rs, int status, const char *location)
{
	rs->status = status;
	web_header(rs, "Location", location);
	web_header(rs, "Cache-Control", status == 301 ? "max-age=3600" : "max-age=60");
	web_type(rs, "text/plain; charset=utf-8");
	buf_puts(&rs->body, location);
	buf_putc(&rs->body, '\n');
}

void
web_add_common_headers(struct web_response *rs)
{
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (!web_header_get(rs, common[i].name))
			web_header(rs, common[i].name, common[i].value);
}
