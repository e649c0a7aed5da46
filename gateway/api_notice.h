/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files behind /v1/notices share:
 *
 *   api_notice.c         the routes; one notice: shown, cancelled
 *   api_notice_post.c    new ones, one or hundreds in a call
 *   api_notice_unsure.c  the list of those whose outcome was not known */
#pragma once

#include "gateway/api.h"

#define API_NOTICES_MAX 500              /* of one call */
#define API_UNSURE_MAX 200               /* of one page */

void api_notice_post(struct gw_api_call *call);
void api_notice_unsure(struct gw_api_call *call);
