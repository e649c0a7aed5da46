/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What notices.c (records), notices_inbox.c (a citizen's list) and notices_secret.c (sealed texts) share. */
#pragma once

#include "gateway/notices.h"

struct gw_notices {
	struct gw_notices_config config;
};
