/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: the splitter. It walks the bytes once from front to back; what is open (a multipart and
 * its boundary) stands on a small stack of its own, so no shape of a mail costs call stack or more
 * than linear time. Invariants:
 * 1. the cursor never moves back, and lines are searched only behind it;
 * 2. parents stand before their children, and a part's body lies within its parent's;
 * 3. only the last part and its ancestors can be without an end: closing walks that chain, and each
 *    part is closed once;
 * 4. a delimiter is a whole line: "--", the boundary, "--" or not, blanks (RFC 2046 5.1.1). The
 *    innermost multipart that it fits has it.
 */
#include "config.h"
#include "mail/message.h"

/* A multipart whose close delimiter has not come yet. */
struct open {
	int part;
	struct slice boundary;
};

struct splitter {
	struct message *m;
	struct arena *arena;
	size_t room;        /* parts that m->parts has room for */
	size_t fields_left; /* of MESSAGE_FIELDS_MAX */
	struct slice rest;  /* from the cursor to the end of the message */
	struct open open[GUARD_DEPTH_MAX + 1];
	int nopen;
	int last; /* the part that was begun or closed around last: the chain's inner end */
};

/* A delimiter line. */
struct delimiter {
	const char *at; /* its first byte, or the end of the message if there is none */
	int level;      /* index into open; -1: there is none */
	bool close;
	struct slice behind;
};

static struct slice
lower(struct arena *a, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return slice_make(arena_lower(a, s), s.n);
	return s;
}

/* A token (RFC 2045 5.1) at the start of s, as far as mailers keep to it. */
static struct slice
token(struct slice s)
{
	size_t n = 0;
	while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != 0x7f &&
	       !memchr("()<>@,;:\\\"/[]?=", s.p[n], 15))
		n++;
	return slice_sub(s, 0, n);
}

/* Leaves type and subtype as they are (the default) if the value is not "type/subtype". */
static void
read_type(struct part *p, struct arena *a, struct slice value)
{
	struct slice s = slice_trim(value), type = token(s), subtype;
	p->content_type = s;
	s = slice_trim(slice_from(s, type.n));
	if (type.n == 0 || s.n == 0 || s.p[0] != '/')
		return;
	subtype = token(slice_trim(slice_from(s, 1)));
	if (subtype.n == 0)
		return;
	p->type = lower(a, type);
	p->subtype = lower(a, subtype);
}

static void
read_encoding(struct part *p, struct arena *a, struct slice value)
{
	struct slice s = slice_trim(value);
	if (s.n && s.p[0] == '"')
		s = slice_from(s, 1);
	p->encoding = lower(a, token(s));
}

/* Does the line at the start of s delimit an open multipart? */
static bool
match_delimiter(const struct splitter *sp, struct slice s, struct delimiter *d)
{
	struct slice line;
	if (!slice_starts(s, SLICE("--")))
		return false;
	d->at = s.p;
	d->behind = s;
	field_take_line(&d->behind, &line);
	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r' ||
			  line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	line = slice_from(line, 2);
	for (d->level = sp->nopen - 1; d->level >= 0; d->level--) {
		struct slice boundary = sp->open[d->level].boundary;
		if (line.n < boundary.n || memcmp(line.p, boundary.p, boundary.n) != 0)
			continue;
		d->close = line.n == boundary.n + 2 && memcmp(line.p + boundary.n, "--", 2) == 0;
		if (d->close || line.n == boundary.n)
			return true;
	}
	return false;
}

/* The next delimiter at or behind the cursor, which is at the beginning of a line. */
static void
find_delimiter(const struct splitter *sp, struct delimiter *d)
{
	struct slice rest = sp->rest;
	while (sp->nopen > 0 && rest.n > 2) {
		if (match_delimiter(sp, rest, d))
			return;
		size_t at = slice_find(rest, SLICE("\n--"));
		rest = slice_from(rest, at + 1);
	}
	d->at = sp->rest.p + sp->rest.n;
	d->level = -1;
	d->close = false;
	d->behind = slice_make(d->at, 0);
}

/* The fields of a header; sp->rest is left behind its empty line. A delimiter ends it, too: "--a:b"
 * looks like a field. */
static void
read_header(struct splitter *sp, struct part *p)
{
	const char *start = sp->rest.p;
	struct delimiter d;
	struct field f;
	size_t n = 0;
	while (!match_delimiter(sp, sp->rest, &d) && field_next(&sp->rest, &f))
		n++;
	p->head = slice_make(start, (size_t)(sp->rest.p - start));
	field_take_blank(&sp->rest);

	struct slice again = p->head;
	p->nfields = n < sp->fields_left ? n : sp->fields_left;
	p->nfields = p->nfields < GUARD_FIELDS_MAX ? p->nfields : GUARD_FIELDS_MAX;
	sp->fields_left -= p->nfields;
	p->fields = arena_array(sp->arena, p->nfields, sizeof(*p->fields));
	for (size_t i = 0; i < p->nfields; i++)
		field_next(&again, &p->fields[i]);
}

static struct part *
new_part(struct splitter *sp, int parent)
{
	struct message *m = sp->m;
	if (m->nparts == sp->room) {
		struct part *more = arena_array(sp->arena, sp->room * 4, sizeof(*more));
		memcpy(more, m->parts, sp->room * sizeof(*more));
		m->parts = more;
		sp->room *= 4;
	}
	struct part *p = &m->parts[m->nparts++];
	*p = (struct part){.parent = parent};
	p->depth = parent < 0 ? 0 : m->parts[parent].depth + 1;
	p->type = SLICE("text");
	p->subtype = SLICE("plain");
	if (parent >= 0 && part_is(&m->parts[parent], "multipart", "digest")) {
		p->type = SLICE("message");
		p->subtype = SLICE("rfc822");
	}
	return p;
}

/* Puts a multipart on the stack, or leaves it a leaf if its boundary can't be used. */
static void
open_multipart(struct splitter *sp, struct part *p)
{
	struct slice boundary, charset;
	if (!parameter_find(sp->arena, p->content_type, "boundary", &boundary, &charset))
		return;
	/* RFC 2046 5.1.1: it does not end in white space; a reader could not see it. */
	while (boundary.n && strchr(" \t\r\n", boundary.p[boundary.n - 1]))
		boundary.n--;
	if (boundary.n == 0 || boundary.n > GUARD_BOUNDARY_MAX)
		return;
	p->kind = PART_MULTIPART;
	sp->open[sp->nopen++] = (struct open){sp->last, boundary};
}

/* Encoded messages are leaves, unless the encoding is a lie (RFC 2046 5.2.1 forbids both). */
static bool
holds_message(const struct splitter *sp, const struct part *p)
{
	struct slice rest = sp->rest;
	struct field f;
	if (!part_is(p, "message", "rfc822") && !part_is(p, "message", "global"))
		return false;
	if (!slice_is(p->encoding, "base64") && !slice_is(p->encoding, "quoted-printable"))
		return true;
	field_skip_lead(&rest);
	return field_next(&rest, &f);
}

/* Begins one part at the cursor and says whether a message begins in it, at the cursor again. */
static bool
begin_part(struct splitter *sp, int parent)
{
	struct part *p = new_part(sp, parent);
	sp->last = (int)sp->m->nparts - 1;
	if (parent < 0 || sp->m->parts[parent].kind == PART_MESSAGE)
		field_skip_lead(&sp->rest);
	read_header(sp, p);
	bool typed = false, encoded = false;
	for (size_t i = 0; i < p->nfields; i++) {
		const struct field *f = &p->fields[i];
		/* The first counts; the length is looked at first, for most are others. */
		if (f->name.n == 12 && !typed && (typed = field_is(f, "Content-Type")))
			read_type(p, sp->arena, f->value);
		if (f->name.n == 25 && !encoded &&
		    (encoded = field_is(f, "Content-Transfer-Encoding")))
			read_encoding(p, sp->arena, f->value);
	}
	p->body = sp->rest; /* to the end of all, until it is closed */
	bool multipart = part_is(p, "multipart", NULL), message = holds_message(sp, p);
	if (!multipart && !message)
		return false;
	if (p->depth == GUARD_DEPTH_MAX) {
		sp->m->verdict = GUARD_TOO_DEEP;
		return false;
	}
	if (message && sp->m->nparts == GUARD_PARTS_MAX) {
		sp->m->verdict = GUARD_TOO_MANY_PARTS;
		return false;
	}
	if (multipart)
		open_multipart(sp, p);
	else
		p->kind = PART_MESSAGE;
	return message;
}

/* Ends the last part and its ancestors up to, and without, the part stop, at the line that begins
 * at end: the line end before it is the delimiter's (RFC 2046 5.1.1). */
static void
close_parts(struct splitter *sp, int stop, const char *end)
{
	/* There is a header before any delimiter, so there are bytes to look back at. */
	if (end[-1] == '\n')
		end--;
	if (end[-1] == '\r')
		end--;
	for (; sp->last != stop; sp->last = sp->m->parts[sp->last].parent) {
		struct slice *body = &sp->m->parts[sp->last].body;
		/* That line end may have been the empty line behind its header. */
		const char *begin = body->p < end ? body->p : end;
		*body = slice_make(begin, (size_t)(end - begin));
	}
}

/* Multiparts and messages that turned out to have nothing inside are leaves. */
static void
settle_kinds(struct message *m)
{
	for (size_t i = 0; i < m->nparts; i++) {
		struct part *p = &m->parts[i];
		bool parent = i + 1 < m->nparts && m->parts[i + 1].parent == (int)i;
		if (!parent)
			p->kind = PART_LEAF;
		if (p->kind == PART_LEAF && part_is(p, "multipart", NULL)) {
			p->type = SLICE("text");
			p->subtype = SLICE("plain");
		}
	}
}

/*
 * Does nothing but white space come between the cursor, behind delimiter d, and what ends its
 * multipart: another delimiter right here, its close delimiter, one of an outer multipart, the end
 * of all? Mailers end with "--b" where "--b--" is due; there is no part behind that.
 */
static bool
no_part_follows(const struct splitter *sp, const struct delimiter *d)
{
	struct delimiter next;
	struct slice rest = sp->rest;
	if (match_delimiter(sp, rest, &next) && next.level == d->level)
		return true;
	while (field_take_blank(&rest))
		;
	if (rest.n == 0)
		return true;
	return match_delimiter(sp, rest, &next) &&
	       (next.level < d->level || (next.level == d->level && next.close));
}

static void
split(struct splitter *sp)
{
	struct delimiter d;
	while (begin_part(sp, sp->last))
		;
	for (;;) {
		find_delimiter(sp, &d);
		if (d.level < 0)
			return;
		if (!d.close && sp->m->nparts == GUARD_PARTS_MAX) {
			sp->m->verdict = GUARD_TOO_MANY_PARTS;
			return;
		}
		close_parts(sp, sp->open[d.level].part, d.at);
		sp->nopen = d.level + !d.close;
		sp->rest = d.behind;
		/* What follows a close delimiter is an epilogue, nobody's text. */
		if (d.close || no_part_follows(sp, &d))
			continue;
		while (begin_part(sp, sp->last))
			;
	}
}

void
message_parse(struct message *m, struct arena *a, struct slice bytes)
{
	struct splitter sp;
	*m = (struct message){.bytes = bytes, .verdict = mail_guard(bytes)};
	sp.m = m;
	sp.arena = a;
	sp.room = 4;
	sp.fields_left = MESSAGE_FIELDS_MAX;
	sp.rest = bytes;
	sp.nopen = 0;
	sp.last = -1;
	m->parts = arena_array(a, sp.room, sizeof(*m->parts));
	if (m->verdict == GUARD_OK) {
		split(&sp);
		settle_kinds(m);
	} else {
		new_part(&sp, -1)->body = bytes;
	}
}

const struct field *
message_field(const struct message *m, const char *name)
{
	return part_field(&m->parts[0], name);
}

struct slice
message_value(const struct message *m, const char *name)
{
	const struct field *f = message_field(m, name);
	return f ? slice_trim(f->value) : SLICE("");
}
