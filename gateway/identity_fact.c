/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a step of the identity ladder has to ask others for: the identity agency of the menu that is current now, and the hasher. An answer that
 * is neither yes nor no - the agency is down, its words are not understood - is no fact: the step fails, and nothing is counted.
 *
 * The agency's word for SIM and owner (`since`) is kept as a keyed hash: it is only ever compared. A PIN is hashed with the session key and
 * bound to its number before Argon2id sees it, so that a copy of the ledger alone is nothing to guess at. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/identity_priv.h"
#include "gateway/log.h"
#include "menus/set.h"
#include "menus/utf8.h"

/* ---- the agency ---- */

static const char *operation_name(enum gw_identity_need need)
{
	return need == GW_NEED_SIM ? "sim" : need == GW_NEED_MATCH ? "match" : "represents";
}

/* Said once for each version of the menu: every citizen who needs it will ask. */
static void complain(struct gw_identities *identities, const struct menu_set *set, const char *what)
{
	uint64_t version = set ? menu_set_version(set) : 0;

	if (identities->complained == version)
		return;
	identities->complained = version;
	LOGP(GW_LOG_AGENCY, LOGL_ERROR, "nobody can prove who they are: the menu's agency %s (identity.agency) has no operation %s with the inputs it should have\n",
	     identities->config.agency, what);
}

static const char *value_of(void *ctx, const char *name)
{
	const struct gw_identity_ask *ask = ctx;
	const char *typed_id = ask->request.asked == GW_ASK_ID ? ask->typed : ask->record.id;

	return strcmp(name, "msisdn") == 0 ? ask->msisdn : strcmp(name, "national_id") == 0 ? typed_id :
	       strcmp(name, "legal_id") == 0 ? ask->typed : NULL;
}

static const char *answered(const struct menu_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->n; i++)
		if (!answer->values[i].list && strcmp(answer->values[i].name, name) == 0)
			return answer->values[i].value;
	return "";
}

/* UNKNOWN: neither. */
static enum gw_identity_fact fact_of(const struct menu_answer *answer)
{
	static const char *const refusals[] = { "not_yours", "not_represented", "not_found" };

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (strcmp(answer->outcome, refusals[i]) == 0)
			return GW_FACT_NO;
	return strcmp(answer->outcome, "ok") == 0 && !answer->as_of_ms ? GW_FACT_YES : GW_FACT_UNKNOWN;
}

static bool take_since(const struct gw_identity_ask *ask, const struct menu_answer *answer, char out[GW_IDENTITY_SINCE_OCTETS])
{
	const char *since = answered(answer, "since");

	if (since[0])
		gw_seal_hash(ask->identities->config.seal, "identity-since", since, out);
	return since[0];
}

static void take_province(const struct menu_answer *answer, char out[GW_IDENTITY_PROVINCE_OCTETS])
{
	const char *province = answered(answer, "province");
	size_t n = menu_utf8_floor(province, strlen(province), GW_IDENTITY_PROVINCE_OCTETS - 1);

	memcpy(out, province, n);
	out[n] = '\0';
}

/* False: it cannot be used. */
static bool take_answer(struct gw_identity_ask *ask, const struct menu_answer *answer)
{
	struct gw_identity_facts *facts = &ask->facts;
	enum gw_identity_fact fact = fact_of(answer);

	switch (ask->verdict.need) {
	case GW_NEED_SIM: /* that it does not know the number, or what answers for it, is no word of another SIM: nobody's PIN may hang on it */
		facts->sim = fact;
		return fact == GW_FACT_YES && take_since(ask, answer, facts->sim_since);
	case GW_NEED_MATCH:
		facts->match = fact;
		take_province(answer, facts->province);
		return fact == GW_FACT_NO || (fact == GW_FACT_YES && take_since(ask, answer, facts->since));
	default:
		facts->represents = fact;
		return fact != GW_FACT_UNKNOWN;
	}
}

static void on_agency(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct gw_identity_ask *ask = ctx;

	(void)token;
	menu_pins_put(ask->identities->config.pins, ask->set);
	ask->set = NULL;
	if (take_answer(ask, answer)) {
		gw_identity_go_on(ask);
		return;
	}
	LOGP(GW_LOG_AGENCY, LOGL_INFO, "identity(%s) the agency did not say: %s\n", gw_log_mask(ask->msisdn), answer->outcome);
	gw_identity_fail(ask);
}

static void ask_agency(struct gw_identity_ask *ask)
{
	struct gw_identities *identities = ask->identities;
	const struct menu_set *set = menu_pins_current(identities->config.pins);
	const char *what = operation_name(ask->verdict.need);
	char name[64];
	struct gw_agency_request request = { .value = value_of, .value_ctx = ask, .msisdn = ask->msisdn, .language = ask->language };
	int rc;

	snprintf(name, sizeof(name), "%s.%s", identities->config.agency, what);
	request.operation = set ? menu_operation_find(menu_set_agencies(set), name) : NULL;
	if (!request.operation) {
		complain(identities, set, what);
		gw_identity_fail(ask);
		return;
	}
	request.deadline_ms = (int64_t)request.operation->timeout_ms * (1 + (int64_t)request.operation->retries);
	menu_pins_get(identities->config.pins, set);
	ask->set = set;
	rc = gw_agency_call(identities->config.agencies, &request, on_agency, ask, 0);
	if (rc == 0)
		return;
	if (rc == -EINVAL)
		complain(identities, set, what);
	gw_identity_fail(ask);
}

/* ---- the hasher ---- */

static void pepper(const struct gw_identity_ask *ask, char out[GW_SEAL_HASH_OCTETS])
{
	char text[GW_MSISDN_MAX + GW_IDENTITY_TYPED_OCTETS + 2];

	snprintf(text, sizeof(text), "%s:%s", ask->msisdn, ask->typed);
	gw_seal_hash(ask->identities->config.seal, "identity-pin", text, out);
	sodium_memzero(text, sizeof(text));
}

static void on_hashed(void *ctx, uint64_t token, enum gw_hashed result, const char *hash)
{
	struct gw_identity_ask *ask = ctx;
	struct gw_identity_facts *facts = &ask->facts;

	(void)token;
	if (result == GW_HASHED_FAILED) {
		gw_identity_fail(ask);
		return;
	}
	if (ask->verdict.need == GW_NEED_VERIFY)
		facts->verified = result == GW_HASHED_YES ? GW_FACT_YES : GW_FACT_NO;
	OSMO_STRLCPY_ARRAY(facts->hash, hash);
	gw_identity_go_on(ask);
}

static void ask_hasher(struct gw_identity_ask *ask)
{
	char secret[GW_SEAL_HASH_OCTETS];
	int rc;

	pepper(ask, secret);
	if (ask->verdict.need == GW_NEED_VERIFY) {
		OSMO_STRLCPY_ARRAY(ask->facts.against, ask->verdict.against);
		rc = gw_hasher_verify(ask->identities->hasher, secret, ask->facts.against, on_hashed, ask, 0);
	} else {
		rc = gw_hasher_hash(ask->identities->hasher, secret, on_hashed, ask, 0);
	}
	sodium_memzero(secret, sizeof(secret));
	if (rc < 0)
		gw_identity_fail(ask);
}

void gw_identity_find_out(struct gw_identity_ask *ask)
{
	if (ask->verdict.need == GW_NEED_VERIFY || ask->verdict.need == GW_NEED_HASH)
		ask_hasher(ask);
	else
		ask_agency(ask);
}
