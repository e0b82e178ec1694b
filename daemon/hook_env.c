/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_env: see hook_env.h.
 */
#include "daemon/hook_env.h"

#include "daemon/conduct.h"

#define VARIABLES_MAX 16
#define VALUE_MAX 1000

/* A value without control characters, cut to what an environment bears. */
static const char *
env_value(struct arena *a, struct slice s)
{
	char *v = arena_str(a, slice_sub(s, 0, VALUE_MAX));
	for (char *p = v; *p; p++)
		if ((unsigned char)*p < 32 || *p == 127)
			*p = '?';
	return v;
}

const char **
hook_env(const struct facts *f)
{
	struct work *w = f->w;
	struct arena *a = w->arena;
	const char **env = arena_array(a, VARIABLES_MAX, sizeof(*env));
	size_t n = 0;
	env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	env[n++] = "LC_ALL=C.UTF-8";
	env[n++] = arena_printf(a, "PLENARY_LIST=%s", f->list->name);
	env[n++] = arena_printf(a, "PLENARY_SENDER=%s", env_value(a, w->sender));
	env[n++] = arena_printf(a, "PLENARY_FROM=%s", env_value(a, w->author.text));
	env[n++] = arena_printf(a, "PLENARY_MEMBER=%s", f->member ? "yes" : "no");
	env[n++] = arena_printf(a, "PLENARY_KEY=%s", w->identity.key);
	env[n++] = arena_printf(a, "PLENARY_MESSAGE_ID=%s", env_value(a, w->identity.msgid));
	env[n++] = arena_printf(a, "PLENARY_SIZE=%zu", w->env.message.n);
	env[n++] = arena_printf(a, "PLENARY_STANDING=%s", conduct_standing_word(&f->standing));
	env[n] = NULL;
	return env;
}
