/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an account does for a citizen: shared by api_citizen.c (which noted, does and answers it) and api_citizen_payment.c. */
#pragma once

#include <jansson.h>

#include "gateway/api.h"
#include "gateway/bearer.h"
#include "gateway/notice.h"

struct gw;

/* How an act's outcomes are said: types of problems. */
struct api_citizen_manner {
	const char *what;                /* in the audit chain */
	const char *service;             /* as which it is counted: what menus have for the same */
	const char *unknown, *forbidden, *conflict;
	const char *standing;            /* of 409 with a body: what stands in the way; or NULL */
	bool told;                       /* what was found is answered; else nothing but that it was done (204) */
};

struct api_citizen_act {
	struct gw *gw;
	uint64_t handle;
	const struct api_citizen_manner *manner;
	const char *method, *door;
	char msisdn[GW_MSISDN_MAX + 1], account[33], language[4], path[96];
	char on[GW_NOTICE_ID_OCTETS];    /* a notice or a request; "" */
	json_t *body;                    /* or NULL */
	uint64_t idempotency;
};

/* NULL: it was answered. number: of the citizen, as it came. */
struct api_citizen_act *api_citizen_act(struct gw_api_call *call, const char *number, const struct api_citizen_manner *manner,
					const char *method);
/* Notes the act, does it and answers; it is gone. */
void api_citizen_go(struct api_citizen_act *act);
/* Of the account's own key, so that no other's can be the same; 0: there is none. */
uint64_t api_citizen_idempotency(const struct gw_api_call *call);
