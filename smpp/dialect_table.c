/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The dialects that ship, one row each: what it has beyond DEFAULTS, and why. Where the facts come from, and what of a
 * row is taken from a document or a capture and what only from programs that talk to such a centre, is in README.md. */
#include "smpp/dialect.h"

#include <string.h>

#include "smpp/status.h"

/* A row begins with DEFAULTS and sets some of it anew: that is the point of the table, not an oversight. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define NO_OP SMPP_DIALECT_NO_OP
#define DEFAULTS \
	.session = SMPP_SESSION_NONE, .its_mask = 0xFFFE, .echo_session = true, .end = SMPP_END_BY_OP, .pdu = SMPP_SUBMIT_SM, \
	.text = SMPP_TEXT_SHORT_MESSAGE, .code = SMPP_CODE_EITHER, \
	.begin_in = 1, .continue_in = 18, .continue_in_alt = NO_OP, .end_in = NO_OP, .abort_in = NO_OP, .abort_in_alt = NO_OP, \
	.abort_in_third = NO_OP, .notify_confirm_in = 19, \
	.continue_out = 2, .end_out = 17, .notify_out = 3, .abort_out = NO_OP, .release_out = NO_OP, \
	.push_notify_out = NO_OP, .push_end_out = NO_OP, .service_type = "USSD", .default_alphabet = SMPP_ALPHABET_GSM7, .eight_bit_alphabet = SMPP_ALPHABET_OCTETS, \
	.data_coding_gsm7 = 0, .data_coding_ucs2 = 8, \
	.source_ton = SMPP_DIALECT_AS_CAME, .source_npi = SMPP_DIALECT_AS_CAME, \
	.destination_ton = SMPP_DIALECT_AS_CAME, .destination_npi = SMPP_DIALECT_AS_CAME, .country = "98", \
	.refuse_status = ESME_RX_R_APPN, .stale_status = ESME_RX_R_APPN, \
	.page_septets = SMPP_USSD_SEPTETS, .page_ucs2_units = SMPP_USSD_UCS2_UNITS

/* ussd_service_op alone is not used: the service type says it. */
#define NO_OPS \
	.begin_in = NO_OP, .continue_in = NO_OP, .notify_confirm_in = NO_OP, \
	.continue_out = NO_OP, .end_out = NO_OP, .notify_out = NO_OP, .end = SMPP_END_BY_SERVICE_TYPE

/* What begins with us ends with a notify: there is no request of the citizen's that 17 could answer. Where no row says so, nothing is known of
 * how a centre wants it, and nothing is sent. */
#define PUSH(what, who) .push = SMPP_PUSH_##what, .push_session = SMPP_PUSH_SESSION_##who, .push_notify_out = 3, .push_end_out = 3

/* Release of the session, as SMPP+ has it: 128 asks for it, 129 tells of it. */
#define SMPP_PLUS_RELEASE .abort_out = 128, .abort_in = 129

static const struct {
	struct smpp_dialect dialect;
	const char *text;
} rows[] = {
	{ { DEFAULTS, .name = "its",
	    .session = SMPP_SESSION_ITS, .end = SMPP_END_BY_BOTH, PUSH(BOTH, OURS) },
	  "what most centres speak: its_session_info is the session, its bit 0 and operation 17 its end" },
	{ { DEFAULTS, .name = "tata",
	    .session = SMPP_SESSION_ITS, .end = SMPP_END_BY_ITS_BIT, .code = SMPP_CODE_DESTINATION,
	    .continue_in_alt = 2, .end_in = 17, .notify_out = NO_OP, .notify_confirm_in = NO_OP },
	  "Tata: the end is bit 0 of its_session_info, the operation stays 2" },
	{ { DEFAULTS, .name = "mica",
	    .session = SMPP_SESSION_UMR, .abort_in = 129, .unknown_op_continues = true,
	    .notify_out = NO_OP, .notify_confirm_in = NO_OP },
	  "Mica: user_message_reference is the session" },
	{ { DEFAULTS, .name = "6d",
	    .session = SMPP_SESSION_ITS, .end = SMPP_END_BY_BOTH, .abort_in = 129,
	    .notify_out = NO_OP, .notify_confirm_in = NO_OP },
	  "6D: as its, and operation 129 breaks off" },
	{ { DEFAULTS, .name = "huawei",
	    .session = SMPP_SESSION_ITS, .end = SMPP_END_BY_BOTH, .echo_umr = true, .abort_in = 33, .abort_out = 33, .release_out = 32,
	    PUSH(BOTH, OURS), .push_releases = true, .data_coding_gsm7 = 0x0F, .data_coding_ucs2 = 0x48, .eight_bit_alphabet = SMPP_ALPHABET_LATIN1 },
	  "Huawei USSDC by operation: 33 breaks off, data_coding is a Cell Broadcast scheme" },
	{ { DEFAULTS, NO_OPS, .name = "huawei-service-type",
	    .begin_type_in = "PSSRR", .continue_type_in = "USSRC", .abort_type_in = "RELC",
	    .continue_type_out = "USSRR", .end_type_out = "PSSRC", .echo_data_coding = true,
	    .data_coding_gsm7 = 0x0F, .data_coding_ucs2 = 0x48, .eight_bit_alphabet = SMPP_ALPHABET_LATIN1 },
	  "Huawei USSDC by service_type, without operations and without a session" },
	{ { DEFAULTS, .name = "velcom",
	    .echo_umr = true, .end = SMPP_END_BY_RELEASE, .code = SMPP_CODE_TEXT, .abort_in = 33, .abort_out = 33, .release_out = 32,
	    PUSH(NOTIFY, NETWORK) },
	  "velcom: the last page is a notify; an empty operation 32 follows when it was shown" },
	{ { DEFAULTS, SMPP_PLUS_RELEASE, .name = "comverse",
	    .session = SMPP_SESSION_COMVERSE, .session_octets = 4, .data_coding_ucs2 = 0x48 },
	  "Comverse SMPP+: TLV 0x1501 is the session" },
	{ { DEFAULTS, .name = "comviva",
	    .session = SMPP_SESSION_TEXT_FIELD, .echo_its = true, .end = SMPP_END_BY_BOTH, .text = SMPP_TEXT_STRUCTURED,
	    .long_text_in_payload = true, .code = SMPP_CODE_DESTINATION, .notify_out = NO_OP, .notify_confirm_in = NO_OP },
	  "Comviva: a structured text of base64 fields, the session is field 110" },
	{ { DEFAULTS, .name = "cellicium",
	    .session = SMPP_SESSION_RECEIPTED_ID, .session_in_response = true, .pdu = SMPP_DATA_SM, .text = SMPP_TEXT_PAYLOAD,
	    .abort_in = 65, .abort_in_alt = 66, .abort_in_third = 67, .abort_out = 68, .refuse_status = ESME_RSYSERR,
	    .stale_status = ESME_RSYSERR, .esm_class = 1, .registered_delivery = 1 },
	  "Cellicium: data_sm, receipted_message_id is the session, 65 to 68 break off" },
	{ { DEFAULTS, SMPP_PLUS_RELEASE, .name = "ussrel",
	    .session = SMPP_SESSION_RECEIPTED_ID, .session_in_response = true, .pdu = SMPP_DATA_SM, .text = SMPP_TEXT_PAYLOAD,
	    PUSH(NOTIFY, NETWORK), .push_notify_out = 131 },
	  "data_sm as cellicium, but 128 and 129 (USSREL) break off" },
	{ { DEFAULTS, .name = "ericsson",
	    .session = SMPP_SESSION_ITS, .code = SMPP_CODE_TEXT, .cut_at_hash = true, .abort_in = 5, PUSH(BOTH, OURS),
	    .default_alphabet = SMPP_ALPHABET_ASCII },
	  "Ericsson: what was dialled is the text up to '#', padded with NULs; operation 5 breaks off" },
	{ { DEFAULTS, SMPP_PLUS_RELEASE, .name = "eyeline",
	    .session = SMPP_SESSION_UMR, .refuse_status = 1038, .stale_status = 1038, .stale_status_alt = 1031,
	    PUSH(BOTH, NETWORK) },
	  "Eyeline and Sibinco: user_message_reference is the session, status 1038 or 1031 says that it is unknown" },
	{ { DEFAULTS, .name = "tele2-kz",
	    .echo_its = true, .code = SMPP_CODE_SUBADDRESS, .service_type = "USSD_", .notify_out = NO_OP, .notify_confirm_in = NO_OP },
	  "Tele2 Kazakhstan: no session, the code's prefix stands in dest_subaddress, service_type is USSD_" },
	{ { DEFAULTS, .name = "sessionless",
	    .data_coding_ucs2 = 0x48, .service_type = "", PUSH(NOTIFY, NETWORK) },
	  "no session at all: the subscriber's number is the dialog, the operation is the only TLV" },
	{ { DEFAULTS, NO_OPS, .name = "jsmpp",
	    .begin_type_in = "BR", .continue_type_in = "CA", .end_type_in = "E?", .abort_type_in = "A?",
	    .continue_type_out = "CR", .end_type_out = "EF", .eight_bit_alphabet = SMPP_ALPHABET_LATIN1, .data_coding_gsm7 = 4,
	    .page_septets = 160 },
	  "two letters of service_type are the operation, text is 8-bit" },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const struct smpp_dialect *smpp_dialect_row(size_t index)
{
	return index < N_ROWS ? &rows[index].dialect : NULL;
}

const char *smpp_dialect_text(size_t index)
{
	return index < N_ROWS ? rows[index].text : NULL;
}

const struct smpp_dialect *smpp_dialect_find(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(name, rows[i].dialect.name) == 0)
			return &rows[i].dialect;
	return NULL;
}
