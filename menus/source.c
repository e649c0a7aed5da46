/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* libconfig -> our own nodes. The only file that knows libconfig, and it keeps nothing of it: the nodes are a talloc tree of
 * their own, so that a reader needs neither libconfig's types nor its life-cycle.
 *
 * What we ask beyond libconfig: the file is UTF-8 without NUL and at most 1 MiB; no `@include` (a menu is what was published,
 * not what lies on this machine's disk); nesting is bounded; integers are 64 bit. A name given twice is libconfig's own error. */
#include "menus/source.h"

#include <errno.h>
#include <libconfig.h>
#include <string.h>
#include <talloc.h>

#include "menus/utf8.h"

#define SOURCE_OCTETS_MAX (1024 * 1024)
#define SOURCE_DEPTH_MAX 32

struct copying {
	void *ctx;                /* the root node: owner of everything */
	const char *file;
	struct menu_diags *diags;
	bool bad;
};

static void complain(struct copying *c, unsigned int line, const char *text)
{
	menu_diag_add(c->diags, c->file, line, "syntax", "%s", text);
	c->bad = true;
}

static void copy(struct copying *c, const config_setting_t *from, struct menu_node *to, unsigned int depth);

static void copy_children(struct copying *c, const config_setting_t *from, struct menu_node *to, unsigned int depth)
{
	int i, n = config_setting_length(from);
	struct menu_node *children;

	if (n <= 0)
		return;
	if (depth >= SOURCE_DEPTH_MAX) {
		complain(c, to->line, "nested too deeply");
		return;
	}
	children = talloc_zero_array(c->ctx, struct menu_node, (unsigned int)n);
	for (i = 0; i < n; i++)
		copy(c, config_setting_get_elem(from, (unsigned int)i), &children[i], depth + 1);
	to->n = (size_t)n;
	to->children = children;
}

static void copy_string(struct copying *c, const config_setting_t *from, struct menu_node *to)
{
	const char *text = config_setting_get_string(from);
	to->kind = MENU_NODE_STRING;
	to->string = talloc_strdup(c->ctx, text ? text : "");
	if (!menu_utf8_valid(to->string, strlen(to->string))) /* an escape, "\xff": the file itself was checked */
		complain(c, to->line, "a string that is not UTF-8");
}

static void copy(struct copying *c, const config_setting_t *from, struct menu_node *to, unsigned int depth)
{
	const char *name = config_setting_name(from);

	to->name = name ? talloc_strdup(c->ctx, name) : "";
	to->file = c->file;
	to->line = config_setting_source_line(from);
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_STRING:
		copy_string(c, from, to);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		to->kind = MENU_NODE_INT;
		to->integer = config_setting_get_int64(from);
		break;
	case CONFIG_TYPE_FLOAT:
		to->kind = MENU_NODE_FLOAT;
		to->real = config_setting_get_float(from);
		break;
	case CONFIG_TYPE_BOOL:
		to->kind = MENU_NODE_BOOL;
		to->integer = config_setting_get_bool(from);
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		to->kind = MENU_NODE_LIST;
		copy_children(c, from, to, depth);
		break;
	default:
		to->kind = MENU_NODE_GROUP;
		copy_children(c, from, to, depth);
	}
}

/* libconfig would open the file that an @include names; it looks for one at the beginning of a line only. */
static unsigned int include_line(const char *text)
{
	unsigned int line = 1;
	for (;; line++) {
		text += strspn(text, " \t");
		if (strncmp(text, "@include", 8) == 0)
			return line;
		text = strchr(text, '\n');
		if (!text)
			return 0;
		text++;
	}
}

static const char *why_not_text(const char *text, size_t octets)
{
	if (octets > SOURCE_OCTETS_MAX)
		return "larger than 1 MiB";
	if (memchr(text, '\0', octets))
		return "not a text: it has a NUL";
	return menu_utf8_valid(text, octets) ? NULL : "not UTF-8";
}

/* Octets of the string, comment or word at text; 0: a string without its end. */
static size_t token_octets(const char *text)
{
	const char *end;
	size_t i;
	if (text[0] == '"') {
		for (i = 1; text[i] && text[i] != '"'; i++)
			if (text[i] == '\\' && text[i + 1])
				i++;
		return text[i] ? i + 1 : 0;
	}
	if (text[0] == '#' || (text[0] == '/' && text[1] == '/'))
		return strcspn(text, "\n");
	if (text[0] == '/' && text[1] == '*') {
		end = strstr(text + 2, "*/");
		return end ? (size_t)(end - text) + 2 : strlen(text);
	}
	i = strspn(text, "+-.0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return i ? i : 1;
}

/* Prepares the text for two weaknesses of libconfig 1.5: it cuts an integer above 32 bits to nonsense, silently, unless it
 * ends in L (so we write the L; lines stay); and it never frees a string that the file ends in (so we refuse it: NULL). */
static char *prepare(struct copying *c, const char *text, size_t octets)
{
	char *out = talloc_size(c->ctx, octets + octets / 10 + 1), *o = out;
	const char *t = text;
	unsigned int line = 1;
	while (*t) {
		size_t n = token_octets(t), sign = *t == '-' || *t == '+', digits = strspn(t + sign, "0123456789"), i;
		if (n == 0) {
			complain(c, line, "a string without its end");
			return NULL;
		}
		memcpy(o, t, n);
		o += n;
		if (digits >= 10 && sign + digits == n)
			*o++ = 'L';
		for (i = 0; i < n; i++)
			line += t[i] == '\n';
		t += n;
	}
	*o = '\0';
	return out;
}

const struct menu_node *menu_source_parse(void *ctx, const char *file, const char *text, size_t octets, struct menu_diags *diags)
{
	struct menu_node *root = talloc_zero(ctx, struct menu_node);
	struct copying c = { .ctx = root, .file = talloc_strdup(root, file), .diags = diags };
	const char *why = why_not_text(text, octets);
	char *copied, *prepared;
	config_t config;

	if (why) {
		complain(&c, 0, why);
		talloc_free(root);
		return NULL;
	}
	copied = talloc_strndup(root, text, octets);
	prepared = prepare(&c, copied, octets);
	config_init(&config);
	if (c.bad)
		;
	else if (include_line(copied))
		complain(&c, include_line(copied), "@include is not allowed");
	else if (config_read_string(&config, prepared) != CONFIG_TRUE)
		complain(&c, (unsigned int)config_error_line(&config), config_error_text(&config));
	else
		copy(&c, config_root_setting(&config), root, 0);
	config_destroy(&config);
	talloc_free(copied);
	talloc_free(prepared);
	if (!c.bad)
		return root;
	talloc_free(root);
	return NULL;
}

char *menu_source_text(void *ctx, const char *path, size_t *octets, struct menu_diags *diags)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;

	if (file) {
		text = talloc_size(ctx, SOURCE_OCTETS_MAX + 2);
		*octets = fread(text, 1, SOURCE_OCTETS_MAX + 1, file);
		text[*octets] = '\0';
	}
	if (!file || ferror(file)) {
		menu_diag_add(diags, path, 0, "read", "%s", strerror(errno));
		talloc_free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text ? talloc_realloc_size(ctx, text, *octets + 1) : NULL;
}

const struct menu_node *menu_source_read(void *ctx, const char *path, struct menu_diags *diags)
{
	size_t octets;
	char *text = menu_source_text(NULL, path, &octets, diags);
	const struct menu_node *root = text ? menu_source_parse(ctx, path, text, octets, diags) : NULL;
	talloc_free(text);
	return root;
}

const struct menu_node *menu_node_find(const struct menu_node *group, const char *name)
{
	size_t i;
	for (i = 0; i < group->n; i++)
		if (strcmp(group->children[i].name, name) == 0)
			return &group->children[i];
	return NULL;
}
