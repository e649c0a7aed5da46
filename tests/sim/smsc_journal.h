/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What has happened, as lines of JSON in a file, each written before anybody hears of it: the truth by which a test judges,
 * whoever was killed in between, this simulator too.
 *
 *   {"what": "sms", "phone": "98912...", "from": "4040", "text": "...", "id": "0000002A"}    a phone has it
 *   {"what": "text", "phone": "98912...", "to": "4040", "text": "..."}                       the gateway has acknowledged it
 *   {"what": "receipt", "phone": "98912...", "id": "..."}                                    the same, of a receipt
 */
#pragma once

#include "tests/sim/smsc_handset.h"

/* 0, or -errno. Appends. */
int smsc_journal_open(struct smsc *smsc, const char *path);
/* A whole SMS; id: of its last part. */
void smsc_journal_sms(const struct smsc_handset *handset, const struct smsc_sms *sms, const char *id);
/* Of our messages that belong to no dialog. */
void smsc_journal_acknowledged(struct smsc_operator *op, const struct smsc_message *message);
