/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state: the folder STATE as a whole (the header is the manual). */
#include "config.h"

#include "daemon/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/token.h"

#define LOCK_POLL_US 20000
#define LOCK_LOOK_MS 300  /* state_daemon holds it for an instant, too */
#define PID_MAX (1 << 22) /* the kernel's greatest */

/* The way to the public folders can be walked by the web role's user, but not listed. */
static const struct {
	const char *name;
	mode_t mode;
} folders[] = {
    {"", 0711},
    {"secret", 0700},
    {"spool", 0700},
    {"held", 0700},
    {"out", 0700},
    {"digest", 0700},
    {"feed", 0700},
    {"archive", 0711},
    {"archive/msg", 0700},
    {"archive/log", 0700},
    {"archive/xapian", 0755},
    {"html", 0755},
    {"metrics", 0755}, /* what each role counts, for the monitor */
};

struct owner {
	bool change; /* started as root */
	uid_t uid;
	gid_t gid;
};

static int
find_user(const char *name, struct owner *o, struct err *e)
{
	struct passwd *pw;

	errno = 0;
	pw = getpwnam(name);
	if (!pw && errno)
		return err_errno(e, "user %s", name);
	if (!pw)
		return err_permanent(e, "there is no user %s on this system: add it", name);
	*o = (struct owner){true, pw->pw_uid, pw->pw_gid};
	return 0;
}

static int
find_owner(const struct conf *conf, struct owner *o, struct err *e)
{
	*o = (struct owner){0};
	if (geteuid() != 0)
		return 0;
	if (find_user(conf->web_user, o, e) < 0)
		return -1;
	return find_user(conf->user, o, e);
}

/* Never through a link: the folder it is in may be the user's own. */
static int
give(const char *path, const struct owner *o, struct err *e)
{
	struct stat st;

	if (!o->change)
		return 0;
	if (lstat(path, &st) < 0)
		return err_errno(e, "%s", path);
	if (S_ISLNK(st.st_mode) || (st.st_uid == o->uid && st.st_gid == o->gid))
		return 0;
	return lchown(path, o->uid, o->gid) < 0 ? err_errno(e, "%s", path) : 0;
}

static int
make_key(const struct conf *conf, struct arena *a, const struct owner *o, struct err *e)
{
	const char *path = conf_path(conf, a, "secret/token.key");
	struct token_keys *keys;

	if (token_keys_load(&keys, path, true, e) < 0)
		return -1;
	token_keys_free(keys);
	return give(path, o, e);
}

int
state_prepare(const struct conf *conf, struct err *e)
{
	struct arena *a = arena_new();
	struct owner o;
	int ret = -1;

	if (find_owner(conf, &o, e) < 0)
		goto out;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const char *path = conf_path(conf, a, "%s", folders[i].name);

		if (file_mkdirs(AT_FDCWD, path, folders[i].mode, true, e) < 0 ||
		    give(path, &o, e) < 0)
			goto out;
	}
	ret = make_key(conf, a, &o, e);
out:
	arena_free(a);
	return ret;
}

/* --- one daemon ----------------------------------------------------------------------------- */

/* What plenaryd.pid says; 0 when it says nothing. */
static pid_t
read_pid(const struct conf *conf, struct arena *a)
{
	struct slice text;
	int64_t pid;

	if (file_read(AT_FDCWD, conf_path(conf, a, "plenaryd.pid"), 64, a, &text, NULL) < 0 ||
	    !num_parse(slice_trim(text), 2, PID_MAX, &pid))
		return 0;
	return (pid_t)pid;
}

static bool
is_dead(pid_t pid)
{
	return pid > 0 && kill(pid, 0) < 0 && errno == ESRCH;
}

/* True when the lock came within wait_ms. */
static bool
try_lock(int fd, int64_t wait_ms)
{
	int64_t until = clock_mono() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_mono() >= until)
			return false;
		usleep(LOCK_POLL_US);
	}
	return true;
}

static int
wait_lock(const struct conf *conf, int fd, int64_t wait_ms, struct arena *a, struct err *e)
{
	pid_t pid;

	if (try_lock(fd, LOCK_LOOK_MS))
		return 0;
	if (errno != EWOULDBLOCK)
		return err_errno(e, "locking %s/lock", conf->state_dir);
	pid = read_pid(conf, a);
	if (is_dead(pid)) {
		log_info("waiting for the roles of an earlier plenaryd (%d) to end", (int)pid);
		if (try_lock(fd, wait_ms))
			return 0;
		return err_temporary(e, "roles of an earlier plenaryd (%d) still work on %s",
				     (int)pid, conf->state_dir);
	}
	if (pid > 0)
		return err_permanent(e, "another plenaryd (%d) works on %s", (int)pid,
				     conf->state_dir);
	return err_permanent(e, "another plenaryd works on %s", conf->state_dir);
}

int
state_lock(const struct conf *conf, int64_t wait_ms, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = conf_path(conf, a, "lock");
	struct owner o;
	int fd = -1;

	if (find_owner(conf, &o, e) < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_errno(e, "%s", path);
		goto out;
	}
	if (give(path, &o, e) < 0 || wait_lock(conf, fd, wait_ms, a, e) < 0) {
		close(fd);
		fd = -1;
	}
out:
	arena_free(a);
	return fd;
}

int
state_write_pid(const struct conf *conf, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = conf_path(conf, a, "plenaryd.pid");
	struct slice text = slice_str(arena_printf(a, "%d\n", (int)getpid()));
	struct owner o;
	int ret = -1;

	if (find_owner(conf, &o, e) == 0 &&
	    file_put_derived(AT_FDCWD, path, &text, 1, 0644, e) == 0)
		ret = give(path, &o, e);
	arena_free(a);
	return ret;
}

void
state_remove_pid(const struct conf *conf)
{
	struct arena *a = arena_new();

	unlink(conf_path(conf, a, "plenaryd.pid"));
	arena_free(a);
}

pid_t
state_daemon(const struct conf *conf)
{
	struct arena *a = arena_new();
	int fd = open(conf_path(conf, a, "lock"), O_RDONLY | O_CLOEXEC);
	pid_t pid = 0;

	/* A number in a file may by now be anybody's; the lock is the truth. */
	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		pid = read_pid(conf, a);
	if (fd >= 0)
		close(fd);
	arena_free(a);
	return pid;
}

void
state_ring(const struct conf *conf)
{
	pid_t pid = state_daemon(conf);

	if (pid > 0 && kill(pid, SIGUSR1) < 0)
		log_debug("plenaryd (%d) could not be told: %s", (int)pid, strerror(errno));
}
