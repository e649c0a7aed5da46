/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Moments as text (RFC 3339), as API and events write them: "2020-03-15T09:30:00.123Z". Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GW_RFC3339_OCTETS 32
#define GW_RFC3339_MS_MAX INT64_C(253402300799999) /* the end of 9999 */

/* In UTC, with milliseconds. What lies outside the years 1970 to 9999 is written as the nearer end. */
void gw_rfc3339_print(int64_t wall_ms, char out[GW_RFC3339_OCTETS]);
/* "2020-03-15T13:00:00+03:30", fractions of a second to the millisecond. False: it is no such moment, or before 1970. A leap second is
 * the second after it. */
bool gw_rfc3339_parse(const char *text, int64_t *wall_ms);
