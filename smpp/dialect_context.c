/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The octets of a context: head (format and session source, flags and the number's form, data_coding, two TON and NPI), the
 * short code, then what the flags say: session id, its_session_info, user_message_reference. Every part that can vary
 * has a length octet; a string's has two bits more, for the sixteen characters that its nibbles stand for. */
#include "smpp/dialect_context.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define FORMAT 0x10 /* high nibble of the first octet */
#define HAS_NUMBER 0x01
#define HAS_ID 0x02
#define HAS_ITS 0x04
#define HAS_UMR 0x08
#define FORM_SHIFT 4
#define KIND_SHIFT 6

/* What the nibbles 10 to 15 stand for; kind 0 is a string of octets. */
static const char *const nibble_letters[4] = { "", "*#+-_.", "abcdef", "ABCDEF" };

struct writer {
	uint8_t *at, *end;
	bool full;
};

static void put(struct writer *writer, unsigned int octet)
{
	if (writer->at == writer->end)
		writer->full = true;
	else
		*writer->at++ = (uint8_t)octet;
}

static int nibble_of(unsigned int kind, char c)
{
	const char *letter;

	if (c >= '0' && c <= '9')
		return c - '0';
	letter = c ? strchr(nibble_letters[kind], c) : NULL;
	return letter ? 10 + (int)(letter - nibble_letters[kind]) : -1;
}

static bool packs_as(unsigned int kind, const char *string, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (nibble_of(kind, string[i]) < 0)
			return false;
	return true;
}

static void put_string(struct writer *writer, const char *string, size_t n)
{
	unsigned int kind = 3;

	while (kind > 0 && !packs_as(kind, string, n))
		kind--;
	put(writer, kind << KIND_SHIFT | (unsigned int)n);
	for (size_t i = 0; i < n && kind == 0; i++)
		put(writer, (uint8_t)string[i]);
	for (size_t i = 0; i < n && kind > 0; i += 2)
		put(writer, (unsigned int)nibble_of(kind, string[i]) << 4 |
		            (unsigned int)(i + 1 < n ? nibble_of(kind, string[i + 1]) : 0));
}

static void put_number(struct writer *writer, const struct smpp_dialect_number *number)
{
	if (number->octets == 0)
		return;
	put(writer, number->octets);
	for (size_t i = 0; i < number->octets; i++)
		put(writer, number->value[i]);
}

ssize_t smpp_dialect_context_encode(const struct smpp_dialect_context *context, uint8_t *out)
{
	struct writer writer = { .at = out, .end = out + SMPP_DIALECT_CONTEXT_OCTETS };

	put(&writer, FORMAT | (unsigned int)context->source);
	put(&writer, (unsigned int)context->form << FORM_SHIFT | (context->number.octets ? HAS_NUMBER : 0) |
	             (context->id_octets ? HAS_ID : 0) | (context->its.octets ? HAS_ITS : 0) | (context->umr.octets ? HAS_UMR : 0));
	put(&writer, context->data_coding);
	put(&writer, context->code_ton);
	put(&writer, context->code_npi);
	put(&writer, context->number_ton);
	put(&writer, context->number_npi);
	put_string(&writer, context->code, strlen(context->code));
	put_number(&writer, &context->number);
	if (context->id_octets)
		put_string(&writer, context->id, context->id_octets);
	put_number(&writer, &context->its);
	put_number(&writer, &context->umr);
	return writer.full ? -ENOSPC : writer.at - out;
}

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

static unsigned int get(struct reader *reader)
{
	if (reader->at == reader->end) {
		reader->bad = true;
		return 0;
	}
	return *reader->at++;
}

static char nibble_char(unsigned int kind, unsigned int nibble)
{
	return nibble < 10 ? (char)('0' + nibble) : nibble_letters[kind][nibble - 10];
}

/* The string's length. string holds SMPP_DIALECT_STRING_MAX + 1. */
static uint8_t get_string(struct reader *reader, char *string)
{
	unsigned int head = get(reader), kind = head >> KIND_SHIFT, n = head & SMPP_DIALECT_STRING_MAX, pair = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (kind == 0) {
			string[i] = (char)get(reader);
			reader->bad |= string[i] == '\0';
			continue;
		}
		pair = i % 2 ? pair : get(reader);
		string[i] = nibble_char(kind, i % 2 ? pair & 0x0F : pair >> 4);
	}
	string[n] = '\0';
	return (uint8_t)n;
}

static void get_number(struct reader *reader, bool there, struct smpp_dialect_number *number)
{
	number->octets = there ? (uint8_t)get(reader) : 0;
	if (!there)
		return;
	if (number->octets == 0 || number->octets > sizeof(number->value)) {
		reader->bad = true;
		number->octets = 0;
	}
	for (size_t i = 0; i < number->octets; i++)
		number->value[i] = (uint8_t)get(reader);
}

int smpp_dialect_context_decode(struct smpp_dialect_context *context, enum smpp_session_source source, const uint8_t *in, size_t octets)
{
	struct reader reader = { .at = in, .end = in + octets };
	unsigned int flags;

	if (octets > SMPP_DIALECT_CONTEXT_OCTETS || get(&reader) != (FORMAT | (unsigned int)source))
		return -EINVAL;
	context->source = source;
	flags = get(&reader);
	if (flags >> FORM_SHIFT > SMPP_FORM_NATIONAL)
		return -EINVAL;
	context->form = (enum smpp_dialect_form)(flags >> FORM_SHIFT);
	context->data_coding = (uint8_t)get(&reader);
	context->code_ton = (uint8_t)get(&reader);
	context->code_npi = (uint8_t)get(&reader);
	context->number_ton = (uint8_t)get(&reader);
	context->number_npi = (uint8_t)get(&reader);
	get_string(&reader, context->code);
	get_number(&reader, flags & HAS_NUMBER, &context->number);
	context->id[0] = '\0';
	context->id_octets = flags & HAS_ID ? get_string(&reader, context->id) : 0;
	get_number(&reader, flags & HAS_ITS, &context->its);
	get_number(&reader, flags & HAS_UMR, &context->umr);
	return reader.bad || reader.at != reader.end ? -EINVAL : 0;
}
