/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rewrite: see rewrite.h. */
#include "config.h"
#include "daemon/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "conf/data.h"
#include "daemon/authserv.h"
#include "daemon/dkim.h"
#include "daemon/dmarc.h"

#define FILE_MAX (256 << 10)
#define SIGNATURES_MAX 10 /* of a message that are looked at; verifiers stop there, too */

static struct {
	struct arena *arena;
	struct slice text;
} enforcing;

/* --- domains that enforce without saying so -------------------------------------------------- */

void
rewrite_unload(void)
{
	arena_free(enforcing.arena);
	memset(&enforcing, 0, sizeof(enforcing));
}

int
rewrite_load(struct err *e)
{
	struct data_place places[DATA_PLACES_MAX];
	rewrite_unload();
	enforcing.arena = arena_new();
	int n = data_places(enforcing.arena, places);
	for (int i = 0; i < n; i++) {
		const char *path =
		    arena_printf(enforcing.arena, "%s/../dmarc-enforcing", places[i].templates);
		if (file_read(AT_FDCWD, path, FILE_MAX, enforcing.arena, &enforcing.text, e) == 0)
			return 0;
		if (errno != ENOENT)
			return -1;
	}
	log_warning("conf/dmarc-enforcing is missing: no domain counts as enforcing unless it "
		    "says so");
	return 0;
}

static bool
known_to_enforce(struct slice domain)
{
	struct slice rest = enforcing.text, line, word;
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '#', &line, &word);
		if (slice_next_word(&line, &word) && slice_eq_ci(word, domain))
			return true;
	}
	return false;
}

/* --- signatures ----------------------------------------------------------------------------- */

/*
 * Fields that every copy adds or takes away (send.c). A signature that covers one is broken even if
 * the author's message had none: absence can be signed, too (RFC 6376 5.4.2).
 */
static const char *const always_changed[] = {"Bcc",
					     "Disposition-Notification-To",
					     "Return-Receipt-To",
					     "List-*",
					     "Archived-At",
					     "Precedence",
					     "Errors-To",
					     NULL};

static bool
survives(const struct dkim_signature *s, const struct rewrite_changes *c)
{
	for (const char *const *name = always_changed; *name; name++)
		if (dkim_covers(s, *name))
			return false;
	return !c->body && !(c->subject && dkim_covers(s, "Subject")) &&
	       !(c->reply_to && dkim_covers(s, "Reply-To")) &&
	       !(c->msgid && dkim_covers(s, "Message-ID"));
}

/* Is there a signature of the author's domain that nobody found bad, and that the copies keep? */
static bool
stays_signed(struct work *w, const struct rewrite_changes *c, bool strict)
{
	const struct part *p = &w->message.parts[0];
	struct slice domain = w->author.domain;
	int n = 0;
	for (size_t i = 0; i < p->nfields && n < SIGNATURES_MAX; i++) {
		struct dkim_signature s;
		if (!slice_is_ci(p->fields[i].name, "DKIM-Signature"))
			continue;
		n++;
		if (dkim_parse(w->arena, p->fields[i].value, &s) && s.expires > w->now &&
		    dmarc_aligned(w->arena, s.domain, domain, strict) && survives(&s, c))
			return authserv_dkim(w->arena, w->site->conf, &w->message, domain,
					     strict) != AUTHSERV_FAIL;
	}
	return false;
}

/* --- the decision ---------------------------------------------------------------------------- */

/* The site's mail server signs for these itself, and no list of the site keeps its own name out. */
static bool
is_own(const struct conf *conf, struct slice domain)
{
	struct slice own = slice_str(conf->domain);
	return slice_eq_ci(domain, own) || (domain.n > own.n && slice_ends_ci(domain, own) &&
					    domain.p[domain.n - own.n - 1] == '.');
}

/* What is known of the policy without DNS. */
static struct policy
policy_at_hand(struct work *w, const struct policy *asked)
{
	struct policy p = *asked;
	if (p.says != POLICY_UNKNOWN)
		return p;
	if (known_to_enforce(w->author.domain)) {
		p.says = POLICY_ENFORCES;
		return p;
	}
	int said = authserv_policy(w->arena, w->site->conf, &w->message, w->author.domain);
	if (said >= 0)
		p.says = said ? POLICY_ENFORCES : POLICY_NONE;
	return p;
}

enum rewrite_verdict
rewrite_decide(struct work *w, const struct conf_list *l, const struct rewrite_changes *c,
	       const struct policy *asked)
{
	if (w->author.text.n == 0 || l->rewrite_from == REWRITE_NEVER)
		return REWRITE_LEAVE;
	if (l->rewrite_from == REWRITE_ALWAYS)
		return REWRITE_ACT;
	/* A signature by the very domain is good whatever the record says of alignment. */
	if (is_own(w->site->conf, w->author.domain) || stays_signed(w, c, true))
		return REWRITE_LEAVE;
	struct policy p = policy_at_hand(w, asked);
	if (p.says == POLICY_UNKNOWN)
		return REWRITE_ASK;
	if (p.says == POLICY_NONE || (!p.strict && stays_signed(w, c, false)))
		return REWRITE_LEAVE;
	return REWRITE_ACT;
}
