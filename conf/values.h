/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * values: one function a kind of value. Each checks the text of a setting and writes *field (of the
 * type named here), or complains with what it wants and what it got.
 */
#ifndef CONF_VALUES_H
#define CONF_VALUES_H

#include <stdbool.h>

#include "base/slice.h"
#include "conf/keys.h"

#define CONF_LINE_MAX 500   /* bytes of a title: it goes into a header line of each post */
#define CONF_TEXT_MAX 10000 /* bytes of a description: it goes into each welcome */
#define CONF_NAME_MAX 50    /* bytes of a list's name: LIST-bounces+TOKEN stays within 64 mostly */

/* const char * */
void conf_set_line(const struct conf_setting *s, void *field);   /* one line, not empty */
void conf_set_prefix(const struct conf_setting *s, void *field); /* one line; empty is NULL */
void conf_set_text(const struct conf_setting *s, void *field);
void conf_set_word(const struct conf_setting *s, void *field); /* no white space, not empty */
void conf_set_domain(const struct conf_setting *s, void *field);
void conf_set_url(const struct conf_setting *s, void *field);
void conf_set_address(const struct conf_setting *s, void *field);
void conf_set_language(const struct conf_setting *s, void *field);
void conf_set_list_name(const struct conf_setting *s, void *field);
void conf_set_resolver(const struct conf_setting *s, void *field);
void conf_set_path(const struct conf_setting *s, void *field);    /* made absolute */
void conf_set_charter(const struct conf_setting *s, void *field); /* a file that can be read */
void conf_set_hook(const struct conf_setting *s, void *field);    /* a program, absolute */
/* char */
void conf_set_delimiter(const struct conf_setting *s, void *field);
/* int: a number; the index of one of the row's words */
void conf_set_number(const struct conf_setting *s, void *field);
void conf_set_choice(const struct conf_setting *s, void *field);
/* int64_t: the first second of a day, written "2026-12-31" (UTC); the first one behind it */
void conf_set_day(const struct conf_setting *s, void *field);
void conf_set_last_day(const struct conf_setting *s, void *field);
/* int64_t: bytes; seconds */
void conf_set_size(const struct conf_setting *s, void *field);
void conf_set_span(const struct conf_setting *s, void *field);
/* rules about posts (rules.c): const char *, struct conf_header_rule, const struct zone * */
void conf_set_attachment(const struct conf_setting *s, void *field);
void conf_set_header_rule(const struct conf_setting *s, void *field);
void conf_set_zone(const struct conf_setting *s, void *field);
/* struct conf_listen; struct conf_relay */
void conf_set_listen(const struct conf_setting *s, void *field);
void conf_set_relay(const struct conf_setting *s, void *field);

/* Complains: "KEY" WISH, not "what stands there". */
void conf_refuse(const struct conf_setting *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Letters, digits, hyphens and dots as in the DNS; underscores are none. */
bool conf_is_host(struct slice s);
/* What is wrong with a list's name, as the end of a sentence; NULL if nothing is. */
const char *conf_list_name_fault(struct arena *a, const char *name);
/* The robot's suffix ("-owner") that a local part ends in, or NULL. */
const char *conf_robot_suffix(struct slice local);

#endif
