/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See request_record.h. */
#include "gateway/request_record.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "gateway/rfc3339.h"
#include "menus/code.h"
#include "sessions/queue.h"

const char *const gw_request_states[] = {
	[GW_REQUEST_RECEIVED] = "received", [GW_REQUEST_DELIVERED] = "delivered", [GW_REQUEST_PROGRESS] = "progress",
	[GW_REQUEST_ANSWERED] = "answered", [GW_REQUEST_REFUSED] = "refused",     NULL,
};

int gw_request_state_find(const char *name)
{
	for (int i = 0; gw_request_states[i]; i++)
		if (strcmp(gw_request_states[i], name) == 0)
			return i;
	return -1;
}

/* ---- codes ---- */

void gw_request_draw_code(unsigned int partition, char code[GW_REQUEST_CODE_OCTETS])
{
	snprintf(code, GW_REQUEST_CODE_OCTETS, "%06u%02u", 100000U + 2 * (unsigned int)randombytes_uniform(450000), partition % 100);
	code[MENU_CODE_DIGITS - 1] = menu_code_check_digit(code);
	code[MENU_CODE_DIGITS] = '\0';
}

int gw_request_partition(const char *code)
{
	char read[GW_REQUEST_CODE_OCTETS];

	return gw_request_code_read(code, read) ? 10 * (read[6] - '0') + read[7] - '0' : -1;
}

bool gw_request_code_read(const char *text, char code[GW_REQUEST_CODE_OCTETS])
{
	if (menu_code_read(text, strlen(text), code) && 10 * (code[6] - '0') + code[7] - '0' < SESS_QUEUE_PARTITIONS)
		return true;
	code[0] = '\0';
	return false;
}

/* ---- the record ---- */

json_t *gw_request_make(const struct gw_request_new *request, const char *code, int64_t wall_ms)
{
	json_t *fields = json_object(), *record;

	for (size_t i = 0; i < request->n_fields; i++)
		json_object_set_new(fields, request->fields[i].name, json_string(request->fields[i].value));
	record = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:s, s:i, s:s, s:o, s:s, s:I, s:I, s:b, s:[]}", "code", code, "agency",
			   request->agency, "service", request->service, "title", "fa", request->title_fa, "en", request->title_en, "msisdn",
			   request->msisdn, "channel", request->channel, "language", request->language, "route", (int)request->route, "to",
			   request->to ? request->to : "", "fields", fields, "state", gw_request_states[GW_REQUEST_RECEIVED], "received",
			   (json_int_t)wall_ms, "changed", (json_int_t)wall_ms, "closed", 0, "answers");
	if (record && json_object_size(json_object_get(record, "fields")) == request->n_fields)
		return record;
	json_decref(record); /* something is not UTF-8, or a name stands twice */
	return NULL;
}

json_t *gw_request_decode(const void *value, size_t octets)
{
	json_t *record = json_loadb(value, octets, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_string(json_object_get(record, "code")) && json_is_string(json_object_get(record, "agency")) &&
	    json_is_string(json_object_get(record, "msisdn")) && gw_request_state_find(gw_request_text(record, "state")) >= 0 &&
	    json_is_array(json_object_get(record, "answers")))
		return record;
	json_decref(record);
	return NULL;
}

const char *gw_request_text(const json_t *record, const char *name)
{
	const char *text = json_string_value(json_object_get(record, name));

	return text ? text : "";
}

enum gw_request_state gw_request_state(const json_t *record)
{
	int state = gw_request_state_find(gw_request_text(record, "state"));

	return state >= 0 ? (enum gw_request_state)state : GW_REQUEST_RECEIVED;
}

void gw_request_set_state(json_t *record, enum gw_request_state state, int64_t wall_ms)
{
	json_object_set_new(record, "state", json_string(gw_request_states[state]));
	json_object_set_new(record, "changed", json_integer(wall_ms));
}

const char *gw_request_title(const json_t *record, const char *language)
{
	const json_t *titles = json_object_get(record, "title");
	const char *title = gw_request_text(titles, language);

	return title[0] ? title : gw_request_text(titles, strcmp(language, "fa") == 0 ? "en" : "fa");
}

/* ---- what is shown ---- */

static void show_time(json_t *object, const char *name, const json_t *ms)
{
	char text[GW_RFC3339_OCTETS];

	gw_rfc3339_print(json_integer_value(ms), text);
	json_object_set_new(object, name, json_string(text));
}

json_t *gw_request_show_briefly(const json_t *record)
{
	static const char *const names[] = { "code", "service", "title", "channel", "language", "state", "closed" };
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set(object, names[i], json_object_get(record, names[i]));
	json_object_set(object, "from", json_object_get(record, "msisdn"));
	show_time(object, "received_at", json_object_get(record, "received"));
	show_time(object, "state_at", json_object_get(record, "changed"));
	return object;
}

static json_t *show_answer(const json_t *answer)
{
	json_t *object = json_object();

	show_time(object, "at", json_object_get(answer, "at"));
	json_object_set(object, "state", json_object_get(answer, "state"));
	json_object_set(object, "sensitive", json_object_get(answer, "sensitive"));
	if (json_object_get(answer, "text"))
		json_object_set(object, "text", json_object_get(answer, "text"));
	if (json_object_get(answer, "notice"))
		json_object_set(object, "notice", json_object_get(answer, "notice"));
	return object;
}

json_t *gw_request_show(const json_t *record)
{
	json_t *object = gw_request_show_briefly(record), *answers = json_array(), *fields = json_object_get(record, "fields");
	const json_t *kept = json_object_get(record, "answers");

	if (fields)
		json_object_set(object, "fields", fields);
	for (size_t i = 0; i < json_array_size(kept); i++)
		json_array_append_new(answers, show_answer(json_array_get(kept, i)));
	json_object_set_new(object, "answers", answers);
	return object;
}

void gw_request_hash(const struct gw_piece *pieces, size_t n, char hash[GW_REQUEST_HASH_OCTETS])
{
	uint8_t digest[(GW_REQUEST_HASH_OCTETS - 1) / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	for (size_t i = 0; i < n; i++) {
		uint64_t octets = pieces[i].octets;

		crypto_generichash_update(&state, (const uint8_t *)&octets, sizeof(octets));
		crypto_generichash_update(&state, pieces[i].data, pieces[i].octets);
	}
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(hash, GW_REQUEST_HASH_OCTETS, digest, sizeof(digest));
}
