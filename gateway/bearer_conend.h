/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The bearer of USSD over HTTP (conend.h): a server of its own, over the API's server code, with a path for each route.
 *
 * A request is a step, and its response the answer to it: so each of them is answered, a copy like the first. Nothing of a dialog is
 * kept here between two requests. Text messages to its citizens go out by the SMPP operator whose numbers they are; dialogs that
 * begin with us there are none. */
#pragma once

#include "gateway/bearer.h"
#include "gateway/conend.h"

struct gw;
struct gw_api;

/* Listens; a child of gw, of which gw->config, gw->pins, gw->counters and gw->smpp must be there. NULL after a log line. */
struct gw_bearer *gw_bearer_conend_alloc(struct gw *gw, const struct gw_bearer_user *user);
/* What can go on goes on: before what is to be saved leaves. */
void gw_bearer_conend_turn(struct gw_bearer *bearer);

/* ---- listing, for the VTY and metrics ---- */

enum gw_conend_ctr {
	GW_CONEND_CTR_REQUESTS, GW_CONEND_CTR_PAGES, GW_CONEND_CTR_ENDS, GW_CONEND_CTR_BAD, GW_CONEND_CTR_SECRETS, GW_CONEND_CTR_ADDRESSES,
	GW_CONEND_CTR_BUSY, GW_CONEND_CTR_LATE, GW_CONEND_CTR_UNHEARD,
	GW_CONEND_CTRS
};
struct gw_conend_ctr_row { const char *name, *text; };
const struct gw_conend_ctr_row *gw_conend_ctr_row(size_t index); /* NULL past the last */
struct gw_conend_info {
	const struct gw_route *route;
	const char *path, *dialect;
	unsigned int open;               /* requests without an answer yet */
	const uint64_t *counters;
};
bool gw_bearer_conend_at(const struct gw_bearer *bearer, size_t index, struct gw_conend_info *info); /* false past the last */
const struct gw_api *gw_bearer_conend_server(const struct gw_bearer *bearer);
/* The routes' certificate, read anew. False after a log line. */
bool gw_bearer_conend_reload(struct gw_bearer *bearer);
