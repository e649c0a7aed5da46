/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See catalogue_state.h. All services are read anew each time, then the file's put between them. Nothing is kept, so nothing can be old;
 * there are some dozens, and a thousand at most. */
#include "gateway/catalogue_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/audit_note.h"
#include "gateway/event.h"
#include "gateway/rfc3339.h"
#include "sessions/clock.h"
#include "sessions/ledger_list.h"

#define SERVICE "service"                /* the records' kind */
#define CHANGES_MAX 8                    /* tries against others who change the same */

/* ---- keys and lines ---- */

bool gw_service_key(char key[SESS_LEDGER_KEY_OCTETS], const char *name)
{
	return gw_service_name_ok(name) && sess_ledger_key(key, SERVICE, GW_SERVICE_PARTITION, name);
}

void gw_service_note(struct sess_ledger_commit *commit, const char *what, const char *name, const char *by, json_t *more)
{
	json_t *line = json_pack("{s:s, s:s}", "service", name, "by", by);

	json_object_update(line, more);
	json_decref(more);
	gw_audit_note(commit, sess_clock_wall_ms(), what, line);
}

/* ---- all of them ---- */

struct loading {
	struct sess_ledger *ledger;
	json_t *file;                    /* name: record, of the file; those that are put together are taken out */
	char today[GW_DAY_OCTETS];
	struct gw_services *services;
	gw_services_cb *cb;
	void *ctx;
	uint64_t token;
};

static int free_services(struct gw_services *services)
{
	for (size_t i = 0; i < services->n; i++)
		json_decref(services->at[i].record);
	return 0;
}

static int free_loading(struct loading *loading)
{
	json_decref(loading->file);
	return 0;
}

static void finish(struct loading *loading, enum sess_ledger_result result)
{
	loading->cb(loading->ctx, loading->token, result, result == SESS_LEDGER_OK ? loading->services : NULL);
	talloc_free(loading);
}

/* Takes over the record. */
static void add(struct loading *loading, json_t *record)
{
	struct gw_services *services = loading->services;

	services->at = talloc_realloc(services, services->at, struct gw_service, (unsigned int)(services->n + 1));
	if (gw_service_read(record, loading->today, &services->at[services->n]))
		services->n++;
	json_decref(record);
}

static int64_t order_of(const struct gw_service *service)
{
	json_int_t order = json_integer_value(json_object_get(service->record, "order"));

	return order > 0 ? order : INT64_MAX;
}

static int by_order(const void *a, const void *b)
{
	const struct gw_service *x = a, *y = b;

	return order_of(x) != order_of(y) ? (order_of(x) > order_of(y)) - (order_of(x) < order_of(y)) : strcmp(x->name, y->name);
}

/* The rest of the file, of which the ledger knows nothing. */
static void complete(struct loading *loading)
{
	struct gw_services *services = loading->services;
	const char *name;
	json_t *record;

	json_object_foreach(loading->file, name, record) {
		add(loading, json_incref(record));
	}
	if (services->n)
		qsort(services->at, services->n, sizeof(*services->at), by_order);
	for (size_t i = services->n; i-- > 0;)
		if (services->at[i].state == GW_CATALOGUE_LATE)
			services->first_late = &services->at[i];
	finish(loading, SESS_LEDGER_OK);
}

static void on_service(void *ctx, const char *of, const struct sess_ledger_record *there)
{
	struct loading *loading = ctx;
	json_t *record = there->stamp ? json_loadb(there->value, there->octets, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *name = gw_service_text(record, "name");

	(void)of;
	if (record)
		add(loading, gw_service_merge(json_object_get(loading->file, name), record));
	json_object_del(loading->file, name);
	json_decref(record);
}

static void on_all(void *ctx, enum sess_ledger_result result)
{
	if (result == SESS_LEDGER_OK)
		complete(ctx);
	else
		finish(ctx, result);
}

static void on_closing(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct loading *loading = ctx;
	const struct sess_ledger_list all = { .index = GW_SERVICES_INDEX, .kind = SERVICE, .partition = GW_SERVICE_PARTITION, .max = GW_SERVICES_MAX,
					      .each = on_service, .done = on_all, .ctx = loading };
	json_t *closing;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		finish(loading, result);
		return;
	}
	if (records->stamp) {
		closing = json_loadb(records->value, records->octets, 0, NULL);
		loading->services->closing_ms = json_integer_value(json_object_get(closing, "until"));
		json_decref(closing);
	}
	if (sess_ledger_list(loading, loading->ledger, &all) < 0)
		finish(loading, SESS_LEDGER_DOWN);
}

int gw_services_load(void *ctx, struct sess_ledger *ledger, const struct gw_catalogue *file, gw_services_cb *cb, void *cb_ctx, uint64_t token)
{
	static const char *const closing = GW_SERVICES_CLOSING;
	struct loading *loading = talloc_zero(ctx, struct loading);
	int rc;

	talloc_set_destructor(loading, free_loading);
	*loading = (struct loading){ .ledger = ledger, .file = json_object(), .services = talloc_zero(loading, struct gw_services), .cb = cb,
				     .ctx = cb_ctx, .token = token };
	talloc_set_destructor(loading->services, free_services);
	gw_service_day(sess_clock_wall_ms(), loading->today);
	for (size_t i = 0; file && i < file->n; i++)
		json_object_set_new(loading->file, file->entries[i].name, gw_service_of_file(&file->entries[i]));
	if (file && file->closing)
		loading->services->closing_ms = gw_service_day_end(file->closing);
	rc = sess_ledger_load(ledger, &closing, 1, on_closing, loading, 0);
	if (rc < 0)
		talloc_free(loading);
	return rc;
}

const struct gw_service *gw_services_find(const struct gw_services *services, const char *name)
{
	for (size_t i = 0; i < services->n; i++)
		if (strcmp(services->at[i].name, name) == 0)
			return &services->at[i];
	return NULL;
}

/* ---- one is changed ---- */

struct changing {
	struct gw_service_change change;
	char name[GW_SERVICE_NAME_MAX + 1], agency[33], what[32], by[80], key[SESS_LEDGER_KEY_OCTETS];
	json_t *file, *record;           /* of the file, or NULL; as it is to be */
	unsigned int tries;
};

static int free_changing(struct changing *changing)
{
	json_decref(changing->file);
	json_decref(changing->record);
	return 0;
}

static void tell(struct changing *changing, enum gw_service_changed changed, const char *why)
{
	changing->change.cb(changing->change.cb_ctx, changing->change.token, changed, changed == GW_SERVICE_CHANGED ? changing->record : NULL, why);
	talloc_free(changing);
}

static int load(struct changing *changing);

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct changing *changing = ctx;

	(void)token;
	(void)there;
	if (result == SESS_LEDGER_OK)
		tell(changing, GW_SERVICE_CHANGED, NULL);
	else if (result != SESS_LEDGER_CONFLICT || ++changing->tries == CHANGES_MAX || load(changing) < 0)
		tell(changing, GW_SERVICE_FAILED, result == SESS_LEDGER_CONFLICT ? "others change it all the time: nothing was done"
										 : "the ledger does not answer: it is not known whether it was done");
}

static bool is_event(const char *what)
{
	for (size_t i = 0; gw_event_type(i); i++)
		if (strcmp(gw_event_type(i)->name, what) == 0)
			return true;
	return false;
}

static int commit(struct changing *changing, sess_ledger_stamp over)
{
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(changing, changing->change.ledger, GW_SERVICE_PARTITION);
	char *text = json_dumps(changing->record, JSON_COMPACT);
	int rc;

	sess_ledger_put(commit, changing->key, over, text, strlen(text), 0);
	free(text);
	sess_ledger_index(commit, GW_SERVICES_INDEX, 0, changing->name);
	gw_service_note(commit, changing->what, changing->name, changing->by,
			json_pack("{s:s, s:s}", "agency", gw_service_text(changing->record, "agency"), "state", gw_service_text(changing->record, "state")));
	if (changing->change.events && is_event(changing->what))
		gw_event_add(changing->change.events, commit, gw_service_text(changing->record, "agency"), changing->what, changing->record);
	rc = sess_ledger_commit_go(commit, on_committed, changing, 0);
	talloc_free(commit);
	return rc;
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct changing *changing = ctx;
	char today[GW_DAY_OCTETS];
	json_t *there;
	const char *why;

	(void)token;
	(void)n;
	if (result != SESS_LEDGER_OK) {
		tell(changing, GW_SERVICE_FAILED, "the ledger does not answer: nothing was done");
		return;
	}
	there = records->stamp ? json_loadb(records->value, records->octets, JSON_REJECT_DUPLICATES, NULL) : NULL;
	json_decref(changing->record);
	changing->record = there || changing->file ? gw_service_merge(changing->file, there) : NULL;
	json_decref(there);
	if (!changing->record || (changing->agency[0] && strcmp(gw_service_text(changing->record, "agency"), changing->agency) != 0)) {
		tell(changing, GW_SERVICE_NONE, "there is no such service");
		return;
	}
	gw_service_day(sess_clock_wall_ms(), today);
	why = changing->change.edit(changing->change.edit_ctx, changing->record, today);
	if (why)
		tell(changing, GW_SERVICE_REFUSED, why);
	else if (commit(changing, records->stamp) < 0)
		tell(changing, GW_SERVICE_FAILED, "the ledger does not answer: nothing was done");
}

static int load(struct changing *changing)
{
	const char *const keys[] = { changing->key };

	return sess_ledger_load(changing->change.ledger, keys, 1, on_loaded, changing, 0);
}

static json_t *find_in_file(const struct gw_catalogue *file, const char *name)
{
	for (size_t i = 0; file && i < file->n; i++)
		if (strcmp(file->entries[i].name, name) == 0)
			return gw_service_of_file(&file->entries[i]);
	return NULL;
}

int gw_service_change(void *ctx, const struct gw_service_change *change)
{
	struct changing *changing = talloc_zero(ctx, struct changing);
	int rc;

	talloc_set_destructor(changing, free_changing);
	changing->change = *change;
	OSMO_STRLCPY_ARRAY(changing->name, change->name);
	OSMO_STRLCPY_ARRAY(changing->agency, change->agency ? change->agency : "");
	OSMO_STRLCPY_ARRAY(changing->what, change->what);
	OSMO_STRLCPY_ARRAY(changing->by, change->by);
	changing->file = find_in_file(change->file, change->name);
	rc = gw_service_key(changing->key, change->name) ? load(changing) : -EINVAL;
	if (rc < 0)
		talloc_free(changing);
	return rc;
}

/* ---- the closing ---- */

struct opening { gw_service_changed_cb *cb; void *ctx; };

static void on_opened(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	struct opening *opening = ctx;
	bool good = result == SESS_LEDGER_OK;

	(void)token;
	(void)there;
	opening->cb(opening->ctx, 0, good ? GW_SERVICE_CHANGED : GW_SERVICE_FAILED, NULL,
		    good ? NULL : result == SESS_LEDGER_CONFLICT ? "another was faster" : "the ledger does not answer: it is not known whether it was done");
	talloc_free(opening);
}

struct loaded_closing { struct opening *opening; struct sess_ledger *ledger; int64_t until_ms; char by[80]; };

static void on_closing_there(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	struct loaded_closing *closing = ctx;
	struct opening *opening = closing->opening;
	struct sess_ledger_commit *commit;
	char at[GW_RFC3339_OCTETS], value[48];
	int rc = -1, octets;

	(void)token;
	(void)n;
	if (result == SESS_LEDGER_OK) {
		commit = sess_ledger_commit_begin(closing, closing->ledger, GW_SERVICE_PARTITION);
		octets = snprintf(value, sizeof(value), "{\"until\":%lld}", (long long)closing->until_ms);
		sess_ledger_put(commit, GW_SERVICES_CLOSING, records->stamp, value, (size_t)octets, 0);
		gw_rfc3339_print(closing->until_ms, at);
		gw_service_note(commit, "catalogue.open", "", closing->by, json_pack("{s:s}", "until", at));
		rc = sess_ledger_commit_go(commit, on_opened, opening, 0);
	}
	if (rc < 0)
		on_opened(opening, 0, SESS_LEDGER_DOWN, NULL);
	talloc_free(closing);
}

int gw_services_open(void *ctx, struct sess_ledger *ledger, int64_t until_ms, const char *by, gw_service_changed_cb *cb, void *cb_ctx)
{
	static const char *const key = GW_SERVICES_CLOSING;
	struct opening *opening = talloc_zero(ctx, struct opening);
	struct loaded_closing *closing = talloc_zero(ctx, struct loaded_closing);
	int rc;

	*opening = (struct opening){ cb, cb_ctx };
	*closing = (struct loaded_closing){ .opening = opening, .ledger = ledger, .until_ms = until_ms };
	OSMO_STRLCPY_ARRAY(closing->by, by);
	rc = sess_ledger_load(ledger, &key, 1, on_closing_there, closing, 0);
	if (rc == 0)
		return 0;
	talloc_free(opening);
	talloc_free(closing);
	return rc;
}
