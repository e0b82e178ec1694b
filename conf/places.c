/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of value that name a place: URLs, sockets, servers and files. Declared in values.h.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"
#include "conf/include.h"
#include "conf/values.h"

static void
refuse(const struct conf_setting *s, const char *wish)
{
	conf_complain(s->complaints, s->node->source, s->line, "\"%s\" %s, not \"%.100s\"",
		      s->key->name, wish, s->text);
}

static bool
is_address(const char *host)
{
	struct in6_addr in;

	return inet_pton(AF_INET, host, &in) == 1 || inet_pton(AF_INET6, host, &in) == 1;
}

/*
 * "HOST:PORT" or "[V6]:PORT"; without a port if default_port is not 0. The host is a name or an
 * address; a name of only digits and dots is a mistyped address.
 */
static bool
split_host_port(struct arena *a, struct slice s, uint16_t default_port, const char **host,
		uint16_t *port)
{
	struct slice h, p = {NULL, 0};
	bool has_port, bracketed = s.n > 0 && s.p[0] == '[';
	int64_t n = default_port;

	if (bracketed) {
		if (!slice_cut(slice_from(s, 1), ']', &h, &p) || (p.n > 0 && p.p[0] != ':'))
			return false;
		has_port = p.n > 0;
		p = slice_from(p, 1);
	} else {
		has_port = slice_cut(s, ':', &h, &p);
	}
	if (has_port ? !num_parse(p, 1, 65535, &n) : default_port == 0)
		return false;
	*host = arena_str(a, h);
	*port = (uint16_t)n;
	if (bracketed)
		return strchr(*host, ':') && is_address(*host);
	return is_address(*host) ||
	       (conf_is_host(h) && strspn(*host, "0123456789.") != strlen(*host));
}

/* scheme://host[:port][/path] without anything behind. */
static bool
is_site_url(struct arena *a, struct slice url)
{
	struct slice rest, host, path;
	const char *name;
	uint16_t port;

	if (slice_starts_ci(url, SLICE("https://")))
		rest = slice_from(url, 8);
	else if (slice_starts_ci(url, SLICE("http://")))
		rest = slice_from(url, 7);
	else
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] <= 0x20 || (unsigned char)rest.p[i] >= 0x7f ||
		    strchr("?#\"'<>\\^`{|}@", rest.p[i]))
			return false;
	slice_cut(rest, '/', &host, &path);
	return split_host_port(a, host, 80, &name, &port);
}

void
conf_set_url(const struct conf_setting *s, void *field)
{
	struct slice url = slice_str(s->text);

	while (url.n > 0 && url.p[url.n - 1] == '/')
		url.n--;
	if (!is_site_url(s->arena, url))
		refuse(s, "wants an address of the web such as \"https://lists.example.org\"");
	else
		*(const char **)field = arena_str(s->arena, url);
}

void
conf_set_resolver(const struct conf_setting *s, void *field)
{
	const char *host;
	uint16_t port;

	if (strcmp(s->text, "system") != 0 &&
	    !(split_host_port(s->arena, slice_str(s->text), 53, &host, &port) && is_address(host)))
		refuse(s, "wants \"system\" or a numeric address such as \"127.0.0.1:53\"");
	else
		*(const char **)field = s->text;
}

/* A file name made absolute, from the folder of the file it stands in. */
static const char *
absolute(const struct conf_setting *s, const char *name)
{
	const char *path = conf_source_path(s->node->source, s->arena, name);
	char *here;

	if (path[0] == '/')
		return path;
	here = getcwd(NULL, 0);
	if (here)
		path = arena_printf(s->arena, "%s/%s", here, path);
	free(here);
	return path;
}

void
conf_set_listen(const struct conf_setting *s, void *field)
{
	struct slice text = slice_str(s->text);
	struct conf_listen l = {.text = s->text};
	struct sockaddr_un un;

	if (slice_starts(text, SLICE("unix:")) && text.n > 5) {
		l.path = absolute(s, s->text + 5);
		if (strlen(l.path) >= sizeof(un.sun_path)) {
			refuse(s, "wants a socket whose whole name is shorter than 108 bytes");
			return;
		}
	} else if (!split_host_port(s->arena, text, 0, &l.host, &l.port)) {
		refuse(s, "wants \"unix:PATH\", \"HOST:PORT\" or \"[IPV6]:PORT\"");
		return;
	}
	*(struct conf_listen *)field = l;
}

void
conf_set_relay(const struct conf_setting *s, void *field)
{
	struct slice text = slice_str(s->text), rest;
	struct conf_relay r = {.kind = RELAY_SMTP, .text = s->text};

	if (slice_starts(text, SLICE("maildir:")) && text.n > 8) {
		r.kind = RELAY_MAILDIR;
		r.path = absolute(s, s->text + 8);
		*(struct conf_relay *)field = r;
		return;
	}
	rest = slice_from(text, 7);
	if (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (!slice_starts(text, SLICE("smtp://")) ||
	    !split_host_port(s->arena, rest, 25, &r.host, &r.port))
		refuse(s, "wants \"smtp://HOST:PORT\" or \"maildir:PATH\"");
	else
		*(struct conf_relay *)field = r;
}

void
conf_set_path(const struct conf_setting *s, void *field)
{
	struct slice path = slice_str(absolute(s, s->text));

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (!*s->text || path.n == 1)
		refuse(s, "wants the name of a folder");
	else
		*(const char **)field = arena_str(s->arena, path);
}

void
conf_set_charter(const struct conf_setting *s, void *field)
{
	const char *path = absolute(s, s->text);
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, R_OK) < 0)
		refuse(s, "wants a file that can be read");
	else
		*(const char **)field = path;
}

void
conf_set_hook(const struct conf_setting *s, void *field)
{
	struct stat st;

	if (s->text[0] != '/')
		refuse(s, "wants a program with its whole path, from the \"/\" on");
	else if (stat(s->text, &st) < 0 || !S_ISREG(st.st_mode) || access(s->text, X_OK) < 0)
		refuse(s, "wants a program that is there and can be executed");
	else
		*(const char **)field = s->text;
}
