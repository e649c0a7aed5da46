/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The description and the server say the same: every route is described, every described operation has a route, with its method,
 * its scope, its parameters, and a body where one is taken. That it is OpenAPI at all, a validator says in scenario/api_contract. */
#include "gateway/api_openapi.h"
#include "gateway/api_priv.h"
#include "tests/unit/gateway/gw_world.h"

static json_t *document;

static int read_it(void **state)
{
	(void)state;
	if (world_init(state) != 0)
		return -1;
	document = gw_api_openapi();
	if (!document)
		puts(world.lines);
	return document ? 0 : -1;
}

static int drop_it(void **state)
{
	(void)state;
	json_decref(document);
	return 0;
}

static json_t *operation_of(const struct gw_api_route *route)
{
	char method[16];

	for (size_t i = 0; i <= strlen(route->method); i++)
		method[i] = (char)(route->method[i] >= 'A' && route->method[i] <= 'Z' ? route->method[i] + 32 : route->method[i]);
	return json_object_get(json_object_get(json_object_get(document, "paths"), route->path), method);
}

static const struct gw_api_route *route_of(const char *method, const char *path)
{
	for (size_t t = 0; api_tables[t]; t++)
		for (const struct gw_api_route *route = api_tables[t]; route->path; route++)
			if (strcasecmp(route->method, method) == 0 && strcmp(route->path, path) == 0)
				return route;
	return NULL;
}

/* Follows a "$ref" into the components, once. */
static json_t *resolved(json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref"));
	char path[256], *rest = path, *part;
	json_t *at = document;

	if (!ref)
		return value;
	assert_int_equal(strncmp(ref, "#/", 2), 0);
	OSMO_STRLCPY_ARRAY(path, ref + 2);
	while ((part = strsep(&rest, "/")))
		at = json_object_get(at, part);
	if (!at)
		fail_msg("%s leads nowhere", ref);
	return at;
}

static void every_route_is_described(void **state)
{
	(void)state;
	for (size_t t = 0; api_tables[t]; t++)
		for (const struct gw_api_route *route = api_tables[t]; route->path; route++) {
			json_t *operation = operation_of(route);
			const char *scope = json_string_value(json_object_get(operation, "x-scope"));

			print_message("%s %s\n", route->method, route->path);
			assert_non_null(operation);
			assert_non_null(json_object_get(operation, "summary"));
			assert_non_null(json_object_get(operation, "operationId"));
			assert_true(json_array_size(json_object_get(operation, "tags")) == 1);
			if (route->scope == GW_SCOPE_NONE) {
				assert_null(scope);
				assert_true(json_is_array(json_object_get(operation, "security")));
			} else {
				assert_non_null(scope);
				assert_string_equal(scope, gw_scope_row(route->scope)->name);
				assert_null(json_object_get(operation, "security")); /* the general one */
			}
			assert_int_equal(json_object_get(operation, "requestBody") != NULL, route->body != GW_API_NO_BODY);
			assert_non_null(json_object_get(json_object_get(operation, "responses"), "default")); /* problems */
		}
}

static void every_described_operation_has_a_route(void **state)
{
	static const char *const methods[] = { "get", "put", "post", "delete", "options", "head", "patch", "trace" };
	const char *path, *method;
	json_t *item, *operation;

	(void)state;
	json_object_foreach(json_object_get(document, "paths"), path, item)
		json_object_foreach(item, method, operation) {
			bool is_method = false;

			for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
				is_method |= strcmp(methods[i], method) == 0;
			if (is_method && !route_of(method, path))
				fail_msg("%s %s is described and not served", method, path);
		}
}

/* Each {name} of a path is described, and nothing else is said to be in it. */
static void parameters_are_those_of_the_path(void **state)
{
	const char *path, *method;
	json_t *item, *operation, *parameter;
	size_t i;

	(void)state;
	json_object_foreach(json_object_get(document, "paths"), path, item)
		json_object_foreach(item, method, operation) {
			size_t in_path = 0, named = 0;

			for (const char *at = path; (at = strchr(at, '{')); at++)
				in_path++;
			json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
				const char *name = json_string_value(json_object_get(resolved(parameter), "name"));
				char braced[128];

				assert_non_null(name);
				snprintf(braced, sizeof(braced), "{%s}", name);
				if (strcmp(json_string_value(json_object_get(resolved(parameter), "in")), "path") != 0)
					continue;
				named++;
				assert_non_null(strstr(path, braced));
			}
			if (named != in_path)
				fail_msg("%s %s: %zu parameters in the path, %zu described", method, path, in_path, named);
		}
}

static void tags_and_ids_are_unique(void **state)
{
	json_t *seen = json_object(), *item, *operation, *tag;
	const char *path, *method;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(document, "tags"), i, tag) {
		assert_null(json_object_get(seen, json_string_value(json_object_get(tag, "name"))));
		json_object_set(seen, json_string_value(json_object_get(tag, "name")), tag);
	}
	json_object_foreach(json_object_get(document, "paths"), path, item)
		json_object_foreach(item, method, operation) {
			const char *id = json_string_value(json_object_get(operation, "operationId"));

			assert_non_null(json_object_get(seen, json_string_value(json_array_get(json_object_get(operation, "tags"), 0))));
			if (json_object_get(seen, id))
				fail_msg("two operations are %s", id);
			json_object_set(seen, id, operation);
		}
	json_decref(seen);
}

static void scopes_are_told(void **state)
{
	const struct gw_scope_row *row;

	(void)state;
	for (size_t i = 0; (row = gw_scope_row(i)); i++)
		assert_true(row->text[0]);
	assert_null(gw_scope_row(GW_SCOPES));
	assert_string_equal(gw_scope_row(GW_SCOPE_NONE)->name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_described),
		cmocka_unit_test(every_described_operation_has_a_route),
		cmocka_unit_test(parameters_are_those_of_the_path),
		cmocka_unit_test(tags_and_ids_are_unique),
		cmocka_unit_test(scopes_are_told),
	};

	return cmocka_run_group_tests(tests, read_it, drop_it);
}
