/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: see record.h. */
#include "daemon/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crash.h"
#include "base/hand.h"
#include "base/log.h"
#include "base/utf8.h"
#include "daemon/bounce.h"
#include "daemon/fate.h"
#include "daemon/portion.h"
#include "daemon/smtp.h"

/* What queue_record does not need of a result. */
struct note {
	struct letter *letter;
	int64_t subscription;
	struct slice recipient;
	enum smtp_about about;
};

struct record {
	struct db *db;
	int out_fd;
	struct arena *arena;
	struct queue_result *results;
	struct note *notes;
	size_t n, results_room, notes_room;
	struct record_counts counts;
};

struct record *
record_new(struct db *db, int out_fd)
{
	struct record *rec = calloc(1, sizeof(*rec));
	if (!rec)
		fatal("no memory");
	rec->db = db;
	rec->out_fd = out_fd;
	rec->arena = arena_new();
	return rec;
}

void
record_free(struct record *rec)
{
	arena_free(rec->arena);
	free(rec->results);
	free(rec->notes);
	free(rec);
}

size_t
record_waiting(const struct record *rec)
{
	return rec->n;
}

const struct record_counts *
record_counts(const struct record *rec)
{
	return &rec->counts;
}

/* The relay's words as one clean line. */
static struct slice
one_line(struct arena *a, struct slice text)
{
	char *s = arena_str(a, utf8_cleaned(a, text));
	for (char *c = s; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return slice_trim(slice_str(s));
}

void
record_add(struct record *rec, const struct flight *f, const struct job_item *it)
{
	static const int what[] = {
	    [SMTP_SENT] = QUEUE_SENT,
	    [SMTP_TEMPORARY] = QUEUE_TEMPORARY,
	    [SMTP_PERMANENT] = QUEUE_PERMANENT,
	};
	rec->results = hand_grow(rec->results, rec->n, &rec->results_room, sizeof(*rec->results));
	rec->notes = hand_grow(rec->notes, rec->n, &rec->notes_room, sizeof(*rec->notes));
	struct queue_result *r = &rec->results[rec->n];
	struct note *note = &rec->notes[rec->n++];
	memset(r, 0, sizeof(*r));
	*note = (struct note){.letter = f->letter, .subscription = f->subscription};
	r->id = f->row;
	r->out = f->letter->out;
	r->what = (typeof(r->what))what[it->what];
	if (it->what == SMTP_SENT)
		return;
	note->about = (enum smtp_about)it->about;
	note->recipient = slice_str(arena_str(rec->arena, slice_str(f->recipient)));
	r->error = one_line(rec->arena, it->text);
}

/* --- T2 --------------------------------------------------------------------------------------- */

/* A recipient that was refused for good, or for too long: what does it say of the member? */
static int
record_bounce(struct record *rec, const struct queue_result *r, const struct note *note,
	      int64_t now, struct err *e)
{
	const struct letter *l = note->letter;
	struct bounce b = {
	    .list = l->mail.list, .subscription = note->subscription, .seq = l->mail.seq & 0xffff};
	if (note->subscription == 0)
		return 0;
	bounce_classify(&b, r->error, note->about == SMTP_ABOUT_RCPT);
	/* Only a word about this very recipient can be held against a member. */
	bool about_him = note->about == SMTP_ABOUT_RCPT ||
			 (note->about == SMTP_ABOUT_DATA && !portion_is_shared(l));
	if (r->expired) {
		b.hard = false;
		b.members_fault = true;
	}
	b.members_fault &= about_him;
	return bounce_record(rec->db, &b, now, e);
}

static int
record_fate(struct record *rec, const struct queue_result *r, const struct note *note, int64_t now,
	    struct err *e)
{
	bool failed = r->what == QUEUE_PERMANENT || r->expired;
	if (!(note->letter->mail.flags & QUEUE_TRACED) || r->gone ||
	    (r->what == QUEUE_TEMPORARY && !r->expired))
		return 0;
	return fate_end(rec->db, r->out, failed ? "failed" : "delivered", r->error, now, e);
}

static bool
is_refusal(const struct queue_result *r)
{
	return !r->gone && (r->what == QUEUE_PERMANENT || r->expired);
}

static int
write_down(struct record *rec, int64_t now, struct err *e)
{
	if (db_begin(rec->db, e) < 0)
		return -1;
	if (queue_record(rec->db, rec->results, rec->n, now, e) < 0)
		goto fail;
	for (size_t i = 0; i < rec->n; i++)
		if (record_fate(rec, &rec->results[i], &rec->notes[i], now, e) < 0 ||
		    (is_refusal(&rec->results[i]) &&
		     record_bounce(rec, &rec->results[i], &rec->notes[i], now, e) < 0))
			goto fail;
	crash_point("deliver.sent");
	if (db_commit(rec->db, e) == 0)
		return 0;
fail:
	db_rollback(rec->db);
	return -1;
}

/* --- afterwards ------------------------------------------------------------------------------- */

static const char *
name_of(const struct letter *l)
{
	static char name[ID_MAX + 64];
	snprintf(name, sizeof(name), "%s %s", l->mail.kind, l->mail.spool);
	return name;
}

static void
count(struct record *rec, const struct queue_result *r, const struct note *note)
{
	struct letter *l = note->letter;
	if (r->gone)
		return;
	if (r->what == QUEUE_SENT) {
		l->sent++;
		rec->counts.sent++;
	} else if (is_refusal(r)) {
		l->permanent++;
		rec->counts.permanent++;
		log_info("%s: %s to %s: %s: %s", l->mail.list[0] ? l->mail.list : "site",
			 name_of(l), log_str(note->recipient), r->expired ? "given up" : "refused",
			 log_str(r->error));
	} else {
		l->temporary++;
		rec->counts.temporary++;
		log_debug("%s: %s to %s: later: %s", l->mail.list, name_of(l),
			  log_str(note->recipient), log_str(r->error));
	}
}

static void
remove_file(const struct record *rec, const char *file)
{
	if (unlinkat(rec->out_fd, file, 0) < 0 && errno != ENOENT)
		log_error("out/%s: %m", file);
	crash_point("deliver.removed");
}

int
record_commit(struct record *rec, struct turns *t, int64_t now, struct err *e)
{
	if (rec->n == 0)
		return 0;
	if (write_down(rec, now, e) < 0)
		return -1;
	crash_point("deliver.recorded");
	for (size_t i = 0; i < rec->n; i++) {
		count(rec, &rec->results[i], &rec->notes[i]);
		if (rec->results[i].file[0])
			remove_file(rec, rec->results[i].file);
		turns_settled(t, rec->notes[i].letter);
	}
	rec->n = 0;
	arena_reset(rec->arena);
	return 0;
}
