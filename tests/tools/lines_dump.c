/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines_dump FILE…: the text of each mail (NAME.eml), HTML page (NAME.html) or plain text as lines,
 * each with whose it is: O own, Q quote, A attribution, S signature; then its depth, "|", the line.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/file.h"
#include "mail/readable.h"

#define FILE_MAX ((size_t)64 << 20)

static struct slice
text_of(struct arena *a, const char *path, struct slice bytes)
{
	struct slice name = slice_str(path);
	struct message m;

	if (slice_ends_ci(name, SLICE(".html")))
		return html_to_text(a, bytes);
	if (!slice_ends_ci(name, SLICE(".eml")))
		return bytes;
	message_parse(&m, a, bytes);
	return readable_text(&m, a);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	int ret = 0;

	for (int i = 1; i < argc; i++) {
		struct text_line *lines;
		struct slice bytes;
		struct err e;
		size_t n;

		if (file_read(AT_FDCWD, argv[i], FILE_MAX, a, &bytes, &e) < 0) {
			fprintf(stderr, "lines_dump: %s\n", e.text);
			ret = 1;
			continue;
		}
		n = readable_lines(a, text_of(a, argv[i], bytes), &lines);
		printf("=== %s %zu\n", argv[i], n);
		for (size_t k = 0; k < n; k++) {
			printf("%c%d|", "OQAS"[lines[k].kind], lines[k].depth);
			fwrite(lines[k].text.p, 1, lines[k].text.n, stdout);
			putchar('\n');
		}
		arena_reset(a);
	}
	arena_free(a);
	return ret;
}
