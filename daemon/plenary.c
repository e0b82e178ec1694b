/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary: the administrator's command. Verbs about members, held posts and the queue work on
 * list.db here; those about the archive are a program of their own, plenary-archive, which alone
 * links what they need. After a change the running daemon's bells are rung.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/totals.h"
#include "daemon/verbs.h"

static const struct cli_verb verbs[] = {
    {"check", "", "check the configuration", 0, 0, verb_check},
    {"lists", "", "all lists, with their members and posts", 0, 0, verb_lists},
    {"members", "LIST", "the members of a list", 1, 1, verb_members},
    {"subscribe", "LIST ADDR [--digest|--nomail] [--quiet]", "make somebody a member", 2, 2,
     verb_subscribe},
    {"unsubscribe", "LIST ADDR [--quiet]", "end a membership", 2, 2, verb_unsubscribe},
    {"member", "LIST ADDR [KEY=VALUE…]", "show or change one member", 2, -1, verb_member},
    {"import-members", "LIST FILE", "make all addresses of a file members (CSV, or one a line)", 2,
     2, verb_import_members},
    {"data", "ADDR", "all that is stored about a person, as JSON", 1, 1, verb_data},
    {"erase", "ADDR [--quiet]", "end all memberships of a person and forget her", 1, 1, verb_erase},
    {"held", "[LIST]", "posts that wait for a moderator", 0, 1, verb_held},
    {"show", "ID", "a held post, whole", 1, 1, verb_show},
    {"accept", "ID…", "let held posts out to their list (3 5-9)", 1, -1, verb_accept},
    {"reject", "ID… [WHY]", "refuse held posts; their authors are told why", 1, -1, verb_reject},
    {"discard", "ID…", "drop held posts; nobody is told", 1, -1, verb_discard},
    {"refused", "LIST [--posts|--remove ID]",
     "posts that did not go out: their numbers, or the open record", 1, -1, verb_refused},
    {"cases", "LIST [ADDR]", "the record of conduct: who, the last step, the standing", 1, 2,
     verb_cases},
    {"case", "ID", "one case whole: each event, its rule, and whether its mail arrived", 1, 1,
     verb_case},
    {"step", "LIST NAME ADDR [WHY] [--as MODERATOR]", "take a step of the list's conduct ladder", 3,
     -1, verb_step},
    {"remind", "LIST ADDR [WHY] [--as MODERATOR]", "the step \"reminder\"", 2, -1, verb_step},
    {"warn", "LIST ADDR [WHY] [--as MODERATOR]", "the step \"warning\"", 2, -1, verb_step},
    {"suspend", "LIST ADDR [WHY] [--as MODERATOR]", "the step \"suspension\"", 2, -1, verb_step},
    {"lift", "LIST ADDR [WHY] [--as MODERATOR]", "end what is in force about a member", 2, -1,
     verb_lift},
    {"speak", "LIST ADDR [--until YYYY-MM-DD] [WHY]",
     "let somebody speak on a list that has speakers", 2, -1, verb_speak},
    {"hush", "LIST ADDR [WHY]", "take that back", 2, -1, verb_speak},
    {"verify", "[LIST]", "messages and the record of conduct against the list's log", 0, 1,
     verb_verify},
    {"queue", "[flush]", "mail that waits for a relay; flush: try all of it now", 0, 1, verb_queue},
    {"limits", "", "who asked for more than this site does in a day, lately", 0, 0, verb_limits},
    {"bounces", "LIST", "members whose mail came back", 1, 1, verb_bounces},
    {"inject", "[--lmtp-rcpt ADDR]… < MESSAGE",
     "hand in a message, for a mail server that can only pipe", 0, -1, verb_inject},
};

/* The archive's verbs, for the usage and the hand-over; what they do is told by plenary-archive. */
static const char *const archive_verbs[] = {"import",  "export", "search", "withdraw",
					    "rebuild", "stats"};

static int
hand_over(struct cli *c, int argc, char **argv)
{
	char **args;
	int n = 0;
	size_t i = 0;
	while (i < sizeof(archive_verbs) / sizeof(archive_verbs[0]) &&
	       strcmp(archive_verbs[i], argv[0]) != 0)
		i++;
	if (i == sizeof(archive_verbs) / sizeof(archive_verbs[0]))
		return -1;
	struct arena *a = c->arena = arena_new();
	args = arena_array(a, (size_t)argc + 5, sizeof(*args));
	args[n++] = arena_str(a, SLICE("plenary"));
	args[n++] = arena_str(a, SLICE("-f"));
	args[n++] = arena_str(a, slice_str(c->file));
	if (c->json)
		args[n++] = arena_str(a, SLICE("--json"));
	for (int k = 0; k < argc; k++)
		args[n++] = argv[k];
	execv(totals_program(c), args);
	arena_free(a);
	c->arena = NULL;
	return cli_fail(
	    "plenary-archive, the program for '%s', can't be started: is the installation "
	    "whole?",
	    argv[0]);
}

int
main(int argc, char **argv)
{
	return cli_main(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]), hand_over);
}
