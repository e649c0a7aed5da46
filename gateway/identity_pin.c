/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* PINs that everybody tries first. There are few PINs and three tries: what helps is that none of them is among the thousand that most
 * people choose, or is read from the telephone itself. Pure. */
#include <stdlib.h>
#include <string.h>

#include "gateway/identity_step.h"

bool gw_identity_is_pin(const char *typed)
{
	size_t n = strlen(typed);

	return n >= GW_IDENTITY_PIN_MIN && n <= GW_IDENTITY_PIN_MAX && strspn(typed, "0123456789") == n;
}

/* Each digit is `step` after the one before it, around 9 and 0: 0 is one digit only, 1 a row up, 9 a row down. */
static bool is_row(const char *pin, int step)
{
	for (; pin[1]; pin++)
		if ((pin[0] - '0' + step) % 10 != pin[1] - '0')
			return false;
	return true;
}

/* It is its first `period` digits again and again: 1212, 123123, 45454. */
static bool repeats(const char *pin, size_t period)
{
	for (size_t i = period; pin[i]; i++)
		if (pin[i] != pin[i - period])
			return false;
	return true;
}

/* Doubled digits in a row: 1122, 112233. */
static bool is_doubled_row(const char *pin, int step)
{
	size_t n = strlen(pin);

	for (size_t i = 0; i < n; i += 2)
		if (i + 1 == n || pin[i] != pin[i + 1] || (i && (pin[i - 1] - '0' + step) % 10 != pin[i] - '0'))
			return false;
	return true;
}

/* Four digits: years in which people who telephone were born, of both calendars, and those now. */
static bool is_year(const char *pin)
{
	int year = atoi(pin);

	return strlen(pin) == 4 && ((year >= 1300 && year <= 1410) || (year >= 1920 && year <= 2031));
}

bool gw_identity_is_weak(const char *pin, const char *msisdn, const char *national_id)
{
	size_t n = strlen(pin);

	for (size_t period = 1; 2 * period <= n; period++)
		if (repeats(pin, period))
			return true;
	return is_row(pin, 1) || is_row(pin, 9) || is_doubled_row(pin, 1) || is_doubled_row(pin, 9) || is_year(pin) || strstr(msisdn, pin) ||
	       strstr(national_id, pin);
}
