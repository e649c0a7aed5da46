/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Webhooks from a real queue to a real receiver (the sample agency, in the same thread): two gateways on one Redis, agencies that
 * refuse, hang, break and lie, and one that is dead beside one that is well. What is delayed is made due by hand, because Redis
 * has a clock of its own; an event is made old by moving ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <osmocom/core/application.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "gateway/event.h"
#include "gateway/log.h"
#include "gateway/webhook.h"
#include "gateway/webhook_pause.h"
#include "gateway/webhook_sign.h"
#include "tests/sim/agency_server.h"
#include "tests/unit/redis_server.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SECRET_BEFORE "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* A gateway, as far as it matters here. */
struct process {
	struct sess_redis *redis;
	struct gw_events *events;
	struct sess_feeds *feeds;
	struct gw_webhooks *webhooks;
};

static const struct gw_webhooks_settings standard = {
	.concurrency = 16, .waiting = 64, .in_flight = 1024, .timeout_ms = 10000, .breaker_failures = 5, .breaker_open_ms = 30000, .plain = true,
};
static struct redis_server redis_server;
static void *root;
static struct {
	struct process one, two;
	struct sim_server *tax, *police;
	char tax_url[64], police_url[64];
	struct gw_account accounts[4];
	size_t n_accounts;
	struct gw_webhooks_settings settings;
	bool loaded;
	unsigned int answers, numbered;
	enum sess_queue_result result;
	struct sess_queue_stats stats;
	struct sess_queue_dead dead;
	size_t n_dead;
	char reason[SESS_QUEUE_REASON_MAX + 1];
	char codes[4][16];
	size_t n_codes;
	size_t n_fed;
	char fed[4][256];
} t;

/* ---- the stage ---- */

static void update_fd(struct osmo_fd *ofd, unsigned int when)
{
	osmo_fd_update_when(ofd, 0, when);
}

static bool loaded(void *ctx)
{
	(void)ctx;
	return t.loaded;
}

static const struct gw_account *find(void *ctx, const char *agency)
{
	(void)ctx;
	for (size_t i = 0; i < t.n_accounts; i++)
		if (strcmp(t.accounts[i].name, agency) == 0)
			return &t.accounts[i];
	return NULL;
}

static bool known(void *ctx, const char *agency)
{
	return find(ctx, agency) != NULL;
}

static void on_delivered(void *ctx, const char *code)
{
	(void)ctx;
	assert_in_range(t.n_codes, 0, 3);
	OSMO_STRLCPY_ARRAY(t.codes[t.n_codes++], code);
}

static void begin(struct process *p, const char *consumer)
{
	static const struct gw_agency_io io = { osmo_fd_register, update_fd, osmo_fd_unregister };
	const struct sess_redis_config redis = {
		.name = "ledger", .path = redis_server.path, .deadline_ms = 10000, .connect_ms = 5000, .retry_min_ms = 10, .retry_max_ms = 40,
		.pending_max = 5000, .io = { osmo_fd_register, update_fd, osmo_fd_unregister }, .log_category = GW_LOG_REDIS,
	};
	p->redis = sess_redis_alloc(root, &redis, NULL, NULL);
	p->events = gw_events_alloc(root, &(struct gw_events_config){ .redis = p->redis, .consumer = consumer, .known = known });
	p->feeds = sess_feeds_alloc(root, p->redis, 3);
	p->webhooks = gw_webhooks_alloc(root, &(struct gw_webhooks_config){
		.settings = &t.settings, .queue = gw_events_queue(p->events), .feeds = p->feeds, .io = &io, .loaded = loaded, .find = find });
	assert_non_null(p->webhooks);
	gw_webhooks_on_delivered(p->webhooks, on_delivered, NULL);
	sess_redis_start(p->redis);
}

static void end(struct process *p)
{
	TALLOC_FREE(p->events);
	TALLOC_FREE(p->feeds);
	TALLOC_FREE(p->webhooks);
	TALLOC_FREE(p->redis);
}

static void jump_ms(int ms)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, ms / 1000, (long)(ms % 1000) * 1000000);
}

static void turn_process(const struct process *p)
{
	if (!p->redis)
		return;
	gw_webhooks_turn(p->webhooks);
	gw_webhooks_tick(p->webhooks);
	sess_redis_tick(p->redis);
	sess_redis_flush(p->redis);
}

static void turn(void)
{
	osmo_select_main_ctx(1);
	turn_process(&t.one);
	turn_process(&t.two);
	if (t.tax)
		sim_server_turn(t.tax, 0);
	if (t.police)
		sim_server_turn(t.police, 0);
	usleep(200);
	jump_ms(1);
	osmo_gettimeofday_override_add(0, 1000); /* timers go by it */
}

#define TURN_UNTIL(condition) \
	do { \
		for (int turns_ = 0; !(condition); turns_++) { \
			assert_in_range(turns_, 0, 60000); \
			turn(); \
		} \
	} while (0)

static void turns(unsigned int n)
{
	while (n--)
		turn();
}

static struct sim_server *open_agency(char url[64])
{
	const struct sim_server_config config = { .listen = "127.0.0.1", .hooks = { .secret = SECRET } };
	struct sim_server *server = sim_server_open(&config);
	assert_non_null(server);
	snprintf(url, 64, "http://127.0.0.1:%u/hooks", sim_server_port(server));
	return server;
}

static void add_account(const char *name, const char *url)
{
	t.accounts[t.n_accounts++] = (struct gw_account){ .name = name, .title_fa = "", .title_en = "", .sender = "",
		.delivery = url ? GW_DELIVERY_WEBHOOK : GW_DELIVERY_FETCH, .webhook_url = url ? url : "", .webhook_secrets = { url ? SECRET : NULL } };
}

static int setup(void **state)
{
	struct timeval now;
	(void)state;
	memset(&t, 0, sizeof(t));
	clock_gettime(CLOCK_MONOTONIC, osmo_clock_override_gettimespec(CLOCK_MONOTONIC));
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	gettimeofday(&now, NULL);
	osmo_gettimeofday_override_time = now;
	osmo_gettimeofday_override = true;
	t.tax = open_agency(t.tax_url);
	t.police = open_agency(t.police_url);
	add_account("tax", t.tax_url);
	add_account("police", t.police_url);
	add_account("post", NULL);
	t.settings = standard;
	begin(&t.one, "one");
	TURN_UNTIL(sess_redis_up(t.one.redis));
	assert_int_equal(sess_redis_command(t.one.redis, NULL, NULL, 0, 1, (const char *const[]){ "FLUSHALL" }, NULL), 0);
	TURN_UNTIL(sess_redis_pending(t.one.redis) == 0); /* before anything of the test before is taken */
	t.loaded = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	end(&t.one);
	end(&t.two);
	if (t.tax)
		sim_server_close(t.tax);
	if (t.police)
		sim_server_close(t.police);
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	osmo_gettimeofday_override = false;
	osmo_select_main_ctx(1);
	return 0;
}

/* With settings of the test's own. */
static void restart(void)
{
	end(&t.one);
	begin(&t.one, "one");
	TURN_UNTIL(sess_redis_up(t.one.redis));
}

static void on_answer(void *ctx, uint64_t token, enum sess_queue_result result)
{
	(void)ctx;
	(void)token;
	t.answers++;
	t.result = result;
}

static void on_added(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_id *id)
{
	(void)id;
	on_answer(ctx, token, result);
}

static void add_raw(const char *key, const void *body, size_t octets)
{
	char number[16];
	struct sess_queue_add add = { .partition_by = number, .key = key, .body = body, .octets = octets };
	unsigned int before = t.answers;
	snprintf(number, sizeof(number), "98912%07u", t.numbered++);
	assert_int_equal(sess_queue_add(gw_events_queue(t.one.events), &add, on_added, NULL, 0), 0);
	TURN_UNTIL(t.answers > before);
	assert_int_equal(t.result, SESS_QUEUE_OK);
}

static void add(const char *agency, const char *type)
{
	char id[GW_EVENT_ID_OCTETS], code[16], *entry;
	json_t *data;
	size_t octets;
	snprintf(code, sizeof(code), "%09u", t.numbered);
	data = json_pack("{s:s}", "code", code);
	entry = gw_event_write(root, agency, type, 1584264600123, data, id, &octets);
	json_decref(data);
	add_raw(id, entry, octets);
	talloc_free(entry);
}

static void add_many(const char *agency, unsigned int n)
{
	while (n--)
		add(agency, "notice.sent");
}

static void on_stats(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_stats *stats)
{
	if (stats)
		t.stats = *stats;
	on_answer(ctx, token, result);
}

static struct sess_queue_stats stats(void)
{
	unsigned int before = t.answers;
	assert_int_equal(sess_queue_stats(gw_events_queue(t.one.events), on_stats, NULL, 0), 0);
	TURN_UNTIL(t.answers > before);
	assert_int_equal(t.result, SESS_QUEUE_OK);
	return t.stats;
}

static void on_dead(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n)
{
	t.n_dead = n;
	if (n) {
		t.dead = dead[0];
		strcpy(t.reason, dead[0].reason);
	}
	on_answer(ctx, token, result);
}

/* The reason of the first dead letter; "": there is none. */
static const char *dead(void)
{
	unsigned int before = t.answers;
	t.reason[0] = '\0';
	assert_int_equal(sess_queue_dead_list(gw_events_queue(t.one.events), NULL, 10, on_dead, NULL, 0), 0);
	TURN_UNTIL(t.answers > before);
	return t.reason;
}

static void lua(const char *script)
{
	assert_int_equal(sess_redis_command(t.one.redis, NULL, NULL, 0, 3, (const char *const[]){ "EVAL", script, "0" }, NULL), 0);
}

/* What is delayed is due now. */
static void due(void)
{
	lua("for _,k in ipairs(redis.call('KEYS','later:*:events')) do for _,id in ipairs(redis.call('ZRANGE',k,'0','-1')) do "
	    "redis.call('ZADD',k,'0',id) end end");
}

static uint64_t counter(const struct process *p, const char *agency, enum gw_webhook_ctr ctr)
{
	struct gw_webhook_info info;
	for (size_t i = 0; i < gw_webhooks_count(p->webhooks); i++) {
		gw_webhooks_info(p->webhooks, i, &info);
		if (strcmp(info.agency, agency) == 0)
			return info.counters[ctr];
	}
	return 0;
}

static struct sim_hooks_counts tax(void)
{
	return sim_hooks_counts(sim_server_hooks(t.tax));
}

static void fault(struct sim_server *server, enum sim_mode mode, unsigned int status, unsigned int ms, int count)
{
	const struct sim_fault f = { .mode = mode, .ms = ms, .status = status, .count = count };
	assert_true(sim_server_fault(server, "hooks", &f));
}

static void settled(void)
{
	TURN_UNTIL(gw_webhooks_held(t.one.webhooks) == 0);
}

/* ---- what goes well ---- */

static void an_event_is_brought_once_and_is_gone(void **state)
{
	struct gw_webhook_signed what;
	char id[64];
	(void)state;
	add("tax", "request.received");
	TURN_UNTIL(tax().received == 1);
	settled();
	assert_int_equal(tax().unique, 1);
	assert_int_equal(tax().bad_signatures + tax().bad_times + tax().malformed, 0);
	assert_int_equal(stats().length, 0);
	strcpy(id, sim_server_last(t.tax, "key"));
	what = (struct gw_webhook_signed){ .id = id, .at_s = osmo_gettimeofday_override_time.tv_sec, .body = sim_server_last(t.tax, "body") };
	what.octets = strlen(what.body);
	while (!gw_webhook_verify(SECRET, &what, sim_server_last(t.tax, "signature")))
		assert_in_range(--what.at_s, osmo_gettimeofday_override_time.tv_sec - 5, osmo_gettimeofday_override_time.tv_sec);
	assert_int_equal(t.n_codes, 1);
	assert_string_equal(t.codes[0], "000000000");
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_DELIVERED), 1);
	turns(300);
	assert_int_equal(tax().received, 1);
}

static void only_requests_are_told_to_be_delivered(void **state)
{
	(void)state;
	add("tax", "notice.sent");
	TURN_UNTIL(tax().received == 1);
	settled();
	assert_int_equal(t.n_codes, 0);
}

static void while_secrets_overlap_both_sign(void **state)
{
	(void)state;
	t.accounts[0].webhook_secrets[0] = SECRET_BEFORE;
	t.accounts[0].webhook_secrets[1] = SECRET;
	add("tax", "notice.sent");
	TURN_UNTIL(tax().received == 1);
	assert_int_equal(tax().bad_signatures, 0);
	assert_non_null(strchr(sim_server_last(t.tax, "signature"), ' '));
}

static void many_go_at_once_but_not_too_many(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_SLOW, 0, 3, -1);
	add_many("tax", 200);
	for (int i = 0; tax().unique < 200; i++) {
		assert_in_range(i, 0, 60000);
		if (i % 50 == 0)
			due(); /* of those that found the line full */
		turn();
	}
	settled();
	assert_int_equal(tax().repeated, 0);
	assert_in_range(sim_server_stats(t.tax).in_flight_max, 2, 16);
	assert_int_equal(stats().length, 0);
}

static void nothing_is_taken_before_the_accounts_are_known(void **state)
{
	(void)state;
	t.loaded = false;
	add("tax", "notice.sent");
	turns(400);
	assert_int_equal(tax().received, 0);
	assert_int_equal(stats().length, 1);
	t.loaded = true;
	TURN_UNTIL(tax().received == 1);
}

/* ---- what does not ---- */

static void every_fault_is_tried_again(void **state)
{
	static const struct { enum sim_mode mode; unsigned int status, ms; enum gw_webhook_ctr ctr; bool taken; } faults[] = {
		{ SIM_MODE_FAIL, 0, 0, GW_WEBHOOK_CTR_STATUS, false }, { SIM_MODE_STATUS, 404, 0, GW_WEBHOOK_CTR_STATUS, false },
		{ SIM_MODE_STATUS, 429, 0, GW_WEBHOOK_CTR_STATUS, false }, { SIM_MODE_REDIRECT, 0, 0, GW_WEBHOOK_CTR_STATUS, false },
		{ SIM_MODE_CUT, 0, 0, GW_WEBHOOK_CTR_BROKEN, true }, { SIM_MODE_HANG, 0, 0, GW_WEBHOOK_CTR_TIMEOUT, true },
		{ SIM_MODE_TRICKLE, 0, 100, GW_WEBHOOK_CTR_TIMEOUT, true },
	};
	(void)state;
	t.settings.timeout_ms = 200;
	t.settings.breaker_failures = 0;
	restart();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		uint64_t unique = tax().unique, repeated = tax().repeated, before = counter(&t.one, "tax", faults[i].ctr);
		fault(t.tax, faults[i].mode, faults[i].status, faults[i].ms, 1);
		add("tax", "notice.sent");
		TURN_UNTIL(counter(&t.one, "tax", faults[i].ctr) == before + 1);
		settled();
		assert_int_equal(tax().unique, unique + faults[i].taken);
		assert_int_equal(stats().delayed, 1);
		due();
		TURN_UNTIL(stats().length == 0);
		assert_int_equal(tax().unique, unique + 1);
		assert_int_equal(tax().repeated, repeated + faults[i].taken);
	}
	assert_string_equal(dead(), "");
}

/* Whatever a taken event is answered with: only the status counts. */
static void what_an_answer_says_does_not_matter(void **state)
{
	static const enum sim_mode modes[] = { SIM_MODE_GARBAGE, SIM_MODE_TYPE, SIM_MODE_JSON, SIM_MODE_UTF8, SIM_MODE_DEEP, SIM_MODE_HUGE };
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		fault(t.tax, modes[i], 0, modes[i] == SIM_MODE_HUGE, 1);
		add("tax", "notice.sent");
		TURN_UNTIL(tax().unique == i + 1);
		settled();
		assert_int_equal(stats().length, 0);
	}
	fault(t.tax, SIM_MODE_HUGE, 0, 0, 1); /* with a length */
	add("tax", "notice.sent");
	TURN_UNTIL(tax().unique == ARRAY_SIZE(modes) + 1);
	settled();
	assert_int_equal(stats().length, 0);
	assert_int_equal(tax().repeated, 0);
}

static void an_agency_that_wants_no_more_is_not_asked_again(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_STATUS, 410, 0, 1);
	add("tax", "notice.sent");
	TURN_UNTIL(stats().dead == 1);
	settled();
	assert_string_equal(dead(), "the agency wants no more of it (410)");
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_BURIED), 1);
}

static void what_is_a_day_old_is_buried(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_STATUS, 500, 0, -1);
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 1);
	osmo_gettimeofday_override_add(86390, 0);
	due();
	TURN_UNTIL(counter(&t.one, "tax", GW_WEBHOOK_CTR_FAILED) == 2);
	settled();
	assert_int_equal(stats().delayed, 1); /* its last ten seconds */
	osmo_gettimeofday_override_add(20, 0);
	due();
	TURN_UNTIL(stats().dead == 1);
	assert_string_equal(dead(), "the agency answered 500 for a day");
	assert_int_equal(t.dead.attempts, 3);
	/* and when it was retried by hand it has a day again */
	fault(t.tax, SIM_MODE_NONE, 0, 0, -1);
	assert_int_equal(sess_queue_dead_retry(gw_events_queue(t.one.events), &t.dead.id, on_added, NULL, 0), 0);
	TURN_UNTIL(tax().unique == 1);
}

static void retry_after_is_heeded(void **state)
{
	struct sim_fault f = { .mode = SIM_MODE_STATUS, .status = 429, .retry_after_s = 600, .count = 1 };
	(void)state;
	assert_true(sim_server_fault(t.tax, "hooks", &f));
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 1);
	due();
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 2);
	turns(100);
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_ATTEMPTS), 1);
	jump_ms(590000);
	due();
	turns(100);
	TURN_UNTIL(stats().delayed == 2);
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_ATTEMPTS), 1);
	jump_ms(10000);
	due();
	TURN_UNTIL(tax().unique == 2);
}

static void nobody_is_told_of_by_mistake(void **state)
{
	(void)state;
	add("gone", "notice.sent");
	settled();
	TURN_UNTIL(stats().delayed == 1); /* it may be too new to be known here */
	osmo_gettimeofday_override_add(30, 0);
	due();
	TURN_UNTIL(stats().dead == 1);
	assert_string_equal(dead(), "no such agency");
	add_raw("", "tax notice.sent\n{}", 18);
	TURN_UNTIL(stats().dead == 2);
	add_raw("evt_x", "rubbish", 7);
	TURN_UNTIL(stats().dead == 3);
	assert_int_equal(stats().length, 0);
}

static void a_disabled_agency_waits_for_a_day(void **state)
{
	(void)state;
	t.accounts[0].disabled = true;
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 1);
	turns(100);
	assert_int_equal(tax().received, 0);
	t.accounts[0].disabled = false;
	due();
	TURN_UNTIL(tax().unique == 1);
	t.accounts[0].disabled = true;
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 1);
	osmo_gettimeofday_override_add(86401, 0);
	due();
	TURN_UNTIL(stats().dead == 1);
	assert_string_equal(dead(), "the agency was disabled for a day");
}

static void what_an_operator_must_mend_waits(void **state)
{
	static const char *const urls[] = { "", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:1/", "http://", "https://[/" };
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		t.accounts[0].webhook_url = urls[i];
		add("tax", "notice.sent");
		TURN_UNTIL(stats().delayed == i + 1);
		settled();
	}
	t.accounts[0].webhook_url = t.tax_url;
	t.accounts[0].webhook_secrets[0] = NULL;
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == ARRAY_SIZE(urls) + 1);
	t.accounts[0].webhook_secrets[0] = "whsec_";
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == ARRAY_SIZE(urls) + 2);
	assert_int_equal(tax().received, 0);
}

static void plain_http_must_be_allowed_and_goes_nowhere_far(void **state)
{
	(void)state;
	t.settings.plain = false;
	restart();
	add("tax", "notice.sent");
	TURN_UNTIL(stats().delayed == 1);
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_UNFIT), 1);
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_ATTEMPTS), 0);
	t.settings.plain = true;
	restart();
	t.accounts[0].webhook_url = "http://192.0.2.1:9/hooks"; /* nobody's: without the check the request would hang */
	due();
	TURN_UNTIL(counter(&t.one, "tax", GW_WEBHOOK_CTR_NO_CONNECT) == 1);
	t.accounts[0].webhook_url = "http://169.254.169.254/";
	due();
	TURN_UNTIL(counter(&t.one, "tax", GW_WEBHOOK_CTR_NO_CONNECT) == 2);
	t.accounts[0].webhook_url = t.tax_url;
	due();
	TURN_UNTIL(tax().unique == 1);
}

static void https_is_not_spoken_to_who_has_no_certificate(void **state)
{
	char url[64];
	(void)state;
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/hooks", sim_server_port(t.tax));
	t.accounts[0].webhook_url = url;
	add("tax", "notice.sent");
	TURN_UNTIL(counter(&t.one, "tax", GW_WEBHOOK_CTR_FAILED) == 1);
	assert_int_equal(counter(&t.one, "tax", GW_WEBHOOK_CTR_TLS), 1);
	settled();
}

/* ---- one among others ---- */

static void a_dead_agency_holds_up_nobody(void **state)
{
	(void)state;
	t.settings.timeout_ms = 300;
	restart();
	fault(t.police, SIM_MODE_HANG, 0, 0, -1);
	add_many("police", 100);
	add_many("tax", 20);
	TURN_UNTIL(tax().unique == 20);
	TURN_UNTIL(counter(&t.one, "police", GW_WEBHOOK_CTR_BREAKER_OPENS) == 1);
	settled();
	assert_in_range(counter(&t.one, "police", GW_WEBHOOK_CTR_ATTEMPTS), 5, 40);
	assert_int_equal(stats().delayed, 100);
	/* while it is open nothing is sent, however often they come */
	uint64_t attempts = counter(&t.one, "police", GW_WEBHOOK_CTR_ATTEMPTS);
	for (int i = 0; i < 3; i++) {
		due();
		turns(300);
		settled();
	}
	assert_int_equal(counter(&t.one, "police", GW_WEBHOOK_CTR_ATTEMPTS), attempts);
	assert_true(counter(&t.one, "police", GW_WEBHOOK_CTR_BREAKER_REFUSED) >= 300);
	/* one tries; then all go */
	fault(t.police, SIM_MODE_NONE, 0, 0, -1);
	jump_ms(31000);
	for (int i = 0; sim_hooks_counts(sim_server_hooks(t.police)).unique < 100; i++) {
		assert_in_range(i, 0, 60000);
		if (i % 100 == 0)
			due();
		turn();
	}
	settled();
	assert_string_equal(dead(), "");
}

static void what_is_given_back_comes_back_at_the_agencys_pace(void **state)
{
	(void)state;
	t.settings.concurrency = 1;
	t.settings.waiting = 4;
	t.settings.breaker_failures = 0;
	restart();
	fault(t.tax, SIM_MODE_SLOW, 0, 50, -1);
	add_many("tax", 60);
	turns(100);
	assert_true(counter(&t.one, "tax", GW_WEBHOOK_CTR_CROWDED) >= 30);
	assert_in_range(gw_webhooks_held(t.one.webhooks), 1, 10);
	add("police", "notice.sent");
	TURN_UNTIL(sim_hooks_counts(sim_server_hooks(t.police)).unique == 1);
	assert_int_equal(sim_server_stats(t.tax).in_flight_max, 1);
}

/* ---- several gateways, and dead ones ---- */

static void two_gateways_share_the_work(void **state)
{
	(void)state;
	begin(&t.two, "two");
	TURN_UNTIL(sess_redis_up(t.two.redis));
	fault(t.tax, SIM_MODE_SLOW, 0, 1, -1);
	add_many("tax", 150);
	for (int i = 0; tax().unique < 150; i++) {
		assert_in_range(i, 0, 60000);
		if (i % 50 == 0)
			due();
		turn();
	}
	TURN_UNTIL(stats().length == 0);
	assert_int_equal(tax().repeated, 0);
}

static void what_a_dead_gateway_held_is_brought_by_another(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_HANG, 0, 0, 3);
	add_many("tax", 3);
	TURN_UNTIL(tax().unique == 3); /* it has them; the answers never come */
	begin(&t.two, "two");
	TURN_UNTIL(sess_redis_up(t.two.redis));
	end(&t.one);
	/* half a minute passes for Redis: nobody else may wait for it */
	assert_int_equal(sess_redis_command(t.two.redis, NULL, NULL, 0, 3, (const char *const[]){ "EVAL",
		"for _,k in ipairs(redis.call('KEYS','events:*')) do for _,p in ipairs(redis.call('XPENDING',k,'gateway','-','+','10','one')) do "
		"redis.call('XCLAIM',k,'gateway','one','0',p[1],'IDLE','31000','JUSTID') end end", "0" }, NULL), 0);
	for (int i = 0; tax().repeated < 3; i++) {
		assert_in_range(i, 0, 1000);
		turns(20);
		jump_ms(1000);
	}
	assert_int_equal(tax().unique, 3);
	begin(&t.one, "one");
	TURN_UNTIL(sess_redis_up(t.one.redis) && stats().length == 0);
	turns(100);
	assert_int_equal(tax().repeated, 3);
}

static void redis_goes_between_answer_and_settlement(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_SLOW, 0, 30, 1);
	add("tax", "notice.sent");
	TURN_UNTIL(tax().unique == 1);
	redis_server_hang(&redis_server);
	TURN_UNTIL(counter(&t.one, "tax", GW_WEBHOOK_CTR_DELIVERED) == 1);
	jump_ms(11000); /* the connection's deadline */
	TURN_UNTIL(!sess_redis_up(t.one.redis));
	assert_int_equal(gw_webhooks_held(t.one.webhooks), 1);
	redis_server_resume(&redis_server);
	TURN_UNTIL(sess_redis_up(t.one.redis));
	settled();
	assert_int_equal(stats().length, 0);
	assert_int_equal(tax().repeated, 0);
}

static void closing_gives_back_what_waits(void **state)
{
	(void)state;
	t.settings.concurrency = 2;
	restart();
	fault(t.tax, SIM_MODE_SLOW, 0, 300, -1);
	add_many("tax", 10);
	TURN_UNTIL(tax().unique == 2);
	assert_false(gw_webhooks_close(t.one.webhooks));
	TURN_UNTIL(gw_webhooks_close(t.one.webhooks));
	assert_int_equal(tax().unique, 2);
	assert_int_equal(stats().taken, 0);
	assert_int_equal(stats().length, 8);
}

static void freed_in_mid_flight(void **state)
{
	(void)state;
	fault(t.tax, SIM_MODE_HANG, 0, 0, -1);
	add_many("tax", 40);
	TURN_UNTIL(tax().unique == 16);
	end(&t.one);
	begin(&t.one, "other");
	TURN_UNTIL(sess_redis_up(t.one.redis));
	assert_int_equal(stats().length, 40);
}

/* ---- feeds ---- */

static void on_read(void *ctx, uint64_t token, enum sess_feed_result result, const struct sess_feed_entry *entries, size_t n)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_FEED_OK);
	t.answers++;
	t.n_fed = n;
	for (size_t i = 0; i < n && i < ARRAY_SIZE(t.fed); i++)
		snprintf(t.fed[i], sizeof(t.fed[i]), "%s %.*s", entries[i].cursor, (int)entries[i].octets, entries[i].body);
}

static size_t fed(void)
{
	unsigned int before = t.answers;
	assert_int_equal(sess_feed_read(t.one.feeds, "post", NULL, 100, on_read, NULL, 0), 0);
	TURN_UNTIL(t.answers > before);
	return t.n_fed;
}

static void who_fetches_finds_it_in_the_feed(void **state)
{
	(void)state;
	add("post", "request.received");
	TURN_UNTIL(fed() == 1);
	settled();
	assert_int_equal(stats().length, 0);
	assert_non_null(strstr(t.fed[0], " {\"id\":\"evt_"));
	assert_int_equal(t.n_codes, 1);
	assert_int_equal(counter(&t.one, "post", GW_WEBHOOK_CTR_FED), 1);
}

static void a_full_feed_loses_nothing(void **state)
{
	char cursor[SESS_FEED_CURSOR_OCTETS];
	(void)state;
	add_many("post", 5);
	TURN_UNTIL(counter(&t.one, "post", GW_WEBHOOK_CTR_FEED_FULL) == 2);
	settled();
	assert_int_equal(fed(), 3);
	osmo_gettimeofday_override_add(90000, 0); /* and never buries */
	due();
	TURN_UNTIL(counter(&t.one, "post", GW_WEBHOOK_CTR_FEED_FULL) == 4);
	assert_int_equal(stats().length, 2);
	assert_string_equal(dead(), "");
	assert_int_equal(fed(), 3);
	OSMO_STRLCPY_ARRAY(cursor, t.fed[2]);
	cursor[strcspn(cursor, " ")] = '\0';
	assert_int_equal(sess_feed_ack(t.one.feeds, "post", cursor, NULL, NULL, 0), 0);
	due();
	TURN_UNTIL(fed() == 2);
	settled();
	assert_int_equal(stats().length, 0);
}

/* ---- pauses ---- */

static void pauses_grow_until_a_day_is_over(void **state)
{
	static const unsigned int steps[] = { 5, 30, 120, 600, 1800, 3600, 7200, 7200 };
	int64_t age_ms = 0;
	unsigned int attempts = 0;
	(void)state;
	while (age_ms < GW_WEBHOOK_LIFE_MS) {
		unsigned int pause_ms = gw_webhook_pause_ms(age_ms, ++attempts, randombytes_random());
		unsigned int step_s = steps[attempts < ARRAY_SIZE(steps) ? attempts - 1 : ARRAY_SIZE(steps) - 1];
		if (age_ms + pause_ms < GW_WEBHOOK_LIFE_MS)
			assert_in_range(pause_ms, step_s * 800, step_s * 1200);
		age_ms += pause_ms;
	}
	assert_in_range(attempts, 15, 24);
	assert_in_range(gw_webhook_pause_ms(0, 50, 0), 4000, 6000);          /* young: it was given back without being tried */
	assert_in_range(gw_webhook_pause_ms(50000000, 1, 0), 4000, 6000);    /* fresh: all gateways were down */
	assert_in_range(gw_webhook_pause_ms(GW_WEBHOOK_LIFE_MS - 7, 20, 99), 7, 7);
	assert_in_range(gw_webhook_pause_ms(-5000, 0, UINT32_MAX), 4000, 6000); /* the server's clock is ahead of ours */
	assert_in_range(gw_webhook_pause_ms(GW_WEBHOOK_LIFE_MS * 2, 20, 0), 5000000, 9000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_brought_once_and_is_gone),
		TEST(only_requests_are_told_to_be_delivered),
		TEST(while_secrets_overlap_both_sign),
		TEST(many_go_at_once_but_not_too_many),
		TEST(nothing_is_taken_before_the_accounts_are_known),
		TEST(every_fault_is_tried_again),
		TEST(what_an_answer_says_does_not_matter),
		TEST(an_agency_that_wants_no_more_is_not_asked_again),
		TEST(what_is_a_day_old_is_buried),
		TEST(retry_after_is_heeded),
		TEST(nobody_is_told_of_by_mistake),
		TEST(a_disabled_agency_waits_for_a_day),
		TEST(what_an_operator_must_mend_waits),
		TEST(plain_http_must_be_allowed_and_goes_nowhere_far),
		TEST(https_is_not_spoken_to_who_has_no_certificate),
		TEST(a_dead_agency_holds_up_nobody),
		TEST(what_is_given_back_comes_back_at_the_agencys_pace),
		TEST(two_gateways_share_the_work),
		TEST(what_a_dead_gateway_held_is_brought_by_another),
		TEST(redis_goes_between_answer_and_settlement),
		TEST(closing_gives_back_what_waits),
		TEST(freed_in_mid_flight),
		TEST(who_fetches_finds_it_in_the_feed),
		TEST(a_full_feed_loses_nothing),
		cmocka_unit_test(pauses_grow_until_a_day_is_over),
	};
	int failed;
	signal(SIGPIPE, SIG_IGN);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	root = talloc_named_const(NULL, 0, "webhook_test");
	if (sodium_init() < 0 || gw_log_init(root) < 0)
		return 1;
	for (int i = 0; i < GW_LOG_CATEGORIES; i++)
		log_set_category_filter(osmo_stderr_target, i, 1, LOGL_FATAL);
	redis_server_start(&redis_server, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	redis_server_stop(&redis_server);
	talloc_free(root);
	return failed;
}
