/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speakers: who was appointed to speak on a list, for which stakeholder group and until when; and
 * the balance of groups as the coalition declares it. A term ends by itself: who is a speaker is a
 * question to the configuration and the clock. Terms begin and end at midnight UTC.
 */
#ifndef CONF_SPEAKERS_H
#define CONF_SPEAKERS_H

#include "conf/complain.h"
#include "conf/conf.h"
#include "conf/syntax.h"

#define CONF_SPEAKERS_MAX 500
#define CONF_GROUPS_MAX 50
#define CONF_SEATS_MAX 1000
#define CONF_GROUP_NAME_MAX 60

/* The list's group and speaker blocks; its plain "speakers" are in *list already. */
void conf_speakers_build(const struct conf_node *node, struct conf_list *list, struct arena *a,
			 struct conf_complaints *c);

/* Has the list speakers at all (whether or not their terms have begun or are over)? Then what
 * others post is held. */
bool conf_has_speakers(const struct conf_list *l);
/* Is this address one at that time? */
bool conf_is_speaker(const struct conf_list *l, struct slice address, int64_t now);
bool conf_speaker_serves(const struct conf_speaker *s, int64_t now);
/* The group of that name, ASCII case folded; NULL if the list declares none such. */
const struct conf_group *conf_group_find(const struct conf_list *l, struct slice name);

#endif
