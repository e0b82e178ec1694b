/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/fields.h"
#include "archive/git.h"
#include "archive/mask.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"

#define OID 40             /* hex digits of a SHA-1 object name */
#define EPOCHS 1000        /* repositories of one inbox; each is a gigabyte by custom */
#define LINE_MAX_BYTES 200 /* of git cat-file's own lines */
#define DONE "plenary-log" /* in 0.git: bytes of the list's log that are in it */
#define DONE_MAX 64

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
	const char *repo, *tmp_dir;
	int (*each)(void *arg, struct slice bytes, int64_t received, struct err *e);
	void *arg;
	char (*removed)[OID]; /* sorted */
	size_t nremoved, cap;
};

static bool
is_repo(const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof name, "%s/objects", path);
	if (access(name, F_OK) < 0)
		return false;
	snprintf(name, sizeof name, "%s/HEAD", path);
	return access(name, F_OK) == 0;
}

bool
inbox_is(const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof name, "%s/git/0.git", path);
	return is_repo(name) || is_repo(path);
}

/* A list of what to ask git cat-file for: format (git log's) of each commit, oldest first. */
static int
requests(const struct reading *rd, const char *format, struct err *e)
{
	const char *args[] = {"log", "--reverse", format, "HEAD", NULL};
	int fd = open(rd->tmp_dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(e, "%s", rd->tmp_dir);
	if (git_run(rd->repo, args, fd, e) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
by_oid(const void *a, const void *b)
{
	return memcmp(a, b, OID);
}

static void
learn_removed(struct reading *rd, const char *oid)
{
	if (rd->nremoved == rd->cap) {
		rd->cap = rd->cap ? rd->cap * 2 : 64;
		rd->removed = reallocarray(rd->removed, rd->cap, sizeof *rd->removed);
		if (!rd->removed)
			fatal("no memory");
	}
	memcpy(rd->removed[rd->nremoved++], oid, OID);
}

/* The blobs called "d" by any commit are those that were taken out. */
static int
find_removed(struct reading *rd, struct err *e)
{
	static const char *const args[] = {"cat-file", "--batch-check=%(objectname)", NULL};
	char line[LINE_MAX_BYTES];
	struct git g;
	int fd = requests(rd, "--format=%H:d", e), ret = -1;

	if (fd < 0)
		return -1;
	if (git_start(&g, rd->repo, args, fd, -1, e) == 0) {
		while (fgets(line, sizeof line, g.out))
			if (strlen(line) == OID + 1)
				learn_removed(rd, line);
		ret = git_end(&g, true, e);
	}
	close(fd);
	if (rd->nremoved > 0)
		qsort(rd->removed, rd->nremoved, sizeof *rd->removed, by_oid);
	return ret;
}

/* "OID blob SIZE TIME": false for a commit that has no message. */
static bool
take_header(const char *line, size_t *size, int64_t *received)
{
	struct slice s = slice_str(line), oid, type, number, t;
	int64_t n;

	if (!slice_next_word(&s, &oid) || !slice_next_word(&s, &type) ||
	    !slice_next_word(&s, &number) || !slice_next_word(&s, &t) || !slice_is(type, "blob") ||
	    oid.n != OID || !num_parse(number, 0, INT64_MAX, &n))
		return false;
	if (!num_parse(t, 0, INT64_MAX, received))
		*received = 0;
	*size = (size_t)n;
	return true;
}

/* One message of git's answer, into a buffer that grows. */
static int
take_message(struct reading *rd, struct git *g, const char *line, struct buf *b, struct err *e)
{
	int64_t received;
	size_t size;
	char *p;

	if (!take_header(line, &size, &received))
		return 0;
	buf_clear(b);
	p = buf_reserve(b, size + 1);
	if (!p || fread(p, 1, size + 1, g->out) != size + 1)
		return err_permanent(e, "%s: git's answer breaks off", rd->repo);
	if (rd->nremoved > 0 &&
	    bsearch(line, rd->removed, rd->nremoved, sizeof *rd->removed, by_oid))
		return 0;
	return rd->each(rd->arg, slice_make(p, size), received, e);
}

static int
read_repo(struct reading *rd, struct err *e)
{
	static const char *const args[] = {
	    "cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)", NULL};
	char line[LINE_MAX_BYTES];
	struct git g;
	struct buf b;
	int fd, ret = 0;

	if (find_removed(rd, e) < 0)
		return -1;
	fd = requests(rd, "--format=%H:m %ct", e);
	if (fd < 0)
		return -1;
	buf_init(&b, ARCHIVE_MESSAGE_MAX * (size_t)2);
	if (git_start(&g, rd->repo, args, fd, -1, e) < 0) {
		ret = -1;
	} else {
		while (ret == 0 && fgets(line, sizeof line, g.out))
			ret = take_message(rd, &g, line, &b, e);
		if (git_end(&g, ret == 0, e) < 0)
			ret = -1;
	}
	buf_free(&b);
	close(fd);
	return ret;
}

int
inbox_read(const char *path, const char *tmp_dir,
	   int (*each)(void *arg, struct slice bytes, int64_t received, struct err *e), void *arg,
	   struct err *e)
{
	struct reading rd = {.repo = path, .tmp_dir = tmp_dir, .each = each, .arg = arg};
	char repo[PATH_MAX];
	int ret = 0;

	if (is_repo(path)) {
		ret = read_repo(&rd, e);
	} else {
		rd.repo = repo;
		for (int i = 0; ret == 0 && i < EPOCHS; i++) {
			snprintf(repo, sizeof repo, "%s/git/%d.git", path, i);
			if (!is_repo(repo))
				break;
			ret = read_repo(&rd, e);
		}
	}
	free(rd.removed);
	return ret;
}

/* --- writing ---------------------------------------------------------------------------------- */

struct writing {
	const struct conf *conf;
	const char *list, *repo;
	struct store *store;
	struct mask *mask;
	struct arena *arena; /* for one message */
	FILE *to;            /* git fast-import */
	bool resumed;        /* the branch has commits, and this run none yet */
	int64_t added, end;
	/* Keys that were gone before they were ever written here. */
	char (*gone)[KEY_SIZE];
	size_t ngone, cap;
};

/* What may stand in a commit's author line. */
static const char *
safe_name(struct arena *a, struct slice s)
{
	char *p = arena_str(a, s);

	for (char *c = p; *c; c++)
		if (*c == '<' || *c == '>' || (unsigned char)*c < ' ')
			*c = ' ';
	return p;
}

static void
put_commit(struct writing *w, const struct fields *f, const char *file, int64_t received)
{
	struct arena *a = w->arena;

	fprintf(w->to, "commit refs/heads/master\nauthor %s <%s> %lld +0000\n",
		safe_name(a, f->from_name), safe_name(a, f->from_address), (long long)f->date);
	fprintf(w->to, "committer %s <%s@%s> %lld +0000\n", w->list, w->list, w->conf->domain,
		(long long)received);
	fprintf(w->to, "data %zu\n%.*s\n", f->subject.n, SLICE_ARG(f->subject));
	/* Later commits of this run follow from the one before by themselves. */
	if (w->resumed)
		fputs("from refs/heads/master^0\n", w->to);
	w->resumed = false;
	fputs("deleteall\n", w->to);
	fprintf(w->to, "M 100644 inline %s\ndata %zu\n", file, f->message.bytes.n);
	fwrite(f->message.bytes.p, 1, f->message.bytes.n, w->to);
	fputs("\n", w->to);
}

static void
learn_gone(struct writing *w, struct slice key)
{
	if (w->ngone == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 64;
		w->gone = reallocarray(w->gone, w->cap, sizeof *w->gone);
		if (!w->gone)
			fatal("no memory");
	}
	snprintf(w->gone[w->ngone++], KEY_SIZE, "%.*s", SLICE_ARG(key));
}

static bool
was_gone(const struct writing *w, struct slice key)
{
	for (size_t i = 0; i < w->ngone; i++)
		if (slice_is(key, w->gone[i]))
			return true;
	return false;
}

/* Is the message still where the log has put it? */
static bool
still_there(struct writing *w, const struct chain_entry *entry)
{
	struct slice bytes;
	const char *path = arena_printf(w->arena, "archive/msg/%.*s", SLICE_ARG(entry->path));

	if (file_map(AT_FDCWD, conf_path(w->conf, w->arena, "%s", path), &bytes, NULL) < 0)
		return false;
	file_unmap(bytes);
	return true;
}

static int
write_line(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	struct writing *w = arg;
	bool add = slice_is(entry->event, "add"), erased;
	struct slice stored, bytes;
	struct fields f;

	w->end = end;
	arena_reset(w->arena);
	if (add && !still_there(w, entry)) {
		learn_gone(w, entry->key);
		return 0;
	}
	if (!add && (!slice_is(entry->event, "withdraw") || was_gone(w, entry->key)))
		return 0;
	if (store_map_logged(w->store, w->list, entry->key, entry->path, &stored, &erased, e) < 0)
		return errno == ENOENT ? 0 : -1;
	if (!erased) {
		mask_message(w->mask, w->arena, stored, &bytes);
		fields_of(&f, w->arena, bytes, entry->received, w->conf->domain);
		put_commit(w, &f, add ? "m" : "d", add ? entry->received : entry->logged);
		w->added += add;
	}
	file_unmap(stored);
	return ferror(w->to) ? err_temporary(e, "git fast-import went away") : 0;
}

/* Where the last export ended; 0 for a new repository, which is made. */
static int
open_repo(struct writing *w, int64_t *from, struct err *e)
{
	static const char *const init[] = {"init", "-q", "--bare", "--initial-branch=master", NULL};
	const char *done = arena_printf(w->arena, "%s/" DONE, w->repo);
	struct slice text;

	static const char *const has_branch[] = {"show-ref", "--verify", "--quiet",
						 "refs/heads/master", NULL};

	*from = 0;
	if (!is_repo(w->repo)) {
		if (file_mkdirs(AT_FDCWD, w->repo, 0755, false, e) < 0 ||
		    git_run(w->repo, init, -1, e) < 0)
			return -1;
		text = SLICE("0\n");
		return file_put(AT_FDCWD, done, &text, 1, 0644, e);
	}
	if (file_read(AT_FDCWD, done, DONE_MAX, w->arena, &text, e) < 0 ||
	    !num_parse(slice_trim(text), 0, INT64_MAX, from))
		return err_permanent(e, "%s is no export of this program", w->repo);
	w->resumed = git_run(w->repo, has_branch, -1, NULL) == 0;
	return 0;
}

static int
write_new(struct writing *w, int64_t from, struct err *e)
{
	static const char *const import[] = {"fast-import", "--quiet", "--done", NULL};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), ret;
	struct git g;

	if (null < 0)
		return err_errno(e, "/dev/null");
	ret = git_start(&g, w->repo, import, -1, null, e);
	close(null);
	if (ret < 0)
		return -1;
	w->to = g.in;
	ret = store_walk(w->store, w->list, from, write_line, w, e);
	fputs("done\n", w->to);
	if (git_end(&g, ret == 0, e) < 0)
		ret = -1;
	return ret;
}

int64_t
inbox_write(const struct conf *conf, const char *list, struct store *st, const char *dir,
	    struct err *e)
{
	static const char *const info[] = {"update-server-info", NULL};
	struct writing w = {.conf = conf, .list = list, .store = st};
	struct arena *a = arena_new();
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	struct slice text;
	int64_t from, ret = -1;

	w.arena = arena_new();
	w.mask = mask_new(conf->site_url, conf->domain, conf->delimiter);
	w.repo = arena_printf(a, "%s/git/0.git", dir);
	if (open_repo(&w, &from, e) < 0)
		goto out;
	w.end = from;
	if (write_new(&w, from, e) < 0)
		goto out;
	text = slice_str(arena_printf(a, "%lld\n", (long long)w.end));
	if (file_put(AT_FDCWD, arena_printf(a, "%s/" DONE, w.repo), &text, 1, 0644, e) < 0 ||
	    git_run(w.repo, info, -1, e) < 0)
		goto out;
	ret = w.added;
out:
	signal(SIGPIPE, old);
	mask_free(w.mask);
	free(w.gone);
	arena_free(w.arena);
	arena_free(a);
	return ret;
}
