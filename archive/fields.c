/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/fields.h"

#include "archive/digest_quote.h"
#include "archive/links.h"
#include "archive/trace.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/readable.h"

#define DATE_FIRST 315532800 /* 1980-01-01: clocks that were never set say 1970 or 1979 */
#define DATE_AHEAD 86400     /* a clock may be a zone wrong, no more */
#define SUBJECT_MAX 1000     /* bytes kept in the overview; longer ones are pasted bodies */
#define NAME_MAX_BYTES 300

static int64_t
filed_date(const struct message *m, int64_t received)
{
	int64_t t;

	if (date_parse(message_value(m, "Date"), &t) && t >= DATE_FIRST &&
	    t <= received + DATE_AHEAD)
		return t;
	return received;
}

/* At most max bytes, cut between code points. */
static struct slice
cut(struct slice s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return slice_sub(s, 0, max);
}

/* Pipermail's "user at example.org (Name)": an address that was hidden from harvesters. */
static bool
hidden_address(struct fields *f, struct arena *a, struct slice text)
{
	size_t at = slice_find(text, SLICE(" at ")), open = slice_find_char(text, '(');
	struct slice local = slice_sub(text, 0, at), domain, name;

	if (at == text.n)
		return false;
	domain = slice_from(text, at + 4);
	if (open > at && open < text.n) {
		domain = slice_trim(slice_sub(text, at + 4, open - at - 4));
		name = slice_trim(slice_from(text, open + 1));
		if (name.n > 0 && name.p[name.n - 1] == ')')
			name.n--;
		f->from_name = cut(name, NAME_MAX_BYTES);
	}
	if (slice_find_char(local, ' ') < local.n || slice_find_char(domain, ' ') < domain.n ||
	    slice_find_char(domain, '.') == domain.n)
		return false;
	f->from_address = slice_str(
	    arena_printf(a, "%.*s@%.*s", SLICE_ARG(cut(local, 200)), SLICE_ARG(cut(domain, 250))));
	return true;
}

static void
put_author(struct fields *f, struct arena *a)
{
	struct slice raw = message_value(&f->message, "From");
	struct address addr;
	struct slice text;

	if (raw.n == 0)
		raw = message_value(&f->message, "Sender");
	if (address_parse_first(a, raw, &addr)) {
		f->from_name = cut(addr.name, NAME_MAX_BYTES);
		f->from_address = cut(utf8_cleaned(a, addr.text), ADDRESS_MAX);
		return;
	}
	text = header_text(a, raw);
	if (!hidden_address(f, a, text))
		f->from_name = cut(text, NAME_MAX_BYTES);
}

static void
put_references(struct fields *f, struct arena *a)
{
	struct slice *refs, *reply;
	size_t n = msgid_parse_list(a, message_value(&f->message, "References"), &refs);
	size_t nreply = msgid_parse_list(a, message_value(&f->message, "In-Reply-To"), &reply);

	f->references = arena_array(a, n + 1, sizeof *f->references);
	for (size_t i = 0; i < n; i++)
		if (nreply != 1 || !slice_eq(refs[i], reply[0]))
			f->references[f->nreferences++] = refs[i];
	if (nreply == 1 || (n == 0 && nreply > 0))
		f->references[f->nreferences++] = reply[0];
}

static void
put_recipients(struct fields *f, struct arena *a)
{
	struct slice to = header_text(a, message_value(&f->message, "To"));
	struct slice cc = header_text(a, message_value(&f->message, "Cc"));

	f->to_text = to;
	if (cc.n > 0)
		f->to_text = slice_str(arena_printf(a, "%.*s, %.*s", SLICE_ARG(to), SLICE_ARG(cc)));
}

/* One text part is no attachment; most messages are that. */
static bool
may_have_attachments(const struct message *m)
{
	return m->nparts > 1 || !part_is(&m->parts[0], "text", NULL);
}

size_t
fields_attachments(const struct fields *f, struct arena *a, struct slice **names)
{
	struct readable_part *parts;
	size_t n, found = 0;

	*names = NULL;
	if (!may_have_attachments(&f->message))
		return 0;
	n = readable_parts(&f->message, a, &parts);
	*names = arena_array(a, n, sizeof **names);
	for (size_t i = 0; i < n; i++)
		if (parts[i].kind == READABLE_ATTACHMENT)
			(*names)[found++] = part_filename(a, &f->message.parts[parts[i].part]);
	return found;
}

static int
count_attachments(const struct message *m, struct arena *a)
{
	struct readable_part *parts;
	size_t n = may_have_attachments(m) ? readable_parts(m, a, &parts) : 0;
	int found = 0;

	for (size_t i = 0; i < n; i++)
		found += parts[i].kind == READABLE_ATTACHMENT;
	return found;
}

/* A list that rewrites From writes "Ann via LIST". */
static struct slice
person(struct slice name)
{
	return slice_sub(name, 0, slice_find(name, SLICE(" via ")));
}

/* Does it answer a digest? By its subject; or, with a subject of its own, by its reference. */
static bool
answers_digest(const struct fields *f, bool *keep_reference)
{
	bool ours = false;

	*keep_reference = false;
	if (digest_subject(f->subject))
		return true;
	if (f->nreferences == 0 || !digest_id(f->references[f->nreferences - 1], &ours))
		return false;
	*keep_reference = !ours;
	return true;
}

/* What a subject says it is about: empty if only that it answers a digest. Some take the author
 * with it from the table of contents: "Re: a subject (Ann)". */
static struct slice
topic(const struct fields *f)
{
	struct slice s = f->subject_base;
	size_t open = s.n;

	if (digest_subject(f->subject))
		return SLICE("");
	while (s.n > 0 && s.p[s.n - 1] == ')' && open > 0 && s.p[open - 1] != '(')
		open--;
	if (open > 1 && open < s.n)
		return slice_trim(slice_sub(s, 0, open - 1));
	return f->is_reply ? s : SLICE("");
}

static void
put_digest(struct fields *f, struct arena *a, const struct text_line *lines, size_t n)
{
	struct slice about = topic(f);
	bool keep;

	if (!answers_digest(f, &keep))
		return;
	f->digest = arena_zalloc(a, sizeof *f->digest);
	digest_quote_read(f->digest, a, person(f->from_name), about, lines, n);
	f->digest->keep_reference = keep;
	if (f->digest->subject == 0 && about.n > 0) {
		f->digest->subject = trace_hash(about);
		f->digest->title = about;
	}
}

static void
put_url(struct fields *f, struct arena *a, struct slice url)
{
	for (size_t i = 0; i < f->nurls; i++)
		if (slice_eq(f->urls[i], url))
			return;
	if (f->nurls < FIELDS_URLS && url.n <= FIELDS_URL_BYTES)
		f->urls[f->nurls++] = utf8_cleaned(a, url);
}

static void
put_urls(struct fields *f, struct arena *a, const struct text_line *lines, size_t n)
{
	struct slice rest, url;

	f->urls = arena_array(a, FIELDS_URLS, sizeof *f->urls);
	for (size_t i = 0; i < n; i++) {
		if (lines[i].kind != LINE_OWN)
			continue;
		rest = lines[i].text;
		while (links_next_url(&rest, &url))
			put_url(f, a, url);
	}
}

static void
put_trace(struct fields *f, struct arena *a)
{
	struct slice text = readable_text(&f->message, a);
	struct runs *runs = runs_new(a);
	struct text_line *lines;
	struct trace t;
	size_t n;

	text.n = text.n < TRACE_TEXT_MAX ? text.n : TRACE_TEXT_MAX;
	n = readable_lines(a, text, &lines);
	for (size_t i = 0; i < n; i++)
		if (lines[i].kind == LINE_OWN)
			runs_add(runs, lines[i].text);
	t = (struct trace){.name = trace_hash(person(f->from_name)),
			   .address = trace_hash(f->from_address),
			   .subject = trace_hash(f->subject_base)};
	t.nruns = runs_end(runs, TRACE_RUNS_MAX, &t.runs);
	f->trace = trace_pack(&t, a);
	put_urls(f, a, lines, n);
	put_digest(f, a, lines, n);
}

void
fields_of(struct fields *f, struct arena *a, struct slice bytes, int64_t received,
	  const char *domain)
{
	struct slice subject;

	*f = (struct fields){.received = received, .size = (int64_t)bytes.n};
	message_parse(&f->message, a, bytes);
	msgid_identify(&f->id, a, bytes, domain);
	memcpy(f->key, f->id.key, KEY_SIZE);
	f->date = filed_date(&f->message, received);
	subject = header_text(a, message_value(&f->message, "Subject"));
	f->subject = cut(subject, SUBJECT_MAX);
	f->subject_base = cut(subject_base(a, f->subject, &f->is_reply), SUBJECT_MAX);
	put_author(f, a);
	put_references(f, a);
	put_recipients(f, a);
	f->attachments = count_attachments(&f->message, a);
	put_trace(f, a);
}

/* --- erased messages -------------------------------------------------------------------------- */

void
fields_skeleton(struct buf *b, const struct fields *f)
{
	struct arena *a = arena_new();

	buf_printf(b, "Message-ID: <%.*s>\nDate: %s\n", SLICE_ARG(f->id.msgid),
		   clock_rfc5322(a, f->date));
	for (size_t i = 0; i < f->nreferences; i++)
		buf_printf(b, "%s<%.*s>\n", i == 0 ? "References: " : " ",
			   SLICE_ARG(f->references[i]));
	buf_printf(b, "Plenary-Body-SHA256: %s\n\n", f->id.body_sha256);
	arena_free(a);
}

void
fields_of_skeleton(struct fields *f, struct arena *a, struct slice bytes, int64_t received,
		   const char *domain)
{
	struct slice sum;

	fields_of(f, a, bytes, received, domain);
	sum = message_value(&f->message, "Plenary-Body-SHA256");
	if (sum.n == sizeof f->id.body_sha256 - 1)
		memcpy(f->id.body_sha256, sum.p, sum.n);
}
