/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program: where the server's other programs are: beside the one that runs, which is how a build
 * folder is used, else where they are installed. PATH has no say in it.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define PROGRAM_PATH_MAX (PATH_MAX + 64)

/* Fills path with where name ("plenary-hook") is, or would be if it were installed; true if it can
 * be run from there. Nothing is wrong that its start would not tell. */
bool program_find(const char *name, char path[PROGRAM_PATH_MAX]);

#endif
