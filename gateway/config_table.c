/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See config_table.h. */
#include <arpa/inet.h>
#include <string.h>

#include <osmocom/core/talloc.h>

#include "gateway/config_table.h"

void gw_config_complain(const struct gw_config_reader *reader, const struct menu_node *node, const char *rule, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	menu_diag_add(reader->diags, node->file, node->line, rule, "%s", text);
}

bool gw_config_is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);

	for (const char *at = strchr(value, '|') ? NULL : choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncmp(at, value, n) == 0 && (at[n] == '|' || at[n] == '\0') && n)
			return true;
	return false;
}

const char *gw_config_path(const struct gw_config_reader *reader, const char *path)
{
	return path[0] == '/' ? talloc_strdup(reader->ctx, path) : talloc_asprintf(reader->ctx, "%s/%s", reader->folder, path);
}

static void read_number(const struct gw_config_reader *reader, const struct gw_option *option, const struct menu_node *node, unsigned int *at)
{
	if (node->kind != MENU_NODE_INT)
		gw_config_complain(reader, node, "wrong-type", "%s is a whole number", option->name);
	else if (node->integer < option->min || node->integer > option->max)
		gw_config_complain(reader, node, "out-of-bounds", "%s is from %lld to %lld", option->name, (long long)option->min,
				   (long long)option->max);
	else
		*at = (unsigned int)node->integer;
}

static void read_option(const struct gw_config_reader *reader, const struct gw_option *option, const struct menu_node *node, void *into)
{
	void *at = (char *)into + option->offset;

	if (option->kind == GW_OPTION_NUMBER) {
		read_number(reader, option, node, at);
		return;
	}
	if (option->kind == GW_OPTION_BOOL) {
		if (node->kind != MENU_NODE_BOOL)
			gw_config_complain(reader, node, "wrong-type", "%s is true or false", option->name);
		*(bool *)at = node->kind == MENU_NODE_BOOL && node->integer != 0;
		return;
	}
	if (node->kind != MENU_NODE_STRING) {
		gw_config_complain(reader, node, "wrong-type", "%s is a text in quotes", option->name);
		return;
	}
	if (option->required && !node->string[0])
		gw_config_complain(reader, node, "missing-key", "%s is empty: %s", option->name, option->text);
	else if (option->choices && !gw_config_is_choice(option->choices, node->string))
		gw_config_complain(reader, node, "unknown-choice", "%s is one of %s", option->name, option->choices);
	*(const char **)at = option->kind == GW_OPTION_PATH ? gw_config_path(reader, node->string) : talloc_strdup(reader->ctx, node->string);
}

void gw_config_section(const struct gw_config_reader *reader, const struct gw_section *section, const struct menu_node *group,
		       const struct menu_node *blame, void *into, const char *nested)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct gw_option *option = &section->options[i];
		const struct menu_node *node = group ? menu_node_find(group, option->name) : NULL;

		if (option->kind == GW_OPTION_NUMBER)
			*(unsigned int *)((char *)into + option->offset) = (unsigned int)option->standard;
		else if (option->kind == GW_OPTION_BOOL)
			*(bool *)((char *)into + option->offset) = option->standard != 0;
		else if (option->standard_text)
			*(const char **)((char *)into + option->offset) = option->standard_text;
		if (node)
			read_option(reader, option, node, into);
		else if (option->required)
			gw_config_complain(reader, blame, "missing-key", "%s needs %s: %s", section->path, option->name, option->text);
	}
	for (size_t i = 0; group && i < group->n; i++) {
		const struct menu_node *node = &group->children[i];
		bool known = gw_config_is_choice(nested, node->name);

		for (size_t j = 0; j < section->n && !known; j++)
			known = strcmp(section->options[j].name, node->name) == 0;
		if (!known)
			gw_config_complain(reader, node, "unknown-key", "%s is not a key of %s", node->name,
					   section->path[0] ? section->path : "the file");
	}
}

const struct menu_node *gw_config_find(const struct gw_config_reader *reader, const struct menu_node *group, const char *name,
				       enum menu_node_kind kind)
{
	const struct menu_node *node = menu_node_find(group, name);

	if (node && node->kind != kind) {
		gw_config_complain(reader, node, "wrong-type", "%s is a %s", name, kind == MENU_NODE_GROUP ? "group { }" : "list ( )");
		return NULL;
	}
	return node;
}

/* Names are not looked up: that would hold up the loop, and here the start. */
void gw_config_numeric(const struct gw_config_reader *reader, const struct menu_node *group, const char *name, const char *address)
{
	uint8_t octets[16];

	if (group && address && address[0] && inet_pton(AF_INET, address, octets) != 1 && inet_pton(AF_INET6, address, octets) != 1)
		gw_config_complain(reader, menu_node_find(group, name), "not-an-address", "%s is a numeric address", name);
}

const struct menu_node *gw_config_full_list(const struct gw_config_reader *reader, const struct menu_node *group, const char *name,
					    const char *text)
{
	const struct menu_node *list = gw_config_find(reader, group, name, MENU_NODE_LIST);

	if (list && list->n)
		return list;
	if (list || !menu_node_find(group, name))
		gw_config_complain(reader, list ? list : group, "missing-key", "%s", text);
	return NULL;
}

void gw_config_length(const struct gw_config_reader *reader, const struct menu_node *node, const char *name, const char *value, size_t max)
{
	if (value && strlen(value) > max)
		gw_config_complain(reader, node, "too-long", "%s has at most %zu characters", name, max);
}

static void help_option(FILE *to, const struct gw_option *option)
{
	if (option->kind == GW_OPTION_NUMBER)
		fprintf(to, "  %-20s %lld..%lld (%lld)  %s\n", option->name, (long long)option->min, (long long)option->max,
			(long long)option->standard, option->text);
	else if (option->kind == GW_OPTION_BOOL)
		fprintf(to, "  %-20s true|false (%s)  %s\n", option->name, option->standard ? "true" : "false", option->text);
	else
		fprintf(to, "  %-20s %s (%s)  %s\n", option->name,
			option->choices ? option->choices : option->kind == GW_OPTION_PATH ? "path" : "text",
			option->required ? "required" : option->standard_text ? option->standard_text : "none", option->text);
}

void gw_config_section_help(FILE *to, const struct gw_section *section)
{
	if (section->path[0])
		fprintf(to, "%s\n", section->path);
	for (size_t i = 0; i < section->n; i++)
		help_option(to, &section->options[i]);
}
