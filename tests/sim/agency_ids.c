/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_ids.h. */
#include "tests/sim/agency_ids.h"

#include <stdio.h>
#include <string.h>

/* Nine digits with weights 10 to 2, modulo 11. */
void sim_id_national(uint32_t nine_digits, char *out)
{
	unsigned int sum = 0, rest;

	snprintf(out, 32, "%09u", nine_digits % 1000000000u);
	for (unsigned int i = 0; i < 9; i++)
		sum += (unsigned int)(out[i] - '0') * (10 - i);
	rest = sum % 11;
	snprintf(out + 9, 23, "%u", rest < 2 ? rest : 11 - rest);
}

/* Ten digits, to each of which the tenth and two are added. */
void sim_id_legal(uint64_t ten_digits, char *out)
{
	static const unsigned int weights[] = { 29, 27, 23, 19, 17, 29, 27, 23, 19, 17 };
	unsigned int sum = 0;

	snprintf(out, 32, "%010llu", (unsigned long long)(ten_digits % 10000000000u));
	for (unsigned int i = 0; i < 10; i++)
		sum += (unsigned int)(out[i] - '0' + out[9] - '0' + 2) * weights[i];
	snprintf(out + 10, 22, "%u", sum % 11 % 10);
}

/* Weights 2 to 7 from the right, over and over, modulo 11. */
static unsigned int check_digit(const char *digits)
{
	unsigned int sum = 0, weight = 2, rest;

	for (size_t i = strlen(digits); i-- > 0; weight = weight == 7 ? 2 : weight + 1)
		sum += (unsigned int)(digits[i] - '0') * weight;
	rest = sum % 11;
	return rest < 2 ? 0 : 11 - rest;
}

void sim_id_bill(uint32_t file, unsigned int company, unsigned int kind, char *out)
{
	int n = snprintf(out, 32, "%u%03u%u", file, company, kind);

	snprintf(out + n, 32 - (size_t)n, "%u", check_digit(out));
}

void sim_id_payment(const char *bill_id, uint32_t thousands, unsigned int year, unsigned int period, char *out)
{
	char both[64];
	int n = snprintf(out, 32, "%u%u%02u", thousands, year, period);

	n += snprintf(out + n, 32 - (size_t)n, "%u", check_digit(out));
	snprintf(both, sizeof(both), "%s%s", bill_id, out);
	snprintf(out + n, 32 - (size_t)n, "%u", check_digit(both));
}
