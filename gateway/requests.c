/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See requests.h. What is pending is an object of its own (struct raise, struct change), which its last answer frees. */
#include "gateway/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/audit_note.h"
#include "gateway/event.h"
#include "gateway/log.h"
#include "gateway/notices.h"
#include "gateway/requests_priv.h"
#include "gateway/say.h"
#include "gateway/usage.h"
#include "menus/pin.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define CODES_MAX 8             /* draws until one is free: a partition has 450,000 */
#define CHANGES_MAX 8           /* tries against others who change the same record */

struct gw_requests *gw_requests_alloc(void *ctx, const struct gw_requests_config *config)
{
	struct gw_requests *requests = talloc_zero(ctx, struct gw_requests);

	requests->config = *config;
	return requests;
}

const struct gw_requests_counters *gw_requests_counters(const struct gw_requests *requests)
{
	return &requests->counters;
}

/* ---- keys and what goes into commits ---- */

bool gw_requests_key(char key[SESS_LEDGER_KEY_OCTETS], const char *code)
{
	int partition = gw_request_partition(code);

	return partition >= 0 && sess_ledger_key(key, "request", (unsigned int)partition, code);
}

bool gw_requests_list_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition, const char *agency, const char *state)
{
	char id[96];

	snprintf(id, sizeof(id), "%.32s%s%s", agency, state ? "." : "", state ? state : "");
	return sess_ledger_key(key, "asked", partition, id);
}

void gw_requests_member(const char *code, const char *msisdn, char member[GW_REQUEST_MEMBER_OCTETS])
{
	snprintf(member, GW_REQUEST_MEMBER_OCTETS, "%.9s.%.20s", code, msisdn);
}

bool gw_requests_citizen_key(char key[SESS_LEDGER_KEY_OCTETS], const char *msisdn)
{
	return sess_ledger_key(key, "asks", sess_store_partition(msisdn), msisdn);
}

void gw_requests_note(struct sess_ledger_commit *commit, const json_t *record, const char *what)
{
	gw_audit_note(commit, sess_clock_wall_ms(), what,
		      json_pack("{s:O, s:O, s:O, s:O}", "request", json_object_get(record, "code"), "agency", json_object_get(record, "agency"), "service",
				json_object_get(record, "service"), "state", json_object_get(record, "state")));
}

static void put_lists(struct sess_ledger_commit *commit, const json_t *record, const char *before)
{
	unsigned int partition = sess_store_partition(gw_request_text(record, "msisdn"));
	const char *agency = gw_request_text(record, "agency");
	double received = (double)json_integer_value(json_object_get(record, "received"));
	char key[SESS_LEDGER_KEY_OCTETS], member[GW_REQUEST_MEMBER_OCTETS];

	gw_requests_member(gw_request_text(record, "code"), gw_request_text(record, "msisdn"), member);
	if (before && gw_requests_list_key(key, partition, agency, before))
		sess_ledger_unindex(commit, key, member);
	if (gw_requests_list_key(key, partition, agency, gw_request_text(record, "state")))
		sess_ledger_index(commit, key, received, member);
}

void gw_requests_put(struct gw_requests *requests, struct sess_ledger_commit *commit, const json_t *record, sess_ledger_stamp over,
		     enum gw_request_state before)
{
	char key[SESS_LEDGER_KEY_OCTETS] = "", *text = json_dumps(record, JSON_COMPACT);

	gw_requests_key(key, gw_request_text(record, "code"));
	sess_ledger_put(commit, key, over, text, strlen(text), requests->config.keep_ms);
	free(text);
	if (before != gw_request_state(record))
		put_lists(commit, record, gw_request_states[before]);
}

/* ---- raising ---- */

struct raise {
	struct gw_requests *requests;
	json_t *record;                  /* its code is that of the last draw */
	char once[SESS_LEDGER_KEY_OCTETS]; /* "": it may be repeated */
	char content[GW_REQUEST_HASH_OCTETS]; /* "": it is not compared */
	int64_t once_ms;
	bool silent;
	unsigned int draws;
	gw_requests_cb *cb;
	void *ctx;
	uint64_t token;
};

static int raise_free(struct raise *raise)
{
	json_decref(raise->record);
	return 0;
}

/* The SMS that says it was accepted. NULL: it cannot be said. */
static struct gw_notice *confirmation(const struct raise *raise, void *ctx)
{
	const struct menu_set *set = menu_pins_current(raise->requests->config.pins);
	const char *code = gw_request_text(raise->record, "code"), *language = gw_request_text(raise->record, "language");
	struct gw_notice *notice = gw_notice_alloc(ctx);
	char text[GW_SAY_OCTETS];

	if (!set || gw_say(set, MENU_PHRASE_SMS_RECEIVED, language, gw_request_title(raise->record, language), code, NULL, text) == 0)
		return NULL;
	osmo_strlcpy(notice->msisdn, gw_request_text(raise->record, "msisdn"), sizeof(notice->msisdn));
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_URGENT; /* the citizen waits for it, at any hour */
	notice->channels = GW_CHANNEL_SMS;
	notice->route = (uint16_t)json_integer_value(json_object_get(raise->record, "route"));
	osmo_strlcpy(notice->language, language, sizeof(notice->language));
	gw_notice_set(notice, &notice->sender, gw_request_text(raise->record, "to"));
	gw_notice_set(notice, &notice->request, code);
	gw_notice_set(notice, &notice->text[strcmp(language, "en") == 0 ? 1 : 0], text);
	return notice;
}

static void put_record(const struct raise *raise, struct sess_ledger_commit *commit)
{
	const json_t *record = raise->record;
	const char *code = gw_request_text(record, "code"), *msisdn = gw_request_text(record, "msisdn");
	char key[SESS_LEDGER_KEY_OCTETS], member[GW_REQUEST_MEMBER_OCTETS], *text = json_dumps(record, JSON_COMPACT);
	double received = (double)json_integer_value(json_object_get(record, "received"));

	if (gw_requests_key(key, code))
		sess_ledger_new(commit, key, text, strlen(text), raise->requests->config.keep_ms);
	free(text);
	put_lists(commit, record, NULL);
	if (gw_requests_list_key(key, sess_store_partition(msisdn), gw_request_text(record, "agency"), NULL)) {
		gw_requests_member(code, msisdn, member);
		sess_ledger_index(commit, key, received, member);
	}
	if (gw_requests_citizen_key(key, msisdn))
		sess_ledger_index(commit, key, received, code);
}

static void put_once(const struct raise *raise, struct sess_ledger_commit *commit)
{
	char text[96];

	snprintf(text, sizeof(text), "{\"once\":\"%s\",\"content\":\"%s\"}", gw_request_text(raise->record, "code"), raise->content);
	sess_ledger_new(commit, raise->once, text, strlen(text), raise->once_ms);
}

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there);

/* Draws a code and commits everything under it. */
static int go(struct raise *raise)
{
	struct gw_requests *requests = raise->requests;
	unsigned int partition = sess_store_partition(gw_request_text(raise->record, "msisdn"));
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(raise, requests->config.ledger, partition);
	char code[GW_REQUEST_CODE_OCTETS];
	struct gw_notice *notice;
	json_t *data;
	int rc = 0;

	gw_request_draw_code(partition, code);
	raise->draws++;
	json_object_set_new(raise->record, "code", json_string(code));
	if (raise->once[0])
		put_once(raise, commit);
	put_record(raise, commit);
	notice = raise->silent ? NULL : confirmation(raise, commit);
	if (!raise->silent)
		rc = notice ? gw_notices_add(requests->config.notices, commit, notice) : -EINVAL;
	data = gw_request_show_briefly(raise->record);
	json_object_set(data, "fields", json_object_get(raise->record, "fields"));
	gw_event_add(requests->config.events, commit, gw_request_text(raise->record, "agency"), "request.received", data);
	json_decref(data);
	gw_requests_note(commit, raise->record, "request.received");
	if (rc == 0)
		rc = sess_ledger_commit_go(commit, on_raised, raise, 0);
	talloc_free(commit);
	return rc;
}

static void tell(struct raise *raise, enum sess_ledger_result result, const char *code)
{
	struct gw_requests_counters *counters = &raise->requests->counters;

	if (result == SESS_LEDGER_OK) {
		counters->raised++;
		gw_usage_request(raise->requests->config.usage, gw_request_text(raise->record, "agency"), gw_request_text(raise->record, "channel"),
				 "received", -1);
		LOGP(GW_LOG_AGENCY, LOGL_INFO, "request(%s) of %s to %s.%s\n", code, gw_log_mask(gw_request_text(raise->record, "msisdn")),
		     gw_request_text(raise->record, "agency"), gw_request_text(raise->record, "service"));
	}
	counters->repeated += result == SESS_LEDGER_THERE;
	counters->failures += result != SESS_LEDGER_OK && result != SESS_LEDGER_THERE && result != SESS_LEDGER_CONFLICT;
	raise->cb(raise->ctx, raise->token, result, code);
	talloc_free(raise);
}

/* What stands in the way is either the same request, or another one with this code. */
static void on_there(struct raise *raise, const struct sess_ledger_record *there)
{
	json_t *record = json_loadb(there->value, there->octets, 0, NULL);
	bool same = strcmp(gw_request_text(record, "content"), raise->content) == 0;
	char code[GW_REQUEST_CODE_OCTETS];

	osmo_strlcpy(code, gw_request_text(record, "once"), sizeof(code));
	json_decref(record);
	if (code[0]) {
		tell(raise, same ? SESS_LEDGER_THERE : SESS_LEDGER_CONFLICT, same ? code : NULL);
		return;
	}
	raise->requests->counters.collisions++;
	if (raise->draws >= CODES_MAX || go(raise) < 0)
		tell(raise, SESS_LEDGER_FULL, NULL);
}

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct raise *raise = ctx;

	(void)token;
	if (result == SESS_LEDGER_THERE)
		on_there(raise, there);
	else
		tell(raise, result, result == SESS_LEDGER_OK ? gw_request_text(raise->record, "code") : NULL);
}

static bool make_once(struct raise *raise, const struct gw_request_new *request)
{
	const struct gw_piece pieces[] = { { "request", 7 }, { request->msisdn, strlen(request->msisdn) }, { request->once, request->once_octets } };
	const struct gw_piece content = { request->content, request->content_octets };
	char hash[GW_REQUEST_HASH_OCTETS];

	if (!request->once)
		return true;
	if (request->content)
		gw_request_hash(&content, 1, raise->content);
	gw_request_hash(pieces, ARRAY_SIZE(pieces), hash);
	return sess_ledger_key(raise->once, "once", sess_store_partition(request->msisdn), hash);
}

static int check_agency(const struct gw_requests *requests, const char *agency)
{
	enum gw_agency_there there = requests->config.agency(requests->config.ctx, agency);

	return there == GW_AGENCY_THERE ? 0 : there == GW_AGENCY_NOT_THERE ? -ENOENT : -EAGAIN;
}

int gw_requests_raise(struct gw_requests *requests, const struct gw_request_new *request, gw_requests_cb *cb, void *ctx, uint64_t token)
{
	struct raise *raise;
	int rc = check_agency(requests, request->agency);

	if (rc < 0)
		return rc;
	raise = talloc_zero(requests, struct raise);
	talloc_set_destructor(raise, raise_free);
	raise->requests = requests;
	raise->once_ms = request->once_ms ? request->once_ms : requests->config.repeat_ms;
	raise->silent = request->silent;
	raise->cb = cb;
	raise->ctx = ctx;
	raise->token = token;
	raise->record = gw_request_make(request, "", sess_clock_wall_ms());
	rc = raise->record && make_once(raise, request) ? go(raise) : -EINVAL;
	if (rc < 0)
		talloc_free(raise);
	return rc;
}

/* ---- loading ---- */

struct load { gw_requests_load_cb *cb; void *ctx; uint64_t token; };

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct load *load = ctx;
	json_t *record = result == SESS_LEDGER_OK && records->stamp ? gw_request_decode(records->value, records->octets) : NULL;

	(void)token;
	(void)n;
	load->cb(load->ctx, load->token, result, record);
	json_decref(record);
	talloc_free(load);
}

int gw_requests_load(struct gw_requests *requests, const char *code, gw_requests_load_cb *cb, void *ctx, uint64_t token)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };
	struct load *load;
	int rc;

	if (!gw_requests_key(key, code))
		return -EINVAL;
	load = talloc(requests, struct load);
	*load = (struct load){ cb, ctx, token };
	rc = sess_ledger_load(requests->config.ledger, keys, 1, on_loaded, load, 0);
	if (rc < 0)
		talloc_free(load);
	return rc;
}

/* ---- delivered ---- */

struct delivery {
	struct gw_requests *requests;
	char key[SESS_LEDGER_KEY_OCTETS], agency[GW_USAGE_NAME_OCTETS], channel[8]; /* the last two to be counted */
	unsigned int tries;
};

static int load_again(struct delivery *delivery);

static void on_delivered(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct delivery *delivery = ctx;

	(void)token;
	(void)there;
	delivery->requests->counters.delivered += result == SESS_LEDGER_OK;
	if (result == SESS_LEDGER_OK)
		gw_usage_request(delivery->requests->config.usage, delivery->agency, delivery->channel, "delivered", -1);
	delivery->requests->counters.conflicts += result == SESS_LEDGER_CONFLICT;
	if (result != SESS_LEDGER_CONFLICT || ++delivery->tries == CHANGES_MAX || load_again(delivery) < 0)
		talloc_free(delivery);
}

static void on_to_deliver(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct delivery *delivery = ctx;
	struct gw_requests *requests = delivery->requests;
	json_t *record = result == SESS_LEDGER_OK && records->stamp ? gw_request_decode(records->value, records->octets) : NULL;
	struct sess_ledger_commit *commit;
	int rc = -EALREADY;

	(void)token;
	(void)n;
	if (record && gw_request_state(record) == GW_REQUEST_RECEIVED) {
		commit = sess_ledger_commit_begin(delivery, requests->config.ledger, sess_store_partition(gw_request_text(record, "msisdn")));
		gw_request_set_state(record, GW_REQUEST_DELIVERED, sess_clock_wall_ms());
		OSMO_STRLCPY_ARRAY(delivery->agency, gw_request_text(record, "agency"));
		OSMO_STRLCPY_ARRAY(delivery->channel, gw_request_text(record, "channel"));
		gw_requests_put(requests, commit, record, records->stamp, GW_REQUEST_RECEIVED);
		gw_requests_note(commit, record, "request.delivered");
		rc = sess_ledger_commit_go(commit, on_delivered, delivery, 0);
		talloc_free(commit);
	}
	json_decref(record);
	if (rc < 0)
		talloc_free(delivery);
}

static int load_again(struct delivery *delivery)
{
	const char *keys[] = { delivery->key };

	return sess_ledger_load(delivery->requests->config.ledger, keys, 1, on_to_deliver, delivery, 0);
}

int gw_requests_delivered(struct gw_requests *requests, const char *code)
{
	struct delivery *delivery = talloc_zero(requests, struct delivery);
	int rc = -EINVAL;

	delivery->requests = requests;
	if (gw_requests_key(delivery->key, code))
		rc = load_again(delivery);
	if (rc < 0)
		talloc_free(delivery);
	return rc;
}
