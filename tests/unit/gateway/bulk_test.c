/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Jobs of bulk sending: files over real sockets into a real Redis, fed by this gateway and by a second one in the same process, which
 * die, pause, and take over from one another. */
#include "gateway/bearer_smpp.h"
#include "gateway/bulk_job.h"
#include "gateway/lane.h"
#include "gateway/notices.h"
#include "gateway/rfc3339.h"
#include "sessions/clock.h"
#include "tests/unit/gateway/api_world.h"

#define ROWS_MAX 4000

static struct api_reply reply;
static struct account_wish tax, police;
static struct gw *other; /* another gateway: what it needs of one */
static int64_t skew_ms;  /* that the clock was moved by */
static struct sess_redis *hidden; /* the ledger's, from a gateway that hangs */
static char file[ROWS_MAX * 64];

/* ---- time ---- */

static void turn(void)
{
	struct timespec *now = osmo_clock_override_gettimespec(CLOCK_MONOTONIC);

	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	clock_gettime(CLOCK_MONOTONIC, now);
	osmo_clock_override_add(CLOCK_MONOTONIC, skew_ms / 1000, (long)(skew_ms % 1000) * 1000000);
	if (other) {
		sess_redis_tick(other->ledger_redis);
		if (other->bulk)
			gw_bulk_tick(other->bulk);
		sess_redis_flush(other->ledger_redis);
	}
	gw_loop_turn();
}

#define TURN_UNTIL(condition) \
	do { \
		for (int turns_ = 0; !(condition); turns_++) { \
			assert_in_range(turns_, 0, 20000); \
			turn(); \
		} \
	} while (0)

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		turn();
}

/* Three seconds go by, in steps that are shorter than any deadline: what was going to happen has happened. */
static void rest(void)
{
	for (int i = 0; i < 30; i++) {
		skew_ms += 100;
		turns(3);
	}
}

/* ---- what Redis says ---- */

static int64_t redis_number;
static bool redis_said;

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *given)
{
	(void)ctx;
	(void)token;
	redis_said = true;
	redis_number = outcome == SESS_REDIS_OK ? given->integer : -1; /* a deadline came when the clock was moved */
}

static int64_t redis_eval(const char *script, const char *argument)
{
	const char *argv[] = { "EVAL", script, "0", argument };

	do {
		struct sess_redis *redis = other ? other->ledger_redis : world.gw->ledger_redis;

		TURN_UNTIL(sess_redis_up(redis));
		redis_said = false;
		assert_int_equal(sess_redis_command(redis, on_reply, NULL, 0, 4, argv, NULL), 0);
		TURN_UNTIL(redis_said);
	} while (redis_number < 0);
	return redis_number;
}

/* How many keys there are like this. */
static int64_t keys(const char *pattern)
{
	return redis_eval("return #redis.call('keys', ARGV[1])", pattern);
}

/* What stands in all streams like this. */
static int64_t entries(const char *pattern)
{
	return redis_eval("local n = 0 for _, k in ipairs(redis.call('keys', ARGV[1])) do n = n + redis.call('xlen', k) end return n", pattern);
}

/* ---- the world ---- */

static const struct gw_route *route_of(const void *ctx, const char *msisdn)
{
	(void)ctx;
	(void)msisdn;
	return world.gw->smpp->ops->route(world.gw->smpp, 0);
}

static void meet_other(void)
{
	struct gw_notices_config config = { .keep_ms = 86400000, .on_state = gw_bulk_count };

	other = talloc_zero(world_ctx, struct gw);
	other->ledger_redis = gw_redis_role_alloc(other, "ledger", &world.config->ledger, NULL, NULL);
	other->ledger = sess_ledger_alloc(other, other->ledger_redis);
	config.ledger = other->ledger;
	config.lanes = other->lanes = gw_lanes_alloc(other, other->ledger_redis, "other", route_of, NULL);
	assert_int_equal(gw_lanes_add(other->lanes, route_of(NULL, "")), 0);
	other->notices = gw_notices_alloc(other, &config);
	other->bulk = gw_bulk_alloc(other);
	sess_redis_start(other->ledger_redis);
	TURN_UNTIL(sess_redis_up(other->ledger_redis));
}

static void part_from_other(void)
{
	TALLOC_FREE(other->ledger);
	TALLOC_FREE(other->ledger_redis);
	TALLOC_FREE(other);
}

/* It does nothing and hears nothing of the ledger any more, but its sockets are open. */
static void hang(void)
{
	hidden = world.gw->ledger_redis;
	world.gw->ledger_redis = NULL;
}

static void wake(void)
{
	if (hidden)
		world.gw->ledger_redis = hidden;
	hidden = NULL;
}

static int begin(void **state)
{
	(void)state;
	skew_ms = 0;
	hidden = NULL;
	api_world_begin("deadline_ms = 5000;");
	tax = (struct account_wish){ .name = "tax", .scopes = 1u << GW_SCOPE_BULK | 1u << GW_SCOPE_TEMPLATES };
	police = (struct account_wish){ .name = "police", .scopes = 1u << GW_SCOPE_BULK, .notices_per_day = 5 };
	account_world_add(&tax);
	account_world_add(&police);
	return 0;
}

static int end(void **state)
{
	(void)state;
	wake();
	if (other)
		part_from_other();
	api_world_end();
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	return 0;
}

/* ---- uploads ---- */

static int send_head(const char *query, const struct account_wish *who, const char *type, const char *more, size_t octets)
{
	char head[512];
	int fd = api_connect();

	snprintf(head, sizeof(head), "POST /v1/bulk%s HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n%s"
		 "Content-Length: %zu\r\n\r\n", query, who->key, type, more, octets);
	world_send(fd, head);
	return fd;
}

/* As much as the socket takes at once, and turns in between: the gateway holds us back. */
static void send_all(int fd, const char *text, size_t octets)
{
	for (int i = 0; octets; i++) {
		ssize_t n = send(fd, text, octets, MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_in_range(i, 0, 100000);
		assert_true(n > 0 || errno == EAGAIN);
		text += n > 0 ? n : 0;
		octets -= n > 0 ? (size_t)n : 0;
		turn();
	}
}

static bool reply_is_whole;
static void await_reply(int fd)
{
	memset(reply.text, 0, sizeof(reply.text));
	json_decref(reply.json);
	reply.json = NULL;
	reply_is_whole = false;
	for (int i = 0; !reply_is_whole; i++) {
		size_t n = strlen(reply.text);
		ssize_t got = recv(fd, reply.text + n, sizeof(reply.text) - 1 - n, MSG_DONTWAIT);

		assert_in_range(i, 0, 20000);
		reply_is_whole = got == 0 || api_is_whole(reply.text);
		turn();
	}
	if (!reply.text[0]) puts(world.lines);
	assert_int_equal(sscanf(reply.text, "HTTP/1.1 %u ", &reply.status), 1);
	reply.body = strstr(reply.text, "\r\n\r\n") + 4;
	reply.json = json_loads(reply.body, 0, NULL);
	close(fd);
}

static void upload_as(const struct account_wish *who, const char *query, const char *type, const char *more, const char *text)
{
	int fd = send_head(query, who, type, more, strlen(text));

	send_all(fd, text, strlen(text));
	await_reply(fd);
}

static void upload(const char *query, const char *more, const char *text)
{
	upload_as(&tax, query, "text/csv", more, text);
}

static const char *make_file(unsigned int rows)
{
	size_t n = (size_t)sprintf(file, "to,text_fa,reference\n");

	for (unsigned int i = 0; i < rows; i++)
		n += (size_t)sprintf(file + n, "98912%07u,\"سلام، %u\",r%u\n", i, i, i);
	return file;
}

/* The job of the last reply, kept. */
static char id[GW_BULK_ID_OCTETS];

static void keep_id(void)
{
	assert_non_null(api_text(&reply, "id"));
	snprintf(id, sizeof(id), "%s", api_text(&reply, "id"));
}

static void call(const char *method, const char *what)
{
	char request[512];
	int fd = api_connect();

	snprintf(request, sizeof(request), "%s /v1/bulk%s%s%s HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n%s\r\n", method, id[0] ? "/" : "", id,
		 what, tax.key, strcmp(method, "POST") == 0 ? "Content-Length: 0\r\n" : "");
	world_send(fd, request);
	await_reply(fd);
}

static int64_t number(const char *name)
{
	return json_integer_value(json_object_get(reply.json, name));
}

static bool job_is(const char *state)
{
	call("GET", "");
	return reply.status == 200 && strcmp(api_text(&reply, "state"), state) == 0;
}

/* Every row is a notice, or failed. Nothing is sent in these tests - nobody listens at the operator's port - so only jobs for the inbox
 * come to their end. */
static bool is_fed(void)
{
	call("GET", "");
	return reply.status == 200 && number("accepted") + number("failed") == number("rows");
}

/* ---- stories ---- */

static void a_file_becomes_notices(void **state)
{
	(void)state;
	upload("", "", make_file(1000));
	assert_int_equal(reply.status, 202);
	assert_string_equal(api_text(&reply, "state"), "running");
	assert_int_equal(number("rows"), 1000);
	keep_id();
	TURN_UNTIL(is_fed());
	assert_int_equal(number("accepted"), 1000);
	assert_int_equal(keys("notice:*"), 1000);
	assert_int_equal(entries("outbox-*-b:*"), 1000);
	assert_int_equal(keys("rows:*"), 0);
	assert_int_equal(gw_bulk_counters(world.gw->bulk)->fed, 1000);
	rest();
	assert_true(job_is("running")); /* they are still to be sent: it can be cancelled */
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply.json, "notices"), "waiting")), 1000);
	call("POST", "/cancel");
	assert_string_equal(api_text(&reply, "state"), "cancelled");
	TURN_UNTIL(keys("bulk-open:*") == 0);
}

static void a_job_is_over_when_all_was_sent(void **state)
{
	(void)state;
	upload("?channels=inbox", "", make_file(300));
	keep_id();
	TURN_UNTIL(is_fed());
	skew_ms += 2500;
	TURN_UNTIL(job_is("finished"));
	assert_int_equal(number("accepted"), 300);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply.json, "notices"), "sent")), 300);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply.json, "notices"), "waiting")), 0);
	assert_int_equal(keys("bulk-open:*"), 0);
	call("POST", "/pause");
	assert_api_problem(&reply, 409, "wrong-state");
}

static void bad_rows_are_told_and_do_not_stop_it(void **state)
{
	const json_t *errors;

	(void)state;
	upload("", "", "to,text_fa\n989121234567,سلام\n12,سلام\n989121234568\n989121234569,\"x\"y\n989121234570,\xff\n989121234571,خوب\n");
	assert_int_equal(reply.status, 202);
	assert_int_equal(number("rows"), 6);
	assert_int_equal(number("failed"), 4);
	keep_id();
	call("GET", "/errors");
	assert_int_equal(reply.status, 200);
	errors = json_object_get(reply.json, "errors");
	assert_int_equal(json_array_size(errors), 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(json_integer_value(json_object_get(json_array_get(errors, i), "line")), i + 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors, 0), "pointer")), "/to");
	assert_true(json_is_null(json_object_get(reply.json, "next")));
	TURN_UNTIL(is_fed());
	assert_int_equal(number("accepted"), 2);
	assert_int_equal(number("failed"), 4);
	assert_int_equal(keys("notice:*"), 2);
}

static void a_thousand_errors_are_kept(void **state)
{
	size_t n = (size_t)sprintf(file, "to,text_fa\n");

	(void)state;
	for (unsigned int i = 0; i < 1500; i++)
		n += (size_t)sprintf(file + n, "1,x\n");
	upload("", "", file);
	assert_int_equal(reply.status, 202);
	keep_id();
	call("GET", "/errors");
	assert_int_equal(number("failed"), 1500);
	assert_int_equal(json_array_size(json_object_get(reply.json, "errors")), GW_BULK_ERRORS_KEPT);
	TURN_UNTIL(is_fed());
	assert_int_equal(number("failed"), 1500);
}

static void ndjson(void **state)
{
	(void)state;
	upload_as(&tax, "", "application/x-ndjson; charset=utf-8", "", "{\"to\":\"989121234567\",\"text\":{\"fa\":\"الف\"}}\n{\n[]\n\n"
		  "{\"to\":\"989121234568\",\"text\":{\"fa\":\"ب\"},\"reference\":\"7\"}\n{\"to\":\"989121234568\",\"text\":{\"fa\":\"ب\"},"
		  "\"sensitive\":true,\"national_id\":\"0000000000\"}");
	assert_int_equal(reply.status, 202);
	assert_int_equal(number("rows"), 5);
	assert_int_equal(number("failed"), 3);
	keep_id();
	TURN_UNTIL(is_fed());
	assert_int_equal(keys("notice:*"), 2);
}

static void rows_fill_a_template(void **state)
{
	const json_t *errors;

	(void)state;
	api_call(&reply, "PUT", "/v1/templates/june", tax.key, "", "{\"text\":{\"fa\":\"{name} عزیز، {amount|rial}\"}}");
	assert_in_range(reply.status, 200, 201);
	upload("?template=june", "", "to,name,amount\n989121234567,علی,1000\n989121234568,,1000\n");
	assert_int_equal(reply.status, 202);
	assert_int_equal(number("failed"), 1);
	keep_id();
	call("GET", "/errors");
	errors = json_object_get(reply.json, "errors");
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors, 0), "pointer")), "/fields/name");
	TURN_UNTIL(is_fed());
	assert_int_equal(number("accepted"), 1);
	assert_int_equal(redis_eval("local n = 0 for _, k in ipairs(redis.call('keys', 'notice:*')) do "
				    "if redis.call('get', k):find(ARGV[1], 1, true) then n = n + 1 end end return n", "علی عزیز"), 1);
	upload("?template=july", "", "to\n");
	assert_api_problem(&reply, 404, "unknown-template");
	upload("?template=NO+NAME", "", "to\n");
	assert_api_problem(&reply, 404, "unknown-template");
}

static void files_that_are_none(void **state)
{
	static const struct { const char *type, *text; unsigned int status; const char *problem; } cases[] = {
		{ "text/csv", "phone,text_fa\n1,2\n", 400, "bad-file" },
		{ "text/csv", "text_fa\nx\n", 400, "bad-file" },
		{ "text/csv", "to,to\nx\n", 400, "bad-file" },
		{ "text/csv", "to,text_fa\n", 400, "bad-file" },
		{ "text/csv", "", 400, "bad-file" },
		{ "text/csv", "to,text_fa\n1,\"never closed\n\n", 400, "bad-file" },
		{ "application/json", "{}", 415, "unsupported-type" },
		{ "text/csvx", "to\n", 415, "unsupported-type" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		upload_as(&tax, "", cases[i].type, "", cases[i].text);
		assert_api_problem(&reply, cases[i].status, cases[i].problem);
	}
	memset(file, 'x', 200000);
	memcpy(file, "to,text_fa\n", 11);
	file[200000] = '\0';
	upload("", "", file);
	assert_api_problem(&reply, 400, "bad-file");
	upload("?not_before=tomorrow", "", "to,text_fa\n");
	assert_api_problem(&reply, 400, "bad-query");
	upload("?class=gossip", "", "to,text_fa\n");
	assert_api_problem(&reply, 400, "bad-query");
	assert_non_null(strstr(api_text(&reply, "detail"), "class: "));
	upload("?channels=sms,", "", "to,text_fa\n");
	assert_int_equal(reply.status, 400); /* a file of no row, but the channels are good: a comma at the end is none */
	upload("?channels=sms,letter", "", "to,text_fa\n");
	assert_api_problem(&reply, 400, "bad-query");
	upload("?paused=yes", "", "to,text_fa\n");
	assert_api_problem(&reply, 400, "bad-query");
	TURN_UNTIL(keys("bulk:*") == 0 && keys("rows:*") == 0); /* nothing is left of them */
	assert_int_equal(keys("bulk*"), 0);
}

static void more_than_the_quota_is_refused_as_a_whole(void **state)
{
	(void)state;
	upload_as(&police, "", "text/csv", "", make_file(6));
	assert_api_problem(&reply, 429, "quota-used-up");
	TURN_UNTIL(keys("bulk:*") == 0);
	upload_as(&police, "", "text/csv", "", make_file(5));
	assert_int_equal(reply.status, 202);
	TURN_UNTIL(keys("notice:*") == 5);
}

static void the_same_upload_is_the_same_job(void **state)
{
	(void)state;
	upload("", "Idempotency-Key: june\r\n", make_file(50));
	assert_int_equal(reply.status, 202);
	keep_id();
	upload("", "Idempotency-Key: june\r\n", make_file(50));
	assert_int_equal(reply.status, 202);
	assert_string_equal(api_text(&reply, "id"), id);
	TURN_UNTIL(is_fed());
	assert_int_equal(keys("notice:*"), 50);
	upload("?class=legal", "Idempotency-Key: june\r\n", make_file(50)); /* the same name for something else */
	assert_api_problem(&reply, 409, "idempotency-conflict");
	upload_as(&police, "", "text/csv", "Idempotency-Key: june\r\n", make_file(5));
	assert_int_equal(reply.status, 202);
	assert_string_not_equal(api_text(&reply, "id"), id);
}

static void an_upload_that_breaks_off_leaves_nothing(void **state)
{
	size_t octets = strlen(make_file(1900));
	int fd = send_head("", &tax, "text/csv", "Idempotency-Key: june\r\n", octets);

	(void)state;
	send_all(fd, file, octets - 100);
	TURN_UNTIL(keys("rows:*") >= 3);
	assert_int_equal(keys("bulk:*"), 1);
	close(fd);
	TURN_UNTIL(keys("bulk*") == 0);
	assert_int_equal(keys("rows:*"), 0);
	assert_int_equal(keys("notice:*"), 0);
	upload("", "Idempotency-Key: june\r\n", make_file(1900));
	assert_int_equal(reply.status, 202);
	keep_id();
	TURN_UNTIL(is_fed());
	assert_int_equal(keys("notice:*"), 1900);
}

/* The gateway that takes it shows no life: another tidies its job up, and it finds out. */
static void a_hung_gateways_upload_is_tidied_up(void **state)
{
	size_t octets = strlen(make_file(1900));
	int fd = send_head("", &tax, "text/csv", "", octets);

	(void)state;
	meet_other();
	send_all(fd, file, octets - 100);
	TURN_UNTIL(keys("rows:*") >= 3);
	hang();
	rest();
	assert_int_equal(keys("bulk:*"), 1); /* it might live */
	skew_ms += 7000;
	TURN_UNTIL(keys("bulk*") == 0);
	assert_int_equal(keys("rows:*"), 0);
	wake();
	send_all(fd, file + octets - 100, 100);
	await_reply(fd);
	assert_api_problem(&reply, 409, "upload-under-way");
	assert_int_equal(keys("bulk*"), 0);
}

static void pause_resume_cancel(void **state)
{
	(void)state;
	upload("?paused=true", "", make_file(3000));
	assert_int_equal(reply.status, 202);
	assert_string_equal(api_text(&reply, "state"), "paused");
	keep_id();
	rest();
	assert_int_equal(keys("notice:*"), 0);
	call("POST", "/resume");
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "running");
	TURN_UNTIL(keys("notice:*") >= 300);
	call("POST", "/pause");
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "state"), "paused");
	rest();
	int64_t then = keys("notice:*");
	assert_in_range(then, 300, 2900);
	rest();
	assert_int_equal(keys("notice:*"), then);
	call("POST", "/pause"); /* again: it is what was wanted */
	assert_int_equal(reply.status, 200);
	call("POST", "/cancel");
	assert_string_equal(api_text(&reply, "state"), "cancelled");
	TURN_UNTIL(keys("rows:*") == 0 && keys("bulk-open:*") == 0);
	assert_int_equal(keys("notice:*"), then);
	call("POST", "/resume");
	assert_api_problem(&reply, 409, "wrong-state");
	assert_true(job_is("cancelled"));
}

static void it_waits_for_its_time(void **state)
{
	char query[64] = "?not_before=";

	(void)state;
	gw_rfc3339_print(sess_clock_wall_ms() + 3600000, query + strlen(query));
	upload(query, "", make_file(50));
	assert_int_equal(reply.status, 202);
	rest();
	assert_int_equal(keys("notice:*"), 0);
	keep_id();
	assert_true(job_is("running"));
}

static void it_waits_for_the_lanes(void **state)
{
	(void)state;
	upload("", "", make_file(3000));
	TURN_UNTIL(entries("outbox-*-b:*") >= 2000);
	rest();
	assert_in_range(entries("outbox-*-b:*"), 2000, 2200);
	redis_eval("for _, k in ipairs(redis.call('keys', ARGV[1])) do redis.call('del', k) end return 0", "outbox-*"); /* all was sent */
	TURN_UNTIL(keys("notice:*") == 3000);
}

/* In the middle of a chunk: the other one meets some of its rows again, and it finds out when it comes to itself. */
static void a_hung_gateways_job_is_taken_over(void **state)
{
	(void)state;
	meet_other();
	upload("", "", make_file(1900));
	assert_int_equal(reply.status, 202);
	keep_id();
	TURN_UNTIL(keys("notice:*") >= 500);
	if (gw_bulk_counters(world.gw->bulk)->fed == 0)
		skip(); /* the other one was first */
	hang();
	rest();
	assert_in_range(keys("notice:*"), 500, 1899); /* it might live */
	skew_ms += 7000;
	TURN_UNTIL(gw_bulk_counters(other->bulk)->fed > 0 && keys("rows:*") == 0);
	assert_int_equal(gw_bulk_counters(other->bulk)->takeovers, 1);
	wake();
	rest();
	TURN_UNTIL(is_fed());
	assert_int_equal(number("accepted"), 1900);
	assert_int_equal(number("failed"), 0);
	assert_int_equal(keys("notice:*"), 1900);
	assert_int_equal(entries("outbox-*-b:*"), 1900);
	assert_int_equal(keys("rows:*"), 0);
}

/* A gateway that drains leaves its job at once. */
static void a_job_is_handed_over(void **state)
{
	(void)state;
	meet_other();
	upload("", "", make_file(1900));
	keep_id();
	TURN_UNTIL(keys("notice:*") >= 500);
	if (gw_bulk_counters(world.gw->bulk)->fed == 0)
		skip(); /* the other one was first */
	TURN_UNTIL(gw_bulk_close(world.gw->bulk));
	TURN_UNTIL(gw_bulk_counters(other->bulk)->fed > 0 && keys("rows:*") == 0);
	assert_int_equal(gw_bulk_counters(other->bulk)->takeovers, 0);
	assert_int_equal(keys("notice:*"), 1900);
}

static void redis_is_away_for_a_while(void **state)
{
	(void)state;
	upload("", "", make_file(1900));
	keep_id();
	TURN_UNTIL(keys("notice:*") >= 300);
	redis_server_hang(&api_redis);
	skew_ms += 60000; /* every deadline */
	turns(30);
	redis_server_resume(&api_redis);
	TURN_UNTIL(sess_redis_up(world.gw->ledger_redis));
	TURN_UNTIL(is_fed());
	assert_int_equal(number("accepted"), 1900);
	assert_int_equal(keys("notice:*"), 1900);
	assert_int_equal(entries("outbox-*-b:*"), 1900);
}

static void jobs_are_listed_for_their_agency(void **state)
{
	const json_t *jobs;

	(void)state;
	for (int i = 0; i < 3; i++) {
		upload("?paused=true", "", make_file(1));
		assert_int_equal(reply.status, 202);
	}
	keep_id();
	upload_as(&police, "", "text/csv", "", make_file(1));
	snprintf(id, sizeof(id), "%s", api_text(&reply, "id"));
	call("GET", ""); /* by tax, of police's */
	assert_api_problem(&reply, 404, "unknown-bulk");
	call("POST", "/cancel");
	assert_api_problem(&reply, 404, "unknown-bulk");
	strcpy(id, "b99aaaaaaaaaaaaaaaaaaaa");
	call("GET", "/errors");
	assert_api_problem(&reply, 404, "unknown-bulk");
	id[0] = '\0';
	call("GET", "?limit=2");
	jobs = json_object_get(reply.json, "jobs");
	assert_int_equal(json_array_size(jobs), 2);
	assert_string_equal(api_text(&reply, "next"), "2");
	assert_true(json_is_true(json_object_get(reply.json, "more")));
	call("GET", "?limit=2&cursor=2");
	assert_int_equal(json_array_size(json_object_get(reply.json, "jobs")), 1);
	assert_true(json_is_null(json_object_get(reply.json, "next")));
}

static void on_tallied(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)token;
	(void)there;
	assert_int_equal(result, SESS_LEDGER_OK);
	(*(unsigned int *)ctx)++;
}

/* A notice on its way, from state to state. */
static void what_became_of_its_notices_is_counted(void **state)
{
	static const struct { unsigned int whose; enum gw_notice_state from, to; } steps[] = {
		{ 0, GW_NOTICE_ACCEPTED, GW_NOTICE_SENDING }, { 0, GW_NOTICE_SENDING, GW_NOTICE_SENT }, { 0, GW_NOTICE_SENT, GW_NOTICE_DELIVERED },
		{ 1, GW_NOTICE_SENDING, GW_NOTICE_SENT }, { 1, GW_NOTICE_SENT, GW_NOTICE_FAILED },
		{ 2, GW_NOTICE_SENDING, GW_NOTICE_DELIVERED }, /* the receipt was faster than the answer */
		{ 3, GW_NOTICE_ACCEPTED, GW_NOTICE_REFUSED }, { 4, GW_NOTICE_ACCEPTED, GW_NOTICE_CANCELLED },
	};
	static const struct { const char *name; int count; } counts[] = { { "sent", 3 }, { "delivered", 2 }, { "failed", 1 }, { "refused", 1 },
									  { "cancelled", 1 }, { "expired", 0 }, { "waiting", 1 } };
	unsigned int done = 0;

	(void)state;
	upload("", "", make_file(6));
	keep_id();
	TURN_UNTIL(is_fed());
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		struct gw_notice *notice = gw_notice_alloc(world_ctx);
		struct sess_ledger_commit *commit;

		snprintf(notice->msisdn, sizeof(notice->msisdn), "98912%07u", steps[i].whose);
		gw_notice_make_id(notice->id, notice->msisdn, NULL, 0);
		gw_notice_set(notice, &notice->bulk, id);
		notice->state = steps[i].to;
		commit = sess_ledger_commit_begin(notice, world.gw->ledger, (unsigned int)gw_notice_partition(notice->id));
		gw_bulk_count(commit, notice, steps[i].from);
		sess_ledger_note(commit, "x", 1);
		assert_int_equal(sess_ledger_commit_go(commit, on_tallied, &done, 0), 0);
		talloc_free(notice);
	}
	TURN_UNTIL(done == ARRAY_SIZE(steps));
	call("GET", "");
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		assert_int_equal(json_integer_value(json_object_get(json_object_get(reply.json, "notices"), counts[i].name)), counts[i].count);
}

static void the_outbox_is_told(void **state)
{
	(void)state;
	upload("?paused=true", "", make_file(3));
	keep_id();
	meet_other();
	assert_int_equal(gw_bulk_state(other->bulk, "b01aaaaaaaaaaaaaaaaaaaa"), GW_BULK_UNKNOWN);
	TURN_UNTIL(gw_bulk_state(other->bulk, "b01aaaaaaaaaaaaaaaaaaaa") == GW_BULK_FINISHED); /* it is not there any more */
	TURN_UNTIL(gw_bulk_state(other->bulk, id) == GW_BULK_PAUSED);
	call("POST", "/resume");
	assert_int_equal(gw_bulk_state(other->bulk, id), GW_BULK_PAUSED); /* for a moment */
	TURN_UNTIL(gw_bulk_state(other->bulk, id) != GW_BULK_PAUSED);
	assert_int_equal(gw_bulk_state(other->bulk, "rubbish"), GW_BULK_FINISHED);
	for (unsigned int i = 0; i < 600; i++) { /* more than are remembered */
		snprintf(id, sizeof(id), "b%02u%s", i % 64, "aaaaaaaaaaaaaaaaaaaa");
		id[10] = (char)('a' + i / 64);
		gw_bulk_state(other->bulk, id);
	}
	turns(20);
}

/* The gateway is freed with everything under way. */
static void freed_in_the_middle(void **state)
{
	size_t octets = strlen(make_file(3000));
	int fd;

	(void)state;
	upload("", "", make_file(2000));
	fd = send_head("", &tax, "text/csv", "", octets);
	send_all(fd, file, 30000);
	turns(3);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_becomes_notices, begin, end),
		cmocka_unit_test_setup_teardown(a_job_is_over_when_all_was_sent, begin, end),
		cmocka_unit_test_setup_teardown(bad_rows_are_told_and_do_not_stop_it, begin, end),
		cmocka_unit_test_setup_teardown(a_thousand_errors_are_kept, begin, end),
		cmocka_unit_test_setup_teardown(ndjson, begin, end),
		cmocka_unit_test_setup_teardown(rows_fill_a_template, begin, end),
		cmocka_unit_test_setup_teardown(files_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(more_than_the_quota_is_refused_as_a_whole, begin, end),
		cmocka_unit_test_setup_teardown(the_same_upload_is_the_same_job, begin, end),
		cmocka_unit_test_setup_teardown(an_upload_that_breaks_off_leaves_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_hung_gateways_upload_is_tidied_up, begin, end),
		cmocka_unit_test_setup_teardown(pause_resume_cancel, begin, end),
		cmocka_unit_test_setup_teardown(it_waits_for_its_time, begin, end),
		cmocka_unit_test_setup_teardown(it_waits_for_the_lanes, begin, end),
		cmocka_unit_test_setup_teardown(a_hung_gateways_job_is_taken_over, begin, end),
		cmocka_unit_test_setup_teardown(a_job_is_handed_over, begin, end),
		cmocka_unit_test_setup_teardown(redis_is_away_for_a_while, begin, end),
		cmocka_unit_test_setup_teardown(jobs_are_listed_for_their_agency, begin, end),
		cmocka_unit_test_setup_teardown(what_became_of_its_notices_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(the_outbox_is_told, begin, end),
		cmocka_unit_test_setup_teardown(freed_in_the_middle, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
