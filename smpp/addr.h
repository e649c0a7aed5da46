/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* TON, NPI and digits -> one normal form of a subscriber's number: international digits without '+'. SMPP v3.4 5.2.5. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "smpp/pdu.h"

/* Writes the normal form into out (cap octets, with its NUL). country: calling code for national numbers, "98".
 * "+98912…", "0098912…", "0912…", "912…" (TON national) and "98912…" become "98912…". 0, or -EINVAL if it is not a
 * number of 5 to 15 digits (ITU-T E.164) in any of these forms. */
int smpp_addr_msisdn(const struct smpp_address *address, const char *country, char *out, size_t cap);
