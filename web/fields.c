/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that say where a request ends: RFC 9112 sections 5, 6.3 and 11.2. */
#include "config.h"

#include "web/http.h"

static bool
is_token_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != 0 && slice_find_char(SLICE("!#$%&'*+-.^_`|~"), (char)c) < 15);
}

static bool
is_well_formed(struct slice name, struct slice value)
{
	if (name.n == 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_token_byte((unsigned char)name.p[i]))
			return false;
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

void
http_take_field(struct http_fields *f, struct slice name, struct slice value)
{
	if (!is_well_formed(name, value))
		f->malformed = true;
	if (slice_is_ci(name, "content-length")) {
		f->lengths++;
		f->length = slice_trim(value);
	} else if (slice_is_ci(name, "transfer-encoding")) {
		f->codings++;
		f->chunked = slice_is_ci(slice_trim(value), "chunked");
	} else if (slice_is_ci(name, "host")) {
		f->hosts++;
	}
}

const char *
http_dishonest(const struct http_fields *f)
{
	if (f->malformed)
		return "a field that is no field";
	if (f->hosts > 1)
		return "more than one Host";
	if (f->lengths > 1)
		return "more than one Content-Length";
	if (f->lengths > 0 && f->codings > 0)
		return "Content-Length and Transfer-Encoding";
	if (f->codings > 1 || (f->codings == 1 && (!f->chunked || f->old)))
		return "a Transfer-Encoding other than chunked";
	if (f->method != WEB_POST &&
	    (f->codings > 0 || (f->lengths > 0 && !slice_is(f->length, "0"))))
		return "a body where none belongs";
	return NULL;
}
