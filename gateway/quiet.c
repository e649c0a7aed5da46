/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See quiet.h. */
#include <ctype.h>

#include "gateway/quiet.h"

#define MINUTE_MS 60000
#define DAY_MS (1440 * (int64_t)MINUTE_MS)

int gw_quiet_time(const char *text)
{
	int hours, minutes;

	if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) || text[2] != ':' || !isdigit((unsigned char)text[3]) ||
	    !isdigit((unsigned char)text[4]) || text[5])
		return -1;
	hours = (text[0] - '0') * 10 + (text[1] - '0');
	minutes = (text[3] - '0') * 10 + (text[4] - '0');
	return hours < 24 && minutes < 60 ? hours * 60 + minutes : -1;
}

int64_t gw_quiet_left_ms(const struct gw_quiet *quiet, int64_t wall_ms)
{
	int64_t of_day = ((wall_ms + (int64_t)quiet->utc_offset * MINUTE_MS) % DAY_MS + DAY_MS) % DAY_MS;
	int64_t from = quiet->from * (int64_t)MINUTE_MS, to = quiet->to * (int64_t)MINUTE_MS;
	int64_t length = (to - from + DAY_MS) % DAY_MS, since = (of_day - from + DAY_MS) % DAY_MS;

	return since < length ? length - since : 0;
}
