/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See seal.h. A sealed place is nonce, text, tag. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/seal.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
_Static_assert(NONCE + TAG == GW_SEAL_OCTETS, "the header says how much longer a sealed place is");

struct gw_seal {
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
};

static int wipe(struct gw_seal *seal)
{
	sodium_memzero(seal, sizeof(*seal));
	return 0;
}

struct gw_seal *gw_seal_alloc(void *ctx, const char *key)
{
	struct gw_seal *seal = talloc_zero(ctx, struct gw_seal);
	size_t octets;

	talloc_set_destructor(seal, wipe);
	if (sodium_hex2bin(seal->key, sizeof(seal->key), key, strlen(key), NULL, &octets, NULL) == 0 && octets == sizeof(seal->key) &&
	    strlen(key) == 2 * sizeof(seal->key))
		return seal;
	talloc_free(seal);
	return NULL;
}

ssize_t gw_seal_close(const struct gw_seal *seal, const char *msisdn, uint8_t *place, size_t octets, size_t cap)
{
	uint8_t nonce[NONCE];

	if (cap < octets + GW_SEAL_OCTETS)
		return -ENOSPC;
	randombytes_buf(nonce, sizeof(nonce));
	memmove(place + NONCE, place, octets);
	crypto_aead_xchacha20poly1305_ietf_encrypt(place + NONCE, NULL, place + NONCE, octets, (const uint8_t *)msisdn, strlen(msisdn),
						   NULL, nonce, seal->key);
	memcpy(place, nonce, sizeof(nonce));
	return (ssize_t)(octets + GW_SEAL_OCTETS);
}

ssize_t gw_seal_open(const struct gw_seal *seal, const char *msisdn, const uint8_t *place, size_t octets, uint8_t *out)
{
	if (octets < GW_SEAL_OCTETS ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, place + NONCE, octets - NONCE, (const uint8_t *)msisdn,
						       strlen(msisdn), place, seal->key) != 0)
		return -EBADMSG;
	return (ssize_t)(octets - GW_SEAL_OCTETS);
}

void gw_seal_hash(const struct gw_seal *seal, const char *purpose, const char *value, char out[GW_SEAL_HASH_OCTETS])
{
	uint8_t hash[(GW_SEAL_HASH_OCTETS - 1) / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, seal->key, sizeof(seal->key), sizeof(hash));
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	crypto_generichash_update(&state, (const uint8_t *)value, strlen(value));
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(out, GW_SEAL_HASH_OCTETS, hash, sizeof(hash));
}
