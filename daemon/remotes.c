/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remotes: see remotes.h.
 */
#include "config.h"
#include "daemon/remotes.h"

#include "base/program.h"
#include "base/sandbox.h"

#define MEMORY_MAX ((int64_t)512 * 1024 * 1024)
#define FILES_MAX 1024

void
remotes_plan(struct remotes *r, const struct conf *conf, const struct role_options *o,
	     struct arena *a)
{
	char program[PROGRAM_PATH_MAX];
	size_t n = 0;
	(void)program_find("plenary-remote", program);
	r->program = arena_str(a, slice_str(program));
	r->args = arena_array(a, REMOTES_ARGS_MAX, sizeof(*r->args));
	r->args[n++] = "-n";
	r->args[n++] = conf->domain;
	if (o->to_stderr)
		r->args[n++] = "-d";
	if (o->debug)
		r->args[n++] = "-v";
	for (size_t i = 0; i < conf->nrelays && n < REMOTES_ARGS_MAX - 1; i++) {
		const struct conf_relay *relay = &conf->relays[i];
		r->args[n++] = relay->kind == RELAY_MAILDIR
				   ? arena_printf(a, "maildir:%s", relay->path)
				   : arena_printf(a, "smtp:%u:%s", relay->port, relay->host);
	}
	r->args[n] = NULL;
}

int
remotes_enter_walls(const struct conf *conf, const struct remotes *r, struct err *e)
{
	struct sandbox_path paths[8 + REMOTES_ARGS_MAX] = {
	    {conf->state_dir, SANDBOX_WRITE},
	    {r->program, SANDBOX_EXEC},
	    {"/usr/lib", SANDBOX_EXEC}, /* the dynamic loader */
	    {"/lib", SANDBOX_EXEC},
	    {"/lib64", SANDBOX_EXEC},
	    {"/etc/ssl", SANDBOX_READ}, /* authorities */
	    {"/usr/share/ca-certificates", SANDBOX_READ},
	    {"/etc/gnutls", SANDBOX_READ},
	};
	struct sandbox_rules rules = {.paths = paths,
				      .npaths = 8,
				      .calls = SANDBOX_NET | SANDBOX_CHILDREN,
				      .memory_max = MEMORY_MAX,
				      .files_max = FILES_MAX};
	for (size_t i = 0; i < conf->nrelays && i < REMOTES_ARGS_MAX; i++)
		if (conf->relays[i].kind == RELAY_MAILDIR)
			paths[rules.npaths++] =
			    (struct sandbox_path){conf->relays[i].path, SANDBOX_WRITE};
	return sandbox_enter(&rules, e);
}
