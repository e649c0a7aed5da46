/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What becomes of an SMS, and the receipt that says so: appendix B of SMPP v3.4 and the TLVs, in the forms in which networks write
 * them. Which form, state and time: struct smsc_receipts, set by faults. */
#pragma once

#include "tests/sim/smsc_handset.h"

struct smsc_fate {
	const char *state;          /* "DELIVRD" */
	uint8_t number;             /* message_state */
	bool arrives;               /* the phone gets it */
};

/* Of the next message that asks for a receipt; of one that does not: it arrives. */
const struct smsc_fate *smsc_receipt_fate(struct smsc_operator *op, const struct smsc_message *message);
/* Sends what was asked for. */
void smsc_receipt_send(struct smsc_handset *handset, const struct smsc_message *request, const char *message_id, const struct smsc_fate *fate);
/* The faults receipt-form and receipt-state. 0, -1: no such words. */
int smsc_receipt_set_form(struct smsc_receipts *receipts, const char *words);
int smsc_receipt_set_state(struct smsc_receipts *receipts, const char *words);
