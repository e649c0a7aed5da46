/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_fault.h. The hostile PDUs are in smsc_hostile.c. */
#include "tests/sim/smsc_fault.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/status.h"
#include "tests/sim/smsc_hostile.h"
#include "tests/sim/smsc_receipt.h"

#define HOSTILE_A_TURN 256

/* One number, or none: `otherwise`. */
static int number(const char *arguments, unsigned int otherwise, unsigned int max, unsigned int *out)
{
	char *end;
	unsigned long value = strtoul(arguments, &end, 10);

	if (!*arguments) {
		*out = otherwise;
		return 0;
	}
	if (*end || value > max || *arguments == '-')
		return -1;
	*out = (unsigned int)value;
	return 0;
}

#define COUNTED(name, field, otherwise, max) \
	static int apply_##name(struct smsc_operator *op, const char *arguments) \
	{ \
		return number(arguments, otherwise, max, &op->field); \
	}
COUNTED(late, faults.late_ms, 1000, 600000)
COUNTED(coalesce, faults.coalesce_ms, 100, 10000)
COUNTED(reorder, faults.reorder, 2, SMSC_HELD)
COUNTED(throttle, faults.throttle, 1, 1000000)
COUNTED(queue_full, faults.queue_full, 1, 1000000)
COUNTED(no_answer, faults.no_answer, 1, 1000000)
COUNTED(repeat, faults.repeat, 1, 1000000)
COUNTED(stale, faults.stale, 1, 1000000)
COUNTED(receipt_late, faults.receipts.late_ms, 1000, 600000)
COUNTED(receipt_early, faults.receipts.early, 1, 1000000)
COUNTED(enquire, enquire_ms, 1000, 3600000)

static int flag(const char *arguments, bool *out)
{
	if (strcmp(arguments, "off") != 0 && strcmp(arguments, "on") != 0 && *arguments)
		return -1;
	*out = strcmp(arguments, "off") != 0;
	return 0;
}

static int apply_split(struct smsc_operator *op, const char *arguments)
{
	return flag(arguments, &op->faults.split);
}

static int apply_no_enquire(struct smsc_operator *op, const char *arguments)
{
	return flag(arguments, &op->faults.no_enquire);
}

static int apply_no_response(struct smsc_operator *op, const char *arguments)
{
	return flag(arguments, &op->faults.no_response);
}

static int apply_drop(struct smsc_operator *op, const char *arguments)
{
	smsc_operator_drop(op);
	return *arguments ? -1 : 0;
}

/* "0x0E x3", "ESME_RINVPASWD x3", "14"; the x may be left out */
static int status_and_times(const char *arguments, uint32_t *status, unsigned int *times)
{
	char name[40] = "";
	unsigned int n = 1;

	if (sscanf(arguments, "%39s x%u", name, &n) < 2)
		sscanf(arguments, "%39s %u", name, &n);
	if (!smpp_status_find(name, status) || *status == ESME_ROK)
		return -1;
	*times = n;
	return 0;
}

static int apply_refuse_bind(struct smsc_operator *op, const char *arguments)
{
	return status_and_times(arguments, &op->faults.refuse_status, &op->faults.refuse_binds);
}

static int apply_status(struct smsc_operator *op, const char *arguments)
{
	return status_and_times(arguments, &op->faults.status, &op->faults.statuses);
}

static int apply_receipts(struct smsc_operator *op, const char *arguments)
{
	bool on;

	if (flag(arguments, &on))
		return -1;
	op->faults.receipts.off = !on;
	return 0;
}

static int apply_receipt_reference(struct smsc_operator *op, const char *arguments)
{
	return flag(arguments, &op->faults.receipts.reference);
}

static int apply_receipt_form(struct smsc_operator *op, const char *arguments)
{
	return smsc_receipt_set_form(&op->faults.receipts, arguments);
}

static int apply_receipt_state(struct smsc_operator *op, const char *arguments)
{
	return smsc_receipt_set_state(&op->faults.receipts, arguments);
}

static int apply_garbage(struct smsc_operator *op, const char *arguments)
{
	uint64_t state = 0x9E3779B97F4A7C15u + op->next_id;
	uint8_t noise[512];
	unsigned int octets;

	if (number(arguments, sizeof(noise), sizeof(noise), &octets))
		return -1;
	for (size_t i = 0; i < octets; i++)
		noise[i] = (uint8_t)smsc_hostile_random(&state);
	noise[0] = 0xFF; /* a length that nobody takes, so that it is surely noticed */
	smsc_operator_raw(op, noise, octets);
	return 0;
}

static int apply_hostile(struct smsc_operator *op, const char *arguments)
{
	unsigned long long count, seed = 1;

	if (sscanf(arguments, "%llu %llu", &count, &seed) < 1)
		return -1;
	op->hostile_left = count;
	op->hostile_state = seed * 0x9E3779B97F4A7C15u + 1;
	return 0;
}

static int apply_none(struct smsc_operator *op, const char *arguments)
{
	op->faults = (struct smsc_faults){ 0 };
	op->hostile_left = 0;
	return *arguments ? -1 : 0;
}

static const struct smsc_fault faults[] = {
	{ "none", "", "everything works again", apply_none },
	{ "late", "[MS]", "every submit_sm_resp comes so much later (0: no longer)", apply_late },
	{ "repeat", "[N]", "the next N messages are delivered twice, by two links if there are two", apply_repeat },
	{ "split", "[on|off]", "deliver octet by octet", apply_split },
	{ "coalesce", "[MS]", "gather what is to be sent for so long, then send it in one piece (0: no longer)", apply_coalesce },
	{ "reorder", "[N]", "hold N requests back and send them the last first (0: no longer)", apply_reorder },
	{ "drop-link", "", "cut every TCP connection now; what was not acknowledged is sent again over the next", apply_drop },
	{ "refuse-bind", "STATUS [xN]", "refuse the next N binds with STATUS (0x0E or ESME_RINVPASWD)", apply_refuse_bind },
	{ "throttle", "[N]", "answer the next N submit_sm with ESME_RTHROTTLED", apply_throttle },
	{ "queue-full", "[N]", "answer the next N submit_sm with ESME_RMSGQFUL", apply_queue_full },
	{ "status", "STATUS [N]", "answer the next N submit_sm with STATUS (0x45, ESME_RSUBMITFAIL, 0x400)", apply_status },
	{ "no-answer", "[N]", "take the next N submit_sm (what they carry arrives), but send no response", apply_no_answer },
	{ "receipts", "[on|off]", "send the receipts that are asked for", apply_receipts },
	{ "receipt-form", "[hex|decimal|padded|lower|mixed] [both|text|tlv]", "how an id is written in receipts, and where; mixed: hex in the TLV, "
	  "decimal in the text", apply_receipt_form },
	{ "receipt-state", "[STATE [N]]", "the next N messages that ask for a receipt end so: DELIVRD, ENROUTE, UNDELIV, EXPIRED, REJECTD, DELETED ...",
	  apply_receipt_state },
	{ "receipt-late", "[MS]", "receipts come so much later (0: no longer)", apply_receipt_late },
	{ "receipt-early", "[N]", "the receipts of the next N messages come before the response", apply_receipt_early },
	{ "receipt-reference", "[on|off]", "receipts repeat the message's user_message_reference", apply_receipt_reference },
	{ "no-response", "[on|off]", "overlook every response of the ESME's, so that each deliver_sm is sent again", apply_no_response },
	{ "stale", "[N]", "the next N inputs carry a session that nobody has", apply_stale },
	{ "garbage", "[OCTETS]", "send so many random octets over every link", apply_garbage },
	{ "hostile", "N [SEED]", "send N bad PDUs: those that broke other software, and mutations of them", apply_hostile },
	{ "no-enquire", "[on|off]", "leave the ESME's enquire_link unanswered", apply_no_enquire },
	{ "enquire", "[MS]", "send enquire_link after so much silence (0: never)", apply_enquire },
};

const struct smsc_fault *smsc_fault_row(size_t index)
{
	return index < sizeof(faults) / sizeof(faults[0]) ? &faults[index] : NULL;
}

int smsc_fault_apply(struct smsc_operator *op, const char *line)
{
	size_t name = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strlen(faults[i].name) == name && strncmp(faults[i].name, line, name) == 0)
			return faults[i].apply(op, line + name + strspn(line + name, " "));
	return -2;
}

void smsc_fault_pump(struct smsc_operator *op)
{
	uint8_t pdu[SMSC_HOSTILE_OCTETS];

	for (int i = 0; i < HOSTILE_A_TURN && op->hostile_left; i++) {
		size_t octets = smsc_hostile_next(&op->hostile_state, pdu);

		if (!smsc_operator_raw(op, pdu, octets))
			return;
		op->hostile_left--;
	}
}
