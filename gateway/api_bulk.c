/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/bulk: jobs of bulk sending. Uploading one is in bulk_upload.c; here are what such a call says in its head, and all that
 * is asked of a job later: where it stands, which rows were bad, pause, resume, cancel. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/account.h"
#include "gateway/bulk_priv.h"
#include "gateway/event.h"
#include "gateway/rfc3339.h"
#include "gateway/templates.h"
#include "sessions/clock.h"

#define FILE_OCTETS (1024u * 1024 * 1024)
#define LIST_MAX 50u
#define ERROR_BATCHES SESS_LEDGER_LOAD_MAX
#define ATTEMPTS_MAX 8

/* ---- a question about a job, or some. Who asked is known by handle; the question itself lives until its last answer. */
struct question {
	struct gw_bulk *bulk;
	uint64_t call;
	char agency[33], id[GW_BULK_ID_OCTETS];
	const struct change *change;
	unsigned int attempts, skip;
	unsigned int more;               /* where the next page begins; 0: there is none */
	struct gw_bulk_job *job;
	struct sess_ledger_commit *commit;
};

static struct question *ask(struct gw_api_call *call)
{
	struct question *question = talloc_zero(call->gw->bulk, struct question);

	question->bulk = call->gw->bulk;
	question->call = gw_api_handle(call);
	OSMO_STRLCPY_ARRAY(question->agency, call->agency);
	return question;
}

static struct gw_api_call *caller(const struct question *question)
{
	return gw_api_call_at(question->bulk->gw->api, question->call);
}

static void give_answer(struct question *question, json_t *body)
{
	struct gw_api_call *call = caller(question);

	if (call)
		gw_api_answer(call, 200, body);
	else
		json_decref(body);
	talloc_free(question);
}

/* more: where the next page begins; 0: there is none. */
static void give_page(struct question *question, json_t *page, unsigned int more)
{
	char cursor[16];

	snprintf(cursor, sizeof(cursor), "%u", more);
	json_object_set_new_nocheck(page, "next", more ? json_string(cursor) : json_null());
	json_object_set_new_nocheck(page, "more", json_boolean(more));
	give_answer(question, page);
}

static void give_ledger_problem(struct question *question, enum sess_ledger_result result)
{
	struct gw_api_call *call = caller(question);

	if (call)
		gw_api_problem_ledger(call, result);
	talloc_free(question);
}

static void give_problem(struct question *question, unsigned int status, const char *type, const char *detail)
{
	struct gw_api_call *call = caller(question);

	if (call)
		gw_api_problem(call, status, type, "%s", detail);
	talloc_free(question);
}

/* A job of whoever asks. False: it was answered. */
static bool take_job(struct question *question, enum sess_ledger_result result, const struct sess_ledger_record *record)
{
	if (result != SESS_LEDGER_OK) {
		give_ledger_problem(question, result);
		return false;
	}
	question->job = gw_bulk_job_decode(question, record->value, record->octets);
	if (question->job && strcmp(question->job->agency, question->agency) == 0)
		return true;
	give_problem(question, 404, "unknown-bulk", "there is no such job");
	return false;
}

static void load_job(struct question *question, sess_ledger_load_cb *cb)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	gw_bulk_job_key(key, question->id);
	if (sess_ledger_load(question->bulk->gw->ledger, keys, 1, cb, question, 0) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

/* NULL: it was answered. */
static struct question *ask_of_job(struct gw_api_call *call)
{
	struct question *question;

	if (gw_bulk_partition(call->params[0]) < 0) {
		gw_api_problem(call, 404, "unknown-bulk", "there is no such job");
		return NULL;
	}
	question = ask(call);
	OSMO_STRLCPY_ARRAY(question->id, call->params[0]);
	return question;
}

/* ---- GET /v1/bulk/{id}: with what became of its notices ---- */

static void on_sum(void *ctx, uint64_t token, const int64_t *tallies)
{
	struct question *question = ctx;

	(void)token;
	if (tallies)
		give_answer(question, gw_bulk_job_show(question->job, tallies));
	else
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

static void on_shown(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct question *question = ctx;

	(void)token;
	(void)n;
	if (take_job(question, result, records) && bulk_sum(question->bulk, question->id, BULK_SUM_ALL, on_sum, question, 0) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

static void get_job(struct gw_api_call *call)
{
	struct question *question = ask_of_job(call);

	if (question)
		load_job(question, on_shown);
}

/* ---- GET /v1/bulk/{id}/errors ---- */

static void append_errors(json_t *list, const struct sess_ledger_record *record)
{
	json_t *batch = record->stamp ? json_loadb(record->value, record->octets, 0, NULL) : NULL, *row;
	size_t i;

	json_array_foreach(batch, i, row) {
		const char *pointer, *detail;
		json_int_t line;

		if (json_unpack(row, "[I, s, s]", &line, &pointer, &detail) == 0)
			json_array_append_new(list, json_pack("{s:I, s:s, s:s}", "line", line, "pointer", pointer, "detail", detail));
	}
	json_decref(batch);
}

static void on_errors(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct question *question = ctx;
	json_t *list;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		give_ledger_problem(question, result);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < n; i++)
		append_errors(list, &records[i]);
	give_page(question, json_pack("{s:I, s:o}", "failed", (json_int_t)question->job->failed, "errors", list),
		  question->skip + n < question->job->batches ? question->skip + (unsigned int)n : 0);
}

static void on_errors_job(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	static char texts[ERROR_BATCHES][SESS_LEDGER_KEY_OCTETS];
	const char *keys[ERROR_BATCHES];
	struct question *question = ctx;

	(void)token;
	if (!take_job(question, result, records))
		return;
	for (n = 0; n < ERROR_BATCHES && question->skip + n < question->job->batches; n++) {
		gw_bulk_errors_key(texts[n], question->id, question->skip + n);
		keys[n] = texts[n];
	}
	if (n == 0)
		give_page(question, json_pack("{s:I, s:[]}", "failed", (json_int_t)question->job->failed, "errors"), 0);
	else if (sess_ledger_load(question->bulk->gw->ledger, keys, n, on_errors, question, 0) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

static void get_errors(struct gw_api_call *call)
{
	struct question *question;
	unsigned int from;

	if (!gw_api_query_number(call, "cursor", 0, GW_BULK_ERRORS_KEPT, 0, &from) || !(question = ask_of_job(call)))
		return;
	question->skip = from;
	load_job(question, on_errors_job);
}

/* ---- GET /v1/bulk ---- */

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct question *question = ctx;
	json_t *list;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		give_ledger_problem(question, result);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		struct gw_bulk_job *job = gw_bulk_job_decode(question, records[i].value, records[i].octets);

		if (job && strcmp(job->agency, question->agency) == 0) /* one that has expired is listed for nobody */
			json_array_append_new(list, gw_bulk_job_show(job, NULL));
	}
	give_page(question, json_pack("{s:o}", "jobs", list), question->more);
}

static void on_ids(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	static char texts[LIST_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *keys[LIST_MAX];
	struct question *question = ctx;
	size_t found = 0;

	if (result != SESS_LEDGER_OK) {
		give_ledger_problem(question, result);
		return;
	}
	question->more = n > token ? question->skip + (unsigned int)token : 0;
	for (size_t i = 0; i < n && i < token; i++) {
		if (gw_bulk_partition(members[i].member) < 0)
			continue;
		gw_bulk_job_key(texts[found], members[i].member);
		keys[found] = texts[found];
		found++;
	}
	if (found == 0)
		give_page(question, json_pack("{s:[]}", "jobs"), question->more);
	else if (sess_ledger_load(question->bulk->gw->ledger, keys, found, on_list, question, 0) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

static void get_list(struct gw_api_call *call)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	struct sess_ledger_range range = { .key = key, .min = 0, .max = 1e15, .newest_first = true };
	unsigned int limit, skip;
	struct question *question;

	if (!gw_api_query_number(call, "limit", 1, LIST_MAX, 20, &limit) || !gw_api_query_number(call, "cursor", 0, 100000, 0, &skip))
		return;
	question = ask(call);
	question->skip = range.skip = skip;
	range.n = limit + 1; /* to know whether there are more */
	gw_bulk_list_key(key, call->agency);
	if (sess_ledger_range(question->bulk->gw->ledger, &range, on_ids, question, limit) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

/* ---- POST /v1/bulk/{id}/pause, resume, cancel ---- */

static const struct change {
	const char *name, *note;
	enum gw_bulk_state to;
	unsigned int from;               /* 1 << state, added up */
} changes[] = {
	{ "pause", "bulk.paused", GW_BULK_PAUSED, 1U << GW_BULK_RUNNING },
	{ "resume", "bulk.resumed", GW_BULK_RUNNING, 1U << GW_BULK_PAUSED },
	{ "cancel", "bulk.cancelled", GW_BULK_CANCELLED, 1U << GW_BULK_RUNNING | 1U << GW_BULK_PAUSED },
};

static void on_job_to_change(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n);

static void on_changed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct question *question = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++question->attempts < ATTEMPTS_MAX) {
		load_job(question, on_job_to_change); /* the feeder was faster */
	} else if (result == SESS_LEDGER_CONFLICT) {
		give_problem(question, 409, "conflict", "the job is being changed: ask again");
	} else if (result != SESS_LEDGER_OK) {
		give_ledger_problem(question, result);
	} else {
		bulk_learn_state(question->bulk, question->id, question->job->state);
		bulk_feed_hint(question->bulk, question->id);
		give_answer(question, gw_bulk_job_show(question->job, NULL));
	}
}

/* Who feeds it finds its token gone, and lets go. */
static void change_job(struct question *question, sess_ledger_stamp stamp)
{
	struct gw_bulk_job *job = question->job;
	struct gw_bulk *bulk = question->bulk;
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(question, bulk->gw->ledger, (unsigned int)gw_bulk_partition(job->id));

	job->state = question->change->to;
	job->state_ms = sess_clock_wall_ms();
	job->feeder[0] = '\0';
	bulk_put_job(commit, job, stamp);
	bulk_note(commit, job, question->change->note);
	if (job->state == GW_BULK_CANCELLED && bulk->gw->events) {
		json_t *data = gw_bulk_job_show(job, NULL);

		gw_event_add(bulk->gw->events, commit, job->agency, question->change->note, data);
		json_decref(data);
	}
	if (sess_ledger_commit_go(commit, on_changed, question, 0) < 0)
		give_ledger_problem(question, SESS_LEDGER_DOWN);
}

static void on_job_to_change(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct question *question = ctx;
	enum gw_bulk_state state;

	(void)token;
	(void)n;
	if (!take_job(question, result, records))
		return;
	state = question->job->state;
	if (state == question->change->to)
		give_answer(question, gw_bulk_job_show(question->job, NULL));
	else if (question->change->from & 1U << state)
		change_job(question, records[0].stamp);
	else
		give_problem(question, 409, "wrong-state", gw_bulk_over(state) ? "the job is over" : "the file is being uploaded");
}

static void change(struct gw_api_call *call, const struct change *to)
{
	struct question *question = ask_of_job(call);

	if (!question)
		return;
	question->change = to;
	load_job(question, on_job_to_change);
}

static void post_pause(struct gw_api_call *call)
{
	change(call, &changes[0]);
}

static void post_resume(struct gw_api_call *call)
{
	change(call, &changes[1]);
}

static void post_cancel(struct gw_api_call *call)
{
	change(call, &changes[2]);
}

/* ---- POST /v1/bulk ---- */

/* Query parameters that are members of all notices; a list is parted by commas. */
static const struct { const char *name; bool list; } members[] = {
	{ "template", false }, { "title", false }, { "class", false }, { "priority", false }, { "channels", true }, { "not_before", false },
	{ "not_after", false }, { "on_unknown", false }, { "language", false },
};

static json_t *read_list(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == ',');
	}
	return list;
}

static void read_members(const struct gw_api_call *call, json_t *notice)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *value = gw_api_query(call, members[i].name);

		if (value)
			json_object_set_new(notice, members[i].name, members[i].list ? read_list(value) : json_string(value));
	}
	if (!json_object_get(notice, "priority"))
		json_object_set_new(notice, "priority", json_string("bulk"));
}

/* False: it is neither, and was answered. */
static bool read_format(struct gw_api_call *call, enum gw_bulk_format *format)
{
	static const struct { const char *type; enum gw_bulk_format format; } types[] = {
		{ "text/csv", GW_BULK_CSV }, { "application/x-ndjson", GW_BULK_NDJSON },
	};
	const char *type = gw_api_header(call, "Content-Type");
	size_t n = type ? strcspn(type, "; \t") : 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (n == strlen(types[i].type) && strncasecmp(type, types[i].type, n) == 0) {
			*format = types[i].format;
			return true;
		}
	}
	gw_api_problem(call, 415, "unsupported-type", "Content-Type must be text/csv or application/x-ndjson, of UTF-8");
	return false;
}

/* False: it was answered. */
static bool read_paused(struct gw_api_call *call, bool *paused)
{
	const char *value = gw_api_query(call, "paused");

	*paused = value && strcmp(value, "true") == 0;
	if (!value || *paused || strcmp(value, "false") == 0)
		return true;
	gw_api_problem(call, 400, "bad-query", "paused is true or false");
	return false;
}

static struct gw_bulk_job *make_job(const struct gw_api_call *call)
{
	struct gw_bulk_job *job = gw_bulk_job_alloc(call->gw->bulk);
	const char *not_before;

	gw_bulk_make_id(job->id, call->agency, call->idempotency_key);
	gw_bulk_make_nonce(job->nonce);
	OSMO_STRLCPY_ARRAY(job->agency, call->agency);
	OSMO_STRLCPY_ARRAY(job->sender, call->account->sender);
	job->state = GW_BULK_UPLOADING;
	job->created_ms = job->state_ms = sess_clock_wall_ms();
	read_members(call, job->notice);
	not_before = json_string_value(json_object_get(job->notice, "not_before"));
	if (not_before)
		gw_rfc3339_parse(not_before, &job->not_before_ms); /* what is none is blamed by the maker */
	return job;
}

/* What the call's head said, while its template is being loaded. */
struct beginning { struct gw_bulk *bulk; uint64_t call; struct gw_bulk_job *job; enum gw_bulk_format format; bool paused; };

/* The job is taken over; the call is answered, now or later. */
static void begin_job(struct gw_api_call *call, const struct beginning *beginning)
{
	struct gw_bulk_bad bad = { .pointer = "" };
	struct gw_bulk_maker *maker = gw_bulk_maker_alloc(beginning->bulk, beginning->job, &bad);

	if (maker) {
		bulk_upload_begin(beginning->bulk, call, beginning->job, maker, beginning->format, beginning->paused);
		return;
	}
	gw_api_problem(call, 400, "bad-query", "%s: %s", bad.pointer + (bad.pointer[0] == '/'), bad.detail);
	talloc_free(beginning->job);
}

static void on_template(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_template **templates, size_t n)
{
	struct beginning *beginning = ctx;
	struct gw_api_call *call = gw_api_call_at(beginning->bulk->gw->api, beginning->call);

	(void)token;
	if (call && result != SESS_LEDGER_OK) {
		gw_api_problem_ledger(call, result);
	} else if (call && n == 0) {
		gw_api_problem(call, 404, "unknown-template", "%s has no template of this name", call->agency);
	} else if (call) {
		beginning->job->template_text = json_incref(templates[0]->text);
		talloc_steal(beginning->bulk, beginning->job);
		begin_job(call, beginning);
	}
	talloc_free(beginning);
}

/* The client is held back meanwhile. */
static void load_template(struct gw_api_call *call, struct beginning *beginning, const char *name)
{
	talloc_steal(beginning, beginning->job);
	if (gw_templates_load(call->gw->ledger, beginning, call->agency, &name, 1, on_template, beginning, 0) == 0) {
		gw_api_pause(call);
		return;
	}
	gw_api_problem(call, 404, "unknown-template", "%s has no template of this name", call->agency);
	talloc_free(beginning);
}

static void begin_upload(struct gw_api_call *call)
{
	struct beginning beginning = { .bulk = call->gw->bulk, .call = gw_api_handle(call) };
	const char *template = gw_api_query(call, "template");

	if (!read_format(call, &beginning.format) || !read_paused(call, &beginning.paused))
		return;
	beginning.job = make_job(call);
	if (template)
		load_template(call, talloc_memdup(call->gw->bulk, &beginning, sizeof(beginning)), template);
	else
		begin_job(call, &beginning);
}

const struct gw_api_route gw_api_bulk_routes[] = {
	{ .method = "POST", .path = "/v1/bulk", .scope = GW_SCOPE_BULK, .body = GW_API_STREAM, .body_max = FILE_OCTETS, .begin = begin_upload,
	  .piece = bulk_upload_piece, .end = bulk_upload_end, .gone = bulk_upload_gone },
	{ .method = "GET", .path = "/v1/bulk", .scope = GW_SCOPE_BULK, .begin = get_list },
	{ .method = "GET", .path = "/v1/bulk/{id}", .scope = GW_SCOPE_BULK, .begin = get_job },
	{ .method = "GET", .path = "/v1/bulk/{id}/errors", .scope = GW_SCOPE_BULK, .begin = get_errors },
	{ .method = "POST", .path = "/v1/bulk/{id}/pause", .scope = GW_SCOPE_BULK, .begin = post_pause },
	{ .method = "POST", .path = "/v1/bulk/{id}/resume", .scope = GW_SCOPE_BULK, .begin = post_resume },
	{ .method = "POST", .path = "/v1/bulk/{id}/cancel", .scope = GW_SCOPE_BULK, .begin = post_cancel },
	{ 0 },
};
