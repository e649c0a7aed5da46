/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* agencies/NAME.cfg -> struct menu_agency. The keys, their bounds and their standards are the tables below; their meaning
 * for an author is in agencies.md. Everything is checked here, so that a call has nothing left to refuse but its inputs:
 * pointers are RFC 6901, a body is JSON whatever its variables hold, a path stays a path.
 *
 * Nothing here opens a secret or a CA file: a menu author's machine has neither. gateway/agency.c reads them. */
#include "menus/operation.h"

#include <jansson.h>
#include <libgen.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "menus/operation_together.h"
#include "menus/source.h"

struct menu_agencies {
	size_t n;
	struct menu_agency **rows;
};

struct reader {
	struct menu_diags *diags;
	struct menu_agency *agency;      /* owns all that is read */
	struct menu_operation *operation; /* NULL while the agency itself is read */
};

enum kind { NUMBER, STRING, BOOLEAN, PART /* read by a function of its own */ };

struct option {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t min, max;
	bool required;
	void (*read)(struct reader *r, const struct menu_node *node);
};

static void complain(struct reader *r, const struct menu_node *node, const char *rule, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void complain(struct reader *r, const struct menu_node *node, const char *rule, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = talloc_vasprintf(NULL, format, args);
	va_end(args);
	menu_diag_add(r->diags, node->file, node->line, rule, "%s", text);
	talloc_free(text);
}

static bool is_kind(struct reader *r, const struct menu_node *node, enum menu_node_kind kind, const char *wanted)
{
	if (node->kind == kind)
		return true;
	complain(r, node, "type", "%s must be %s", node->name[0] ? node->name : "this", wanted);
	return false;
}

static const char *copied(struct reader *r, const char *text)
{
	return talloc_strdup(r->agency, text);
}

static void read_option(struct reader *r, const struct option *option, void *to, const struct menu_node *node)
{
	char *at = (char *)to + option->offset;

	if (option->kind == PART) {
		option->read(r, node);
	} else if (option->kind == STRING && is_kind(r, node, MENU_NODE_STRING, "a text in quotes")) {
		*(const char **)at = copied(r, node->string);
	} else if (option->kind == BOOLEAN && is_kind(r, node, MENU_NODE_BOOL, "true or false")) {
		*(bool *)at = node->integer != 0;
	} else if (option->kind == NUMBER && is_kind(r, node, MENU_NODE_INT, "a whole number")) {
		if (node->integer < option->min || node->integer > option->max)
			complain(r, node, "bounds", "%s must be between %lld and %lld", node->name,
			              (long long)option->min, (long long)option->max);
		else
			*(unsigned int *)at = (unsigned int)node->integer;
	}
}

static const struct option *option_named(const struct option *options, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

/* Reads what the table knows out of a group; the rest is unknown, and what is required must be there. */
static void read_group(struct reader *r, const struct option *options, size_t n, void *to, const struct menu_node *group)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct option *option = option_named(options, n, group->children[i].name);
		if (option)
			read_option(r, option, to, &group->children[i]);
		else
			complain(r, &group->children[i], "unknown-key", "unknown key %s", group->children[i].name);
	}
	for (size_t i = 0; i < n; i++)
		if (options[i].required && !menu_node_find(group, options[i].name))
			complain(r, group, "missing", "%s is missing", options[i].name);
}
#define READ_GROUP(r, options, to, group) read_group(r, options, sizeof(options) / sizeof((options)[0]), to, group)

/* --- names, pointers, templates --- */

static bool is_name(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

size_t menu_operation_variable(const char *text)
{
	size_t n;

	if (text[0] != '{' || text[1] < 'a' || text[1] > 'z')
		return 0;
	n = 1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789_.");
	return text[n] == '}' ? n + 1 : 0;
}

/* RFC 6901: empty, or "/" tokens in which "~" is followed by 0 or 1. */
static const char *pointer(struct reader *r, const struct menu_node *node)
{
	const char *t;

	if (!is_kind(r, node, MENU_NODE_STRING, "a JSON Pointer in quotes"))
		return "";
	for (t = strchr(node->string, '~'); t && (t[1] == '0' || t[1] == '1'); t = strchr(t + 1, '~'))
		;
	if (t || (node->string[0] && node->string[0] != '/'))
		complain(r, node, "pointer", "\"%s\" is not a JSON Pointer (RFC 6901), as \"/bill/amount\" is", node->string);
	return copied(r, node->string);
}

static void add_inputs(struct reader *r, const struct menu_node *node)
{
	struct menu_operation *op = r->operation;
	const char **inputs = (const char **)(uintptr_t)op->inputs;

	for (const char *t = node->string; *t; t++) {
		size_t n = menu_operation_variable(t), i;
		const char *name;
		if (n == 0)
			continue;
		name = talloc_strndup(r->agency, t + 1, n - 2);
		for (i = 0; i < op->n_inputs && strcmp(inputs[i], name) != 0; i++)
			;
		if (i < op->n_inputs)
			continue;
		if (op->n_inputs == MENU_OPERATION_INPUTS_MAX) {
			complain(r, node, "bounds", "too many variables in %s", op->name);
			return;
		}
		inputs[op->n_inputs++] = name;
	}
}

/* What may stand in a request line, once its variables are out: no space, no fragment, no brace that is no variable. */
static void read_path(struct reader *r, const struct menu_node *node)
{
	if (!is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
		return;
	r->operation->path = copied(r, node->string);
	if (node->string[0] != '/')
		complain(r, node, "path", "path must begin with /");
	for (const char *t = node->string; *t; t++) {
		size_t n = menu_operation_variable(t);
		if (n)
			t += n - 1;
		else if (*t <= ' ' || *t >= 0x7f || strchr("#{}\"<>\\^`|", *t)) {
			complain(r, node, "path", "path \"%s\" holds a character that must be percent-encoded, or a brace that is no {variable}",
			         node->string);
			break;
		}
	}
	add_inputs(r, node);
}

/* A variable stands for a number outside quotes, and for a part of a text inside: with 1 in its place both are JSON. */
static void read_body(struct reader *r, const struct menu_node *node)
{
	char *sample;
	json_error_t error;
	json_t *json;
	size_t n, used = 0;

	if (!is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
		return;
	r->operation->body = copied(r, node->string);
	sample = talloc_strdup(r->agency, node->string);
	for (const char *t = node->string; *t; t += n ? n : 1) {
		n = menu_operation_variable(t);
		sample[used++] = n ? '1' : *t;
	}
	json = json_loadb(sample, used, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		complain(r, node, "body", "body is not JSON with {variables} inside texts or as numbers: %s", error.text);
	json_decref(json);
	talloc_free(sample);
	add_inputs(r, node);
}

/* --- an operation's answer --- */

struct fields {
	struct menu_field rows[MENU_OPERATION_FIELDS_MAX];
	size_t n;
};

static void add_field(struct reader *r, struct fields *fields, const char *prefix, const struct menu_node *node)
{
	if (!is_name(node->name))
		complain(r, node, "name", "\"%s\": a name is small letters, digits and _", node->name);
	if (fields->n == MENU_OPERATION_FIELDS_MAX) {
		complain(r, node, "bounds", "too many fields at %s", node->name);
		return;
	}
	fields->rows[fields->n++] = (struct menu_field){
		.name = prefix ? talloc_asprintf(r->agency, "%s.%s", prefix, node->name) : copied(r, node->name),
		.pointer = pointer(r, node),
	};
}

/* `bill = { amount = "/amount"; }` is the field bill.amount; one level, as a menu writes it. */
static void add_fields(struct reader *r, struct fields *fields, const struct menu_node *group, bool nested)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct menu_node *node = &group->children[i];
		if (!nested || node->kind != MENU_NODE_GROUP) {
			add_field(r, fields, NULL, node);
			continue;
		}
		for (size_t j = 0; j < node->n; j++)
			add_field(r, fields, node->name, &node->children[j]);
	}
}

/* `required`, `long` and `private` are lists of names of fields; `mark` is what such a field has. */
static void mark_fields(struct reader *r, struct fields *fields, const struct menu_node *list, void (*mark)(struct menu_field *field))
{
	if (!list || !is_kind(r, list, MENU_NODE_LIST, "a list of names, ( \"bill.amount\" )"))
		return;
	for (size_t i = 0, j; i < list->n; i++) {
		const struct menu_node *node = &list->children[i];
		if (!is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
			continue;
		for (j = 0; j < fields->n && strcmp(fields->rows[j].name, node->string) != 0; j++)
			;
		if (j == fields->n)
			complain(r, node, "unknown-field", "no field is named %s", node->string);
		else
			mark(&fields->rows[j]);
	}
}

static void mark_required(struct menu_field *field)
{
	field->required = true;
}

static void mark_private(struct menu_field *field)
{
	field->is_private = true;
}

static void mark_long(struct menu_field *field)
{
	field->is_long = true;
}

static const struct menu_field *kept(struct reader *r, const struct fields *fields)
{
	return talloc_memdup(r->agency, fields->rows, fields->n * sizeof(fields->rows[0]));
}

static void read_together(struct reader *r, const struct menu_node *node)
{
	menu_together_read(r->operation, r->agency, node, r->diags);
}

static void skip(struct reader *r, const struct menu_node *node)
{
	(void)r, (void)node; /* read together with its sibling */
}

static void read_answer(struct reader *r, const struct menu_node *node)
{
	struct fields fields = { .n = 0 };

	if (!is_kind(r, node, MENU_NODE_GROUP, "a group { }"))
		return;
	add_fields(r, &fields, node, true);
	r->operation->fields = kept(r, &fields);
	r->operation->n_fields = fields.n;
}

static void read_marks(struct reader *r, struct menu_operation *op, const struct menu_node *group)
{
	const struct menu_node *longs = menu_node_find(group, "long");
	struct fields fields = { .n = op->n_fields };

	if (op->n_fields)
		memcpy(fields.rows, op->fields, op->n_fields * sizeof(fields.rows[0]));
	mark_fields(r, &fields, menu_node_find(group, "required"), mark_required);
	mark_fields(r, &fields, longs, mark_long);
	mark_fields(r, &fields, menu_node_find(group, "private"), mark_private);
	if (longs && longs->n > MENU_OPERATION_LONGS_MAX)
		complain(r, longs, "bounds", "at most %d fields are long", MENU_OPERATION_LONGS_MAX);
	op->fields = kept(r, &fields);
}

static const struct option list_options[] = {
	{ "at", PART, 0, 0, 0, true, skip },
	{ "rows", NUMBER, offsetof(struct menu_list, rows_max), 1, MENU_OPERATION_ROWS_MAX, false, NULL },
	{ "each", PART, 0, 0, 0, true, skip },
	{ "required", PART, 0, 0, 0, false, skip },
};

static void read_list(struct reader *r, struct menu_list *list, const struct menu_node *node)
{
	const struct menu_node *at = menu_node_find(node, "at"), *each = menu_node_find(node, "each");
	struct fields fields = { .n = 0 };

	if (!is_name(node->name))
		complain(r, node, "name", "\"%s\": a name is small letters, digits and _", node->name);
	*list = (struct menu_list){ .name = copied(r, node->name), .pointer = at ? pointer(r, at) : "", .rows_max = 9 };
	READ_GROUP(r, list_options, list, node);
	if (each && is_kind(r, each, MENU_NODE_GROUP, "a group { }"))
		add_fields(r, &fields, each, false);
	mark_fields(r, &fields, menu_node_find(node, "required"), mark_required);
	list->fields = kept(r, &fields);
	list->n_fields = fields.n;
}

static void read_lists(struct reader *r, const struct menu_node *node)
{
	struct menu_list *lists;
	size_t n = 0;

	if (!is_kind(r, node, MENU_NODE_GROUP, "a group { }"))
		return;
	lists = talloc_zero_array(r->agency, struct menu_list, node->n);
	for (size_t i = 0; i < node->n; i++)
		if (is_kind(r, &node->children[i], MENU_NODE_GROUP, "a group { at, each }"))
			read_list(r, &lists[n++], &node->children[i]);
	r->operation->lists = lists;
	r->operation->n_lists = n;
}

/* status = 404, or status = [ 500, 599 ] */
static void read_status(struct reader *r, struct menu_status_rule *rule, const struct menu_node *node)
{
	const struct menu_node *from = node, *to = node;

	if (node->kind == MENU_NODE_LIST && node->n == 2)
		from = &node->children[0], to = &node->children[1];
	if (!is_kind(r, from, MENU_NODE_INT, "a status, or [ from, to ]") || !is_kind(r, to, MENU_NODE_INT, "a status"))
		return;
	if (from->integer < 200 || to->integer > 599 || from->integer > to->integer)
		complain(r, node, "bounds", "a status is between 200 and 599");
	rule->status_from = (unsigned int)from->integer;
	rule->status_to = (unsigned int)to->integer;
}

static const struct option rule_options[] = {
	{ "status", PART, 0, 0, 0, true, skip },
	{ "at", PART, 0, 0, 0, false, skip },
	{ "equals", STRING, offsetof(struct menu_status_rule, equals), 0, 0, false, NULL },
	{ "outcome", STRING, offsetof(struct menu_status_rule, outcome), 0, 0, true, NULL },
};

static void read_rule(struct reader *r, struct menu_status_rule *rule, const struct menu_node *node)
{
	const struct menu_node *status = menu_node_find(node, "status"), *at = menu_node_find(node, "at");

	*rule = (struct menu_status_rule){ .outcome = "failed" };
	if (status)
		read_status(r, rule, status);
	if (at)
		rule->pointer = pointer(r, at);
	READ_GROUP(r, rule_options, rule, node);
	if (!rule->pointer != !rule->equals)
		complain(r, node, "missing", "at and equals belong together");
	if (!is_name(rule->outcome) || strcmp(rule->outcome, "late") == 0)
		complain(r, node, "outcome", "\"%s\" cannot be an outcome", rule->outcome);
}

static void read_outcomes(struct reader *r, const struct menu_node *node)
{
	struct menu_status_rule *rules;
	size_t n = 0;

	if (!is_kind(r, node, MENU_NODE_LIST, "a list ( { status, outcome }, ... )"))
		return;
	rules = talloc_zero_array(r->agency, struct menu_status_rule, node->n);
	for (size_t i = 0; i < node->n; i++)
		if (is_kind(r, &node->children[i], MENU_NODE_GROUP, "a group { status, outcome }"))
			read_rule(r, &rules[n++], &node->children[i]);
	r->operation->rules = rules;
	r->operation->n_rules = n;
}

/* --- operations --- */

static void read_subject(struct reader *r, const struct menu_node *node)
{
	if (!is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
		return;
	r->operation->business = strcmp(node->string, "business") == 0;
	if (!r->operation->business && strcmp(node->string, "person") != 0)
		complain(r, node, "subject", "\"%s\" is none of person, business", node->string);
}

#define OP(field) offsetof(struct menu_operation, field)
static const struct option operation_options[] = {
	{ "method", STRING, OP(method), 0, 0, false, NULL },
	{ "path", PART, 0, 0, 0, false, read_path },
	{ "body", PART, 0, 0, 0, false, read_body },
	{ "safe", BOOLEAN, OP(safe), 0, 0, false, NULL },
	{ "requires", NUMBER, OP(requires), 1, MENU_LEVEL_MAX, false, NULL },
	{ "subject", PART, 0, 0, 0, false, read_subject },
	{ "timeout_ms", NUMBER, OP(timeout_ms), 10, 120000, false, NULL },
	{ "retries", NUMBER, OP(retries), 0, 10, false, NULL },
	{ "as_of_s", NUMBER, OP(as_of_s), 0, 7 * 86400, false, NULL },
	{ "answer", PART, 0, 0, 0, false, read_answer },
	{ "required", PART, 0, 0, 0, false, skip },
	{ "long", PART, 0, 0, 0, false, skip },
	{ "private", PART, 0, 0, 0, false, skip },
	{ "lists", PART, 0, 0, 0, false, read_lists },
	{ "outcomes", PART, 0, 0, 0, false, read_outcomes },
	{ "together", PART, 0, 0, 0, false, read_together },
	{ "rows", NUMBER, OP(together_rows), 2, MENU_OPERATION_ROWS_MAX, false, NULL },
};

static bool is_method(const char *method)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i], method) == 0)
			return true;
	return false;
}

/* What only shows when all keys of an operation are known. */
static void check_operation(struct reader *r, const struct menu_operation *op, const struct menu_node *node)
{
	if (!is_method(op->method))
		complain(r, node, "method", "\"%s\" is none of GET, POST, PUT, DELETE", op->method);
	if (strcmp(op->method, "GET") == 0 && op->body)
		complain(r, node, "method", "a GET has no body: %s", op->name);
	if (op->business && !op->requires)
		complain(r, node, "subject", "%s is about a business, but requires no proof (requires)", op->name);
	if (op->as_of_s && !op->safe)
		complain(r, node, "as-of", "%s changes something: no older answer can stand in for it (as_of_s)", op->name);
	if (op->as_of_s && r->agency->own) /* whose it is does not stand in the request, so it may be another's */
		complain(r, node, "gateway", "%s is answered by the gateway itself: no older answer stands in for it (as_of_s)", op->name);
}

/* Who asks others side by side has no request of its own, and who has one does not merge. */
static void check_together(struct reader *r, const struct menu_operation *op, const struct menu_node *node)
{
	static const char *const useless[] = { "method", "path", "body", "safe", "retries", "as_of_s", "answer", "required", "long", "private", "lists", "outcomes" };
	const struct menu_node *rows = menu_node_find(node, "rows"), *key;
	bool together = menu_node_find(node, "together") != NULL;

	for (size_t i = 0; together && i < sizeof(useless) / sizeof(useless[0]); i++)
		if ((key = menu_node_find(node, useless[i])))
			complain(r, key, "together", "%s has no meaning beside together: what is asked is the members'", useless[i]);
	if (together && r->agency->own)
		complain(r, node, "gateway", "%s: the gateway itself asks nobody side by side", op->name);
	if (!together && rows)
		complain(r, rows, "together", "rows of an operation belong to together; a list of its own has them in itself");
	if (!together && !menu_node_find(node, "path"))
		complain(r, node, "missing", "path is missing");
}

static void read_operation(struct reader *r, struct menu_operation *op, const struct menu_node *node)
{
	const struct menu_node *method = menu_node_find(node, "method");
	bool get = !method || (method->kind == MENU_NODE_STRING && strcmp(method->string, "GET") == 0);

	*op = (struct menu_operation){
		.agency = r->agency, .name = talloc_asprintf(r->agency, "%s.%s", r->agency->name, node->name),
		.method = "GET", .path = "/", .safe = get, .timeout_ms = 3000, .retries = get ? 1 : 0,
		.inputs = talloc_zero_array(r->agency, const char *, MENU_OPERATION_INPUTS_MAX), .together_rows = 9,
		.file = r->agency->file, .line = node->line,
	};
	if (!is_name(node->name))
		complain(r, node, "name", "\"%s\": a name is small letters, digits and _", node->name);
	r->operation = op;
	READ_GROUP(r, operation_options, op, node);
	read_marks(r, op, node);
	check_operation(r, op, node);
	check_together(r, op, node);
	r->operation = NULL;
}

static void read_operations(struct reader *r, const struct menu_node *node)
{
	struct menu_operation *operations;
	size_t n = 0;

	if (!is_kind(r, node, MENU_NODE_GROUP, "a group { }"))
		return;
	operations = talloc_zero_array(r->agency, struct menu_operation, node->n);
	for (size_t i = 0; i < node->n; i++)
		if (is_kind(r, &node->children[i], MENU_NODE_GROUP, "a group { path ... }"))
			read_operation(r, &operations[n++], &node->children[i]);
	r->agency->operations = operations;
	r->agency->n_operations = n;
}

/* --- the agency --- */

#define AG(field) offsetof(struct menu_agency, field)
static const struct option title_options[] = {
	{ "fa", STRING, AG(title_fa), 0, 0, true, NULL },
	{ "en", STRING, AG(title_en), 0, 0, true, NULL },
};

static void read_title(struct reader *r, const struct menu_node *node)
{
	if (is_kind(r, node, MENU_NODE_GROUP, "a group { fa, en }"))
		READ_GROUP(r, title_options, r->agency, node);
}

static const char *beside(struct reader *r, const char *path)
{
	char *own = talloc_strdup(NULL, r->agency->file);
	const char *result = path[0] == '/' ? copied(r, path) : talloc_asprintf(r->agency, "%s/%s", dirname(own), path);

	talloc_free(own);
	return result;
}

struct auth { const char *kind, *header, *secret_file; };
static const struct option auth_options[] = {
	{ "kind", STRING, offsetof(struct auth, kind), 0, 0, true, NULL },
	{ "header", STRING, offsetof(struct auth, header), 0, 0, false, NULL },
	{ "secret_file", STRING, offsetof(struct auth, secret_file), 0, 0, true, NULL },
};

static bool is_header_name(const char *name)
{
	return name && name[0] &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(name);
}

static void read_auth(struct reader *r, const struct menu_node *node)
{
	static const char *const kinds[] = { [MENU_AUTH_BEARER] = "bearer", [MENU_AUTH_BASIC] = "basic", [MENU_AUTH_HEADER] = "header" };
	struct auth auth = { .kind = "" };

	if (!is_kind(r, node, MENU_NODE_GROUP, "a group { kind, secret_file }"))
		return;
	READ_GROUP(r, auth_options, &auth, node);
	for (enum menu_auth i = MENU_AUTH_BEARER; i <= MENU_AUTH_HEADER; i++)
		if (strcmp(kinds[i], auth.kind) == 0)
			r->agency->auth = i;
	if (r->agency->auth == MENU_AUTH_NONE)
		complain(r, node, "auth", "auth: kind \"%s\" is none of bearer, basic, header", auth.kind);
	if ((r->agency->auth == MENU_AUTH_HEADER) != is_header_name(auth.header))
		complain(r, node, "auth", "auth: the name of a header belongs to kind header, and to no other");
	r->agency->auth_header = auth.header;
	r->agency->auth_secret_file = auth.secret_file ? beside(r, auth.secret_file) : NULL;
}

static void read_ca_file(struct reader *r, const struct menu_node *node)
{
	if (is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
		r->agency->ca_file = beside(r, node->string);
}

/* http or https, a host, perhaps a port and a path; no user, query or fragment. A last / is dropped: paths begin with one. */
static void read_url(struct reader *r, const struct menu_node *node)
{
	const char *rest;
	char *url;

	if (!is_kind(r, node, MENU_NODE_STRING, "a text in quotes"))
		return;
	if (r->agency->own) {
		r->agency->base_url = copied(r, node->string);
		return;
	}
	rest = strncmp(node->string, "https://", 8) == 0 ? node->string + 8 : strncmp(node->string, "http://", 7) == 0 ? node->string + 7 : "";
	if (strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/[]%") != strlen(rest) || !rest[0] || rest[0] == '/')
		complain(r, node, "url", "\"%s\" is not http:// or https://, host, port and path; nor gateway:", node->string);
	url = talloc_strdup(r->agency, node->string);
	if (url[0] && url[strlen(url) - 1] == '/')
		url[strlen(url) - 1] = '\0';
	r->agency->base_url = url;
}

static const struct option breaker_options[] = {
	{ "failures", NUMBER, AG(breaker_failures), 0, 1000, false, NULL },
	{ "open_ms", NUMBER, AG(breaker_open_ms), 10, 600000, false, NULL },
};

static void read_breaker(struct reader *r, const struct menu_node *node)
{
	if (is_kind(r, node, MENU_NODE_GROUP, "a group { failures, open_ms }"))
		READ_GROUP(r, breaker_options, r->agency, node);
}

static const struct option agency_options[] = {
	{ "title", PART, 0, 0, 0, true, read_title },
	{ "url", PART, 0, 0, 0, true, read_url },
	{ "auth", PART, 0, 0, 0, false, read_auth },
	{ "ca_file", PART, 0, 0, 0, false, read_ca_file },
	{ "concurrency", NUMBER, AG(concurrency), 1, 1000, false, NULL },
	{ "queue", NUMBER, AG(queue), 0, 10000, false, NULL },
	{ "breaker", PART, 0, 0, 0, false, read_breaker },
	{ "answer_octets", NUMBER, AG(answer_octets_max), 256, 4 * 1024 * 1024, false, NULL },
	{ "operations", PART, 0, 0, 0, true, read_operations },
};

/* What is about connections has no meaning where there are none. */
static void check_own(struct reader *r, const struct menu_node *root)
{
	static const char *const useless[] = { "auth", "ca_file", "concurrency", "queue", "breaker", "answer_octets" };

	for (size_t i = 0; r->agency->own && i < sizeof(useless) / sizeof(useless[0]); i++) {
		const struct menu_node *node = menu_node_find(root, useless[i]);
		if (node)
			complain(r, node, "gateway", "%s has no meaning beside url = \"gateway:\": nothing is connected to", useless[i]);
	}
}

/* "agencies/bills.cfg" -> "bills" */
static const char *agency_name(struct menu_agency *agency, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base ? base + 1 : path;
	n = strlen(base);
	return talloc_strndup(agency, base, n > 4 && strcmp(base + n - 4, ".cfg") == 0 ? n - 4 : n);
}

static void agency_read(struct menu_agency *agency, const char *path, const struct menu_node *root, struct menu_diags *diags)
{
	struct reader r = { .diags = diags, .agency = agency };
	const struct menu_node *url = menu_node_find(root, "url");

	agency->file = talloc_strdup(agency, path);
	agency->name = agency_name(agency, path);
	agency->title_fa = agency->title_en = agency->name;
	agency->base_url = "";
	agency->own = url && url->kind == MENU_NODE_STRING && strcmp(url->string, "gateway:") == 0; /* operations are judged by it */
	agency->concurrency = 16;
	agency->queue = 256;
	agency->breaker_failures = 5;
	agency->breaker_open_ms = 10000;
	agency->answer_octets_max = 64 * 1024;
	if (!is_name(agency->name))
		menu_diag_add(diags, path, 0, "name", "an agency is named by its file: small letters, digits and _, then .cfg");
	if (agency->own) { /* nothing to be connected to or to be spared: what is too much is the ledger's to say */
		agency->concurrency = 1000;
		agency->queue = 1000;
		agency->breaker_failures = 0;
	}
	READ_GROUP(&r, agency_options, agency, root);
	check_own(&r, root);
}

static const struct menu_agency *agency_named(const struct menu_agencies *agencies, const char *name)
{
	for (size_t i = 0; i < agencies->n; i++)
		if (strcmp(agencies->rows[i]->name, name) == 0)
			return agencies->rows[i];
	return NULL;
}

struct menu_agencies *menu_agencies_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags)
{
	struct menu_agencies *agencies = talloc_zero(ctx, struct menu_agencies);

	agencies->rows = talloc_zero_array(agencies, struct menu_agency *, n);
	for (size_t i = 0; i < n; i++) {
		const struct menu_node *root = menu_source_read(agencies, paths[i], diags);
		struct menu_agency *agency;
		if (!root)
			continue;
		agency = talloc_zero(agencies, struct menu_agency);
		agency_read(agency, paths[i], root, diags);
		if (agency_named(agencies, agency->name))
			menu_diag_add(diags, paths[i], 0, "name", "there are two agencies named %s", agency->name);
		else
			agencies->rows[agencies->n++] = agency;
		talloc_free((void *)(uintptr_t)root);
	}
	menu_together_join(agencies, diags);
	return agencies;
}

size_t menu_agencies_count(const struct menu_agencies *agencies)
{
	return agencies->n;
}

const struct menu_agency *menu_agencies_at(const struct menu_agencies *agencies, size_t index)
{
	return index < agencies->n ? agencies->rows[index] : NULL;
}

const struct menu_operation *menu_operation_find(const struct menu_agencies *agencies, const char *name)
{
	for (size_t i = 0; i < agencies->n; i++)
		for (size_t j = 0; j < agencies->rows[i]->n_operations; j++)
			if (strcmp(agencies->rows[i]->operations[j].name, name) == 0)
				return &agencies->rows[i]->operations[j];
	return NULL;
}

bool menu_operation_has_outcome(const struct menu_operation *operation, const char *outcome)
{
	static const char *const always[] = { "ok", "not_found", "failed", "late" };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (strcmp(always[i], outcome) == 0)
			return !operation->n_members || strcmp(outcome, "not_found") != 0; /* where nobody has anything the lists are empty */
	for (size_t i = 0; i < operation->n_rules; i++)
		if (strcmp(operation->rules[i].outcome, outcome) == 0)
			return true;
	return false;
}

bool menu_operation_gives(const struct menu_operation *operation, const char *field)
{
	for (size_t i = 0; i < operation->n_fields; i++)
		if (strcmp(operation->fields[i].name, field) == 0)
			return true;
	return false;
}
