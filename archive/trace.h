/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace: by what a quote of a message is known again, in a few numbers: who wrote it, its subject,
 * and a sample of the runs of five words in its own lines. Runs, not lines: mailers wrap what they
 * quote anew. A number is a 32-bit hash; 0 stands for nothing.
 */
#ifndef ARCHIVE_TRACE_H
#define ARCHIVE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

#define TRACE_RUNS_MAX 96           /* kept of one message: some 190 of its words */
#define TRACE_TEXT_MAX (256 * 1024) /* bytes of a text whose words are looked at */

struct trace {
	uint32_t name, address, subject;
	const uint32_t *runs; /* rising, none twice */
	size_t nruns;
};

/* Of the words of a short text, whatever stands between them; ASCII case is folded. */
uint32_t trace_hash(struct slice text);
/* The hashes of all rows of one to four words of a text, at most max: how many. */
size_t trace_names(struct slice text, uint32_t *out, size_t max);
/* Is this word (three letters or more, any ASCII case) among those of text? */
bool trace_has_word(struct slice text, struct slice word);
/* Takes the next word off *s. */
bool trace_next_word(struct slice *s, struct slice *word);

/* Gathers the runs of lines that belong together. */
struct runs;
struct runs *runs_new(struct arena *a);
void runs_add(struct runs *r, struct slice line);
/* Rising, none twice; of more than max the least ones. */
size_t runs_end(struct runs *r, size_t max, const uint32_t **out);
size_t runs_common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb);

/* As bytes for a table, and back: false if they are none. */
struct slice trace_pack(const struct trace *t, struct arena *a);
bool trace_unpack(struct trace *t, struct arena *a, struct slice bytes)
    __attribute__((warn_unused_result));

#endif
