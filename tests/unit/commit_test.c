/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Group commit: all that is said to be kept is there, what fails is not, and groups form. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/arrival.h"
#include "daemon/commit.h"

#define JOBS 200

static char dir[64];
static struct spool *spool;

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct err e;

	(void)state;
	snprintf(dir, sizeof dir, "%s/commit_test.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? spool_open(&spool, dir, &e) : -1;
}

static int
tear_down(void **state)
{
	struct err e;

	(void)state;
	spool_close(spool);
	return file_remove_tree(AT_FDCWD, dir, &e);
}

static struct commit *
start(int threads)
{
	struct commit *c;
	struct err e;

	assert_int_equal(commit_start(&c, spool, threads, &e), 0);
	return c;
}

static void
wait_for(struct commit *c)
{
	struct pollfd p = {.fd = commit_fd(c), .events = POLLIN};

	assert_int_equal(poll(&p, 1, 60000), 1);
}

static struct arrival *
message(const char *text)
{
	enum commit_result r;
	struct arrival *a = arrival_begin(spool, SLICE("from: \n\n"), &r);

	assert_non_null(a);
	assert_int_equal(arrival_write(a, slice_str(text)), COMMIT_KEPT);
	assert_int_equal(arrival_finish(a, spool, SLICE("from: \n\n")), COMMIT_KEPT);
	return a;
}

static bool
exists(const char *folder, const char *id)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s/%s", dir, folder, id);
	return access(path, F_OK) == 0;
}

/* Claims and forgets everything; how many there were. */
static int64_t
drain(void)
{
	char id[ID_MAX];
	struct err e;
	int64_t n = 0;

	while (spool_claim(spool, id, &e) == 1) {
		assert_int_equal(spool_done(spool, id, &e), 0);
		n++;
	}
	return n;
}

static void
test_one(void **state)
{
	struct commit *c = start(4);
	struct arrival *a = message("x");
	struct commit_job *job;

	(void)state;
	assert_true(exists("tmp", a->job.file.id));
	commit_submit(c, &a->job);
	wait_for(c);
	job = commit_collect(c);
	assert_ptr_equal(job, &a->job);
	assert_null(job->next);
	assert_int_equal(job->result, COMMIT_KEPT);
	assert_true(exists("new", a->job.file.id));
	assert_false(exists("tmp", a->job.file.id));
	assert_null(commit_collect(c));
	arrival_free(a);
	commit_stop(c);
	assert_int_equal(drain(), 1);
}

static void
test_many(void **state)
{
	struct commit *c = start(COMMIT_THREADS_MAX + 5);
	struct commit_job *job, *next;
	int64_t syncs, files;
	int done = 0;

	(void)state;
	for (int i = 0; i < JOBS; i++)
		commit_submit(c, &message("many")->job);
	while (done < JOBS) {
		wait_for(c);
		for (job = commit_collect(c); job; job = next, done++) {
			next = job->next;
			assert_int_equal(job->result, COMMIT_KEPT);
			assert_true(exists("new", job->file.id));
			arrival_free(job->owner);
		}
	}
	commit_counts(c, &syncs, &files);
	assert_int_equal(files, JOBS);
	assert_true(syncs > 0 && syncs <= JOBS);
	commit_stop(c);
	assert_int_equal(drain(), JOBS);
}

/* A file that can't be synced, and one whose name is gone: neither is kept, the third is. */
static void
test_failures(void **state)
{
	struct commit *c = start(1);
	struct arrival *a[3] = {message("a"), message("b"), message("c")};
	int pipe_fd[2], done = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	close(a[0]->job.file.fd);
	a[0]->job.file.fd = pipe_fd[1]; /* fdatasync: EINVAL */
	close(pipe_fd[0]);
	char path[256];
	snprintf(path, sizeof path, "%s/tmp/%s", dir, a[1]->job.file.id);
	assert_int_equal(unlink(path), 0);
	for (int i = 0; i < 3; i++)
		commit_submit(c, &a[i]->job);
	while (done < 3) {
		wait_for(c);
		for (struct commit_job *job = commit_collect(c); job; job = job->next)
			done++;
	}
	assert_int_equal(a[0]->job.result, COMMIT_FAILED);
	assert_int_equal(a[1]->job.result, COMMIT_FAILED);
	assert_int_equal(a[2]->job.result, COMMIT_KEPT);
	assert_false(exists("tmp", a[0]->job.file.id) || exists("new", a[0]->job.file.id));
	assert_false(exists("new", a[1]->job.file.id));
	assert_true(exists("new", a[2]->job.file.id));
	for (int i = 0; i < 3; i++)
		arrival_free(a[i]);
	commit_stop(c);
	assert_int_equal(drain(), 1);
}

/* Small ones are patched in memory, large ones in the file: both come out alike. */
static void
test_arrival(void **state)
{
	static const size_t sizes[] = {0, 10, 32 * 1024, 200 * 1024};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct commit *c = start(1);
		enum commit_result r;
		struct arrival *a = arrival_begin(spool, SLICE("first: 1\n\n"), &r);
		struct slice bytes;
		char id[ID_MAX];
		struct err e;

		assert_non_null(a);
		for (size_t n = 0; n < sizes[i]; n++)
			assert_int_equal(arrival_write(a, SLICE("y")), COMMIT_KEPT);
		assert_int_equal(arrival_finish(a, spool, SLICE("final: 2\n\n")), COMMIT_KEPT);
		commit_submit(c, &a->job);
		wait_for(c);
		assert_non_null(commit_collect(c));
		assert_int_equal(spool_claim(spool, id, &e), 1);
		assert_int_equal(spool_map(spool, id, &bytes, &e), 0);
		assert_int_equal(bytes.n, 10 + sizes[i]);
		assert_true(slice_starts(bytes, SLICE("final: 2\n\n")));
		for (size_t n = 10; n < bytes.n; n++)
			assert_int_equal(bytes.p[n], 'y');
		file_unmap(bytes);
		assert_int_equal(spool_done(spool, id, &e), 0);
		arrival_free(a);
		commit_stop(c);
	}
}

static void
test_abort(void **state)
{
	enum commit_result r;
	struct arrival *a = arrival_begin(spool, SLICE("\n"), &r);
	char id[ID_MAX];

	(void)state;
	assert_non_null(a);
	memcpy(id, a->job.file.id, sizeof id);
	assert_true(exists("tmp", id));
	arrival_abort(a, spool);
	assert_false(exists("tmp", id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one),      cmocka_unit_test(test_many),
	    cmocka_unit_test(test_failures), cmocka_unit_test(test_arrival),
	    cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
