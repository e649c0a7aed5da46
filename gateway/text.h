/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What citizens write by SMS. A text message becomes a request, the state of one, a word of stop or start, or a question that is
 * answered with help; its ticket is accepted when what it caused is in the ledger, and not before: until then the network has it.
 *
 *   text ──> (joined, if it is a part) ──> language ──> understood (menus/keyword.h) ──> done ──> accepted
 *                                                                                       └── ledger down, busy: refused, comes again
 *
 * What goes back is a notice like any other, of one part, from the number that was written to. Machines write, too: what one number is
 * answered in an hour is bounded, requests apart. What was written is never logged. */
#pragma once

#include "gateway/bearer.h"
#include "gateway/notices.h"
#include "gateway/requests.h"
#include "menus/pin.h"
#include "sessions/store.h"

struct gw_texts;
struct gw_consent;
struct gw_usage;

struct gw_texts_config {
	struct sess_ledger *ledger;
	struct gw_requests *requests;
	struct gw_notices *notices;
	struct gw_consent *consent;
	/* gw_consent_set of consent.h: this number wants no notices of this sender, or wants them again. */
	int (*set_consent)(struct gw_consent *consent, const char *msisdn, const char *sender, bool stopped, const char *via, gw_notices_cb *cb,
			   void *ctx, uint64_t token);
	struct sess_store *store;        /* citizens' languages; NULL: not known */
	const struct menu_pins *pins;
	int64_t join_ms;                 /* parts of a long SMS are waited for so long */
	unsigned int texts_per_minute, answers_per_hour; /* of one number; 0: no limit */
	unsigned int in_work;            /* messages at once; beyond, the network is told to come later */
	/* Is this number the one from which the operator sends what names no sender? NULL: never. */
	bool (*own)(void *ctx, const struct gw_route *route, const char *to);
	void *ctx;
	struct gw_usage *usage;          /* where requests are counted; NULL: nowhere */
};

/* Counts since alloc; a row of the table for each. */
enum gw_text_ctr {
	GW_TEXT_CTR_TEXTS, GW_TEXT_CTR_PARTS, GW_TEXT_CTR_WHOLE, GW_TEXT_CTR_LOST, GW_TEXT_CTR_REQUESTS, GW_TEXT_CTR_REPEATED, GW_TEXT_CTR_STATES,
	GW_TEXT_CTR_STOPS, GW_TEXT_CTR_STARTS, GW_TEXT_CTR_HELPS, GW_TEXT_CTR_NOTHING, GW_TEXT_CTR_NO_AGENCY, GW_TEXT_CTR_TOO_OFTEN,
	GW_TEXT_CTR_UNANSWERED, GW_TEXT_CTR_REFUSED, GW_TEXT_CTR_LATER,
	GW_TEXT_CTRS
};
struct gw_text_ctr_row { const char *name, *text; };
const struct gw_text_ctr_row *gw_text_ctr_row(size_t index); /* NULL past the last */

/* A child of ctx; freed after ledger and store. */
struct gw_texts *gw_texts_alloc(void *ctx, const struct gw_texts_config *config);
/* For the bearers' gw_text_user. */
void gw_texts_on_text(struct gw_texts *texts, const struct gw_text *text);
void gw_texts_tick(struct gw_texts *texts);   /* every GW_LOOP_TICK_MS */
/* Takes nothing more (the network is told to come later). True when nothing is in work any more. */
bool gw_texts_close(struct gw_texts *texts);
unsigned int gw_texts_in_work(const struct gw_texts *texts);
uint64_t gw_texts_counter(const struct gw_texts *texts, enum gw_text_ctr counter);
