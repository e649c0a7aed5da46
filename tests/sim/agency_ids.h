/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Numbers of persons, companies and bills, made as those who give them do: their check digits are computed. Written a second time on
 * purpose: what menus/input.h checks is not what makes them. `out` has room for 32 octets. */
#pragma once

#include <stdint.h>

void sim_id_national(uint32_t nine_digits, char *out);
void sim_id_legal(uint64_t ten_digits, char *out);
/* file: up to 8 digits; company: 3; kind: 1 water .. 9 traffic fine. */
void sim_id_bill(uint32_t file, unsigned int company, unsigned int kind, char *out);
/* thousands: the amount in 1000 rial, up to 8 digits; year: the last digit; period: two. */
void sim_id_payment(const char *bill_id, uint32_t thousands, unsigned int year, unsigned int period, char *out);
