/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/render.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "archive/body.h"
#include "archive/html.h"
#include "archive/mask.h"
#include "archive/suspects.h"
#include "base/file.h"
#include "base/log.h"
#include "conf/text.h"
#include "mail/mbox.h"

#define GZIP_LEVEL 6
#define GZIP_WINDOW (15 + 16) /* zlib's way to ask for a gzip header */

struct kept {
	int64_t id; /* 0: free */
	struct rendering r;
};

struct render {
	const struct conf *conf;
	struct store *store;
	struct mask *mask;
	struct arena *arena; /* what is kept */
	struct kept *kept;   /* a hash table, open addressing, at most half full */
	size_t nkept, room;
	int64_t current; /* the message that is loaded, 0 for none */
	struct slice map;
	struct loaded loaded;
	struct buf text; /* while a body or mailbox entry is made */
	struct buf packed;
	z_stream zip;
};

struct render *
render_new(const struct conf *conf, struct store *st)
{
	struct render *r = calloc(1, sizeof *r);

	if (!r)
		fatal("no memory");
	r->conf = conf;
	r->store = st;
	r->mask = mask_new(conf->site_url, conf->domain, conf->delimiter);
	r->arena = arena_new();
	r->loaded.arena = arena_new();
	buf_init(&r->text, BUF_NO_LIMIT);
	buf_init(&r->packed, BUF_NO_LIMIT);
	if (deflateInit2(&r->zip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		fatal("zlib cannot be started");
	return r;
}

static void
unload(struct render *r)
{
	file_unmap(r->map);
	r->map = slice_make(NULL, 0);
	r->current = 0;
	arena_reset(r->loaded.arena);
}

void
render_free(struct render *r)
{
	if (!r)
		return;
	unload(r);
	mask_free(r->mask);
	arena_free(r->arena);
	arena_free(r->loaded.arena);
	buf_free(&r->text);
	buf_free(&r->packed);
	deflateEnd(&r->zip);
	free(r->kept);
	free(r);
}

void
render_trim(struct render *r, bool all)
{
	if (!all && arena_used(r->arena) < RENDER_KEEP_MAX)
		return;
	unload(r);
	arena_reset(r->arena);
	free(r->kept);
	r->kept = NULL;
	r->nkept = r->room = 0;
}

int
render_load(struct render *r, const struct overview_message *m, const struct loaded **l,
	    struct err *e)
{
	struct slice stored;

	*l = &r->loaded;
	if (r->current == m->id)
		return 0;
	unload(r);
	r->loaded.unshown =
	    suspects_condemned(store_suspects(r->store), SUSPECTS_PAGES, m->list, m->key);
	r->loaded.missing = r->loaded.unshown;
	if (!r->loaded.unshown && store_map(r->store, m->list, m->key, m->date, &r->map, e) < 0) {
		if (errno != ENOENT)
			return -1;
		log_warning("%s: message %s is missing in the store", m->list, m->key);
		r->loaded.missing = true;
	}
	stored = r->map;
	r->loaded.masked = mask_message(r->mask, r->loaded.arena, stored, &r->loaded.bytes);
	message_parse(&r->loaded.message, r->loaded.arena, r->loaded.bytes);
	r->current = m->id;
	return 0;
}

/* --- what is kept ------------------------------------------------------------------------------
 */

static struct kept *
slot_of(struct kept *v, size_t room, int64_t id)
{
	size_t i = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);

	while (v[i].id != 0 && v[i].id != id)
		i = (i + 1) & (room - 1);
	return &v[i];
}

static struct kept *
keep(struct render *r, int64_t id)
{
	struct kept *slot;

	if (r->nkept * 2 >= r->room) {
		size_t room = r->room ? r->room * 2 : 1024;
		struct kept *v = calloc(room, sizeof *v);

		if (!v)
			fatal("no memory");
		for (size_t i = 0; i < r->room; i++)
			if (r->kept[i].id != 0)
				*slot_of(v, room, r->kept[i].id) = r->kept[i];
		free(r->kept);
		r->kept = v;
		r->room = room;
	}
	slot = slot_of(r->kept, r->room, id);
	r->nkept += slot->id == 0;
	slot->id = id;
	return slot;
}

static struct kept *
find(struct render *r, int64_t id)
{
	struct kept *slot = r->room > 0 ? slot_of(r->kept, r->room, id) : NULL;

	return slot && slot->id == id ? slot : NULL;
}

static const char *
language_of(const struct render *r, const char *list)
{
	const struct conf_list *l = conf_list_find(r->conf, slice_str(list));
	const char *lang = text_language(slice_str(l ? l->language : r->conf->language));

	return lang ? lang : "en";
}

static struct attachment *
keep_attachments(struct arena *a, const struct attachment *v, size_t n)
{
	struct attachment *out = arena_array(a, n, sizeof *out);

	for (size_t i = 0; i < n; i++) {
		out[i] = v[i];
		out[i].name = arena_dup(a, v[i].name);
		out[i].file = arena_dup(a, v[i].file);
		out[i].type = arena_dup(a, v[i].type);
	}
	return out;
}

static void
put_unshown(struct buf *b, const char *lang)
{
	html_markup(b, "<p class=\"gone\">");
	html_str(b, text_phrase(lang, N_("This message could not be shown.")));
	html_markup(b, "</p>\n");
}

static int
make(struct render *r, const struct overview_message *m, struct rendering *out, struct err *e)
{
	struct body_style style = {language_of(r, m->list), r->conf->domain, SLICE(""), NULL};
	const struct loaded *l;
	struct attachment *v;

	if (render_load(r, m, &l, e) < 0)
		return -1;
	out->excerpt = arena_dup(r->arena, body_excerpt(l->arena, &l->message, RENDER_EXCERPT));
	style.words = out->excerpt;
	style.mask = r->mask;
	buf_clear(&r->text);
	out->unshown = l->unshown;
	if (l->unshown)
		put_unshown(&r->text, style.lang);
	else
		body_put(&r->text, l->arena, &l->message, &style);
	out->body = arena_dup(r->arena, buf_slice(&r->text));
	out->nattachments = attachments_of(l->arena, &l->message, &v);
	out->attachments = keep_attachments(r->arena, v, out->nattachments);
	return 0;
}

static int
get(struct render *r, const struct overview_message *m, struct kept **k, struct err *e)
{
	struct rendering made = {.nattachments = 0};
	int ret;

	*k = find(r, m->id);
	if (*k)
		return 0;
	suspects_hold(store_suspects(r->store), SUSPECTS_PAGES, m->list, m->key);
	ret = make(r, m, &made, e);
	suspects_drop(store_suspects(r->store));
	if (ret < 0)
		return -1;
	*k = keep(r, m->id);
	(*k)->r = made;
	return 0;
}

int
render_get(struct render *r, const struct overview_message *m, const struct rendering **out,
	   struct err *e)
{
	struct kept *k;

	if (get(r, m, &k, e) < 0)
		return -1;
	*out = &k->r;
	return 0;
}

/* --- mailboxes ---------------------------------------------------------------------------------
 */

static struct slice
deflated(struct render *r, struct slice s)
{
	size_t bound;
	char *to;

	deflateReset(&r->zip);
	bound = deflateBound(&r->zip, (uLong)s.n);
	buf_clear(&r->packed);
	to = buf_reserve(&r->packed, bound);
	/* A message has at most a few hundred megabytes, far less than zlib's unsigned int. */
	r->zip.next_in = (Bytef *)(uintptr_t)s.p;
	r->zip.avail_in = (uInt)s.n;
	r->zip.next_out = (Bytef *)to;
	r->zip.avail_out = (uInt)bound;
	if (deflate(&r->zip, Z_FINISH) != Z_STREAM_END)
		fatal("zlib: a message cannot be packed");
	return slice_make(to, bound - r->zip.avail_out);
}

int
render_member(struct render *r, const struct overview_message *m, struct slice *member,
	      struct err *e)
{
	const struct loaded *l;
	struct kept *k;
	int ret = 0;

	if (get(r, m, &k, e) < 0)
		return -1;
	if (k->r.member.n == 0) {
		suspects_hold(store_suspects(r->store), SUSPECTS_PAGES, m->list, m->key);
		ret = render_load(r, m, &l, e);
		if (ret == 0) {
			buf_clear(&r->text);
			mbox_put(&r->text, m->from_address, m->received, l->bytes);
			k->r.member = arena_dup(r->arena, deflated(r, buf_slice(&r->text)));
		}
		suspects_drop(store_suspects(r->store));
	}
	*member = k->r.member;
	return ret;
}
