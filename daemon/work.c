/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work: see work.h. An entry is mapped and parsed once; what its recipients' functions do with it
 * is the table at the end.
 */
#include "daemon/work.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/appeal.h"
#include "daemon/authserv.h"
#include "daemon/flood.h"
#include "daemon/newcomer.h"
#include "daemon/seen.h"
#include "mail/automatic.h"
#include "mail/header.h"

int
work_open(struct work *w, struct site *site, const char *id, int64_t now, struct err *e)
{
	const struct field *from;
	memset(w, 0, sizeof(*w));
	w->site = site;
	w->now = now;
	w->arena = arena_new();
	buf_init(&w->links, 64 * 1024);
	memcpy(w->id, id, strlen(id) + 1);
	if (spool_map(site->spool, id, &w->bytes, e) < 0 ||
	    envelope_parse(&w->env, w->arena, w->bytes, e) < 0)
		return -1;
	message_parse(&w->message, w->arena, w->env.message);
	msgid_identify(&w->identity, w->arena, w->env.message, site->conf->domain);
	w->sender = envelope_get(&w->env, "from");
	w->approved_by = envelope_get(&w->env, "approved-by");
	w->announces = envelope_int(&w->env, "announces", 0);
	w->subject = header_text(w->arena, message_value(&w->message, "Subject"));
	from = message_field(&w->message, "From");
	if (!from || !address_parse_first(w->arena, from->value, &w->author))
		memset(&w->author, 0, sizeof(w->author));
	w->automatic = automatic_reason(&w->message, w->sender);
	w->vouched = authserv_vouches(w->arena, site->conf, &w->message, w->author.domain);
	return 0;
}

void
work_close(struct work *w)
{
	if (w->bytes.p)
		file_unmap(w->bytes);
	buf_free(&w->links);
	arena_free(w->arena);
}

void
work_need_link(struct work *w, const char *what)
{
	struct slice rest = buf_slice(&w->links), word;
	while (slice_next_word(&rest, &word))
		if (slice_is(word, what))
			return;
	if (w->links.n)
		buf_putc(&w->links, ' ');
	buf_puts(&w->links, what);
}

/* --- step 6 --------------------------------------------------------------------------------- */

/* The folder of "out", "held" or "feed/LIST", opened once a batch; -1 after an error. */
static int
link_folder(struct site *site, struct links *links, struct slice what, struct err *e)
{
	for (size_t i = 0; i < links->n; i++)
		if (slice_eq(what, links->folder[i].what))
			return links->folder[i].fd;
	if (links->n == LINKS_MAX && links_sync(links, e) < 0)
		return -1;
	const char *path = conf_path(site->conf, links->arena, "%.*s%s", SLICE_ARG(what),
				     slice_starts(what, SLICE("feed/")) ? "/new" : "");
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (file_mkdirs(AT_FDCWD, path, 0700, true, e) < 0)
			return -1;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(e, "open %s", path);
	links->folder[links->n].what = arena_dup(links->arena, what);
	links->folder[links->n++].fd = fd;
	return fd;
}

void
links_init(struct links *links)
{
	links->n = 0;
	links->arena = arena_new();
}

int
links_sync(struct links *links, struct err *e)
{
	int ret = 0;
	for (size_t i = 0; i < links->n; i++) {
		if (ret == 0)
			ret = file_sync_dir(links->folder[i].fd, e);
		close(links->folder[i].fd);
	}
	links->n = 0;
	return ret;
}

void
links_free(struct links *links)
{
	for (size_t i = 0; i < links->n; i++)
		close(links->folder[i].fd);
	arena_free(links->arena);
}

int
work_link(struct site *site, const char *id, const char *what, struct links *links, struct err *e)
{
	struct slice rest = slice_str(what), word;
	while (slice_next_word(&rest, &word)) {
		int fd = link_folder(site, links, word, e);
		if (fd < 0 || spool_link(site->spool, id, fd, id, e) < 0)
			return -1;
		crash_point("work.linked");
	}
	return 0;
}

/* --- answers -------------------------------------------------------------------------------- */

struct slice
work_answer_to(const struct work *w)
{
	return w->author.text.n ? w->author.text : w->sender;
}

const char *
work_language(struct work *w, const struct member *m)
{
	const char *list = w->route.list ? w->route.list->language : w->site->conf->language;
	return m && m->language[0] ? m->language : list;
}

int
work_notice(struct work *w, struct notice *n, struct err *e)
{
	if (n->to.n == 0)
		return 0;
	if (n->answer && w->automatic) {
		log_info("%s: no answer to automatic mail of %s (%s)", w->id, log_str(n->to),
			 w->automatic);
		return 0;
	}
	if (n->answer && !w->identity.generated)
		n->in_reply_to = w->identity.msgid;
	n->id = arena_printf(w->arena, "%s-%d", w->id, ++w->notices);
	return notice_send(w->site->db, w->site->conf, n, w->now, e);
}

/* How many answers a day: strangers may be victims. 0 after an error. */
static int
answers_max(struct work *w, struct slice who, struct err *e)
{
	struct member *ms;
	size_t n;
	if (member_of(w->site->db, w->arena, who, &ms, &n, e) < 0)
		return 0;
	return n > 0 || w->vouched ? FLOOD_ANSWERS : FLOOD_ANSWERS_STRANGER;
}

bool
work_would_answer(struct work *w, struct slice who)
{
	int max = w->automatic || who.n == 0 ? 0 : answers_max(w, who, NULL);
	return flood_used(w->site->db, "answer", address_flood_key(w->arena, who), w->now) < max &&
	       (max == FLOOD_ANSWERS || !newcomer_had_enough(w));
}

int
work_may_answer(struct work *w, struct slice who, struct err *e)
{
	if (w->automatic || who.n == 0) {
		log_info("%s: automatic mail to %s is not answered (%s)", w->id, log_str(w->rcpt),
			 w->automatic ? w->automatic : "no author");
		return 0;
	}
	int max = answers_max(w, who, e);
	if (max == 0)
		return -1;
	int may =
	    flood_allow(w->site->db, "answer", address_flood_key(w->arena, who), max, w->now, e);
	if (may == 0)
		log_warning("%s: %s had %d answers today and gets no more", w->id, log_str(who),
			    max);
	return may == 1 && max == FLOOD_ANSWERS_STRANGER ? newcomer_may_ask(w, e) : may;
}

int
work_unknown_token(struct work *w, struct err *e)
{
	struct text_value values[] = {{"address", arena_str(w->arena, w->rcpt)}};
	struct notice n = {.list = w->route.list,
			   .to = work_answer_to(w),
			   .language = work_language(w, NULL),
			   .template = "token-unknown",
			   .values = values,
			   .nvalues = 1,
			   .answer = true};
	return work_notice(w, &n, e);
}

/* --- the table ------------------------------------------------------------------------------ */

/* Intake refuses these at RCPT; that one comes here means the configuration changed in between. */
static int
nobody_handle(struct work *w, struct err *e)
{
	struct text_value values[] = {{"address", arena_str(w->arena, w->rcpt)}};
	struct notice n = {.to = work_answer_to(w),
			   .language = work_language(w, NULL),
			   .template = "no-such-address",
			   .values = values,
			   .nvalues = 1,
			   .answer = true,
			   .attached = w->env.message,
			   .attached_head_only = true};
	log_warning("%s: no such address any more: %s; its sender is told", w->id,
		    log_str(w->rcpt));
	int may = work_may_answer(w, n.to, e);
	return may == 1 ? work_notice(w, &n, e) : may;
}

static int (*const handlers[ROUTE_FUNCTIONS])(struct work *w, struct err *e) = {
    [ROUTE_NONE] = nobody_handle,
    [ROUTE_ELSEWHERE] = nobody_handle,
    [ROUTE_POST] = post_handle,
    [ROUTE_SUBSCRIBE] = request_subscribe,
    [ROUTE_UNSUBSCRIBE] = request_unsubscribe,
    [ROUTE_LEAVE] = request_leave,
    [ROUTE_CONFIRM] = request_confirm,
    [ROUTE_REQUEST] = command_handle,
    [ROUTE_HELP] = command_help,
    [ROUTE_OWNER] = owner_handle,
    [ROUTE_MODERATE] = moderate_handle,
    [ROUTE_BOUNCES] = report_handle,
    [ROUTE_APPEAL] = appeal_handle,
    [ROUTE_SITE] = command_handle,
    [ROUTE_POSTMASTER] = owner_handle,
};

/* A list's own size limit, passed over in SMTP where one answer is for all recipients. */
static int
size_refused(struct work *w, struct slice rcpt, struct err *e)
{
	w->rcpt = rcpt;
	route_classify(w->site->conf, rcpt, &w->route);
	struct text_value values[] = {
	    {"address", arena_str(w->arena, rcpt)},
	    {"subject", arena_str(w->arena, w->subject)},
	    {"limit", text_size(w->arena, work_language(w, NULL),
				w->route.list ? w->route.list->max_message_size
					      : w->site->conf->max_message_size)}};
	struct notice n = {.to = work_answer_to(w),
			   .language = work_language(w, NULL),
			   .template = "too-big",
			   .values = values,
			   .nvalues = 3,
			   .answer = true,
			   .attached = w->env.message,
			   .attached_head_only = true,
			   .list = w->route.list};
	int may = work_may_answer(w, n.to, e);
	return may == 1 ? work_notice(w, &n, e) : may;
}

/* A mail server that heard no answer sends its mail again (posts: post.c). 1, 0, -1. */
static int
is_second_try(struct work *w, struct err *e)
{
	if (w->route.function == ROUTE_POST || w->identity.generated)
		return 0;
	int again = seen_repeated(w->site->db, w->rcpt, w->sender, w->identity.msgid,
				  w->identity.body_sha256, w->now, e);
	if (again == 1)
		log_info("%s to %s: came before (%s); nothing is done twice", w->id,
			 log_str(w->rcpt), log_str(w->identity.msgid));
	return again;
}

static int
decide_one(struct work *w, struct slice rcpt, struct err *e)
{
	w->rcpt = rcpt;
	route_classify(w->site->conf, rcpt, &w->route);
	w->payload = 0;
	bool nobody = w->route.function == ROUTE_APPEAL && w->route.list->appeals.n == 0;
	if (nobody || !route_verify(&w->route, w->site->keys, &w->payload))
		w->route.function = ROUTE_NONE;
	int again = is_second_try(w, e);
	return again ? again : handlers[w->route.function](w, e);
}

int
work_decide(struct work *w, struct err *e)
{
	struct slice rcpt;
	for (size_t i = 0; envelope_nth(&w->env, "rcpt", i, &rcpt); i++)
		if (decide_one(w, rcpt, e) < 0)
			return err_prefix(e, "%s to %s", w->id, log_str(rcpt));
	for (size_t i = 0; envelope_nth(&w->env, "rejected", i, &rcpt); i++)
		if (size_refused(w, rcpt, e) < 0)
			return -1;
	return seen_add(w->site->db, w->id, buf_str(&w->links), w->now, e);
}
