/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Text messages that a dialog sends: beside a page, or in the place of a page that came too late.
 *
 * With a ledger they are *promised*: it has accepted them before the session that goes with them is saved, and so before the citizen
 * sees the page that says so. Ledger and sessions are different servers. What the death of this process leaves behind:
 *
 *   before the promise      nothing. The step was not acknowledged and comes again; a call is taken over
 *   promised, not saved     the text goes out. The same step, done again here or elsewhere, promises it under the same name, and it is there
 *                           already. If the step does not come again, or the session goes another way, there is a text without its page
 *   saved, page not sent    the text goes out, and the page is made again from the session
 *
 * What names a text is what was done, not who did it: the step, and the stamp of the session that it was done to; or the call to
 * the agency, which is the same for whoever takes it over, and its outcome. A dial that finds no session at all is named by its minute:
 * only there the same text can come twice, if its process dies and the network repeats the step in the next minute.
 *
 * The dialog does not stop because the ledger does: what it does not take is tried once more when the page is out, and then sent from
 * memory. That may send it twice (the ledger was only slow), which is better than a bill that never comes. What is private or
 * was a secret is sent from memory in any case: the ledger would keep it as plain text for months. So is everything where there is no ledger. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/dialog_priv.h"

struct text {
	struct gw_dialogs *dialogs;
	uint64_t step;                       /* that waits for it; 0: none does */
	bool page;                           /* else it goes beside one */
	const struct gw_route *route;
	char msisdn[GW_MSISDN_MAX + 1];
	char text[MENU_PAGE_OCTETS + 1];
	size_t octets;
};

/* ---- names ---- */

static void hash_values(struct gw_inflight *step, const uint64_t *values, size_t n, const char *word)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(step->cause));
	crypto_generichash_update(&state, (const uint8_t *)values, n * sizeof(values[0]));
	crypto_generichash_update(&state, (const uint8_t *)word, strlen(word));
	crypto_generichash_final(&state, step->cause, sizeof(step->cause));
}

static void caused_by_step(struct gw_inflight *step)
{
	const struct session *session = &step->session;
	const uint64_t values[] = {
		session->version, session->version ? session->nonce : (uint64_t)(step->arrived_wall_us / 60000000), step->fingerprint,
		step->session_hash, step->route->id,
	};

	hash_values(step, values, ARRAY_SIZE(values), "step");
}

void gw_dialog_caused_by_call(struct gw_inflight *step, const struct menu_answer *answer)
{
	hash_values(step, &step->call_key, 1, answer->outcome);
}

/* ---- promised, or sent ---- */

static void send_from_memory(struct gw_dialogs *dialogs, const struct gw_route *route, const char *msisdn, const char *text, size_t octets)
{
	const struct gw_sms sms = { .msisdn = msisdn, .sender = "", .text = text, .octets = octets };
	int rc = route->bearer->ops->sms(route->bearer, route, &sms);

	gw_dialog_count(dialogs, GW_CTR_DIALOG_TEXTS_MEMORY);
	if (rc < 0)
		LOGPDIALOG(route, msisdn, LOGL_ERROR, "text message cannot be sent: %s\n", strerror(-rc));
}

static void heard(struct gw_dialogs *dialogs, struct gw_inflight *step, bool page, bool promised)
{
	if (promised && page)
		step->page_promised = true;
	else if (promised)
		TALLOC_FREE(step->sms);
	if (--step->awaiting == 0)
		gw_dialog_save(dialogs, step, step->then);
}

static void on_promised(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct text *text = ctx;
	struct gw_dialogs *dialogs = text->dialogs;
	struct gw_inflight *step = text->step ? gw_inflight_at(dialogs->pool, text->step) : NULL;
	bool promised = result == SESS_LEDGER_OK || result == SESS_LEDGER_THERE, page = text->page;

	(void)token;
	dialogs->n_texts--;
	if (promised)
		gw_dialog_count(dialogs, GW_CTR_DIALOG_TEXTS);
	else if (!text->step && !dialogs->abandoned)
		send_from_memory(dialogs, text->route, text->msisdn, text->text, text->octets);
	talloc_free(text);
	if (step)
		heard(dialogs, step, page, promised);
}

/* False: it cannot be. waits: the step goes on when it is known whether it was. */
static bool promise(struct gw_dialogs *dialogs, struct gw_inflight *step, const char *words, size_t octets, bool page, bool waits)
{
	char name[80], cause[2 * sizeof(step->cause) + 1];
	struct gw_dialog_text asked = { .route = step->route, .msisdn = step->msisdn, .language = step->language, .name = name };
	struct text *text;

	if (!dialogs->config.text || step->is_private)
		return false;
	text = talloc_zero(dialogs, struct text);
	text->dialogs = dialogs;
	text->step = waits ? gw_inflight_handle(step) : 0;
	text->page = page;
	text->route = step->route;
	OSMO_STRLCPY_ARRAY(text->msisdn, step->msisdn);
	text->octets = OSMO_MIN(octets, (size_t)MENU_PAGE_OCTETS);
	memcpy(text->text, words, text->octets);
	sodium_bin2hex(cause, sizeof(cause), step->cause, sizeof(step->cause));
	snprintf(name, sizeof(name), "dialog.%s.%s.%s", step->msisdn, cause, page ? "page" : "beside");
	asked.text = text->text;
	if (dialogs->config.text(dialogs->config.text_ctx, &asked, on_promised, text, 0) < 0) {
		talloc_free(text);
		return false;
	}
	dialogs->n_texts++;
	return true;
}

void gw_dialog_promise(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then)
{
	bool page_too = step->late && then == GW_THEN_ANSWER;

	step->page_promised = false;
	if (!step->is_calling)
		caused_by_step(step);
	step->stage = GW_STAGE_PROMISING;
	step->then = then;
	step->awaiting = 0;
	if (page_too && !step->push.begun)
		step->awaiting += promise(dialogs, step, step->page, step->page_octets, true, true);
	if (step->sms && !step->push.begun) /* of such a dialog nothing is promised before the network has its page */
		step->awaiting += promise(dialogs, step, step->sms, strlen(step->sms), false, true);
	if (!step->awaiting)
		gw_dialog_save(dialogs, step, then);
}

void gw_dialog_sms(struct gw_dialogs *dialogs, struct gw_inflight *step, const char *text, size_t octets, bool page)
{
	if (!promise(dialogs, step, text, octets, page, false))
		send_from_memory(dialogs, step->route, step->msisdn, text, octets);
}

void gw_dialog_sms_page(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (!step->page_promised)
		gw_dialog_sms(dialogs, step, step->page, step->page_octets, true);
}

void gw_dialog_sms_beside(struct gw_dialogs *dialogs, struct gw_inflight *step)
{
	if (step->sms)
		gw_dialog_sms(dialogs, step, step->sms, strlen(step->sms), false);
	TALLOC_FREE(step->sms);
}
