/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen's inbox on a real ledger, as a menu reaches it: by calls to the gateway's own operations, on one gateway or on two. Then
 * the attacks: ids of others and of nobody, national IDs guessed over notices and gateways, a ledger that goes away. */
#include "tests/unit/gateway/citizen_world.h"

#include "gateway/event.h"

#define THEIRS "0012345679"        /* a national ID */

/* ---- the world ---- */

static bool known(void *ctx, const char *agency)
{
	(void)ctx;
	return strcmp(agency, "tax") == 0;
}

static void gateway_start(struct gateway *gateway)
{
	struct gw *gw = &gateway->gw;

	gateway_begin(gateway, 5000);
	gw->events = gw_events_alloc(world.ctx, &(struct gw_events_config){ .redis = gateway->redis, .consumer = gateway_consumer(gateway), .known = known });
	gw->notices = gw_notices_alloc(world.ctx, &(struct gw_notices_config){
		.ledger = gw->ledger, .lanes = gateway->lanes, .events = gw->events, .seal = gw->seal, .keep_ms = 86400000 });
	gateway_until_up(gateway);
}

static int setup(void **state)
{
	(void)state;
	world_begin();
	for (size_t i = 0; i < GATEWAYS; i++)
		gateway_start(&gateways[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < GATEWAYS; i++) {
		gateways[i].alive = false;
		gw_builtin_abort(gateways[i].gw.builtin);
		talloc_free(gateways[i].gw.ledger);
		talloc_free(gateways[i].gw.notices);
		talloc_free(gateways[i].gw.events);
	}
	world_end();
	return 0;
}

/* How often this was told to the agency. */
static unsigned int events(const char *type)
{
	char line[64];

	snprintf(line, sizeof(line), "tax %s\n", type);
	return count(redis("XRANGE 'events:{p%02u}' - +", sess_store_partition(CITIZEN)), line);
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
	struct gw_notice *notice = gw_notice_alloc(world.ctx);

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

static void begin(struct gateway *gateway, const char *msisdn, const char *method, const char *path, const char *body, struct told *told)
{
	begin_call(gateway, &(struct gw_builtin_request){ .method = method, .path = path, .body = body, .msisdn = msisdn }, told);
}

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
	redis_server_kill(&world.redis);
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
	redis_server_restart(&world.redis);
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

	signal(SIGPIPE, SIG_IGN);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
