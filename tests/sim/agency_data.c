/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_data.h. The identifiers are those of tests/data/vectors: well formed, and nobody's that we know of. */
#include "tests/sim/agency_data.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_data { json_t *bills, *balances, *payments; };

static const struct { char type; const char *fa, *en; } kinds[] = {
	{ '1', "آب", "Water" }, { '2', "برق", "Electricity" }, { '3', "گاز", "Gas" }, { '4', "تلفن ثابت", "Landline" },
	{ '5', "تلفن همراه", "Mobile" }, { '6', "عوارض شهرداری", "Municipal charge" }, { '8', "مالیات", "Tax" }, { '9', "جریمه رانندگی", "Traffic fine" },
};

static const struct { const char *bill_id, *payment_id, *due; } bills[] = {
	{ "7748317800142", "1770160", "2020-04-03" }, { "5247410154610", "154380101", "2020-03-27" },
	{ "2273482444320", "9876580379", "2020-04-10" }, { "9903166297039", "12080129", "2020-04-01" },
	{ "8603274811744", "580684", "2020-03-30" }, { "124309565852", "1234567880620", "2020-05-01" },
	{ "7785077041667", "1234567881000", "2020-06-20" }, { "5474899377281", "580508", "2020-07-21" },
	{ "7733178915498", "154380889", "2020-04-15" }, { "1409108155549", "189081075", "2020-04-04" },
	{ "3075410166942", "818140314", "2020-04-05" }, { "7994941678158", "66211120", "2020-04-06" },
};

static const struct { const char *national_id; int amount; } balances[] = {
	{ "0063300095", 1250000 }, { "0060646111", 0 }, { "0065203615", 48000000 }, { "0042148731", 730500 },
};

/* The type is the digit before the check digit. */
static void put_kind(json_t *bill, const char *bill_id)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type != bill_id[strlen(bill_id) - 2])
			continue;
		json_object_set_new(bill, "kind_fa", json_string(kinds[i].fa));
		json_object_set_new(bill, "kind_en", json_string(kinds[i].en));
	}
}

/* A payment id without its last five digits is the amount in thousands of rial. */
static json_t *bill_of(const char *bill_id, const char *payment_id, const char *due)
{
	json_t *bill = json_object();
	char thousands[32];

	snprintf(thousands, sizeof(thousands), "%.*s", (int)strlen(payment_id) - 5, payment_id);
	json_object_set_new(bill, "bill_id", json_string(bill_id));
	json_object_set_new(bill, "payment_id", json_string(payment_id));
	put_kind(bill, bill_id);
	json_object_set_new(bill, "amount", json_integer(atoll(thousands) * 1000));
	json_object_set_new(bill, "due", json_string(due));
	json_object_set_new(bill, "unpaid", json_true());
	return bill;
}

static void build_in(struct sim_data *data)
{
	data->bills = json_object();
	data->balances = json_object();
	for (size_t i = 0; i < sizeof(bills) / sizeof(bills[0]); i++)
		json_object_set_new(data->bills, bills[i].bill_id, bill_of(bills[i].bill_id, bills[i].payment_id, bills[i].due));
	for (size_t i = 0; i < sizeof(balances) / sizeof(balances[0]); i++)
		json_object_set_new(data->balances, balances[i].national_id,
		                    json_pack("{s:s,s:s,s:i,s:s}", "title_fa", "مانده حساب مالیاتی", "title_en", "Tax account balance", "amount",
		                              balances[i].amount, "as_of", "2020-03-15T13:00:00+03:30"));
}

static bool read_file(struct sim_data *data, const char *file)
{
	json_error_t error;
	json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);

	data->bills = json_incref(json_object_get(root, "bills"));
	data->balances = json_incref(json_object_get(root, "balances"));
	if (!root)
		fprintf(stderr, "dolat-agency: %s:%d: %s\n", file, error.line, error.text);
	else if (!json_is_object(data->bills) || !json_is_object(data->balances))
		fprintf(stderr, "dolat-agency: %s: needs the objects bills and balances\n", file);
	json_decref(root);
	return json_is_object(data->bills) && json_is_object(data->balances);
}

struct sim_data *sim_data_open(const char *file)
{
	struct sim_data *data = calloc(1, sizeof(*data));

	if (!data)
		return NULL;
	json_object_seed(1); /* the same order at every start */
	data->payments = json_object();
	if (!file) {
		build_in(data);
	} else if (!read_file(data, file)) {
		sim_data_close(data);
		return NULL;
	}
	return data;
}

void sim_data_close(struct sim_data *data)
{
	json_decref(data->bills);
	json_decref(data->balances);
	json_decref(data->payments);
	free(data);
}

static char *text_of(const json_t *json)
{
	return json_dumps(json, JSON_COMPACT);
}

static char *problem(unsigned int *status, unsigned int is, const char *error)
{
	json_t *json = json_pack("{s:s}", "error", error);
	char *text = text_of(json);

	*status = is;
	json_decref(json);
	return text;
}

char *sim_data_bill(struct sim_data *data, const char *bill_id, unsigned int *status)
{
	const json_t *bill = json_object_get(data->bills, bill_id);

	*status = 200;
	return bill ? text_of(bill) : problem(status, 404, "NO_SUCH_BILL");
}

char *sim_data_bills_of(struct sim_data *data, const char *msisdn, unsigned int *status)
{
	json_t *list = json_array(), *whole, *bill;
	unsigned int sum = 0, i = 0;
	const char *id;
	char *text;

	for (const char *c = msisdn; *c; c++)
		sum = sum * 31 + (unsigned char)*c;
	json_object_foreach(data->bills, id, bill) /* about half of all, always the same for a number; none for some */
		if (sum % 7 && ((sum >> (i++ % 16)) & 1))
			json_array_append(list, bill);
	whole = json_pack("{s:s,s:i,s:o}", "msisdn", msisdn, "count", (int)json_array_size(list), "bills", list);
	text = text_of(whole);
	json_decref(whole);
	*status = 200;
	return text ? text : problem(status, 400, "BAD_NUMBER");
}

char *sim_data_balance(struct sim_data *data, const char *national_id, unsigned int *status)
{
	const json_t *balance = json_object_get(data->balances, national_id);

	*status = 200;
	return balance ? text_of(balance) : problem(status, 404, "NO_SUCH_PERSON");
}

/* The first time with this key. */
static char *pay_first(struct sim_data *data, const char *key, const char *bill_id, unsigned int *status)
{
	json_t *bill = json_object_get(data->bills, bill_id), *payment;
	char reference[24];

	if (!bill)
		return problem(status, 404, "NO_SUCH_BILL");
	if (!json_is_true(json_object_get(bill, "unpaid")))
		return problem(status, 409, "ALREADY_PAID");
	json_object_set_new(bill, "unpaid", json_false());
	snprintf(reference, sizeof(reference), "%08zu", json_object_size(data->payments) + 1);
	payment = json_pack("{s:i,s:i,s:s,s:s}", "effects", 1, "seen", 1, "bill_id", bill_id, "reference", reference);
	json_object_set_new(data->payments, key, payment);
	*status = 201;
	return text_of(payment);
}

char *sim_data_pay(struct sim_data *data, const char *key, const char *body, size_t octets, unsigned int *status)
{
	json_t *request = json_loadb(body, octets, JSON_REJECT_DUPLICATES, NULL), *before;
	const char *bill_id = json_string_value(json_object_get(request, "bill_id"));
	char *text;

	if (!key || !*key) {
		text = problem(status, 400, "NO_IDEMPOTENCY_KEY");
	} else if (!bill_id) {
		text = problem(status, 400, "BAD_REQUEST");
	} else if ((before = json_object_get(data->payments, key))) {
		json_object_set_new(before, "seen", json_integer(json_integer_value(json_object_get(before, "seen")) + 1));
		*status = 201;
		text = text_of(before);
	} else {
		text = pay_first(data, key, bill_id, status);
	}
	json_decref(request);
	return text;
}

char *sim_data_effects(struct sim_data *data)
{
	return text_of(data->payments);
}
