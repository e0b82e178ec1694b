/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import and export: the ledger adds up, nothing comes twice, what goes out comes in again; and
 * real lists: the forest of any order of arrival is the same, and as close to the truth as is
 * known.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include <zlib.h>

#include "archive/export.h"
#include "archive/import.h"
#include "base/clock.h"
#include "mail/mbox.h"
#include "tests/unit/archive_site.h"

/* The corpora's folder, or NULL: said loudly, and the test is skipped. */
static const char *
corpora(const char *what)
{
	const char *dir = getenv("PLENARY_CORPORA");

	if (!dir)
		printf("SKIP: %s: PLENARY_CORPORA is not set\n", what);
	return dir;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
run_import(struct archive_site *s, const char *path, struct import_counts *c,
	   const struct import_watch *w)
{
	struct err e = {0};

	if (import_run(s->archive, "l", path, c, w, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(c->read, c->stored + c->already_there + c->refused);
}

/* --- when was it received? -------------------------------------------------------------------- */

static void
receipt_is_found(void **state)
{
	static const struct {
		const char *from, *head;
		int64_t want;
	} cases[] = {
	    {"From a@b Sun Sep  9 01:46:40 2001", "Date: Sun, 9 Sep 2001 01:40:00 +0000\n\n",
	     START},
	    {"From a at b  Sun Sep  9 01:46:40 2001", "Subject: x\n\n", START},
	    /* Made-up From lines: the epoch, and the day before it was written. */
	    {"From a@b Thu Jan  1 00:00:00 1970", "Date: Sun, 9 Sep 2001 01:46:40 +0000\n\n",
	     START},
	    {"From a@b Mon Jan  1 00:00:00 2001", "Date: Sun, 9 Sep 2001 01:46:40 +0000\n\n",
	     START},
	    {"From a@b Mon Jan  1 00:00:00 2001",
	     "Received: by x; Sun, 9 Sep 2001 01:46:40 +0000\nReceived: by y; Sun, 9 Sep 2001 "
	     "01:00:00 +0000\nDate: Sun, 9 Sep 2001 01:40:00 +0000\n\n",
	     START},
	    {"", "Received: by x (a; b)\n\tfor <z>; Sun, 9 Sep 2001 01:46:40 +0000\n\n", START},
	    {"", "Date: Sun, 9 Sep 2001 01:46:40 +0000\n\n", START},
	    {"", "Date: nonsense\n\nDate: Sun, 9 Sep 2001 01:46:40 +0000\n", 7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    import_received(slice_str(cases[i].from), slice_str(cases[i].head), 7),
		    cases[i].want);
}

/* --- ledger ----------------------------------------------------------------------------------- */

static void
note_refused(void *arg, const char *where, const char *reason)
{
	buf_printf(arg, "%s: %s\n", where, reason);
}

static const char mbox[] = "From a@b Sun Sep  9 01:46:40 2001\n"
			   "Message-ID: <m1@x>\nSubject: one\n\n>From here on\n>>From there\n\n"
			   "From a@b Sun Sep  9 01:46:40 2001\n"
			   "Message-ID: <m2@x>\nSubject: two\n\nFrom now on, text\n\n"
			   "From a@b Sun Sep  9 01:46:40 2001\n\n"
			   "From a@b Sun Sep  9 01:46:40 2001\n"
			   "Message-ID: <m1@x>\nSubject: one\n\n>From here on\n>>From there\n\n";

static void
check_bytes(struct archive_site *s, const char *msgid, const char *want)
{
	struct overview_message m;
	struct slice bytes;

	site_lock(s);
	assert_int_equal(overview_by_msgid(archive_overview(s->archive), s->arena, "l",
					   slice_str(msgid), &m, NULL),
			 1);
	assert_int_equal(m.state, OVERVIEW_PRESENT);
	assert_int_equal(store_map(archive_store(s->archive), "l", m.key, m.date, &bytes, NULL), 0);
	assert_true(slice_is(bytes, want));
	file_unmap(bytes);
	archive_unlock(s->archive);
}

static void
ledger_adds_up(void **state)
{
	struct archive_site s;
	struct import_counts c = {0};
	struct buf b;
	struct import_watch w = {.refused = note_refused, .arg = &b};
	char path[100], gz[100];
	gzFile g;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	site_new(&s);
	snprintf(path, sizeof path, "%s/in.mbox", s.dir);
	write_file(path, mbox);
	run_import(&s, path, &c, &w);
	assert_int_equal(c.read, 4);
	assert_int_equal(c.stored, 2);
	assert_int_equal(c.already_there, 1);
	assert_int_equal(c.refused, 1);
	assert_non_null(strstr(buf_str(&b), "in.mbox, message 3: it is empty"));
	check_bytes(&s, "m1@x", "Message-ID: <m1@x>\nSubject: one\n\nFrom here on\n>From there\n");
	/* The same in gzip, in two members, is the same; and half of it is an error. */
	snprintf(gz, sizeof gz, "%s/in.gz", s.dir);
	for (int i = 0; i < 2; i++) {
		g = gzopen(gz, i == 0 ? "wb" : "ab");
		assert_true(gzwrite(g, mbox, sizeof mbox - 1) > 0);
		gzclose(g);
	}
	c = (struct import_counts){0};
	run_import(&s, gz, &c, &w);
	assert_int_equal(c.read, 8);
	assert_int_equal(c.already_there, 6);
	assert_int_equal(truncate(gz, 60), 0);
	assert_int_equal(import_run(s.archive, "l", gz, &c, NULL, NULL), -1);
	assert_int_equal(import_run(s.archive, "l", "/nonexistent", &c, NULL, NULL), -1);
	buf_free(&b);
	site_free(&s);
}

static void
crlf_and_maildirs(void **state)
{
	struct archive_site s;
	struct import_counts c = {0};
	char path[100];

	(void)state;
	site_new(&s);
	snprintf(path, sizeof path, "%s/crlf", s.dir);
	write_file(path,
		   "From a@b Sun Sep  9 01:46:40 2001\r\nMessage-ID: <m1@x>\r\n\r\na\r\n\r\n");
	run_import(&s, path, &c, NULL);
	check_bytes(&s, "m1@x", "Message-ID: <m1@x>\n\na\n");
	for (int i = 0; i < 3; i++) {
		static const char *const sub[] = {"cur", "new", "tmp"};

		snprintf(path, sizeof path, "%s/md/%s", s.dir, sub[i]);
		assert_int_equal(file_mkdirs(AT_FDCWD, path, 0700, false, NULL), 0);
		snprintf(path, sizeof path, "%s/md/%s/1.x:2,S", s.dir, sub[i]);
		write_file(path,
			   arena_printf(s.arena, "Message-ID: <md%d@x>\r\n\r\nFrom a\r\n", i));
	}
	snprintf(path, sizeof path, "%s/md", s.dir);
	c = (struct import_counts){0};
	run_import(&s, path, &c, NULL);
	assert_int_equal(c.read, 2);
	assert_int_equal(c.stored, 2);
	check_bytes(&s, "md1@x", "Message-ID: <md1@x>\r\n\r\nFrom a\r\n");
	/* A folder of mailboxes. */
	snprintf(path, sizeof path, "%s/many", s.dir);
	assert_int_equal(file_mkdirs(AT_FDCWD, path, 0700, false, NULL), 0);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/many/%d.mbox", s.dir, i);
		write_file(path, mbox);
	}
	snprintf(path, sizeof path, "%s/many", s.dir);
	c = (struct import_counts){0};
	run_import(&s, path, &c, NULL);
	assert_int_equal(c.read, 12);
	assert_int_equal(c.refused, 3);
	site_free(&s);
}

/* --- out and in again ------------------------------------------------------------------------- */

static void
out_and_in_again(void **state)
{
	static const char *const names[] = {"mbox", "mbox.gz", "maildir", "public-inbox"};
	const char *dir = corpora("export");
	struct archive_site s, t;
	struct import_counts c = {0};
	struct export_counts out;
	const char *dump;
	char path[200];

	(void)state;
	if (!dir)
		skip();
	site_new(&s);
	snprintf(path, sizeof path, "%s/lists-small/notmuch-default.mbox", dir);
	run_import(&s, path, &c, NULL);
	assert_true(c.stored > 40);
	site_lock(&s);
	dump = site_dump(&s, s.arena);
	archive_unlock(s.archive);
	for (int i = 0; i < 4; i++) {
		struct import_counts again = {0};
		enum export_format format;

		assert_int_equal(export_format(names[i], &format), 0);
		snprintf(path, sizeof path, "%s/out%d", s.dir, i);
		assert_int_equal(export_run(&s.conf, "l", format, path, &out, NULL, NULL, NULL), 0);
		assert_int_equal(out.written, c.stored);
		assert_int_equal(out.missing, 0);
		site_new(&t);
		run_import(&t, path, &again, NULL);
		assert_int_equal(again.stored, c.stored);
		site_lock(&t);
		assert_string_equal(site_dump(&t, s.arena), dump);
		archive_unlock(t.archive);
		run_import(&s, path, &again, NULL);
		assert_int_equal(again.already_there, c.stored);
		site_free(&t);
	}
	assert_int_equal(export_format("tar", &(enum export_format){0}), -1);
	site_free(&s);
}

/* One Message-ID, three bodies: whoever was first here has its key, and has it wherever this is
 * read again, whatever their dates say. */
static void
twins_keep_their_keys(void **state)
{
	static const char *const names[] = {"mbox", "mbox.gz", "maildir", "public-inbox"};
	struct archive_site s, t;
	struct export_counts out;
	const char *dump;
	char path[200];

	(void)state;
	site_new(&s);
	site_lock(&s);
	site_add(&s, site_message(&s, 1, 9, NULL, "first to come"));
	site_add(&s, site_message(&s, 1, 5, NULL, "an earlier date"));
	site_add(&s, site_message(&s, 2, 6, "<m1@x>", "an answer"));
	site_add(&s, site_message(&s, 1, 20, NULL, "a later date"));
	dump = site_dump(&s, s.arena);
	archive_unlock(s.archive);
	for (int i = 0; i < 4; i++) {
		struct import_counts again = {0};
		enum export_format format;

		assert_int_equal(export_format(names[i], &format), 0);
		snprintf(path, sizeof path, "%s/out%d", s.dir, i);
		assert_int_equal(export_run(&s.conf, "l", format, path, &out, NULL, NULL, NULL), 0);
		assert_int_equal(out.written, 4);
		site_new(&t);
		run_import(&t, path, &again, NULL);
		assert_int_equal(again.stored, 4);
		check_bytes(&t, "m1@x",
			    arena_str(s.arena, site_message(&s, 1, 9, NULL, "first to come")));
		site_lock(&t);
		assert_string_equal(site_dump(&t, s.arena), dump);
		archive_unlock(t.archive);
		site_free(&t);
	}
	site_free(&s);
}

/* A mirror in git follows: new mail is added, withdrawn mail taken out. */
static void
mirror_follows(void **state)
{
	struct archive_site s, t;
	struct import_counts c = {0};
	struct export_counts out;
	struct err e = {0};
	char path[100], git[100];

	(void)state;
	site_new(&s);
	snprintf(path, sizeof path, "%s/in.mbox", s.dir);
	snprintf(git, sizeof git, "%s/git", s.dir);
	write_file(path, mbox);
	run_import(&s, path, &c, NULL);
	if (export_run(&s.conf, "l", EXPORT_INBOX, git, &out, NULL, NULL, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(out.written, 2);
	site_lock(&s);
	assert_int_equal(site_add(&s, site_message(&s, 3, 1, NULL, "later")), ARCHIVE_STORED);
	assert_int_equal(archive_withdraw(s.archive, "l", SLICE("hlv5rcq3ba3lhmie4af76jerwdmva6bc"),
					  "why", false, NULL),
			 0);
	archive_unlock(s.archive);
	for (int64_t added = 1; added >= 0; added--) {
		assert_int_equal(export_run(&s.conf, "l", EXPORT_INBOX, git, &out, NULL, NULL, &e),
				 0);
		assert_int_equal(out.written, added);
	}
	site_new(&t);
	c = (struct import_counts){0};
	run_import(&t, git, &c, NULL);
	assert_int_equal(c.stored, 2);
	check_bytes(&t, "m2@x", "Message-ID: <m2@x>\nSubject: two\n\nFrom now on, text\n");
	site_free(&t);
	site_free(&s);
}

/* --- real lists ------------------------------------------------------------------------------- */

/* The messages of an mbox, in another order, as an mbox. */
static void
shuffle_mbox(const char *from, const char *to, uint64_t seed)
{
	struct slice bytes, rest, line, raw, *all = NULL, t;
	size_t n = 0;
	FILE *f = fopen(to, "w");

	assert_non_null(f);
	assert_int_equal(file_map(AT_FDCWD, from, &bytes, NULL), 0);
	rest = bytes;
	while (mbox_next(&rest, &line, &raw)) {
		all = reallocarray(all, n + 1, sizeof *all);
		all[n++] = slice_make(line.p, (size_t)(raw.p + raw.n - line.p));
	}
	for (size_t i = n; i > 1; i--) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		size_t j = (size_t)(seed >> 33) % i;

		t = all[i - 1];
		all[i - 1] = all[j];
		all[j] = t;
	}
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(fwrite(all[i].p, 1, all[i].n, f), all[i].n);
		fputs("\n", f);
	}
	free(all);
	fclose(f);
	file_unmap(bytes);
}

static const char *
imported_dump(const char *path, struct arena *a, struct import_counts *c)
{
	struct archive_site s;
	const char *dump;

	*c = (struct import_counts){0};
	site_new(&s);
	run_import(&s, path, c, NULL);
	site_lock(&s);
	dump = arena_str(a, slice_str(site_dump(&s, a)));
	archive_unlock(s.archive);
	site_free(&s);
	return dump;
}

static void
real_lists_in_any_order(void **state)
{
	static const char *const names[] = {"lists-small/notmuch-threading.mbox",
					    "lists-small/notmuch-default.mbox",
					    "lists/cake.lists.bufferbloat.net.mbox"};
	const char *dir = corpora("threads of real lists");
	struct arena *a;
	struct import_counts c, shuffled;
	char path[200], mixed[] = "/tmp/mixed-XXXXXX";
	const char *dump;

	(void)state;
	if (!dir)
		skip();
	a = arena_new();
	close(mkstemp(mixed));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		dump = imported_dump(path, a, &c);
		for (uint64_t k = 0; k < 2; k++) {
			shuffle_mbox(path, mixed, k + 1);
			assert_string_equal(imported_dump(mixed, a, &shuffled), dump);
			assert_int_equal(shuffled.read, c.read);
			assert_int_equal(shuffled.stored, c.stored);
		}
	}
	unlink(mixed);
	arena_free(a);
}

/* Parents and threads against what is known of a made corpus; by how parents are told there. */
static const char *const kinds[] = {"none", "references", "in-reply-to", "subject-only"};
/* Percent that must be right. Without references the parent is guessed: the nearest earlier message
 * of the same subject; in this corpus clocks are wrong, and some replies answer an older one. */
static const int least[] = {99, 100, 100, 35};
#define KINDS 4

struct score {
	int64_t right[KINDS], all[KINDS], threads, lines;
};

static const char *
list_of(struct arena *a, struct slice lang)
{
	return arena_lower(a, lang);
}

static void
import_all(struct archive_site *s, const char *dir)
{
	struct import_counts c = {0};
	struct dirent **found;
	int n = scandir(dir, &found, NULL, alphasort);

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *end = strstr(found[i]->d_name, ".mbox");
		const char *path = arena_printf(s->arena, "%s/%s", dir, found[i]->d_name);

		/* Each language is a list. */
		if (end)
			assert_int_equal(
			    import_run(
				s->archive,
				list_of(s->arena, slice_make(found[i]->d_name,
							     (size_t)(end - found[i]->d_name))),
				path, &c, NULL, NULL),
			    0);
		free(found[i]);
	}
	free(found);
	assert_int_equal(c.refused, 0);
}

/* One line of TRUTH.tsv: lang, message_id, thread_root, parent, threading … */
static void
judge(struct overview *ov, struct arena *a, struct slice line, struct score *score)
{
	struct overview_message m, parent = {0}, root;
	struct overview_thread t;
	struct slice f[5];
	int kind = 0;

	const char *list;

	for (int i = 0; i < 5; i++)
		slice_cut(line, '\t', &f[i], &line);
	for (int i = 0; i < KINDS; i++)
		kind = slice_is(f[4], kinds[i]) ? i : kind;
	list = list_of(a, f[0]);
	if (overview_by_msgid(ov, a, list, f[1], &m, NULL) != 1)
		fail_msg("%.*s is missing", SLICE_ARG(f[1]));
	if (m.parent != 0)
		assert_int_equal(overview_by_id(ov, a, m.parent, &parent, NULL), 1);
	score->all[kind]++;
	score->right[kind] += slice_eq(parent.msgid, f[3]);
	score->lines++;
	if (overview_by_msgid(ov, a, list, f[2], &root, NULL) == 1 &&
	    overview_thread_info(ov, a, m.thread, &t, NULL) == 1)
		score->threads += strcmp(t.root_key, root.key) == 0;
}

static void
truth(void **state)
{
	const char *dir = corpora("threads against the truth");
	struct score score = {0};
	struct archive_site s;
	struct slice bytes, rest, line;
	struct arena *a;

	(void)state;
	if (!dir)
		skip();
	a = arena_new();
	site_new(&s);
	import_all(&s, arena_printf(s.arena, "%s/multilang", dir));
	assert_int_equal(
	    file_map(AT_FDCWD, arena_printf(s.arena, "%s/multilang/TRUTH.tsv", dir), &bytes, NULL),
	    0);
	site_lock(&s);
	rest = bytes;
	assert_true(slice_next_line(&rest, &line));
	while (slice_next_line(&rest, &line)) {
		arena_reset(a);
		judge(archive_overview(s.archive), a, line, &score);
	}
	for (int i = 0; i < KINDS; i++) {
		printf("parents told by %s: %lld of %lld right\n", kinds[i],
		       (long long)score.right[i], (long long)score.all[i]);
		assert_true(score.right[i] * 100 >= score.all[i] * least[i]);
	}
	printf("threads: %lld of %lld right\n", (long long)score.threads, (long long)score.lines);
	assert_true(score.threads * 1000 >= score.lines * 975);
	archive_unlock(s.archive);
	file_unmap(bytes);
	site_free(&s);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(receipt_is_found),        cmocka_unit_test(ledger_adds_up),
	    cmocka_unit_test(crlf_and_maildirs),       cmocka_unit_test(out_and_in_again),
	    cmocka_unit_test(twins_keep_their_keys),   cmocka_unit_test(mirror_follows),
	    cmocka_unit_test(real_lists_in_any_order), cmocka_unit_test(truth),
	};

	log_init("import", true, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
