/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_fault.h. The hostile PDUs are in smsc_hostile.c. */
#include "tests/sim/smsc_fault.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smpp/status.h"
#include "tests/sim/smsc_hostile.h"

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

/* "0x0E x3", "ESME_RINVPASWD x3", "14" */
static int apply_refuse_bind(struct smsc_operator *op, const char *arguments)
{
	static const uint32_t named[] = { ESME_RBINDFAIL, ESME_RINVPASWD, ESME_RINVSYSID, ESME_RALYBND, ESME_RSYSERR, ESME_RTHROTTLED };
	char status[40] = "";
	unsigned int times = 1;
	char *end;
	unsigned long value;

	if (sscanf(arguments, "%39s x%u", status, &times) < 1)
		return -1;
	value = strtoul(status, &end, 0);
	for (size_t i = 0; *end && i < sizeof(named) / sizeof(named[0]); i++) {
		if (strcasecmp(smpp_status_name(named[i]), status) == 0) {
			value = named[i];
			end = status + strlen(status);
		}
	}
	if (*end || !value || value > 0xFFFFFFFF)
		return -1;
	op->faults.refuse_status = (uint32_t)value;
	op->faults.refuse_binds = times;
	return 0;
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
	{ "no-answer", "[N]", "take the next N submit_sm, but send no response", apply_no_answer },
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
