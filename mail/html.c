/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html: libxml2's HTML parser and a loop over its tree. Invariants: 1. The parser sees only what
 * html_is_safe() let through.
 * 2. Nothing recurses. 3. What was cut by the parser is never taken for the whole.
 */
#include "mail/html.h"

#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/html_scan.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- the tree --------------------------------------------------------------------------------- */

struct tag_name {
	const char *name;
	enum html_tag tag;
};

static const struct tag_name names[] = {
    {"div", HTML_BLOCK},
    {"p", HTML_P},
    {"br", HTML_BR},
    {"a", HTML_A},
    {"td", HTML_TD},
    {"tr", HTML_TR},
    {"table", HTML_TABLE},
    {"tbody", HTML_TBODY},
    {"thead", HTML_THEAD},
    {"tfoot", HTML_TBODY},
    {"th", HTML_TH},
    {"b", HTML_STRONG},
    {"strong", HTML_STRONG},
    {"i", HTML_EM},
    {"em", HTML_EM},
    {"cite", HTML_EM},
    {"dfn", HTML_EM},
    {"var", HTML_EM},
    {"code", HTML_CODE},
    {"tt", HTML_CODE},
    {"kbd", HTML_CODE},
    {"samp", HTML_CODE},
    {"sub", HTML_SUB},
    {"sup", HTML_SUP},
    {"img", HTML_IMG},
    {"hr", HTML_HR},
    {"ul", HTML_UL},
    {"menu", HTML_UL},
    {"dir", HTML_UL},
    {"ol", HTML_OL},
    {"li", HTML_LI},
    {"dl", HTML_DL},
    {"dt", HTML_DT},
    {"dd", HTML_DD},
    {"blockquote", HTML_BLOCKQUOTE},
    {"pre", HTML_PRE},
    {"listing", HTML_PRE},
    {"xmp", HTML_PRE},
    {"h1", HTML_H1},
    {"h2", HTML_H2},
    {"h3", HTML_H3},
    {"h4", HTML_H4},
    {"h5", HTML_H5},
    {"h6", HTML_H6},
    {"center", HTML_BLOCK},
    {"address", HTML_BLOCK},
    {"article", HTML_BLOCK},
    {"aside", HTML_BLOCK},
    {"section", HTML_BLOCK},
    {"header", HTML_BLOCK},
    {"footer", HTML_BLOCK},
    {"main", HTML_BLOCK},
    {"nav", HTML_BLOCK},
    {"figure", HTML_BLOCK},
    {"figcaption", HTML_BLOCK},
    {"caption", HTML_BLOCK},
    {"fieldset", HTML_BLOCK},
    {"legend", HTML_BLOCK},
    {"form", HTML_BLOCK},
    {"body", HTML_BLOCK},
    {"html", HTML_BLOCK},
    {"details", HTML_BLOCK},
    {"summary", HTML_BLOCK},
};

/* Elements that go with all that is in them. */
static const char *const dropped[] = {
    "script", "style",    "head",  "title",    "svg",      "math",     "object",   "embed",
    "applet", "iframe",   "frame", "frameset", "noframes", "input",    "select",   "option",
    "button", "textarea", "audio", "video",    "canvas",   "template", "map",      "area",
    "col",    "colgroup", "meta",  "link",     "base",     "param",    "basefont", "datalist",
};

static bool
is_name(const xmlNode *node, const char *name)
{
	return node->name && xmlStrcasecmp(node->name, (const xmlChar *)name) == 0;
}

static const xmlNode *
inside(const struct html_node *node)
{
	return (const xmlNode *)(const void *)node;
}

struct slice
html_attribute(const struct html_node *node, const char *name)
{
	for (const xmlAttr *at = inside(node)->properties; at; at = at->next)
		if (xmlStrcasecmp(at->name, (const xmlChar *)name) == 0)
			return at->children ? slice_str((const char *)at->children->content)
					    : slice_make(NULL, 0);
	return slice_make(NULL, 0);
}

bool
html_has_class(const struct html_node *node, const char *word)
{
	struct slice rest = html_attribute(node, "class"), one;
	while (slice_next_word(&rest, &one))
		if (slice_is_ci(one, word))
			return true;
	return false;
}

/* Does a style say "property: value…"? */
static bool
style_says(struct slice style, const char *property, const char *value)
{
	struct slice name = slice_str(property);
	for (;;) {
		size_t at = slice_find_ci(style, name);
		if (at == style.n)
			return false;
		style = slice_from(style, at + name.n);
		struct slice t = slice_trim(style);
		if (t.n > 0 && t.p[0] == ':' &&
		    slice_starts_ci(slice_trim(slice_from(t, 1)), slice_str(value)))
			return true;
	}
}

/* Outlook writes each line as a paragraph whose margins its style sheet takes away. */
static bool
is_line(const struct html_node *node)
{
	return html_has_class(node, "MsoNormal") || html_has_class(node, "MsoPlainText") ||
	       style_says(html_attribute(node, "style"), "margin", "0");
}

/* libxml2 takes the prefix off Office's <o:p>, which means nothing; no real p stands in a p. */
static bool
is_office_mark(const xmlNode *node)
{
	const xmlNode *up = node->parent;
	for (int i = 0; up && i < 8; i++, up = up->parent) {
		if (is_name(up, "p"))
			return true;
		if (!is_name(up, "span") && !is_name(up, "font") && !is_name(up, "b") &&
		    !is_name(up, "i") && !is_name(up, "a"))
			return false;
	}
	return false;
}

static enum html_tag
tag_of(const xmlNode *node)
{
	enum html_tag tag = HTML_OTHER;
	for (size_t i = 0; i < COUNT(names); i++)
		if (is_name(node, names[i].name)) {
			tag = names[i].tag;
			break;
		}
	if (tag == HTML_P && is_office_mark(node))
		tag = HTML_OTHER;
	if (tag == HTML_P && is_line((const struct html_node *)(const void *)node))
		tag = HTML_BLOCK;
	return tag;
}

bool
html_is_indent(const struct html_node *node)
{
	struct slice style = html_attribute(node, "style");
	return !html_has_class(node, "gmail_quote") && style_says(style, "border", "none") &&
	       !style_says(style, "border-left", "") && html_attribute(node, "type").n == 0 &&
	       html_attribute(node, "cite").n == 0;
}

bool
html_is_cited(const struct html_node *node)
{
	return slice_is_ci(slice_trim(html_attribute(node, "type")), "cite") ||
	       html_attribute(node, "cite").n > 0 || html_has_class(node, "gmail_quote") ||
	       html_has_class(node, "yahoo_quoted") || html_has_class(node, "protonmail_quote") ||
	       html_has_class(node, "cite");
}

/* --- tables ----------------------------------------------------------------------------------- */

#define CELL_TEXT_MAX 160 /* letters of a cell of data, on the average */

/* The next element below root, in the order of the source. */
static const xmlNode *
next_below(const xmlNode *root, const xmlNode *node)
{
	if (node->children && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node != root && !node->next)
		node = node->parent;
	return node == root ? NULL : node->next;
}

struct table {
	size_t rows, cells, text;
	bool wide; /* a row has more than one cell */
};

/* What stands in a table only where that places things. */
static const char *const placed[] = {"table", "h1", "h2", "h3", "h4", "h5",
				     "h6",    "ul", "ol", "hr", "img"};

/* False: what it has settles it, by *layout. */
static bool
count_node(struct table *t, const xmlNode *node, size_t *in_row, bool *layout)
{
	if (node->type == XML_TEXT_NODE) {
		t->text += slice_trim(slice_str((const char *)node->content)).n;
		return true;
	}
	for (size_t i = 0; i < COUNT(placed) && !*layout; i++)
		*layout = is_name(node, placed[i]);
	if (*layout || is_name(node, "th") || is_name(node, "caption"))
		return false;
	if (is_name(node, "tr")) {
		t->rows++;
		*in_row = 0;
	} else if (is_name(node, "td")) {
		t->cells++;
		t->wide |= ++*in_row > 1;
	}
	return true;
}

bool
html_is_layout(const struct html_node *node)
{
	const xmlNode *root = inside(node);
	struct slice role = slice_trim(html_attribute(node, "role"));
	struct slice border = slice_trim(html_attribute(node, "border"));
	struct table t = {0, 0, 0, false};
	size_t in_row = 0;
	bool layout = false;
	if (slice_is_ci(role, "presentation") || slice_is_ci(role, "none"))
		return true;
	if (border.n > 0 && !slice_is(border, "0"))
		return false;
	for (const xmlNode *n = root->children; n; n = next_below(root, n))
		if (!count_node(&t, n, &in_row, &layout))
			return layout;
	return !t.wide || t.rows < 2 || t.text / t.cells > CELL_TEXT_MAX;
}

/* Preheaders and other text that no reader is shown. */
static bool
is_hidden(const xmlNode *node)
{
	const struct html_node *n = (const struct html_node *)(const void *)node;
	for (size_t i = 0; i < COUNT(dropped); i++)
		if (is_name(node, dropped[i]))
			return true;
	struct slice style = html_attribute(n, "style");
	return style.n > 0 &&
	       (style_says(style, "display", "none") || style_says(style, "mso-hide", "all") ||
		style_says(style, "visibility", "hidden"));
}

static void
give_text(const xmlNode *node, const struct html_handler *handler, void *arg)
{
	struct slice text = slice_str((const char *)node->content);
	if (text.n > 0 && (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE))
		handler->text(arg, text);
}

/* Depth first by the tree's own pointers. */
static void
walk_tree(const xmlNode *root, const struct html_handler *handler, void *arg)
{
	const xmlNode *node = root;
	while (node) {
		bool element = node->type == XML_ELEMENT_NODE;
		bool enter = element && !is_hidden(node);
		if (enter)
			handler->open(arg, tag_of(node),
				      (const struct html_node *)(const void *)node);
		else if (!element)
			give_text(node, handler, arg);
		if (enter && node->children) {
			node = node->children;
			continue;
		}
		if (enter)
			handler->close(arg, tag_of(node));
		while (node && !node->next) {
			node = node->parent;
			if (!node || node->type != XML_ELEMENT_NODE) {
				node = NULL;
				break;
			}
			handler->close(arg, tag_of(node));
		}
		node = node ? node->next : NULL;
	}
}

bool
html_walk(struct slice html, const struct html_handler *handler, void *arg)
{
	html = slice_sub(html, 0, HTML_SIZE_MAX);
	if (!html_is_safe(html))
		return false;
	htmlParserCtxtPtr ctxt = htmlNewParserCtxt();
	if (!ctxt)
		return false;
	struct buf clean;
	buf_init(&clean, 4 * (size_t)HTML_SIZE_MAX);
	utf8_clean(&clean, html);
	htmlDocPtr doc =
	    htmlCtxtReadMemory(ctxt, buf_str(&clean), (int)clean.n, NULL, "UTF-8",
			       HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				   HTML_PARSE_NONET | HTML_PARSE_NODEFDTD | HTML_PARSE_IGNORE_ENC);
	bool whole = doc && !ctxt->disableSAX;
	if (whole)
		walk_tree(xmlDocGetRootElement(doc), handler, arg);
	xmlFreeDoc(doc);
	htmlFreeParserCtxt(ctxt);
	buf_free(&clean);
	return whole;
}

struct slice
html_safe_url(struct arena *a, struct slice url)
{
	static const char *const schemes[] = {"https://", "http://", "mailto:"};
	/* what browsers leave out before they look at the scheme (URL Standard 4.4) */
	struct slice s = slice_trim(url);
	char *out = arena_alloc(a, 3 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (memchr(" \"<>\\^`{|}", s.p[i],
			   10)) { /* nor may these stand in one (RFC 3986) */
			snprintf(out + n, 4, "%%%02X", (unsigned char)s.p[i]);
			n += 3;
		} else if ((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f) {
			out[n++] = s.p[i];
		}
	s = slice_trim(slice_make(out, n));
	for (size_t i = 0; i < COUNT(schemes); i++)
		if (slice_starts_ci(s, slice_str(schemes[i])) && s.n > strlen(schemes[i]))
			return s;
	return slice_make(NULL, 0);
}
