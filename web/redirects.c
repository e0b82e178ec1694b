/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every redirect is given as a path of ours, made of a list's configured name, digits and keys, or
 * of a line in our own map: nothing that a visitor writes becomes a Location as it is.
 */
#include "config.h"
#include "web/redirects.h"

#include <unistd.h>

#include "base/num.h"
#include "mail/msgid.h"
#include "web/files.h"
#include "web/moved.h"
#include "web/pages.h"

/* --- ends ----------------------------------------------------------------------------------- */

static bool
to_page(struct web *web, struct web_request *rq, struct web_response *rs, int status,
	const char *path)
{
	if (!files_has_page(web, rq->arena, path))
		return false;
	web_redirect(rs, status, arena_printf(rq->arena, "/%s/", path));
	return true;
}

static bool
to_list(struct web_request *rq, struct web_response *rs, const struct conf_list *list)
{
	web_redirect(rs, 301, arena_printf(rq->arena, "/%s/", list->name));
	return true;
}

/* A path of the map: with or without its own escapes; "//" would be another host. */
static bool
is_our_path(struct slice path)
{
	if (path.n == 0 || path.p[0] != '/' || (path.n > 1 && path.p[1] == '/'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || (unsigned char)path.p[i] >= 0x7f ||
		    path.p[i] == '\\')
			return false;
	return true;
}

bool
redirect_moved(struct web *web, struct web_request *rq, struct web_response *rs)
{
	int fd = files_open(web, MOVED_FILE);
	struct slice to = moved_find(web->moved, fd, rq->url.path);

	if (fd >= 0)
		close(fd);
	if (!is_our_path(to))
		return false;
	web_redirect(rs, 301, arena_str(rq->arena, to));
	return true;
}

static const struct conf_list *
list_at(const struct web *web, const struct web_request *rq, size_t i)
{
	return i < rq->url.nseg ? conf_list_find(web->conf, rq->url.seg[i]) : NULL;
}

/* --- Message-IDs ---------------------------------------------------------------------------- */

void
redirect_message_id(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const struct conf_list *list = list_at(web, rq, 0);
	struct slice id;
	char key[KEY_SIZE];

	if (!list || !url_rest(&rq->url, rq->arena, 2, &id)) {
		page_error(web, rq, rs, list && rq->url.nseg > 2 ? 400 : 404);
		return;
	}
	for (int twice = 0; twice < 2; twice++) {
		id = slice_trim(id);
		if (id.n > 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
			id = slice_sub(id, 1, id.n - 2);
		msgid_key(id, key);
		if (to_page(web, rq, rs, 302, arena_printf(rq->arena, "%s/m/%s", list->name, key)))
			return;
		/* A slash at the end is somebody's habit, rarely part of the id. */
		if (id.n == 0 || id.p[id.n - 1] != '/')
			break;
		id.n--;
	}
	page_error(web, rq, rs, 404);
}

/* --- Mailman 2 ------------------------------------------------------------------------------ */

static const char *const months[] = {"january",   "february", "march",    "april",
				     "may",       "june",     "july",     "august",
				     "september", "october",  "november", "december"};

/* "2017-October", "2017-October.txt", "2017-October.txt.gz". */
static bool
read_month(struct slice s, int64_t *year, int64_t *month, struct slice *rest)
{
	struct slice y, name;

	if (!slice_cut(s, '-', &y, &name) || y.n != 4 || !num_parse(y, 1970, 9999, year))
		return false;
	slice_cut(name, '.', &name, rest);
	for (int64_t i = 0; i < 12; i++)
		if (slice_is_ci(name, months[i])) {
			*month = i + 1;
			return true;
		}
	return false;
}

void
redirect_pipermail(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const struct url *u = &rq->url;
	const struct conf_list *list = list_at(web, rq, 1);
	struct slice rest = SLICE("");
	int64_t year, month;
	const char *path;

	if (redirect_moved(web, rq, rs))
		return;
	if (list && u->nseg == 2 && to_list(rq, rs, list))
		return;
	if (list && u->nseg >= 3 && read_month(u->seg[2], &year, &month, &rest)) {
		path = arena_printf(rq->arena, "%s/%04d/%02d", list->name, (int)year, (int)month);
		if (rest.n > 0 && files_has_page(web, rq->arena, path)) {
			web_redirect(rs, 301, arena_printf(rq->arena, "/%s/mbox.gz", path));
			return;
		}
		/* A message that the map does not know: its month is as near as we can lead. */
		if (to_page(web, rq, rs, u->nseg > 3 ? 302 : 301, path))
			return;
	}
	files_serve(web, rq, rs);
}

/* LIST.DOMAIN or LIST@DOMAIN or LIST. */
static const struct conf_list *
list_of_id(const struct web *web, struct slice id)
{
	struct slice domain = slice_str(web->conf->domain);
	const struct conf_list *list = conf_list_find(web->conf, id);

	if (list || id.n < domain.n + 2 || !slice_ends_ci(id, domain))
		return list;
	id.n -= domain.n;
	if (id.p[id.n - 1] != '.' && id.p[id.n - 1] != '@')
		return NULL;
	id.n--;
	return conf_list_find(web->conf, id);
}

static const char *const list_pages[] = {"listinfo", "options", "lists"};

void
redirect_mailman(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const struct url *u = &rq->url;
	const struct conf_list *list;

	if (redirect_moved(web, rq, rs))
		return;
	for (size_t i = 0; i + 1 < u->nseg && i < 3; i++) {
		if (slice_is(u->seg[i], "hyperkitty") || slice_is(u->seg[i], "archives")) {
			redirect_hyperkitty(web, rq, rs);
			return;
		}
		for (size_t k = 0; k < sizeof list_pages / sizeof *list_pages; k++) {
			list = slice_is(u->seg[i], list_pages[k]) ? list_of_id(web, u->seg[i + 1])
								  : NULL;
			if (list && to_list(rq, rs, list))
				return;
		}
	}
	if (u->nseg <= 2) { /* /mailman/listinfo: all lists */
		web_redirect(rs, 301, "/");
		return;
	}
	files_serve(web, rq, rs);
}

/* --- HyperKitty ----------------------------------------------------------------------------- */

/* Its hash of a Message-ID is our key, in capitals. */
static bool
to_hash(struct web *web, struct web_request *rq, struct web_response *rs, const char *list,
	struct slice what, struct slice hash)
{
	const char *key = arena_lower(rq->arena, hash);

	if (!key_valid(hash))
		return false;
	if (slice_is(what, "thread") &&
	    to_page(web, rq, rs, 301, arena_printf(rq->arena, "%s/t/%s", list, key)))
		return true;
	return to_page(web, rq, rs, 301, arena_printf(rq->arena, "%s/m/%s", list, key));
}

static bool
to_month(struct web *web, struct web_request *rq, struct web_response *rs, const char *list,
	 struct slice y, struct slice m)
{
	int64_t year, month;

	return num_parse(y, 1970, 9999, &year) && num_parse(m, 1, 12, &month) &&
	       to_page(web, rq, rs, 301,
		       arena_printf(rq->arena, "%s/%04d/%02d", list, (int)year, (int)month));
}

void
redirect_hyperkitty(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const struct url *u = &rq->url;
	const struct conf_list *list;
	size_t at = 0;

	if (redirect_moved(web, rq, rs))
		return;
	while (at < u->nseg && !slice_is(u->seg[at], "list"))
		at++;
	list = at + 1 < u->nseg ? list_of_id(web, u->seg[at + 1]) : NULL;
	at += 2;
	if (!list) {
		if (u->nseg <= 2)
			web_redirect(rs, 301, "/");
		else
			files_serve(web, rq, rs);
		return;
	}
	if (at == u->nseg || (at + 1 == u->nseg && !slice_is(u->seg[at], "export"))) {
		to_list(rq, rs, list); /* itself, its "latest", "recent", "popular" … */
		return;
	}
	if (at + 1 < u->nseg && (to_hash(web, rq, rs, list->name, u->seg[at], u->seg[at + 1]) ||
				 to_month(web, rq, rs, list->name, u->seg[at], u->seg[at + 1])))
		return;
	files_serve(web, rq, rs);
}
