/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See webhook_sign.h. */
#include "gateway/webhook_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define KEY_MIN 24
#define KEY_MAX 64
#define PREFIX "whsec_"

struct key { unsigned char octets[KEY_MAX]; size_t n; };

static bool read_key(const char *secret, struct key *key)
{
	static const int variants[] = { sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
	size_t prefix = strlen(PREFIX), octets = strlen(secret);

	if (strncmp(secret, PREFIX, prefix) != 0)
		return false;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (sodium_base642bin(key->octets, sizeof(key->octets), secret + prefix, octets - prefix, NULL, &key->n, NULL, variants[i]) == 0 &&
		    key->n >= KEY_MIN)
			return true;
	return false;
}

bool gw_webhook_secret_ok(const char *secret)
{
	struct key key;
	bool good = read_key(secret, &key);

	sodium_memzero(&key, sizeof(key));
	return good;
}

/* "v1,..." */
static bool sign_one(const char *secret, const struct gw_webhook_signed *what, char out[GW_WEBHOOK_SIGNATURE_OCTETS])
{
	unsigned char hash[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	struct key key;
	char seconds[32];

	if (!read_key(secret, &key))
		return false;
	snprintf(seconds, sizeof(seconds), ".%" PRId64 ".", what->at_s);
	crypto_auth_hmacsha256_init(&state, key.octets, key.n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)what->id, strlen(what->id));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)seconds, strlen(seconds));
	crypto_auth_hmacsha256_update(&state, what->body, what->octets);
	crypto_auth_hmacsha256_final(&state, hash);
	memcpy(out, "v1,", 3);
	sodium_bin2base64(out + 3, GW_WEBHOOK_SIGNATURE_OCTETS - 3, hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(&key, sizeof(key));
	sodium_memzero(&state, sizeof(state));
	return true;
}

bool gw_webhook_sign(const char *const secrets[GW_WEBHOOK_SECRETS_MAX], const struct gw_webhook_signed *what,
                     char out[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS])
{
	size_t n = 0;

	for (size_t i = 0; i < GW_WEBHOOK_SECRETS_MAX; i++) {
		if (!secrets[i])
			continue;
		if (n)
			out[n++] = ' ';
		if (!sign_one(secrets[i], what, out + n))
			return false;
		n += strlen(out + n);
	}
	return n > 0;
}

bool gw_webhook_verify(const char *secret, const struct gw_webhook_signed *what, const char *header)
{
	char mine[GW_WEBHOOK_SIGNATURE_OCTETS];
	bool good = false;

	if (!sign_one(secret, what, mine))
		return false;
	for (const char *at = header; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		good |= n == strlen(mine) && sodium_memcmp(at, mine, n) == 0;
		at += n;
	}
	return good;
}
