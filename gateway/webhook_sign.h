/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The signature of a webhook, as Standard Webhooks has it (standardwebhooks.com): the header webhook-signature is "v1," and the
 * base64 of HMAC-SHA256(key, "<id>.<unix seconds>.<body>"); while two secrets overlap, one for each, the newer first, with a space
 * between them. A secret is "whsec_" and its key in base64 (24 to 64 octets; the padding may be missing). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_WEBHOOK_SIGNATURE_OCTETS 48   /* of one, with its NUL or the space */
#define GW_WEBHOOK_SECRETS_MAX 2

struct gw_webhook_signed { const char *id; int64_t at_s; const void *body; size_t octets; };

/* One for each secret that is not NULL. False: none is, or one is no secret. */
bool gw_webhook_sign(const char *const secrets[GW_WEBHOOK_SECRETS_MAX], const struct gw_webhook_signed *what,
                     char out[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS]);
bool gw_webhook_secret_ok(const char *secret);
/* Is there, among the signatures of the header, one that this secret made? Each is compared in constant time. */
bool gw_webhook_verify(const char *secret, const struct gw_webhook_signed *what, const char *header);
