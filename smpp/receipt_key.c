/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Under which keys the message of a receipt may be kept. See receipt.h. Ids are longer than any integer, so that they are turned
 * from base to base digit by digit. */
#include <string.h>

#include "smpp/receipt.h"

#define BASE_DECIMAL 10
#define BASE_HEX 16

void smpp_receipt_key(const char *id, char key[SMPP_MESSAGE_ID_MAX])
{
	size_t n = 0;

	id += strspn(id, " \t\r\n");
	for (; *id == '0' && id[1] && !strchr(" \t\r\n", id[1]); id++)
		;
	for (; *id && n < SMPP_MESSAGE_ID_MAX - 1; id++)
		key[n++] = *id >= 'A' && *id <= 'Z' ? (char)(*id - 'A' + 'a') : *id;
	while (n && strchr(" \t\r\n", key[n - 1]))
		n--;
	key[n] = '\0';
}

/* The value of a digit in lower case; `base` or more if it is none. */
static unsigned int digit(char c, unsigned int base)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : base;
}

/* digits = digits * times + plus, least first. False: no more room. */
static bool times_plus(uint8_t *digits, size_t *n, unsigned int base, unsigned int times, unsigned int plus)
{
	for (size_t i = 0; i < *n; i++) {
		plus += digits[i] * times;
		digits[i] = (uint8_t)(plus % base);
		plus /= base;
	}
	for (; plus; plus /= base) {
		if (*n == SMPP_MESSAGE_ID_MAX - 1)
			return false;
		digits[(*n)++] = (uint8_t)(plus % base);
	}
	return true;
}

/* A key from one base into another. False: it is not a number in that base, or the result is longer than an id. */
static bool turn(const char *key, unsigned int from, unsigned int to, char out[SMPP_MESSAGE_ID_MAX])
{
	uint8_t digits[SMPP_MESSAGE_ID_MAX - 1];
	size_t n = 0;

	for (const char *at = key; *at; at++)
		if (digit(*at, from) >= from || !times_plus(digits, &n, to, from, digit(*at, from)))
			return false;
	if (!*key)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = "0123456789abcdef"[digits[n - 1 - i]];
	out[n] = '\0';
	return n > 0; /* nought is nought in every base */
}

static void add(struct smpp_receipt_keys *keys, const char *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->at[i], key) == 0)
			return;
	if (key[0] && keys->n < SMPP_RECEIPT_KEYS_MAX)
		memcpy(keys->at[keys->n++], key, strlen(key) + 1);
}

static void add_turned(struct smpp_receipt_keys *keys, const char *key, unsigned int from, unsigned int to)
{
	char turned[SMPP_MESSAGE_ID_MAX];

	if (turn(key, from, to, turned))
		add(keys, turned);
}

static void add_id(struct smpp_receipt_keys *keys, const char *id, enum smpp_id_base in_response, enum smpp_id_base in_receipt)
{
	char key[SMPP_MESSAGE_ID_MAX];

	smpp_receipt_key(id, key);
	if (in_receipt == SMPP_ID_HEX && in_response == SMPP_ID_DECIMAL)
		add_turned(keys, key, BASE_HEX, BASE_DECIMAL);
	if (in_receipt == SMPP_ID_DECIMAL && in_response == SMPP_ID_HEX)
		add_turned(keys, key, BASE_DECIMAL, BASE_HEX);
	add(keys, key);
	add_turned(keys, key, BASE_HEX, BASE_DECIMAL);
	add_turned(keys, key, BASE_DECIMAL, BASE_HEX);
}

void smpp_receipt_keys(const struct smpp_receipt *receipt, enum smpp_id_base in_response, enum smpp_id_base in_receipt,
                       struct smpp_receipt_keys *keys)
{
	keys->n = 0;
	add_id(keys, receipt->id, in_response, in_receipt);
	add_id(keys, receipt->other_id, in_response, in_receipt);
}
