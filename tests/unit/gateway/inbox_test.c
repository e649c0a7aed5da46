/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen's inbox on a real ledger, as a menu reaches it: by calls to the gateway's own operations, on one gateway or on two. Then
 * the attacks: ids of others and of nobody, national IDs guessed over notices and gateways, a ledger that goes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/builtin.h"
#include "gateway/event.h"
#include "gateway/gateway.h"
#include "gateway/lane.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/notices.h"
#include "sessions/store.h"
#include "tests/unit/redis_server.h"

#define CITIZEN "989121234567"
#define OTHER "989127654321"
#define THEIRS "0012345679"        /* a national ID */
#define GATEWAYS 2
#define PATIENCE_S 60

struct gateway {
	struct gw gw;
	struct sess_redis *redis;
};
static struct gateway gateways[GATEWAYS];

/* What a call was told; several may be under way. */
struct told { bool done; unsigned int status; char *text; };
static struct { void *ctx; struct redis_server redis; struct gw_route route; } t;

/* ---- the world ---- */

static void after_turn(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < GATEWAYS; i++) {
		gw_builtin_collect(gateways[i].gw.builtin);
		sess_redis_flush(gateways[i].redis);
	}
}

static void every_tick(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < GATEWAYS; i++)
		sess_redis_tick(gateways[i].redis);
}

static void turn_until(const bool *done, const char *what)
{
	time_t end = time(NULL) + PATIENCE_S;

	while (!*done) {
		gw_loop_turn();
		if (time(NULL) > end)
			fail_msg("waited in vain for %s", what);
	}
}

static bool known(void *ctx, const char *agency)
{
	(void)ctx;
	return strcmp(agency, "tax") == 0;
}

static const struct gw_route *only_route(const void *ctx, const char *msisdn)
{
	(void)ctx;
	(void)msisdn;
	return &t.route;
}

static void gateway_start(struct gateway *gateway)
{
	static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct gw *gw = &gateway->gw;
	const struct sess_redis_config redis = {
		.name = "ledger", .path = t.redis.path, .deadline_ms = 5000, .connect_ms = 5000, .retry_min_ms = 10, .retry_max_ms = 50,
		.pending_max = 1000, .io = { gw_loop_add, gw_loop_update, gw_loop_del }, .log_category = GW_LOG_REDIS,
	};
	const char *consumer = gateway == gateways ? "one" : "two";
	time_t end = time(NULL) + PATIENCE_S;
	struct gw_lanes *lanes;

	memset(gateway, 0, sizeof(*gateway));
	gw->builtin = gw_builtin_alloc(t.ctx, gw, gw_builtin_tables);
	gateway->redis = sess_redis_alloc(t.ctx, &redis, NULL, NULL);
	sess_redis_start(gateway->redis);
	gw->ledger = sess_ledger_alloc(t.ctx, gateway->redis);
	gw->seal = gw_seal_alloc(t.ctx, key);
	gw->events = gw_events_alloc(t.ctx, &(struct gw_events_config){ .redis = gateway->redis, .consumer = consumer, .known = known });
	lanes = gw_lanes_alloc(t.ctx, gateway->redis, consumer, only_route, NULL);
	assert_int_equal(0, gw_lanes_add(lanes, &t.route));
	gw->notices = gw_notices_alloc(t.ctx, &(struct gw_notices_config){
		.ledger = gw->ledger, .lanes = lanes, .events = gw->events, .seal = gw->seal, .keep_ms = 86400000 });
	while (!sess_redis_up(gateway->redis) && time(NULL) < end)
		gw_loop_turn();
	assert_true(sess_redis_up(gateway->redis));
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.ctx = talloc_named_const(NULL, 0, "test");
	t.route = (struct gw_route){ .name = "its", .id = gw_route_id("its") };
	redis_server_start(&t.redis, NULL);
	assert_int_equal(0, gw_loop_init(t.ctx));
	for (size_t i = 0; i < GATEWAYS; i++)
		gateway_start(&gateways[i]);
	gw_loop_after_turn(after_turn, NULL);
	gw_loop_every(every_tick, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < GATEWAYS; i++) {
		gw_builtin_abort(gateways[i].gw.builtin);
		talloc_free(gateways[i].gw.ledger);
		talloc_free(gateways[i].gw.notices);
		talloc_free(gateways[i].gw.events);
	}
	talloc_free(t.ctx);
	gw_loop_fini();
	osmo_select_main_ctx(1);
	redis_server_stop(&t.redis);
	return 0;
}

/* What redis-cli prints. */
static const char *redis(const char *format, ...)
{
	static char out[65536];
	char command[512], words[384];
	va_list args;
	FILE *pipe;
	size_t n;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "redis-cli -s %s --raw %s", t.redis.path, words);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(out, 1, sizeof(out) - 1, pipe);
	out[n] = '\0';
	pclose(pipe);
	return out;
}

static unsigned int count(const char *text, const char *part)
{
	unsigned int n = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		n++;
	return n;
}

/* How often this was told to the agency, and noted in the audit chain's queue. */
static unsigned int events(const char *type)
{
	char line[64];

	snprintf(line, sizeof(line), "tax %s\n", type);
	return count(redis("XRANGE 'events:{p%02u}' - +", sess_store_partition(CITIZEN)), line);
}

static unsigned int notes(const char *what)
{
	char line[64];

	snprintf(line, sizeof(line), "\"what\":\"%s\"", what);
	return count(redis("XRANGE 'audit:{p%02u}' - +", sess_store_partition(CITIZEN)), line);
}

/* ---- notices ---- */

static void on_accepted(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	*(bool *)ctx = true;
}

static struct gw_notice *draft(const char *msisdn, const char *fa, const char *en)
{
	struct gw_notice *notice = gw_notice_alloc(t.ctx);

	osmo_strlcpy(notice->msisdn, msisdn, sizeof(notice->msisdn));
	gw_notice_set(notice, &notice->agency, "tax");
	gw_notice_set(notice, &notice->sender, "TAX");
	gw_notice_set(notice, &notice->text[0], fa);
	gw_notice_set(notice, &notice->text[1], en);
	notice->channels = GW_CHANNEL_SMS | GW_CHANNEL_INBOX;
	gw_notice_make_id(notice->id, msisdn, NULL, 0);
	return notice;
}

/* Its id, in one of a few static buffers. */
static const char *accept(struct gw_notice *notice)
{
	static char ids[16][GW_NOTICE_ID_OCTETS];
	static unsigned int next;
	static int64_t when_ms = 1584264600000; /* one after the other */
	char *id = ids[next++ % 16];
	bool done = false;

	notice->accepted_ms = when_ms += 60000;
	strcpy(id, notice->id);
	assert_int_equal(0, gw_notices_accept(gateways[0].gw.notices, notice, on_accepted, &done, 0));
	talloc_free(notice);
	turn_until(&done, "a notice to be accepted");
	return id;
}

static const char *sensitive(const char *msisdn, const char *national_id)
{
	struct gw_notice *notice = draft(msisdn, "بدهی شما 5 ریال است", "You owe 5 rial");

	assert_int_equal(0, gw_notices_seal(gateways[0].gw.notices, notice, national_id));
	return accept(notice);
}

/* ---- calls ---- */

static void on_done(void *ctx, unsigned int status, const json_t *body)
{
	struct told *told = ctx;

	told->done = true;
	told->status = status;
	free(told->text);
	told->text = body ? json_dumps(body, JSON_COMPACT) : strdup("");
}

static void begin(struct gateway *gateway, const char *msisdn, const char *method, const char *path, const char *body, struct told *told)
{
	const struct gw_builtin_request request = {
		.method = method, .path = path, .body = body, .body_octets = body ? strlen(body) : 0, .msisdn = msisdn, .language = "en",
		.until_ms = INT64_MAX,
	};

	told->done = false;
	assert_int_equal(0, gw_builtin_start(gateway->gw.builtin, &request, on_done, told));
	assert_false(told->done);
}

static struct told last;

static unsigned int ask_as(struct gateway *gateway, const char *msisdn, const char *method, const char *path, const char *body)
{
	begin(gateway, msisdn, method, path, body, &last);
	turn_until(&last.done, path);
	return last.status;
}

/* "GET" or "POST /inbox/ID/WHAT", with a body or without. */
static unsigned int get(const char *id, const char *what)
{
	char path[256];

	snprintf(path, sizeof(path), "/inbox%s%s%s", *id ? "/" : "", id, what);
	return ask_as(&gateways[0], CITIZEN, "GET", path, NULL);
}

static unsigned int post_at(struct gateway *gateway, const char *id, const char *what, const char *body)
{
	char path[256];

	snprintf(path, sizeof(path), "/inbox/%s/%s", id, what);
	return ask_as(gateway, CITIZEN, "POST", path, body);
}

static unsigned int post(const char *id, const char *what, const char *body)
{
	return post_at(&gateways[0], id, what, body);
}

static unsigned int open_at(struct gateway *gateway, const char *id, const char *national_id)
{
	char body[128];

	snprintf(body, sizeof(body), "{\"national_id\":\"%s\"}", national_id);
	return post_at(gateway, id, "open", body);
}

#define SAYS(part) do { if (!strstr(last.text, part)) fail_msg("line %d: %s does not say %s", __LINE__, last.text, part); } while (0)
#define SAYS_NOT(part) do { if (strstr(last.text, part)) fail_msg("line %d: %s says %s", __LINE__, last.text, part); } while (0)

/* ---- stories ---- */

static void the_list(void **state)
{
	struct gw_notice *notice;
	char text[32];

	(void)state;
	assert_int_equal(200, get("", ""));
	assert_string_equal("{\"count\":0,\"unread\":0,\"notices\":[]}", last.text);
	for (int i = 1; i <= 8; i++) {
		snprintf(text, sizeof(text), "Letter %d\nand more", i);
		accept(draft(CITIZEN, "نامه", text));
	}
	accept(draft(OTHER, "", "Not yours"));
	notice = draft(CITIZEN, "", "By SMS only");
	notice->channels = GW_CHANNEL_SMS;
	accept(notice);
	assert_int_equal(200, get("", ""));
	SAYS("{\"count\":8,\"unread\":8,");
	SAYS("\"next\":6");
	SAYS("\"title\":\"Letter 8\"");
	SAYS("\"mark\":\"* \"");
	SAYS("\"sensitive\":false");
	SAYS_NOT("Letter 2");
	SAYS_NOT("and more");
	SAYS_NOT("yours");
	assert_int_equal(6, count(last.text, "\"id\":"));
	assert_true(strstr(last.text, "Letter 8") < strstr(last.text, "Letter 7")); /* newest first */
	assert_int_equal(200, get("", "?skip=6"));
	SAYS("Letter 2");
	SAYS("Letter 1");
	SAYS_NOT("next");
	SAYS_NOT("SMS only");
	assert_int_equal(200, get("", "?skip=999999"));
	SAYS("\"notices\":[]");
	assert_int_equal(200, get("", "?skip=-1"));
	SAYS("Letter 8");
	assert_int_equal(200, get("", "?skip=%27%20x"));
	SAYS("Letter 8");
}

static void a_title(void **state)
{
	struct gw_notice *notice = draft(CITIZEN, "متن بسیار بسیار بسیار بسیار بسیار دراز است و دراز", "");

	(void)state;
	accept(notice);
	sensitive(CITIZEN, THEIRS);
	notice = draft(CITIZEN, "متن", "text");
	gw_notice_set(notice, &notice->title, "Property tax");
	accept(notice);
	assert_int_equal(200, get("", ""));
	SAYS("\"title\":\"Property tax\"");
	SAYS("\"title\":\"Confidential\"");
	SAYS("\"title\":\"متن بسیار بسیار بسیار بسیار بس...\"");
	SAYS_NOT("You owe");
}

static void read_once(void **state)
{
	const char *id = accept(draft(CITIZEN, "سلام\nخط دوم", "Hello\nsecond line"));

	(void)state;
	assert_int_equal(200, get(id, "/title"));
	SAYS("\"unread\":true");
	SAYS_NOT("\"text\"");
	assert_int_equal(0, events("notice.read"));
	assert_int_equal(200, get(id, ""));
	SAYS("\"text\":\"Hello\\nsecond line\"");
	SAYS("\"from\":\"TAX\"");
	SAYS("\"unread\":false");
	SAYS("\"can_reply\":false");
	assert_int_equal(200, get(id, "")); /* again, it is no news */
	SAYS("Hello");
	assert_int_equal(1, events("notice.read"));
	assert_int_equal(1, notes("notice.read"));
	assert_int_equal(200, get("", ""));
	SAYS("{\"count\":1,\"unread\":0,");
	SAYS("\"mark\":\"\"");
}

static void embargoed(void **state)
{
	struct gw_notice *notice = draft(CITIZEN, "", "Tomorrow");
	const char *id;

	(void)state;
	notice->not_before_ms = gw_clock_wall_ms() + 3600000;
	id = accept(notice);
	assert_int_equal(404, get(id, ""));
	assert_int_equal(404, get(id, "/title"));
	assert_int_equal(404, post(id, "delete", NULL));
}

static void deleted(void **state)
{
	const char *id = accept(draft(CITIZEN, "", "Gone"));

	(void)state;
	assert_int_equal(200, post(id, "delete", NULL));
	assert_int_equal(200, post(id, "delete", NULL)); /* a call that is taken over is made again */
	assert_int_equal(1, notes("notice.deleted"));
	assert_int_equal(404, get(id, ""));
	assert_int_equal(404, post(id, "reply", "{\"choice\":1}"));
	assert_int_equal(200, get("", ""));
	assert_string_equal("{\"count\":0,\"unread\":0,\"notices\":[]}", last.text);
}

static const char *question(void)
{
	struct gw_notice *notice = draft(CITIZEN, "می‌آیید؟", "Will you come?");

	notice->n_replies = 2;
	notice->replies[0] = talloc_strdup(notice, "Yes");
	notice->replies[1] = talloc_strdup(notice, "No");
	return accept(notice);
}

static void replied(void **state)
{
	const char *id = question();

	(void)state;
	assert_int_equal(200, get(id, ""));
	SAYS("\"can_reply\":true");
	SAYS("\"replies\":[{\"n\":1,\"text\":\"Yes\"},{\"n\":2,\"text\":\"No\"}]");
	assert_int_equal(404, post(id, "reply", "{\"choice\":0}"));
	assert_int_equal(404, post(id, "reply", "{\"choice\":3}"));
	assert_int_equal(404, post(id, "reply", "{\"choice\":99999999999}"));
	assert_int_equal(404, post(id, "reply", "{\"choice\":\"2\"}"));
	assert_int_equal(404, post(id, "reply", "{}"));
	assert_int_equal(404, post(id, "reply", "[2]"));
	assert_int_equal(404, post(id, "reply", NULL));
	assert_int_equal(200, post(id, "reply", "{\"choice\":2}"));
	assert_int_equal(200, post_at(&gateways[1], id, "reply", "{\"choice\":2}")); /* taken over: done once */
	assert_int_equal(409, post(id, "reply", "{\"choice\":1}"));
	assert_int_equal(1, events("notice.replied"));
	assert_non_null(strstr(redis("XRANGE 'events:{p%02u}' - +", sess_store_partition(CITIZEN)), "\"reply\":{\"index\":1,\"text\":\"No\"}"));
	assert_int_equal(200, get(id, ""));
	SAYS("\"can_reply\":false");
	SAYS("\"reply\":\"No\"");
}

/* ---- attacks ---- */

static void another_s_is_as_unknown_as_nobody_s(void **state)
{
	const struct sess_ledger_counters *counters = sess_ledger_counters(gateways[0].gw.ledger);
	char nobody[GW_NOTICE_ID_OCTETS], others[GW_NOTICE_ID_OCTETS], path[128];
	static const struct { const char *method, *what, *body; } calls[] = {
		{ "GET", "", NULL }, { "GET", "/title", NULL }, { "POST", "/open", "{\"national_id\":\"" THEIRS "\"}" },
		{ "POST", "/reply", "{\"choice\":1}" }, { "POST", "/delete", NULL },
	};

	(void)state;
	strcpy(others, sensitive(OTHER, THEIRS));
	gw_notice_make_id(nobody, OTHER, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		uint64_t loads = counters->loads, commits = counters->commits, by_others;

		snprintf(path, sizeof(path), "/inbox/%s%s", others, calls[i].what);
		assert_int_equal(404, ask_as(&gateways[0], CITIZEN, calls[i].method, path, calls[i].body));
		assert_string_equal("", last.text);
		by_others = counters->loads - loads;
		loads = counters->loads;
		snprintf(path, sizeof(path), "/inbox/%s%s", nobody, calls[i].what);
		assert_int_equal(404, ask_as(&gateways[0], CITIZEN, calls[i].method, path, calls[i].body));
		assert_string_equal("", last.text);
		assert_int_equal(by_others, counters->loads - loads);
		assert_int_equal(1, by_others);
		assert_int_equal(commits, counters->commits);
	}
	assert_int_equal(200, ask_as(&gateways[0], OTHER, "GET", "/inbox", NULL));
	SAYS("{\"count\":1,\"unread\":1,");
}

static void hostile_ids(void **state)
{
	static const char *const ids[] = {
		"n", "n42", "%20", "%2e%2e", "n00aaaaaaaaaaaaaaaaaaa", "n00aaaaaaaaaaaaaaaaaaaaa", "n99aaaaaaaaaaaaaaaaaaaa", "n64aaaaaaaaaaaaaaaaaaaa",
		"N00aaaaaaaaaaaaaaaaaaaa", "n00aaaaaaaaaaaaaaaaaaa%7d", "n00aaaaaaaaaaaaaaaaaa%7b%7d", "n00aaaaaaaaaaaaaaaaaaa*", "n-1aaaaaaaaaaaaaaaaaaaa",
		"n00AAAAAAAAAAAAAAAAAAAA", "%d9%82%d9%82%d9%82", "n00aaaaaaaaaa%27%22aaaaaaaa", "0", "evt_aaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(404, get(ids[i], ""));
		assert_int_equal(404, get(ids[i], "/title"));
		assert_int_equal(404, open_at(&gateways[0], ids[i], THEIRS));
		assert_int_equal(404, post(ids[i], "reply", "{\"choice\":1}"));
		assert_int_equal(404, post(ids[i], "delete", NULL));
	}
	assert_int_equal(501, get("a%00b", ""));
}

static void the_identity_step(void **state)
{
	const char *id = sensitive(CITIZEN, THEIRS);

	(void)state;
	assert_null(strstr(redis("GET 'notice:{p%02u}:%s'", sess_store_partition(CITIZEN), id), "owe"));
	assert_int_equal(403, get(id, ""));
	SAYS("\"title\":\"Confidential\"");
	SAYS_NOT("owe");
	assert_int_equal(403, post(id, "open", "{}"));
	assert_string_equal("", last.text);
	assert_int_equal(403, open_at(&gateways[0], id, "00123456790000000000000000"));
	assert_int_equal(0, events("notice.read"));
	assert_int_equal(200, open_at(&gateways[0], id, THEIRS));
	SAYS("\"text\":\"You owe 5 rial\"");
	assert_int_equal(1, events("notice.read"));
	assert_int_equal(1, notes("notice.opened"));
	assert_int_equal(2, notes("notice.identity_refused"));
	assert_null(strstr(redis("XRANGE 'audit:{p%02u}' - +", sess_store_partition(CITIZEN)), THEIRS));
	assert_int_equal(403, get(id, "")); /* each time anew */
	assert_int_equal(200, open_at(&gateways[1], id, THEIRS));
	id = accept(draft(CITIZEN, "", "Nothing secret"));
	assert_int_equal(200, open_at(&gateways[0], id, "1"));
}

static void three_tries_over_notices_and_gateways(void **state)
{
	const char *mine = sensitive(CITIZEN, THEIRS), *wife_s = sensitive(CITIZEN, "0499370899");

	(void)state;
	assert_int_equal(403, open_at(&gateways[0], wife_s, "0084575948"));
	assert_int_equal(200, open_at(&gateways[0], mine, THEIRS)); /* does not win new tries */
	assert_int_equal(403, open_at(&gateways[1], wife_s, THEIRS));
	assert_int_equal(403, open_at(&gateways[0], mine, "0084575948"));
	assert_int_equal(429, open_at(&gateways[0], wife_s, "0499370899"));
	assert_int_equal(429, open_at(&gateways[1], mine, THEIRS));
	assert_string_equal("", last.text);
	assert_int_equal(3, notes("notice.identity_refused"));
	assert_int_not_equal(0, atoi(redis("PTTL 'tries:{p%02u}:%s'", sess_store_partition(CITIZEN), CITIZEN)));
	redis("PEXPIRE 'tries:{p%02u}:%s' 1", sess_store_partition(CITIZEN), CITIZEN); /* the hour is over */
	while (atoi(redis("EXISTS 'tries:{p%02u}:%s'", sess_store_partition(CITIZEN), CITIZEN)))
		gw_loop_turn();
	assert_int_equal(200, open_at(&gateways[1], mine, THEIRS));
}

/* Whatever the order, three of them learn that they were wrong. */
static void all_tries_at_once(void **state)
{
	const char *id = sensitive(CITIZEN, THEIRS);
	struct told told[12] = { 0 };
	unsigned int wrong = 0, locked = 0;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/inbox/%s/open", id);
	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		begin(&gateways[i % 2], CITIZEN, "POST", path, "{\"national_id\":\"0084575948\"}", &told[i]);
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		turn_until(&told[i].done, "an answer");
		wrong += told[i].status == 403;
		locked += told[i].status == 429;
		free(told[i].text);
	}
	assert_int_equal(3, wrong);
	assert_int_equal(ARRAY_SIZE(told), wrong + locked);
	assert_int_equal(429, open_at(&gateways[0], id, THEIRS));
	assert_int_equal(3, notes("notice.identity_refused"));
}

static void a_right_one_among_wrong_ones(void **state)
{
	const char *id = sensitive(CITIZEN, THEIRS);
	struct told right[4] = { 0 }, wrong[2] = { 0 };
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/inbox/%s/open", id);
	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		if (i < ARRAY_SIZE(wrong))
			begin(&gateways[i % 2], CITIZEN, "POST", path, "{\"national_id\":\"0084575948\"}", &wrong[i]);
		begin(&gateways[(i + 1) % 2], CITIZEN, "POST", path, "{\"national_id\":\"" THEIRS "\"}", &right[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		turn_until(&right[i].done, "a right one");
		assert_int_equal(200, right[i].status);
		free(right[i].text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		turn_until(&wrong[i].done, "a wrong one");
		assert_int_equal(403, wrong[i].status);
		free(wrong[i].text);
	}
	assert_int_equal(1, events("notice.read"));
}

static void a_record_of_tries_that_is_none(void **state)
{
	const char *id = sensitive(CITIZEN, THEIRS);

	(void)state;
	assert_int_equal(403, open_at(&gateways[0], id, "1"));
	redis("SETRANGE 'tries:{p%02u}:%s' 8 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx'", sess_store_partition(CITIZEN), CITIZEN);
	assert_int_equal(429, open_at(&gateways[0], id, THEIRS)); /* lets nobody in */
}

static void replying_to_what_was_not_opened(void **state)
{
	struct gw_notice *notice = draft(CITIZEN, "", "Secret question");
	const char *id;

	(void)state;
	notice->n_replies = 1;
	notice->replies[0] = talloc_strdup(notice, "Yes");
	assert_int_equal(0, gw_notices_seal(gateways[0].gw.notices, notice, THEIRS));
	id = accept(notice);
	assert_int_equal(403, post(id, "reply", "{\"choice\":1}"));
	assert_int_equal(200, open_at(&gateways[0], id, THEIRS));
	assert_int_equal(200, post(id, "reply", "{\"choice\":1}"));
}

static void no_ledger(void **state)
{
	const char *id = sensitive(CITIZEN, THEIRS);

	(void)state;
	redis_server_kill(&t.redis);
	assert_int_equal(503, get("", ""));
	assert_int_equal(503, get(id, ""));
	assert_int_equal(503, get(id, "/title"));
	assert_int_equal(503, open_at(&gateways[0], id, THEIRS));
	assert_int_equal(503, post(id, "reply", "{\"choice\":1}"));
	assert_int_equal(503, post(id, "delete", NULL));
	gateways[0].gw.notices = NULL; /* none is configured; teardown frees it with its context */
	assert_int_equal(503, get("", ""));
	assert_int_equal(503, get(id, ""));
	assert_int_equal(503, post(id, "delete", NULL));
	redis_server_restart(&t.redis);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		STORY(the_list),
		STORY(a_title),
		STORY(read_once),
		STORY(embargoed),
		STORY(deleted),
		STORY(replied),
		STORY(another_s_is_as_unknown_as_nobody_s),
		STORY(hostile_ids),
		STORY(the_identity_step),
		STORY(three_tries_over_notices_and_gateways),
		STORY(all_tries_at_once),
		STORY(a_right_one_among_wrong_ones),
		STORY(a_record_of_tries_that_is_none),
		STORY(replying_to_what_was_not_opened),
		STORY(no_ledger),
	};
	int rc;

	signal(SIGPIPE, SIG_IGN);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(last.text);
	return rc;
}
