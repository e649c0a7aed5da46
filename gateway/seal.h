/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Seals a place that holds what a citizen typed into a secret question, so that Redis, its files and its replicas never have
 * it in clear: XChaCha20-Poly1305 with a key that all gateways share (session_key_file). The number is bound in, so that a
 * sealed place is of no use in another's session. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define GW_SEAL_OCTETS 40          /* that a sealed place is longer */

struct gw_seal;

/* A child of ctx, wiped when freed. key: 64 hexadecimal digits. NULL if it is not. */
struct gw_seal *gw_seal_alloc(void *ctx, const char *key);
/* In place; returns the new length. -ENOSPC if cap is less than octets + GW_SEAL_OCTETS. */
ssize_t gw_seal_close(const struct gw_seal *seal, const char *msisdn, uint8_t *place, size_t octets, size_t cap);
/* Into out, of octets at least; returns the length. -EBADMSG: another key, another number, or tampered with. */
ssize_t gw_seal_open(const struct gw_seal *seal, const char *msisdn, const uint8_t *place, size_t octets, uint8_t *out);
/* A keyed hash, 64 hexadecimal digits: says whether a value is the same, and nothing else. purpose: what it is of ("national-id"). */
#define GW_SEAL_HASH_OCTETS 65
void gw_seal_hash(const struct gw_seal *seal, const char *purpose, const char *value, char out[GW_SEAL_HASH_OCTETS]);
