/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say: see say.h. */
#include "daemon/say.h"

#include <stdio.h>

void
say_note_offer(struct say_offer *o, struct slice line)
{
	const struct {
		const char *name;
		bool *flag;
	} offers[] = {
	    {"PIPELINING", &o->pipelining}, {"8BITMIME", &o->eight},
	    {"SMTPUTF8", &o->utf8},         {"SIZE", &o->size},
	    {"STARTTLS", &o->starttls},
	};
	struct slice word;
	if (!slice_next_word(&line, &word))
		return;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		if (slice_is_ci(word, offers[i].name))
			*offers[i].flag = true;
}

bool
say_has_eight(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

bool
say_is_safe(struct slice a)
{
	bool quoted = false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned char c = (unsigned char)a.p[i];
		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\' && i + 1 < a.n && (unsigned char)a.p[i + 1] >= 0x20)
			i++;
		else if (!quoted && (c == ' ' || c == '<' || c == '>'))
			return false;
	}
	return !quoted && a.n < SAY_ADDRESS_MAX;
}

void
say_mail(struct parts *out, const struct say_offer *o, const struct say_mail *m)
{
	char size[40];
	parts_text(out, SLICE("MAIL FROM:<"));
	parts_text(out, m->return_path);
	parts_text(out, SLICE(">"));
	if (o->size) {
		snprintf(size, sizeof(size), " SIZE=%zu", m->size);
		parts_text(out, slice_str(size));
	}
	if (m->eight && o->eight)
		parts_text(out, SLICE(" BODY=8BITMIME"));
	if (m->utf8 && o->utf8)
		parts_text(out, SLICE(" SMTPUTF8"));
	parts_text(out, SLICE("\r\n"));
}

void
say_rcpt(struct parts *out, struct slice address)
{
	parts_text(out, SLICE("RCPT TO:<"));
	parts_text(out, address);
	parts_text(out, SLICE(">\r\n"));
}
