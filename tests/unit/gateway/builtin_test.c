/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway as an agency: paths, what hostile values make of them, and calls that are answered at once, later, late, twice or
 * never, by rows that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "gateway/agency.h"
#include "gateway/builtin.h"
#include "gateway/builtin_path.h"
#include "gateway/log.h"

/* ---- paths ---- */

static void what_a_path_names(void **state)
{
	static const struct { const char *pattern, *path; bool is; const char *first, *second; } rows[] = {
		{ "/inbox", "/inbox", true, NULL, NULL },
		{ "/inbox", "/inbox?skip=6", true, NULL, NULL },
		{ "/inbox", "/inbox/", false, NULL, NULL },
		{ "/inbox", "/inboxes", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/n42abc", true, "n42abc", NULL },
		{ "/inbox/{id}", "/inbox/n42abc?x=1", true, "n42abc", NULL },
		{ "/inbox/{id}", "/inbox/", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/a/b", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/a%2Fb", true, "a/b", NULL },          /* one segment, whatever it holds */
		{ "/inbox/{id}", "/inbox/%d8%A7", true, "ا", NULL },
		{ "/inbox/{id}", "/inbox/a%00b", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/a%0Ab", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/%7f", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/%", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/%4", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/%4g", false, NULL, NULL },
		{ "/inbox/{id}", "/inbox/%ff", false, NULL, NULL },             /* not UTF-8 */
		{ "/a/{x}/b/{y}", "/a/1/b/2", true, "1", "2" },
		{ "/a/{x}/b/{y}", "/a/1/c/2", false, NULL, NULL },
		{ "/a/{x}/b/{y}", "/a/1/b", false, NULL, NULL },
		{ "/inbox", "", false, NULL, NULL },
		{ "/inbox", "inbox", false, NULL, NULL },
	};
	struct gw_builtin_params params;
	char path[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&params, 0, sizeof(params));
		if (gw_builtin_match(rows[i].pattern, rows[i].path, &params) != rows[i].is)
			fail_msg("%s as %s", rows[i].path, rows[i].pattern);
		if (rows[i].first)
			assert_string_equal(rows[i].first, params.at[0]);
		if (rows[i].second)
			assert_string_equal(rows[i].second, params.at[1]);
	}
	snprintf(path, sizeof(path), "/inbox/%0*d", GW_BUILTIN_PARAM_OCTETS - 1, 7);
	assert_true(gw_builtin_match("/inbox/{id}", path, &params));
	snprintf(path, sizeof(path), "/inbox/%0*d", GW_BUILTIN_PARAM_OCTETS, 7);
	assert_false(gw_builtin_match("/inbox/{id}", path, &params));
}

static void what_a_query_says(void **state)
{
	char out[8];

	(void)state;
	assert_true(gw_builtin_query("/inbox?a=1&skip=12&b", "skip", out, sizeof(out)));
	assert_string_equal("12", out);
	assert_true(gw_builtin_query("/inbox?skip=", "skip", out, sizeof(out)));
	assert_string_equal("", out);
	assert_true(gw_builtin_query("/inbox?skip=%31%26", "skip", out, sizeof(out)));
	assert_string_equal("1&", out);
	assert_false(gw_builtin_query("/inbox", "skip", out, sizeof(out)));
	assert_false(gw_builtin_query("/inbox?skip", "skip", out, sizeof(out)));
	assert_false(gw_builtin_query("/inbox?noskip=1&skipper=2", "skip", out, sizeof(out)));
	assert_false(gw_builtin_query("/inbox?skip=12345678", "skip", out, sizeof(out)));
	assert_false(gw_builtin_query("/inbox?skip=%00", "skip", out, sizeof(out)));
	assert_false(gw_builtin_query("/inbox?", "skip", out, sizeof(out)));
	assert_int_equal(12, gw_builtin_skip("/inbox?a=1&skip=12&b", 255));
	assert_int_equal(255, gw_builtin_skip("/inbox?skip=256", 255));
	assert_int_equal(0, gw_builtin_skip("/inbox", 255));
	assert_int_equal(0, gw_builtin_skip("/inbox?skip=", 255));
	assert_int_equal(0, gw_builtin_skip("/inbox?skip=-1", 255));
	assert_int_equal(0, gw_builtin_skip("/inbox?skip=12345678", 255));
}

static void what_an_operation_may_name(void **state)
{
	(void)state;
	assert_true(gw_builtin_matches_template("/inbox/{id}", "/inbox/{notice.id}"));
	assert_true(gw_builtin_matches_template("/inbox/{id}", "/inbox/{notice.id}?x={y}"));
	assert_true(gw_builtin_matches_template("/inbox", "/inbox?skip={skip}"));
	assert_false(gw_builtin_matches_template("/inbox", "/inbox/{id}"));
	assert_false(gw_builtin_matches_template("/inbox/{id}", "/{inbox}/{id}"));
	assert_false(gw_builtin_matches_template("/inbox/{id}", "/inbox/"));
}

/* ---- calls ---- */

static struct {
	void *ctx;
	char folder[64];
	struct gw_builtin *builtin;
	struct gw_agencies *agencies;
	struct menu_agencies *set;
	uint64_t token;                  /* of the call that waits */
	unsigned int served;
	char seen[512];                  /* number, language, parameter, body, key, dialog, operator */
	unsigned int told;
	char outcome[32], value[64];
	const char *id;
	uint64_t handle;
} t;

static void see(const struct gw_builtin_call *call, const char *param)
{
	char *body = call->body ? json_dumps(call->body, JSON_COMPACT) : NULL;

	t.served++;
	t.token = call->token;
	snprintf(t.seen, sizeof(t.seen), "%s %s %s %s %s %llx %llx@%u", call->method, call->msisdn, call->language, param, body ? body : "-",
		 (unsigned long long)call->idempotency, (unsigned long long)call->dialog, call->route);
	free(body);
}

static void at_once(const struct gw_builtin_call *call, const char *const *params)
{
	see(call, params[0]);
	gw_builtin_answer(call->builtin, call->token, 200, json_pack("{s:s}", "value", params[0]));
	gw_builtin_answer(call->builtin, call->token, 404, json_pack("{s:s}", "value", "twice"));
}

static void later(const struct gw_builtin_call *call, const char *const *params)
{
	see(call, params[0]);
}

static void refuses(const struct gw_builtin_call *call, const char *const *params)
{
	see(call, params[0]);
	gw_builtin_answer(call->builtin, call->token, 403, NULL);
}

static const struct gw_builtin_row one[] = { { "GET", "/once/{id}", at_once, false }, { 0 } };
static const struct gw_builtin_row two[] = {
	{ "POST", "/later/{id}", later, false }, { "GET", "/later/{id}", later, false }, { "GET", "/refuses/{id}", refuses, false }, { 0 }
};
static const struct gw_builtin_row *const tables[] = { one, two, NULL };

static const char file[] =
	"title = { fa = \"درگاه\"; en = \"Gateway\"; };\nurl = \"gateway:\";\noperations = {\n"
	"  once = { path = \"/once/{id}\"; answer = { value = \"/value\"; }; required = ( \"value\" ); };\n"
	"  later = { path = \"/later/{id}\"; timeout_ms = 1000; retries = 0; answer = { value = \"/value\"; }; };\n"
	"  again = { path = \"/later/{id}\"; timeout_ms = 1000; retries = 1; };\n"
	"  change = { method = \"POST\"; path = \"/later/{id}\"; body = \"{\\\"a\\\":\\\"{id}\\\"}\"; };\n"
	"  refuses = { path = \"/refuses/{id}\"; outcomes = ( { status = 403; outcome = \"sensitive\"; } ); };\n"
	"  nobody = { method = \"PUT\"; path = \"/once/{id}\"; };\n"
	"};\n";

static int add_fd(struct osmo_fd *ofd) { return osmo_fd_register(ofd); }
static void update_fd(struct osmo_fd *ofd, unsigned int when) { osmo_fd_update_when(ofd, 0, when); }
static void del_fd(struct osmo_fd *ofd) { osmo_fd_unregister(ofd); }

static int setup(void **state)
{
	static const struct gw_agency_io io = { add_fd, update_fd, del_fd };
	char path[128];
	const char *paths[] = { path };
	struct menu_diags *diags;
	FILE *out;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.ctx = talloc_named_const(NULL, 0, "test");
	t.id = "n1";
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	*osmo_clock_override_gettimespec(CLOCK_MONOTONIC) = (struct timespec){ 1000, 0 };
	strcpy(t.folder, "/tmp/builtin-test-XXXXXX");
	assert_non_null(mkdtemp(t.folder));
	snprintf(path, sizeof(path), "%s/gateway.cfg", t.folder);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(file, out);
	fclose(out);
	diags = menu_diags_alloc(t.ctx);
	t.set = menu_agencies_load(t.ctx, paths, 1, diags);
	menu_diags_print(diags, stdout);
	assert_int_equal(0, menu_diags_count(diags));
	unlink(path);
	rmdir(t.folder);
	t.builtin = gw_builtin_alloc(t.ctx, NULL, tables);
	t.agencies = gw_agencies_alloc(t.ctx, &io, 0);
	gw_agencies_serve_own(t.agencies, t.builtin);
	gw_agencies_adopt(t.agencies, t.set, diags);
	assert_int_equal(0, menu_diags_count(diags));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(t.agencies);
	talloc_free(t.ctx);
	return 0;
}

static const char *value_of(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "id") == 0 ? t.id : NULL;
}

static void on_told(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	assert_ptr_equal(&t, ctx);
	assert_int_equal(77, token);
	t.told++;
	snprintf(t.outcome, sizeof(t.outcome), "%s", answer->outcome);
	snprintf(t.value, sizeof(t.value), "%s", answer->n ? answer->values[0].value : "");
}

static int call_as(const char *operation, const char *msisdn)
{
	struct gw_agency_request request = {
		.operation = menu_operation_find(t.set, operation), .value = value_of, .idempotency = 0xabc, .msisdn = msisdn, .language = "en",
		.dialog = 0xd1a, .route = 77, .deadline_ms = 60000,
	};
	unsigned int before = t.told, served = t.served;
	int rc;

	assert_non_null(request.operation);
	rc = gw_agency_call(t.agencies, &request, on_told, &t, 77);
	assert_int_equal(before, t.told); /* always later */
	assert_int_equal(served, t.served);
	return rc;
}

static void call(const char *operation)
{
	assert_int_equal(0, call_as(operation, "989121234567"));
	gw_agencies_turn(t.agencies);
}

static void jump_ms(long ms)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, ms / 1000, ms % 1000 * 1000000);
	gw_agencies_tick(t.agencies);
}

static void answered_at_once(void **state)
{
	(void)state;
	call("gateway.once");
	assert_int_equal(1, t.told);
	assert_string_equal("ok", t.outcome);
	assert_string_equal("n1", t.value);
	assert_string_equal("GET 989121234567 en n1 - 0 d1a@77", t.seen);
	assert_int_equal(0, gw_agencies_open_calls(t.agencies));
	t.id = "a/../b ?&ق"; /* stays one segment */
	call("gateway.once");
	assert_string_equal("a/../b ?&ق", t.value);
	t.id = "..";
	assert_int_equal(-EINVAL, call_as("gateway.once", "989121234567"));
	t.id = "a\nb"; /* no service is met by such a name */
	call("gateway.once");
	assert_string_equal("failed", t.outcome);
	t.id = "n1";
	assert_int_equal(-EINVAL, call_as("gateway.once", NULL)); /* nobody's */
	assert_int_equal(-EINVAL, call_as("gateway.once", ""));
}

static void answered_later(void **state)
{
	(void)state;
	call("gateway.change");
	assert_int_equal(0, t.told);
	assert_string_equal("POST 989121234567 en n1 {\"a\":\"n1\"} abc d1a@77", t.seen);
	gw_builtin_answer(t.builtin, t.token, 200, NULL);
	assert_int_equal(0, t.told);
	gw_agencies_turn(t.agencies);
	assert_int_equal(1, t.told);
	assert_string_equal("ok", t.outcome);
	gw_builtin_answer(t.builtin, t.token, 200, json_object()); /* once more: nobody */
	gw_agencies_turn(t.agencies);
	assert_int_equal(1, t.told);
	gw_builtin_answer(t.builtin, UINT64_MAX, 200, json_object());
	gw_builtin_answer(t.builtin, 0, 200, NULL);
}

static void never_answered(void **state)
{
	struct gw_agency_info info;
	uint64_t token;

	(void)state;
	call("gateway.later");
	token = t.token;
	jump_ms(999);
	assert_int_equal(0, t.told);
	jump_ms(2);
	assert_int_equal(1, t.told);
	assert_string_equal("failed", t.outcome);
	gw_agencies_info(t.agencies, 0, &info);
	assert_int_equal(1, info.counters[GW_AGENCY_CTR_TIMEOUT]);
	call("gateway.later"); /* in the same slot */
	gw_builtin_answer(t.builtin, token, 200, json_pack("{s:s}", "value", "of the one before"));
	gw_agencies_turn(t.agencies);
	assert_int_equal(1, t.told);
	gw_builtin_answer(t.builtin, t.token, 200, json_pack("{s:s}", "value", "mine"));
	gw_agencies_turn(t.agencies);
	assert_string_equal("mine", t.value);
}

static void asked_again_when_it_is_down(void **state)
{
	(void)state;
	call("gateway.again");
	gw_builtin_answer(t.builtin, t.token, 503, NULL);
	gw_agencies_turn(t.agencies);
	assert_int_equal(0, t.told);
	jump_ms(200);
	assert_int_equal(2, t.served);
	gw_builtin_answer(t.builtin, t.token, 503, NULL);
	gw_agencies_turn(t.agencies);
	assert_int_equal(1, t.told);
	assert_string_equal("failed", t.outcome);
	for (int i = 0; i < 20; i++) { /* and no breaker holds it off */
		call("gateway.later");
		gw_builtin_answer(t.builtin, t.token, 503, NULL);
		gw_agencies_turn(t.agencies);
	}
	assert_int_equal(22, t.served);
}

static void outcomes_of_its_own(void **state)
{
	(void)state;
	call("gateway.refuses");
	assert_string_equal("sensitive", t.outcome);
	call("gateway.nobody");
	assert_string_equal("failed", t.outcome);
}

static void freed_in_the_middle(void **state)
{
	(void)state;
	call("gateway.later");
	call("gateway.later");
	gw_builtin_answer(t.builtin, t.token, 200, json_object());
	talloc_free(t.agencies);
	t.agencies = NULL;
	assert_int_equal(2, t.told);
	gw_builtin_answer(t.builtin, t.token, 200, json_object());
	assert_int_equal(2, t.told);
}

static void nobody_serves(void **state)
{
	(void)state;
	gw_agencies_serve_own(t.agencies, NULL); /* as in dolat-menu */
	call("gateway.once");
	assert_string_equal("failed", t.outcome);
}

static void too_many(void **state)
{
	const struct gw_builtin_request request = { .method = "GET", .path = "/later/x", .msisdn = "98", .language = "fa", .until_ms = INT64_MAX };
	const struct gw_builtin_request bad = { .method = "POST", .path = "/later/x", .body = "{", .body_octets = 1, .msisdn = "98", .language = "fa" };

	(void)state;
	for (int i = 0; i < GW_BUILTIN_CALLS_MAX; i++)
		assert_int_equal(0, gw_builtin_start(t.builtin, &request, (gw_builtin_done *)(uintptr_t)abort, NULL));
	assert_int_equal(-EBUSY, gw_builtin_start(t.builtin, &request, (gw_builtin_done *)(uintptr_t)abort, NULL));
	assert_int_equal(-EINVAL, gw_builtin_start(t.builtin, &bad, (gw_builtin_done *)(uintptr_t)abort, NULL));
	gw_agencies_serve_own(t.agencies, NULL); /* nobody hears their end */
}

static void what_nobody_serves_is_a_mistake(void **state)
{
	struct menu_diags *diags = menu_diags_alloc(t.ctx);

	(void)state;
	gw_builtin_check(tables, t.set, diags);
	assert_int_equal(1, menu_diags_count(diags));
	assert_string_equal("gateway", menu_diags_at(diags, 0)->rule);
	assert_int_equal(9, menu_diags_at(diags, 0)->line);
	assert_non_null(strstr(menu_diags_at(diags, 0)->text, "PUT /once/{id}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_path_names),
		cmocka_unit_test(what_a_query_says),
		cmocka_unit_test(what_an_operation_may_name),
		cmocka_unit_test_setup_teardown(answered_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(answered_later, setup, teardown),
		cmocka_unit_test_setup_teardown(never_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(asked_again_when_it_is_down, setup, teardown),
		cmocka_unit_test_setup_teardown(outcomes_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(freed_in_the_middle, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_serves, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nobody_serves_is_a_mistake, setup, teardown),
	};

	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
