/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portion: see portion.h. */
#include "daemon/portion.h"

#include <string.h>

#include "daemon/job.h"
#include "daemon/send.h"

#define LINES_MAX 4096

void
portion_init(struct portion_maker *pm, const struct conf *conf, const struct token_keys *keys)
{
	pm->conf = conf;
	pm->keys = keys;
	buf_init(&pm->lines, LINES_MAX);
	buf_init(&pm->path, LINES_MAX);
}

void
portion_free(struct portion_maker *pm)
{
	buf_free(&pm->lines);
	buf_free(&pm->path);
}

bool
portion_is_shared(const struct letter *l)
{
	return strcmp(l->mail.copies, "shared") == 0 && strcmp(l->mail.kind, "post") == 0;
}

/* What the list sends to its members carries their way out; what we say ourselves does not. */
static bool
has_leave_lines(const struct letter *l)
{
	return strcmp(l->mail.kind, "post") == 0 || strcmp(l->mail.kind, "digest") == 0;
}

static void
set_personal(struct portion_maker *pm, const struct letter *l, int64_t subscription, int64_t now,
	     struct job_item *it)
{
	buf_clear(&pm->lines);
	buf_clear(&pm->path);
	if (!(l->mail.flags & QUEUE_NULL_RETURN))
		send_personal(pm->conf, pm->keys, l->mail.list, subscription, l->mail.seq, now,
			      &pm->lines, &pm->path);
	it->return_path = buf_slice(&pm->path);
	it->lines = has_leave_lines(l) ? buf_slice(&pm->lines) : slice_make(NULL, 0);
}

void
portion_put(struct portion_maker *pm, const struct letter *l, const struct queue_row *rows,
	    size_t n, bool with_mail, int64_t now, struct buf *packet)
{
	struct job_item it = {
	    .kind = JOB_MAIL, .id = l->out, .body_at = l->mail.body_at, .flags = l->mail.flags};
	bool shared = portion_is_shared(l);
	if (with_mail)
		job_put(packet, &it);
	it.kind = JOB_WORK;
	if (shared)
		set_personal(pm, l, 0, now, &it);
	for (size_t i = 0; i < n; i++) {
		it.rcpt[it.nrcpt++] = (struct job_rcpt){rows[i].id, rows[i].recipient};
		if (shared && i + 1 < n)
			continue;
		if (!shared)
			set_personal(pm, l, rows[i].subscription, now, &it);
		job_put(packet, &it);
		it.nrcpt = 0;
	}
}
