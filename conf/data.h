/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data: where the texts are. The first folder that has a language's file wins, so that one file can
 * be replaced through PLENARY_DATA_DIR.
 */
#ifndef CONF_DATA_H
#define CONF_DATA_H

#include "base/arena.h"

#define DATA_PLACES_MAX 2

/* One place. */
struct data_place {
	const char *templates;  /* has LANG/NAME.txt */
	const char *catalogues; /* has LANG.mo; if by_locale, LANG/LC_MESSAGES/plenary.mo */
	int by_locale;
};

/* Fills places in the order they are searched; returns how many. */
int data_places(struct arena *a, struct data_place places[DATA_PLACES_MAX]);

#endif
