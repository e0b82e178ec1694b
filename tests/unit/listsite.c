/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listsite: see listsite.h. */
#include "tests/unit/listsite.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "conf/text.h"
#include "daemon/batch.h"
#include "daemon/listdb.h"
#include "daemon/moderate.h"
#include "mail/header.h"
#include "mail/readable.h"

#define FILE_MAX (64 << 20)

/* Where the sanitizers report to, if there are any: standard error is the log's. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static struct listsite *current; /* whose log standard error is */

/* fail_msg() would speak into the log. */
static void __attribute__((format(printf, 1, 2), noreturn)) flunk(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vdprintf(current ? current->saved_stderr : STDERR_FILENO, fmt, ap);
	va_end(ap);
	dprintf(current ? current->saved_stderr : STDERR_FILENO, "\n");
	_fail(__FILE__, __LINE__);
	abort();
}

static void
must(int r, const struct err *e)
{
	if (r < 0)
		flunk("%s", e->text);
}

char *
listsite_printf(struct listsite *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	return p;
}

/* --- the log -------------------------------------------------------------------------------- */

static const char *
log_text(struct listsite *s)
{
	struct slice bytes;
	struct err e = {0};
	fflush(stderr);
	must(file_read(AT_FDCWD, listsite_printf(s, "%s/log", s->dir), FILE_MAX, s->a, &bytes, &e),
	     &e);
	return arena_str(s->a, bytes);
}

static void
log_back(void)
{
	if (!current)
		return;
	struct listsite *s = current;
	const char *text = log_text(s);
	fflush(stderr);
	dup2(s->saved_stderr, STDERR_FILENO);
	close(s->saved_stderr);
	current = NULL;
	if (getenv("LISTSITE_LOG"))
		fputs(text, stderr);
}

static void
log_away(struct listsite *s)
{
	static bool once;
	s->saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (__sanitizer_set_report_fd)
		__sanitizer_set_report_fd((void *)(uintptr_t)(unsigned)s->saved_stderr);
	int fd = open(listsite_printf(s, "%s/log", s->dir), O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		flunk("%s/log can't be made", s->dir);
	close(fd);
	current = s;
	if (!once)
		atexit(log_back);
	once = true;
}

int
listsite_logged(struct listsite *s, const char *text)
{
	int n = 0;
	for (const char *p = log_text(s); (p = strstr(p, text)); p++)
		n++;
	return n;
}

/* --- the site ------------------------------------------------------------------------------- */

int
listsite_setup(void **state)
{
	struct listsite *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");
	struct err e = {0};
	snprintf(s->dir, sizeof(s->dir), "%s/listsite-XXXXXX", tmp ? tmp : "/tmp");
	s->a = arena_new();
	s->now = LISTSITE_NOW;
	if (!mkdtemp(s->dir) || text_load(&e) < 0)
		return -1;
	*state = s;
	return 0;
}

static void
read_conf(struct listsite *s, const char *lists)
{
	struct buf b;
	struct err e = {0};
	const char *path = listsite_printf(s, "%s/conf", s->dir);
	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b,
		   "domain = \"" DOMAIN "\"\nsite-url = \"" URL "\"\n"
		   "owner = \"root@example.org\"\nstate-dir = \"%s/state\"\nuser = \"root\"\n"
		   "trusted-authserv = { \"mx.example.org\" }\n%s",
		   s->dir, lists);
	struct slice part = buf_slice(&b);
	must(file_put_derived(AT_FDCWD, path, &part, 1, 0600, &e), &e);
	buf_free(&b);
	s->conf = conf_load_or_complain(path);
	if (!s->conf)
		flunk("the configuration is wrong: %s", log_text(s));
	s->site.conf = s->conf;
}

static void
open_spool(struct listsite *s)
{
	struct err e = {0};
	must(spool_open(&s->site.spool, conf_path(s->conf, s->a, "spool"), &e), &e);
	must(spool_recover(s->site.spool, NULL, NULL, &e), &e);
}

struct listsite *
listsite_begin(void **state, const char *lists)
{
	static const char *const folders[] = {"secret", "held", "out", "feed"};
	struct listsite *s = *state;
	struct token_keys *keys = NULL;
	struct err e = {0};
	log_away(s);
	read_conf(s, lists);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		must(file_mkdirs(AT_FDCWD, conf_path(s->conf, s->a, "%s", folders[i]), 0700, false,
				 &e),
		     &e);
	must(token_keys_load(&keys, conf_path(s->conf, s->a, "secret/token.key"), true, &e), &e);
	s->site.keys = keys;
	must(listdb_open(&s->site.db, s->conf, DB_WRITE_NORMAL, &e), &e);
	open_spool(s);
	return s;
}

void
listsite_reload(struct listsite *s, const char *lists)
{
	conf_free(s->conf);
	read_conf(s, lists);
}

void
listsite_restart(struct listsite *s)
{
	spool_close(s->site.spool);
	open_spool(s);
}

int
listsite_teardown(void **state)
{
	struct listsite *s = *state;
	int ret = 0;
	if (current) {
		if (listsite_logged(s, "a text has no value for") ||
		    listsite_logged(s, "no template")) {
			dprintf(s->saved_stderr, "a template lacks something:\n%s\n", log_text(s));
			ret = -1;
		}
		log_back();
		db_close(s->site.db);
		spool_close(s->site.spool);
		token_keys_free(s->site.keys);
		conf_free(s->conf);
	}
	const char *rm = listsite_printf(s, "rm -rf '%s'", s->dir);
	if (system(rm) != 0)
		ret = -1;
	arena_free(s->a);
	free(s);
	text_unload();
	return ret;
}

/* --- mail ----------------------------------------------------------------------------------- */

const char *
listsite_put(struct listsite *s, const char *envelope, struct slice message)
{
	char *id = arena_alloc(s->a, ID_MAX);
	struct err e = {0};
	/* IDs of one millisecond are in no order; tests want the order in which they put. */
	for (int64_t t = clock_ms(); clock_ms() == t;)
		;
	id_new(id);
	const char *head = listsite_printf(s, "%sreceived: %lld\nvia: lmtp\n\n", envelope,
					   (long long)s->now * 1000);
	struct slice parts[] = {slice_str(head), message};
	must(spool_put(s->site.spool, id, parts, 2, &e), &e);
	return id;
}

static bool
has_field(const char *head, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = head; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncasecmp(p, name, n) == 0 && p[n] == ':')
			return true;
	return false;
}

const char *
listsite_mail(struct listsite *s, const char *sender, const char *to, const char *head,
	      const char *body)
{
	static int counter;
	struct buf b;
	const char *envelope = listsite_printf(s, "from: %s\nrcpt: %s\n", sender, to);
	buf_init(&b, BUF_NO_LIMIT);
	if (!has_field(head, "From"))
		buf_printf(&b, "From: %s\n", sender);
	if (!has_field(head, "To"))
		buf_printf(&b, "To: %s\n", to);
	if (!has_field(head, "Date"))
		buf_printf(&b, "Date: %s\n", clock_rfc5322(s->a, s->now));
	if (!has_field(head, "Message-ID"))
		buf_printf(&b, "Message-ID: <m%d@example.org>\n", ++counter);
	buf_printf(&b, "%s\n%s", head, body);
	const char *id = listsite_put(s, envelope, buf_slice(&b));
	buf_free(&b);
	return id;
}

int
listsite_run(struct listsite *s)
{
	size_t n, all = 0;
	while ((n = batch_run(&s->site, s->now)) > 0)
		all += n;
	return (int)all;
}

const char *
listsite_send(struct listsite *s, const char *sender, const char *to, const char *head,
	      const char *body)
{
	int64_t waiting, bad;
	struct err e = {0};
	const char *id = listsite_mail(s, sender, to, head, body);
	listsite_run(s);
	must(spool_count(s->site.spool, &waiting, &bad, &e), &e);
	if (waiting || bad)
		flunk("%lld entries wait, %lld are in bad/:\n%s", (long long)waiting,
		      (long long)bad, log_text(s));
	return id;
}

const char *
listsite_reply(struct listsite *s, const struct outmail *m, const char *sender, const char *body)
{
	struct buf b;
	struct slice rest = slice_str(m->text), line, msgid = outmail_field(m, "Message-ID");
	const char *head =
	    listsite_printf(s, "Subject: Re: %s\nIn-Reply-To: %.*s\nReferences: %.*s\n", m->subject,
			    SLICE_ARG(msgid), SLICE_ARG(msgid));
	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b, "%s\nOn Sun, 22 Nov 2026 at 14:49, %s wrote:\n", body, m->from);
	while (slice_next_line(&rest, &line))
		buf_printf(&b, "> %.*s\n", SLICE_ARG(line));
	const char *id = listsite_send(s, sender, m->from, head, buf_str(&b));
	buf_free(&b);
	return id;
}

/* --- what is queued ------------------------------------------------------------------------- */

void
listsite_forget(struct listsite *s)
{
	s->mark = listsite_int(s, "SELECT coalesce(max(id), 0) FROM out");
}

int
listsite_count(struct listsite *s)
{
	int64_t n = 0;
	struct err e = {0};
	must(db_one_int(s->site.db, &e, &n, "SELECT count(*) FROM out WHERE id > ?", "i", s->mark),
	     &e);
	return (int)n;
}

static const char *
recipients(struct listsite *s, int64_t out)
{
	struct db_query q;
	struct err e = {0};
	const char *all = "";
	int r;
	must(db_ask(s->site.db, &q, &e, "SELECT recipient FROM delivery WHERE out = ? ORDER BY id",
		    "i", out),
	     &e);
	while ((r = db_next(&q, &e)) == 1)
		all = listsite_printf(s, "%s%s%.*s", all, all[0] ? " " : "",
				      SLICE_ARG(db_text(&q, 0)));
	db_end(&q);
	must(r, &e);
	return all;
}

/* The bytes of a queued mail in one piece, and what is asked of them. */
static void
read_mail(struct listsite *s, struct outmail *m, int64_t body_at)
{
	struct slice file;
	struct err e = {0};
	struct address from;
	if (m->spool[0]) {
		must(file_read(AT_FDCWD, conf_path(s->conf, s->a, "out/%s", m->spool), FILE_MAX,
			       s->a, &file, &e),
		     &e);
		m->body = slice_from(file, (size_t)body_at);
	}
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_put_slice(&b, m->head);
	buf_put_slice(&b, m->body);
	message_parse(&m->message, s->a, arena_dup(s->a, buf_slice(&b)));
	buf_free(&b);
	m->subject = arena_str(s->a, header_text(s->a, message_value(&m->message, "Subject")));
	const struct field *f = part_field(&m->message.parts[0], "Content-Language");
	for (size_t i = 1; !f && i < m->message.nparts; i++)
		f = part_field(&m->message.parts[i], "Content-Language");
	m->language = f ? arena_str(s->a, slice_trim(f->value)) : "";
	m->from = address_parse_first(s->a, message_value(&m->message, "From"), &from)
		      ? arena_str(s->a, from.text)
		      : "";
	m->text = arena_str(s->a, readable_text(&m->message, s->a));
}

struct outmail *
listsite_nth(struct listsite *s, int i)
{
	struct outmail *m = arena_zalloc(s->a, sizeof(*m));
	struct db_query q;
	struct err e = {0};
	must(db_ask(s->site.db, &q, &e,
		    "SELECT id, kind, list, spool, copies, flags, head, body_at, seq FROM out"
		    " WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
		    "ii", s->mark, (int64_t)i),
	     &e);
	if (db_next(&q, &e) != 1) {
		db_end(&q);
		flunk("there is no mail number %d", i);
	}
	m->id = db_int(&q, 0);
	m->kind = arena_str(s->a, db_text(&q, 1));
	m->list = arena_str(s->a, db_text(&q, 2));
	m->spool = arena_str(s->a, db_text(&q, 3));
	m->copies = arena_str(s->a, db_text(&q, 4));
	m->flags = (int)db_int(&q, 5);
	m->head = arena_dup(s->a, db_blob(&q, 6));
	int64_t body_at = db_int(&q, 7);
	m->seq = db_int(&q, 8);
	db_end(&q);
	m->to = recipients(s, m->id);
	read_mail(s, m, body_at);
	return m;
}

static bool
is_to(const struct outmail *m, const char *address)
{
	struct slice rest = slice_str(m->to), word;
	while (slice_next_word(&rest, &word))
		if (slice_is(word, address))
			return true;
	return false;
}

int
listsite_count_to(struct listsite *s, const char *address)
{
	int n = 0;
	for (int i = 0, all = listsite_count(s); i < all; i++)
		n += is_to(listsite_nth(s, i), address);
	return n;
}

struct outmail *
listsite_only(struct listsite *s, const char *address)
{
	struct outmail *found = NULL;
	for (int i = 0, all = listsite_count(s); i < all; i++) {
		struct outmail *m = listsite_nth(s, i);
		if (!is_to(m, address))
			continue;
		if (found)
			flunk("%s got \"%s\" and \"%s\"", address, found->subject, m->subject);
		found = m;
	}
	if (!found)
		flunk("no mail to %s:\n%s", address, log_text(s));
	return found;
}

int
outmail_fields(const struct outmail *m, const char *name)
{
	const struct part *p = &m->message.parts[0];
	int n = 0;
	for (size_t i = 0; i < p->nfields; i++)
		n += field_is(&p->fields[i], name);
	return n;
}

struct slice
outmail_field(const struct outmail *m, const char *name)
{
	if (outmail_fields(m, name) != 1)
		flunk("%s stands %d times in \"%s\"", name, outmail_fields(m, name), m->subject);
	return message_value(&m->message, name);
}

/* --- what is there -------------------------------------------------------------------------- */

int64_t
listsite_member(struct listsite *s, const char *list, const char *address)
{
	int64_t id = 0;
	struct err e = {0};
	must(member_add(s->site.db, list, slice_str(address), slice_make(NULL, 0), "mail", "",
			"admin", s->now - 86400, &id, &e),
	     &e);
	return id;
}

struct member *
listsite_find(struct listsite *s, const char *list, const char *address)
{
	struct member *m = arena_zalloc(s->a, sizeof(*m));
	struct err e = {0};
	int r = member_find(s->site.db, s->a, list, slice_str(address), m, &e);
	must(r, &e);
	return r == 1 ? m : NULL;
}

void
listsite_set(struct listsite *s, const char *list, const char *address, const char *key,
	     const char *value)
{
	struct err e = {0};
	struct member *m = listsite_find(s, list, address);
	assert_non_null(m);
	must(member_set(s->site.db, m->id, key, value, "admin", s->now, &e), &e);
}

/* Statements are cached by their address: each text gets one that lives as long as the site. */
int64_t
listsite_int(struct listsite *s, const char *sql)
{
	int64_t n = 0;
	struct err e = {0};
	must(db_one_int(s->site.db, &e, &n, arena_str(s->a, slice_str(sql)), ""), &e);
	return n;
}

void
listsite_sql(struct listsite *s, const char *sql)
{
	struct err e = {0};
	must((int)db_do(s->site.db, &e, arena_str(s->a, slice_str(sql)), ""), &e);
}

int
listsite_held(struct listsite *s)
{
	return (int)listsite_int(s, "SELECT count(*) FROM held WHERE decided = 0");
}

bool
listsite_has(struct listsite *s, const char *path)
{
	return access(conf_path(s->conf, s->a, "%s", path), F_OK) == 0;
}

void
listsite_file(struct listsite *s, const char *path, struct slice bytes)
{
	struct err e = {0};
	const char *whole = conf_path(s->conf, s->a, "%s", path);
	char *folder = arena_str(s->a, slice_str(whole));
	*strrchr(folder, '/') = '\0';
	must(file_mkdirs(AT_FDCWD, folder, 0700, false, &e), &e);
	must(file_put_derived(AT_FDCWD, whole, &bytes, 1, 0600, &e), &e);
}

const char *
listsite_token(struct listsite *s, const char *purpose, uint64_t payload)
{
	char *token = arena_alloc(s->a, TOKEN_SIZE);
	token_make(s->site.keys, purpose, "", payload, token);
	return token;
}

void
listsite_assert_contains(const char *text, const char *part, bool yes, const char *file, int line)
{
	if ((strstr(text, part) != NULL) == yes)
		return;
	dprintf(current ? current->saved_stderr : STDERR_FILENO, "\"%s\" %s in:\n%.4000s\n", part,
		yes ? "is not" : "is", text);
	_fail(file, line);
}
