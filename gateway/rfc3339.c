/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See rfc3339.h. */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/rfc3339.h"

void gw_rfc3339_print(int64_t wall_ms, char out[GW_RFC3339_OCTETS])
{
	int64_t ms = wall_ms < 0 ? 0 : wall_ms > GW_RFC3339_MS_MAX ? GW_RFC3339_MS_MAX : wall_ms;
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(out, GW_RFC3339_OCTETS, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, GW_RFC3339_OCTETS - n, ".%03uZ", (unsigned int)(ms % 1000));
}

/* So many digits at *at, as a number up to max. */
static bool take_number(const char **at, unsigned int digits, int max, int *out)
{
	*out = 0;
	for (unsigned int i = 0; i < digits; i++, ++*at) {
		if (!isdigit((unsigned char)**at))
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return *out <= max;
}

static bool take_mark(const char **at, const char *marks)
{
	if (!**at || !strchr(marks, **at))
		return false;
	++*at;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool take_fraction(const char **at, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (**at != '.')
		return true;
	++*at;
	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); ++*at, scale /= 10)
		*ms += (**at - '0') * scale;
	return true;
}

static bool take_offset(const char **at, int *minutes)
{
	int sign = **at == '-' ? -1 : 1, hours, rest;

	*minutes = 0;
	if (take_mark(at, "Zz"))
		return true;
	if (!take_mark(at, "+-") || !take_number(at, 2, 23, &hours) || !take_mark(at, ":") || !take_number(at, 2, 59, &rest))
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

bool gw_rfc3339_parse(const char *text, int64_t *wall_ms)
{
	int year, month, day, hour, minute, second, ms, offset;
	const char *at = text;
	struct tm tm = { 0 };

	if (!take_number(&at, 4, 9999, &year) || !take_mark(&at, "-") || !take_number(&at, 2, 12, &month) || !take_mark(&at, "-") ||
	    !take_number(&at, 2, 31, &day) || !take_mark(&at, "Tt ") || !take_number(&at, 2, 23, &hour) || !take_mark(&at, ":") ||
	    !take_number(&at, 2, 59, &minute) || !take_mark(&at, ":") || !take_number(&at, 2, 60, &second) || !take_fraction(&at, &ms) ||
	    !take_offset(&at, &offset) || *at || month < 1 || day < 1 || day > days_of(year, month))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*wall_ms = ((int64_t)timegm(&tm) - (int64_t)offset * 60) * 1000 + ms;
	return *wall_ms >= 0;
}
