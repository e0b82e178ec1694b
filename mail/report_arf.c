/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_arf: message/feedback-report parts (RFC 5965 3): fields as in a header. Hubs differ in
 * where they put the address: Original-Rcpt-To, Removal-Recipient (opt-out reports), Removed by
 * most. Abuse-Type is what ReturnPath's reports said before there was an RFC.
 */
#include "config.h"
#include "mail/report_arf.h"

#include "mail/address.h"
#include "mail/field.h"

#define FEEDBACK_MAX (64 * 1024) /* the part is a dozen lines */

static const char *const recipient_fields[] = {"Original-Rcpt-To", "Removal-Recipient",
					       "Original-Recipient", "X-HmXmrOriginalRecipient"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
is_recipient_field(const struct field *f)
{
	for (size_t i = 0; i < COUNT(recipient_fields); i++)
		if (field_is(f, recipient_fields[i]))
			return true;
	return false;
}

static void
read_feedback(struct slice text, struct arena *a, struct report_feedback *out)
{
	struct address ad;
	struct field f;
	struct slice line;
	out->type = SLICE("abuse");
	out->recipient = out->mail_from = slice_make(NULL, 0);
	while (text.n > 0) {
		if (!field_next(&text, &f)) {
			slice_next_line(&text, &line);
			continue;
		}
		if (field_is(&f, "Feedback-Type"))
			out->type = slice_trim(f.value);
		else if (out->recipient.n == 0 && is_recipient_field(&f) &&
			 address_parse_first(a, f.value, &ad))
			out->recipient = ad.text;
		else if (field_is(&f, "Original-Mail-From") && address_parse_first(a, f.value, &ad))
			out->mail_from = ad.text;
	}
	out->type = slice_str(arena_lower(a, out->type));
}

bool
report_arf_parse(const struct message *m, struct arena *a, struct report_feedback *out)
{
	for (size_t i = 0; i < m->nparts; i++) {
		if (m->parts[i].kind == PART_MESSAGE)
			return false; /* what it reports on comes after the report */
		if (!part_is(&m->parts[i], "message", "feedback-report"))
			continue;
		read_feedback(part_decode(a, &m->parts[i], FEEDBACK_MAX), a, out);
		return true;
	}
	return false;
}
