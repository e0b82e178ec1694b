/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire: see wire.h. The first pass only counts; most mail comes from SMTP and needs no second. */
#include "daemon/wire.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"

/* Takes a line off *s, up to CR LF, LF, CR or the end of all: what stands in it. *taken counts its
 * end, too. */
static struct slice
next_line(struct slice *s, size_t *taken)
{
	struct slice upto = slice_sub(*s, 0, slice_find_char(*s, '\n'));
	size_t cr = slice_find_char(upto, '\r');
	size_t end = cr < upto.n ? cr + 1 : upto.n;
	if (end == upto.n && end < s->n) /* the LF, behind a CR or not */
		end++;
	*taken = end;
	*s = slice_from(*s, end);
	return slice_sub(upto, 0, cr);
}

static bool
has_dot(struct slice line)
{
	return line.n > 0 && line.p[0] == '.';
}

/* How many bytes s has on the wire, and whether they are the same bytes. */
static size_t
measure(struct slice s, bool *same)
{
	size_t n = 0, taken;
	*same = true;
	while (s.n > 0) {
		struct slice line = next_line(&s, &taken);
		n += line.n + 2 + has_dot(line);
		if (taken != line.n + 2 || has_dot(line))
			*same = false;
	}
	return n;
}

/* UNSAFE: writes measure()'s number of bytes to out. */
static void
copy(struct slice s, char *out)
{
	size_t taken;
	while (s.n > 0) {
		struct slice line = next_line(&s, &taken);
		if (has_dot(line))
			*out++ = '.';
		if (line.n > 0)
			memcpy(out, line.p, line.n);
		out += line.n;
		*out++ = '\r';
		*out++ = '\n';
	}
}

void
wire_make(struct wire *w, struct slice s)
{
	bool same;
	size_t n = measure(s, &same);
	*w = (struct wire){.bytes = s};
	if (same)
		return;
	w->own = malloc(n);
	if (!w->own)
		fatal("no memory for a message of %zu bytes", n);
	copy(s, w->own);
	w->bytes = slice_make(w->own, n);
}

int
wire_open(struct wire *w, int fd, size_t at, struct err *e)
{
	struct slice map;
	*w = (struct wire){.own = NULL};
	if (file_map_fd(fd, &map, e) < 0)
		return -1;
	if (at > map.n) {
		file_unmap(map);
		return err_permanent(e, "the message is shorter than it was");
	}
	wire_make(w, slice_from(map, at));
	if (w->own)
		file_unmap(map);
	else
		w->map = map;
	return 0;
}

void
wire_free(struct wire *w)
{
	free(w->own);
	file_unmap(w->map);
	*w = (struct wire){.own = NULL};
}
