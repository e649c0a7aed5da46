/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An agency's line: who waits for a place, who is on the way, and what an answer means. See webhook_priv.h.
 *
 * What finds the line full is given back until its turn can be expected: each that is given back takes the next place behind the
 * one before, a usual answer's share apart. So a backlog of any length comes back as fast as the agency can take it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/webhook_priv.h"
#include "sessions/clock.h"

#define WAIT_MS 5000            /* longest in line: others may have room */
#define QUIET_MAX_MS (6 * 3600000) /* of a Retry-After */
#define BACK_MIN_MS 200
#define BACK_MAX_MS 3600000
#define COMPLAINT_MS 60000

struct webhook_line *webhook_line_of(struct gw_webhooks *all, const char *agency)
{
	struct webhook_line *line;

	llist_for_each_entry(line, &all->lines, list)
		if (strcmp(line->agency, agency) == 0)
			return line;
	line = talloc_zero(all, struct webhook_line);
	line->all = all;
	OSMO_STRLCPY_ARRAY(line->agency, agency);
	INIT_LLIST_HEAD(&line->waiting);
	line->breaker = (struct gw_breaker){ .failures_max = all->settings.breaker_failures, .open_ms = all->settings.breaker_open_ms };
	line->usual_ms = 100;
	line->complained_ms = INT64_MIN / 2;
	llist_add_tail(&line->list, &all->lines);
	all->n_lines++;
	return line;
}

bool webhook_line_complains(struct webhook_line *line, int64_t now_ms)
{
	line->counters[GW_WEBHOOK_CTR_UNFIT]++;
	if (now_ms - line->complained_ms < COMPLAINT_MS)
		return false;
	line->complained_ms = now_ms;
	return true;
}

/* ---- giving back ---- */

static struct webhook_delivery *first_waiting(struct webhook_line *line)
{
	struct webhook_delivery *delivery = llist_first_entry_or_null(&line->waiting, struct webhook_delivery, list);

	if (!delivery)
		return NULL;
	llist_del(&delivery->list);
	line->n_waiting--;
	return delivery;
}

static void give_back_crowded(struct webhook_line *line, struct webhook_delivery *delivery, int64_t now_ms)
{
	unsigned int share_ms = line->usual_ms / line->all->settings.concurrency + 1;
	int64_t soonest_ms = now_ms + (int64_t)line->n_waiting * share_ms;

	line->turn_ms = OSMO_MAX(line->turn_ms, soonest_ms) + share_ms;
	if (line->turn_ms > now_ms + BACK_MAX_MS)
		line->turn_ms = now_ms + BACK_MAX_MS;
	line->counters[GW_WEBHOOK_CTR_CROWDED]++;
	webhook_later(delivery, OSMO_MAX(line->turn_ms - now_ms, BACK_MIN_MS));
}

static void give_back_refused(struct webhook_line *line, struct webhook_delivery *delivery, int64_t now_ms)
{
	int64_t left_ms = line->breaker.open_until_ms - now_ms;

	line->counters[GW_WEBHOOK_CTR_BREAKER_REFUSED]++;
	webhook_failed(delivery, left_ms > 0 ? left_ms : 0, "the agency did not answer for a day");
}

void webhook_line_give_back(struct webhook_line *line)
{
	struct webhook_delivery *delivery;

	while ((delivery = first_waiting(line)))
		webhook_later(delivery, 0);
}

/* ---- sending ---- */

static int start(struct webhook_line *line, struct webhook_delivery *delivery, const struct gw_account *account, bool plain)
{
	char signatures[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS];
	const struct gw_webhook_signed what = {
		.id = delivery->id, .at_s = sess_clock_wall_ms() / 1000, .body = delivery->event.body, .octets = delivery->event.octets,
	};
	char *const headers[] = { delivery->header[0], delivery->header[1], delivery->header[2] };
	const struct gw_agency_http_request request = {
		.method = "POST", .url = account->webhook_url, .body = delivery->event.body, .body_octets = delivery->event.octets,
		.n_headers = ARRAY_SIZE(headers), .headers = headers, .near_only = plain, .timeout_ms = line->all->settings.timeout_ms,
	};

	if (!gw_webhook_sign(account->webhook_secrets, &what, signatures))
		return -EINVAL;
	snprintf(delivery->header[0], HEADER_OCTETS, "webhook-id: %s", delivery->id);
	snprintf(delivery->header[1], HEADER_OCTETS, "webhook-timestamp: %" PRId64, what.at_s);
	snprintf(delivery->header[2], HEADER_OCTETS, "webhook-signature: %s", signatures);
	return gw_agency_http_start(line->all->http, &request, delivery);
}

/* NULL: it can be sent. Otherwise what an operator must mend. */
static const char *unfit(const struct webhook_line *line, const struct gw_account *account, bool *plain)
{
	*plain = strncasecmp(account->webhook_url, "http://", 7) == 0;
	if (!*plain && strncasecmp(account->webhook_url, "https://", 8) != 0)
		return "its webhook has no URL";
	if (*plain && !line->all->settings.plain)
		return "its webhook is not https, and webhooks.plain is not set";
	for (size_t i = 0; i < GW_WEBHOOK_SECRETS_MAX; i++)
		if (account->webhook_secrets[i] && !gw_webhook_secret_ok(account->webhook_secrets[i]))
			return "a secret of its webhook is none";
	return account->webhook_secrets[0] || account->webhook_secrets[1] ? NULL : "its webhook has no secret";
}

/* The account is looked up here, not when the event was taken: it may have changed while it waited. */
static void send_one(struct webhook_line *line, struct webhook_delivery *delivery, int64_t now_ms)
{
	const struct gw_account *account = line->all->config.find(line->all->config.ctx, line->agency);
	const char *why;
	bool plain;

	if (!account) {
		webhook_unknown(delivery);
		return;
	}
	why = unfit(line, account, &plain);
	if (why) {
		if (webhook_line_complains(line, now_ms))
			LOGPWEBHOOK(delivery, LOGL_ERROR, "%s\n", why);
		webhook_failed(delivery, 0, why);
		return;
	}
	delivery->pass = gw_breaker_ask(&line->breaker, now_ms);
	if (delivery->pass == GW_BREAKER_REFUSED) {
		give_back_refused(line, delivery, now_ms);
		return;
	}
	delivery->since_ms = now_ms;
	if (start(line, delivery, account, plain) == 0) {
		line->sending++;
		line->counters[GW_WEBHOOK_CTR_ATTEMPTS]++;
		return;
	}
	gw_breaker_report(&line->breaker, delivery->pass, false, now_ms);
	if (webhook_line_complains(line, now_ms))
		LOGPWEBHOOK(delivery, LOGL_ERROR, "cannot be sent: the URL is none, or there is no memory\n");
	webhook_failed(delivery, 0, "it cannot be sent");
}

static void give_back_quiet(struct webhook_line *line, struct webhook_delivery *delivery, int64_t now_ms)
{
	webhook_failed(delivery, line->quiet_until_ms - now_ms, "the agency did not want it for a day");
}

void webhook_line_run(struct webhook_line *line, int64_t now_ms)
{
	struct webhook_delivery *delivery;

	while (line->quiet_until_ms > now_ms && (delivery = first_waiting(line)))
		give_back_quiet(line, delivery, now_ms);
	while (line->sending < line->all->settings.concurrency && (delivery = first_waiting(line)))
		send_one(line, delivery, now_ms);
	while ((delivery = llist_first_entry_or_null(&line->waiting, struct webhook_delivery, list)) && now_ms - delivery->since_ms > WAIT_MS)
		give_back_crowded(line, first_waiting(line), now_ms);
}

void webhook_line_add(struct webhook_line *line, struct webhook_delivery *delivery)
{
	int64_t now_ms = sess_clock_ms();

	if (line->n_waiting >= line->all->settings.waiting && line->sending >= line->all->settings.concurrency) {
		give_back_crowded(line, delivery, now_ms);
		return;
	}
	delivery->since_ms = now_ms;
	llist_add_tail(&delivery->list, &line->waiting);
	line->n_waiting++;
	webhook_line_run(line, now_ms);
}

/* ---- an answer ---- */

static enum gw_webhook_ctr ctr_of(enum gw_agency_http_fault fault)
{
	switch (fault) {
	case GW_AGENCY_HTTP_NO_CONNECT:
		return GW_WEBHOOK_CTR_NO_CONNECT;
	case GW_AGENCY_HTTP_TLS:
		return GW_WEBHOOK_CTR_TLS;
	case GW_AGENCY_HTTP_TIMEOUT:
		return GW_WEBHOOK_CTR_TIMEOUT;
	case GW_AGENCY_HTTP_NONE:
	case GW_AGENCY_HTTP_TOO_LARGE:
		return GW_WEBHOOK_CTR_STATUS;
	default:
		return GW_WEBHOOK_CTR_BROKEN;
	}
}

/* Does it work at all? What it thinks of one event does not matter to the others. */
static bool is_alive(const struct gw_agency_http_result *result)
{
	return result->status >= 200 && result->status < 500 && result->status != 408 && result->status != 429;
}

static void heed(struct webhook_line *line, const struct gw_agency_http_result *result, int64_t now_ms)
{
	int64_t quiet_ms = OSMO_MIN(OSMO_MAX(result->retry_after_s, 0), QUIET_MAX_MS / 1000) * 1000;

	if (now_ms + quiet_ms > line->quiet_until_ms)
		line->quiet_until_ms = now_ms + quiet_ms;
}

static void failed(struct webhook_line *line, struct webhook_delivery *delivery, const struct gw_agency_http_result *result, int64_t now_ms)
{
	char reason[SESS_QUEUE_REASON_MAX];

	line->counters[GW_WEBHOOK_CTR_FAILED]++;
	line->counters[ctr_of(result->fault)]++;
	if (result->status)
		snprintf(reason, sizeof(reason), "the agency answered %u for a day", result->status);
	else
		snprintf(reason, sizeof(reason), "no answer for a day: %s", result->why);
	LOGPWEBHOOK(delivery, LOGL_INFO, "attempt %u: %u %s\n", delivery->handle.attempt, result->status, result->status ? "" : result->why);
	webhook_failed(delivery, OSMO_MAX(line->quiet_until_ms - now_ms, 0), reason);
}

static void delivered(struct webhook_line *line, struct webhook_delivery *delivery)
{
	line->counters[GW_WEBHOOK_CTR_DELIVERED]++;
	LOGPWEBHOOK(delivery, LOGL_DEBUG, "%s delivered, attempt %u\n", delivery->event.type, delivery->handle.attempt);
	webhook_done(delivery);
}

void webhook_on_answer(void *transfer_ctx, const struct gw_agency_http_result *result)
{
	struct webhook_delivery *delivery = transfer_ctx;
	struct webhook_line *line = delivery->line;
	int64_t now_ms = sess_clock_ms(), took_ms = now_ms - delivery->since_ms;

	line->sending--;
	if (line->all->freeing) {
		webhook_later(delivery, 0);
		return;
	}
	line->answer_ms += (uint64_t)took_ms;
	line->usual_ms = (unsigned int)((line->usual_ms * 7 + OSMO_MIN(took_ms, 60000)) / 8);
	heed(line, result, now_ms);
	if (gw_breaker_report(&line->breaker, delivery->pass, is_alive(result), now_ms)) {
		line->counters[GW_WEBHOOK_CTR_BREAKER_OPENS]++;
		LOGPWEBHOOK(delivery, LOGL_NOTICE, "%u failures in a row: the agency is left alone for %u ms\n", line->breaker.failures, line->breaker.open_ms);
	}
	if (result->status >= 200 && result->status < 300) {
		delivered(line, delivery);
	} else if (result->status == 410) {
		line->counters[GW_WEBHOOK_CTR_GONE]++;
		webhook_bury(delivery, "the agency wants no more of it (410)");
	} else {
		failed(line, delivery, result, now_ms);
	}
	webhook_line_run(line, now_ms);
}
