/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /v1/notices/unsure: the agency's notices of which at some time it was not known whether they had gone out - a gateway died, or a
 * network did not answer. Only these can have reached a citizen twice, or not at all while we think so; each is shown as it is now.
 *
 * The outbox lists them in each partition by time, all agencies' together. A page goes on where the one before ended: partition, time,
 * and how many of that time had been looked at. They are few; but a page that has looked at LOOKS_MAX rows in vain ends
 * short, with a place to go on from. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/api_notice.h"
#include "gateway/gateway.h"
#include "gateway/notices.h"

#define LIMIT_STANDARD 50
#define ROWS 200
#define LOOKS_MAX 100                    /* ranges of rows in a call: more than there are partitions */
#define TIME_END 1e15

struct place { unsigned int partition; int64_t at_ms; unsigned int skip; };

struct search {
	struct gw *gw;
	uint64_t handle;
	char agency[33];
	struct place place;              /* of the next row */
	unsigned int limit, looks;
	size_t n, loaded;
	char ids[API_UNSURE_MAX][GW_NOTICE_ID_OCTETS];
	json_t *list;
};

static int free_search(struct search *search)
{
	json_decref(search->list);
	return 0;
}

static bool is_over(const struct search *search)
{
	return search->place.partition >= SESS_QUEUE_PARTITIONS;
}

/* NULL, and the search is over: the call is. */
static struct gw_api_call *call_of(struct search *search)
{
	struct gw_api_call *call = gw_api_call_at(search->gw->api, search->handle);

	if (!call)
		talloc_free(search);
	return call;
}

static void fail(struct search *search, enum sess_ledger_result result)
{
	struct gw_api_call *call = call_of(search);

	if (!call)
		return;
	gw_api_problem_ledger(call, result);
	talloc_free(search);
}

/* ---- the notices that were found ---- */

static void load_more(struct search *search);

static void on_records(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct search *search = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(search, result);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct gw_notice *notice = records[i].stamp ? gw_notice_decode(search, records[i].value, records[i].octets) : NULL;

		if (notice && strcmp(notice->agency, search->agency) == 0) /* it is there still */
			json_array_append_new(search->list, gw_notice_show_briefly(notice));
		talloc_free(notice);
	}
	search->loaded += n;
	load_more(search);
}

static void answer(struct search *search)
{
	struct gw_api_call *call = call_of(search);
	char next[64];

	if (!call)
		return;
	snprintf(next, sizeof(next), "%u.%" PRId64 ".%u", search->place.partition, search->place.at_ms, search->place.skip);
	gw_api_answer(call, 200, json_pack("{s:O, s:o}", "notices", search->list, "next", is_over(search) ? json_null() : json_string(next)));
	talloc_free(search);
}

static void load_more(struct search *search)
{
	char keys[SESS_LEDGER_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[SESS_LEDGER_LOAD_MAX];
	size_t n = OSMO_MIN(search->n - search->loaded, (size_t)SESS_LEDGER_LOAD_MAX);

	if (n == 0) {
		answer(search);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		gw_notices_key(keys[i], search->ids[search->loaded + i]);
		pointers[i] = keys[i];
	}
	if (sess_ledger_load(search->gw->ledger, pointers, n, on_records, search, 0) < 0)
		fail(search, SESS_LEDGER_DOWN);
}

/* ---- the lists ---- */

/* A row is "<agency> <id>". */
static void take_row(struct search *search, const struct sess_ledger_member *row)
{
	size_t n = strlen(search->agency);
	int64_t at_ms = (int64_t)row->score;

	search->place.skip = at_ms == search->place.at_ms ? search->place.skip + 1 : 1;
	search->place.at_ms = at_ms;
	if (strncmp(row->member, search->agency, n) == 0 && row->member[n] == ' ' && gw_notice_partition(row->member + n + 1) >= 0)
		memcpy(search->ids[search->n++], row->member + n + 1, GW_NOTICE_ID_OCTETS);
}

static void look(struct search *search);

static void on_rows(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *rows, size_t n)
{
	struct search *search = ctx;
	size_t taken = 0;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(search, result);
		return;
	}
	while (taken < n && search->n < search->limit)
		take_row(search, &rows[taken++]);
	if (taken == n && n < ROWS)
		search->place = (struct place){ .partition = search->place.partition + 1 };
	if (is_over(search) || search->n == search->limit || ++search->looks == LOOKS_MAX)
		load_more(search);
	else
		look(search);
}

static void look(struct search *search)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = (double)search->place.at_ms, .max = TIME_END, .skip = search->place.skip, .n = ROWS };

	gw_unsure_log_key(key, search->place.partition);
	if (sess_ledger_range(search->gw->ledger, &range, on_rows, search, 0) < 0)
		fail(search, SESS_LEDGER_DOWN);
}

/* ---- the call ---- */

static bool read_cursor(const char *cursor, struct place *place)
{
	int n = 0;

	*place = (struct place){ 0 };
	if (!cursor)
		return true;
	if (strspn(cursor, "0123456789.") != strlen(cursor) || strlen(cursor) > 40)
		return false;
	return sscanf(cursor, "%2u.%15" SCNd64 ".%9u%n", &place->partition, &place->at_ms, &place->skip, &n) == 3 && !cursor[n] &&
	       place->partition < SESS_QUEUE_PARTITIONS;
}

void api_notice_unsure(struct gw_api_call *call)
{
	struct search *search;
	struct place place;
	unsigned int limit;

	if (!gw_api_query_number(call, "limit", 1, API_UNSURE_MAX, LIMIT_STANDARD, &limit))
		return;
	if (!read_cursor(gw_api_query(call, "cursor"), &place)) {
		gw_api_problem(call, 400, "bad-query", "cursor is the next of a page before");
		return;
	}
	search = talloc_zero(call->gw, struct search);
	talloc_set_destructor(search, free_search);
	search->gw = call->gw;
	search->handle = gw_api_handle(call);
	OSMO_STRLCPY_ARRAY(search->agency, call->agency);
	search->place = place;
	search->limit = limit;
	search->list = json_array();
	look(search);
}
