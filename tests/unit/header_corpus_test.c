/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * header and address against what another parser reads in the same fields: the header tables and
 * mails in mime/permissive/stalwart* of the corpora. Each disagreement is looked at by a person and
 * stands below with its reason; a new one fails the test, and so does one that is no more.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "mail/address.h"
#include "mail/field.h"
#include "mail/header.h"
#include "mail/message.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct allowed {
	const char *where; /* "table:index" or "folder/mail:field" */
	const char *why;
};

static const struct allowed allowed[] = {
#include "tests/unit/header_corpus_allowed.h"
};

struct tally {
	struct arena *arena;
	int agree, disagree;
	bool used[COUNT(allowed)];
	int surprises;
};

static void
count(struct tally *t, const char *where, bool same, struct slice ours, const char *theirs)
{
	t->agree += same;
	t->disagree += !same;
	if (same)
		return;
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (strcmp(allowed[i].where, where) == 0) {
			t->used[i] = true;
			return;
		}
	t->surprises++;
	print_error("%s\n  ours:   [%.*s]\n  theirs: [%s]\n", where, SLICE_ARG(ours), theirs);
}

/* --- their values, as text -------------------------------------------------------------------- */

static int64_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static char *
their_date(struct arena *a, const json_t *o)
{
	if (!json_is_object(o))
		return arena_str(a, slice_str("none"));
	int64_t zone = number(o, "tz_hour") * 3600 + number(o, "tz_minute") * 60;
	int64_t t = clock_from_civil((int)number(o, "year"), (int)number(o, "month"),
				     (int)number(o, "day"), (int)number(o, "hour"),
				     (int)number(o, "minute"), (int)number(o, "second"));
	bool before = json_is_true(json_object_get(o, "tz_before_gmt"));
	return clock_rfc3339(a, before ? t + zone : t - zone);
}

static void
put_mailbox(struct buf *b, struct slice name, struct slice address)
{
	buf_puts(b, b->n > 0 ? " ; " : "");
	buf_put_slice(b, name);
	buf_putc(b, '|');
	buf_put_slice(b, address);
}

static void
put_their_list(struct buf *b, const json_t *list)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
	{
		const char *address = json_string_value(json_object_get(one, "address"));
		const char *name = json_string_value(json_object_get(one, "name"));
		if (address)
			put_mailbox(b, slice_str(name), slice_str(address));
	}
}

static char *
their_addresses(struct arena *a, const json_t *o)
{
	struct buf b;
	size_t i;
	json_t *group;
	buf_init(&b, BUF_NO_LIMIT);
	put_their_list(&b, json_object_get(o, "List"));
	json_array_foreach(json_object_get(o, "Group"), i, group)
	{
		put_their_list(&b, json_object_get(group, "addresses"));
	}
	char *text = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

/* --- ours ------------------------------------------------------------------------------------- */

static struct slice
our_addresses(struct arena *a, struct slice raw)
{
	struct buf b;
	struct address *list;
	buf_init(&b, BUF_NO_LIMIT);
	size_t n = address_parse_list(a, raw, &list);
	for (size_t i = 0; i < n; i++)
		put_mailbox(&b, list[i].name, list[i].text);
	struct slice text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

static struct slice
our_date(struct arena *a, struct slice raw)
{
	int64_t t;
	return date_parse(raw, &t) ? slice_str(clock_rfc3339(a, t)) : SLICE("none");
}

static void
compare_date(struct tally *t, const char *where, struct slice raw, const json_t *theirs)
{
	char *want = their_date(t->arena, theirs);
	struct slice got = our_date(t->arena, raw);
	count(t, where, slice_is(got, want), got, want);
}

static void
compare_addresses(struct tally *t, const char *where, struct slice raw, const json_t *theirs)
{
	char *want = their_addresses(t->arena, theirs);
	struct slice got = our_addresses(t->arena, raw);
	count(t, where, slice_is_ci(got, want), got, want); /* our domains are lower case */
}

static void
compare_text(struct tally *t, const char *where, struct slice raw, const json_t *theirs)
{
	const char *want = json_string_value(theirs);
	struct slice got = header_text(t->arena, raw);
	count(t, where, slice_is(got, want ? want : ""), got, want ? want : "");
}

/* --- the tables ------------------------------------------------------------------------------- */

typedef void compare_fn(struct tally *t, const char *where, struct slice raw, const json_t *theirs);

/* A table's header goes on as a message does: its value ends where the field ends. */
static void
run_table(struct tally *t, const char *root, const char *name, compare_fn *compare)
{
	char *path = arena_printf(t->arena, "%s/stalwart-header-tables/%s.json", root, name);
	json_t *table = json_load_file(path, 0, NULL), *row;
	size_t i;
	if (!table)
		fail_msg("cannot read %s", path);
	json_array_foreach(table, i, row)
	{
		const char *header = json_string_value(json_object_get(row, "header"));
		struct slice rest = slice_str(arena_printf(t->arena, "X:%s", header));
		struct field f;
		assert_true(field_next(&rest, &f));
		compare(t, arena_printf(t->arena, "%s:%zu", name, i), f.value,
			json_object_get(row, "expected"));
	}
	json_decref(table);
}

/* --- the mails -------------------------------------------------------------------------------- */

static void
compare_field(struct tally *t, const char *where, const struct message *m, const json_t *header)
{
	const char *name = json_string_value(json_object_get(header, "name"));
	const json_t *value = json_object_get(header, "value");
	const struct field *f = name ? message_field(m, name) : NULL;
	if (!f)
		return;
	char *place = arena_printf(t->arena, "%s:%s", where, name);
	if (strcmp(name, "subject") == 0)
		compare_text(t, place, f->value, json_object_get(value, "Text"));
	else if (strcmp(name, "date") == 0)
		compare_date(t, place, f->value, json_object_get(value, "DateTime"));
	else if (strcmp(name, "from") == 0 || strcmp(name, "to") == 0)
		compare_addresses(t, place, f->value, json_object_get(value, "Address"));
}

static void
run_mail(struct tally *t, int dirfd, const char *folder, const char *json_name)
{
	char *stem = arena_printf(t->arena, "%.*s", (int)strlen(json_name) - 5, json_name);
	struct slice bytes = {NULL, 0}, text;
	struct message m;
	if (file_read(dirfd, json_name, 1 << 24, t->arena, &text, NULL) < 0 ||
	    file_read(dirfd, arena_printf(t->arena, "%s.eml", stem), 1 << 24, t->arena, &bytes,
		      NULL) < 0)
		fail_msg("cannot read %s/%s", folder, stem);
	json_t *doc = json_loadb(text.p, text.n, 0, NULL), *header;
	json_t *top = json_array_get(json_object_get(doc, "parts"), 0);
	size_t i;
	message_parse(&m, t->arena, bytes);
	json_array_foreach(json_object_get(top, "headers"), i, header)
	{
		compare_field(t, arena_printf(t->arena, "%s/%s", folder, stem), &m, header);
	}
	json_decref(doc);
}

static void
run_folder(struct tally *t, const char *root, const char *folder)
{
	char *path = arena_printf(t->arena, "%s/stalwart/%s", root, folder);
	DIR *dir = opendir(path);
	struct dirent *d;
	if (!dir)
		fail_msg("cannot read %s", path);
	while ((d = readdir(dir))) {
		struct slice name = slice_str(d->d_name);
		if (slice_ends_ci(name, SLICE(".json")) &&
		    !slice_ends_ci(name, SLICE(".crlf.json")))
			run_mail(t, dirfd(dir), folder, d->d_name);
	}
	closedir(dir);
}

static void
test_corpus(void **state)
{
	(void)state;
	const char *corpora = getenv("PLENARY_CORPORA");
	if (!corpora) {
		print_message("SKIP: PLENARY_CORPORA is not set: nothing compared\n");
		skip();
	}
	struct tally t = {.arena = arena_new()};
	char *root = arena_printf(t.arena, "%s/mime/permissive", corpora);
	run_table(&t, root, "date", compare_date);
	run_table(&t, root, "unstructured", compare_text);
	run_table(&t, root, "address", compare_addresses);
	static const char *const folders[] = {"legacy", "malformed", "rfc", "thirdparty"};
	for (size_t i = 0; i < COUNT(folders); i++)
		run_folder(&t, root, folders[i]);
	print_message("agree %d of %d, %d looked at and allowed\n", t.agree, t.agree + t.disagree,
		      t.disagree - t.surprises);
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (!t.used[i])
			fail_msg("agrees now: %s", allowed[i].where);
	arena_free(t.arena);
	assert_int_equal(t.surprises, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_corpus)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
