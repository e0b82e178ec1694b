/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_keys: prints each key of the configuration behind its scope, for the manual's test; with a
 * file, checks that it loads.
 */
#include <stdio.h>

#include "conf/conf.h"

int
main(int argc, char **argv)
{
	static const char *const scopes[] = {"site", "list", "conduct", "step", "speaker", "group"};
	struct conf *conf;

	if (argc > 1) {
		conf = conf_load_or_complain(argv[1]);
		conf_free(conf);
		return conf ? 0 : 1;
	}
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++)
		for (const char *const *name = conf_key_names(scopes[i]); *name; name++)
			printf("%s %s\n", scopes[i], *name);
	return 0;
}
