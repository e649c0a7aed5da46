/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/templates by real requests, and the notices that are made of them. */
#include "gateway/templates.h"
#include "tests/unit/gateway/api_world.h"

#define TEXT "{\"text\": {\"fa\": \"قبض {kind} شما: {amount|rial}\", \"en\": \"Your {kind} bill: {amount|rial}\"}}"
#define RIGHTS (1u << GW_SCOPE_TEMPLATES | 1u << GW_SCOPE_NOTICES_SEND | 1u << GW_SCOPE_NOTICES_READ)

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = RIGHTS }, police = { .name = "police", .scopes = RIGHTS };

static int begin(void **state)
{
	(void)state;
	api_world_begin("");
	account_world_add_all((struct account_wish *[]){ &tax, &police }, 2);
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_decref(reply.json);
	reply.json = NULL;
	api_world_end();
	return 0;
}

static void ask(const struct account_wish *who, const char *method, const char *name, const char *body)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/templates%s%s", name[0] && name[0] != '?' ? "/" : "", name);
	api_call(&reply, method, path, who->key, "", body);
}

static void post(const struct account_wish *who, const char *body)
{
	api_call(&reply, "POST", "/v1/notices", who->key, "", body);
}

static const char *text_of(const char *id, const char *language)
{
	char path[128];

	snprintf(path, sizeof(path), "/v1/notices/%s", id);
	api_call(&reply, "GET", path, tax.key, "", NULL);
	return json_string_value(json_object_get(json_object_get(reply.json, "text"), language));
}

static json_t *verdict(size_t index)
{
	return json_array_get(json_object_get(reply.json, "notices"), index);
}

static void put_shown_changed_deleted(void **state)
{
	char changed[64];

	(void)state;
	ask(&tax, "PUT", "bill", TEXT);
	assert_int_equal(reply.status, 201);
	assert_string_equal(api_text(&reply, "name"), "bill");
	assert_int_equal(json_array_size(json_object_get(reply.json, "fields")), 2);
	strcpy(changed, api_text(&reply, "changed_at"));
	ask(&tax, "PUT", "bill", TEXT);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "changed_at"), changed); /* nothing has changed */
	ask(&tax, "GET", "bill", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(json_string_value(json_object_get(json_object_get(reply.json, "text"), "fa")), "قبض {kind} شما: {amount|rial}");
	ask(&tax, "PUT", "bill", "{\"text\": {\"en\": \"Hello\"}}");
	assert_int_equal(reply.status, 200);
	ask(&tax, "GET", "bill", NULL);
	assert_int_equal(json_array_size(json_object_get(reply.json, "fields")), 0);
	ask(&tax, "DELETE", "bill", NULL);
	assert_int_equal(reply.status, 204);
	ask(&tax, "DELETE", "bill", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
	ask(&tax, "GET", "bill", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
}

static void mistakes_are_told(void **state)
{
	static const struct { const char *body, *pointer; } bad[] = {
		{ "{}", "/text" }, { "[]", "" }, { "{\"text\": {\"fa\": \"{\"}}", "/text/fa" }, { "{\"text\": {\"fa\": \"x\"}, \"title\": \"x\"}", "/title" },
		{ "{\"text\": {\"en\": \"{a|dollar}\"}}", "/text/en" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		ask(&tax, "PUT", "bill", bad[i].body);
		assert_api_problem(&reply, 422, "bad-field");
		assert_string_equal(api_text(&reply, "pointer"), bad[i].pointer);
	}
	ask(&tax, "PUT", "Bill", TEXT);
	assert_api_problem(&reply, 400, "bad-request");
	ask(&tax, "GET", "a.b", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
	ask(&tax, "DELETE", "a.b", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
	ask(&tax, "GET", "bill", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
}

static void what_is_anothers_is_not_there(void **state)
{
	(void)state;
	ask(&tax, "PUT", "bill", TEXT);
	ask(&police, "GET", "bill", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
	ask(&police, "DELETE", "bill", NULL);
	assert_api_problem(&reply, 404, "unknown-template");
	ask(&police, "GET", "", NULL);
	assert_int_equal(json_array_size(json_object_get(reply.json, "templates")), 0);
	post(&police, "{\"to\": \"09123456789\", \"template\": \"bill\", \"fields\": {\"kind\": \"x\", \"amount\": 1}}");
	assert_api_problem(&reply, 422, "bad-field");
	assert_string_equal(api_text(&reply, "pointer"), "/template");
}

static void pages(void **state)
{
	char name[32], query[96] = "?limit=2", all[256] = "";

	(void)state;
	for (int i = 4; i >= 0; i--) {
		snprintf(name, sizeof(name), "t%d", i);
		ask(&tax, "PUT", name, TEXT);
		assert_int_equal(reply.status, 201);
	}
	for (int page = 0; page < 5; page++) {
		json_t *list;

		ask(&tax, "GET", query, NULL);
		assert_int_equal(reply.status, 200);
		list = json_object_get(reply.json, "templates");
		for (size_t i = 0; i < json_array_size(list); i++)
			sprintf(all + strlen(all), " %s", json_string_value(json_object_get(json_array_get(list, i), "name")));
		if (!api_text(&reply, "next"))
			break;
		snprintf(query, sizeof(query), "?limit=2&cursor=%s", api_text(&reply, "next"));
	}
	assert_string_equal(all, " t0 t1 t2 t3 t4");
	ask(&tax, "GET", "?cursor=%7b", NULL);
	assert_api_problem(&reply, 400, "bad-query");
	ask(&tax, "GET", "?limit=33", NULL);
	assert_api_problem(&reply, 400, "bad-query");
}

static void notices_are_made_of_them(void **state)
{
	char id[64];

	(void)state;
	ask(&tax, "PUT", "bill", TEXT);
	ask(&tax, "PUT", "hello", "{\"text\": {\"fa\": \"سلام\"}}");
	post(&tax, "{\"notices\": [{\"to\": \"09123456789\", \"template\": \"bill\", \"fields\": {\"kind\": \"برق\", \"amount\": 120000}}, "
		   "{\"to\": \"09123456789\", \"template\": \"hello\"}, {\"to\": \"09123456789\", \"template\": \"bill\", \"fields\": {\"kind\": \"x\"}}, "
		   "{\"to\": \"09123456789\", \"template\": \"none\"}, {\"to\": \"09123456789\", \"template\": \"{p00}\"}, {\"to\": \"09123456789\", \"text\": {\"en\": \"x\"}}]}");
	assert_int_equal(reply.status, 202);
	strcpy(id, json_string_value(json_object_get(verdict(0), "id")));
	assert_non_null(json_object_get(verdict(1), "id"));
	assert_string_equal(json_string_value(json_object_get(json_object_get(verdict(2), "problem"), "pointer")), "/notices/2/fields/amount");
	assert_string_equal(json_string_value(json_object_get(json_object_get(verdict(3), "problem"), "pointer")), "/notices/3/template");
	assert_string_equal(json_string_value(json_object_get(json_object_get(verdict(4), "problem"), "pointer")), "/notices/4/template");
	assert_non_null(json_object_get(verdict(5), "id"));
	assert_string_equal(text_of(id, "fa"), "قبض برق شما: 120,000 ریال");
	ask(&tax, "DELETE", "bill", NULL);
	assert_string_equal(text_of(id, "en"), "Your برق bill: 120,000 rial"); /* it keeps what was made */
}

/* With a key, what was accepted stays so, whatever became of the template. */
static void a_template_may_go_in_between(void **state)
{
	static const char body[] = "{\"to\": \"09123456789\", \"template\": \"hello\"}";
	char id[64];

	(void)state;
	ask(&tax, "PUT", "hello", "{\"text\": {\"fa\": \"سلام\"}}");
	api_call(&reply, "POST", "/v1/notices", tax.key, "Idempotency-Key: k\r\n", body);
	assert_int_equal(reply.status, 202);
	strcpy(id, json_string_value(json_object_get(verdict(0), "id")));
	ask(&tax, "DELETE", "hello", NULL);
	api_call(&reply, "POST", "/v1/notices", tax.key, "Idempotency-Key: k\r\n", body);
	assert_int_equal(reply.status, 202);
	assert_string_equal(json_string_value(json_object_get(verdict(0), "id")), id);
	api_call(&reply, "POST", "/v1/notices", tax.key, "Idempotency-Key: other\r\n", body);
	assert_api_problem(&reply, 422, "bad-field");
}

static void too_many_in_a_call(void **state)
{
	char *text = talloc_strdup(world_ctx, "{\"notices\": [");

	(void)state;
	for (int i = 0; i <= GW_TEMPLATES_LOAD_MAX; i++)
		text = talloc_asprintf_append(text, "%s{\"to\": \"09123456789\", \"template\": \"t%d\"}", i ? ", " : "", i);
	text = talloc_strdup_append(text, "]}");
	post(&tax, text);
	assert_api_problem(&reply, 422, "bad-field");
	assert_string_equal(api_text(&reply, "pointer"), "/notices");
	talloc_free(text);
}

static void a_ledger_that_is_down(void **state)
{
	(void)state;
	redis_server_kill(&api_redis);
	ask(&tax, "PUT", "bill", TEXT);
	assert_api_problem(&reply, 503, "ledger-down");
	ask(&tax, "GET", "bill", NULL);
	assert_api_problem(&reply, 503, "ledger-down");
	ask(&tax, "GET", "", NULL);
	assert_api_problem(&reply, 503, "ledger-down");
	ask(&tax, "DELETE", "bill", NULL);
	assert_api_problem(&reply, 503, "ledger-down");
	post(&tax, "{\"to\": \"09123456789\", \"template\": \"bill\"}");
	assert_api_problem(&reply, 503, "ledger-down");
	redis_server_restart(&api_redis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(put_shown_changed_deleted, begin, end),
		cmocka_unit_test_setup_teardown(mistakes_are_told, begin, end),
		cmocka_unit_test_setup_teardown(what_is_anothers_is_not_there, begin, end),
		cmocka_unit_test_setup_teardown(pages, begin, end),
		cmocka_unit_test_setup_teardown(notices_are_made_of_them, begin, end),
		cmocka_unit_test_setup_teardown(a_template_may_go_in_between, begin, end),
		cmocka_unit_test_setup_teardown(too_many_in_a_call, begin, end),
		cmocka_unit_test_setup_teardown(a_ledger_that_is_down, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
