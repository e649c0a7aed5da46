/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Receipts that matched nothing yet: a network may tell what became of a part before it has answered that it took it, or after the
 * process that sent it has died. They wait in a record of the citizen's, `early:{pNN}:<msisdn>`, for whoever learns which part it
 * is. Bounded: the oldest gives way. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/bearer.h"
#include "gateway/notice.h"

#define GW_EARLY_MAX 32
#define GW_EARLY_STATE_OCTETS 32

struct gw_early_receipt {
	uint16_t route;
	bool delivered;                  /* else failed */
	char state[GW_EARLY_STATE_OCTETS]; /* the network's word */
	int64_t at_ms;                   /* when it came */
	bool has_reference;
	uint16_t reference;
	size_t n_ids;
	char ids[GW_RECEIPT_KEYS_MAX][GW_SMS_ID_OCTETS];
};
struct gw_early {
	size_t n;                        /* the oldest first */
	struct gw_early_receipt at[GW_EARLY_MAX];
	unsigned int dropped;            /* by gw_early_add and gw_early_age since it was decoded */
};

/* As a record; what is no such record is as an empty one. malloc'ed text. */
void gw_early_decode(struct gw_early *early, const void *value, size_t octets);
char *gw_early_encode(const struct gw_early *early, size_t *octets);
void gw_early_from(struct gw_early_receipt *receipt, const struct gw_receipt *from, int64_t now_ms);
/* One that is there already (the same route and first id) is not added again. */
void gw_early_add(struct gw_early *early, const struct gw_early_receipt *receipt);
/* Drops those that came before. */
void gw_early_age(struct gw_early *early, int64_t before_ms);
void gw_early_drop(struct gw_early *early, size_t index);

/* Is it the receipt of a part that was sent under this id? */
bool gw_early_has_id(const struct gw_early_receipt *receipt, uint16_t route, const char *id);
/* Takes out those of the notice's parts whose ids are known, and applies them; and then, for parts of unknown outcome, those that
 * can be no other's: by the notice's reference, or, of a network that does not tell it, the only one since the part was to be sent
 * that came before settled_ms, so that a message whose id will be known in a moment cannot be meant. How many were taken. */
unsigned int gw_early_match(struct gw_early *early, struct gw_notice *notice, uint16_t route, int64_t settled_ms);

/* What a receipt does to a part. False: nothing, it is a repeated one or too late. */
bool gw_part_hear(struct gw_notice_part *part, bool delivered, const char *state, int64_t at_ms);
/* Which part of unknown outcome this receipt is of; -1: of none. alone: no other receipt and no other notice could be meant. */
int gw_part_of_unknown(const struct gw_notice *notice, const struct gw_early_receipt *receipt, bool alone);
