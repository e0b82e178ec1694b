/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Header values from hostile bytes: text, subject, addresses, date, and what we write of them.
 * Besides not crashing it checks what others rely on: text is clean and one line; an address that
 * comes out can be mailed to and comes out of itself again; forms are stable; what is written reads
 * back and adds no line.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "mail/address.h"
#include "mail/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		log_error("not so: %s", what);
		abort(); /* so that the fuzzer keeps the input */
	}
}

static void
check_line(struct arena *a, struct slice text)
{
	must(utf8_valid(text) && slice_eq(utf8_cleaned(a, text), text), "text is clean");
	for (size_t i = 0; i < text.n; i++)
		must((unsigned char)text.p[i] >= 0x20, "text is one line");
}

static void
check_text(struct arena *a, struct slice raw)
{
	struct slice text = header_text(a, raw);
	check_line(a, text);
	bool stripped;
	struct slice base = subject_base(a, text, &stripped);
	check_line(a, base);
	must(base.n <= text.n, "a subject's base is no longer");
	/* a fresh limit of characters may hold a mark that the first did not see */
	must(text.n > 16384 || slice_eq(subject_base(a, base, NULL), base), "a base is a base");
}

static void
check_written(struct arena *a, struct slice raw)
{
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	struct slice text = header_text(a, slice_sub(raw, 0, 2000));
	header_put_text(&b, text, raw.n % 90);
	struct slice back = header_text(a, buf_slice(&b));
	must(slice_eq(back, text), "a written value reads back");
	struct slice rest = buf_slice(&b), line;
	bool first = true;
	while (slice_next_line(&rest, &line)) {
		must(line.n <= 998, "lines are short");
		must(first || (line.n > 1 && line.p[0] == ' ' && slice_trim(line).n > 0),
		     "a further line is a fold");
		for (size_t i = 0; i < line.n; i++)
			must(line.p[i] >= 0x20 && line.p[i] < 0x7f, "ASCII only");
		first = false;
	}
	/* any bytes at all, and as a display name */
	buf_clear(&b);
	header_put_text(&b, raw, 9);
	must(!memchr(buf_str(&b), '\r', b.n), "no CR");
	buf_clear(&b);
	header_put_phrase(&b, text, 6);
	buf_puts(&b, " <x@example.org>");
	struct address ad;
	must(address_parse_first(a, buf_slice(&b), &ad), "a written mailbox reads back");
	must(slice_is(ad.text, "x@example.org"), "its address is the one that was written");
	buf_free(&b);
}

static void
check_addresses(struct arena *a, struct slice raw)
{
	struct address *list;
	size_t n = address_parse_list(a, raw, &list);
	must(n <= ADDRESS_LIST_MAX, "no more than the limit");
	for (size_t i = 0; i < n; i++) {
		struct slice text = list[i].text;
		check_line(a, list[i].name);
		must(utf8_valid(text), "an address is UTF-8");
		must(list[i].local.n > 0 && list[i].domain.n > 0, "both halves are there");
		for (size_t k = 0; k < text.n; k++)
			must((unsigned char)text.p[k] >= 0x20 && text.p[k] != 0x7f,
			     "no control character in an address");
		struct address again;
		must(text.n > ADDRESS_MAX ||
			 (address_read(a, text, &again) && slice_eq(again.text, text)),
		     "an address reads as itself");
		char *canonical = address_canonical(a, text);
		must(strcmp(address_canonical(a, slice_str(canonical)), canonical) == 0,
		     "a canonical form is its own");
		(void)address_flood_key(a, text);
	}
	struct address first;
	must(address_parse_first(a, raw, &first) == (n > 0), "a list has a first");
	(void)address_valid(raw, true);
	(void)address_canonical(a, slice_sub(raw, 0, ADDRESS_MAX));
}

static void
check_date(struct arena *a, struct slice raw)
{
	int64_t t, again;
	if (!date_parse(raw, &t))
		return;
	must(t >= 0 && t < 9300000000, "years 1970 to 2262");
	must(date_parse(slice_str(clock_rfc5322(a, t)), &again) && again == t,
	     "a date is itself when written anew");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct slice raw = slice_make((const char *)data, size);
	check_text(a, raw);
	check_written(a, raw);
	check_addresses(a, raw);
	check_date(a, raw);
	arena_free(a);
	return 0;
}
