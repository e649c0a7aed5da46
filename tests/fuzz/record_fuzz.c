/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any text as a record of the ledger, the first octet says of which kind: it is none, or everything that is done with records works on it.
 *
 * Of an identity's the part that is sealed in the ledger may stand in clear behind a NUL: it is sealed here, as nobody else can. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <talloc.h>

#include "gateway/bulk_job.h"
#include "gateway/catalogue_state.h"
#include "gateway/identity_record.h"
#include "gateway/payment_decide.h"
#include "gateway/request_record.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)
#define MSISDN "989121234567"
#define NOW_MS INT64_C(1795550000000)

/* ---- identities ---- */

static const struct gw_seal *seal(void)
{
	static struct gw_seal *made;

	if (!made) {
		HOLD(sodium_init() >= 0);
		made = gw_seal_alloc(NULL, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	}
	return made;
}

/* The text with "who" in it; malloc'ed. */
static char *with_who(const char *text, size_t octets, const char *who, size_t who_octets)
{
	uint8_t closed[1024 + GW_SEAL_OCTETS];
	char base64[sodium_base64_ENCODED_LEN(sizeof(closed), sodium_base64_VARIANT_URLSAFE_NO_PADDING)], *made;
	json_t *object = json_loadb(text, octets, 0, NULL);
	ssize_t n;

	if (!json_is_object(object) || who_octets > 1024) {
		json_decref(object);
		return NULL;
	}
	memcpy(closed, who, who_octets);
	n = gw_seal_close(seal(), MSISDN, closed, who_octets, sizeof(closed));
	HOLD(n > 0);
	sodium_bin2base64(base64, sizeof(base64), closed, (size_t)n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	json_object_set_new(object, "who", json_string(base64));
	made = json_dumps(object, 0);
	json_decref(object);
	return made;
}

static void climb(const struct gw_identity *from, enum gw_identity_question asked, unsigned int level)
{
	static const char *const typed[GW_ASKS] = { "", "0012345679", "10100302746", "1", "5820", "5820", "123456" };
	static const struct gw_identity_limits limits = { 86400000, 900000, 86400000, 120000, 86400000, 3, 6, 5, 10, 3, 3 };
	static const struct gw_identity_facts facts = { .sim = GW_FACT_YES, .sim_since = "s", .match = GW_FACT_YES, .since = "s", .province = "p",
		.represents = GW_FACT_YES, .verified = GW_FACT_NO, .hash = "h", .new_code = "c" };
	struct gw_identity_request request = { .msisdn = MSISDN, .dialog = 7, .level = level, .business = level == 2, .asked = asked,
		.typed = typed[asked], .last = "l", .code = "c" };
	struct gw_identity record = *from;
	struct gw_identity_verdict verdict;

	gw_identity_step(&limits, &record, &request, &facts, NOW_MS, &verdict);
	HOLD(verdict.need <= GW_NEED_HASH && verdict.n_notes <= GW_IDENTITY_NOTES_MAX && verdict.question < GW_ASKS && verdict.hint < GW_HINTS);
	if (verdict.need != GW_NEED_NOTHING)
		return;
	HOLD(verdict.status == 200 || (verdict.why && (verdict.status == 403 || verdict.status == 429)));
	HOLD(verdict.status != 200 || verdict.question || verdict.level >= level);
}

static void check_identity(const char *text, size_t octets)
{
	static struct gw_identity record, again;
	size_t n;
	char *encoded;
	int rc = gw_identity_decode(&record, seal(), MSISDN, text, octets);

	HOLD(rc == 0 || rc == -EKEYREJECTED || rc == -EBADMSG);
	HOLD(rc == 0 || (!record.id[0] && !record.pin[0] && !record.code[0]));
	encoded = gw_identity_encode(&record, seal(), MSISDN, &n);
	HOLD(encoded && gw_identity_decode(&again, seal(), MSISDN, encoded, n) == 0 && memcmp(&record, &again, sizeof(record)) == 0);
	free(encoded);
	for (int asked = 0; asked < GW_ASKS; asked++)
		for (unsigned int level = 1; level <= 3; level++)
			climb(&record, (enum gw_identity_question)asked, level);
}

static void read_identity(const char *text, size_t octets)
{
	const char *nul = memchr(text, '\0', octets);
	char *sealed = nul ? with_who(text, (size_t)(nul - text), nul + 1, octets - (size_t)(nul + 1 - text)) : NULL;

	check_identity(sealed ? sealed : text, sealed ? strlen(sealed) : octets);
	free(sealed);
}

/* ---- payments: what is over stays so, and nobody pays what is to be voided ---- */

static void decide(const json_t *record, enum gw_payment_event event, bool held)
{
	static const struct gw_payment_settings settings = { 30000, 1000, 60000, 600000, 86400000 };
	const struct gw_payment_happened happened = { event, "r", NULL, held, 3, NOW_MS, 12345 };
	struct gw_payment_next next = gw_payment_decide(record, &happened, &settings);
	enum gw_payment_state state = gw_payment_state(record);

	HOLD(next.act <= GW_PAYMENT_DONE && next.state <= GW_PAYMENT_VOID && next.reference && next.why);
	HOLD(next.act != GW_PAYMENT_LATER || (next.pause_ms >= 0 && next.pause_ms <= settings.unsure_after_ms));
	HOLD(!gw_payment_over(state) || (next.act != GW_PAYMENT_PUT && next.act != GW_PAYMENT_MARK && next.act != GW_PAYMENT_SETTLE));
	HOLD(state != GW_PAYMENT_VOIDING || next.act != GW_PAYMENT_PUT);
}

static void read_payment(const char *text, size_t octets)
{
	json_t *record = gw_payment_decode(text, octets), *shown;

	if (!record)
		return;
	for (int event = 0; event < GW_PAYMENT_EVENTS; event++) {
		decide(record, (enum gw_payment_event)event, false);
		decide(record, (enum gw_payment_event)event, true);
	}
	HOLD(gw_payment_word(record)[0] && gw_payment_kind(record, "fa") && gw_payment_kind(record, "en"));
	shown = gw_payment_show(record);
	HOLD(shown);
	json_decref(shown);
	gw_payment_set(record, GW_PAYMENT_PAID, "reference", "", NOW_MS);
	HOLD(gw_payment_state(record) == GW_PAYMENT_PAID && strcmp(gw_payment_word(record), "paid") == 0);
	json_decref(record);
}

/* ---- requests, services, jobs ---- */

static void read_request(const char *text, size_t octets)
{
	json_t *record = gw_request_decode(text, octets), *shown;

	if (!record)
		return;
	HOLD(gw_request_state(record) <= GW_REQUEST_REFUSED && gw_request_title(record, "fa") && gw_request_title(record, "en"));
	shown = gw_request_show(record);
	HOLD(shown);
	json_decref(shown);
	shown = gw_request_show_briefly(record);
	HOLD(shown);
	json_decref(shown);
	json_decref(record);
}

static void read_service(const char *text, size_t octets)
{
	json_t *record = json_loadb(text, octets, 0, NULL), *merged;
	struct gw_service service;

	if (!record)
		return;
	if (gw_service_read(record, "1405/09/03", &service)) {
		HOLD(service.name[0] && service.agency[0] && gw_service_state_name(service.state) && service.title_fa && service.title_en);
		merged = gw_service_merge(record, record);
		HOLD(json_equal(merged, record));
		json_decref(merged);
		json_decref(service.record);
	}
	json_decref(record);
}

static void read_job(const char *text, size_t octets)
{
	static const int64_t tallies[GW_BULK_TALLIES] = { 1 };
	struct gw_bulk_job *job = gw_bulk_job_decode(NULL, text, octets);
	json_t *shown;

	if (!job)
		return;
	shown = gw_bulk_job_show(job, tallies);
	HOLD(shown && json_integer_value(json_object_get(json_object_get(shown, "notices"), "waiting")) >= 0);
	json_decref(shown);
	talloc_free(job);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(const char *text, size_t octets) = { read_identity, read_payment, read_request, read_service, read_job };
	char *text;

	if (size < 1)
		return 0;
	seal();
	text = malloc(size);                     /* exactly as long as it is: a step beyond is seen */
	memcpy(text, data + 1, size - 1);
	kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))](text, size - 1);
	free(text);
	return 0;
}
