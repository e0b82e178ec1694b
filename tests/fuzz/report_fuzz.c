/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_fuzz: a whole mail read as a report. Nothing may crash or read past its end, no address
 * may come twice, and what is no report names nobody.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "mail/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct message m;
	struct report r;
	message_parse(&m, a, slice_make((const char *)data, size));
	report_parse(&r, a, &m, slice_make(NULL, 0));
	need(r.is_report == (r.n > 0));
	for (size_t i = 0; i < r.n; i++) {
		need(utf8_valid(r.v[i].diagnostic));
		need(r.v[i].diagnostic.n == 0 ||
		     slice_find_char(r.v[i].diagnostic, '\n') == r.v[i].diagnostic.n);
		need(!r.v[i].hard || report_points(&r.v[i]) == 2);
		for (size_t k = 0; k < i && i < 50; k++)
			need(!slice_eq_ci(r.v[i].recipient, r.v[k].recipient));
	}
	arena_free(a);
	return 0;
}
