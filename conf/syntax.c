/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A parser by descent, one function a rule. Each rule is called with the token that begins it in
 * hand and leaves the one behind it there. A rule that meets something else complains, calls
 * recover() and returns: it never gives up the file.
 */
#include "conf/syntax.h"

#include <stdio.h>
#include <string.h>

#include "conf/include.h"
#include "conf/scan.h"

struct parser {
	struct conf_files *files;
	struct conf_scan scan;
	struct conf_token token;
	struct conf_node **end; /* where the next node of the block in hand is linked */
	bool unwinding;         /* a list began inside a block: all blocks are taken as closed */
	int depth;
};

static void read_items(struct parser *p, int opened);

static void __attribute__((format(printf, 3, 4)))
complain(struct parser *p, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_complain_syntax(p->files->complaints, p->scan.source, line, "%s", text);
}

static void
advance(struct parser *p)
{
	p->token = conf_scan_next(&p->scan);
}

static bool
at(const struct parser *p, char mark)
{
	return conf_token_is(&p->token, mark);
}

static bool
at_value(const struct parser *p)
{
	return p->token.kind == CONF_STRING || p->token.kind == CONF_WORD;
}

/* The token in hand as it is named in a complaint. */
static const char *
found(const struct parser *p)
{
	if (p->token.kind == CONF_END)
		return "the end of the file";
	if (p->token.first)
		return "the end of the line";
	return arena_printf(p->files->arena, "\"%.40s\"", p->token.text);
}

/* To the next line, or to the brace that closes the block in hand. */
static void
recover(struct parser *p)
{
	int open = 0;

	while (p->token.kind != CONF_END) {
		if (open == 0 && (p->token.first || at(p, '}')))
			return;
		if (at(p, '{'))
			open++;
		else if (at(p, '}'))
			open--;
		advance(p);
	}
}

static void
add_value(struct parser *p, struct conf_node *node, struct conf_value ***end)
{
	struct conf_value *v = arena_zalloc(p->files->arena, sizeof(*v));

	v->text = p->token.text;
	v->line = p->token.line;
	**end = v;
	*end = &v->next;
	node->nvalues++;
	advance(p);
}

/* A word that begins its line and goes on like an item: the brace before it was forgotten. */
static bool
at_next_item(const struct parser *p)
{
	char c = conf_scan_peek(&p->scan);

	return p->token.kind == CONF_WORD && p->token.first &&
	       (c == '=' || c == '{' || c == '(' || c == '"' || c == '\'');
}

/* "{" values "}" */
static void
read_values(struct parser *p, struct conf_node *node)
{
	struct conf_value **end = &node->values;
	int opened = p->token.line;
	bool wants_comma = false;

	node->braced = true;
	for (advance(p); !at(p, '}');) {
		if (p->token.kind == CONF_END || at_next_item(p)) {
			complain(p, opened, "the \"{\" of \"%s\" is never closed", node->key);
			node->broken = true;
			return;
		}
		if (at_value(p)) {
			if (wants_comma)
				complain(p, p->token.line, "a comma is missing before \"%.40s\"",
					 p->token.text);
			add_value(p, node, &end);
			wants_comma = true;
			continue;
		}
		if (!at(p, ',') || !wants_comma) {
			complain(p, p->token.line, "a value was expected before \"%.40s\"",
				 p->token.text);
			node->broken = true;
		}
		wants_comma = false;
		advance(p);
	}
	advance(p);
}

/* What stands behind "=". */
static void
read_value(struct parser *p, struct conf_node *node)
{
	struct conf_value **end = &node->values;

	if (at(p, '{')) {
		read_values(p, node);
	} else if (at_value(p) && !p->token.first) {
		add_value(p, node, &end);
	} else {
		complain(p, node->line, "a value was expected after \"%s =\", not %s", node->key,
			 found(p));
		node->broken = true;
		recover(p);
	}
}

static void
read_block(struct parser *p, struct conf_node *node)
{
	struct conf_node **end = p->end;
	int opened = p->token.line;

	node->block = true;
	if (p->depth == CONF_BLOCK_DEPTH_MAX) {
		complain(p, opened, "blocks are nested more than %d deep", CONF_BLOCK_DEPTH_MAX);
		advance(p);
		recover(p);
		return;
	}
	advance(p);
	p->end = &node->children;
	p->depth++;
	read_items(p, opened);
	p->depth--;
	p->end = end;
}

/* "(" PATTERN ")" */
static void
read_include(struct parser *p, const struct conf_node *node)
{
	const char *pattern;

	advance(p);
	if (strcmp(node->key, "include") != 0 || !at_value(p)) {
		complain(p, node->line, "parentheses are for include(\"FILE\") only");
		recover(p);
		return;
	}
	pattern = p->token.text;
	advance(p);
	if (!at(p, ')')) {
		complain(p, node->line, "a \")\" was expected after include(\"%.100s\", not %s",
			 pattern, found(p));
		recover(p);
		return;
	}
	advance(p);
	if (p->depth > 0)
		complain(p, node->line, "include stands outside of all blocks");
	else
		p->end = conf_files_include(p->files, p->scan.source, node->line, pattern, p->end);
}

/* What stands behind KEY, or behind KEY TITLE, when it is no "=". */
static void
read_rest(struct parser *p, struct conf_node *node)
{
	if (at_value(p) && !p->token.first) {
		node->title = p->token.text;
		advance(p);
	}
	if (at(p, '{') && !node->title) {
		struct conf_scan scan = p->scan;
		struct conf_token inside = conf_scan_next(&scan);

		if (inside.kind == CONF_STRING) {
			complain(p, node->line, "an \"=\" is missing between \"%s\" and its \"{\"",
				 node->key);
			read_values(p, node);
			return;
		}
	}
	if (at(p, '{')) {
		read_block(p, node);
		return;
	}
	if (strcmp(node->key, "include") == 0)
		complain(p, node->line, "include is written include(\"FILE\")");
	else
		complain(p, node->line, "an \"=\" was expected after \"%s\", not %s", node->key,
			 node->title ? arena_printf(p->files->arena, "\"%.40s\"", node->title)
				     : found(p));
	node->broken = true;
	recover(p);
}

static void
read_item(struct parser *p)
{
	struct conf_node *node = arena_zalloc(p->files->arena, sizeof(*node));

	node->source = p->scan.source;
	node->line = p->token.line;
	node->key = p->token.text;
	advance(p);
	if (at(p, '(')) {
		read_include(p, node);
		return;
	}
	*p->end = node;
	p->end = &node->next;
	if (at(p, '=')) {
		advance(p);
		read_value(p, node);
	} else {
		read_rest(p, node);
	}
}

/* A list can't begin inside of a block: rather than call all that follows wrong, close them. */
static bool
at_stray_list(const struct parser *p)
{
	char c = conf_scan_peek(&p->scan);

	return p->token.kind == CONF_WORD && p->token.first && strcmp(p->token.text, "list") == 0 &&
	       (c == '"' || c == '\'');
}

/* Items up to the "}" of this block (opened: the line of its "{") or the end of the file (0). */
static void
read_items(struct parser *p, int opened)
{
	while (p->token.kind != CONF_END && !p->unwinding) {
		if (at(p, '}')) {
			if (!opened)
				complain(p, p->token.line, "a \"}\" that closes nothing");
			advance(p);
			if (opened)
				return;
		} else if (opened && at_stray_list(p)) {
			complain(p, p->token.line,
				 "a list begins inside the block of line %d: a \"}\" is missing "
				 "before it",
				 opened);
			p->unwinding = true;
		} else if (p->token.kind == CONF_WORD) {
			read_item(p);
		} else {
			complain(p, p->token.line, "a key was expected, not \"%.40s\"",
				 p->token.text);
			advance(p);
			recover(p);
		}
		if (!opened)
			p->unwinding = false;
	}
	if (opened && !p->unwinding)
		complain(p, opened, "the block that begins here is never closed by a \"}\"");
}

/* Called by conf_files_include for each file. */
static struct conf_node **
parse(struct conf_files *files, const struct conf_source *source, struct slice text,
      struct conf_node **end)
{
	struct parser p = {.files = files, .end = end};

	p.scan.source = source;
	p.scan.complaints = files->complaints;
	p.scan.arena = files->arena;
	conf_scan_begin(&p.scan, text);
	advance(&p);
	read_items(&p, 0);
	return p.end;
}

const struct conf_node *
conf_syntax_read(const char *file, struct arena *a, struct conf_complaints *complaints)
{
	struct conf_files files = {.arena = a, .complaints = complaints, .parse = parse};
	struct conf_node *root = arena_zalloc(a, sizeof(*root));

	root->key = "";
	root->block = true;
	root->source = conf_files_main(&files, file, &root->children);
	return root;
}

const struct conf_node *
conf_node_find(const struct conf_node *parent, const char *key)
{
	const struct conf_node *n = parent->children;

	while (n && strcmp(n->key, key) != 0)
		n = n->next;
	return n;
}
