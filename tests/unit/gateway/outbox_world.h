/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A world for notices: one or two gateways' ledger, lanes, notices, outbox and receipts on a real Redis; the network is played by the
 * test. A story says what is accepted and what the network answers, then what the citizen must have got and what stands in the
 * ledger. Each test is one program, so all of it is static. */
#pragma once

#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include <sodium.h>

#include "gateway/consent.h"
#include "gateway/early.h"
#include "gateway/outbox.h"
#include "gateway/receipts.h"
#include "sessions/store.h"

#define CITIZEN "989121234567"
#define GATEWAYS 2
#define SENT_MAX 2048
#define HOUR_MS 3600000LL

struct handed {                      /* to the network */
	char msisdn[GW_MSISDN_MAX + 1], text[512], sender[24];
	uint32_t parts;
	unsigned int n;
	uint16_t reference;
	uint64_t token;
	bool flash, push;
};
struct gateway {
	struct gw_bearer bearer;     /* first: its ops find the gateway */
	struct gw_route route;
	unsigned int redis;
	bool alive, stuck;           /* stuck: not given a turn */
	struct sess_ledger *ledger;
	struct gw_lanes *lanes;
	struct gw_notices *notices;
	struct gw_outbox *outbox;
	struct gw_receipts *receipts;
	struct handed sent[SENT_MAX];
	unsigned int n_sent;
	unsigned int room;
	int sms_result, push_result; /* if not 0 */
	unsigned int accepted, refused; /* tickets of receipts */
};
static struct gateway gateways[GATEWAYS];
static struct gateway *const one = &gateways[0], *const two = &gateways[1];
static struct { int64_t unsure_wait_ms; struct gw_quiet quiet; enum gw_bulk_state bulk; unsigned int in_work;
		int (*push)(void *ctx, const struct gw_route *route, const struct gw_notice *notice, const char *text, uint64_t token); } settings;
static struct gw_seal *seal;

/* ------------------------------------------------------------------ the network */

static inline struct handed *keep_handed(struct gateway *gateway, const char *msisdn, const char *text, size_t octets, uint64_t token)
{
	struct handed *to = &gateway->sent[gateway->n_sent++];

	assert_true(gateway->n_sent <= SENT_MAX);
	memset(to, 0, sizeof(*to));
	snprintf(to->msisdn, sizeof(to->msisdn), "%s", msisdn);
	snprintf(to->text, sizeof(to->text), "%.*s", (int)octets, text);
	to->token = token;
	return to;
}

/* A part of the test's network has 20 octets. */
static inline int op_sms_parts(const struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms)
{
	(void)bearer;
	(void)route;
	return sms->octets > 20 * GW_SMS_PARTS_MAX ? -E2BIG : (int)((sms->octets + 19) / 20);
}

static inline int op_sms(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms)
{
	struct gateway *gateway = (struct gateway *)bearer;
	struct handed *to;

	assert_ptr_equal(route, &gateway->route);
	assert_true(sms->receipt && sms->token && sms->reference);
	if (gateway->sms_result)
		return gateway->sms_result;
	to = keep_handed(gateway, sms->msisdn, sms->text, sms->octets, sms->token);
	snprintf(to->sender, sizeof(to->sender), "%s", sms->sender);
	to->parts = sms->parts;
	to->n = (unsigned int)op_sms_parts(bearer, route, sms);
	to->reference = sms->reference;
	to->flash = sms->flash;
	return (int)to->n;
}

static inline int op_push(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_push *push)
{
	struct gateway *gateway = (struct gateway *)bearer;

	(void)route;
	if (gateway->push_result)
		return gateway->push_result;
	keep_handed(gateway, push->msisdn, push->text, push->octets, push->token)->push = true;
	return 0;
}

static inline unsigned int op_sms_room(const struct gw_bearer *bearer, const struct gw_route *route)
{
	(void)route;
	return ((const struct gateway *)bearer)->room;
}

static inline void op_accept(struct gw_bearer *bearer, const struct gw_ticket *ticket)
{
	(void)ticket;
	((struct gateway *)bearer)->accepted++;
}

static inline void op_refuse(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum gw_refusal why)
{
	(void)ticket;
	assert_int_equal(GW_REFUSE_LATER, why);
	((struct gateway *)bearer)->refused++;
}

static const struct gw_bearer_ops world_ops = { .accept = op_accept, .refuse = op_refuse, .sms = op_sms, .sms_parts = op_sms_parts,
	.sms_room = op_sms_room, .push = op_push };

static inline bool fits(const void *ctx, const char *utf8, size_t octets)
{
	(void)ctx;
	(void)utf8;
	return octets <= 60;
}

static inline void outcome(struct gateway *gateway, const struct handed *of, unsigned int part, enum gw_sent sent, const char *id)
{
	gw_outbox_on_sms(gateway->outbox, &(struct gw_sms_result){ .token = of->token, .part = part, .parts = of->n, .sent = sent,
		.why = sent == GW_SENT_TAKEN ? "ESME_ROK" : "ESME_RTHROTTLED", .id = id, .status = sent == GW_SENT_TAKEN ? 0 : 0x58,
		.pause_ms = 10, .times = 3 });
}

static inline void receipt_of(struct gateway *gateway, const char *msisdn, const char *id, bool delivered, int reference)
{
	gw_receipts_hear(gateway->receipts, &(struct gw_receipt){ .route = &gateway->route, .msisdn = msisdn,
		.verdict = delivered ? GW_RECEIPT_DELIVERED : GW_RECEIPT_FAILED, .state = delivered ? "DELIVRD" : "UNDELIV", .error = "000",
		.n_ids = 2, .ids = { id, "another-form" }, .has_reference = reference >= 0, .reference = (uint16_t)reference });
}

/* ------------------------------------------------------------------ gateways */

static inline enum gw_bulk_state bulk_state(void *ctx, const char *id)
{
	(void)ctx;
	assert_string_equal("b17job", id);
	return settings.bulk;
}

static inline size_t announce(void *ctx, const char *language, const struct gw_notice *notice, char *out, size_t cap)
{
	(void)ctx;
	(void)notice;
	return (size_t)snprintf(out, cap, "read it: %s", language);
}

static inline const struct gw_route *route_of(const void *ctx, const char *msisdn)
{
	return strncmp(msisdn, "98", 2) == 0 ? &((const struct gateway *)ctx)->route : NULL;
}

static inline void outbox_begin(struct gateway *gateway)
{
	static unsigned int born;
	char consumer[32];

	snprintf(consumer, sizeof(consumer), "gateway-%u", born++);
	gateway->ledger = sess_ledger_alloc(root, redises[gateway->redis]);
	gateway->lanes = gw_lanes_alloc(root, redises[gateway->redis], consumer, route_of, gateway);
	assert_int_equal(0, gw_lanes_add(gateway->lanes, &gateway->route));
	gateway->notices = gw_notices_alloc(root, &(struct gw_notices_config){ .ledger = gateway->ledger, .lanes = gateway->lanes,
		.seal = seal, .keep_ms = HOUR_MS });
	gateway->outbox = gw_outbox_alloc(root, &(struct gw_outbox_config){ .ledger = gateway->ledger, .lanes = gateway->lanes,
		.notices = gateway->notices, .quiet = settings.quiet, .in_work = settings.in_work, .unsure_wait_ms = settings.unsure_wait_ms,
		.bulk_state = bulk_state, .announce = announce, .push = settings.push });
	gateway->receipts = gw_receipts_alloc(root, &(struct gw_receipts_config){ .ledger = gateway->ledger, .notices = gateway->notices, .in_work = 100 });
	gateway->alive = true;
}

static inline struct gateway *gateway_begin(unsigned int i)
{
	struct gateway *gateway = &gateways[i];

	memset(gateway, 0, sizeof(*gateway));
	gateway->bearer.ops = &world_ops;
	gateway->route = (struct gw_route){ .name = "mci", .id = 0x1f3a, .bearer = &gateway->bearer, .fits = fits };
	gateway->redis = i;
	gateway->room = 1000;
	world_connect(i, 20000, 2000);
	outbox_begin(gateway);
	return gateway;
}

/* As kill -9 would: what is in work is forgotten, the connection is cut. */
static inline void gateway_kill(struct gateway *gateway)
{
	gateway->alive = false;
	world_disconnect(gateway->redis);
	talloc_free(gateway->ledger);
	talloc_free(gateway->lanes);
	talloc_free(gateway->receipts);
	talloc_free(gateway->outbox);
	talloc_free(gateway->notices);
}

static inline struct gateway *gateway_again(struct gateway *gateway)
{
	world_connect(gateway->redis, 20000, 2000);
	outbox_begin(gateway);
	TURN_UNTIL(sess_redis_up(redises[gateway->redis]));
	return gateway;
}

static inline void every_turn(void)
{
	for (int i = 0; i < GATEWAYS; i++) {
		if (!gateways[i].alive || gateways[i].stuck)
			continue;
		gw_outbox_tick(gateways[i].outbox);
		gw_receipts_tick(gateways[i].receipts);
		gw_outbox_turn(gateways[i].outbox);
	}
}

static inline int story_begin(void **state)
{
	(void)state;
	memset(&settings, 0, sizeof(settings));
	settings.unsure_wait_ms = 60000;
	settings.bulk = GW_BULK_RUNNING;
	settings.in_work = 64;
	world_connect(2, 1000, 10000);
	gateway_begin(0);
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[2]));
	return 0;
}

static inline int story_end(void **state)
{
	(void)state;
	osmo_gettimeofday_override = false;
	REDIS("FLUSHALL");
	for (int i = 0; i < GATEWAYS; i++)
		if (gateways[i].alive)
			gateway_kill(&gateways[i]);
	world_disconnect(2);
	osmo_select_main_ctx(1);
	return 0;
}

/* Entries that somebody has are idle for long; what was put off is due. */
static inline void all_idle(void)
{
	REDIS("EVAL",
	      "for _,k in ipairs(redis.call('KEYS','outbox-*')) do if redis.call('TYPE',k).ok=='stream' then "
	      "for _,e in ipairs(redis.call('XPENDING',k,'gateway','-','+',1000)) do if e[2]~='parked' then "
	      "redis.call('XCLAIM',k,'gateway',e[2],0,e[1],'IDLE',3600000,'JUSTID') end end end end return 1", "0");
}

static inline void all_due(void)
{
	REDIS("EVAL",
	      "for _,k in ipairs(redis.call('KEYS','later:*')) do for _,m in ipairs(redis.call('ZRANGE',k,0,-1)) do "
	      "redis.call('ZADD',k,0,m) end end return 1", "0");
}

static inline int64_t count_of(const char *pattern, const char *command)
{
	char script[300];

	snprintf(script, sizeof(script), "local n=0 for _,k in ipairs(redis.call('KEYS','%s')) do n=n+redis.call('%s',k) end return n", pattern, command);
	return REDIS("EVAL", script, "0").integer;
}

/* Nothing is left in any lane, and nothing among the dead. */
static inline bool lanes_empty(void)
{
	return count_of("outbox-*", "XLEN") == 0 && count_of("dead:*", "XLEN") == 0;
}

static inline void clock_to(int64_t wall_ms)
{
	osmo_gettimeofday_override = true;
	osmo_gettimeofday_override_time.tv_sec = wall_ms / 1000;
	osmo_gettimeofday_override_time.tv_usec = wall_ms % 1000 * 1000;
}

/* ------------------------------------------------------------------ notices */

static enum sess_ledger_result accept_result;
static unsigned int accepts;

static inline void on_accept(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)ctx;
	(void)token;
	accept_result = result;
	accepts++;
}

static inline struct gw_notice *notice_new(const char *msisdn, const char *text)
{
	struct gw_notice *notice = gw_notice_alloc(root);

	snprintf(notice->msisdn, sizeof(notice->msisdn), "%s", msisdn);
	gw_notice_set(notice, &notice->text[0], text);
	gw_notice_set(notice, &notice->agency, "tax");
	notice->channels = GW_CHANNEL_SMS;
	return notice;
}

/* Accepts, and frees it; its id stays until sixteen more. */
static inline const char *accept_notice(struct gateway *gateway, struct gw_notice *notice)
{
	static char ids[16][GW_NOTICE_ID_OCTETS];
	static unsigned int next;
	char *id = ids[next++ % 16];
	unsigned int before = accepts;

	assert_int_equal(0, gw_notices_accept(gateway->notices, notice, on_accept, NULL, 0));
	TURN_UNTIL(accepts > before);
	memcpy(id, notice->id, GW_NOTICE_ID_OCTETS);
	talloc_free(notice);
	return id;
}

static struct gw_notice *found;
static unsigned int finds;

static inline void on_find(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *notice)
{
	(void)ctx;
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	talloc_free(found);
	found = notice ? talloc_steal(root, notice) : NULL;
	finds++;
}

static inline struct gw_notice *find(const char *id)
{
	struct gateway *gateway = one->alive ? one : two;
	unsigned int before = finds;

	assert_int_equal(0, gw_notices_load(gateway->notices, id, on_find, NULL, 0));
	TURN_UNTIL(finds > before);
	return found;
}

#define UNTIL_STATE(id, wanted) TURN_UNTIL(find(id)->state == (wanted))

static inline int group_begin(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	world_begin("outbox", NULL);
	world_tick = every_turn;
	seal = gw_seal_alloc(root, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	return seal ? 0 : -1;
}

static inline int group_end(void **state)
{
	(void)state;
	talloc_free(found);
	world_end();
	return 0;
}
