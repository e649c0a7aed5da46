/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Mistakes that a person made in a file: file, line, rule, text. All are collected, then shown at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct menu_diag {
	const char *file;    /* as the reader named it */
	unsigned int line;   /* 1.., 0: the file as a whole */
	const char *rule;    /* short id of the rule, "unknown-screen": listed in README.md */
	const char *text;
};

struct menu_diags;       /* a talloc object that owns its texts */

struct menu_diags *menu_diags_alloc(void *ctx);
void menu_diag_add(struct menu_diags *diags, const char *file, unsigned int line, const char *rule, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
size_t menu_diags_count(const struct menu_diags *diags);
const struct menu_diag *menu_diags_at(const struct menu_diags *diags, size_t index); /* in order of file and line */
/* "FILE:LINE: RULE: TEXT" for each, and a last line with their number. */
void menu_diags_print(const struct menu_diags *diags, FILE *to);
