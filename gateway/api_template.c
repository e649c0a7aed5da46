/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* /v1/templates: an agency's templates, listed, shown, put, deleted. A change is a commit of record, index and audit line; putting the
 * same again changes nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/api.h"
#include "gateway/audit_note.h"
#include "gateway/gateway.h"
#include "gateway/loop.h"
#include "gateway/templates.h"
#include "sessions/store.h"

#define LIMIT_STANDARD 20
#define TRIES_MAX 8                      /* against others who change the same */

static void tell_unknown(struct gw_api_call *call)
{
	gw_api_problem(call, 404, "unknown-template", "%s has no template of this name", call->agency);
}

/* What is being asked; it lives until the ledger has answered, whatever becomes of the call. */
struct asking {
	struct gw *gw;
	uint64_t handle;
	char agency[33], name[GW_TEMPLATE_NAME_MAX + 1];
	struct gw_template *template;    /* to be put; NULL: to be deleted */
	bool is_new;
	sess_ledger_stamp over;
	unsigned int tries, limit;
	bool more;                       /* behind the page */
};

static struct asking *ask(struct gw_api_call *call, const char *name)
{
	struct asking *asking = talloc_zero(call->gw, struct asking);

	asking->gw = call->gw;
	asking->handle = gw_api_handle(call);
	OSMO_STRLCPY_ARRAY(asking->agency, call->agency);
	OSMO_STRLCPY_ARRAY(asking->name, name);
	return asking;
}

/* The end of it if the call is gone: NULL. */
static struct gw_api_call *call_of(struct asking *asking)
{
	struct gw_api_call *call = gw_api_call_at(asking->gw->api, asking->handle);

	if (!call)
		talloc_free(asking);
	return call;
}

static void fail(struct asking *asking, enum sess_ledger_result result)
{
	struct gw_api_call *call = call_of(asking);

	if (!call)
		return;
	gw_api_problem_ledger(call, result);
	talloc_free(asking);
}

/* ---- one ---- */

static void on_one(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_template **templates, size_t n)
{
	struct asking *asking = ctx;
	struct gw_api_call *call = call_of(asking);

	(void)token;
	if (!call)
		return;
	if (result != SESS_LEDGER_OK)
		gw_api_problem_ledger(call, result);
	else if (n)
		gw_api_answer(call, 200, gw_template_show(templates[0]));
	else
		tell_unknown(call);
	talloc_free(asking);
}

static void serve_one(struct gw_api_call *call)
{
	struct asking *asking;
	int rc;

	if (!gw_template_name_is_good(call->params[0])) {
		tell_unknown(call);
		return;
	}
	asking = ask(call, call->params[0]);
	rc = gw_templates_load(call->gw->ledger, asking, call->agency, call->params, 1, on_one, asking, 0);
	if (rc < 0)
		fail(asking, SESS_LEDGER_DOWN);
}

/* ---- all ---- */

static int by_name(const void *a, const void *b)
{
	const struct gw_template *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

static void on_page(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_template **templates, size_t n)
{
	struct asking *asking = ctx;
	struct gw_api_call *call = call_of(asking);
	json_t *list;

	(void)token;
	if (!call)
		return;
	if (result != SESS_LEDGER_OK) {
		fail(asking, result);
		return;
	}
	list = json_array();
	if (n)
		qsort(templates, n, sizeof(templates[0]), by_name);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, gw_template_show(templates[i]));
	gw_api_answer(call, 200, json_pack("{s:o, s:o}", "templates", list, "next", asking->more ? json_string(asking->name) : json_null()));
	talloc_free(asking);
}

/* All names, in their order: a page is those behind the one that the page before ended with. */
static void on_names(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_member *members, size_t n)
{
	struct asking *asking = ctx;
	const char *names[GW_TEMPLATES_LOAD_MAX];
	size_t found = 0, i = 0;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(asking, result);
		return;
	}
	for (; i < n && found < asking->limit; i++)
		if (strcmp(members[i].member, asking->name) > 0 && gw_template_name_is_good(members[i].member))
			names[found++] = members[i].member;
	asking->more = i < n;
	if (!found) {
		on_page(asking, 0, SESS_LEDGER_OK, NULL, 0);
		return;
	}
	OSMO_STRLCPY_ARRAY(asking->name, names[found - 1]);
	if (gw_templates_load(asking->gw->ledger, asking, asking->agency, names, found, on_page, asking, 0) < 0)
		fail(asking, SESS_LEDGER_DOWN);
}

static int ask_names(struct asking *asking, sess_ledger_range_cb *cb)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const struct sess_ledger_range range = { .key = key, .min = 0, .max = 0, .n = SESS_LEDGER_RANGE_MAX };

	gw_templates_key(key, asking->agency);
	return sess_ledger_range(asking->gw->ledger, &range, cb, asking, 0);
}

static void serve_all(struct gw_api_call *call)
{
	const char *cursor = gw_api_query(call, "cursor");
	struct asking *asking;
	unsigned int limit;

	if (!gw_api_query_number(call, "limit", 1, GW_TEMPLATES_LOAD_MAX, LIMIT_STANDARD, &limit))
		return;
	if (cursor && !gw_template_name_is_good(cursor)) {
		gw_api_problem(call, 400, "bad-query", "cursor is the next of a page before");
		return;
	}
	asking = ask(call, cursor ? cursor : "");
	asking->limit = limit;
	if (ask_names(asking, on_names) < 0)
		fail(asking, SESS_LEDGER_DOWN);
}

/* ---- changes ---- */

static void look(struct asking *asking);

static void on_changed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct asking *asking = ctx;
	struct gw_api_call *call;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_CONFLICT && ++asking->tries < TRIES_MAX) {
		look(asking);
		return;
	}
	if (result != SESS_LEDGER_OK) {
		fail(asking, result);
		return;
	}
	call = call_of(asking);
	if (!call)
		return;
	if (asking->template)
		gw_api_answer(call, asking->is_new ? 201 : 200, gw_template_show(asking->template));
	else
		gw_api_answer(call, 204, NULL);
	talloc_free(asking);
}

static void note(struct sess_ledger_commit *commit, const struct asking *asking)
{
	gw_audit_note(commit, gw_clock_wall_ms(), asking->template ? "template.put" : "template.deleted",
		      json_pack("{s:s, s:s}", "agency", asking->agency, "template", asking->name));
}

static void commit_change(struct asking *asking)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(asking, asking->gw->ledger, sess_store_partition(asking->agency));
	char key[SESS_LEDGER_KEY_OCTETS], index[SESS_LEDGER_KEY_OCTETS];
	int rc;

	gw_template_key(key, asking->agency, asking->name);
	gw_templates_key(index, asking->agency);
	if (asking->template) {
		size_t octets;
		char *text = gw_template_encode(asking->template, &octets);

		sess_ledger_put(commit, key, asking->over, text, octets, 0);
		sess_ledger_index(commit, index, 0, asking->name);
		free(text);
	} else {
		sess_ledger_drop(commit, key, asking->over);
		sess_ledger_unindex(commit, index, asking->name);
	}
	note(commit, asking);
	rc = sess_ledger_commit_go(commit, on_changed, asking, 0);
	talloc_free(commit);
	if (rc < 0)
		fail(asking, SESS_LEDGER_DOWN);
}

/* Who puts several at the same moment may come to have some more than the bound: it keeps a list short, and is no promise. */
static void on_counted(void *ctx, uint64_t token, enum sess_ledger_result result, int64_t count)
{
	struct asking *asking = ctx;
	struct gw_api_call *call;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		fail(asking, result);
	} else if (count < GW_TEMPLATES_MAX) {
		commit_change(asking);
	} else if ((call = call_of(asking))) {
		gw_api_problem(call, 409, "too-many-templates", "an agency has %d at most: delete one", GW_TEMPLATES_MAX);
		talloc_free(asking);
	}
}

static void go_on(struct asking *asking, const struct sess_ledger_record *there)
{
	char index[SESS_LEDGER_KEY_OCTETS];
	struct gw_api_call *call;

	asking->over = there->stamp;
	asking->is_new = !there->stamp;
	if (!asking->is_new) {
		commit_change(asking);
	} else if (asking->template) {
		gw_templates_key(index, asking->agency);
		if (sess_ledger_size(asking->gw->ledger, index, on_counted, asking, 0) < 0)
			fail(asking, SESS_LEDGER_DOWN);
	} else if ((call = call_of(asking))) {
		tell_unknown(call);
		talloc_free(asking);
	}
}

/* True: it is put already, as it is. The answer was lost, or nothing has changed. */
static bool is_same(struct asking *asking, const struct sess_ledger_record *there)
{
	struct gw_template *before = there->stamp ? gw_template_decode(asking, asking->name, there->value, there->octets) : NULL;
	bool same = before && asking->template && json_equal(before->text, asking->template->text);

	if (same)
		asking->template->changed_ms = before->changed_ms;
	talloc_free(before);
	return same;
}

static void on_there(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct asking *asking = ctx;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK)
		fail(asking, result);
	else if (is_same(asking, records))
		on_changed(asking, 0, SESS_LEDGER_OK, NULL);
	else
		go_on(asking, records);
}

static void look(struct asking *asking)
{
	char key[SESS_LEDGER_KEY_OCTETS];
	const char *keys[] = { key };

	gw_template_key(key, asking->agency, asking->name);
	if (sess_ledger_load(asking->gw->ledger, keys, 1, on_there, asking, 0) < 0)
		fail(asking, SESS_LEDGER_DOWN);
}

/* False: it was answered. */
static bool has_text_only(struct gw_api_call *call)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];
	const char *name;
	json_t *value;

	if (!json_is_object(call->body)) {
		gw_api_problem_at(call, 422, "bad-field", "", "a template is an object");
		return false;
	}
	json_object_foreach((json_t *)(uintptr_t)call->body, name, value)
		if (strcmp(name, "text") != 0) {
			gw_mistake_pointer(pointer, "", name);
			gw_api_problem_at(call, 422, "bad-field", pointer, "a template has text, and nothing else");
			return false;
		}
	return true;
}

static void begin_put(struct gw_api_call *call)
{
	struct gw_mistakes mistakes = { 0 };
	struct asking *asking;
	json_t *errors;

	if (!gw_template_name_is_good(call->params[0])) {
		gw_api_problem(call, 400, "bad-request", "a template's name has at most %d small letters, digits, _ and -, a letter first", GW_TEMPLATE_NAME_MAX);
		return;
	}
	if (!has_text_only(call))
		return;
	asking = ask(call, call->params[0]);
	asking->template = gw_template_compile(asking, asking->name, json_object_get(call->body, "text"), &mistakes);
	if (asking->template) {
		asking->template->changed_ms = gw_clock_wall_ms();
		look(asking);
		return;
	}
	errors = json_array();
	gw_mistakes_show(&mistakes, "", errors);
	gw_api_problem_list(call, 422, "bad-field", errors);
	talloc_free(asking);
}

static void begin_delete(struct gw_api_call *call)
{
	if (gw_template_name_is_good(call->params[0]))
		look(ask(call, call->params[0]));
	else
		tell_unknown(call);
}

const struct gw_api_route gw_api_template_routes[] = {
	{ .method = "GET", .path = "/v1/templates", .scope = GW_SCOPE_TEMPLATES, .begin = serve_all },
	{ .method = "GET", .path = "/v1/templates/{name}", .scope = GW_SCOPE_TEMPLATES, .begin = serve_one },
	{ .method = "PUT", .path = "/v1/templates/{name}", .scope = GW_SCOPE_TEMPLATES, .body = GW_API_JSON, .begin = begin_put },
	{ .method = "DELETE", .path = "/v1/templates/{name}", .scope = GW_SCOPE_TEMPLATES, .begin = begin_delete },
	{ .path = NULL },
};
