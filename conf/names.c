/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that lists can't have, because the robot's addresses (LIST-owner@) or the site's pages
 * (/search) have them. Declared in values.h.
 */
#include <string.h>

#include "conf/values.h"

static const char *const robot_suffixes[] = {
    "-subscribe", "-join",  "-unsubscribe", "-leave",   "-confirm", "-request",
    "-help",      "-owner", "-moderate",    "-bounces", "-appeal",
};

/* The site's own addresses and the first words of its URLs. */
static const char *const taken[] = {
    "plenary",   "postmaster", "mailer-daemon", "search",      "u",           "c",
    "pipermail", "mailman",    "archives",      "hyperkitty",  "static",      "healthz",
    "metrics",   "index.html", "robots.txt",    "favicon.ico", "sitemap.xml", "atom.xml",
};

const char *
conf_robot_suffix(struct slice local)
{
	for (size_t i = 0; i < sizeof(robot_suffixes) / sizeof(*robot_suffixes); i++)
		if (slice_ends_ci(local, slice_str(robot_suffixes[i])))
			return robot_suffixes[i];
	return NULL;
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

const char *
conf_list_name_fault(struct arena *a, const char *name)
{
	size_t n = strlen(name);
	const char *suffix;

	if (n == 0)
		return "is empty";
	if (n > CONF_NAME_MAX)
		return arena_printf(a, "is longer than %d bytes", CONF_NAME_MAX);
	for (size_t i = 0; i < n; i++)
		if (!is_letter_or_digit(name[i]) && (i == 0 || !strchr("._-", name[i])))
			return "has more than small letters, digits, and after the first of them "
			       "\".\", \"_\" and \"-\"";
	/* A local part is a dot-atom (RFC 5322 section 3.2.3). */
	if (strstr(name, "..") || name[n - 1] == '.')
		return "has a dot at its end or two in a row";
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (strcmp(taken[i], name) == 0)
			return "is taken by the site itself";
	suffix = conf_robot_suffix(slice_str(name));
	if (suffix)
		return arena_printf(a, "ends in \"%s\", which the robot's addresses do", suffix);
	return NULL;
}
