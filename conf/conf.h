/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf: the configuration file, read once, whole, into one tree that never changes afterwards.
 * Grammar and keys are INTERFACE section 3 and plenary.conf(5). Every error of a file (and of the
 * files it includes) is reported in one pass as "FILE:LINE: text"; with one error there is no tree.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/zone.h"

struct strings {
	const char **v;
	size_t n;
};

enum delivery_copies { COPIES_PERSONAL, COPIES_SHARED };
enum nonmember_posts { NONMEMBER_HOLD, NONMEMBER_ACCEPT, NONMEMBER_REJECT };
enum rewrite_from { REWRITE_DMARC, REWRITE_ALWAYS, REWRITE_NEVER };
enum reply_to { REPLY_TO_AUTHOR, REPLY_TO_LIST };
enum held_notices { NOTICES_EACH, NOTICES_DAILY };
enum open_record { RECORD_COUNTS, RECORD_POSTS };
enum writers { WRITERS_HIDDEN, WRITERS_SHOWN };
enum step_by { STEP_BY_MODERATOR, STEP_BY_TWO_MODERATORS, STEP_BY_OWNER };
enum step_audience { STEP_TO_MEMBER, STEP_TO_LIST };
enum step_does { STEP_MESSAGE, STEP_HOLD, STEP_SUSPEND };

/* "X-Spam-Status: Yes,*": a field's name, and what its value is like (slice_like_ci). */
struct conf_header_rule {
	const char *name, *pattern;
	const char *text; /* as written */
};
struct conf_header_rules {
	const struct conf_header_rule *v;
	size_t n;
};

/* One rung of the conduct ladder. Spans in seconds. */
struct conf_step {
	const char *name;
	enum step_by by;
	enum step_audience audience;
	enum step_does does;
	const char *after; /* name of the step that must have come before, or NULL */
	int64_t within;    /* how long ago at most; 0: no limit */
	int64_t lasts;     /* 0: it is a message, nothing lasts */
};

/* Who was appointed to speak, beside the plain list of addresses (conf/speakers.h). */
struct conf_speaker {
	const char *address;
	const char *name;  /* as the pages show it, or "" */
	const char *group; /* one of the list's, or NULL */
	int64_t since;     /* the first second of the first day; 0: always was */
	int64_t until;     /* the first second behind the last day; 0: no end */
};

/* A stakeholder group, with its part in the balance that the coalition declares. */
struct conf_group {
	const char *name;
	int seats; /* 0: no number is declared */
};

struct conf_list {
	const char *name; /* lower case; [a-z0-9][a-z0-9._-]*, at most 50 bytes, no robot suffix */
	const char *file; /* where it was declared */
	int line;
	const char *title; /* defaults to the name */
	const char *description;
	const char *language;      /* defaults to the site's */
	struct strings owners;     /* resolved: never empty (the site's owner at last) */
	struct strings moderators; /* resolved: never empty (owners, else the site's owner) */
	struct strings appeals;    /* may be empty: then there is no appeal body */
	int appeal_cosigners;      /* members whose words an appeal needs */
	struct strings speakers;   /* without an end; see conf_is_speaker() for all of them */
	const struct conf_speaker *appointed; /* with a term */
	size_t nappointed;
	const struct conf_group *groups; /* in the order of the file */
	size_t ngroups;
	const char *umbrella; /* name of the list whose posts reach this one too, or NULL */
	enum nonmember_posts nonmember_posts;
	int hold_first_posts;
	int posts_per_day;        /* 0: no limit */
	const struct zone *zone;  /* whose day that is; UTC if none is named */
	int64_t max_message_size; /* bytes */
	int64_t attachments_over; /* bytes; 0: attachments go out untouched */
	enum delivery_copies copies;
	const char *subject_prefix; /* or NULL */
	enum reply_to reply_to;
	enum rewrite_from rewrite_from;
	int64_t digest_every; /* seconds */
	int64_t digest_size;  /* bytes */
	struct conf_header_rules hold_headers, reject_headers, discard_headers;
	/* kinds of attachments: ".exe" (the end of a name), "application/zip", "image/" "*" */
	struct strings hold_attachments, reject_attachments;
	struct strings hooks;
	const char *charter;            /* file name, absolute, or NULL */
	int64_t held_expire;            /* seconds */
	int64_t held_remind;            /* seconds, after which moderators are reminded; 0: never */
	enum held_notices held_notices; /* what moderators get who did not choose */
	enum open_record open_record;   /* what everyone may read of refused posts */
	enum writers writers;           /* on the list's page: who wrote how much */
	int bounce_threshold;
	const struct conf_step *steps;
	size_t nsteps;
};

/* "smtp://HOST:PORT" or "maildir:PATH". */
struct conf_relay {
	enum { RELAY_SMTP, RELAY_MAILDIR } kind;
	const char *host; /* name or address, without brackets */
	const char *path;
	uint16_t port;    /* 25 if not given */
	const char *text; /* as written, for messages */
};

/* "unix:PATH", "HOST:PORT", "[V6]:PORT". */
struct conf_listen {
	const char *path; /* unix socket, or NULL */
	const char *host;
	uint16_t port;
	const char *text;
};

struct conf_listens {
	const struct conf_listen *v;
	size_t n;
};

/* One error; line 0: the file as a whole. */
struct conf_error {
	const char *file;
	int line;
	const char *text;
};

struct conf_errors {
	struct conf_error *v;
	size_t n;
};

struct conf {
	struct arena *arena; /* owns all of it */
	const char *file;
	const char *domain;   /* lower case */
	const char *site_url; /* without a slash at its end */
	const char *owner;
	const char *state_dir; /* absolute (relative ones are taken from the file's folder) */
	const char *user, *web_user;
	struct conf_listens listen_lmtp, listen_smtp, listen_http, listen_monitor;
	struct strings trusted_authserv;
	const char *resolver; /* "system" or "HOST:PORT" */
	const struct conf_relay *relays;
	size_t nrelays;
	const char *language;
	int64_t max_message_size;
	char delimiter;                /* subaddress delimiter, '+' */
	const struct conf_list *lists; /* sorted by name */
	size_t nlists;
	struct conf_errors warnings; /* what is no error, and yet no good */
};

/*
 * Reads file. On success *conf is the tree (free with conf_free) and 0 is returned, else -1 and
 * *errors has every error found, in the order of the files (its memory is the given arena's); of
 * more than a hundred, the first hundred and one that says how many more. Relative file names are
 * taken from the folder of the file they stand in.
 */
int conf_load(const char *file, struct conf **conf, struct arena *a, struct conf_errors *errors)
    __attribute__((warn_unused_result));
/* As conf_load for a program: prints every error to stderr as FILE:LINE: text (line 1 for a file as
 * a whole); NULL if there was one. */
struct conf *conf_load_or_complain(const char *file);
/* Prints its warnings to stderr as FILE:LINE: warning: text. */
void conf_print_warnings(const struct conf *conf);
void conf_free(struct conf *conf);

/* The list of that name (any case); NULL if there is none. O(log lists). */
const struct conf_list *conf_list_find(const struct conf *conf, struct slice name);
/* Is above the umbrella of l, or of its umbrella, and so on? Posts to above reach l's members. */
bool conf_list_under(const struct conf *conf, const struct conf_list *l,
		     const struct conf_list *above);
/* STATE/part, in the arena of the caller. */
char *conf_path(const struct conf *conf, struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Is address (compared as addresses are) one of those? */
bool strings_has_address(const struct strings *s, struct slice address);

/* Every key there is, for plenary.conf(5) and its test: NULL-terminated names; scope "site",
 * "list", "conduct", "step", "speaker", "group". */
const char *const *conf_key_names(const char *scope);

#endif
