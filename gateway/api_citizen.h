/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What another table serves of api_citizen.c: a request under /v1/requests/{code}, as a portal sees it. */
#pragma once

#include "gateway/api.h"

/* That of the citizen with this number, as it came in the query; the call's parameter is the code. */
void api_citizen_request(struct gw_api_call *call, const char *citizen);
