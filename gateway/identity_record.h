/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is remembered of a number, as it lies in the ledger (`identity:{pNN}:<number>`): JSON, in which whoever it is - national ID, legal ID,
 * the agency's word for the SIM, the province - is sealed with the session key and bound to the number. */
#pragma once

#include "gateway/identity_step.h"
#include "gateway/seal.h"

/* malloc'ed text. */
char *gw_identity_encode(const struct gw_identity *record, const struct gw_seal *seal, const char *msisdn, size_t *octets);
/* 0; -EKEYREJECTED: who it is cannot be opened (another key), so all that was proved is dropped and the limits are there; -EBADMSG: it is
 * no such record, and *record is empty. Keys that a later version may add are passed over. */
int gw_identity_decode(struct gw_identity *record, const struct gw_seal *seal, const char *msisdn, const void *value, size_t octets);
