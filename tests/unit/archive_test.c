/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Batches, the store and its log, replay, rebuilding, withdrawing, verifying.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "archive/chain.h"
#include "archive/index.h"
#include "base/clock.h"
#include "tests/unit/archive_site.h"

#define KEY1 "hlv5rcq3ba3lhmie4af76jerwdmva6bc"

/* --- the log ---------------------------------------------------------------------------------- */

static void
note(void *arg, const char *text)
{
	buf_printf(arg, "%s\n", text);
}

static int
count_line(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	int *n = arg;

	(void)e;
	assert_true(end > 0);
	assert_int_equal(entry->number, ++*n);
	assert_true(slice_is(entry->text, "a b\t%c"));
	assert_int_equal(entry->received, START);
	return 0;
}

static void
add_lines(int fd, int n)
{
	struct chain *c;

	assert_int_equal(chain_open(&c, fd, "l", NULL), 0);
	for (int i = 0; i < n; i++)
		chain_add(c, &(struct chain_entry){.event = SLICE("add"),
						   .key = SLICE("k"),
						   .received = START,
						   .path = SLICE("l/2001/09/k"),
						   .text = SLICE("a b\t%c")});
	assert_int_equal(chain_write(c, NULL), 0);
	assert_int_equal(chain_sync(c, NULL), 0);
	chain_close(c);
}

static int64_t
verify_chain(int fd)
{
	struct buf b;
	int64_t n;

	buf_init(&b, BUF_NO_LIMIT);
	n = chain_verify(fd, "l", note, &b, NULL);
	buf_free(&b);
	return n;
}

static void
log_is_a_chain(void **state)
{
	char dir[] = "/tmp/chain-XXXXXX";
	int fd, n = 0, log;
	struct stat st, now;

	(void)state;
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(verify_chain(fd), 0);
	add_lines(fd, 3);
	add_lines(fd, 2);
	assert_int_equal(verify_chain(fd), 0);
	assert_int_equal(chain_read(fd, "l", 0, count_line, &n, NULL), 0);
	assert_int_equal(n, 5);
	/* A torn line goes, and the chain goes on. */
	log = openat(fd, "l", O_RDWR);
	assert_int_equal(fstat(log, &st), 0);
	assert_int_equal(ftruncate(log, st.st_size - 20), 0);
	n = 0;
	assert_int_equal(chain_read(fd, "l", 0, count_line, &n, NULL), 0);
	assert_int_equal(n, 4);
	add_lines(fd, 1);
	assert_int_equal(fstat(log, &now), 0);
	assert_int_equal(now.st_size, st.st_size);
	assert_int_equal(verify_chain(fd), 0);
	/* A changed letter in the middle is found, and never cut off. */
	assert_int_equal(pwrite(log, "x", 1, st.st_size / 2), 1);
	assert_true(verify_chain(fd) > 0);
	add_lines(fd, 1);
	assert_int_equal(fstat(log, &now), 0);
	assert_true(now.st_size > st.st_size);
	close(log);
	close(fd);
	assert_int_equal(file_remove_tree(AT_FDCWD, dir, NULL), 0);
}

/* --- batches ---------------------------------------------------------------------------------- */

static void
each_message_once(void **state)
{
	struct archive_site s;
	struct slice one, other, wire;
	struct overview_message m;
	struct slice bytes;
	struct arena *a = arena_new();

	(void)state;
	site_new(&s);
	site_lock(&s);
	one = site_message(&s, 1, 0, NULL, "hello");
	other = site_message(&s, 1, 1, NULL, "hello, mended");
	assert_int_equal(site_add(&s, one), ARCHIVE_STORED);
	assert_int_equal(site_add(&s, one), ARCHIVE_ALREADY_THERE);
	/* The same with other trace fields and line ends is the same message. */
	wire =
	    slice_str(arena_printf(a, "Received: from x\r\nMessage-ID: <m1@x>\r\n\r\nhello\r\n"));
	assert_int_equal(site_add(&s, wire), ARCHIVE_ALREADY_THERE);
	assert_int_equal(site_add(&s, other), ARCHIVE_STORED);
	assert_int_equal(site_add(&s, other), ARCHIVE_ALREADY_THERE);
	assert_int_equal(site_add(&s, SLICE("\n \n")), ARCHIVE_REFUSED);
	assert_int_equal(
	    overview_by_msgid(archive_overview(s.archive), a, "l", SLICE("m1@x"), &m, NULL), 1);
	assert_string_equal(m.key, KEY1);
	assert_int_equal(store_map(archive_store(s.archive), "l", m.key, m.date, &bytes, NULL), 0);
	assert_true(slice_eq(bytes, one));
	file_unmap(bytes);
	archive_unlock(s.archive);
	site_free(&s);
	arena_free(a);
}

/* A batch in which messages of all kinds meet. */
static void
fill(struct archive_site *s)
{
	struct slice ms[] = {
	    site_message(s, 1, 0, NULL, "root"),
	    site_message(s, 3, 2, "<m1@x> <m2@x>", "below a ghost"),
	    site_message(s, 4, 3, "<m2@x>", "below the ghost, too"),
	    site_message(s, 1, 1, NULL, "the same id"),
	    site_message(s, 5, 4, "<m4@x>", "deep zebra"),
	    site_message(s, 6, 40, NULL, "alone"),
	    SLICE("no header at all\n"),
	};
	struct archive_input in[sizeof ms / sizeof *ms];
	enum archive_result results[sizeof ms / sizeof *ms];
	struct err e = {0};

	for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
		in[i] = (struct archive_input){"l", ms[i], START + 50 * DAY};
	if (archive_add(s->archive, in, sizeof ms / sizeof *ms, results, NULL, &e) < 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
		assert_int_equal(results[i], ARCHIVE_STORED);
}

static void
remove_db(struct archive_site *s)
{
	static const char *const names[] = {"", "-wal", "-shm"};
	char path[200];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/archive/archive.db%s", s->dir, names[i]);
		unlink(path);
	}
}

static void
overview_follows_the_log(void **state)
{
	struct archive_site s;
	struct arena *a = arena_new();
	const char *dump, *again;
	char path[200];
	FILE *f;

	(void)state;
	site_new(&s);
	site_lock(&s);
	fill(&s);
	dump = site_dump(&s, a);
	archive_unlock(s.archive);
	/* Lost altogether; then damaged. */
	remove_db(&s);
	site_lock(&s);
	assert_string_equal(site_dump(&s, a), dump);
	archive_unlock(s.archive);
	archive_close(s.archive);
	snprintf(path, sizeof path, "%s/archive/archive.db", s.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 5000; i++)
		fputs("garbage", f);
	fclose(f);
	assert_int_equal(archive_open(&s.archive, &s.conf, NULL), 0);
	site_lock(&s);
	again = site_dump(&s, a);
	assert_string_equal(again, dump);
	archive_unlock(s.archive);
	site_free(&s);
	arena_free(a);
}

static struct index_result
hits_of(struct archive_site *s, struct arena *a, const char *text)
{
	struct index_query q = {.text = slice_str(text), .limit = 10, .now = START};
	struct index_result res;
	struct index_reader *r;
	char path[200];

	snprintf(path, sizeof path, "%s/archive/xapian", s->dir);
	assert_int_equal(index_reader_open(&r, path, NULL), 0);
	assert_int_equal(index_search(r, a, &q, &res, NULL), 0);
	index_reader_close(r);
	return res;
}

static int64_t
search(struct archive_site *s, struct arena *a, const char *text)
{
	return (int64_t)hits_of(s, a, text).n;
}

static void
index_all(struct archive_site *s)
{
	struct err e = {0};
	int64_t n;

	while ((n = archive_index(s->archive, 3, &e)) > 0)
		;
	if (n < 0)
		fail_msg("%s", e.text);
}

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static void
index_catches_up(void **state)
{
	struct archive_site s;
	struct arena *a = arena_new();

	(void)state;
	site_new(&s);
	site_lock(&s);
	fill(&s);
	assert_int_equal(search(&s, a, "zebra"), 0);
	index_all(&s);
	assert_int_equal(search(&s, a, "zebra"), 1);
	assert_int_equal(search(&s, a, "theme"), 6);
	assert_int_equal(archive_rebuild(s.archive, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(search(&s, a, "zebra"), 0);
	index_all(&s);
	assert_int_equal(search(&s, a, "theme"), 6);
	assert_int_equal(archive_rebuild(s.archive, "l", NULL, NULL, NULL), 0);
	index_all(&s);
	assert_int_equal(search(&s, a, "theme"), 6);
	archive_unlock(s.archive);
	site_free(&s);
	arena_free(a);
}

/* What a search shows around the words it found is published, too. */
static void
index_has_no_tokens(void **state)
{
	struct archive_site s;
	struct arena *a = arena_new();
	struct index_result res;

	(void)state;
	site_new(&s);
	site_lock(&s);
	assert_int_equal(
	    site_add(&s, site_message(&s, 1, 0, NULL,
				      "To leave: https://lists.example.org/u/" TOKEN "\n\n> quoted "
				      "l-unsubscribe+" TOKEN "@lists.example.org\n")),
	    ARCHIVE_STORED);
	index_all(&s);
	assert_int_equal(search(&s, a, TOKEN), 0);
	res = hits_of(&s, a, "leave");
	assert_int_equal(res.n, 1);
	assert_true(slice_find(res.hits->snippet, SLICE("/u/xxxxx")) < res.hits->snippet.n);
	assert_int_equal(slice_find(res.hits->snippet, SLICE(TOKEN)), res.hits->snippet.n);
	archive_unlock(s.archive);
	site_free(&s);
	arena_free(a);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

static bool
exists(struct archive_site *s, const char *name)
{
	char path[300];

	snprintf(path, sizeof path, "%s/archive/%s", s->dir, name);
	return access(path, F_OK) == 0;
}

static void
withdrawn_stays_withdrawn(void **state)
{
	struct archive_site s;
	struct arena *a = arena_new();
	struct slice root;
	const char *dump;

	(void)state;
	site_new(&s);
	site_lock(&s);
	fill(&s);
	index_all(&s);
	root = site_message(&s, 1, 0, NULL, "root");
	assert_int_equal(archive_withdraw(s.archive, "l", SLICE(KEY1), "a secret", false, NULL), 0);
	assert_int_equal(archive_withdraw(s.archive, "l", SLICE(KEY1), "again", false, NULL), -1);
	assert_int_equal(archive_withdraw(s.archive, "l", SLICE("x"), "none", false, NULL), -1);
	assert_false(exists(&s, "msg/l/2001/09/" KEY1));
	assert_true(exists(&s, "withdrawn/l/" KEY1));
	index_all(&s);
	assert_int_equal(search(&s, a, "theme"), 5);
	assert_int_equal(site_add(&s, root), ARCHIVE_ALREADY_THERE);
	dump = site_dump(&s, a);
	assert_int_equal(archive_rebuild(s.archive, NULL, NULL, NULL, NULL), 0);
	assert_string_equal(site_dump(&s, a), dump);
	/* And now for good. */
	assert_int_equal(archive_withdraw(s.archive, "l", SLICE(KEY1), "a secret", true, NULL), 0);
	assert_false(exists(&s, "withdrawn/l/" KEY1));
	assert_true(exists(&s, "withdrawn/l/" KEY1 ".erased"));
	assert_string_equal(site_dump(&s, a), dump);
	assert_int_equal(archive_rebuild(s.archive, "l", NULL, NULL, NULL), 0);
	assert_string_equal(site_dump(&s, a), dump);
	assert_int_equal(site_add(&s, root), ARCHIVE_ALREADY_THERE);
	assert_int_equal(archive_verify(s.archive, "l", note, &(struct buf){.limit = 9999}, NULL),
			 0);
	archive_unlock(s.archive);
	site_free(&s);
	arena_free(a);
}

/* --- verifying -------------------------------------------------------------------------------- */

static int64_t
verify(struct archive_site *s, const char *expected)
{
	struct buf b;
	int64_t n;

	buf_init(&b, BUF_NO_LIMIT);
	n = archive_verify(s->archive, "l", note, &b, NULL);
	if (n != 0)
		assert_non_null(strstr(buf_str(&b), expected));
	buf_free(&b);
	return n;
}

static void
write_at(struct archive_site *s, const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/archive/%s", s->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
every_change_is_found(void **state)
{
	struct archive_site s;
	char path[300];

	(void)state;
	site_new(&s);
	site_lock(&s);
	fill(&s);
	assert_int_equal(verify(&s, ""), 0);
	write_at(&s, "msg/l/2001/09/stray", "x");
	assert_int_equal(verify(&s, "stray: no line"), 1);
	snprintf(path, sizeof path, "%s/archive/msg/l/2001/09/stray", s.dir);
	assert_int_equal(unlink(path), 0);
	write_at(&s, "msg/l/2001/09/" KEY1, "another text");
	assert_int_equal(verify(&s, "is not the one of line 1"), 1);
	snprintf(path, sizeof path, "%s/archive/msg/l/2001/09/" KEY1, s.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verify(&s, "line 1 is gone"), 1);
	archive_unlock(s.archive);
	site_free(&s);
}

/* --- cut short -------------------------------------------------------------------------------- */

static void
leftovers_are_taken_over(void **state)
{
	struct archive_site s;

	(void)state;
	site_new(&s);
	site_lock(&s);
	fill(&s);
	/* As if a batch had been killed while it wrote its files. */
	write_at(&s, "msg/l/2001/09/tdw62pdnp6fopv54p6julnxealjbsju3", "From: torn");
	assert_int_equal(site_add(&s, site_message(&s, 77, 1, NULL, "whole")), ARCHIVE_STORED);
	assert_int_equal(verify(&s, ""), 0);
	archive_unlock(s.archive);
	site_free(&s);
}

static void
lock_keeps_turns(void **state)
{
	struct archive_site s;
	struct archive *other;

	(void)state;
	site_new(&s);
	assert_int_equal(archive_open(&other, &s.conf, NULL), 0);
	site_lock(&s);
	assert_int_equal(archive_lock(other, false, NULL), 0);
	fill(&s);
	archive_unlock(s.archive);
	assert_int_equal(archive_lock(other, false, NULL), 1);
	/* What the first one wrote, the second one has read; and the other way round. */
	assert_int_equal(archive_rebuild(other, NULL, NULL, NULL, NULL), 0);
	archive_unlock(other);
	site_lock(&s);
	assert_int_equal(site_add(&s, site_message(&s, 6, 40, NULL, "alone")),
			 ARCHIVE_ALREADY_THERE);
	archive_unlock(s.archive);
	archive_close(other);
	site_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(log_is_a_chain),           cmocka_unit_test(each_message_once),
	    cmocka_unit_test(overview_follows_the_log), cmocka_unit_test(index_catches_up),
	    cmocka_unit_test(index_has_no_tokens),      cmocka_unit_test(withdrawn_stays_withdrawn),
	    cmocka_unit_test(every_change_is_found),    cmocka_unit_test(leftovers_are_taken_over),
	    cmocka_unit_test(lock_keeps_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
