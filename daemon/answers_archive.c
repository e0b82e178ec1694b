/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_archive: posts from the archive by mail. The list role knows nothing of the archive's
 * inside: it reads what everyone can read, the published files below html/.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/answers.h"
#include "mail/header.h"
#include "mail/mbox.h"
#include "mail/msgid.h"
#include "mail/readable.h"

#define FILE_MAX (64 * 1024 * 1024) /* of a published file that is looked at */
#define UNZIPPED_MAX (128 << 20)    /* of a mailbox */
#define POST_MAX 60000              /* characters of one post in an answer */
#define INDEX_MAX 500               /* posts listed */

const char *
answer_key(struct command *c, struct slice *rest)
{
	struct slice word;
	char key[KEY_SIZE];
	if (!slice_next_word(rest, &word))
		return "";
	if (key_valid(word))
		return arena_lower(c->w->arena, word);
	struct slice id = msgid_parse(c->w->arena, word);
	if (id.n == 0)
		id = word;
	if (slice_find_char(id, '@') == id.n)
		return "";
	msgid_key(id, key);
	return arena_str(c->w->arena, slice_str(key));
}

/* What can't be sent by mail is still there. */
static int
say_where(struct command *c, const char *part, const struct err *why)
{
	const char *url =
	    arena_printf(c->w->arena, "%s/%s/%s", c->w->site->conf->site_url, c->list->name, part);
	log_warning("%s: %s: %s", c->w->id, url, why->text);
	buf_printf(c->out, "%s\n%s",
		   text_phrase(c->lang, N_("This can't be sent by mail. It is here:")), url);
	return 0;
}

/* A published file of the list: 1, 0 after saying why not, -1. */
static int
published(struct command *c, const char *part, struct slice *bytes, struct err *e)
{
	const char *path =
	    conf_path(c->w->site->conf, c->w->arena, "html/%s/%s", c->list->name, part);
	if (file_read(AT_FDCWD, path, FILE_MAX, c->w->arena, bytes, e) == 0)
		return 1;
	if (e->kind == ERR_TEMPORARY)
		return -1;
	if (errno != ENOENT && errno != ENOTDIR)
		return say_where(c, part, e);
	buf_puts(c->out, text_phrase(c->lang, N_("The archive of this list has nothing under that "
						 "name.")));
	return 0;
}

static void
put_post(struct command *c, struct slice bytes)
{
	static const char *const shown[] = {"From", "Date", "Subject", "Message-ID"};
	struct arena *a = arena_new();
	struct message m;
	message_parse(&m, a, bytes);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		buf_printf(c->out, "%s: %.*s\n", shown[i],
			   SLICE_ARG(header_text(a, message_value(&m, shown[i]))));
	buf_putc(c->out, '\n');
	buf_put_slice(c->out, utf8_head(slice_trim(readable_text(&m, a)), POST_MAX));
	buf_puts(c->out, "\n\n");
	arena_free(a);
}

/* All members of a gzip file, one after the other. */
static int
unzip(struct slice zipped, struct buf *out, struct err *e)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)zipped.p, .avail_in = (uInt)zipped.n};
	int r = inflateInit2(&z, 15 + 16);
	while (r == Z_OK || (r == Z_STREAM_END && z.avail_in > 0)) {
		char *p = buf_reserve(out, 65536);
		if (!p)
			break;
		if (r == Z_STREAM_END)
			inflateReset(&z);
		z.next_out = (Bytef *)p;
		z.avail_out = 65536;
		r = inflate(&z, Z_NO_FLUSH);
		out->n += 65536 - z.avail_out;
	}
	inflateEnd(&z);
	return r == Z_STREAM_END ? 0
				 : err_permanent(e, "a published mailbox is damaged or too large");
}

/* The messages of a published mailbox, to each. */
static int
each_of_mailbox(struct command *c, const char *part,
		void (*each)(struct command *c, struct slice bytes), struct err *e)
{
	struct slice zipped, rest, from, raw;
	struct buf box, message;
	size_t n = 0;
	int ret = published(c, part, &zipped, e);
	if (ret != 1)
		return ret;
	buf_init(&box, UNZIPPED_MAX);
	buf_init(&message, UNZIPPED_MAX);
	ret = unzip(zipped, &box, e);
	rest = slice_sub(buf_slice(&box), 0, ret == 0 ? box.n : 0);
	if (ret < 0)
		ret = say_where(c, part, e);
	while (n++ < INDEX_MAX && mbox_next(&rest, &from, &raw)) {
		buf_clear(&message);
		each(c, mbox_unquote(&message, raw));
	}
	buf_free(&box);
	buf_free(&message);
	return ret;
}

/* "get KEY", "get <message-id>", "get thread KEY". */
int
answer_get(struct command *c, struct err *e)
{
	struct slice rest = c->args, word, bytes;
	bool thread = slice_next_word(&rest, &word) && slice_is_ci(word, "thread");
	if (!thread)
		rest = c->args;
	const char *key = answer_key(c, &rest);
	if (!key[0]) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("\"get\" wants the key of a post, as it stands "
						 "in its address, or its Message-ID.")));
		return 0;
	}
	if (thread)
		return each_of_mailbox(c, arena_printf(c->w->arena, "t/%s/mbox.gz", key), put_post,
				       e);
	int found = published(c, arena_printf(c->w->arena, "m/%s/raw", key), &bytes, e);
	if (found == 1)
		put_post(c, bytes);
	return found < 0 ? -1 : 0;
}

static void
put_index_line(struct command *c, struct slice bytes)
{
	struct arena *a = arena_new();
	struct message m;
	struct identity id;
	struct slice from;
	message_parse(&m, a, bytes);
	msgid_identify(&id, a, bytes, c->w->site->conf->domain);
	from = header_text(a, message_value(&m, "From"));
	buf_printf(c->out, "%s\n  %.*s\n  %.*s\n", id.key,
		   SLICE_ARG(header_text(a, message_value(&m, "Subject"))), SLICE_ARG(from));
	arena_free(a);
}

/* "index" (this month) or "index YYYY-MM". */
int
answer_index(struct command *c, struct err *e)
{
	struct slice rest = c->args, word;
	int64_t year, month;
	int y, m, d;
	clock_civil(c->w->now, &y, &m, &d);
	if (slice_next_word(&rest, &word)) {
		if (word.n != 7 || word.p[4] != '-' ||
		    !num_parse(slice_sub(word, 0, 4), 1980, 9999, &year) ||
		    !num_parse(slice_sub(word, 5, 2), 1, 12, &month)) {
			buf_puts(c->out,
				 text_phrase(c->lang, N_("\"index\" wants a month as YYYY-MM.")));
			return 0;
		}
		y = (int)year;
		m = (int)month;
	}
	return each_of_mailbox(c, arena_printf(c->w->arena, "%04d/%02d/mbox.gz", y, m),
			       put_index_line, e);
}
