/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tracking codes: nine digits, the last of them a check digit (Luhn), the first not 0. What a citizen types of one - digits of
 * any script, in groups, with marks before and behind - becomes the nine digits, or is none. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MENU_CODE_DIGITS 9

/* False: it is none, and code is "". */
bool menu_code_read(const char *text, size_t octets, char code[MENU_CODE_DIGITS + 1]);
/* The digit that belongs behind the first eight. */
char menu_code_check_digit(const char *eight);
