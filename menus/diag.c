/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Diagnostics: one sorted array, a child of the caller's context, which owns every text.
 *
 * A row is put where it belongs as it comes (stable: what comes later on the same line stays later), so that reading them
 * needs no second pass. A broken file could produce one for each of its octets: past MENU_DIAGS_MAX only their number grows
 * no more, and a last row says so. The same mistake told twice (it was found in both languages, or on two paths) is kept once. */
#include "menus/diag.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#define MENU_DIAGS_MAX 1000

struct menu_diags {
	size_t n, cap;
	bool full;
	struct menu_diag *rows;
};

struct menu_diags *menu_diags_alloc(void *ctx)
{
	return talloc_zero(ctx, struct menu_diags);
}

static int order(const struct menu_diag *a, const struct menu_diag *b)
{
	int by_file = strcmp(a->file, b->file);
	return by_file ? by_file : (a->line > b->line) - (a->line < b->line);
}

static bool same(const struct menu_diag *a, const struct menu_diag *b)
{
	return order(a, b) == 0 && strcmp(a->rule, b->rule) == 0 && strcmp(a->text, b->text) == 0;
}

static void insert(struct menu_diags *diags, const struct menu_diag *row)
{
	size_t at = diags->n, i;
	while (at > 0 && order(&diags->rows[at - 1], row) > 0)
		at--;
	for (i = at; i > 0 && order(&diags->rows[i - 1], row) == 0; i--)
		if (same(&diags->rows[i - 1], row))
			return;
	if (diags->n == diags->cap) {
		diags->cap = diags->cap ? 2 * diags->cap : 16;
		diags->rows = talloc_realloc(diags, diags->rows, struct menu_diag, diags->cap);
	}
	memmove(&diags->rows[at + 1], &diags->rows[at], (diags->n - at) * sizeof(*row));
	diags->rows[at] = *row;
	diags->n++;
}

void menu_diag_add(struct menu_diags *diags, const char *file, unsigned int line, const char *rule, const char *format, ...)
{
	struct menu_diag row = { .line = line };
	va_list args;

	if (diags->full)
		return;
	row.file = talloc_strdup(diags, file);
	row.rule = talloc_strdup(diags, rule);
	va_start(args, format);
	row.text = talloc_vasprintf(diags, format, args);
	va_end(args);
	if (diags->n == MENU_DIAGS_MAX - 1) {
		diags->full = true;
		row.rule = "too-many";
		row.text = "so many mistakes that the rest is not shown";
	}
	insert(diags, &row);
}

size_t menu_diags_count(const struct menu_diags *diags)
{
	return diags->n;
}

const struct menu_diag *menu_diags_at(const struct menu_diags *diags, size_t index)
{
	return index < diags->n ? &diags->rows[index] : NULL;
}

void menu_diags_print(const struct menu_diags *diags, FILE *to)
{
	size_t i;
	for (i = 0; i < diags->n; i++) {
		const struct menu_diag *d = &diags->rows[i];
		fprintf(to, "%s:%u: %s: %s\n", d->file, d->line, d->rule, d->text);
	}
	fprintf(to, "%zu mistake%s\n", diags->n, diags->n == 1 ? "" : "s");
}
