/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The table of command_status: SMPP v3.4 5.1.3 whole, and what of 5.0 4.7.6 is met on 3.4 links.
 *
 * The verdict is what a sender does about it. Retried is what tells of the peer's state and not of our PDU: a system
 * error, a receiver's temporary error, a bind that was not ready, and the two that name no cause (submit failed, unknown
 * error). Two ask for silence as well: throttled and queue full. A vendor's own status (0x400 to 0x4FF) and any other
 * that is not in the table counts as a refusal: to repeat what nobody understands may go on for ever. Where an operator
 * means something by one, its dialect says so. */
#include "smpp/status.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VENDOR_FIRST 0x400u
#define VENDOR_LAST 0x4FFu

#define OK SMPP_VERDICT_OK
#define RETRY SMPP_VERDICT_RETRY
#define SLOW_DOWN SMPP_VERDICT_SLOW_DOWN
#define REFUSED SMPP_VERDICT_REFUSED
#define ROW(status, verdict, text) { status, verdict, #status, text }

struct row {
	uint32_t status;
	enum smpp_verdict verdict;
	const char *name, *text;
};

static const struct row rows[] = {
	ROW(ESME_ROK, OK, "accepted"),
	ROW(ESME_RINVMSGLEN, REFUSED, "the message is too long or its length is wrong"),
	ROW(ESME_RINVCMDLEN, REFUSED, "the PDU's length does not suit its command"),
	ROW(ESME_RINVCMDID, REFUSED, "the command is unknown"),
	ROW(ESME_RINVBNDSTS, RETRY, "the command does not suit the state of the bind"),
	ROW(ESME_RALYBND, RETRY, "this ESME is bound already"),
	ROW(ESME_RINVPRTFLG, REFUSED, "the priority flag is invalid"),
	ROW(ESME_RINVREGDLVFLG, REFUSED, "the registered delivery flag is invalid"),
	ROW(ESME_RSYSERR, RETRY, "the SMSC has an internal error"),
	ROW(ESME_RINVSRCADR, REFUSED, "the source address is invalid"),
	ROW(ESME_RINVDSTADR, REFUSED, "the destination address is invalid"),
	ROW(ESME_RINVMSGID, REFUSED, "the message id is invalid"),
	ROW(ESME_RBINDFAIL, RETRY, "the bind failed"),
	ROW(ESME_RINVPASWD, REFUSED, "the password is wrong"),
	ROW(ESME_RINVSYSID, REFUSED, "the system id is wrong"),
	ROW(ESME_RCANCELFAIL, REFUSED, "the message could not be cancelled"),
	ROW(ESME_RREPLACEFAIL, REFUSED, "the message could not be replaced"),
	ROW(ESME_RMSGQFUL, SLOW_DOWN, "the message queue is full"),
	ROW(ESME_RINVSERTYP, REFUSED, "the service type is invalid"),
	ROW(ESME_RINVNUMDESTS, REFUSED, "the number of destinations is invalid"),
	ROW(ESME_RINVDLNAME, REFUSED, "the name of the distribution list is invalid"),
	ROW(ESME_RINVDESTFLAG, REFUSED, "the destination flag is invalid"),
	ROW(ESME_RINVSUBREP, REFUSED, "a submit that replaces is not possible here"),
	ROW(ESME_RINVESMCLASS, REFUSED, "the esm_class is invalid"),
	ROW(ESME_RCNTSUBDL, REFUSED, "distribution lists cannot be submitted to"),
	ROW(ESME_RSUBMITFAIL, RETRY, "the submit failed, for a cause not told"),
	ROW(ESME_RINVSRCTON, REFUSED, "the source's type of number is invalid"),
	ROW(ESME_RINVSRCNPI, REFUSED, "the source's numbering plan is invalid"),
	ROW(ESME_RINVDSTTON, REFUSED, "the destination's type of number is invalid"),
	ROW(ESME_RINVDSTNPI, REFUSED, "the destination's numbering plan is invalid"),
	ROW(ESME_RINVSYSTYP, REFUSED, "the system type is invalid"),
	ROW(ESME_RINVREPFLAG, REFUSED, "the replace-if-present flag is invalid"),
	ROW(ESME_RINVNUMMSGS, REFUSED, "the number of messages is invalid"),
	ROW(ESME_RTHROTTLED, SLOW_DOWN, "more was sent than is allowed"),
	ROW(ESME_RINVSCHED, REFUSED, "the scheduled delivery time is invalid"),
	ROW(ESME_RINVEXPIRY, REFUSED, "the validity period is invalid"),
	ROW(ESME_RINVDFTMSGID, REFUSED, "the predefined message does not exist"),
	ROW(ESME_RX_T_APPN, RETRY, "the receiver cannot take it now"),
	ROW(ESME_RX_P_APPN, REFUSED, "the receiver has a permanent error"),
	ROW(ESME_RX_R_APPN, REFUSED, "the receiver rejects the message"),
	ROW(ESME_RQUERYFAIL, REFUSED, "the query failed"),
	ROW(ESME_RINVOPTPARSTREAM, REFUSED, "the optional parameters are malformed"),
	ROW(ESME_ROPTPARNOTALLWD, REFUSED, "an optional parameter is not allowed here"),
	ROW(ESME_RINVPARLEN, REFUSED, "a parameter has a wrong length"),
	ROW(ESME_RMISSINGOPTPARAM, REFUSED, "an optional parameter is missing"),
	ROW(ESME_RINVOPTPARAMVAL, REFUSED, "an optional parameter has an invalid value"),
	ROW(ESME_RDELIVERYFAILURE, REFUSED, "the message could not be delivered"),
	ROW(ESME_RUNKNOWNERR, RETRY, "an error of which nothing is told"),
	ROW(ESME_RSERTYPUNAUTH, REFUSED, "this ESME may not use the service type"),
	ROW(ESME_RPROHIBITED, REFUSED, "this ESME may not do that"),
	ROW(ESME_RSERTYPUNAVAIL, RETRY, "the service type is not available now"),
	ROW(ESME_RSERTYPDENIED, REFUSED, "the service type is denied"),
	ROW(ESME_RINVDCS, REFUSED, "the data coding is invalid"),
	ROW(ESME_RINVSRCADDRSUBUNIT, REFUSED, "the source's subunit is invalid"),
	ROW(ESME_RINVDSTADDRSUBUNIT, REFUSED, "the destination's subunit is invalid"),
};

static const struct row *find(uint32_t status)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return &rows[i];
	return NULL;
}

const char *smpp_status_name(uint32_t status)
{
	static char number[sizeof("0x00000000")];
	const struct row *row = find(status);
	if (row)
		return row->name;
	snprintf(number, sizeof(number), "0x%08x", status);
	return number;
}

const char *smpp_status_text(uint32_t status)
{
	const struct row *row = find(status);
	if (row)
		return row->text;
	return status >= VENDOR_FIRST && status <= VENDOR_LAST ? "a status of this SMSC's own" : "a status that no specification knows";
}

enum smpp_verdict smpp_status_verdict(uint32_t status)
{
	const struct row *row = find(status);
	return row ? row->verdict : REFUSED;
}

bool smpp_status_find(const char *text, uint32_t *status)
{
	unsigned long long number;
	char *end;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, text) == 0) {
			*status = rows[i].status;
			return true;
		}
	}
	if (text[0] < '0' || text[0] > '9')
		return false; /* strtoull would skip blanks and take signs */
	errno = 0;
	number = strtoull(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	*status = (uint32_t)number;
	return !*end && errno == 0 && number <= UINT32_MAX;
}
