/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_says: see report_says.h.
 */
#include "config.h"
#include "mail/report_says.h"

#include "mail/report_fold.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* All in lower case, single spaces. */
static const char *const failed_words[] = {
    "undeliver",
    "not delivered",
    "not be delivered",
    "n't be delivered",
    "cannot be delivered",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "returning to sender",
    "failure notice",
    "failure delivery",
    "delivery fail",
    "delivery has failed",
    "delivery problem",
    "delivery error",
    "failed delivery",
    "non-delivery",
    "nondeliver",
    "mail error",
    "mail system error",
    "mail failed",
    "mail failure",
    "processing error",
    "permanent error",
    "delivery status notification",
    "error during delivery",
    "error sending your mail",
    "unable to deliver",
    "could not send",
    "not reach",
    "user unknown",
    "no such user",
    "is not known",
    "invalid user address",
    "not a valid user",
    "mailbox is full",
    "loop alert",
    "not member",
    "メールエラー",
    "配信不能",
    "送信できませんでした",
    "non remis",
    "non distribu",
    "échec de la remise",
    "unzustellbar",
    "nicht zugestellt",
    "no se pudo entregar",
    "no pudo ser entregado",
    "no entregado",
    "não entregue",
    "mancato recapito",
    "onbestelbaar",
    "не доставлено",
    "недоставленное",
    "не может быть доставлено",
    "退信",
    "无法投递",
};

static const char *const delayed_words[] = {
    "not yet been delivered",
    "warning message only",
    "this is a warning only",
    "do not need to resend",
    "do not need to re-send",
    "do not resend your original",
    "has been delayed",
    "message delayed",
    "is delayed for",
    "delayed mail",
    "still being retried",
    "will be retried",
    "attempts will continue",
    "attempts to deliver will continue",
    "will continue to be made",
    "will keep trying",
    "notification (delay)",
    "could not send mail for past",
    "could not send message for past",
    "temporary failure report",
};

static const char *const delivered_words[] = {
    "successfully delivered",         "successful delivery",
    "delivered successfully",         "notification (success)",
    "was delivered to the following", "successfully relayed",
};

bool
report_is_quoted(struct slice line)
{
	struct slice s = slice_trim(line);
	return slice_starts(s, SLICE(">")) && !slice_starts(s, SLICE(">>>"));
}

static bool
says(struct slice text, const char *const *words, size_t n)
{
	struct folded f;
	struct slice line;
	while (slice_next_line(&text, &line)) {
		if (report_is_quoted(line))
			continue;
		report_fold(&f, line);
		for (size_t i = 0; i < n; i++)
			if (slice_find(slice_make(f.p, f.n), slice_str(words[i])) < f.n)
				return true;
	}
	return false;
}

bool
report_says_failed(struct slice text)
{
	return says(text, failed_words, COUNT(failed_words));
}

bool
report_says_delayed(struct slice text)
{
	return says(text, delayed_words, COUNT(delayed_words));
}

bool
report_says_delivered(struct slice text)
{
	return says(text, delivered_words, COUNT(delivered_words));
}
