/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scan goes from LF to LF by memchr; only the first bytes of a line are looked at one by one.
 * Nothing is copied: what comes out are ranges of what came in, cut where a dot was taken away.
 */
#include "config.h"
#include "daemon/data.h"

#define RECEIVED "received:"
#define RECEIVED_LENGTH (sizeof RECEIVED - 1)

/* One call's view: bytes before `out` are the sink's already. */
struct scan {
	struct slice in;
	size_t at, out;
};

void
data_begin(struct data *d)
{
	*d = (struct data){.line_start = true, .header = true};
}

static void
give(struct scan *s, data_sink *sink, void *arg)
{
	if (s->at > s->out)
		sink(arg, slice_sub(s->in, s->out, s->at - s->out));
	s->out = s->at;
}

enum begin { BEGIN_LINE, BEGIN_END, BEGIN_WAIT };

/* Looks at the first bytes of a line: moves past a dot, counts, or says that it needs more. */
static enum begin
begin_line(struct data *d, struct scan *s, data_sink *sink, void *arg)
{
	struct slice rest = slice_from(s->in, s->at);
	bool dot = rest.p[0] == '.';
	struct slice line = slice_from(rest, dot);

	if (dot && line.n < 2 && (line.n == 0 || line.p[0] == '\r'))
		return BEGIN_WAIT;
	if (dot && line.p[0] == '\r' && line.p[1] == '\n')
		return BEGIN_END;
	if (d->header) {
		if (line.n < RECEIVED_LENGTH && memchr(line.p, '\n', line.n) == NULL)
			return BEGIN_WAIT;
		if (slice_starts_ci(line, SLICE(RECEIVED)))
			d->received++;
		else if (line.n >= 2 && line.p[0] == '\r' && line.p[1] == '\n')
			d->header = false;
	}
	d->line_start = false;
	if (dot) {
		give(s, sink, arg);
		s->at++;
		s->out++;
	}
	return BEGIN_LINE;
}

/* Moves to the end of the line, or of the input; false when only a CR is left that may be half of
 * CR LF. */
static bool
pass_line(struct data *d, struct scan *s)
{
	const char *from = s->in.p + s->at;
	size_t left = s->in.n - s->at, n;
	const char *lf = memchr(from, '\n', left);

	if (lf != NULL) {
		n = (size_t)(lf - from);
		d->line_start = n > 0 && lf[-1] == '\r';
		if (!d->line_start || memchr(from, '\r', n - 1) != NULL)
			d->bare = true;
		s->at += n + 1;
		return true;
	}
	n = from[left - 1] == '\r' ? left - 1 : left;
	if (n > 0 && memchr(from, '\r', n) != NULL)
		d->bare = true;
	s->at += n;
	return n == left;
}

size_t
data_take(struct data *d, struct slice in, data_sink *sink, void *arg)
{
	struct scan s = {.in = in};

	while (s.at < in.n && !d->end) {
		enum begin b = d->line_start ? begin_line(d, &s, sink, arg) : BEGIN_LINE;

		if (b == BEGIN_WAIT)
			break;
		if (b == BEGIN_END) {
			give(&s, sink, arg);
			d->end = true;
			s.at += 3;
			break;
		}
		if (s.at < in.n && !pass_line(d, &s))
			break;
	}
	if (!d->end)
		give(&s, sink, arg);
	return s.at;
}
