/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * body_dump [-l LANG] [-d DOMAIN] FILE…: each mail's body as a page shows it (body.h), its pictures
 * below "FOLDER/": before each a line "=== FILE", the subject and the names of its attachments as
 * they stand in pages.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "archive/body.h"
#include "archive/html.h"
#include "archive/links.h"
#include "base/file.h"
#include "conf/text.h"
#include "mail/attachments.h"
#include "mail/header.h"

#define FILE_MAX ((size_t)64 << 20)
#define EXCERPT 280

static void
put_heading(struct buf *b, struct arena *a, const struct message *m, const char *domain)
{
	struct attachment *files;
	size_t n = attachments_of(a, m, &files);
	struct buf hidden;

	buf_init(&hidden, BUF_NO_LIMIT);
	links_hide(&hidden, header_text(a, message_value(m, "Subject")), domain);
	html_markup(b, "<h1>");
	html_line(b, buf_slice(&hidden), 300);
	html_markup(b, "</h1>\n");
	for (size_t i = 0; i < n; i++) {
		html_markup(b, "<h2>");
		html_line(b, files[i].name, 100);
		html_markup(b, " ");
		html_line(b, files[i].type, 60);
		html_markup(b, "</h2>\n");
	}
	buf_free(&hidden);
}

static int
dump(struct arena *a, struct buf *b, const char *path, struct body_style *style)
{
	struct slice bytes;
	struct message m;
	struct buf body;
	struct err e;

	if (file_read(AT_FDCWD, path, FILE_MAX, a, &bytes, &e) < 0) {
		fprintf(stderr, "body_dump: %s\n", e.text);
		return 1;
	}
	message_parse(&m, a, bytes);
	style->words = body_excerpt(a, &m, EXCERPT);
	buf_init(&body, BUF_NO_LIMIT);
	body_put(&body, a, &m, style);
	buf_clear(b);
	put_heading(b, a, &m, style->domain);
	body_place(b, buf_slice(&body), SLICE("FOLDER/"));
	printf("=== %s\n", path);
	fwrite(b->p, 1, b->n, stdout);
	buf_free(&body);
	return 0;
}

int
main(int argc, char **argv)
{
	struct body_style style = {"en", "lists.example.org", SLICE(""), NULL};
	struct arena *a = arena_new();
	struct buf b;
	struct err e;
	int c, ret = 0;

	while ((c = getopt(argc, argv, "l:d:")) != -1) {
		if (c == 'l')
			style.lang = optarg;
		else if (c == 'd')
			style.domain = optarg;
		else
			return 2;
	}
	if (text_load(&e) < 0) {
		fprintf(stderr, "body_dump: %s\n", e.text);
		return 1;
	}
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = optind; i < argc; i++) {
		ret |= dump(a, &b, argv[i], &style);
		arena_reset(a);
	}
	buf_free(&b);
	arena_free(a);
	return ret;
}
