/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines: to stderr in one write each, so that the lines of several roles do not mix, or to
 * syslog. A line can't be broken or forged by what is logged: log_str() cleans, and control
 * characters that got past it become spaces.
 */
#include "config.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES 2048
#define STR_MAX 200
#define STR_BUFFERS 8

static const struct {
	const char *word;
	int priority;
} levels[] = {
    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
    [LOG_LEVEL_INFO] = {"info", LOG_INFO},
    [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR},
};

static const char *role_name = "plenary";
static bool use_syslog;
static bool debug_on;

void
log_init(const char *role, bool to_stderr, bool debug)
{
	role_name = role;
	use_syslog = !to_stderr;
	debug_on = debug;
	/* What is opened by path is opened now, before the sandbox shuts the paths. */
	if (use_syslog)
		openlog(role, LOG_PID | LOG_NDELAY, LOG_MAIL);
	(void)clock_now();
	crash_init();
}

const char *
log_role(void)
{
	return role_name;
}

bool
log_is_debug(void)
{
	return debug_on;
}

static void __attribute__((format(printf, 2, 0)))
log_line(enum log_level level, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	int head, n;
	size_t len;

	if (level == LOG_LEVEL_DEBUG && !debug_on)
		return;
	head = snprintf(line, sizeof line, "%s[%ld]: %s: ", role_name, (long)getpid(),
			levels[level].word);
	if (head < 0 || (size_t)head >= sizeof line / 2)
		head = 0;
	n = vsnprintf(line + head, sizeof line - (size_t)head - 1, fmt, ap);
	if (n < 0)
		return;
	len = strlen(line);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	}
	if (use_syslog) {
		syslog(levels[level].priority, "%s", line + head);
		return;
	}
	line[len] = '\n';
	/* Nobody could be told that the log can't be written. */
	if (write(STDERR_FILENO, line, len + 1) < 0)
		return;
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

static bool
printable(uint32_t cp)
{
	return cp >= 0x20 && (cp < 0x7f || cp > 0x9f) && cp != 0xfffd && !utf8_is_bidi_control(cp);
}

const char *
log_str(struct slice s)
{
	static _Thread_local char text[STR_BUFFERS][STR_MAX + 1];
	static _Thread_local unsigned turn;
	char *to = text[turn++ % STR_BUFFERS];
	size_t n = 0;
	uint32_t cp;
	struct slice before = s;

	while (utf8_next(&s, &cp)) {
		size_t took = before.n - s.n;

		if (n + took > STR_MAX)
			break;
		if (printable(cp)) {
			memcpy(to + n, before.p, took);
			n += took;
		} else {
			to[n++] = '?';
		}
		before = s;
	}
	to[n] = '\0';
	return to;
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	_exit(70);
}
