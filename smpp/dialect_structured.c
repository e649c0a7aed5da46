/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Comviva's structured text. What is known of it is what its users' programs show: keys are decimal, values are base64 of
 * UTF-8, the part before the first '|' is a state that answers set to 1, and 123 is 0 when a request is to follow and 3
 * when the answer is the last. Keys that we do not know are skipped. */
#include "smpp/dialect_structured.h"

#include <errno.h>
#include <string.h>

static const char base64_chars[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding may be missing. */
static ssize_t base64_decode(const uint8_t *in, size_t octets, char *out, size_t cap)
{
	uint32_t bits = 0;
	size_t n = 0, n_bits = 0;

	while (octets > 0 && in[octets - 1] == '=')
		octets--;
	if (octets % 4 == 1)
		return -EBADMSG;
	for (size_t i = 0; i < octets; i++) {
		int value = base64_value(in[i]);

		if (value < 0)
			return -EBADMSG;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (n == cap)
			return -ENOSPC;
		out[n++] = (char)(bits >> n_bits & 0xFF);
	}
	return (ssize_t)n;
}

static size_t field_length(const uint8_t *at, size_t left)
{
	const uint8_t *bar = memchr(at, '|', left);

	return bar ? (size_t)(bar - at) : left;
}

/* The octets of "key:" if the field has this key, else 0. */
static size_t match_key(const uint8_t *field, size_t octets, unsigned int key)
{
	unsigned int found = 0;

	for (size_t i = 0; i < octets && i < 6; i++) {
		if (field[i] == ':')
			return i > 0 && found == key ? i + 1 : 0;
		if (field[i] < '0' || field[i] > '9')
			return 0;
		found = found * 10 + (field[i] - '0');
	}
	return 0;
}

ssize_t smpp_structured_get(const uint8_t *text, size_t octets, unsigned int key, char *out, size_t cap)
{
	size_t at = 0;

	while (at < octets) {
		size_t length = field_length(text + at, octets - at), head = match_key(text + at, length, key);

		if (head > 0)
			return base64_decode(text + at + head, length - head, out, cap);
		at += length + 1;
	}
	return -ENOENT;
}

struct writer {
	uint8_t *at, *end;
	bool full;
};

static void put(struct writer *writer, char c)
{
	if (writer->at == writer->end)
		writer->full = true;
	else
		*writer->at++ = (uint8_t)c;
}

static void put_base64(struct writer *writer, const char *in, size_t octets)
{
	for (size_t i = 0; i < octets; i += 3) {
		size_t n = octets - i < 3 ? octets - i : 3;
		uint32_t bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < n ? (uint8_t)in[i + j] : 0u);
		for (size_t j = 0; j < 4; j++)
			put(writer, j <= n ? base64_chars[bits >> (18 - 6 * j) & 63] : '=');
	}
}

static void put_field(struct writer *writer, enum smpp_structured_key key, const char *in, size_t octets)
{
	put(writer, '|');
	put(writer, (char)('0' + key / 100));
	put(writer, (char)('0' + key / 10 % 10));
	put(writer, (char)('0' + key % 10));
	put(writer, ':');
	put_base64(writer, in, octets);
}

ssize_t smpp_structured_print(uint8_t *out, size_t cap, const char *utf8, size_t octets, bool last, const char *session,
                              size_t session_octets)
{
	struct writer writer = { .at = out, .end = out + cap };

	put(&writer, '1');
	put_field(&writer, SMPP_STRUCTURED_RESPONSE, utf8, octets);
	put_field(&writer, SMPP_STRUCTURED_NEW_REQUEST, last ? "3" : "0", 1);
	if (session_octets > 0)
		put_field(&writer, SMPP_STRUCTURED_SESSION, session, session_octets);
	put_field(&writer, SMPP_STRUCTURED_STATUS, "1", 1);
	return writer.full ? -ENOSPC : writer.at - out;
}
