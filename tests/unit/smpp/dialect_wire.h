/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Message PDUs put together octet by octet, so that the tests of the dialects owe nothing to the codec; what a dialect
 * hears in one, and what it says. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smpp/dialect.h"
#include "smpp/status.h"

#define NUMBER "989121234567"
#define BASE64_CHOOSE "Q2hvb3Nl"
#define BASE64_BYE "Qnll"

struct bytes {
	uint8_t at[1024];
	size_t n;
};

static inline void put8(struct bytes *b, unsigned int octet)
{
	assert_true(b->n < sizeof(b->at));
	b->at[b->n++] = (uint8_t)octet;
}

static inline void put32(struct bytes *b, uint32_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		put8(b, number >> shift & 0xFF);
}

static inline void put_string(struct bytes *b, const char *string)
{
	do
		put8(b, (uint8_t)*string);
	while (*string++);
}

static inline void put_octets(struct bytes *b, const void *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put8(b, ((const uint8_t *)octets)[i]);
}

/* "0501 0001 02": hexadecimal, spaces between as it reads best; "'abc'" stands for its characters */
static inline void put_hex(struct bytes *b, const char *hex)
{
	bool quoted = false;

	for (; *hex; hex++) {
		if (*hex == '\'') {
			quoted = !quoted;
		} else if (quoted) {
			put8(b, (uint8_t)*hex);
		} else if (*hex != ' ') {
			unsigned int octet;

			assert_int_equal(sscanf(hex, "%2x", &octet), 1);
			put8(b, octet);
			hex++;
		}
	}
}

struct wire {
	uint32_t command;
	const char *type;
	uint8_t source_ton, source_npi;
	const char *source;
	uint8_t destination_ton, destination_npi;
	const char *destination;
	uint8_t esm_class, registered_delivery, data_coding;
	const char *tlvs;    /* hex */
	const char *text;    /* hex or quoted; NULL: none at all */
};

static inline void put_wire(struct bytes *b, const struct wire *w)
{
	bool data_sm = w->command == SMPP_DATA_SM;
	struct bytes text = { .n = 0 };

	if (w->text)
		put_hex(&text, w->text);
	b->n = 0;
	put32(b, 0);
	put32(b, w->command);
	put32(b, 0);
	put32(b, 7);
	put_string(b, w->type);
	put8(b, w->source_ton);
	put8(b, w->source_npi);
	put_string(b, w->source);
	put8(b, w->destination_ton);
	put8(b, w->destination_npi);
	put_string(b, w->destination);
	put8(b, w->esm_class);
	if (!data_sm)
		put_octets(b, "\0\0\0\0", 4); /* protocol_id, priority_flag, both times */
	put8(b, w->registered_delivery);
	if (!data_sm)
		put8(b, 0);
	put8(b, w->data_coding);
	if (!data_sm) {
		put8(b, 0);
		put8(b, (unsigned int)text.n);
		put_octets(b, text.at, text.n);
	}
	put_hex(b, w->tlvs);
	if (data_sm && w->text) {
		put_hex(b, "0424");
		put8(b, (unsigned int)text.n >> 8);
		put8(b, (unsigned int)text.n & 0xFF);
		put_octets(b, text.at, text.n);
	}
	b->at[2] = (uint8_t)(b->n >> 8);
	b->at[3] = (uint8_t)b->n;
}

/* Decodes from memory that ends where the PDU ends. */
static inline uint32_t hear(const struct smpp_dialect *d, const struct wire *w, struct smpp_ussd_event *event)
{
	struct bytes b;
	struct smpp_pdu pdu;
	uint8_t *frame;
	uint32_t status;

	put_wire(&b, w);
	frame = malloc(b.n);
	assert_non_null(frame);
	memcpy(frame, b.at, b.n);
	assert_int_equal(smpp_pdu_decode(&pdu, frame, b.n), 0);
	memset(event, 0xA5, sizeof(*event));
	status = smpp_dialect_decode(d, &pdu, event);
	free(frame);
	return status;
}

static inline int say(const struct smpp_dialect *d, const struct smpp_ussd_event *event, enum smpp_ussd_answer answer, const char *text,
               struct bytes *out)
{
	struct smpp_dialect_room room;
	struct smpp_pdu pdu;
	ssize_t n;
	int rc;

	memset(&pdu, 0xA5, sizeof(pdu));
	memset(&room, 0xA5, sizeof(room));
	rc = smpp_dialect_encode(d, event->context, event->context_octets, answer, event->msisdn, text, strlen(text), &pdu, &room);
	if (rc < 0)
		return rc;
	assert_int_equal(pdu.sequence, 0);
	pdu.sequence = 7;
	n = smpp_pdu_encode(out->at, sizeof(out->at), &pdu);
	assert_true(n > 0);
	out->n = (size_t)n;
	return 0;
}

static inline void assert_wire(const struct bytes *got, const struct wire *want)
{
	struct bytes b;

	put_wire(&b, want);
	if (got->n != b.n || memcmp(got->at, b.at, b.n) != 0) {
		printf("sent: ");
		for (size_t i = 0; i < got->n; i++)
			printf("%02x", got->at[i]);
		printf("\nwant: ");
		for (size_t i = 0; i < b.n; i++)
			printf("%02x", b.at[i]);
		printf("\n");
		fail();
	}
}

static inline const struct smpp_dialect *dialect(const char *name)
{
	const struct smpp_dialect *d = smpp_dialect_find(name);

	assert_non_null(d);
	return d;
}

static inline struct wire begin_wire(const char *tlvs, const char *text)
{
	return (struct wire){ .command = SMPP_DELIVER_SM, .type = "USSD", .source_ton = 1, .source_npi = 1, .source = NUMBER,
		.destination_ton = 0, .destination_npi = 1, .destination = "4", .tlvs = tlvs, .text = text };
}
