/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/monitor.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == ':';
}

/* "name 12", "name{label=\"x\"} 1.5e3"; nothing else gets into the page. */
static bool
is_metric(struct slice line)
{
	size_t n = 0, close;

	while (n < line.n && is_name_byte(line.p[n]))
		n++;
	if (n == 0 || (line.p[0] >= '0' && line.p[0] <= '9'))
		return false;
	line = slice_from(line, n);
	if (line.n > 0 && line.p[0] == '{') {
		close = slice_find_char(line, '}');
		line = slice_from(line, close < line.n ? close + 1 : close);
	}
	if (line.n < 2 || line.p[0] != ' ')
		return false;
	for (size_t i = 1; i < line.n; i++)
		if (slice_find_char(SLICE("0123456789.eE+-"), line.p[i]) == 15)
			return false;
	return true;
}

void
monitor_put_lines(struct buf *b, struct slice text)
{
	struct slice line;

	while (slice_next_line(&text, &line)) {
		if (!is_metric(line))
			continue;
		buf_put_slice(b, line);
		buf_putc(b, '\n');
	}
}

static void
put(struct buf *b, const char *name, const char *type, long long value)
{
	buf_printf(b, "# TYPE plenary_%s %s\nplenary_%s %lld\n", name, type, name, value);
}

static void
put_own(struct buf *b, struct web_stats *st)
{
	const struct {
		const char *name;
		long long value;
	} counters[] = {
	    {"web_requests_total", st->requests},
	    {"web_response_bytes_total", st->bytes},
	    {"web_searches_total", st->searches},
	    {"web_searches_turned_away_total", st->searches_turned_away},
	    {"web_search_microseconds_total", st->search_microseconds},
	    {"web_links_total", st->hands},
	    {"web_links_failed_total", st->hands_failed},
	    {"web_connections_total", st->connections_total},
	    {"web_connections_turned_away_total", st->connections_turned_away},
	    {"web_connections_slow_total", st->connections_slow},
	};

	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		put(b, counters[i].name, "counter", counters[i].value);
	put(b, "web_connections", "gauge", st->connections);
	buf_puts(b, "# TYPE plenary_web_responses_total counter\n");
	for (int class = 1; class <= 5; class ++)
		buf_printf(b, "plenary_web_responses_total{class=\"%dxx\"} %lld\n", class,
			   (long long)st->status[class]);
}

/* A folder of few files; one that is no role's (a temporary name, a stranger's) is passed over. */
static void
put_files(int dir, struct arena *a, struct buf *b)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), files = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	struct slice text;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((de = readdir(d)) && files < MONITOR_FILES_MAX) {
		if (de->d_name[0] == '.')
			continue;
		files++;
		if (file_read(dir, de->d_name, MONITOR_FILE_MAX, a, &text, NULL) == 0)
			monitor_put_lines(b, text);
	}
	closedir(d);
}

void
monitor_metrics(struct web *web, struct web_request *rq, struct web_response *rs)
{
	struct buf *b = &rs->body;
	int dir;

	web_type(rs, "text/plain; version=0.0.4; charset=utf-8");
	web_header(rs, "Cache-Control", "no-store");
	put_own(b, &web->stats);
	put(b, "free_bytes", "gauge", (long long)file_free_bytes(web->html_fd));
	/* Made by whoever writes there first, maybe after we started. */
	dir = open(conf_path(web->conf, rq->arena, "metrics"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		put_files(dir, rq->arena, b);
		close(dir);
	}
}

void
monitor_health(struct web *web, struct web_request *rq, struct web_response *rs)
{
	bool good = faccessat(web->html_fd, ".", R_OK | X_OK, AT_EACCESS) == 0;

	(void)rq;
	rs->status = good ? 200 : 503;
	web_type(rs, "text/plain; charset=utf-8");
	web_header(rs, "Cache-Control", "no-store");
	buf_puts(&rs->body, good ? "ok\n" : "the pages cannot be read\n");
}
