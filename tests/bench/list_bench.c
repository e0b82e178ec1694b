/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_bench: posts decided per second by the list role's own code, from waiting in the spool to
 * rows, links and an empty spool, against a bare loop that writes the same rows in as many
 * transactions and parses, checks and links nothing. Both on the disk of TMPDIR, synchronous=FULL.
 *
 *	list_bench [POSTS]	(default 200) for lists of 100 and 2,000 members
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "conf/text.h"
#include "daemon/batch.h"
#include "daemon/listdb.h"
#include "daemon/member.h"

#define RUNS 3
#define HEAD_SIZE 900 /* of a post as sent, about */
#define BODY                                                                                       \
	"Dear all,\r\n\r\na post as they are on lists: a few lines of text, some of them\r\n"      \
	"quoted, and a signature. Nothing that is attached.\r\n\r\n-- \r\nAnn\r\n"

static struct arena *a;
static char dir[200];

static void
must(int r, const struct err *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

static struct site
open_site(int run, int members)
{
	struct site s = {0};
	struct token_keys *keys = NULL;
	struct err e = {0};
	const char *conf = arena_printf(a, "%s/conf-%d-%d", dir, run, members);
	struct slice text = slice_str(arena_printf(
	    a,
	    "domain = \"lists.example.org\"\nsite-url = \"https://lists.example.org\"\n"
	    "owner = \"root@example.org\"\nstate-dir = \"%s/state-%d-%d\"\n"
	    "list \"dc\" { nonmember-posts = \"accept\" }\n",
	    dir, run, members));
	must(file_put_derived(AT_FDCWD, conf, &text, 1, 0600, &e), &e);
	struct conf *c = conf_load_or_complain(conf);
	if (!c)
		exit(1);
	s.conf = c;
	static const char *const folders[] = {"secret", "held", "out", "feed"};
	for (size_t i = 0; i < 4; i++)
		must(file_mkdirs(AT_FDCWD, conf_path(c, a, "%s", folders[i]), 0700, false, &e), &e);
	must(token_keys_load(&keys, conf_path(c, a, "secret/token.key"), true, &e), &e);
	s.keys = keys;
	must(listdb_open(&s.db, c, DB_WRITE_FULL, &e), &e);
	must(spool_open(&s.spool, conf_path(c, a, "spool"), &e), &e);
	must(db_begin(s.db, &e), &e);
	for (int i = 0; i < members; i++) {
		int64_t id;
		const char *address = arena_printf(a, "member-%d@example.com", i);
		must(member_add(s.db, "dc", slice_str(address), slice_make(NULL, 0), "mail", "",
				"admin", clock_now(), &id, &e),
		     &e);
	}
	must(db_commit(s.db, &e), &e);
	return s;
}

static void
close_site(struct site *s)
{
	db_close(s->db);
	spool_close(s->spool);
	token_keys_free(s->keys);
	conf_free((struct conf *)(uintptr_t)s->conf);
}

/* Posts a second of the role's code. */
static double
ours(int run, int members, int posts)
{
	struct site s = open_site(run, members);
	struct err e = {0};
	for (int i = 0; i < posts; i++) {
		char id[ID_MAX];
		id_new(id);
		struct slice parts[] = {slice_str(arena_printf(
		    a,
		    "from: ann@example.org\nrcpt: dc@lists.example.org\nreceived: 1\n\n"
		    "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=from:to;\r\n "
		    "b=abc\r\n"
		    "From: Ann <ann@example.org>\r\nTo: dc@lists.example.org\r\nSubject: %d\r\n"
		    "Message-ID: <%d-%d@example.org>\r\nMIME-Version: 1.0\r\n\r\n" BODY,
		    i, run, i))};
		must(spool_put(s.spool, id, parts, 1, &e), &e);
	}
	int64_t begun = clock_mono();
	while (batch_run(&s, clock_now()) > 0)
		;
	int64_t took = clock_mono() - begun;
	close_site(&s);
	return posts * 1000.0 / (double)(took ? took : 1);
}

/* The same rows: as many a transaction, nothing else. */
static double
bare(int run, int members, int posts)
{
	struct site s = open_site(run + RUNS, members);
	struct err e = {0};
	char head[HEAD_SIZE];
	memset(head, 'h', sizeof(head));
	int64_t begun = clock_mono();
	for (int i = 0; i < posts; i++) {
		if (i % BATCH_MAX == 0)
			must(db_begin(s.db, &e), &e);
		must((int)db_do(
			 s.db, &e,
			 "INSERT INTO duplicate (list, msgid, body, t) VALUES ('dc', ?, ?, 1)",
			 "is", (int64_t)i, slice_make(head, 64)),
		     &e);
		must((int)db_do(s.db, &e,
				"INSERT INTO out (spool, list, kind, head, created)"
				" VALUES (?, 'dc', 'post', ?, 1)",
				"tb", arena_printf(a, "%026d", i), slice_make(head, sizeof(head))),
		     &e);
		must((int)db_do(s.db, &e,
				"INSERT INTO delivery (out, subscription, recipient, next)"
				" SELECT ?, id, wire, 1 FROM subscription WHERE list = 'dc'",
				"i", db_last_rowid(s.db)),
		     &e);
		must((int)db_do(s.db, &e, "INSERT INTO seen (id, t, links) VALUES (?, 1, 'out')",
				"t", arena_printf(a, "%026d", i)),
		     &e);
		if (i % BATCH_MAX == BATCH_MAX - 1 || i == posts - 1)
			must(db_commit(s.db, &e), &e);
	}
	int64_t took = clock_mono() - begun;
	close_site(&s);
	return posts * 1000.0 / (double)(took ? took : 1);
}

static int
by_size(const void *x, const void *y)
{
	double d = *(const double *)x - *(const double *)y;
	return d < 0 ? -1 : d > 0;
}

static void
measure(int members, int posts)
{
	double o[RUNS], b[RUNS];
	for (int i = 0; i < RUNS; i++) {
		b[i] = bare(i, members, posts);
		o[i] = ours(i, members, posts);
	}
	qsort(o, RUNS, sizeof(*o), by_size);
	qsort(b, RUNS, sizeof(*b), by_size);
	printf("%5d members: %7.0f posts/s, %9.0f recipients/s; bare inserts %7.0f posts/s;"
	       " ratio %.2f\n",
	       members, o[RUNS / 2], o[RUNS / 2] * members, b[RUNS / 2], o[RUNS / 2] / b[RUNS / 2]);
}

int
main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int posts = argc > 1 ? atoi(argv[1]) : 200;
	struct err e = {0};
	log_init("list_bench", false, false);
	a = arena_new();
	snprintf(dir, sizeof(dir), "%s/list-bench-XXXXXX", tmp ? tmp : "/tmp");
	must(text_load(&e), &e);
	if (posts < 1 || !mkdtemp(dir)) {
		fprintf(stderr, "list_bench [POSTS]\n");
		return 2;
	}
	measure(100, posts);
	measure(2000, posts);
	int gone = system(arena_printf(a, "rm -rf '%s'", dir));
	text_unload();
	arena_free(a);
	return gone == 0 ? 0 : 1;
}
