/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dying at a named place, for the sweeps that prove that a kill loses nothing. Only in builds with
 * --enable-crash-points; a shipped program has none of it.
 */
#include "config.h"
#include "base/crash.h"

#ifdef CRASH_POINTS
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/slice.h"

#define SEEN_MAX 256 /* different points in one process, for the log */

static struct {
	bool ready;
	struct slice role, name; /* of PLENARY_CRASH */
	int64_t passages;        /* still to go, this one included */
	const char *once;
	int log_fd;
	const char *seen[SEEN_MAX];
	size_t nseen;
} crash = {.log_fd = -1};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
init(void)
{
	struct slice rest = slice_str(getenv("PLENARY_CRASH")), count;
	const char *log = getenv("PLENARY_CRASH_LOG");

	if (crash.ready)
		return;
	crash.ready = true;
	crash.once = getenv("PLENARY_CRASH_ONCE");
	crash.passages = 1;
	slice_cut(rest, ':', &crash.role, &rest);
	if (slice_cut(rest, ':', &crash.name, &count) &&
	    !num_parse(count, 1, INT64_MAX, &crash.passages))
		fatal("PLENARY_CRASH: no number of passages in \"%s\"", log_str(count));
	if (log != NULL && *log != '\0')
		crash.log_fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

void
crash_init(void)
{
	pthread_mutex_lock(&lock);
	init();
	pthread_mutex_unlock(&lock);
}

static void
note(const char *name)
{
	if (crash.log_fd < 0 || crash.nseen == SEEN_MAX)
		return;
	for (size_t i = 0; i < crash.nseen; i++) {
		if (slice_is(slice_str(crash.seen[i]), name))
			return;
	}
	crash.seen[crash.nseen++] = name;
	dprintf(crash.log_fd, "%s:%s\n", log_role(), name);
}

/* True the first time, for as long as the file is kept. */
static bool
first_time(void)
{
	int fd;

	if (crash.once == NULL || *crash.once == '\0')
		return true;
	fd = open(crash.once, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		if (errno != EEXIST)
			log_error("PLENARY_CRASH_ONCE cannot be made: not dying");
		return false;
	}
	close(fd);
	return true;
}

void
crash_point(const char *name)
{
	pthread_mutex_lock(&lock);
	init();
	note(name);
	if (slice_is(crash.name, name) && slice_is(crash.role, log_role()) &&
	    --crash.passages == 0 && first_time()) {
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
	pthread_mutex_unlock(&lock);
}

void
crash_on(const char *step, const char *what)
{
	struct slice rest = slice_str(getenv("PLENARY_CRASH_ON")), word, name;

	while (slice_next_word(&rest, &word)) {
		struct slice of;

		if (slice_cut(word, ':', &name, &of) && slice_is(name, step) && slice_is(of, what))
			kill(getpid(), SIGKILL);
	}
}
#endif
