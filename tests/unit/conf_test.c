/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: what a good file becomes, and what is said of bad ones. Each bad file is given
 * with all its complaints, so that a lost or an idle one shows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/complain.h"
#include "conf/conf.h"
#include "conf/ladder.h"
#include "conf/speakers.h"
#include "conf/syntax.h"

#define SITE_LINES                                                                                 \
	"domain = \"lists.example.org\"\n"                                                         \
	"site-url = \"https://lists.example.org/\"\n"                                              \
	"state-dir = \"state\"\n"

struct fixture {
	char dir[200];
	struct arena *arena;
	struct conf *conf;
	struct conf_errors errors;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "%s/plenary-conf-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	f->arena = arena_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	struct err e;

	assert_int_equal(file_remove_tree(AT_FDCWD, f->dir, &e), 0);
	conf_free(f->conf);
	arena_free(f->arena);
	free(f);
	return 0;
}

static const char *
path(struct fixture *f, const char *name)
{
	return arena_printf(f->arena, "%s/%s", f->dir, name);
}

static void
put_file(struct fixture *f, const char *name, const char *text)
{
	FILE *out = fopen(path(f, name), "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static int
load(struct fixture *f, const char *text)
{
	conf_free(f->conf);
	f->conf = NULL;
	put_file(f, "plenary.conf", text);
	return conf_load(path(f, "plenary.conf"), &f->conf, f->arena, &f->errors);
}

static void
print_all(const struct conf_errors *es)
{
	for (size_t i = 0; i < es->n; i++)
		print_message("%s:%d: %s\n", es->v[i].file, es->v[i].line, es->v[i].text);
}

static void
print_errors(const struct fixture *f)
{
	print_all(&f->errors);
}

static void
load_good(struct fixture *f, const char *text)
{
	if (load(f, text) == 0)
		return;
	print_errors(f);
	fail_msg("a good file was refused");
}

/* wanted: "LINE words\nLINE words\n…": each complaint's line and a part of its text, in order. */
static void
compare_with(const struct conf_errors *es, const char *wanted)
{
	struct slice rest = slice_str(wanted), line;
	size_t i = 0;

	for (; slice_next_line(&rest, &line); i++) {
		char *words;
		long number = strtol(line.p, &words, 10);
		struct slice part = slice_make(words + 1, line.n - (size_t)(words + 1 - line.p));

		if (i < es->n && es->v[i].line == number &&
		    slice_find(slice_str(es->v[i].text), part) < strlen(es->v[i].text))
			continue;
		print_all(es);
		fail_msg("not so: %.*s", SLICE_ARG(line));
	}
	if (es->n != i)
		print_all(es);
	assert_int_equal(es->n, i);
}

static void
load_bad(struct fixture *f, const char *text, const char *wanted)
{
	assert_int_equal(load(f, text), -1);
	assert_null(f->conf);
	compare_with(&f->errors, wanted);
}

/* A good file, and what it is warned of. */
static void
load_warned(struct fixture *f, const char *text, const char *wanted)
{
	load_good(f, text);
	compare_with(&f->conf->warnings, wanted);
}

static void
test_defaults(void **state)
{
	struct fixture *f = *state;
	const struct conf_list *l;
	const struct conf *c;

	load_good(f, SITE_LINES "list \"a\" { }\n");
	c = f->conf;
	assert_string_equal(c->domain, "lists.example.org");
	assert_string_equal(c->site_url, "https://lists.example.org");
	assert_string_equal(c->owner, "postmaster@lists.example.org");
	assert_string_equal(c->state_dir, path(f, "state"));
	assert_string_equal(c->user, "plenary");
	assert_string_equal(c->web_user, "plenary-web");
	assert_string_equal(c->resolver, "system");
	assert_string_equal(c->language, "en");
	assert_int_equal(c->max_message_size, 10 << 20);
	assert_int_equal(c->delimiter, '+');
	assert_int_equal(c->listen_lmtp.n + c->listen_smtp.n + c->listen_http.n, 0);
	assert_int_equal(c->nrelays, 1);
	assert_string_equal(c->relays[0].host, "127.0.0.1");
	assert_int_equal(c->relays[0].port, 25);
	assert_int_equal(c->nlists, 1);
	l = &c->lists[0];
	assert_string_equal(l->title, "a");
	assert_string_equal(l->description, "");
	assert_string_equal(l->file, path(f, "plenary.conf"));
	assert_int_equal(l->line, 4);
	assert_string_equal(l->owners.v[0], c->owner);
	assert_string_equal(l->moderators.v[0], c->owner);
	assert_int_equal(l->moderators.n, 1);
	assert_int_equal(l->appeals.n + l->speakers.n + l->hooks.n, 0);
	assert_null(l->umbrella);
	assert_null(l->charter);
	assert_null(l->subject_prefix);
	assert_int_equal(l->nonmember_posts, NONMEMBER_HOLD);
	assert_int_equal(l->copies, COPIES_PERSONAL);
	assert_int_equal(l->reply_to, REPLY_TO_AUTHOR);
	assert_int_equal(l->rewrite_from, REWRITE_DMARC);
	assert_int_equal(l->digest_every, 86400);
	assert_int_equal(l->digest_size, 60 << 10);
	assert_int_equal(l->held_expire, 14 * 86400);
	assert_int_equal(l->bounce_threshold, 5);
	assert_int_equal(l->max_message_size, 10 << 20);
	assert_int_equal(l->nsteps, 3);
	assert_string_equal(l->steps[2].name, "suspension");
	assert_int_equal(l->steps[2].by, STEP_BY_TWO_MODERATORS);
	assert_int_equal(l->steps[2].does, STEP_SUSPEND);
	assert_int_equal(l->steps[2].lasts, 30 * 86400);
	assert_string_equal(l->steps[1].after, "reminder");
	assert_int_equal(l->steps[1].within, 180 * 86400);
}

static void
test_site_keys(void **state)
{
	struct fixture *f = *state;
	const struct conf *c;

	load_good(
	    f, "/* all of it\n on two lines */ domain = 'Lists.Example.ORG' // so\n"
	       "site-url = http://[::1]:8080/lists/ # here\n"
	       "owner = \"boss@example.org\"\n"
	       "state-dir = \"/var/lib/plenary/\" user = p web-user = \"w\"\n"
	       "listen-lmtp = { \"unix:run/lmtp.sock\", \"127.0.0.1:8024\", }\n"
	       "listen-smtp = \"[::1]:8025\"\n"
	       "listen-http = {\n  \"localhost:8080\" # the web\n}\n"
	       "listen-monitor = {}\n"
	       "trusted-authserv = { \"mx.example.org\", \"mx2.example.org\" }\n"
	       "resolver = \"127.0.0.1:5353\"\n"
	       "relay = { \"smtp://mail.example.org\", \"smtp://[::1]:2525/\", \"maildir:out\" }\n"
	       "language = \"fr-CA\" max-message-size = \"1G\" delimiter = \"=\"\n");
	c = f->conf;
	assert_string_equal(c->domain, "lists.example.org");
	assert_string_equal(c->site_url, "http://[::1]:8080/lists");
	assert_string_equal(c->state_dir, "/var/lib/plenary");
	assert_int_equal(c->listen_lmtp.n, 2);
	assert_string_equal(c->listen_lmtp.v[0].path, path(f, "run/lmtp.sock"));
	assert_string_equal(c->listen_lmtp.v[1].host, "127.0.0.1");
	assert_int_equal(c->listen_lmtp.v[1].port, 8024);
	assert_string_equal(c->listen_smtp.v[0].host, "::1");
	assert_string_equal(c->listen_http.v[0].host, "localhost");
	assert_int_equal(c->listen_monitor.n, 0);
	assert_int_equal(c->trusted_authserv.n, 2);
	assert_int_equal(c->nrelays, 3);
	assert_int_equal(c->relays[0].port, 25);
	assert_string_equal(c->relays[1].host, "::1");
	assert_int_equal(c->relays[1].port, 2525);
	assert_int_equal(c->relays[2].kind, RELAY_MAILDIR);
	assert_string_equal(c->relays[2].path, path(f, "out"));
	assert_string_equal(c->language, "fr");
	assert_int_equal(c->max_message_size, (int64_t)1 << 30);
	assert_int_equal(c->delimiter, '=');
	assert_string_equal(conf_path(c, f->arena, "spool/%d", 7), "/var/lib/plenary/spool/7");
}

static void
test_list_keys(void **state)
{
	struct fixture *f = *state;
	const struct conf_list *l;

	put_file(f, "charter.txt", "We talk.\n");
	load_good(
	    f, SITE_LINES
	    "list \"dc\" { owners = { \"o@example.org\" } }\n"
	    "list \"dc-a.b_c\" {\n"
	    "title = \"On \\\"Access\\\"\" description = \"one\\ntwo \\\nthree\" language = fr\n"
	    "moderators = { \"m@example.org\", \"n@example.org\" } appeals = \"x@example.org\"\n"
	    "owners = \"o@example.org\" speakers = \"s@example.org\" umbrella = \"dc\"\n"
	    "nonmember-posts = reject hold-first-posts = 3 posts-per-day = 1000\n"
	    "max-message-size = 1M attachments-over = 0 copies = shared\n"
	    "subject-prefix = \"[a] \" reply-to = list rewrite-from = never\n"
	    "digest-every = 2w digest-size = 1K hooks = { \"/bin/true\" }\n"
	    "charter = charter.txt held-expire = 12h bounce-threshold = 9\n"
	    "conduct { step first { } step \"second\" { by = owner audience = list after = "
	    "\"first\" lasts = 1d does = hold } }\n"
	    "}\n");
	l = conf_list_find(f->conf, SLICE("DC-A.b_C"));
	assert_non_null(l);
	assert_ptr_equal(l, &f->conf->lists[1]);
	assert_string_equal(l->title, "On \"Access\"");
	assert_string_equal(l->description, "one\ntwo three");
	assert_string_equal(l->language, "fr");
	assert_int_equal(l->moderators.n, 2);
	assert_true(strings_has_address(&l->moderators, SLICE("N@Example.org")));
	assert_false(strings_has_address(&l->moderators, SLICE("o@example.org")));
	assert_string_equal(l->umbrella, "dc");
	assert_int_equal(l->nonmember_posts, NONMEMBER_REJECT);
	assert_int_equal(l->hold_first_posts, 3);
	assert_int_equal(l->posts_per_day, 1000);
	assert_int_equal(l->max_message_size, 1 << 20);
	assert_int_equal(l->attachments_over, 0);
	assert_int_equal(l->copies, COPIES_SHARED);
	assert_string_equal(l->subject_prefix, "[a] ");
	assert_int_equal(l->reply_to, REPLY_TO_LIST);
	assert_int_equal(l->rewrite_from, REWRITE_NEVER);
	assert_int_equal(l->digest_every, 14 * 86400);
	assert_string_equal(l->hooks.v[0], "/bin/true");
	assert_string_equal(l->charter, path(f, "charter.txt"));
	assert_int_equal(l->held_expire, 12 * 3600);
	assert_int_equal(l->bounce_threshold, 9);
	assert_int_equal(l->nsteps, 2);
	assert_int_equal(l->steps[1].by, STEP_BY_OWNER);
	assert_int_equal(l->steps[1].does, STEP_HOLD);
	assert_string_equal(l->steps[1].after, "first");
	assert_int_equal(l->steps[1].lasts, 86400);
	/* Without moderators, the owners. */
	assert_string_equal(f->conf->lists[0].moderators.v[0], "o@example.org");
	assert_null(conf_list_find(f->conf, SLICE("d")));
	assert_null(conf_list_find(f->conf, SLICE("")));
	load_good(f, SITE_LINES "list quiet { conduct { } }\n");
	assert_int_equal(f->conf->lists[0].nsteps, 0);
}

static void
test_rules_about_posts(void **state)
{
	struct fixture *f = *state;
	const struct conf_list *l;

	load_good(f, SITE_LINES
		  "list \"a\" {\n"
		  "time-zone = UTC held-remind = 0s held-notices = daily open-record = posts\n"
		  "writers = shown\n"
		  "hold-headers = { \"X-Spam-Level: ?????*\" }\n"
		  "reject-headers = { \"X-Virus:*\" }\n"
		  "discard-headers = { \"X-Spam-Flag:  YES \", \"X-Spam-Status: Yes,*\" }\n"
		  "hold-attachments = { } reject-attachments = { \".EXE\", \"Video/*\", \"*/*\" }\n"
		  "}\nlist \"b\" { }\n");
	l = &f->conf->lists[0];
	assert_string_equal(zone_name(l->zone), "UTC");
	assert_int_equal(l->held_remind, 0);
	assert_int_equal(l->held_notices, NOTICES_DAILY);
	assert_int_equal(l->open_record, RECORD_POSTS);
	assert_int_equal(l->writers, WRITERS_SHOWN);
	assert_int_equal(l->hold_headers.n + l->reject_headers.n, 2);
	assert_int_equal(l->discard_headers.n, 2);
	assert_string_equal(l->discard_headers.v[0].name, "X-Spam-Flag");
	assert_string_equal(l->discard_headers.v[0].pattern, "YES");
	assert_string_equal(l->reject_headers.v[0].pattern, "*");
	assert_int_equal(l->hold_attachments.n, 0);
	assert_string_equal(l->reject_attachments.v[0], ".exe");
	assert_string_equal(l->reject_attachments.v[1], "video/*");
	/* What holds where nothing is said. */
	l = &f->conf->lists[1];
	assert_string_equal(zone_name(l->zone), "UTC");
	assert_int_equal(l->held_remind, 3 * 86400);
	assert_int_equal(l->held_notices, NOTICES_EACH);
	assert_int_equal(l->open_record, RECORD_COUNTS);
	assert_int_equal(l->writers, WRITERS_HIDDEN);
	assert_true(l->hold_attachments.n > 10);
	assert_int_equal(l->reject_attachments.n, 0);
	load_good(f, SITE_LINES
		  "list \"a\" { held-expire = 1d }\n"); /* under the default of held-remind */

	load_bad(
	    f,
	    SITE_LINES "list \"a\" {\n"
		       "time-zone = \"Mars/Olympus\"\n"
		       "hold-headers = { \"X-Spam-Flag\", \"X Spam: yes\", \": yes\",\n"
		       "\"X-Spam:\", \"X-Spam-Level: *****\" }\n"
		       "hold-attachments = { \"exe\", \".\", \"image\", \"*/gif\", \"image/g*\" }\n"
		       "held-remind = soon\n"
		       "held-notices = weekly\n"
		       "open-record = all\n"
		       "}\n",
	    "5 \"time-zone\" wants a time zone that this system knows\n"
	    "6 not \"X-Spam-Flag\"\n6 not \"X Spam: yes\"\n6 not \": yes\"\n7 not \"X-Spam:\"\n"
	    "7 no two \"*\" in a row\n"
	    "8 not \"exe\"\n8 not \".\"\n8 not \"image\"\n8 not \"*/gif\"\n8 not \"image/g*\"\n"
	    "9 \"held-remind\" wants a span\n"
	    "10 \"held-notices\" wants \"each\" or \"daily\"\n"
	    "11 \"open-record\" wants \"counts\" or \"posts\"\n");
	load_bad(f,
		 SITE_LINES "list \"a\" {\n"
			    "hold-headers = { \"x-spam:yes\", \"X-Bulk: *\" }\n"
			    "discard-headers = { \"X-Spam: YES\" }\n"
			    "reject-headers = { \"X-Bulk:*\" }\n"
			    "hold-attachments = { \".exe\", \".zip\" }\n"
			    "reject-attachments = { \".zip\" }\n"
			    "held-expire = 2d held-remind = 2d\n"
			    "}\n",
		 "5 \"x-spam:yes\" is in discard-headers already\n"
		 "5 \"X-Bulk: *\" is in reject-headers already\n"
		 "8 \".zip\" is rejected by reject-attachments already\n"
		 "10 held-remind is not less than held-expire\n");
}

static void
test_syntax_errors_recover(void **state)
{
	struct fixture *f = *state;

	load_bad(f,
		 "domain \"lists.example.org\"\n"
		 "site-url = = \"https://x.example\"\n"
		 "state-dir = \"/x\n"
		 "}\n"
		 "owner =\n"
		 "\"stray\" = 4\n"
		 "relay { \"smtp://h\" }\n"
		 "listen-http = { \"a.example:1\" \"b.example:2\" }\n"
		 "list \"j\" { title = \"\\q\" }\n"
		 "resolver = system\n"
		 "trusted-authserv = { \"a\", \n"
		 "user = \"u\"\n"
		 "web-user = { , }\n"
		 "list \"a\" { title ! \"x\" }\n"
		 "list \"b\" { titel = \"x\" }\n"
		 "list \"k\" {\n"
		 "list \"d\" { nope = 1 }\n"
		 "include \"x\"\n"
		 "other(\"x\")\n"
		 "list \"e\" {\n"
		 "/* never closed\n",
		 "1 \"=\" was expected after \"domain\"\n"
		 "2 value was expected after \"site-url =\"\n"
		 "3 no closing \"\n"
		 "4 closes nothing\n"
		 "5 value was expected after \"owner =\", not the end of the line\n"
		 "6 a key was expected, not \"stray\"\n"
		 "7 \"=\" is missing between \"relay\" and its \"{\"\n"
		 "8 comma is missing before \"b.example:2\"\n"
		 "9 unknown escape\n"
		 "11 \"{\" of \"trusted-authserv\" is never closed\n"
		 "13 value was expected before \",\"\n"
		 "14 \"=\" was expected after \"title\"\n"
		 "15 unknown key \"titel\" in a list; did you mean \"title\"?\n"
		 "17 inside the block of line 16\n"
		 "17 unknown key \"nope\"\n"
		 "18 include is written include(\"FILE\")\n"
		 "19 parentheses are for include\n"
		 "20 never closed by a \"}\"\n"
		 "21 never closed by \"*/\"\n");
}

static void
test_site_errors(void **state)
{
	struct fixture *f = *state;

	load_bad(
	    f, "",
	    "0 \"domain\" is missing\n0 \"site-url\" is missing\n0 \"state-dir\" is missing\n");
	load_bad(f,
		 "domain = \"lists_example\"\n"
		 "site-url = \"ftp://x.example\"\n"
		 "state-dir = \"\"\n"
		 "owner = \"nobody\"\n"
		 "user = \"a b\"\n"
		 "listen-lmtp = { \"127.0.0.1\",\n"
		 "                \"256.0.0.1:25\", \"h.example:0\", \"::1:25\" }\n"
		 "listen-http = { \"127.0.0.1:65536\" }\n"
		 "resolver = \"dns.example:53\"\n"
		 "relay = { \"h.example:25\", \"smtp://\" }\n"
		 "language = \"tlh\"\n"
		 "max-message-size = \"10 MB\"\n"
		 "delimiter = \"-\"\n"
		 "state-dirs = 1\n"
		 "moderators = \"a@example.org\"\n"
		 "qqqqqqqq = 1\n"
		 "resolver = system\n"
		 "language = { en, fr }\n"
		 "list = \"x\"\n"
		 "user { }\n"
		 "web_user = x\n"
		 "max-message-size = 2G\n",
		 "1 \"domain\" wants a mail domain\n"
		 "2 \"site-url\" wants\n"
		 "3 \"state-dir\" wants\n"
		 "4 \"owner\" wants a mail address\n"
		 "5 \"user\" wants\n"
		 "6 not \"127.0.0.1\"\n"
		 "7 not \"256.0.0.1:25\"\n"
		 "7 not \"h.example:0\"\n"
		 "7 not \"::1:25\"\n"
		 "8 not \"127.0.0.1:65536\"\n"
		 "9 \"resolver\" wants \"system\"\n"
		 "10 not \"h.example:25\"\n"
		 "10 not \"smtp://\"\n"
		 "11 \"language\" wants a language that there are texts in (\"en\"\n"
		 "12 \"max-message-size\" wants a size\n"
		 "13 \"delimiter\" wants\n"
		 "14 did you mean \"state-dir\"?\n"
		 "15 \"moderators\" stands in a list, not outside of lists\n"
		 "16 unknown key \"qqqqqqqq\" outside of lists\n"
		 "17 \"resolver\" is there already\n"
		 "18 \"language\" is there already\n"
		 "18 \"language\" takes one value, not 2\n"
		 "19 \"list\" is a block\n"
		 "20 \"user\" is there already\n"
		 "20 \"user\" is no block\n"
		 "21 did you mean \"web-user\"?\n"
		 "22 \"max-message-size\" is there already\n"
		 "22 wants a size from 1024 bytes to 1024M\n");
	load_bad(f,
		 SITE_LINES "relay = { }\nowner = \"x-owner@lists.example.org\"\nlist \"x\" { }\n",
		 "4 \"relay\" names no mail server\n5 \"owner\" wants a person's address\n");
	load_bad(f, SITE_LINES "owner = \"plenary+x@Lists.example.org\"\n",
		 "4 \"owner\" wants a person's address\n");
	load_bad(f, SITE_LINES "site-url = \"https://x.example/?q\"\n",
		 "4 \"site-url\" is there already\n4 \"site-url\" wants\n");
}

static void
test_list_errors(void **state)
{
	struct fixture *f = *state;

	load_bad(
	    f,
	    SITE_LINES "list \"a\" {\n"
		       "title = \"\"\n"
		       "owners = { \"a@\", \"ok@example.org\" }\n"
		       "moderators = { \"m@example.org\", \"M@EXAMPLE.org\" }\n"
		       "appeals = { \"m@example.org\" }\n"
		       "speakers = { \"A-owner+x@lists.example.org\" }\n"
		       "umbrella = \"nowhere\"\n"
		       "nonmember-posts = \"maybe\"\n"
		       "hold-first-posts = -1\n"
		       "posts-per-day = 1001\n"
		       "max-message-size = 11M\n"
		       "digest-every = \"0d\"\n"
		       "held-expire = 14\n"
		       "hooks = { \"true\", \"/nonexistent/hook\", \"/etc/passwd\" }\n"
		       "charter = \"nowhere.txt\"\n"
		       "listen-http = \"x\"\n"
		       "}\n"
		       "list \"a\" { subject-prefix = \"a\\nb\" }\n"
		       "list { }\n",
	    "5 \"title\" wants one line\n"
	    "6 \"owners\" wants a mail address\n"
	    "7 \"M@EXAMPLE.org\" is there twice\n"
	    "8 \"m@example.org\" is a moderator\n"
	    "9 is the list's own address\n"
	    "10 umbrella \"nowhere\" is no list\n"
	    "11 \"nonmember-posts\" wants \"hold\" or \"accept\" or \"reject\", not \"maybe\"\n"
	    "12 \"hold-first-posts\" wants a number from 0 to 1000\n"
	    "13 \"posts-per-day\" wants a number\n"
	    "14 more than the site's\n"
	    "15 \"digest-every\" wants a span from\n"
	    "16 \"held-expire\" wants a span such as\n"
	    "17 \"hooks\" wants a program with its whole path\n"
	    "17 not \"/nonexistent/hook\"\n"
	    "17 not \"/etc/passwd\"\n"
	    "18 \"charter\" wants a file\n"
	    "19 \"listen-http\" stands outside of lists, not in a list\n"
	    "21 \"subject-prefix\" wants one line of at most 78 bytes, not \"a?b\"\n"
	    "21 it is there already, at\n"
	    "22 a list needs a name\n");
	load_bad(f,
		 SITE_LINES "list a { umbrella = b }\nlist b { umbrella = k }\nlist k { umbrella = "
			    "b }\nlist d { umbrella = d }\n",
		 "5 its own umbrella, by way of others\n6 its own umbrella\n7 its own umbrella\n");
}

static void
test_list_names(void **state)
{
	static const char *const bad[] = {
	    "A",
	    "",
	    "-a",
	    "a b",
	    "a..b",
	    "a.",
	    "x-subscribe",
	    "x-join",
	    "x-unsubscribe",
	    "x-leave",
	    "x-confirm",
	    "x-request",
	    "x-help",
	    "x-owner",
	    "x-moderate",
	    "x-bounces",
	    "x-appeal",
	    "plenary",
	    "postmaster",
	    "mailer-daemon",
	    "search",
	    "u",
	    "c",
	    "pipermail",
	    "mailman",
	    "archives",
	    "hyperkitty",
	    "static",
	    "é",
	    "a2345678901234567890123456789012345678901234567890x",
	};
	static const char *const good[] = {
	    "a",
	    "0",
	    "a-ownership",
	    "owner",
	    "ux",
	    "search-results",
	    "a2345678901234567890123456789012345678901234567890",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		load_bad(f, arena_printf(f->arena, SITE_LINES "list \"%s\" { }\n", bad[i]),
			 arena_printf(f->arena, "4 list \"%.60s\": its name ", bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		load_good(f, arena_printf(f->arena, SITE_LINES "list \"%s\" { }\n", good[i]));
}

static void
test_ladder_errors(void **state)
{
	struct fixture *f = *state;
	char *text = arena_printf(f->arena, "%s", SITE_LINES "list a { conduct {\n");

	load_bad(f,
		 SITE_LINES "list \"a\" {\n"
			    "conduct {\n"
			    "step \"one\" { by = \"nobody\" after = \"two\" }\n"
			    "step \"two\" { after = \"one\" within = 1 }\n"
			    "step \"one\" { }\n"
			    "step \"Big\" { within = 1d }\n"
			    "step \"four\" { does = suspend }\n"
			    "step \"five\" { lasts = 1d after = \"six\" }\n"
			    "step \"self\" { after = \"self\" }\n"
			    "step { }\n"
			    "rung \"x\" { }\n"
			    "}\n"
			    "conduct { }\n"
			    "}\n",
		 "6 \"by\" wants\n6 comes after itself\n"
		 "7 \"within\" wants\n7 comes after itself\n"
		 "8 a step of this name at line 6\n"
		 "9 a step's name is of\n9 within needs an after\n"
		 "10 must say how long it lasts\n"
		 "11 \"six\" names no step\n11 only what does\n"
		 "12 comes after itself\n"
		 "13 a step needs a name\n"
		 "14 unknown key \"rung\" in a conduct block\n"
		 "16 \"conduct\" is there already\n");
	for (int i = 0; i <= CONF_STEPS_MAX; i++)
		text = arena_printf(f->arena, "%sstep s%d { }\n", text, i);
	load_bad(f, arena_printf(f->arena, "%s} }\n", text), "25 more than 20 steps\n");
	text[strlen(text) - strlen("step s20 { }\n")] = '\0';
	load_good(f, arena_printf(f->arena, "%s} }\n", text));
}

static void
test_include(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(path(f, "lists.d"), 0700), 0);
	assert_int_equal(mkdir(path(f, "lists.d/more"), 0700), 0);
	put_file(f, "lists.d/b.conf", "list \"b\" { }\ninclude(\"more/x\")\n");
	put_file(f, "lists.d/a.conf", "list \"z\" { charter = \"a.conf\" }\n");
	put_file(f, "lists.d/a.conf~", "nonsense\n");
	put_file(f, "lists.d/more/x", "\xef\xbb\xbflist \"x\" { }\n");
	load_good(f, "include(\"lists.d/*.conf\")\ninclude('none.d/*.conf')\n" SITE_LINES);
	assert_int_equal(f->conf->nlists, 3);
	assert_string_equal(f->conf->lists[0].name, "b");
	assert_string_equal(f->conf->lists[1].name, "x");
	assert_string_equal(f->conf->lists[2].name, "z");
	assert_string_equal(f->conf->lists[2].charter, path(f, "lists.d/a.conf"));
	assert_string_equal(f->conf->lists[1].file, path(f, "lists.d/more/x"));

	/* Complaints stand in the order of the files, each with its own name. */
	put_file(f, "lists.d/b.conf", "list \"b\" { nope = 1 }\ninclude(\"../plenary.conf\")\n");
	put_file(f, "lists.d/a.conf", "list \"b\" { }\nlist \"k\" { include(\"x\") }\n");
	load_bad(f,
		 "include(\"lists.d/*.conf\") include(\"gone.conf\")\n" SITE_LINES "domain = x.y\n",
		 "1 gone.conf\n5 \"domain\" is there already\n"
		 "2 include stands outside of all blocks\n"
		 "1 unknown key \"nope\"\n1 it is there already\n2 includes itself\n");
	assert_string_equal(f->errors.v[0].file, path(f, "plenary.conf"));
	assert_string_equal(f->errors.v[2].file, path(f, "lists.d/a.conf"));
	assert_string_equal(f->errors.v[3].file, path(f, "lists.d/b.conf"));
}

static void
test_include_depth(void **state)
{
	struct fixture *f = *state;

	for (int i = 1; i <= CONF_INCLUDE_DEPTH_MAX; i++)
		put_file(f, arena_printf(f->arena, "%d", i),
			 arena_printf(f->arena, "include(\"%d\")\n", i + 1));
	put_file(f, "10", "list \"deep\" { }\n");
	load_good(f, SITE_LINES "include(\"1\")\n");
	assert_string_equal(f->conf->lists[0].name, "deep");
	put_file(f, "10", "include(\"11\")\n");
	put_file(f, "11", "");
	load_bad(f, SITE_LINES "include(\"1\")\n", "1 more than 10 deep\n");
	assert_string_equal(f->errors.v[0].file, path(f, "10"));
}

static void
test_limits(void **state)
{
	struct fixture *f = *state;
	char *big;

	assert_int_equal(conf_load(path(f, "none"), &f->conf, f->arena, &f->errors), -1);
	assert_int_equal(f->errors.n, 1);
	assert_int_equal(f->errors.v[0].line, 0);

	big = arena_alloc(f->arena, CONF_FILE_MAX + 2);
	memset(big, '\n', CONF_FILE_MAX + 1);
	memcpy(big, SITE_LINES, strlen(SITE_LINES));
	big[CONF_FILE_MAX] = '\0';
	load_good(f, big);
	big[CONF_FILE_MAX] = '\n';
	big[CONF_FILE_MAX + 1] = '\0';
	assert_int_equal(load(f, big), -1);
	assert_int_equal(f->errors.n, 1);

	for (int more = 0; more < 2; more++) {
		char *text = arena_str(f->arena, SLICE(SITE_LINES));

		for (int i = 0; i < CONF_ERRORS_MAX + more * 5; i++)
			text = arena_printf(f->arena, "%snope = 1\n", text);
		assert_int_equal(load(f, text), -1);
		assert_int_equal(f->errors.n, CONF_ERRORS_MAX + more);
	}
	assert_string_equal(f->errors.v[CONF_ERRORS_MAX].text, "and 5 more errors");

	load_bad(f, SITE_LINES "a { a { a { a { a { a { a { a { a { } } } } } } } } }\n",
		 "4 blocks are nested\n4 unknown key \"a\"\n");
	load_bad(f, SITE_LINES "owner = \"a\x01@b.example\"\nuser = \"a b\"\n",
		 "4 has a control character\n");
	load_bad(f, SITE_LINES "list a { title = \"\xff\" }\n", "4 not UTF-8\n");
}

static const char sample[] =
    "domain     = \"lists.example.org\"\n"
    "site-url   = \"https://lists.example.org\"\n"
    "owner      = \"postmaster@example.org\"\n"
    "state-dir  = \"/var/lib/plenary\"\n"
    "user       = \"plenary\"                      # ignored when not started as root\n"
    "web-user   = \"plenary-web\"\n"
    "listen-lmtp = { \"unix:/run/plenary/lmtp.sock\", \"127.0.0.1:8024\" }\n"
    "listen-http = { \"127.0.0.1:8080\" } /* two\nlines */\n"
    "relay      = { \"smtp://127.0.0.1:25\" }      # several: \"maildir:PATH\"\n"
    "max-message-size = \"10M\"\n"
    "include(\"lists.d/*.conf\")\n"
    "list \"dc\" { }\n"
    "list \"dc-accessibility\" {\n"
    "    title       = \"Dynamic Coalition on Accessibility and Disability\"\n"
    "    description = \"\xe2\x80\xa6\"\n"
    "    moderators  = { \"mod@example.org\" }\n"
    "    appeals     = { 'ombud@example.org' }\n"
    "    umbrella    = \"dc\"\n"
    "    conduct {\n"
    "        step \"reminder\" { by = \"moderator\"  audience = \"member\" }\n"
    "        step \"warning\"  { by = \"moderator\"  audience = \"list\"  after = \"reminder\" "
    "within "
    "= \"180d\" }\n"
    "    }\n"
    "}\n";

/* Whatever is cut off or mistyped, there is a tree or there is a complaint, and an end. */
static void
test_cut_and_mistyped(void **state)
{
	static const char marks[] = "\"'{}=(),\\\n#/";
	struct fixture *f = *state;
	char text[sizeof(sample)];

	load_good(f, sample);
	for (size_t n = 0; n < sizeof(sample); n += 5) {
		memcpy(text, sample, n);
		text[n] = '\0';
		assert_true(load(f, text) == 0 || f->errors.n > 0);
		memcpy(text, sample, sizeof(sample));
		text[n] = marks[n % (sizeof(marks) - 1)];
		text[sizeof(sample) - 1] = '\0';
		assert_true(load(f, text) == 0 || f->errors.n > 0);
		arena_reset(f->arena);
	}
}

static void
test_long_lines(void **state)
{
	struct fixture *f = *state;
	char line[502];

	memset(line, 'x', sizeof(line));
	line[501] = '\0';
	load_bad(f, arena_printf(f->arena, SITE_LINES "list a {\ntitle = \"%s\" }\n", line),
		 "5 \"title\" wants one line\n");
	line[500] = '\0';
	load_good(f, arena_printf(f->arena, SITE_LINES "list a {\ntitle = \"%s\" }\n", line));
	line[79] = '\0';
	load_bad(f, arena_printf(f->arena, SITE_LINES "list a { subject-prefix = %s }\n", line),
		 "4 \"subject-prefix\" wants one line\n");
	line[78] = '\0';
	load_good(f, arena_printf(f->arena, SITE_LINES "list a { subject-prefix = %s }\n", line));
}

static void
test_speakers(void **state)
{
	struct fixture *f = *state;

	load_good(f, SITE_LINES
		  "list a {\n"
		  "speakers = { \"always@example.org\" }\n"
		  "speaker \"Eve@example.org\" { name = \"Eve\" group = \"civil society\"\n"
		  "  since = \"2026-01-01\" until = \"2026-12-31\" }\n"
		  "speaker \"eve@example.org\" { since = \"2028-02-29\" }\n"
		  "group \"Civil society\" { seats = 3 }\n"
		  "group \"Government\" { }\n"
		  "}\n"
		  "list b { }\n");
	const struct conf_list *a = &f->conf->lists[0], *b = &f->conf->lists[1];
	int64_t begin = 1767225600, end = 1798761600; /* of 2026 */

	assert_int_equal(a->nappointed, 2);
	assert_int_equal(a->appointed[0].since, begin);
	assert_int_equal(a->appointed[0].until, end);
	assert_int_equal(a->ngroups, 2);
	assert_int_equal(a->groups[0].seats, 3);
	assert_string_equal(conf_group_find(a, SLICE("GOVERNMENT"))->name, "Government");
	assert_true(conf_has_speakers(a));
	assert_false(conf_has_speakers(b));
	assert_true(conf_is_speaker(a, SLICE("always@example.org"), 0));
	assert_false(conf_is_speaker(a, SLICE("eve@example.org"), begin - 1));
	assert_true(conf_is_speaker(a, SLICE("eve@example.org"), begin));
	assert_true(conf_is_speaker(a, SLICE("EVE@EXAMPLE.ORG"), end - 1));
	assert_false(conf_is_speaker(a, SLICE("eve@example.org"), end));
	assert_true(conf_is_speaker(a, SLICE("eve@example.org"), end + 3 * 366 * 86400LL));
	assert_false(conf_is_speaker(a, SLICE("bob@example.org"), begin));
}

static void
test_speaker_errors(void **state)
{
	struct fixture *f = *state;

	load_bad(f,
		 SITE_LINES
		 "list a {\n"
		 "speakers = { \"a@example.org\" }\n"
		 "group \"G\" { seats = 1001 }\n"
		 "group \"g\" { }\n"
		 "group \"\" { }\n"
		 "group { }\n"
		 "speaker \"nobody\" { }\n"
		 "speaker \"A@example.org\" { group = \"G\" }\n"
		 "speaker \"b@example.org\" { group = \"Business\" }\n"
		 "speaker \"c@example.org\" { since = \"2026-02-30\" until = \"tomorrow\" }\n"
		 "speaker \"d@example.org\" { since = \"2026-03-01\"\n"
		 "until = \"2026-02-28\" }\n"
		 "speaker \"e@example.org\" { until = \"2026-02-28\" }\n"
		 "speaker \"E@example.org\" { since = \"2026-02-28\" seats = 1 }\n"
		 "seats = 1\n"
		 "speaker = \"x\"\n"
		 "}\n",
		 "6 \"seats\" wants a number from 0 to 1000\n"
		 "7 there is a group of this name already\n"
		 "8 a group's name is one line\n"
		 "9 a group needs a name\n"
		 "10 a speaker is named by a mail address\n"
		 "11 the address is one of \"speakers\", too\n"
		 "12 the list declares no group \"Business\"\n"
		 "13 \"since\" wants a day such as \"2026-12-31\"\n"
		 "13 \"until\" wants a day\n"
		 "15 its term ends before it begins\n"
		 "17 \"seats\" stands in a group, not in a speaker\n"
		 "17 overlaps with the one of line 16\n"
		 "18 \"seats\" stands in a group, not in a list\n"
		 "19 \"speaker\" is a block\n");
}

static void
test_key_names(void **state)
{
	static const char *const scopes[] = {"site", "list", "conduct", "step", "speaker", "group"};
	size_t n[6] = {0};
	const char *const *names;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		for (names = conf_key_names(scopes[i]); *names; names++)
			n[i]++;
	assert_int_equal(n[0], 18);
	assert_int_equal(n[1], 37);
	assert_int_equal(n[2], 1);
	assert_int_equal(n[3], 6);
	assert_int_equal(n[4], 4);
	assert_int_equal(n[5], 1);
	assert_null(*conf_key_names("nowhere"));
}

static void
test_warnings(void **state)
{
	struct fixture *f = *state;

	/* The default ladder on a list that one person moderates, without an appeal body. */
	load_warned(f, SITE_LINES "list \"a\" {\n}\n",
		    "4 step \"suspension\" takes two moderators and there is one\n"
		    "4 nobody hears appeals\n");
	load_warned(f,
		    SITE_LINES "list \"a\" {\n"
			       "moderators = { \"m@example.org\", \"n@example.org\" }\n"
			       "appeals = { \"x@example.org\" }\n"
			       "appeal-cosigners = 3\n"
			       "}\n",
		    "");
	assert_int_equal(f->conf->lists[0].appeal_cosigners, 3);
	/* Who takes steps hears appeals against them; words for an appeal that nobody hears. */
	load_warned(f,
		    SITE_LINES "list \"a\" {\n"
			       "owners = { \"x@example.org\" }\n"
			       "moderators = { \"m@example.org\", \"n@example.org\" }\n"
			       "appeals = { \"x@example.org\" }\n"
			       "}\n"
			       "list \"b\" {\n"
			       "moderators = { \"m@example.org\", \"n@example.org\" }\n"
			       "appeal-cosigners = 1\n"
			       "conduct { step \"word\" { } }\n"
			       "}\n",
		    "7 hears appeals and is an owner\n"
		    "11 says nothing without \"appeals\"\n");
	/* What can't be taken, and what comes behind it. */
	load_warned(
	    f,
	    SITE_LINES
	    "list \"a\" {\n"
	    "moderators = { \"m@example.org\" }\n"
	    "appeals = { \"x@example.org\" }\n"
	    "conduct {\n"
	    "step \"one\" { by = \"two-moderators\" }\n"
	    "step \"two\" { after = \"one\" within = \"9d\" }\n"
	    "step \"pause\" { does = \"suspend\" lasts = \"30d\" }\n"
	    "step \"longer\" { after = \"pause\" within = \"30d\" does = \"suspend\"\n"
	    "lasts = \"90d\" }\n"
	    "step \"held\" { after = \"pause\" within = \"20d\" does = \"hold\" lasts = \"1d\" }\n"
	    "step \"later\" { after = \"pause\" within = \"31d\" does = \"suspend\" lasts = \"1d\" "
	    "}\n"
	    "} }\n",
	    "8 step \"one\" takes two moderators and there is one\n"
	    "9 step \"two\" can't be taken, since \"one\" before it can't be\n"
	    "11 step \"longer\" can't be taken: when \"pause\" is over\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_site_keys, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_list_keys, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rules_about_posts, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_syntax_errors_recover, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_site_errors, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_list_errors, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_list_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_ladder_errors, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_include, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_include_depth, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_cut_and_mistyped, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_long_lines, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_speakers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_warnings, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_speaker_errors, setup, teardown),
	    cmocka_unit_test(test_key_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
