/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS answer from hostile bytes: what is read of it keeps to its limits. */
#include "config.h"

#include <stdint.h>

#include "base/log.h"
#include "daemon/txt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good)
		fatal("not so: %s", what);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct txt_answer answer;
	txt_read(a, "_dmarc.example.org", slice_make((const char *)data, size), &answer);
	must(answer.n <= TXT_TEXTS_MAX, "no more texts than the limit");
	must(answer.ttl >= 0 && answer.ttl <= 0x7fffffff, "a time to live is one");
	must((answer.status == TXT_FAILED) == (answer.why != NULL), "a failure says why");
	if (answer.status != TXT_FAILED)
		must((answer.status == TXT_FOUND) == (answer.n > 0), "found is what has texts");
	for (size_t i = 0; i < answer.n; i++)
		must(answer.text[i].n <= TXT_BYTES_MAX, "no text longer than the limit");
	arena_free(a);
	return 0;
}
