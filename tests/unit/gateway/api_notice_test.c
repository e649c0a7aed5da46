/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/notices by real requests to a gateway with a real ledger: what is accepted is there, once, whatever is lost on the way. */
#include "gateway/api_priv.h"
#include "gateway/lane.h"
#include "gateway/notices.h"
#include "gateway/quota.h"
#include "gateway/rfc3339.h"
#include "sessions/clock.h"
#include "sessions/store.h"
#include "tests/unit/gateway/api_world.h"

#define ONE "{\"to\": \"09123456789\", \"text\": {\"fa\": \"قبض شما صادر شد.\"}, \"reference\": \"bill-77\"}"
#define API_ERRORS 100
#define RIGHTS (1u << GW_SCOPE_NOTICES_SEND | 1u << GW_SCOPE_NOTICES_READ)

static struct api_reply reply;
static struct account_wish tax = { .name = "tax", .scopes = RIGHTS }, police = { .name = "police", .scopes = RIGHTS },
			   poor = { .name = "poor", .scopes = RIGHTS, .notices_per_day = 5 };

static int begin(void **state)
{
	(void)state;
	api_world_begin("");
	account_world_add_all((struct account_wish *[]){ &tax, &police, &poor }, 3);
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

static void turn(unsigned int n)
{
	while (n--)
		gw_loop_turn();
}

/* ---- calls */

/* Like world_send, for what does not fit into a socket. */
static void send_all(int fd, const char *text, size_t octets)
{
	while (octets) {
		ssize_t n = send(fd, text, octets, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			text += n;
			octets -= (size_t)n;
		} else {
			gw_loop_turn();
		}
	}
}

static int post_begin(const struct account_wish *who, const char *key, const char *body)
{
	char head[512];
	int fd = api_connect();
	int n = snprintf(head, sizeof(head), "POST /v1/notices HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n%s%s%sContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n", who->key, key ? "Idempotency-Key: " : "", key ? key : "", key ? "\r\n" : "", strlen(body));

	send_all(fd, head, (size_t)n);
	send_all(fd, body, strlen(body));
	return fd;
}

static void post(const struct account_wish *who, const char *key, const char *body)
{
	int fd = post_begin(who, key, body);

	api_take(&reply, fd);
	close(fd);
}

static void get(const struct account_wish *who, const char *path)
{
	api_call(&reply, "GET", path, who->key, "", NULL);
}

static void get_notice(const struct account_wish *who, const char *id)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/notices/%s", id);
	get(who, path);
}

static void cancel(const struct account_wish *who, const char *id)
{
	char path[256];

	snprintf(path, sizeof(path), "/v1/notices/%s/cancel", id);
	api_call(&reply, "POST", path, who->key, "Content-Length: 0\r\n", NULL);
}

static json_t *verdict(size_t index)
{
	return json_array_get(json_object_get(reply.json, "notices"), index);
}

/* The id of the verdict, kept. */
static const char *id_of(size_t index)
{
	static char ids[8][GW_NOTICE_ID_OCTETS];
	static unsigned int next;
	const char *id = json_string_value(json_object_get(verdict(index), "id"));

	if (!id)
		fail_msg("no id in %s", reply.text);
	return strcpy(ids[next++ % 8], id);
}

static const char *accepted(const struct account_wish *who, const char *key, const char *body)
{
	post(who, key, body);
	if (reply.status != 202)
		puts(reply.text);
	assert_int_equal(reply.status, 202);
	assert_int_equal(json_array_size(json_object_get(reply.json, "notices")), 1);
	return id_of(0);
}

/* n notices to n citizens; some of them bad. */
static char *make_list(size_t n, size_t bad_from)
{
	char *text = talloc_strdup(world_ctx, "{\"notices\": [");

	for (size_t i = 0; i < n; i++)
		text = talloc_asprintf_append_buffer(text, "%s{\"to\": \"%s%07zu\", \"text\": {\"fa\": \"نوبت شما %zu است.\"}}", i ? ", " : "",
						     i < bad_from ? "0912" : "021x", i, i);
	return talloc_strdup_append_buffer(text, "]}");
}

/* ---- what the ledger has */
static uint64_t waiting;
static bool is_answered;

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_QUEUE_OK);
	waiting += stats->length;
	is_answered = true;
}

static void turn_until_answered(void)
{
	for (int i = 0; i < WORLD_TURNS_MAX && !is_answered; i++)
		gw_loop_turn();
	assert_true(is_answered);
	is_answered = false;
}

/* How many notices wait in the outbox. */
static unsigned int outbox(void)
{
	waiting = 0;
	for (size_t i = 0; gw_lane_at(world.gw->lanes, i); i++) {
		assert_int_equal(sess_queue_stats(gw_lane_at(world.gw->lanes, i)->queue, on_stats, NULL, 0), 0);
		turn_until_answered();
	}
	return (unsigned int)waiting;
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)ctx;
	(void)token;
	(void)there;
	assert_int_equal(result, SESS_LEDGER_OK);
	is_answered = true;
}

static void go(struct sess_ledger_commit *commit)
{
	assert_int_equal(sess_ledger_commit_go(commit, on_committed, NULL, 0), 0);
	talloc_free(commit);
	turn_until_answered();
}

static bool (*changing)(struct gw_notice *notice);

static bool change_it(void *ctx, struct gw_notice *notice, struct sess_ledger_commit *commit)
{
	(void)ctx;
	(void)commit;
	return changing(notice);
}

static void on_changed(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	assert_non_null(notice);
	is_answered = true;
}

/* As the outbox would. */
static void change(const char *id, bool (*how)(struct gw_notice *notice))
{
	changing = how;
	assert_int_equal(gw_notices_change(world.gw->notices, id, change_it, NULL, on_changed, NULL, 0), 0);
	turn_until_answered();
}

/* ---- one */

static void a_notice_is_accepted_and_shown(void **state)
{
	const char *id = accepted(&tax, NULL, ONE);

	(void)state;
	assert_int_equal(gw_notice_partition(id), sess_store_partition("989123456789"));
	assert_int_equal(outbox(), 1);
	get_notice(&tax, id);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "id"), id);
	assert_string_equal(api_text(&reply, "to"), "989123456789");
	assert_string_equal(api_text(&reply, "state"), "accepted");
	assert_string_equal(api_text(&reply, "reference"), "bill-77");
	assert_string_equal(json_string_value(json_object_get(json_object_get(reply.json, "text"), "fa")), "قبض شما صادر شد.");
	assert_int_equal(json_array_size(json_object_get(reply.json, "channels")), 2);
}

static void what_is_anothers_is_not_there(void **state)
{
	static const char *const none[] = { "n00aaaaaaaaaaaaaaaaaaaa", "n99aaaaaaaaaaaaaaaaaaaa", "none", "n", "n00AAAAAAAAAAAAAAAAAAAA",
					    "n00aaaaaaaaaaaaaaaaaaaaa", "%7bp00%7d" };
	const char *id = accepted(&tax, NULL, ONE);

	(void)state;
	get_notice(&police, id);
	assert_api_problem(&reply, 404, "unknown-notice");
	cancel(&police, id);
	assert_api_problem(&reply, 404, "unknown-notice");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		get_notice(&tax, none[i]);
		assert_api_problem(&reply, 404, "unknown-notice");
		cancel(&tax, none[i]);
		assert_api_problem(&reply, 404, "unknown-notice");
	}
	get_notice(&tax, id);
	assert_string_equal(api_text(&reply, "state"), "accepted");
}

static void mistakes_are_told_all_at_once(void **state)
{
	json_t *errors;

	(void)state;
	post(&tax, NULL, "{\"to\": \"1\", \"text\": {\"fa\": \"\"}, \"txet\": 1}");
	assert_api_problem(&reply, 422, "bad-field");
	assert_string_equal(api_text(&reply, "pointer"), "/to");
	errors = json_object_get(reply.json, "errors");
	assert_int_equal(json_array_size(errors), 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors, 1), "pointer")), "/text/fa");
	assert_string_equal(json_string_value(json_object_get(json_array_get(errors, 2), "pointer")), "/txet");
	assert_int_equal(outbox(), 0);
}

static void what_only_one_may_read_is_sealed(void **state)
{
	const char *id = accepted(&tax, NULL, "{\"to\": \"09123456789\", \"text\": {\"fa\": \"راز\"}, \"sensitive\": true, \"national_id\": \"0013542419\"}");

	(void)state;
	get_notice(&tax, id);
	assert_true(json_is_true(json_object_get(reply.json, "sensitive")));
	assert_null(json_object_get(reply.json, "text"));
	assert_null(strstr(reply.text, "راز"));
	assert_null(strstr(reply.text, "0013542419"));
}

/* ---- many */

static void each_of_many_has_its_verdict(void **state)
{
	json_t *problem;

	(void)state;
	post(&tax, NULL, "{\"notices\": [" ONE ", {\"to\": \"9\", \"text\": {\"en\": \"x\"}}, 7, {\"to\": \"09351234567\", \"text\": {\"en\": \"y\"}}]}");
	assert_int_equal(reply.status, 202);
	assert_int_equal(json_array_size(json_object_get(reply.json, "notices")), 4);
	assert_string_not_equal(id_of(0), id_of(3));
	problem = json_object_get(verdict(1), "problem");
	assert_int_equal(json_integer_value(json_object_get(problem, "status")), 422);
	assert_string_equal(json_string_value(json_object_get(problem, "type")), "/v1/problems/bad-field");
	assert_string_equal(json_string_value(json_object_get(problem, "pointer")), "/notices/1/to");
	problem = json_object_get(verdict(2), "problem");
	assert_string_equal(json_string_value(json_object_get(problem, "pointer")), "/notices/2");
	assert_int_equal(outbox(), 2);
}

static void many_without_a_good_one_are_a_problem(void **state)
{
	static const char *const bad[] = { "{\"notices\": []}", "{\"notices\": 7}", "{\"notices\": {}}", "{\"notices\": null}",
					   "{\"notices\": [" ONE "], \"to\": \"09123456789\"}" };
	char *list = make_list(API_ERRORS + 20, 0);

	(void)state;
	post(&tax, NULL, list);
	assert_api_problem(&reply, 422, "bad-field");
	assert_string_equal(api_text(&reply, "pointer"), "/notices/0/to");
	assert_int_equal(json_array_size(json_object_get(reply.json, "errors")), API_ERRORS);
	talloc_free(list);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		post(&tax, NULL, bad[i]);
		assert_api_problem(&reply, 422, "bad-field");
		assert_string_equal(api_text(&reply, "pointer"), "/notices");
	}
	post(&tax, NULL, "[" ONE "]");
	assert_api_problem(&reply, 422, "bad-field");
	assert_int_equal(outbox(), 0);
}

static void five_hundred_in_one_call(void **state)
{
	char *list = make_list(500, 490), *more = make_list(501, 501);

	(void)state;
	post(&tax, "five-hundred", list);
	assert_int_equal(reply.status, 202);
	assert_int_equal(json_array_size(json_object_get(reply.json, "notices")), 500);
	for (size_t i = 0; i < 500; i++)
		assert_non_null(json_object_get(verdict(i), i < 490 ? "id" : "problem"));
	assert_int_equal(outbox(), 490);
	post(&tax, NULL, more);
	assert_api_problem(&reply, 422, "bad-field");
	assert_int_equal(outbox(), 490);
	talloc_free(list);
	talloc_free(more);
}

/* ---- the same again */

static void the_same_again_is_done_once(void **state)
{
	char *list = make_list(130, 128);
	json_t *first;

	(void)state;
	post(&tax, "key-1", list);
	first = json_incref(reply.json);
	for (int i = 0; i < 3; i++) {
		post(&tax, "key-1", list);
		assert_int_equal(reply.status, 202);
		assert_true(json_equal(first, reply.json));
	}
	assert_int_equal(outbox(), 128);
	post(&tax, "key-2", list);
	assert_int_equal(reply.status, 202);
	assert_false(json_equal(first, reply.json));
	post(&police, "key-1", list);
	assert_false(json_equal(first, reply.json));
	assert_int_equal(outbox(), 3 * 128);
	json_decref(first);
	talloc_free(list);
}

static void without_a_key_the_same_again_is_another(void **state)
{
	const char *id = accepted(&tax, NULL, ONE);

	(void)state;
	assert_string_not_equal(id, accepted(&tax, NULL, ONE));
	assert_int_equal(outbox(), 2);
}

static void a_key_is_for_one_body(void **state)
{
	const char *id = accepted(&tax, "key", ONE);

	(void)state;
	post(&tax, "key", "{\"to\": \"09123456789\", \"text\": {\"fa\": \"قبض شما صادر شد!\"}}");
	assert_api_problem(&reply, 422, "idempotency-conflict");
	post(&tax, "key", "{\"to\": \"nobody\"}");
	assert_api_problem(&reply, 422, "idempotency-conflict");
	post(&tax, "key", ONE " ");
	assert_api_problem(&reply, 422, "idempotency-conflict");
	assert_string_equal(accepted(&tax, "key", ONE), id);
	assert_int_equal(outbox(), 1);
}

static void a_key_is_not_used_up_by_nothing(void **state)
{
	(void)state;
	post(&tax, "key", "{\"to\": \"09123456789\"}");
	assert_api_problem(&reply, 422, "bad-field");
	accepted(&tax, "key", ONE);
	assert_int_equal(outbox(), 1);
}

/* The client hung up before it heard: what was asked is done, and the same call tells what was done. */
static void an_answer_that_was_lost(void **state)
{
	char *list = make_list(200, 200);
	int fd = post_begin(&tax, "lost", list);

	(void)state;
	turn(3);
	close(fd);
	for (int i = 0; i < 2000 && outbox() < 200; i++)
		turn(1);
	assert_int_equal(outbox(), 200);
	post(&tax, "lost", list);
	assert_int_equal(reply.status, 202);
	for (size_t i = 0; i < 200; i++)
		assert_non_null(json_object_get(verdict(i), "id"));
	assert_int_equal(outbox(), 200);
	talloc_free(list);
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *said)
{
	(void)ctx;
	(void)token;
	(void)outcome;
	assert_non_null(said);
	is_answered = true;
}

static void delete(const char *id)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *words[] = { "DEL", key };
	size_t lengths[] = { 3, 0 };

	assert_true(gw_notices_key(key, id));
	lengths[1] = strlen(key);
	assert_int_equal(sess_redis_command(world.gw->ledger_redis, on_reply, NULL, 0, 2, words, lengths), 0);
	turn_until_answered();
}

/* A gateway died in the middle: some are there, some are not. */
static void what_was_begun_is_finished(void **state)
{
	char *list = make_list(100, 100);
	json_t *first, *verdicts;

	(void)state;
	post(&tax, "half", list);
	first = json_incref(reply.json);
	verdicts = json_object_get(first, "notices");
	for (size_t i = 0; i < 100; i += 2)
		delete(json_string_value(json_object_get(json_array_get(verdicts, i), "id")));
	post(&tax, "half", list);
	assert_int_equal(reply.status, 202);
	assert_true(json_equal(first, reply.json));
	for (size_t i = 0; i < 100; i++) {
		get_notice(&tax, json_string_value(json_object_get(json_array_get(verdicts, i), "id")));
		assert_int_equal(reply.status, 200);
	}
	json_decref(first);
	talloc_free(list);
}

/* Its time was over when it came again: it was accepted all the same. */
static void what_was_accepted_stays_accepted(void **state)
{
	char body[256], moment[GW_RFC3339_OCTETS], *id;

	(void)state;
	gw_rfc3339_print(sess_clock_wall_ms() + 1500, moment);
	snprintf(body, sizeof(body), "{\"to\": \"09123456789\", \"text\": {\"en\": \"x\"}, \"not_after\": \"%s\"}", moment);
	id = strdup(accepted(&tax, "soon", body));
	for (int64_t end_ms = sess_clock_wall_ms() + 1600; sess_clock_wall_ms() < end_ms; )
		turn(1);
	assert_string_equal(accepted(&tax, "soon", body), id);
	free(id);
	post(&tax, "later", body);
	assert_api_problem(&reply, 422, "bad-field");
	assert_string_equal(api_text(&reply, "pointer"), "/not_after");
}

/* ---- quota, room, a ledger that is down */

static unsigned int used(const struct account_wish *who)
{
	return (unsigned int)gw_quotas_used(world.gw->quotas, who->name, sess_clock_wall_ms());
}

static void the_quota_counts_notices_and_no_repetitions(void **state)
{
	char *three = make_list(4, 3), *two = make_list(2, 2);

	(void)state;
	post(&poor, "three", three);
	assert_int_equal(reply.status, 202);
	post(&poor, "three", three);
	assert_int_equal(reply.status, 202);
	assert_int_equal(used(&poor), 3);
	post(&poor, NULL, three);
	assert_api_problem(&reply, 429, "quota-used-up");
	assert_int_equal(outbox(), 3);
	post(&poor, NULL, two);
	assert_int_equal(reply.status, 202);
	post(&poor, "three", three); /* nothing is left, and nothing is needed */
	assert_int_equal(reply.status, 202);
	post(&poor, "one", ONE);
	assert_api_problem(&reply, 429, "quota-used-up");
	post(&poor, "one", ONE); /* the key was used, but nothing came of it */
	assert_api_problem(&reply, 429, "quota-used-up");
	assert_int_equal(outbox(), 5);
	talloc_free(three);
	talloc_free(two);
}

static void a_ledger_that_is_down(void **state)
{
	char *list = make_list(20, 19);

	(void)state;
	post(&tax, NULL, list);
	assert_int_equal(used(&tax), 19);
	redis_server_kill(&api_redis);
	post(&tax, NULL, list);
	assert_api_problem(&reply, 503, "ledger-down");
	assert_non_null(strstr(reply.text, "Retry-After: "));
	post(&tax, "key", list);
	assert_api_problem(&reply, 503, "ledger-down");
	get_notice(&tax, "n00aaaaaaaaaaaaaaaaaaaa");
	assert_api_problem(&reply, 503, "ledger-down");
	cancel(&tax, "n00aaaaaaaaaaaaaaaaaaaa");
	assert_api_problem(&reply, 503, "ledger-down");
	get(&tax, "/v1/notices/unsure");
	assert_api_problem(&reply, 503, "ledger-down");
	assert_int_equal(used(&tax), 19); /* given back */
	redis_server_restart(&api_redis);
	talloc_free(list);
}

static void the_gateway_may_be_freed_meanwhile(void **state)
{
	char *list = make_list(50, 50);
	int fd = post_begin(&tax, "key", list), other = post_begin(&tax, NULL, list);

	(void)state;
	turn(2); /* whatever is under way is answered by the end of the test */
	close(fd);
	close(other);
	talloc_free(list);
}

/* ---- cancelling */

static bool begin_sending(struct gw_notice *notice)
{
	notice->state = GW_NOTICE_SENDING;
	notice->n_parts = 2;
	notice->parts[0].state = GW_PART_INTENT;
	return true;
}

static bool put_off(struct gw_notice *notice)
{
	notice->parts[0].state = GW_PART_WAITING;
	return true;
}

static bool read_in_the_inbox(struct gw_notice *notice)
{
	notice->inbox = GW_INBOX_READ;
	return true;
}

static void what_has_not_gone_out_can_be_called_back(void **state)
{
	const char *id = accepted(&tax, NULL, ONE);

	(void)state;
	for (int i = 0; i < 2; i++) {
		cancel(&tax, id);
		assert_int_equal(reply.status, 200);
		assert_string_equal(api_text(&reply, "state"), "cancelled");
		assert_string_equal(api_text(&reply, "inbox"), "deleted");
	}
	id = accepted(&tax, NULL, ONE);
	change(id, begin_sending);
	cancel(&tax, id);
	assert_api_problem(&reply, 409, "wrong-state");
	change(id, put_off);
	change(id, read_in_the_inbox);
	cancel(&tax, id);
	assert_int_equal(reply.status, 200);
	assert_string_equal(api_text(&reply, "inbox"), "read");
	id = accepted(&tax, NULL, "{\"to\": \"09123456789\", \"text\": {\"en\": \"x\"}, \"channels\": [\"inbox\"]}");
	cancel(&tax, id); /* it is there already */
	assert_api_problem(&reply, 409, "wrong-state");
}

/* ---- those of unknown outcome */

static void list_as_unsure(struct sess_ledger_commit *commit, const char *agency, const char *id, int64_t at_ms)
{
	char key[SESS_LEDGER_KEY_OCTETS], member[64];

	assert_true(gw_unsure_log_key(key, (unsigned int)gw_notice_partition(id)));
	snprintf(member, sizeof(member), "%s %s", agency, id);
	sess_ledger_index(commit, key, (double)at_ms, member);
}

static struct sess_ledger_commit *commit_for(const char *id)
{
	return sess_ledger_commit_begin(world_ctx, world.gw->ledger, (unsigned int)gw_notice_partition(id));
}

/* All pages behind one another; how many rows of each. */
static unsigned int unsure(const struct account_wish *who, unsigned int limit, unsigned int *pages)
{
	char path[256];
	unsigned int n = 0;

	snprintf(path, sizeof(path), "/v1/notices/unsure?limit=%u", limit);
	for (*pages = 0; *pages < 1000; ++*pages) {
		size_t rows;

		get(who, path);
		assert_int_equal(reply.status, 200);
		rows = json_array_size(json_object_get(reply.json, "notices"));
		assert_true(rows <= limit);
		for (size_t i = 0; i < rows; i++)
			assert_non_null(json_object_get(verdict(i), "id"));
		n += (unsigned int)rows;
		if (!api_text(&reply, "next"))
			break;
		snprintf(path, sizeof(path), "/v1/notices/unsure?limit=%u&cursor=%s", limit, api_text(&reply, "next"));
	}
	++*pages;
	return n;
}

/* Of one partition's citizens, so that few commits list them. */
static json_t *post_for_one_partition(size_t n)
{
	char *list = talloc_strdup(world_ctx, "{\"notices\": [");
	json_t *all;

	for (size_t i = 0; i < n; i++)
		list = talloc_asprintf_append_buffer(list, "%s" ONE, i ? ", " : "");
	list = talloc_strdup_append_buffer(list, "]}");
	post(&tax, NULL, list);
	assert_int_equal(reply.status, 202);
	all = json_incref(json_object_get(reply.json, "notices"));
	talloc_free(list);
	return all;
}

static void those_of_unknown_outcome_are_listed(void **state)
{
	struct sess_ledger_commit *commit = NULL;
	json_t *all, *verdict_of;
	unsigned int pages;
	char there[GW_NOTICE_ID_OCTETS];
	size_t i;

	(void)state;
	assert_int_equal(unsure(&tax, 50, &pages), 0);
	assert_int_equal(pages, 1);
	all = post_for_one_partition(150);
	json_array_foreach(all, i, verdict_of) { /* many of the same time */
		const char *id = json_string_value(json_object_get(verdict_of, "id"));

		if (!commit)
			commit = commit_for(id);
		list_as_unsure(commit, "tax", id, 1584262800000 + (int64_t)i / 7);
		if (i % SESS_LEDGER_OPS_MAX == SESS_LEDGER_OPS_MAX - 1 || i == 149) {
			go(commit);
			commit = NULL;
		}
	}
	strcpy(there, accepted(&tax, NULL, "{\"to\": \"09351112233\", \"text\": {\"en\": \"x\"}}"));
	commit = commit_for(there);
	list_as_unsure(commit, "tax", there, 1584262800000);
	go(commit);
	assert_int_equal(unsure(&tax, 200, &pages), 151);
	assert_int_equal(pages, 1);
	assert_int_equal(unsure(&tax, 8, &pages), 151);
	assert_int_equal(unsure(&tax, 40, &pages), 151);
	assert_int_equal(unsure(&police, 50, &pages), 0);
	json_decref(all);
}

static void a_page_passes_over_what_is_not_theirs_or_gone(void **state)
{
	char id[GW_NOTICE_ID_OCTETS], other[GW_NOTICE_ID_OCTETS];
	unsigned int pages;

	(void)state;
	strcpy(id, accepted(&tax, NULL, ONE));
	for (int i = 0; i < 450; ) { /* more than are looked at at once, all in one partition */
		struct sess_ledger_commit *commit = commit_for(id);

		for (int k = 0; k < SESS_LEDGER_OPS_MAX - 2; k++, i++) {
			gw_notice_make_id(other, "989123456789", NULL, 0);
			list_as_unsure(commit, i % 2 ? "police" : "tax_office", other, 1584262800000 + i);
		}
		if (i >= 450) {
			list_as_unsure(commit, "tax", id, 1584262800300);
			list_as_unsure(commit, "police", id, 1584262800300); /* somebody's hand: it is not theirs */
		}
		go(commit);
	}
	assert_int_equal(unsure(&tax, 50, &pages), 1);
	assert_int_equal(unsure(&police, 50, &pages), 0);
}

static void bad_cursors(void **state)
{
	static const char *const bad[] = { "x", "0", "0.0", "64.0.0", "0.0.0x", "0.0.", "-1.0.0", "0.99999999999999999999.0", "0.0.9999999999", "0..0",
					   "0.0.0.0", "%00", "", "0.1584262800000.1e9" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(path, sizeof(path), "/v1/notices/unsure?cursor=%s", bad[i]);
		get(&tax, path);
		assert_api_problem(&reply, 400, "bad-query");
	}
	get(&tax, "/v1/notices/unsure?limit=0");
	assert_api_problem(&reply, 400, "bad-query");
	get(&tax, "/v1/notices/unsure?limit=201");
	assert_api_problem(&reply, 400, "bad-query");
	get(&tax, "/v1/notices/unsure?cursor=63.999999999999999.999999999");
	assert_int_equal(reply.status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_notice_is_accepted_and_shown, begin, end),
		cmocka_unit_test_setup_teardown(what_is_anothers_is_not_there, begin, end),
		cmocka_unit_test_setup_teardown(mistakes_are_told_all_at_once, begin, end),
		cmocka_unit_test_setup_teardown(what_only_one_may_read_is_sealed, begin, end),
		cmocka_unit_test_setup_teardown(each_of_many_has_its_verdict, begin, end),
		cmocka_unit_test_setup_teardown(many_without_a_good_one_are_a_problem, begin, end),
		cmocka_unit_test_setup_teardown(five_hundred_in_one_call, begin, end),
		cmocka_unit_test_setup_teardown(the_same_again_is_done_once, begin, end),
		cmocka_unit_test_setup_teardown(without_a_key_the_same_again_is_another, begin, end),
		cmocka_unit_test_setup_teardown(a_key_is_for_one_body, begin, end),
		cmocka_unit_test_setup_teardown(a_key_is_not_used_up_by_nothing, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_that_was_lost, begin, end),
		cmocka_unit_test_setup_teardown(what_was_begun_is_finished, begin, end),
		cmocka_unit_test_setup_teardown(what_was_accepted_stays_accepted, begin, end),
		cmocka_unit_test_setup_teardown(the_quota_counts_notices_and_no_repetitions, begin, end),
		cmocka_unit_test_setup_teardown(a_ledger_that_is_down, begin, end),
		cmocka_unit_test_setup_teardown(the_gateway_may_be_freed_meanwhile, begin, end),
		cmocka_unit_test_setup_teardown(what_has_not_gone_out_can_be_called_back, begin, end),
		cmocka_unit_test_setup_teardown(those_of_unknown_outcome_are_listed, begin, end),
		cmocka_unit_test_setup_teardown(a_page_passes_over_what_is_not_theirs_or_gone, begin, end),
		cmocka_unit_test_setup_teardown(bad_cursors, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
