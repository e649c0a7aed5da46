/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See operation_together.h. What is checked here is what makes merging a thing that cannot fail: members are safe and ask nobody
 * further, lists of one name have the same fields, and there is room for a first row of every member. */
#include "menus/operation_together.h"

#include <string.h>
#include <talloc.h>

static const struct menu_field fields[MENU_TOGETHER_FIELDS] = {
	[MENU_TOGETHER_ANSWERED] = { .name = "answered", .pointer = "" },
	[MENU_TOGETHER_SILENT] = { .name = "silent", .pointer = "" },
	[MENU_TOGETHER_SILENT_FA] = { .name = "silent_fa", .pointer = "" },
	[MENU_TOGETHER_SILENT_EN] = { .name = "silent_en", .pointer = "" },
	[MENU_TOGETHER_MORE] = { .name = "more", .pointer = "" },
};

/* One line for each mistake, at the operation that has it. */
#define complain(op, diags, rule, ...) menu_diag_add(diags, (op)->file, (op)->line, rule, __VA_ARGS__)

const char *menu_together_field_name(enum menu_together_field field)
{
	return fields[field].name;
}

static bool is_named(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void menu_together_read(struct menu_operation *op, void *ctx, const struct menu_node *node, struct menu_diags *diags)
{
	const char **names;

	if (node->kind != MENU_NODE_LIST) {
		menu_diag_add(diags, node->file, node->line, "type", "together must be a list of operations, ( \"water.mine\", \"power.mine\" )");
		return;
	}
	if (node->n < 2 || node->n > MENU_OPERATION_MEMBERS_MAX) {
		menu_diag_add(diags, node->file, node->line, "bounds", "together has 2 to %d operations", MENU_OPERATION_MEMBERS_MAX);
		return;
	}
	names = talloc_zero_array(ctx, const char *, MENU_OPERATION_MEMBERS_MAX);
	op->member_names = names;
	for (size_t i = 0; i < node->n; i++) {
		const struct menu_node *name = &node->children[i];

		if (name->kind != MENU_NODE_STRING)
			menu_diag_add(diags, name->file, name->line, "type", "together must be names of operations in quotes");
		else if (is_named(names, op->n_members, name->string))
			menu_diag_add(diags, name->file, name->line, "together", "%s is there twice", name->string);
		else
			names[op->n_members++] = talloc_strdup(ctx, name->string);
	}
}

/* The member of this name if it can be one, or NULL and a diagnostic. */
static const struct menu_operation *member(const struct menu_agencies *agencies, const struct menu_operation *op, const char *name, struct menu_diags *diags)
{
	const struct menu_operation *found = menu_operation_find(agencies, name);

	if (!found)
		complain(op, diags, "together", "%s: there is no operation %s", op->name, name);
	else if (found->member_names)
		complain(op, diags, "together", "%s: %s asks others itself", op->name, name);
	else if (!found->safe)
		complain(op, diags, "together", "%s: %s changes something; only what is safe is asked side by side", op->name, name);
	else
		return found;
	return NULL;
}

static void find_members(const struct menu_agencies *agencies, struct menu_operation *op, void *ctx, struct menu_diags *diags)
{
	const struct menu_operation **members = talloc_zero_array(ctx, const struct menu_operation *, MENU_OPERATION_MEMBERS_MAX);
	size_t n = 0;

	for (size_t i = 0; i < op->n_members; i++)
		if ((members[n] = member(agencies, op, op->member_names[i], diags)))
			n++;
	op->n_members = n;
	op->members = members;
}

static void join_inputs(struct menu_operation *op, const struct menu_operation *from, struct menu_diags *diags)
{
	const char **inputs = (const char **)(uintptr_t)op->inputs; /* read_operation made it, with room for all that are allowed */

	for (size_t i = 0; i < from->n_inputs; i++) {
		if (is_named(inputs, op->n_inputs, from->inputs[i]))
			continue;
		if (op->n_inputs == MENU_OPERATION_INPUTS_MAX) {
			complain(op, diags, "bounds", "%s: its members have too many inputs", op->name);
			return;
		}
		inputs[op->n_inputs++] = from->inputs[i];
	}
}

/* Who may not be told what a member says may not be told it beside the others, either. */
static void join_ladder(struct menu_operation *op, const struct menu_operation *from)
{
	op->requires = from->requires > op->requires ? from->requires : op->requires;
	op->business = op->business || from->business;
}

static bool has_field(const struct menu_list *list, const char *name)
{
	for (size_t i = 0; i < list->n_fields; i++)
		if (strcmp(list->fields[i].name, name) == 0)
			return true;
	return false;
}

/* A column that only some rows have would be empty in the others for a reason that nobody sees. */
static void compare_fields(const struct menu_operation *op, const struct menu_operation *from, const struct menu_list *a, const struct menu_list *b, struct menu_diags *diags)
{
	for (size_t i = 0; i < a->n_fields; i++)
		if (!has_field(b, a->fields[i].name))
			complain(op, diags, "together", "%s: the list %s has %s for some of its members only (see %s)", op->name, a->name, a->fields[i].name,
			         from->name);
}

static void join_list(struct menu_operation *op, struct menu_list *lists, const struct menu_operation *from, const struct menu_list *list, struct menu_diags *diags)
{
	size_t i;

	for (i = 0; i < op->n_lists && strcmp(lists[i].name, list->name) != 0; i++)
		;
	if (i < op->n_lists) {
		compare_fields(op, from, &lists[i], list, diags);
		compare_fields(op, from, list, &lists[i], diags);
		return;
	}
	lists[op->n_lists] = *list;
	lists[op->n_lists++].rows_max = op->together_rows;
}

static void join_lists(struct menu_operation *op, void *ctx, struct menu_diags *diags)
{
	size_t n = 0, widest = 0;
	struct menu_list *lists;

	for (size_t i = 0; i < op->n_members; i++)
		n += op->members[i]->n_lists;
	lists = talloc_zero_array(ctx, struct menu_list, n ? (unsigned int)n : 1);
	op->lists = lists;
	for (size_t i = 0; i < op->n_members; i++)
		for (size_t k = 0; k < op->members[i]->n_lists; k++)
			join_list(op, lists, op->members[i], &op->members[i]->lists[k], diags);
	for (size_t i = 0; i < op->n_lists; i++)
		widest = lists[i].n_fields > widest ? lists[i].n_fields : widest;
	if (op->n_lists == 0 && op->n_members > 0)
		complain(op, diags, "together", "%s: none of its members gives a list, and lists are what is merged", op->name);
	if (op->together_rows < op->n_members || widest * op->n_lists * op->n_members > MENU_OPERATION_VALUES_MAX - MENU_TOGETHER_FIELDS)
		complain(op, diags, "bounds", "%s: there is no room for a first row of each member", op->name);
}

static void join(const struct menu_agencies *agencies, struct menu_operation *op, void *ctx, struct menu_diags *diags)
{
	find_members(agencies, op, ctx, diags);
	op->safe = true;
	op->retries = 0;
	op->as_of_s = 0;
	op->fields = fields;
	op->n_fields = MENU_TOGETHER_FIELDS;
	for (size_t i = 0; i < op->n_members; i++) {
		join_inputs(op, op->members[i], diags);
		join_ladder(op, op->members[i]);
	}
	join_lists(op, ctx, diags);
}

void menu_together_join(struct menu_agencies *agencies, struct menu_diags *diags)
{
	const struct menu_agency *agency;

	for (size_t i = 0; (agency = menu_agencies_at(agencies, i)); i++)
		for (size_t k = 0; k < agency->n_operations; k++)
			if (agency->operations[k].member_names)
				join(agencies, (struct menu_operation *)(uintptr_t)&agency->operations[k], (void *)(uintptr_t)agency, diags);
}
