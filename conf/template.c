/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates are ours, values are the world's: a value is never looked at for braces, and one that
 * goes into the subject is made one line, so that it can't begin a header field of its own.
 */
#include "conf/template.h"

#include "base/log.h"

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '-' || s.p[i] == '_'))
			return false;
	return s.n > 0;
}

/* "{name}", "{?name}"… at the start of s. n is how long it is. */
static bool
brace_at(struct slice s, char *kind, struct slice *name, size_t *n)
{
	size_t end = slice_find_char(s, '}');

	if (s.n < 3 || s.p[0] != '{' || end == s.n)
		return false;
	*kind = s.p[1] == '?' || s.p[1] == '!' || s.p[1] == '/' ? s.p[1] : '=';
	*name = slice_sub(s, *kind == '=' ? 1 : 2, end - (*kind == '=' ? 1 : 2));
	*n = end + 1;
	return is_name(*name);
}

/* A line that is nothing but "{?name}", "{!name}" or "{/name}". */
static bool
is_condition(struct slice line, char *kind, struct slice *name)
{
	size_t n;

	return brace_at(line, kind, name, &n) && n == line.n && *kind != '=';
}

bool
template_next_name(struct slice *text, char *kind, struct slice *name)
{
	size_t n;

	while (text->n > 0) {
		*text = slice_from(*text, slice_find_char(*text, '{'));
		if (slice_starts(*text, SLICE("{{"))) {
			*text = slice_from(*text, 2);
		} else if (brace_at(*text, kind, name, &n)) {
			*text = slice_from(*text, n);
			return true;
		} else {
			*text = slice_from(*text, 1);
		}
	}
	return false;
}

/* Braces that are none of the forms, and conditions that share a line with other text. */
static int
check_line(struct slice line, struct err *e)
{
	struct slice name;
	size_t n;
	char kind;

	if (is_condition(line, &kind, &name))
		return 0;
	while (line.n > 0) {
		line = slice_from(line, slice_find_char(line, '{'));
		if (line.n == 0)
			break;
		if (slice_starts(line, SLICE("{{")))
			n = 2;
		else if (!brace_at(line, &kind, &name, &n))
			return err_permanent(e, "a \"{\" without a name; \"{{\" is a brace");
		else if (kind != '=')
			return err_permanent(e, "{%c%.*s} shares its line", kind, SLICE_ARG(name));
		line = slice_from(line, n);
	}
	return 0;
}

static int
check_body(struct slice body, struct err *e)
{
	struct slice open[TEMPLATE_DEPTH_MAX], line, name;
	size_t depth = 0;
	char kind;

	while (slice_next_line(&body, &line)) {
		if (check_line(line, e) < 0)
			return -1;
		if (!is_condition(line, &kind, &name))
			continue;
		if (kind != '/' && depth == TEMPLATE_DEPTH_MAX)
			return err_permanent(e, "{%c%.*s} is too deep", kind, SLICE_ARG(name));
		if (kind != '/')
			open[depth++] = name;
		else if (depth == 0 || !slice_eq(open[--depth], name))
			return err_permanent(e, "{/%.*s} closes nothing", SLICE_ARG(name));
	}
	if (depth > 0)
		return err_permanent(e, "{%.*s} is not closed", SLICE_ARG(open[depth - 1]));
	return 0;
}

int
template_parse(struct template_text *t, struct slice file, struct err *e)
{
	struct slice line, subject;

	if (!slice_next_line(&file, &line) || !slice_starts(line, SLICE("Subject: ")))
		return err_permanent(e, "no \"Subject: \" in the first line");
	subject = slice_trim(slice_from(line, 9));
	if (subject.n == 0 || !slice_next_line(&file, &line) || line.n > 0)
		return err_permanent(e, "no subject and empty line at the beginning");
	if (check_line(subject, e) < 0 || check_body(file, e) < 0)
		return -1;
	t->subject = subject;
	t->body = file;
	return 0;
}

static struct slice
find_value(const struct text_value *values, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(name, values[i].name))
			return slice_str(values[i].value);
	log_warning("a text has no value for {%s}", log_str(name));
	return SLICE("");
}

static void
put_value(struct buf *b, struct slice value, bool one_line)
{
	for (size_t i = 0; one_line && i < value.n; i++)
		buf_putc(b, (unsigned char)value.p[i] < 0x20 ? ' ' : value.p[i]);
	if (!one_line)
		buf_put_slice(b, value);
}

static void
fill_line(struct buf *b, struct slice line, const struct text_value *values, size_t nvalues,
	  bool one_line)
{
	struct slice name;
	size_t n;
	char kind;

	while (line.n > 0) {
		n = slice_find_char(line, '{');
		buf_put_slice(b, slice_sub(line, 0, n));
		line = slice_from(line, n);
		if (line.n == 0)
			return;
		if (brace_at(line, &kind, &name, &n)) {
			put_value(b, find_value(values, nvalues, name), one_line);
		} else {
			buf_putc(b, '{');
			n = 2; /* template_parse lets nothing else through */
		}
		line = slice_from(line, n);
	}
}

void
template_fill(const struct template_text *t, const struct text_value *values, size_t n,
	      struct buf *subject, struct buf *body)
{
	struct slice rest = t->body, line, name;
	size_t depth = 0, hidden = 0; /* hidden: depth of the condition that hides, or 0 */
	char kind;

	fill_line(subject, t->subject, values, n, true);
	while (slice_next_line(&rest, &line)) {
		if (!is_condition(line, &kind, &name)) {
			if (!hidden) {
				fill_line(body, line, values, n, false);
				buf_putc(body, '\n');
			}
		} else if (kind == '/') {
			hidden = hidden == depth ? 0 : hidden;
			depth--;
		} else {
			depth++;
			if (!hidden && (find_value(values, n, name).n > 0) != (kind == '?'))
				hidden = depth;
		}
	}
}
