/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dsn: reads message/delivery-status parts (RFC 3464 2): groups of fields parted by empty lines,
 * the first about the message, each other about one recipient. Whatever an enclosing part calls
 * itself, it is this part that counts: relays rewrap reports.
 */
#include "mail/dsn.h"

#include "base/utf8.h"
#include "mail/address.h"
#include "mail/field.h"
#include "mail/header.h"

#define REPORT_MAX (256 * 1024) /* a report on 1,000 recipients is under 200 KB */
#define RECIPIENTS_MAX 1000
#define DIAGNOSTIC_MAX 1000

struct action_name {
	const char *name;
	enum dsn_action action;
};

static const struct action_name actions[] = {
    {"failed", DSN_FAILED},   {"delayed", DSN_DELAYED},   {"delivered", DSN_DELIVERED},
    {"relayed", DSN_RELAYED}, {"expanded", DSN_EXPANDED},
};

/* One group of fields as it is read. */
struct group {
	struct slice original, final, action, status, diagnostic;
};

struct wanted {
	const char *name;
	size_t offset;
};

static const struct wanted wanted[] = {
    {"Original-Recipient", offsetof(struct group, original)},
    {"Final-Recipient", offsetof(struct group, final)},
    {"Action", offsetof(struct group, action)},
    {"Status", offsetof(struct group, status)},
    {"Diagnostic-Code", offsetof(struct group, diagnostic)},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The value behind "rfc822;", "utf-8;", "smtp;"; without a type, the whole. */
static struct slice
after_type(struct slice value)
{
	struct slice type, rest;
	return slice_trim(slice_cut(value, ';', &type, &rest) ? rest : value);
}

/* The address only; empty if it is none. */
static struct slice
recipient_address(struct arena *a, struct slice value)
{
	struct address ad;
	struct slice s = after_type(value);
	if (s.n > 0 && address_parse_first(a, s, &ad))
		return ad.text;
	return slice_make(NULL, 0);
}

/* "5.1.1" out of "5.1.1 (user unknown)" (RFC 3463 2); empty if it is no such code. */
static struct slice
status_code(struct slice s)
{
	size_t n = 0, dots = 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		dots += s.p[n++] == '.';
	bool good = dots == 2 && n >= 5 && n <= 9 && s.p[1] == '.' &&
		    (s.p[0] == '2' || s.p[0] == '4' || s.p[0] == '5');
	return slice_sub(s, 0, good ? n : 0);
}

/* Without a known action, the status says it (RFC 3464 2.3.3 makes both obligatory). */
static bool
find_action(const struct group *g, struct slice status, enum dsn_action *out)
{
	struct slice word = g->action;
	size_t n = 0;
	while (n < word.n && (unsigned char)word.p[n] > ' ' && word.p[n] != '(' && word.p[n] != ';')
		n++;
	word.n = n;
	for (size_t i = 0; i < COUNT(actions); i++)
		if (slice_is_ci(word, actions[i].name)) {
			*out = actions[i].action;
			return true;
		}
	if (status.n == 0)
		return false;
	*out = status.p[0] == '5' ? DSN_FAILED : status.p[0] == '4' ? DSN_DELAYED : DSN_DELIVERED;
	return true;
}

static bool
group_finish(const struct group *g, struct arena *a, struct dsn_recipient *out)
{
	out->recipient = recipient_address(a, g->original);
	if (out->recipient.n == 0)
		out->recipient = recipient_address(a, g->final);
	out->status = arena_dup(a, status_code(g->status));
	out->diagnostic = utf8_head(header_text(a, after_type(g->diagnostic)), DIAGNOSTIC_MAX);
	return out->recipient.n > 0 && find_action(g, out->status, &out->action);
}

/* The first of each name counts. */
static void
group_take(struct group *g, const struct field *f)
{
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct slice *slot = (struct slice *)(void *)((char *)g + wanted[i].offset);
		if (slot->n == 0 && slice_is_ci(f->name, wanted[i].name))
			*slot = slice_trim(f->value);
	}
}

/* AOL's reports had no empty lines between groups: a second recipient begins another. */
static bool
begins_group(const struct group *g, const struct field *f)
{
	bool final = field_is(f, "Final-Recipient");
	if (!final && !field_is(f, "Original-Recipient"))
		return false;
	return g->action.n > 0 && (final ? g->final.n > 0 : g->original.n > 0);
}

/* All groups of one part; lines that are no field are passed over. */
static size_t
read_status(struct slice text, struct arena *a, struct dsn_recipient *out, size_t max)
{
	size_t n = 0;
	struct slice line;
	while (text.n > 0 && n < max) {
		struct group g = {.original = {NULL, 0}};
		struct slice before = text;
		struct field f;
		while (field_next(&text, &f) && !begins_group(&g, &f)) {
			group_take(&g, &f);
			before = text;
		}
		n += group_finish(&g, a, &out[n]);
		text = before;
		if (g.action.n > 0 && field_next(&before, &f) && begins_group(&g, &f))
			continue;
		if (!field_take_blank(&text))
			slice_next_line(&text, &line);
	}
	return n;
}

static bool
is_status_part(const struct part *p)
{
	return part_is(p, "message", "delivery-status") ||
	       part_is(p, "message", "global-delivery-status");
}

/* Those of one level: of the report itself, or of messages inside it. */
static size_t
read_level(const struct message *m, struct arena *a, const bool *inside, bool level,
	   struct dsn_recipient *out)
{
	size_t n = 0;
	for (size_t i = 0; i < m->nparts && n < RECIPIENTS_MAX; i++) {
		if (inside[i] != level || !is_status_part(&m->parts[i]))
			continue;
		struct slice text = part_decode(a, &m->parts[i], REPORT_MAX);
		n += read_status(text, a, out + n, RECIPIENTS_MAX - n);
	}
	return n;
}

size_t
dsn_parse(const struct message *m, struct arena *a, bool returned, struct dsn_recipient **out)
{
	bool any = false, *inside = arena_array(a, m->nparts, sizeof *inside);
	*out = NULL;
	for (size_t i = 0; i < m->nparts; i++) {
		int up = m->parts[i].parent;
		inside[i] = up >= 0 && (inside[up] || m->parts[up].kind == PART_MESSAGE);
		any |= is_status_part(&m->parts[i]);
	}
	if (!any)
		return 0;
	*out = arena_array(a, RECIPIENTS_MAX, sizeof **out);
	return read_level(m, a, inside, returned, *out);
}

/* Does a block of status fields begin here? */
static bool
begins_status(struct slice text)
{
	return slice_starts_ci(text, SLICE("Reporting-MTA:")) ||
	       slice_starts_ci(text, SLICE("Final-Recipient:")) ||
	       slice_starts_ci(text, SLICE("Original-Recipient:"));
}

size_t
dsn_parse_text(struct slice text, struct arena *a, struct dsn_recipient **out)
{
	struct slice line;
	*out = NULL;
	while (text.n > 0 && !begins_status(text))
		slice_next_line(&text, &line);
	if (text.n == 0)
		return 0;
	*out = arena_array(a, RECIPIENTS_MAX, sizeof **out);
	return read_status(slice_sub(text, 0, REPORT_MAX), a, *out, RECIPIENTS_MAX);
}
