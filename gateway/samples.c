/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Samples are read once into the form of answers. What a sample gives must be what its operation gives: a sample that
 * says more than the agency will would let a menu pass that cannot work. */
#include "gateway/samples.h"

#include <inttypes.h>
#include <string.h>

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "gateway/together.h"
#include "menus/source.h"

struct condition { const char *name, *value; };

struct sample {
	const struct menu_operation *operation;
	size_t n_conditions;
	struct condition *conditions;
	struct menu_answer answer;
};

struct gw_samples {
	size_t n;
	struct sample *samples;
	struct gw_together *merged;      /* the last answer of an operation that asks others */
};

/* What is being read: one operation's sample, and where its values go. */
struct reader {
	struct gw_samples *samples;
	struct menu_diags *diags;
	const struct menu_operation *operation;
	struct menu_value *values;
	size_t n;
};

static const char *text_of(void *ctx, const struct menu_node *node)
{
	switch (node->kind) {
	case MENU_NODE_STRING:
		return talloc_strdup(ctx, node->string);
	case MENU_NODE_INT:
		return talloc_asprintf(ctx, "%" PRId64, node->integer);
	case MENU_NODE_BOOL:
		return talloc_strdup(ctx, node->integer ? "true" : "false");
	case MENU_NODE_FLOAT:
		return talloc_asprintf(ctx, "%.15g", node->real);
	default:
		return NULL;
	}
}

static bool has_field(const struct menu_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return true;
	return false;
}

static const struct menu_list *find_list(const struct menu_operation *operation, const char *name)
{
	for (size_t i = 0; i < operation->n_lists; i++)
		if (strcmp(operation->lists[i].name, name) == 0)
			return &operation->lists[i];
	return NULL;
}

/* One line for each mistake, at the node that has it. */
#define complain(reader, node, rule, ...) menu_diag_add((reader)->diags, (node)->file, (node)->line, rule, __VA_ARGS__)

/* Groups within groups are names with dots, as in templates. */
static void read_values(struct reader *reader, const struct menu_node *group, const char *prefix, const struct menu_list *list, uint16_t row)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct menu_node *node = &group->children[i];
		const char *name = talloc_asprintf(reader->samples, "%s%s%s", prefix, *prefix ? "." : "", node->name);
		const char *value = text_of(reader->samples, node);

		if (node->kind == MENU_NODE_GROUP)
			read_values(reader, node, name, list, row);
		else if (!value)
			complain(reader, node, "sample-value", "\"%s\" must be a text, a number or a truth value", name);
		else if (list ? !has_field(list->fields, list->n_fields, name)
		              : !has_field(reader->operation->fields, reader->operation->n_fields, name))
			complain(reader, node, "sample-value", "the operation \"%s\" does not give \"%s\"",
			              reader->operation->name, name);
		else if (reader->n == MENU_OPERATION_VALUES_MAX)
			complain(reader, node, "sample-value", "an answer has at most %d values", MENU_OPERATION_VALUES_MAX);
		else
			reader->values[reader->n++] = (struct menu_value){ name, value, list ? list->name : NULL, row };
	}
}

static void read_lists(struct reader *reader, const struct menu_node *lists)
{
	for (size_t i = 0; i < lists->n; i++) {
		const struct menu_node *node = &lists->children[i];
		const struct menu_list *list = find_list(reader->operation, node->name);

		if (!list || node->kind != MENU_NODE_LIST) {
			complain(reader, node, "sample-list", list ? "the list \"%s\" must be ( { ... }, ... )" : "the operation has no list \"%s\"", node->name);
			continue;
		}
		for (size_t row = 0; row < node->n; row++)
			if (row < list->rows_max && node->children[row].kind == MENU_NODE_GROUP)
				read_values(reader, &node->children[row], "", list, (uint16_t)row);
			else
				complain(reader, &node->children[row], "sample-list", "\"%s\" has this row too many, or it is no group", node->name);
	}
}

static void read_conditions(struct reader *reader, const struct menu_node *when, struct sample *sample)
{
	sample->conditions = talloc_array(reader->samples, struct condition, when->n);
	for (size_t i = 0; i < when->n; i++) {
		const struct menu_node *node = &when->children[i];
		bool known = false;

		for (size_t k = 0; k < reader->operation->n_inputs; k++)
			known |= strcmp(reader->operation->inputs[k], node->name) == 0;
		sample->conditions[i] = (struct condition){ talloc_strdup(reader->samples, node->name), text_of(reader->samples, node) };
		if (!known || !sample->conditions[i].value)
			complain(reader, node, "sample-when", known ? "\"%s\" must be a text or a number" : "the operation has no input \"%s\"", node->name);
	}
	sample->n_conditions = when->n;
}

static const struct menu_node *group_of(struct reader *reader, const struct menu_node *node, const char *name)
{
	const struct menu_node *child = menu_node_find(node, name);

	if (!child || child->kind == MENU_NODE_GROUP)
		return child;
	complain(reader, child, "sample-key", "\"%s\" must be a group", name);
	return NULL;
}

static const char *string_of(struct reader *reader, const struct menu_node *node, const char *name)
{
	const struct menu_node *child = menu_node_find(node, name);

	if (!child || child->kind == MENU_NODE_STRING)
		return child ? child->string : NULL;
	complain(reader, child, "sample-key", "\"%s\" must be a text", name);
	return NULL;
}

static void refuse_other_keys(struct reader *reader, const struct menu_node *node)
{
	static const char *const keys[] = { "operation", "when", "outcome", "values", "lists" };

	for (size_t i = 0; i < node->n; i++) {
		bool known = false;

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			known |= strcmp(keys[k], node->children[i].name) == 0;
		if (!known)
			complain(reader, &node->children[i], "sample-key", "a sample has no key \"%s\"", node->children[i].name);
	}
}

static void read_sample(struct reader *reader, const struct menu_agencies *agencies, const struct menu_node *node)
{
	struct sample *sample = &reader->samples->samples[reader->samples->n];
	const struct menu_node *part;
	const char *name, *outcome;

	if (node->kind != MENU_NODE_GROUP) {
		complain(reader, node, "sample-key", "a sample must be a group { ... }");
		return;
	}
	refuse_other_keys(reader, node);
	name = string_of(reader, node, "operation");
	reader->operation = name ? menu_operation_find(agencies, name) : NULL;
	if (!reader->operation) {
		complain(reader, node, "sample-operation", "no agency has the operation \"%s\"", name ? name : "");
		return;
	}
	if (reader->operation->n_members) {
		complain(reader, node, "sample-operation", "\"%s\" asks others side by side: samples are of those", name);
		return;
	}
	outcome = string_of(reader, node, "outcome");
	outcome = outcome ? outcome : "ok";
	if (!menu_operation_has_outcome(reader->operation, outcome))
		complain(reader, node, "sample-outcome", "the operation never ends as \"%s\"", outcome);
	*sample = (struct sample){ .operation = reader->operation };
	reader->values = talloc_array(reader->samples, struct menu_value, MENU_OPERATION_VALUES_MAX);
	reader->n = 0;
	if ((part = group_of(reader, node, "when")))
		read_conditions(reader, part, sample);
	if ((part = group_of(reader, node, "values")))
		read_values(reader, part, "", NULL, 0);
	if ((part = group_of(reader, node, "lists")))
		read_lists(reader, part);
	sample->answer = (struct menu_answer){ .outcome = talloc_strdup(reader->samples, outcome), .n = reader->n, .values = reader->values };
	reader->samples->n++;
}

struct gw_samples *gw_samples_load(void *ctx, const char *path, const struct menu_agencies *agencies, struct menu_diags *diags)
{
	struct gw_samples *samples = talloc_zero(ctx, struct gw_samples);
	struct reader reader = { .samples = samples, .diags = diags };
	const struct menu_node *root = menu_source_read(samples, path, diags), *list = root ? menu_node_find(root, "samples") : NULL;
	size_t before = menu_diags_count(diags);

	samples->merged = talloc_zero(samples, struct gw_together);
	if (root && (!list || list->kind != MENU_NODE_LIST || root->n != 1))
		menu_diag_add(diags, path, 1, "sample-key", "the file must be samples = ( { ... }, ... ) and nothing else");
	else if (root) {
		samples->samples = talloc_zero_array(samples, struct sample, list->n);
		for (size_t i = 0; i < list->n; i++)
			read_sample(&reader, agencies, &list->children[i]);
	}
	if (root && menu_diags_count(diags) == before)
		return samples;
	talloc_free(samples);
	return NULL;
}

static const struct menu_answer *merge(const struct gw_samples *samples, const struct menu_operation *operation,
                                       const char *(*value)(void *ctx, const char *name), void *value_ctx)
{
	const struct menu_answer *answers[MENU_OPERATION_MEMBERS_MAX];
	bool any = false;

	for (size_t i = 0; i < operation->n_members; i++) {
		answers[i] = gw_samples_find(samples, operation->members[i], value, value_ctx);
		any |= answers[i] != NULL;
	}
	if (!any)
		return NULL;
	gw_together_merge(samples->merged, operation, answers);
	return &samples->merged->answer;
}

const struct menu_answer *gw_samples_find(const struct gw_samples *samples, const struct menu_operation *operation,
                                          const char *(*value)(void *ctx, const char *name), void *value_ctx)
{
	if (operation->n_members)
		return merge(samples, operation, value, value_ctx);
	for (size_t i = 0; i < samples->n; i++) {
		const struct sample *sample = &samples->samples[i];
		bool fits = sample->operation == operation;

		for (size_t k = 0; fits && k < sample->n_conditions; k++) {
			const char *given = value(value_ctx, sample->conditions[k].name);

			fits = given && strcmp(given, sample->conditions[k].value) == 0;
		}
		if (fits)
			return &sample->answer;
	}
	return NULL;
}
