/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* SMS that arrive at a handset: parts joined by UDH (3GPP TS 23.040 9.2.3.24.1, .8) or SAR TLVs, text decoded, receipts
 * sent when asked for (smsc_receipt.c). */
#pragma once

#include "tests/sim/smsc_handset.h"

/* The command_status to answer with. */
uint32_t smsc_inbox_take(struct smsc_handset *handset, const struct smsc_message *message, const char *message_id);
/* How many are kept still. */
uint64_t smsc_inbox_kept(const struct smsc_handset *handset);
/* The index-th SMS still kept, the oldest first; NULL past the last. */
const struct smsc_sms *smsc_inbox_at(const struct smsc_handset *handset, size_t index);
void smsc_inbox_free(struct smsc_handset *handset);
