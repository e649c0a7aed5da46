/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A dialog's context as a struct <-> the octets that are stored with a session (dialect.h says their bound). Private to
 * the dialects. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smpp/dialect.h"

#define SMPP_DIALECT_STRING_MAX 63   /* characters of a code or a session id, if they pack well */

/* A numeric TLV as it came. */
struct smpp_dialect_number {
	uint8_t octets;              /* 0: it was not there */
	uint8_t value[4];
};

/* How the subscriber's number was written, so that the answer can write it the same way. */
enum smpp_dialect_form { SMPP_FORM_INTERNATIONAL, SMPP_FORM_PLUS, SMPP_FORM_ZEROS, SMPP_FORM_TRUNK, SMPP_FORM_NATIONAL };

struct smpp_dialect_context {
	enum smpp_session_source source;     /* of the dialect that made it */
	uint8_t data_coding;                 /* of the message */
	uint8_t code_ton, code_npi;          /* of the address that was written to */
	uint8_t number_ton, number_npi;      /* of the subscriber */
	enum smpp_dialect_form form;
	struct smpp_dialect_number number;   /* the session id, where it is a numeric TLV */
	struct smpp_dialect_number its, umr; /* echoed beside the session id */
	uint8_t id_octets;                   /* the session id, where it is a text */
	char code[SMPP_DIALECT_STRING_MAX + 1], id[SMPP_DIALECT_STRING_MAX + 1];
};

/* Octets written into out (SMPP_DIALECT_CONTEXT_OCTETS of them), -ENOSPC. */
ssize_t smpp_dialect_context_encode(const struct smpp_dialect_context *context, uint8_t *out);
/* 0, -EINVAL: not a context, or one of a dialect with another session source. */
int smpp_dialect_context_decode(struct smpp_dialect_context *context, enum smpp_session_source source, const uint8_t *in, size_t octets);
