/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any octets as what a portal sends for a citizen (POST /v1/citizens/{number}/requests, .../payments): refused with every mistake at its
 * place, or fields that pass their own checks again. The first octet says by which keyword of the national menu; or by none. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "gateway/api_json.h"
#include "gateway/payment_record.h"
#include "gateway/request_fields.h"
#include "menus/set.h"
#include "menus/unicode.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const struct menu_keyword *keyword_at(uint8_t number)
{
	static const char *const folder[] = { "menus/dolat-hamrah" };
	static struct menu_set *set;
	const struct menu_keywords *keywords;
	struct menu_diags *diags;

	if (!set) {
		menu_unicode_init();
		diags = menu_diags_alloc(NULL);
		set = menu_set_load(NULL, folder, 1, diags);
		talloc_free(diags);
		HOLD(set);
	}
	keywords = menu_set_keywords(set);
	return number < keywords->n ? &keywords->at[number] : NULL;
}

static bool has_mistake_at(const struct gw_mistakes *mistakes, const char *pointer)
{
	for (size_t i = 0; i < mistakes->n; i++)
		if (strcmp(mistakes->at[i].pointer, pointer) == 0)
			return true;
	return false;
}

/* A body of what was read, in the place of what was sent: the same again. */
static void read_again(const json_t *body, const struct menu_keyword *keyword, const struct gw_request_fields *fields)
{
	static struct gw_request_fields again;
	static struct gw_mistakes mistakes;
	json_t *normal = json_copy((json_t *)(uintptr_t)body), *object = json_object();

	for (size_t i = 0; i < fields->n; i++)
		json_object_set_new(object, fields->at[i].name, json_string(fields->at[i].value));
	json_object_set_new(normal, "fields", object);
	memset(&mistakes, 0, sizeof(mistakes));
	HOLD(gw_request_fields_read(normal, keyword, &again, &mistakes) && again.n == fields->n);
	for (size_t i = 0; i < fields->n; i++)
		HOLD(strcmp(again.at[i].name, fields->at[i].name) == 0 && strcmp(again.at[i].value, fields->at[i].value) == 0);
	json_decref(normal);
}

static void check_request(const json_t *body, const struct menu_keyword *keyword)
{
	static struct gw_request_fields fields;
	static struct gw_mistakes mistakes;
	json_t *shown = json_array();

	if (gw_request_fields_read(body, keyword, &fields, &mistakes)) {
		HOLD(mistakes.n == 0 && fields.n <= GW_REQUEST_FIELDS_MAX);
		for (size_t i = 0; i < fields.n; i++)
			HOLD(menu_utf8_valid(fields.at[i].value, strlen(fields.at[i].value)));
		read_again(body, keyword, &fields);
	} else {
		HOLD(mistakes.n > 0 && mistakes.n <= GW_MISTAKES_MAX && !has_mistake_at(&mistakes, "?"));
		gw_mistakes_show(&mistakes, "", shown);
		HOLD(json_array_size(shown) == mistakes.n);
	}
	json_decref(shown);
}

static void check_payment(const json_t *body)
{
	const char *bill = json_string_value(json_object_get(body, "bill_id")), *payment = json_string_value(json_object_get(body, "payment_id"));
	int64_t amount = json_integer_value(json_object_get(body, "amount"));
	char bill_id[GW_PAYMENT_NUMBER_OCTETS], payment_id[GW_PAYMENT_NUMBER_OCTETS], bill_again[GW_PAYMENT_NUMBER_OCTETS], payment_again[GW_PAYMENT_NUMBER_OCTETS];

	if (!bill || !payment || gw_payment_check_bill(bill, payment, amount, bill_id, payment_id))
		return;
	HOLD(amount > 0 && strspn(bill_id, "0123456789") == strlen(bill_id) && strspn(payment_id, "0123456789") == strlen(payment_id));
	HOLD(gw_payment_check_bill(bill_id, payment_id, amount, bill_again, payment_again) == NULL);
	HOLD(strcmp(bill_id, bill_again) == 0 && strcmp(payment_id, payment_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[200] = "";
	json_t *body;

	if (size < 1)
		return 0;
	const struct menu_keyword *keyword = keyword_at(data[0]);
	body = api_json_parse((const char *)data + 1, size - 1, why, sizeof(why));
	HOLD(body || why[0]);
	if (body) {
		check_request(body, keyword);
		check_payment(body);
	}
	json_decref(body);
	return 0;
}
