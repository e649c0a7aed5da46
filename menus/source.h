/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A libconfig file as raw nodes with file and line; the only user of libconfig. Menus, agencies' operations and the
 * gateway's configuration are all read through it, so that every mistake is told in the same way. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menus/diag.h"

enum menu_node_kind { MENU_NODE_GROUP, MENU_NODE_LIST /* ( ) and [ ] */, MENU_NODE_STRING, MENU_NODE_INT, MENU_NODE_BOOL, MENU_NODE_FLOAT };

struct menu_node {
	const char *name;            /* "" for an element of a list and for the root */
	enum menu_node_kind kind;
	const char *file;
	unsigned int line;
	const char *string;
	int64_t integer;             /* INT and BOOL */
	double real;
	size_t n;                    /* children of GROUP and LIST */
	const struct menu_node *children;
};

/* Reads one file (at most 1 MiB, no @include). The root group, a child of ctx; NULL with a diagnostic (rule "syntax", "read"). */
const struct menu_node *menu_source_read(void *ctx, const char *path, struct menu_diags *diags);
/* The text of a file, a child of ctx with a NUL behind it; NULL with a diagnostic (rule "read"). It may be one octet too long to parse. */
char *menu_source_text(void *ctx, const char *path, size_t *octets, struct menu_diags *diags);
/* The same from memory; file: the name for diagnostics. */
const struct menu_node *menu_source_parse(void *ctx, const char *file, const char *text, size_t octets, struct menu_diags *diags);
/* The child with this name, or NULL. */
const struct menu_node *menu_node_find(const struct menu_node *group, const char *name);
