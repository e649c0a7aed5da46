/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A service that an agency proposes for the catalogue, as the API takes it: by the same rules as those of catalogue.cfg. Pure. */
#pragma once

#include "gateway/catalogue_state.h"
#include "gateway/mistake.h"

/* {"name", "title": {fa, en}, "kind", "domain", "channels", "inputs", "level", "waits_for"} -> the record of a proposed service, a new
 * reference; NULL with all mistakes. late: the closing is over. */
json_t *gw_service_proposal(const json_t *body, const char *agency, const char *today, bool late, struct gw_mistakes *mistakes);
