/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dead letters, as an agency sees its own by the API, and as an operator sees all at the console; and what both and the metrics
 * tell of the queues. Letters are made as they come to be: events for an agency that is answered by nobody, buried by hand. */
#include "tests/unit/gateway/event_world.h"
#include "tests/unit/gateway/vty_world.h"

#include "gateway/dead.h"
#include "gateway/metrics.h"

static struct api_reply reply;
static char text[262144];
static struct account_wish tax = { .name = "tax", .scopes = 1u << GW_SCOPE_DEAD, .fetches = true };
static struct account_wish police = { .name = "police", .scopes = 1u << GW_SCOPE_DEAD, .fetches = true };
static struct account_wish blind = { .name = "blind", .scopes = 1u << GW_SCOPE_EVENTS };
static struct sess_queue *queue; /* another gateway's: it takes and buries */
static unsigned int answers;

static int begin(void **state)
{
	const struct sess_queue_config other = { .name = "events", .group = "gateway", .consumer = "other" };
	(void)state;
	api_world_begin("");
	vty_world_open();
	account_world_add(&tax);
	account_world_add(&police);
	account_world_add(&blind);
	gw_webhooks_close(world.gw->webhooks); /* what is dead stays, and what is retried stays in the queue */
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_webhooks_close(world.gw->webhooks); i++)
		gw_loop_turn();
	queue = sess_queue_alloc(world_ctx, world.gw->ledger_redis, &other);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(queue);
	api_world_end();
	return 0;
}

static void on_buried(void *ctx, uint64_t token, enum sess_queue_result result)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_QUEUE_OK);
	answers++;
}

static void on_taken(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_QUEUE_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sess_queue_bury(queue, &entries[i].handle, "the agency answered 500 for a day", on_buried, NULL, 0), 0);
}

/* n events of this agency are dead letters. */
static void die(const char *agency, unsigned int n)
{
	unsigned int before = answers;
	char code[16];
	for (unsigned int i = 0; i < n; i++) {
		snprintf(code, sizeof(code), "%09u", i);
		event_world_tell(agency, "notice.failed", i * 17 % 64, code);
	}
	assert_int_equal(sess_queue_take(queue, n, on_taken, NULL, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && answers < before + n; i++)
		gw_loop_turn();
	assert_int_equal(answers, before + n);
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	(void)token;
	assert_int_equal(result, SESS_QUEUE_OK);
	*(struct sess_queue_stats *)ctx = *stats;
	answers++;
}

static struct sess_queue_stats stats(void)
{
	struct sess_queue_stats now = { 0 };
	unsigned int before = answers;
	assert_int_equal(sess_queue_stats(queue, on_stats, &now, 0), 0);
	for (int i = 0; i < WORLD_TURNS_MAX && answers == before; i++)
		gw_loop_turn();
	return now;
}

static size_t list(const struct account_wish *who, const char *query)
{
	char path[256];
	snprintf(path, sizeof(path), "/v1/dead%s", query);
	api_call(&reply, "GET", path, who->key, "", NULL);
	if (reply.status != 200)
		print_message("%s\n", reply.text);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_object_size(reply.json), 3);
	return json_array_size(json_object_get(reply.json, "dead"));
}

static const char *of_letter(size_t index, const char *name)
{
	const json_t *letter = json_array_get(json_object_get(reply.json, "dead"), index);
	assert_int_equal(json_object_size(letter), 7);
	return json_string_value(json_object_get(letter, name));
}

static void an_agency_lists_its_own(void **state)
{
	const json_t *entry;
	(void)state;
	assert_int_equal(list(&tax, ""), 0);
	die("tax", 5);
	die("police", 3);
	assert_int_equal(list(&tax, ""), 5);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	assert_string_equal(of_letter(0, "queue"), "events");
	assert_string_equal(of_letter(0, "reason"), "the agency answered 500 for a day");
	entry = json_object_get(json_array_get(json_object_get(reply.json, "dead"), 0), "entry");
	assert_string_equal(json_string_value(json_object_get(entry, "type")), "notice.failed");
	assert_int_equal(list(&police, "?queue=events"), 3);
	api_call(&reply, "GET", "/v1/dead", blind.key, "", NULL);
	assert_api_problem(&reply, 403, "forbidden-scope");
}

static void a_list_has_pages(void **state)
{
	char query[160] = "?limit=2", seen[8][80];
	size_t n = 0;
	(void)state;
	die("tax", 5);
	die("police", 5);
	for (int page = 0; page < 20; page++) {
		for (size_t i = 0, got = list(&tax, query); i < got; i++)
			OSMO_STRLCPY_ARRAY(seen[n++], of_letter(i, "id"));
		if (!json_is_true(json_object_get(reply.json, "more")))
			break;
		snprintf(query, sizeof(query), "?limit=2&cursor=%s", api_text(&reply, "next"));
	}
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
}

static void retried_and_dropped(void **state)
{
	char first[80], second[80], path[160];
	(void)state;
	die("tax", 2);
	list(&tax, "");
	OSMO_STRLCPY_ARRAY(first, of_letter(0, "id"));
	OSMO_STRLCPY_ARRAY(second, of_letter(1, "id"));
	snprintf(path, sizeof(path), "/v1/dead/%s/retry", first);
	api_call(&reply, "POST", path, police.key, "", NULL); /* not its own */
	assert_api_problem(&reply, 404, "unknown-dead");
	api_call(&reply, "POST", path, tax.key, "", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "id"), first);
	api_call(&reply, "POST", path, tax.key, "", NULL); /* again */
	assert_api_problem(&reply, 404, "unknown-dead");
	assert_int_equal(stats().length, 1);
	snprintf(path, sizeof(path), "/v1/dead/%s", second);
	api_call(&reply, "DELETE", path, police.key, "", NULL);
	assert_api_problem(&reply, 404, "unknown-dead");
	assert_int_equal(stats().dead, 1);
	api_call(&reply, "DELETE", path, tax.key, "", NULL);
	assert_int_equal(reply.status, 204);
	api_call(&reply, "DELETE", path, tax.key, "", NULL);
	assert_api_problem(&reply, 404, "unknown-dead");
	assert_int_equal(stats().dead, 0);
	assert_int_equal(stats().length, 1);
}

static void ids_and_cursors_that_are_none(void **state)
{
	static const char *const ids[] = {
		"x", "events", "events.", "events.0", "events.00.", "events.00.1", "events.00.1-", "events.64.1-1", "events.00.1-1x", "events.-1.1-1",
		"events.00.0-0", "events.00.99999999999999999999999-1", "nobody.00.1-1", "events.00.18446744073709551615-18446744073709551615", "..",
		".00.1-1", "events.00.1-1.1-1",
	};
	char path[160];
	(void)state;
	die("tax", 1);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		snprintf(path, sizeof(path), "/v1/dead/%s/retry", ids[i]);
		api_call(&reply, "POST", path, tax.key, "", NULL);
		assert_int_equal(reply.status, 404);
		snprintf(path, sizeof(path), "/v1/dead/%s", ids[i]);
		api_call(&reply, "DELETE", path, tax.key, "", NULL);
		assert_int_equal(reply.status, 404);
	}
	for (size_t i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "/v1/dead?cursor=%s", ids[i]);
		api_call(&reply, "GET", path, tax.key, "", NULL);
		assert_api_problem(&reply, 400, "bad-query");
	}
	api_call(&reply, "GET", "/v1/dead?queue=nobody", tax.key, "", NULL);
	assert_api_problem(&reply, 400, "bad-query");
	api_call(&reply, "GET", "/v1/dead?limit=101", tax.key, "", NULL);
	assert_api_problem(&reply, 400, "bad-query");
	assert_int_equal(stats().dead, 1);
}

/* ---- the console ---- */

/* What an operator types who may change things, and what comes until the sentence does. */
static const char *say_until(const char *commands, const char *sentence)
{
	char enabled[200];
	assert_true(snprintf(enabled, sizeof(enabled), "enable\r\n%s", commands) < (int)sizeof(enabled));
	vty_world_say(text, sizeof(text), enabled, sentence);
	return text;
}

static void an_operator_sees_all_and_retries_all(void **state)
{
	(void)state;
	say_until("show dead", "that were all");
	die("tax", 4);
	die("police", 3);
	say_until("show dead events", "that were all");
	assert_non_null(strstr(text, "police: the agency answered 500 for a day"));
	assert_non_null(strstr(text, "tax: the agency answered 500 for a day"));
	assert_null(strstr(text, "000000001")); /* what it carries is nobody's business here */
	say_until("dead retry all events", "7 are in their queue again");
	assert_int_equal(stats().dead, 0);
	assert_int_equal(stats().length, 7);
	say_until("dead retry all events", "0 are in their queue again");
}

static void an_operator_drops_and_retries_one(void **state)
{
	char command[128], first[80];
	(void)state;
	die("tax", 2);
	list(&tax, "");
	OSMO_STRLCPY_ARRAY(first, of_letter(0, "id"));
	snprintf(command, sizeof(command), "dead drop %s", of_letter(1, "id"));
	say_until(command, "dropped");
	say_until(command, "there is no such letter");
	snprintf(command, sizeof(command), "dead retry id %s", first);
	say_until(command, "it is in its queue again");
	assert_int_equal(stats().dead, 0);
	assert_int_equal(stats().length, 1);
	say_until("dead retry id events.1", "is no id of a dead letter");
	say_until("dead drop nobody.01.1-1", "is no id of a dead letter");
	say_until("show dead nobody", "there is no queue nobody");
}

static void a_console_may_close_before_its_answer(void **state)
{
	(void)state;
	die("tax", 20);
	for (int i = 0; i < 10; i++) {
		int fd = world_connect(world_number("vty port "));
		world_send(fd, "enable\r\nshow dead\r\ndead retry all events\r\n");
		for (int turns = 0; turns < i; turns++)
			gw_loop_turn();
		close(fd);
	}
	for (int i = 0; i < 200; i++)
		gw_loop_turn();
	assert_int_equal(stats().length + stats().dead, 20);
}

static void queues_are_counted(void **state)
{
	char *page;
	size_t octets;
	FILE *to;
	(void)state;
	die("tax", 3);
	event_world_tell("police", "notice.sent", 3, "1");
	for (int i = 0; i < 2000 && (!gw_queues_at(world.gw->queues, 0)->sampled || gw_queues_at(world.gw->queues, 0)->stats.dead != 3); i++)
		gw_loop_turn();
	to = open_memstream(&page, &octets);
	gw_metrics_print(to, world.gw);
	fclose(to);
	assert_non_null(strstr(page, "\ndolat_queue_dead{queue=\"events\"} 3"));
	assert_non_null(strstr(page, "\ndolat_queue_length{queue=\"events\"} 1"));
	free(page);
	say_until("show queues", "events: what agencies are told");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_agency_lists_its_own),
		TEST(a_list_has_pages),
		TEST(retried_and_dropped),
		TEST(ids_and_cursors_that_are_none),
		TEST(an_operator_sees_all_and_retries_all),
		TEST(an_operator_drops_and_retries_one),
		TEST(a_console_may_close_before_its_answer),
		TEST(queues_are_counted),
	};

	return cmocka_run_group_tests(tests, vty_world_init, NULL);
}
