/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling struct err. The text stays one line, whatever was formatted into it.
 */
#include "config.h"
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
one_line(char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
	}
}

static void __attribute__((format(printf, 3, 0)))
fill(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	/* Formatted aside: an argument may be e->text itself. */
	char text[sizeof e->text];

	vsnprintf(text, sizeof text, fmt, ap);
	one_line(text);
	memcpy(e->text, text, sizeof text);
	e->kind = kind;
}

int
err_temporary(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, ERR_TEMPORARY, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_permanent(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, ERR_PERMANENT, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t n;
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, ERR_TEMPORARY, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", strerror(saved));
	errno = saved;
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->text];
	size_t n;
	va_list ap;

	if (e == NULL)
		return -1;
	memcpy(old, e->text, sizeof old);
	va_start(ap, fmt);
	fill(e, e->kind, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", old);
	return -1;
}
