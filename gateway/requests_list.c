/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Lists of requests. Those of an agency lie in 64 partitions: from each is asked for a page, they are put in order, and the records of
 * the first of them are loaded. A place in that order is "<milliseconds>.<code>": codes tell apart what came in the same one.
 *
 * A member of an agency's list is "<code>.<number>", of a citizen's "<code>". Members whose record has expired are taken out of all
 * lists by whoever meets them in one of an agency, or by the sweep; the number says which citizen's list it is, too. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/requests_priv.h"
#include "sessions/clock.h"
#include "sessions/store.h"

#define SLACK 32                /* of a page: those of the cursor's own millisecond that came before it */
#define SWEEP_MAX 32

struct place { int64_t ms; char code[GW_REQUEST_CODE_OCTETS], msisdn[GW_MSISDN_MAX + 1]; };

struct look {
	struct gw_requests *requests;
	char agency[33];                 /* "": of a citizen */
	int state;                       /* -1: any */
	struct place after;              /* code "": the beginning */
	unsigned int limit, waiting;
	bool newest_first, failed;
	enum sess_ledger_result result;
	size_t n;
	struct place *places;
	bool more;
	gw_requests_list_cb *cb;
	void *ctx;
	uint64_t token;
};

static int order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->ms != y->ms ? (x->ms > y->ms) - (x->ms < y->ms) : strcmp(x->code, y->code);
}

static int newest(const void *a, const void *b)
{
	return order(b, a);
}

/* ---- taking out what has expired ---- */

static bool read_member(const char *member, struct place *place)
{
	char code[GW_REQUEST_CODE_OCTETS];

	osmo_strlcpy(code, member, sizeof(code)); /* what is behind it is cut */
	if (!gw_request_code_read(code, place->code))
		return false;
	member += strlen(code);
	osmo_strlcpy(place->msisdn, *member == '.' ? member + 1 : "", sizeof(place->msisdn));
	return true;
}

static void take_out(struct gw_requests *requests, const char *agency, const struct place *place)
{
	unsigned int partition = (unsigned int)gw_request_partition(place->code);
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(requests, requests->config.ledger, partition);
	char key[SESS_LEDGER_KEY_OCTETS], member[GW_REQUEST_MEMBER_OCTETS];

	gw_requests_member(place->code, place->msisdn, member);
	for (int i = -1; i < 0 || gw_request_states[i]; i++)
		if (gw_requests_list_key(key, partition, agency, i < 0 ? NULL : gw_request_states[i]))
			sess_ledger_unindex(commit, key, member);
	if (gw_requests_citizen_key(key, place->msisdn))
		sess_ledger_unindex(commit, key, place->code);
	if (gw_requests_key(key, place->code))
		sess_ledger_check(commit, key, 0); /* only if it is still not there */
	if (sess_ledger_commit_go(commit, NULL, NULL, 0) == 0)
		requests->counters.swept++;
	talloc_free(commit);
}

/* ---- a page ---- */

static void answer(struct look *look, json_t *const *records, size_t n)
{
	char next[48] = "";

	if (look->more && look->n > 0 && !look->newest_first)
		snprintf(next, sizeof(next), "%" PRId64 ".%s", look->places[look->n - 1].ms, look->places[look->n - 1].code);
	look->cb(look->ctx, look->token, look->result, records, n, next);
	talloc_free(look);
}

static void fail(struct look *look, enum sess_ledger_result result)
{
	look->result = result;
	look->more = false;
	answer(look, NULL, 0);
}

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *loaded, size_t n)
{
	json_t *records[GW_REQUESTS_PAGE_MAX] = { NULL };
	struct look *look = ctx;
	size_t found = 0;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(look, result);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		json_t *record = loaded[i].stamp ? gw_request_decode(loaded[i].value, loaded[i].octets) : NULL;

		if (!loaded[i].stamp && look->agency[0])
			take_out(look->requests, look->agency, &look->places[i]);
		/* The list is one commit old at most; the record decides. */
		if (record && (look->state < 0 || (int)gw_request_state(record) == look->state))
			records[found++] = record;
		else
			json_decref(record);
	}
	answer(look, records, found);
	for (size_t i = 0; i < found; i++)
		json_decref(records[i]);
}

static void load_page(struct look *look)
{
	char keys[GW_REQUESTS_PAGE_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[GW_REQUESTS_PAGE_MAX];

	if (look->n > 0)
		qsort(look->places, look->n, sizeof(*look->places), look->newest_first ? newest : order);
	look->more = look->more || look->n > look->limit;
	look->n = OSMO_MIN(look->n, (size_t)look->limit);
	for (size_t i = 0; i < look->n; i++) {
		gw_requests_key(keys[i], look->places[i].code);
		pointers[i] = keys[i];
	}
	if (look->n == 0)
		answer(look, NULL, 0);
	else if (sess_ledger_load(look->requests->config.ledger, pointers, look->n, on_records, look, 0) < 0)
		fail(look, SESS_LEDGER_DOWN);
}

static void add_place(struct look *look, const struct sess_ledger_member *member)
{
	struct place place = { .ms = (int64_t)member->score };

	if (!read_member(member->member, &place) || (look->after.code[0] && order(&place, &look->after) <= 0))
		return;
	look->places = talloc_realloc(look, look->places, struct place, (unsigned int)(look->n + 1));
	look->places[look->n++] = place;
}

static void on_members(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct look *look = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK)
		look->result = result;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++)
		add_place(look, &members[i]);
	if (--look->waiting > 0)
		return;
	if (look->result == SESS_LEDGER_OK)
		load_page(look);
	else
		fail(look, look->result);
}

static bool read_cursor(const char *cursor, struct place *place)
{
	char *end;

	if (!cursor)
		return true;
	place->ms = strtoll(cursor, &end, 10);
	return end > cursor && *end == '.' && place->ms > 0 && strlen(end + 1) == GW_REQUEST_CODE_OCTETS - 1 && gw_request_code_read(end + 1, place->code);
}

static struct look *look_alloc(struct gw_requests *requests, unsigned int limit, gw_requests_list_cb *cb, void *ctx, uint64_t token)
{
	struct look *look = talloc_zero(requests, struct look);

	look->requests = requests;
	look->state = -1;
	look->limit = OSMO_MIN(limit, (unsigned int)GW_REQUESTS_PAGE_MAX);
	look->result = SESS_LEDGER_OK;
	look->cb = cb;
	look->ctx = ctx;
	look->token = token;
	return look;
}

int gw_requests_of_agency(struct gw_requests *requests, const char *agency, int state, const char *cursor, unsigned int limit,
			  gw_requests_list_cb *cb, void *ctx, uint64_t token)
{
	struct look *look = look_alloc(requests, limit, cb, ctx, token);
	char key[SESS_LEDGER_KEY_OCTETS];

	osmo_strlcpy(look->agency, agency, sizeof(look->agency));
	look->state = state;
	if (!read_cursor(cursor, &look->after)) {
		talloc_free(look);
		return -EINVAL;
	}
	for (unsigned int partition = 0; partition < SESS_QUEUE_PARTITIONS; partition++) {
		const struct sess_ledger_range range = { .key = key, .min = (double)look->after.ms, .max = 1e18, .n = look->limit + SLACK };

		if (gw_requests_list_key(key, partition, agency, state < 0 ? NULL : gw_request_states[state]) &&
		    sess_ledger_range(requests->config.ledger, &range, on_members, look, 0) == 0)
			look->waiting++;
	}
	if (look->waiting == SESS_QUEUE_PARTITIONS)
		return 0;
	look->result = SESS_LEDGER_DOWN; /* those that were sent are waited for */
	if (look->waiting > 0)
		return 0;
	talloc_free(look);
	return -ENOTCONN;
}

int gw_requests_of_citizen(struct gw_requests *requests, const char *msisdn, unsigned int skip, unsigned int limit, gw_requests_list_cb *cb,
			   void *ctx, uint64_t token)
{
	struct look *look = look_alloc(requests, limit, cb, ctx, token);
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e18, .newest_first = true, .skip = skip, .n = look->limit };
	int rc = -EINVAL;

	look->newest_first = true;
	look->waiting = 1;
	if (gw_requests_citizen_key(key, msisdn))
		rc = sess_ledger_range(requests->config.ledger, &range, on_members, look, 0);
	if (rc < 0)
		talloc_free(look);
	return rc;
}

/* ---- the sweep ---- */

struct sweep {
	struct gw_requests *requests;
	char agency[33];
	unsigned int partition, skip;
	size_t n;
	struct place places[SWEEP_MAX];
};

static int sweep_on(struct sweep *sweep);

/* What was changed long after it came lives on among what is gone: it is passed over. */
static void on_swept(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct sweep *sweep = ctx;

	(void)token;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n; i++) {
		if (records[i].stamp)
			sweep->skip++;
		else
			take_out(sweep->requests, sweep->agency, &sweep->places[i]);
	}
	if (result != SESS_LEDGER_OK || n < SWEEP_MAX || sweep_on(sweep) < 0)
		talloc_free(sweep);
}

static void on_old(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	char keys[SWEEP_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SWEEP_MAX];
	struct sweep *sweep = ctx;

	(void)token;
	sweep->n = 0;
	for (size_t i = 0; result == SESS_LEDGER_OK && i < n && sweep->n < SWEEP_MAX; i++) {
		if (!read_member(members[i].member, &sweep->places[sweep->n]) || !gw_requests_key(keys[sweep->n], sweep->places[sweep->n].code))
			continue;
		pointers[sweep->n] = keys[sweep->n];
		sweep->n++;
	}
	if (sweep->n == 0 || sess_ledger_load(sweep->requests->config.ledger, pointers, sweep->n, on_swept, sweep, 0) < 0)
		talloc_free(sweep);
}

static int sweep_on(struct sweep *sweep)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = (double)(sess_clock_wall_ms() - sweep->requests->config.keep_ms),
		.skip = sweep->skip, .n = SWEEP_MAX };

	if (!gw_requests_list_key(key, sweep->partition, sweep->agency, NULL))
		return -EINVAL;
	return sess_ledger_range(sweep->requests->config.ledger, &range, on_old, sweep, 0);
}

void gw_requests_sweep(struct gw_requests *requests, const char *agency, unsigned int partition)
{
	struct sweep *sweep = talloc_zero(requests, struct sweep);

	sweep->requests = requests;
	sweep->partition = partition;
	osmo_strlcpy(sweep->agency, agency, sizeof(sweep->agency));
	if (sweep_on(sweep) < 0)
		talloc_free(sweep);
}
