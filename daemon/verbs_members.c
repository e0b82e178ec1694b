/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_members: changes of members. What an administrator changes for a member is told to that
 * member, but for --quiet and for whole files of members, who come from another list server.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/member.h"
#include "daemon/newcomer.h"
#include "daemon/notice.h"
#include "daemon/tidings.h"
#include "daemon/verbs.h"
#include "mail/address.h"

#define MEMBERS_FILE_MAX (64 * 1024 * 1024)

/* --- changes -------------------------------------------------------------------------------- */

/* A notice to the member about what the administrator did. */
static int
tell(struct cli *c, struct site *site, const struct conf_list *l, const struct member *m,
     const char *template, const char *what, struct err *e)
{
	char id[ID_MAX], token[TOKEN_SIZE];
	int64_t now = clock_now();
	token_make(site->keys, "leave", "",
		   (uint64_t)m->id << 16 | ((uint64_t)(now / 86400) & 0xffff), token);
	struct text_value values[4 + TIDINGS_STANDING] = {
	    {"address", m->wire},
	    {"description", l->description},
	    {"what", what},
	    {"leave-url", arena_printf(c->arena, "%s/u/%s", c->conf->site_url, token)}};
	id_new(id);
	struct notice n = {.list = l,
			   .to = slice_str(m->wire),
			   .language = m->language[0] ? m->language : l->language,
			   .template = template,
			   .values = values,
			   .nvalues = 4 + TIDINGS_STANDING,
			   .id = id};
	if (tidings_standing(site, c->arena, l, n.to, n.language, now, values + 4, e) < 0)
		return -1;
	return notice_send(site->db, c->conf, &n, now, e);
}

/* The member of LIST ADDR as typed; a refusal says which it is not. */
static const struct conf_list *
find_member(struct cli *c, struct site *site, char **argv, struct member *m)
{
	const struct conf_list *l = cli_list(c, argv[0]);
	struct err e = {0};
	if (!l)
		return NULL;
	int r = member_find(site->db, c->arena, l->name, slice_str(argv[1]), m, &e);
	if (r < 0)
		cli_fail_err(&e);
	if (r == 0)
		cli_fail("%s is not a member of %s", log_str(slice_str(argv[1])), l->name);
	return r == 1 ? l : NULL;
}

/* Runs change inside a transaction and says what went wrong. */
static int
in_transaction(struct cli *c, struct site *site,
	       int (*change)(struct cli *c, struct site *site, void *arg, struct err *e), void *arg)
{
	struct err e = {0};
	if (db_begin(site->db, &e) < 0)
		return cli_fail_err(&e);
	if (change(c, site, arg, &e) < 0 || db_commit(site->db, &e) < 0) {
		db_rollback(site->db);
		return cli_fail_err(&e);
	}
	return 0;
}

struct subscribing {
	const struct conf_list *l;
	struct slice address, name;
	const char *delivery;
	bool quiet;
	int added; /* how many */
};

static int
subscribe_one(struct cli *c, struct site *site, void *arg, struct err *e)
{
	struct subscribing *s = arg;
	struct member m;
	int64_t id;
	int added = member_add(site->db, s->l->name, s->address, s->name, s->delivery, "", "admin",
			       clock_now(), &id, e);
	if (added < 0)
		return -1;
	s->added += added;
	if (!added || s->quiet)
		return 0;
	if (member_by_id(site->db, c->arena, id, &m, e) != 1)
		return -1;
	return tell(c, site, s->l, &m, "welcome", "", e);
}

int
verb_subscribe(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct subscribing s = {.delivery = "mail"};
	if (cli_option(&argc, argv, "--digest", NULL))
		s.delivery = "digest";
	if (cli_option(&argc, argv, "--nomail", NULL))
		s.delivery = "nomail";
	s.quiet = cli_option(&argc, argv, "--quiet", NULL);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	s.l = cli_list(c, argv[0]);
	s.address = slice_str(argv[1]);
	if (!s.l)
		return 1;
	if (!address_valid(s.address, true))
		return cli_fail("'%s' is no mail address", log_str(s.address));
	if (newcomer_judge(c->conf, s.address) != NEWCOMER_FINE)
		return cli_fail("%s is a list's or a robot's address; its mail would go round",
				log_str(s.address));
	if (verb_open(c, &site) < 0)
		return 1;
	ret = in_transaction(c, &site, subscribe_one, &s);
	if (ret == 0 && !s.added)
		ret = cli_fail("%s is a member of %s already", log_str(s.address), s.l->name);
	verb_close(c, &site, ret == 0);
	return ret;
}

struct changing {
	const struct conf_list *l;
	const struct member *m;
	int argc;
	char **argv;
	bool quiet;
};

static int
unsubscribe_one(struct cli *c, struct site *site, void *arg, struct err *e)
{
	struct changing *ch = arg;
	if (member_remove(site->db, ch->m->id, "admin", "", clock_now(), e) < 0)
		return -1;
	return ch->quiet ? 0 : tell(c, site, ch->l, ch->m, "removed", "", e);
}

int
verb_unsubscribe(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct member m;
	struct changing ch = {.m = &m, .quiet = cli_option(&argc, argv, "--quiet", NULL)};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (verb_open(c, &site) < 0)
		return 1;
	ch.l = find_member(c, &site, argv, &m);
	ret = ch.l ? in_transaction(c, &site, unsubscribe_one, &ch) : 1;
	verb_close(c, &site, ret == 0);
	return ret;
}

static int
set_options(struct cli *c, struct site *site, void *arg, struct err *e)
{
	struct changing *ch = arg;
	struct member after;
	struct buf what;
	int ret = 0;
	buf_init(&what, 4096);
	for (int i = 0; i < ch->argc && ret == 0; i++) {
		struct slice key, value;
		if (!slice_cut(slice_str(ch->argv[i]), '=', &key, &value)) {
			ret = err_permanent(e, "'%s' is not KEY=VALUE",
					    log_str(slice_str(ch->argv[i])));
			break;
		}
		ret = member_set(site->db, ch->m->id, arena_str(c->arena, key),
				 arena_str(c->arena, value), "admin", clock_now(), e);
		buf_printf(&what, "  %.*s = %.*s\n", SLICE_ARG(key), SLICE_ARG(value));
	}
	/* As she is now: the language may be what was changed. */
	if (ret == 0 && member_by_id(site->db, c->arena, ch->m->id, &after, e) != 1)
		ret = -1;
	if (ret == 0)
		ret = tell(c, site, ch->l, &after, "changed", buf_str(&what), e);
	buf_free(&what);
	return ret;
}

int
verb_member(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct member m;
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (verb_open(c, &site) < 0)
		return 1;
	struct changing ch = {.m = &m, .argc = argc - 2, .argv = argv + 2};
	ch.l = find_member(c, &site, argv, &m);
	ret = ch.l ? 0 : 1;
	if (ret == 0 && argc > 2) {
		ret = in_transaction(c, &site, set_options, &ch);
	} else if (ret == 0) {
		verb_print_member(c, &site, &m);
	}
	verb_close(c, &site, ret == 0 && argc > 2);
	return ret;
}

/* --- a file of members ---------------------------------------------------------------------- */

/* The address of a line: its first CSV field that is one, quotes off; "Name <address>" too. */
static bool
line_address(struct cli *c, struct slice line, struct address *out)
{
	struct slice field, rest = line;
	while (rest.n) {
		slice_cut(rest, ',', &field, &rest);
		field = slice_trim(field);
		if (field.n >= 2 && field.p[0] == '"' && field.p[field.n - 1] == '"')
			field = slice_sub(field, 1, field.n - 2);
		if (address_parse_first(c->arena, field, out) && address_valid(out->text, true))
			return true;
	}
	return false;
}

struct importing {
	struct subscribing s;
	struct slice file;
	int64_t read, refused;
};

static int
import_lines(struct cli *c, struct site *site, void *arg, struct err *e)
{
	struct importing *im = arg;
	struct slice rest = im->file, line;
	struct address a;
	for (int64_t n = 1; slice_next_line(&rest, &line); n++) {
		line = slice_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		bool header = n == 1 && slice_find_char(line, '@') == line.n;
		if (header) /* a CSV file's first line names its columns */
			continue;
		im->read++;
		if (!line_address(c, line, &a)) {
			im->refused++;
			fprintf(stderr, "line %lld: no mail address in '%s'\n", (long long)n,
				log_str(line));
			continue;
		}
		if (newcomer_judge(c->conf, a.text) != NEWCOMER_FINE) {
			im->refused++;
			fprintf(stderr, "line %lld: %s is a list's or a robot's address\n",
				(long long)n, log_str(a.text));
			continue;
		}
		im->s.address = a.text;
		im->s.name = a.name;
		if (subscribe_one(c, site, &im->s, e) < 0)
			return -1;
	}
	return 0;
}

int
verb_import_members(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	struct importing im = {.s = {.delivery = "mail", .quiet = true}};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	im.s.l = cli_list(c, argv[0]);
	if (!im.s.l)
		return 1;
	if (file_read(AT_FDCWD, argv[1], MEMBERS_FILE_MAX, c->arena, &im.file, &e) < 0)
		return cli_fail_err(&e);
	if (verb_open(c, &site) < 0)
		return 1;
	ret = in_transaction(c, &site, import_lines, &im);
	if (ret == 0)
		printf("read %lld, added %d, members already %lld, refused %lld\n",
		       (long long)im.read, im.s.added,
		       (long long)(im.read - im.refused - im.s.added), (long long)im.refused);
	verb_close(c, &site, ret == 0);
	return ret ? ret : im.refused > 0;
}
