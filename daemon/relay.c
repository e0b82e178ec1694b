/* SPDX-License-Identifier: GPL-2.0-or-later */
/* relay: see relay.h. */
#include "config.h"

#include "daemon/relay.h"

#include <string.h>

#include "base/log.h"
#include "daemon/link.h"

bool
relay_parse(char *text, struct relay *r)
{
	*r = (struct relay){.path = NULL};
	if (strncmp(text, "maildir:", 8) == 0 && text[8] == '/') {
		r->path = text + 8;
		return true;
	}
	char *colon = strncmp(text, "smtp:", 5) == 0 ? strchr(text + 5, ':') : NULL;
	if (!colon)
		return false;
	*colon = '\0';
	r->port = text + 5;
	r->host = colon + 1;
	return true;
}

void
relay_resolve(struct relay *r)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	if (r->path)
		return;
	int code = getaddrinfo(r->host, r->port, &hints, &r->ai);
	if (code != 0) {
		log_warning("%s: %s", r->host, gai_strerror(code));
		r->ai = NULL;
	}
}

bool
relay_is_near(const struct relay *r)
{
	for (const struct addrinfo *ai = r->ai; ai; ai = ai->ai_next)
		if (!link_is_loopback_address(ai->ai_addr))
			return false;
	return true;
}

void
relay_free(struct relay *r)
{
	if (r->ai)
		freeaddrinfo(r->ai);
	r->ai = NULL;
}
