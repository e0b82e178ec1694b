/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request from hostile bytes: a target, lines of "Name: value", an empty line, and a text that
 * takes the place of a snippet and of a map of old addresses. It is answered by whatever page its
 * route names, except those that ask intake. Besides not crashing it checks what others rely on: a
 * header has one line, a redirect stays here, no segment leads up, no page holds foreign markup.
 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "web/files.h"
#include "web/http.h"
#include "web/language.h"
#include "web/moved.h"
#include "web/redirects.h"
#include "web/routes.h"
#include "web/search.h"
#include "web/squeeze.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY "fcxz75l3ixzlgmhmde32q6ikl2rlpvcn"

static char dir[] = "/tmp/http-fuzz-XXXXXX";
static struct conf_list lists[] = {{.name = "dc", .title = "D & C"}};
static struct conf conf = {
    .domain = "lists.example.org",
    .site_url = "https://lists.example.org",
    .owner = "postmaster@example.org",
    .state_dir = dir,
    .language = "en",
    .lists = lists,
    .nlists = 1,
};
static struct web web = {.conf = &conf};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	log_error("not so: %s", what);
	abort(); /* the fuzzer keeps the input */
}

static void
clean_up(void)
{
	squeeze_free(web.squeeze);
	moved_free(web.moved);
	close(web.html_fd);
	text_unload();
	if (file_remove_tree(AT_FDCWD, dir, NULL) < 0)
		log_warning("%s is left behind", dir);
}

static void
put_file(const char *folder, const char *name)
{
	const struct slice part = SLICE("<p>a page");
	int fd;

	must(file_mkdirs(web.html_fd, folder, 0700, false, NULL) == 0, "a folder");
	fd = openat(web.html_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd >= 0 && file_put_derived(fd, name, &part, 1, 0600, NULL) == 0, "a file");
	close(fd);
}

static void
set_up(void)
{
	struct err e;

	if (web.squeeze)
		return;
	must(mkdtemp(dir) && text_load(&e) == 0, "a folder and phrases");
	web.html_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put_file("dc/m/" KEY, "index.html");
	put_file("dc/m/" KEY "/1", "a.txt");
	put_file("dc/2017/10", "index.html");
	put_file("dc/m/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "gone.html");
	web.squeeze = squeeze_new();
	web.moved = moved_new();
	atexit(clean_up);
}

static void
check_response(const struct web_response *rs)
{
	const char *location = web_header_get(rs, "Location");

	for (size_t i = 0; i < rs->nheaders; i++)
		for (const char *p = rs->header[i].value; *p; p++)
			must((unsigned char)*p >= ' ' && *p != 0x7f, "a header has one line");
	if (location)
		must(location[0] == '/' && location[1] != '/' && !strchr(location, '\\'),
		     "a redirect stays here");
	must(rs->status >= 200 && rs->status < 600, "a status");
	must(rs->fd < 0 || rs->offset + rs->size <= 64, "a part lies in its file");
	if (rs->body.n > 0)
		must(utf8_valid(buf_slice(&rs->body)), "a page is UTF-8");
}

/* What the role does with a request's head. */
static void
take_fields(struct web_request *rq, struct slice *rest)
{
	struct http_fields f = {.method = rq->method};
	struct slice line, name, value;
	size_t i = 0;

	while (slice_next_line(rest, &line) && line.n > 0) {
		slice_cut(line, ':', &name, &value);
		value = slice_trim(value);
		http_take_field(&f, name, value);
		rq->field[i++ % WEB_FIELDS] = value;
	}
	if (http_dishonest(&f) == NULL)
		must(f.lengths + f.codings <= 1 && f.hosts <= 1 && !f.malformed, "honest");
	rq->lang = language_choose(rq->field[WEB_ACCEPT_LANGUAGE], "en");
	must(text_language(slice_str(rq->lang)) != NULL, "a language of ours");
}

static void
check_url(const struct url *u)
{
	for (size_t i = 0; i < u->nseg; i++) {
		must(u->seg[i].n > 0, "no segment is empty");
		must(!slice_is(u->seg[i], ".") && !slice_is(u->seg[i], ".."), "none leads up");
		must(!memchr(u->seg[i].p, 0, u->seg[i].n), "no NUL");
	}
}

static void
answer(struct web_request *rq)
{
	const struct web_route *r = route_site(&rq->url);
	struct web_response rs;

	web_response_init(&rs);
	if (r->pool == POOL_NONE)
		r->serve(&web, rq, &rs);
	else if (r->pool == POOL_SEARCH && url_query(&rq->url, rq->arena, "q").n == 0)
		r->serve(&web, rq, &rs);
	web_add_common_headers(&rs);
	if (!web_header_get(&rs, "Content-Encoding"))
		check_response(&rs);
	web_response_free(&rs);
}

/* A hit that says what it likes. */
static void
show(struct web_request *rq, struct slice text)
{
	struct index_hit hit = {
	    .list = "dc",
	    .key = KEY,
	    .thread_key = KEY,
	    .subject = text,
	    .from_name = slice_from(text, text.n / 2),
	    .from_address = text,
	    .snippet = text,
	};
	struct search s;

	if (!search_read(&web, rq, &s))
		return;
	s.result = (struct index_result){.hits = &hit, .n = 1, .estimated = 1, .corrected = text};
	for (int form = 0; form < 3; form++) {
		struct web_response rs;

		web_response_init(&rs);
		(form == 0   ? search_page
		 : form == 1 ? search_json
			     : search_atom)(&web, rq, &rs, &s);
		check_response(&rs);
		if (form != 1)
			must(slice_find_ci(buf_slice(&rs.body), SLICE("<script")) == rs.body.n,
			     "no foreign markup");
		web_response_free(&rs);
	}
}

static void
find_moved(struct slice map, struct slice path)
{
	int fd = memfd_create("map", MFD_CLOEXEC);

	must(fd >= 0 && file_write_all(fd, map.p, map.n, NULL) == 0, "a file in memory");
	(void)moved_find(web.moved, fd, path);
	(void)moved_find(web.moved, -1, path);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size), target;
	struct web_request rq = {.method = WEB_GET, .lang = "en"};

	set_up();
	if (!slice_next_line(&rest, &target) || target.n > URL_MAX)
		return 0;
	rq.arena = arena_new();
	/* The library hands a C string over. */
	target = slice_str(arena_str(rq.arena, target));
	take_fields(&rq, &rest);
	if (url_parse(&rq.url, rq.arena, target) == URL_GOOD) {
		check_url(&rq.url);
		answer(&rq);
		show(&rq, rest);
		find_moved(rest, rq.url.path);
	}
	arena_free(rq.arena);
	return 0;
}
