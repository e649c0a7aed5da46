/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A subscriber's number in one form, whatever form a network writes it in.
 *
 * What the digits say is believed before what the TON says, because networks set the TON carelessly: "+" and "00" are
 * international, one "0" is a trunk prefix and so national. Only bare digits need the TON: national when it says
 * so, international in every other case. A "national" number that begins with the calling code and is longer than any
 * national number may be is international all the same. The alphabet of TON 5 is not looked at: letters are no digits. */
#include "smpp/addr.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define TON_NATIONAL 2
#define E164_MIN 5
#define E164_MAX 15
#define NATIONAL_MAX 10 /* digits without the trunk prefix: all numbers of +98, and of most countries */

static bool starts_with(const char *string, const char *start)
{
	return strncmp(string, start, strlen(start)) == 0;
}

/* Steps over what marks the number as international or national, and says which it is. */
static bool strip_prefix(const struct smpp_address *address, const char *country, const char **digits)
{
	if (**digits == '+') {
		*digits += 1;
		return false;
	}
	if (starts_with(*digits, "00")) {
		*digits += 2;
		return false;
	}
	if (**digits == '0') {
		*digits += 1;
		return true;
	}
	return address->ton == TON_NATIONAL && !(starts_with(*digits, country) && strlen(*digits) > NATIONAL_MAX);
}

int smpp_addr_msisdn(const struct smpp_address *address, const char *country, char *out, size_t cap)
{
	const char *digits = address->digits;
	if (!digits)
		return -EINVAL;
	const char *code = strip_prefix(address, country, &digits) ? country : "";
	size_t n = strlen(digits), total = strlen(code) + n;
	if (strspn(digits, "0123456789") != n || *digits == '0' || total < E164_MIN || total > E164_MAX || total >= cap)
		return -EINVAL;
	memcpy(out, code, total - n);
	memcpy(out + (total - n), digits, n + 1);
	return 0;
}
