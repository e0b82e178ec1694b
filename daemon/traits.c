/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traits: see traits.h.
 */
#include "daemon/traits.h"

#include "base/utf8.h"
#include "conf/rules.h"
#include "mail/header.h"
#include "mail/readable.h"

#define VALUE_MAX 1000 /* bytes of a field that a rule is held against: verdicts are short */
#define SHOWN_MAX 100  /* characters of a name */

bool
traits_attachment(struct arena *a, const struct message *m, const struct strings *kinds,
		  struct buf *detail)
{
	struct readable_part *parts;
	size_t n = kinds->n ? readable_parts(m, a, &parts) : 0;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].kind != READABLE_ATTACHMENT)
			continue;
		const struct part *p = &m->parts[parts[i].part];
		struct slice name = part_filename(a, p);
		for (size_t k = 0; k < kinds->n; k++) {
			if (!rules_attachment_is(kinds->v[k], name, p->type, p->subtype))
				continue;
			if (name.n)
				buf_put_slice(detail, utf8_head(name, SHOWN_MAX));
			else
				buf_printf(detail, "%.*s/%.*s", SLICE_ARG(p->type),
					   SLICE_ARG(p->subtype));
			return true;
		}
	}
	return false;
}

bool
traits_header(struct arena *a, const struct message *m, const struct conf_header_rules *rules,
	      struct buf *detail)
{
	const struct part *p = &m->parts[0];
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; k < p->nfields; k++) {
			const struct field *f = &p->fields[k];
			if (!slice_is_ci(f->name, rules->v[i].name))
				continue;
			struct slice value = slice_sub(header_unfold(a, f->value), 0, VALUE_MAX);
			if (!slice_like_ci(value, slice_str(rules->v[i].pattern)))
				continue;
			buf_puts(detail, rules->v[i].text);
			return true;
		}
	return false;
}
