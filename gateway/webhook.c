/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See webhook.h. Here events are taken and settled; what happens in between is the line's (webhook_line.c) or the feed's.
 *
 * A settlement whose answer was lost is asked for again until Redis says what became of it; an entry that is another's by then has
 * been brought twice, under the same webhook-id. Between take and settlement lie at most the wait in line and the time-out of a
 * request: what has been idle for longer belonged to a process that is dead, and is claimed. */
#include "gateway/webhook.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/webhook_pause.h"
#include "gateway/webhook_priv.h"
#include "sessions/clock.h"

#define LOOK_MS 250             /* for what others added and what became due */
#define CLAIM_MS 1000
#define IDLE_BEYOND_MS 20000    /* beside the time-out of a request: an entry is idle */
#define TAKE_AT_ONCE 64
#define SETTLE_AGAIN_MS 500
#define UNKNOWN_MS 20000        /* an account is known everywhere within two seconds */
#define ANSWER_OCTETS_MAX (64 * 1024)

static const struct gw_webhook_ctr_row ctr_rows[GW_WEBHOOK_CTRS] = {
	[GW_WEBHOOK_CTR_ATTEMPTS] = { "attempts", "requests sent" },
	[GW_WEBHOOK_CTR_DELIVERED] = { "delivered", "events that the agency has taken by webhook" },
	[GW_WEBHOOK_CTR_FED] = { "fed", "events put into the agency's feed" },
	[GW_WEBHOOK_CTR_FAILED] = { "failed", "requests without a good answer" },
	[GW_WEBHOOK_CTR_BURIED] = { "buried", "events that became dead letters" },
	[GW_WEBHOOK_CTR_GONE] = { "gone", "requests answered 410: the agency wants no more of it" },
	[GW_WEBHOOK_CTR_CROWDED] = { "crowded", "events given back because the agency's line was full" },
	[GW_WEBHOOK_CTR_BREAKER_OPENS] = { "breaker_opens", "times the breaker opened" },
	[GW_WEBHOOK_CTR_BREAKER_REFUSED] = { "breaker_refused", "events given back because the breaker was open" },
	[GW_WEBHOOK_CTR_UNFIT] = { "unfit", "events that could not be sent: no URL, no secret, not https" },
	[GW_WEBHOOK_CTR_FEED_FULL] = { "feed_full", "events given back because the agency's feed was full" },
	[GW_WEBHOOK_CTR_NO_CONNECT] = { "no_connect", "requests failed: no connection" },
	[GW_WEBHOOK_CTR_TLS] = { "tls", "requests failed: TLS or certificate" },
	[GW_WEBHOOK_CTR_TIMEOUT] = { "timeout", "requests failed: no answer in time" },
	[GW_WEBHOOK_CTR_BROKEN] = { "broken", "requests failed: connection lost in mid-answer, or not HTTP" },
	[GW_WEBHOOK_CTR_STATUS] = { "status", "requests failed: another status than 2xx" },
};

const struct gw_webhook_ctr_row *gw_webhook_ctr_row(size_t index)
{
	return index < GW_WEBHOOK_CTRS ? &ctr_rows[index] : NULL;
}

/* ---- deliveries: found again by their token ---- */

static struct webhook_delivery **place_of(struct gw_webhooks *all, uint64_t token)
{
	return &all->by_token[token % all->settings.in_flight];
}

static struct webhook_delivery *delivery_at(struct gw_webhooks *all, uint64_t token)
{
	struct webhook_delivery *delivery = *place_of(all, token);

	return delivery && delivery->token == token ? delivery : NULL;
}

/* There is a free place: the caller has looked. */
static struct webhook_delivery *new_delivery(struct gw_webhooks *all, const struct sess_queue_entry *entry)
{
	struct webhook_delivery *delivery = talloc_zero_size(all, sizeof(*delivery) + entry->octets + 1);

	talloc_set_name_const(delivery, "webhook_delivery");
	while (*place_of(all, ++all->last_token))
		;
	delivery->all = all;
	delivery->token = all->last_token;
	delivery->handle = entry->handle;
	delivery->id = talloc_strdup(delivery, entry->key);
	memcpy(delivery->octets, entry->body, entry->octets);
	*place_of(all, delivery->token) = delivery;
	all->held++;
	return delivery;
}

static void free_delivery(struct webhook_delivery *delivery)
{
	*place_of(delivery->all, delivery->token) = NULL;
	delivery->all->held--;
	talloc_free(delivery);
}

/* ---- settling ---- */

static void on_settled(void *ctx, uint64_t token, enum sess_queue_result result)
{
	struct gw_webhooks *all = ctx;
	struct webhook_delivery *delivery = delivery_at(all, token);

	if (!delivery)
		return;
	if ((result == SESS_QUEUE_DOWN || result == SESS_QUEUE_BUSY) && !all->freeing) {
		delivery->since_ms = sess_clock_ms();
		llist_add_tail(&delivery->list, &all->unsettled);
		return;
	}
	if (result == SESS_QUEUE_LOST)
		LOGPWEBHOOK(delivery, LOGL_NOTICE, "another process had taken it over\n");
	free_delivery(delivery);
}

static void settle(struct webhook_delivery *delivery)
{
	struct gw_webhooks *all = delivery->all;
	struct sess_queue *queue = all->config.queue;
	int rc = -ENOTCONN;

	if (all->freeing)
		; /* it is claimed by another in time */
	else if (delivery->verdict == WEBHOOK_DONE)
		rc = sess_queue_done(queue, &delivery->handle, NULL, on_settled, all, delivery->token);
	else if (delivery->verdict == WEBHOOK_LATER)
		rc = sess_queue_later(queue, &delivery->handle, delivery->pause_ms, on_settled, all, delivery->token);
	else
		rc = sess_queue_bury(queue, &delivery->handle, delivery->reason, on_settled, all, delivery->token);
	if (rc < 0)
		free_delivery(delivery);
}

static void settle_again(struct gw_webhooks *all, int64_t now_ms)
{
	struct webhook_delivery *delivery;

	while ((delivery = llist_first_entry_or_null(&all->unsettled, struct webhook_delivery, list)) && now_ms - delivery->since_ms >= SETTLE_AGAIN_MS) {
		llist_del(&delivery->list);
		settle(delivery);
	}
}

/* The agency has it. The hook comes first: if we die in between, the event is brought again, and so is this. */
void webhook_done(struct webhook_delivery *delivery)
{
	const struct gw_webhooks *all = delivery->all;

	if (all->delivered && strcmp(delivery->event.type, "request.received") == 0) {
		json_t *event = json_loadb(delivery->event.body, delivery->event.octets, 0, NULL);
		const char *code = json_string_value(json_object_get(json_object_get(event, "data"), "code"));

		if (code)
			all->delivered(all->delivered_ctx, code);
		json_decref(event);
	}
	delivery->verdict = WEBHOOK_DONE;
	settle(delivery);
}

void webhook_later(struct webhook_delivery *delivery, int64_t pause_ms)
{
	delivery->verdict = WEBHOOK_LATER;
	delivery->pause_ms = (unsigned int)OSMO_MAX(OSMO_MIN(pause_ms, GW_WEBHOOK_LIFE_MS), 0);
	settle(delivery);
}

void webhook_bury(struct webhook_delivery *delivery, const char *reason)
{
	delivery->verdict = WEBHOOK_BURY;
	OSMO_STRLCPY_ARRAY(delivery->reason, reason);
	if (delivery->line)
		delivery->line->counters[GW_WEBHOOK_CTR_BURIED]++;
	LOGPWEBHOOK(delivery, LOGL_NOTICE, "%s is a dead letter: %s\n", delivery->event.type, reason);
	settle(delivery);
}

void webhook_failed(struct webhook_delivery *delivery, int64_t at_least_ms, const char *reason)
{
	int64_t age_ms = sess_clock_wall_ms() - (int64_t)delivery->handle.id.ms;

	if (age_ms >= GW_WEBHOOK_LIFE_MS)
		webhook_bury(delivery, reason);
	else
		webhook_later(delivery, OSMO_MAX(at_least_ms, (int64_t)gw_webhook_pause_ms(age_ms, delivery->handle.attempt, randombytes_random())));
}

void webhook_unknown(struct webhook_delivery *delivery)
{
	if (sess_clock_wall_ms() - (int64_t)delivery->handle.id.ms < UNKNOWN_MS)
		webhook_later(delivery, UNKNOWN_MS / 4);
	else
		webhook_bury(delivery, "no such agency");
}

/* ---- what was taken ---- */

static void on_fed(void *ctx, uint64_t token, enum sess_feed_result result)
{
	struct gw_webhooks *all = ctx;
	struct webhook_delivery *delivery = delivery_at(all, token);

	if (!delivery)
		return;
	if (result == SESS_FEED_OK || result == SESS_FEED_AGAIN) {
		delivery->line->counters[GW_WEBHOOK_CTR_FED]++;
		webhook_done(delivery);
		return;
	}
	/* A full feed waits for its agency for as long as that takes: nothing is buried for it. */
	if (result == SESS_FEED_FULL)
		delivery->line->counters[GW_WEBHOOK_CTR_FEED_FULL]++;
	webhook_later(delivery, gw_webhook_pause_ms(sess_clock_wall_ms() - (int64_t)delivery->handle.id.ms, delivery->handle.attempt, randombytes_random()));
}

static void feed(struct webhook_delivery *delivery)
{
	struct gw_webhooks *all = delivery->all;
	int rc = sess_feed_put(all->config.feeds, delivery->event.agency, delivery->id, delivery->event.body, delivery->event.octets, on_fed, all,
	                       delivery->token);

	if (rc == -EINVAL)
		webhook_bury(delivery, "it does not fit into a feed");
	else if (rc < 0)
		webhook_later(delivery, gw_webhook_pause_ms(0, 1, randombytes_random()));
}

static void receive(struct gw_webhooks *all, const struct sess_queue_entry *entry)
{
	struct webhook_delivery *delivery = new_delivery(all, entry);
	const struct gw_account *account;

	if (!gw_event_read(delivery->octets, entry->octets, &delivery->event) || !delivery->id[0]) {
		webhook_bury(delivery, "it is no event");
		return;
	}
	account = all->config.find(all->config.ctx, delivery->event.agency);
	if (!account) {
		webhook_unknown(delivery);
		return;
	}
	delivery->line = webhook_line_of(all, delivery->event.agency);
	if (account->disabled)
		webhook_failed(delivery, 0, "the agency was disabled for a day");
	else if (account->delivery == GW_DELIVERY_FETCH)
		feed(delivery);
	else
		webhook_line_add(delivery->line, delivery);
}

static void on_taken(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct gw_webhooks *all = ctx;

	(void)token;
	(void)result;
	all->taking = false;
	for (size_t i = 0; i < n && !all->freeing; i++)
		receive(all, &entries[i]);
}

static void on_claimed(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_entry *entries, size_t n)
{
	struct gw_webhooks *all = ctx;

	(void)token;
	(void)result;
	all->claiming = false;
	if (n)
		all->claimed_ms = 0; /* where one was there may be more */
	for (size_t i = 0; i < n && !all->freeing; i++)
		receive(all, &entries[i]);
}

/* Places are kept for what is on its way to us. */
static unsigned int room(const struct gw_webhooks *all)
{
	unsigned int asked = (all->taking ? TAKE_AT_ONCE : 0) + (all->claiming ? 1 : 0);

	return all->settings.in_flight > all->held + asked ? all->settings.in_flight - all->held - asked : 0;
}

static void take(struct gw_webhooks *all, int64_t now_ms)
{
	unsigned int n = OSMO_MIN(room(all), TAKE_AT_ONCE);

	if (all->taking || all->closing || !n || !all->config.loaded(all->config.ctx))
		return;
	if (!sess_queue_likely(all->config.queue) && now_ms - all->looked_ms < LOOK_MS)
		return;
	all->looked_ms = now_ms;
	all->taking = sess_queue_take(all->config.queue, n, on_taken, all, 0) == 0;
}

static void claim(struct gw_webhooks *all, int64_t now_ms)
{
	if (all->claiming || all->closing || !room(all) || !all->config.loaded(all->config.ctx) || now_ms - all->claimed_ms < CLAIM_MS)
		return;
	all->claimed_ms = now_ms;
	all->claiming = sess_queue_claim(all->config.queue, all->settings.timeout_ms + IDLE_BEYOND_MS, on_claimed, all, 0) == 0;
}

/* ---- life ---- */

void gw_webhooks_turn(struct gw_webhooks *all)
{
	if (gw_loop_curl_turn(all->loop))
		gw_agency_http_collect(all->loop);
	take(all, sess_clock_ms());
}

void gw_webhooks_tick(struct gw_webhooks *all)
{
	int64_t now_ms = sess_clock_ms();
	struct webhook_line *line;

	settle_again(all, now_ms);
	llist_for_each_entry(line, &all->lines, list)
		webhook_line_run(line, now_ms);
	take(all, now_ms);
	claim(all, now_ms);
}

bool gw_webhooks_close(struct gw_webhooks *all)
{
	struct webhook_line *line;

	all->closing = true;
	llist_for_each_entry(line, &all->lines, list)
		webhook_line_give_back(line);
	return all->held == 0 && !all->taking && !all->claiming;
}

void gw_webhooks_on_delivered(struct gw_webhooks *all, gw_webhooks_delivered *hook, void *ctx)
{
	all->delivered = hook;
	all->delivered_ctx = ctx;
}

/* The queue and the feeds are gone: what is held here is claimed by another in time. */
static int destroy(struct gw_webhooks *all)
{
	all->freeing = true;
	talloc_free(all->http);
	talloc_free(all->loop);
	return 0;
}

struct gw_webhooks *gw_webhooks_alloc(void *ctx, const struct gw_webhooks_config *config)
{
	const struct gw_agency_http_plain plain = { .ca_file = config->settings->ca_file, .answer_octets_max = ANSWER_OCTETS_MAX };
	struct gw_webhooks *all = talloc_zero(ctx, struct gw_webhooks);
	char why[512];

	all->config = *config;
	all->settings = *config->settings;
	all->config.settings = &all->settings;
	INIT_LLIST_HEAD(&all->lines);
	INIT_LLIST_HEAD(&all->unsettled);
	all->by_token = talloc_zero_array(all, struct webhook_delivery *, all->settings.in_flight);
	all->loop = gw_loop_curl_alloc(all, config->io);
	if (!all->loop) {
		LOGP(GW_LOG_AGENCY, LOGL_ERROR, "webhooks: no memory for HTTP\n");
		talloc_free(all);
		return NULL;
	}
	all->http = gw_agency_http_alloc(all, all->loop, webhook_on_answer);
	talloc_set_destructor(all, destroy);
	if (gw_agency_http_configure_plain(all->http, &plain, why, sizeof(why)) == 0)
		return all;
	LOGP(GW_LOG_AGENCY, LOGL_ERROR, "webhooks: %s\n", why);
	talloc_free(all);
	return NULL;
}

size_t gw_webhooks_count(const struct gw_webhooks *all)
{
	return all->n_lines;
}

void gw_webhooks_info(const struct gw_webhooks *all, size_t index, struct gw_webhook_info *info)
{
	const struct webhook_line *line;

	memset(info, 0, sizeof(*info));
	llist_for_each_entry(line, &all->lines, list) {
		if (index-- > 0)
			continue;
		info->agency = line->agency;
		info->breaker = gw_breaker_state_name(line->breaker.state);
		info->sending = line->sending;
		info->waiting = line->n_waiting;
		info->answer_ms = line->answer_ms;
		memcpy(info->counters, line->counters, sizeof(info->counters));
		return;
	}
}

unsigned int gw_webhooks_held(const struct gw_webhooks *all)
{
	return all->held;
}
