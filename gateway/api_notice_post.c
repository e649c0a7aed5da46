/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* POST /v1/notices: one notice, or up to API_NOTICES_MAX at once, each with its own verdict.
 *
 *   load the templates that are named
 *   read all ──> with a key: was it used? ──no──────────────────────────> commit what is good, all at once ──> one answer
 *                               └─yes, for the same──> what is there?──┘ (what is not)
 *                               └─yes, for something else──> 422
 *
 * The ids of a call with an Idempotency-Key follow from the agency, the key, the body and the place in it. So a call that is made again
 * makes nothing twice; what of it is there already is accepted whatever would be said of it today (its time may be over), and
 * takes nothing from the quota; the rest is as new. The record `once:` keeps which body the key was used for.
 *
 * A posting lives until the ledger has answered, not as long as the call: what is accepted stays so if the client hangs up. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account.h"
#include "gateway/api_notice.h"
#include "gateway/gateway.h"
#include "gateway/loop.h"
#include "gateway/notice_read.h"
#include "gateway/notices.h"
#include "gateway/quota.h"
#include "gateway/templates.h"
#include "sessions/store.h"

#define ONCE_MS (3 * 86400000LL)         /* so long a key is remembered */
#define ERRORS_MAX 100                   /* told of a call of which nothing was good */

enum item_state {
	ITEM_BAD,        /* `errors` say why */
	ITEM_READY,      /* may be accepted */
	ITEM_ACCEPTED,   /* now, or by the same call before */
	ITEM_FAILED,     /* `result` says why */
};
struct item {
	enum item_state state;
	char id[GW_NOTICE_ID_OCTETS];    /* "": nobody knows to whom it is */
	struct gw_notice *notice;        /* READY */
	json_t *errors;
	enum sess_ledger_result result;
};

struct posting {
	struct gw *gw;
	uint64_t handle;
	char agency[33], sender[GW_NOTICE_SENDER_OCTETS];
	json_t *body;                    /* until it has been read */
	bool listed;                     /* {"notices": [...]}, else one */
	struct { uint8_t base[GW_API_HASH_OCTETS]; uint32_t index; } seed;
	char once[SESS_LEDGER_KEY_OCTETS], once_value[96]; /* "": without a key */
	size_t n, open;                  /* open: answers of the ledger still to come */
	enum sess_ledger_result failure; /* of a look at what is there */
	struct item items[];
};

static int free_posting(struct posting *posting)
{
	json_decref(posting->body);
	for (size_t i = 0; i < posting->n; i++)
		json_decref(posting->items[i].errors);
	return 0;
}

static struct gw_api_call *call_of(const struct posting *posting)
{
	return gw_api_call_at(posting->gw->api, posting->handle);
}

/* ---- the answer ---- */

static size_t count(const struct posting *posting, enum item_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < posting->n; i++)
		n += posting->items[i].state == state;
	return n;
}

static json_t *show_verdict(struct item *item)
{
	unsigned int status = 422;
	const char *type = "bad-field", *detail = NULL;

	if (item->state == ITEM_ACCEPTED)
		return json_pack("{s:s}", "id", item->id);
	if (item->state == ITEM_FAILED)
		gw_api_ledger_words(item->result, &status, &type, &detail);
	return json_pack("{s:o}", "problem", gw_api_problem_part(status, type, json_incref(item->errors), detail));
}

static void answer_verdicts(struct posting *posting, struct gw_api_call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < posting->n; i++)
		json_array_append_new(list, show_verdict(&posting->items[i]));
	gw_api_answer(call, 202, json_pack("{s:o}", "notices", list));
}

static void answer_mistakes(struct posting *posting, struct gw_api_call *call)
{
	json_t *all = json_array();

	for (size_t i = 0; i < posting->n; i++)
		for (size_t k = 0; k < json_array_size(posting->items[i].errors) && json_array_size(all) < ERRORS_MAX; k++)
			json_array_append(all, json_array_get(posting->items[i].errors, k));
	gw_api_problem_list(call, 422, "bad-field", all);
}

static const struct item *first_failed(const struct posting *posting)
{
	for (size_t i = 0; i < posting->n; i++)
		if (posting->items[i].state == ITEM_FAILED)
			return &posting->items[i];
	return NULL;
}

static void finish(struct posting *posting)
{
	struct gw_api_call *call = call_of(posting);
	const struct item *failed = first_failed(posting);

	if (!call)
		;
	else if (count(posting, ITEM_ACCEPTED))
		answer_verdicts(posting, call);
	else if (failed)
		gw_api_problem_ledger(call, failed->result);
	else
		answer_mistakes(posting, call);
	talloc_free(posting);
}

/* ---- accepting ---- */

static void fail(struct posting *posting, struct item *item, enum sess_ledger_result result)
{
	item->state = ITEM_FAILED;
	item->result = result;
	if (posting->gw->api) /* else all is being freed, the quotas too */
		gw_quotas_give(posting->gw->quotas, posting->agency, 1, gw_clock_wall_ms());
}

static void on_accepted(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct posting *posting = ctx;
	struct item *item = &posting->items[token];

	if (result == SESS_LEDGER_OK || result == SESS_LEDGER_THERE)
		item->state = ITEM_ACCEPTED;
	else
		fail(posting, item, result);
	if (--posting->open == 0)
		finish(posting);
}

static void add_errors(const struct posting *posting, struct item *item, const struct gw_mistakes *mistakes)
{
	char prefix[32] = "";

	if (posting->listed)
		snprintf(prefix, sizeof(prefix), "/notices/%zu", (size_t)(item - posting->items));
	item->errors = json_array();
	gw_mistakes_show(mistakes, prefix, item->errors);
}

static void accept_one(struct posting *posting, size_t index)
{
	struct item *item = &posting->items[index];
	int rc = gw_notices_accept(posting->gw->notices, item->notice, on_accepted, posting, index);
	struct gw_mistakes mistakes = { 0 };

	TALLOC_FREE(item->notice);
	if (rc == 0) {
		posting->open++;
		return;
	}
	fail(posting, item, SESS_LEDGER_DOWN);
	if (rc != -EINVAL)
		return;
	item->state = ITEM_BAD;
	gw_mistakes_add(&mistakes, "/to", "no mobile network of this gateway serves the number");
	add_errors(posting, item, &mistakes);
}

static void accept_all(struct posting *posting)
{
	struct gw_api_call *call = call_of(posting);
	size_t ready = count(posting, ITEM_READY);

	/* nothing is begun for nobody */
	if (!call || (ready && !gw_api_take_quota(call, (unsigned int)ready))) {
		talloc_free(posting);
		return;
	}
	for (size_t i = 0; i < posting->n; i++)
		if (posting->items[i].state == ITEM_READY)
			accept_one(posting, i);
	if (posting->open == 0)
		finish(posting);
}

/* ---- what of a call that is made again is there? ---- */

/* One answer less to come. */
static void looked(struct posting *posting)
{
	struct gw_api_call *call;

	if (--posting->open)
		return;
	if (posting->failure == SESS_LEDGER_OK) {
		accept_all(posting);
		return;
	}
	call = call_of(posting);
	if (call)
		gw_api_problem_ledger(call, posting->failure);
	talloc_free(posting);
}

/* token: the first item that was asked for. */
static void on_there(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct posting *posting = ctx;
	size_t at = 0;

	if (result != SESS_LEDGER_OK)
		posting->failure = result;
	for (size_t i = (size_t)token; result == SESS_LEDGER_OK && i < posting->n && at < n; i++)
		if (posting->items[i].id[0] && records[at++].stamp)
			posting->items[i].state = ITEM_ACCEPTED;
	looked(posting);
}

static void look_for_all(struct posting *posting)
{
	char keys[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SESS_LEDGER_LOAD_MAX];
	size_t n = 0, from = 0;

	posting->open = 1; /* ours */
	for (size_t i = 0; i < posting->n; i++) {
		if (n == 0)
			from = i;
		if (posting->items[i].id[0]) {
			gw_notices_key(keys[n], posting->items[i].id);
			pointers[n] = keys[n];
			n++;
		}
		if (n < SESS_LEDGER_LOAD_MAX && (i + 1 < posting->n || !n))
			continue;
		if (sess_ledger_load(posting->gw->ledger, pointers, n, on_there, posting, from) == 0)
			posting->open++;
		else
			posting->failure = SESS_LEDGER_DOWN;
		n = 0;
	}
	looked(posting);
}

/* ---- the key ---- */

static void tell_reused(struct posting *posting)
{
	struct gw_api_call *call = call_of(posting);

	if (call)
		gw_api_problem(call, 422, "idempotency-conflict", "this key was used for another body");
	talloc_free(posting);
}

static bool is_same(const struct posting *posting, const struct sess_ledger_record *there)
{
	return there->octets == strlen(posting->once_value) && memcmp(there->value, posting->once_value, there->octets) == 0;
}

static void go_on(struct posting *posting, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct gw_api_call *call = call_of(posting);

	if (result != SESS_LEDGER_OK) {
		if (call)
			gw_api_problem_ledger(call, result);
		talloc_free(posting);
	} else if (!there) {
		accept_all(posting);
	} else if (is_same(posting, there)) {
		look_for_all(posting);
	} else {
		tell_reused(posting);
	}
}

static void on_once(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)token;
	go_on(ctx, result == SESS_LEDGER_THERE ? SESS_LEDGER_OK : result, there);
}

static void on_once_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	(void)token;
	(void)n;
	go_on(ctx, result, result == SESS_LEDGER_OK && records->stamp ? records : NULL);
}

/* A key is not used up by a call of which nothing is good: it is only looked whether it was good once. */
static int ask_once(struct posting *posting)
{
	struct sess_ledger *ledger = posting->gw->ledger;
	const char *keys[] = { posting->once };
	unsigned int partition = sess_store_partition(strchr(posting->once, '}') + 2);
	struct sess_ledger_commit *commit;
	int rc;

	if (!count(posting, ITEM_READY))
		return sess_ledger_load(ledger, keys, 1, on_once_loaded, posting, 0);
	commit = sess_ledger_commit_begin(posting, ledger, partition);
	sess_ledger_new(commit, posting->once, posting->once_value, strlen(posting->once_value), ONCE_MS);
	rc = sess_ledger_commit_go(commit, on_once, posting, 0);
	talloc_free(commit);
	return rc;
}

/* Where the ids come from; with a key the same each time. */
static void set_seed(struct posting *posting, const struct gw_api_call *call)
{
	char text[2 * GW_API_HASH_OCTETS + 1];
	crypto_generichash_state state;
	uint8_t hash[16];

	if (!call->idempotency_key) {
		randombytes_buf(posting->seed.base, sizeof(posting->seed.base));
		return;
	}
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)call->agency, strlen(call->agency) + 1);
	crypto_generichash_update(&state, (const uint8_t *)call->idempotency_key, strlen(call->idempotency_key));
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	sess_ledger_key(posting->once, "once", sess_store_partition(text), text);
	crypto_generichash(posting->seed.base, sizeof(posting->seed.base), hash, sizeof(hash), call->body_hash, sizeof(call->body_hash));
	sodium_bin2hex(text, sizeof(text), call->body_hash, sizeof(call->body_hash));
	snprintf(posting->once_value, sizeof(posting->once_value), "{\"body\":\"%s\"}", text);
}

/* ---- reading ---- */

static void read_one(struct posting *posting, size_t index, const json_t *object, const struct gw_notice_terms *terms)
{
	struct item *item = &posting->items[index];
	struct gw_notice_reading reading;
	bool good = gw_notice_read(posting, object, terms, &reading);

	if (reading.to[0]) {
		posting->seed.index = (uint32_t)index;
		gw_notice_make_id(item->id, reading.to, &posting->seed, sizeof(posting->seed));
	}
	if (good && reading.notice->sensitive && gw_notices_seal(posting->gw->notices, reading.notice, reading.national_id) < 0)
		good = false; /* there is a key, and the text is not too long: not met with */
	sodium_memzero(reading.national_id, sizeof(reading.national_id));
	item->state = good ? ITEM_READY : ITEM_BAD;
	item->notice = reading.notice;
	if (good)
		OSMO_STRLCPY_ARRAY(item->notice->id, item->id);
	else
		add_errors(posting, item, &reading.mistakes);
}

/* NULL: it was answered. One object is a list of one. */
static struct posting *posting_alloc(struct gw_api_call *call, const json_t *list)
{
	size_t n = list ? json_array_size(list) : 1;
	struct posting *posting;

	if (list && (n < 1 || n > API_NOTICES_MAX || json_object_size(call->body) != 1)) {
		gw_api_problem_at(call, 422, "bad-field", "/notices", "it is a list of 1 to %d notices, and nothing stands beside it", API_NOTICES_MAX);
		return NULL;
	}
	posting = talloc_zero_size(call->gw, sizeof(*posting) + n * sizeof(posting->items[0]));
	talloc_set_name_const(posting, "struct posting");
	posting->gw = call->gw;
	posting->handle = gw_api_handle(call);
	posting->n = n;
	posting->listed = list;
	posting->body = json_incref((json_t *)(uintptr_t)call->body);
	OSMO_STRLCPY_ARRAY(posting->agency, call->agency);
	OSMO_STRLCPY_ARRAY(posting->sender, call->account->sender);
	talloc_set_destructor(posting, free_posting);
	return posting;
}

static const json_t *object_at(const struct posting *posting, size_t index)
{
	return posting->listed ? json_array_get(json_object_get(posting->body, "notices"), index) : posting->body;
}

static void read_all(struct posting *posting, struct gw_template *const *templates, size_t n)
{
	const struct gw_notice_terms terms = { .agency = posting->agency, .sender = posting->sender, .now_ms = gw_clock_wall_ms(),
					       .can_seal = posting->gw->seal, .n_templates = n, .templates = templates };

	for (size_t i = 0; i < posting->n; i++)
		read_one(posting, i, object_at(posting, i), &terms);
	json_decref(posting->body);
	posting->body = NULL;
	if (!posting->once[0])
		accept_all(posting);
	else if (ask_once(posting) < 0)
		go_on(posting, SESS_LEDGER_DOWN, NULL);
}

/* ---- templates: those that are named are loaded first ---- */

static void on_templates(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_template **templates, size_t n)
{
	struct posting *posting = ctx;

	(void)token;
	if (result == SESS_LEDGER_OK)
		read_all(posting, templates, n);
	else
		go_on(posting, result, NULL);
}

void api_notice_post(struct gw_api_call *call)
{
	struct posting *posting = posting_alloc(call, json_object_get(call->body, "notices"));
	const char *names[GW_TEMPLATES_LOAD_MAX];
	int n = 0;

	if (!posting)
		return;
	set_seed(posting, call);
	for (size_t i = 0; i < posting->n; i++)
		n = gw_templates_named(object_at(posting, i), names, n);
	if (n < 0) {
		gw_api_problem_at(call, 422, "bad-field", "/notices", "the notices of a call may have %d templates between them", GW_TEMPLATES_LOAD_MAX);
		talloc_free(posting);
	} else if (n == 0) {
		read_all(posting, NULL, 0);
	} else if (gw_templates_load(call->gw->ledger, posting, call->agency, names, (size_t)n, on_templates, posting, 0) < 0) {
		go_on(posting, SESS_LEDGER_DOWN, NULL);
	}
}
