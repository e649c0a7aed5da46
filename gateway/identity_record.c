/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See identity_record.h. Fields are tables, one for what is sealed, one for the rest. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/identity_record.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define WHO_OCTETS 1024          /* of the sealed part, in clear: its fields, each character escaped at worst */
#define TIME_MAX (INT64_C(1) << 53) /* beyond, a JSON number is no whole number any more */

#define AT(field) offsetof(struct gw_identity, field)
#define ROOM(field) sizeof(((struct gw_identity *)0)->field)
#define TEXT(key, field) { key, KIND_TEXT, AT(field), ROOM(field), NULL, 0 }
#define TIME(key, field) { key, KIND_TIME, AT(field), 0, NULL, 0 }
#define NUMBER(key, field) { key, KIND_NUMBER, AT(field), 0, NULL, 0 }
#define FLAG(key, field) { key, KIND_FLAG, AT(field), 0, NULL, 0 }
#define NAME(key, field, names) { key, KIND_NAME, AT(field), 0, names, ARRAY_SIZE(names) }
#define TALLY(key, field) TIME(key "_hour", field.hour_ms), TIME(key "_day", field.day_ms), NUMBER(key "_in_hour", field.in_hour), NUMBER(key "_in_day", field.in_day)

enum kind { KIND_TEXT, KIND_TIME, KIND_NUMBER, KIND_FLAG, KIND_NAME };
struct field {
	const char *key;
	enum kind kind;
	size_t offset, cap;              /* cap: of a text, with its NUL */
	const char *const *names;
	size_t n_names;
};

static const struct field sealed[] = {
	TEXT("id", id), TEXT("since", since), TEXT("province", province), TEXT("legal_id", flow.legal_id), TEXT("was", was),
};
static const struct field plain[] = {
	TIME("matched", matched_ms), TIME("until", until_ms), TIME("changed", changed_ms), TIME("hidden", hidden_ms),
	TEXT("pin", pin), TIME("pin_since", pin_ms), NUMBER("pin_tries", pin_tries), NUMBER("locks", locks), TIME("locked_until", locked_ms),
	TEXT("code", code), TIME("code_until", code_ms), NUMBER("code_tries", code_tries), FLAG("code_resets", code_resets),
	TALLY("ids", ids), TALLY("legal_ids", legal_ids), TALLY("codes", codes),
	TIME("flow_at", flow.at_ms), NAME("flow_question", flow.question, gw_identity_questions), NAME("flow_hint", flow.hint, gw_identity_hints),
	FLAG("flow_sim", flow.asked_sim), FLAG("flow_fresh", flow.fresh_id), FLAG("flow_pin", flow.pin_ok), FLAG("flow_code", flow.code_ok),
	FLAG("flow_reset", flow.reset), FLAG("flow_refused", flow.not_represented), FLAG("flow_done", flow.done),
	TEXT("flow_pending", flow.pending), TEXT("flow_last", flow.last),
};

/* ---- writing: what is empty is left out ---- */

static json_t *value_of(const struct field *field, const struct gw_identity *record)
{
	const char *at = (const char *)record + field->offset;

	switch (field->kind) {
	case KIND_TEXT:
		return *at ? json_string(at) : NULL;
	case KIND_TIME:
		return *(const int64_t *)(const void *)at ? json_integer(*(const int64_t *)(const void *)at) : NULL;
	case KIND_NUMBER:
		return *(const unsigned int *)(const void *)at ? json_integer(*(const unsigned int *)(const void *)at) : NULL;
	case KIND_FLAG:
		return *(const bool *)at ? json_true() : NULL;
	default:
		return *(const unsigned int *)(const void *)at ? json_string(field->names[*(const unsigned int *)(const void *)at]) : NULL;
	}
}

static json_t *write_fields(const struct field *fields, size_t n, const struct gw_identity *record)
{
	json_t *object = json_object(), *value;

	for (size_t i = 0; i < n; i++)
		if ((value = value_of(&fields[i], record)))
			json_object_set_new(object, fields[i].key, value);
	return object;
}

/* NULL: there is nobody. */
static json_t *seal_who(const struct gw_identity *record, const struct gw_seal *seal, const char *msisdn)
{
	json_t *object = write_fields(sealed, ARRAY_SIZE(sealed), record), *text = NULL;
	uint8_t octets[WHO_OCTETS + GW_SEAL_OCTETS];
	char base64[sodium_base64_ENCODED_LEN(sizeof(octets), VARIANT)];
	size_t n = json_object_size(object) ? json_dumpb(object, (char *)octets, WHO_OCTETS, JSON_COMPACT | JSON_ENSURE_ASCII) : 0;
	ssize_t closed = n && n <= WHO_OCTETS ? gw_seal_close(seal, msisdn, octets, n, sizeof(octets)) : -1;

	if (closed > 0)
		text = json_string(sodium_bin2base64(base64, sizeof(base64), octets, (size_t)closed, VARIANT));
	sodium_memzero(octets, sizeof(octets));
	json_decref(object);
	return text;
}

char *gw_identity_encode(const struct gw_identity *record, const struct gw_seal *seal, const char *msisdn, size_t *octets)
{
	json_t *object = write_fields(plain, ARRAY_SIZE(plain), record), *who = seal_who(record, seal, msisdn);
	char dialog[17], *text;

	if (who)
		json_object_set_new(object, "who", who);
	snprintf(dialog, sizeof(dialog), "%016" PRIx64, record->flow.dialog);
	json_object_set_new(object, "flow_dialog", json_string(dialog));
	text = json_dumps(object, JSON_COMPACT);
	*octets = strlen(text);
	json_decref(object);
	return text;
}

/* ---- reading: every field has its bounds ---- */

static bool take_number(const json_t *value, int64_t max, int64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
		return false;
	*out = json_integer_value(value);
	return true;
}

static bool take_name(const struct field *field, const json_t *value, char *at)
{
	for (size_t i = 0; json_is_string(value) && i < field->n_names; i++)
		if (strcmp(json_string_value(value), field->names[i]) == 0) {
			*(unsigned int *)(void *)at = (unsigned int)i;
			return true;
		}
	return false;
}

static bool take_field(const struct field *field, const json_t *value, struct gw_identity *record)
{
	char *at = (char *)record + field->offset;
	int64_t number = 0;

	if (!value)
		return true;
	switch (field->kind) {
	case KIND_TEXT:
		return json_is_string(value) && json_string_length(value) < field->cap && osmo_strlcpy(at, json_string_value(value), field->cap) < field->cap;
	case KIND_TIME:
		return take_number(value, TIME_MAX, (int64_t *)(void *)at);
	case KIND_NUMBER:
		if (!take_number(value, UINT16_MAX, &number))
			return false;
		*(unsigned int *)(void *)at = (unsigned int)number;
		return true;
	case KIND_FLAG:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value);
	default:
		return take_name(field, value, at);
	}
}

static bool read_fields(const struct field *fields, size_t n, const json_t *object, struct gw_identity *record)
{
	for (size_t i = 0; i < n; i++)
		if (!take_field(&fields[i], json_object_get(object, fields[i].key), record))
			return false;
	return true;
}

static bool open_who(struct gw_identity *record, const struct gw_seal *seal, const char *msisdn, const char *base64)
{
	uint8_t closed[WHO_OCTETS + GW_SEAL_OCTETS], opened[sizeof(closed)];
	json_t *object = NULL;
	ssize_t octets;
	size_t n = 0;
	bool good;

	if (sodium_base642bin(closed, sizeof(closed), base64, strlen(base64), NULL, &n, NULL, VARIANT) != 0)
		return false;
	octets = gw_seal_open(seal, msisdn, closed, n, opened);
	if (octets >= 0)
		object = json_loadb((const char *)opened, (size_t)octets, 0, NULL);
	good = json_is_object(object) && read_fields(sealed, ARRAY_SIZE(sealed), object, record);
	sodium_memzero(opened, sizeof(opened));
	json_decref(object);
	return good;
}

int gw_identity_decode(struct gw_identity *record, const struct gw_seal *seal, const char *msisdn, const void *value, size_t octets)
{
	json_t *object = json_loadb(value, octets, JSON_REJECT_DUPLICATES, NULL);
	const char *dialog = json_string_value(json_object_get(object, "flow_dialog"));
	const json_t *who = json_object_get(object, "who");
	int rc = 0;

	memset(record, 0, sizeof(*record));
	if (!json_is_object(object) || !read_fields(plain, ARRAY_SIZE(plain), object, record) || (who && !json_is_string(who)))
		rc = -EBADMSG;
	else if (who && !open_who(record, seal, msisdn, json_string_value(who)))
		rc = -EKEYREJECTED;
	if (rc == -EBADMSG)
		memset(record, 0, sizeof(*record));
	else if (rc)
		gw_identity_drop(record);
	else if (dialog)
		record->flow.dialog = strtoull(dialog, NULL, 16);
	json_decref(object);
	return rc;
}
