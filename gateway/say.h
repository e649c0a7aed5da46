/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway's own words by SMS: a phrase of the menu with its values, in one part. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "menus/set.h"

#define GW_SAY_OCTETS 512        /* more than one part ever has, as UTF-8 */

/* Does it go into one part of an SMS? (menu_sms_fits) */
bool gw_say_fits(const void *ctx, const char *utf8, size_t octets);
/* {what} gives way by its end if all together is too long. Octets; 0: it cannot be said. */
size_t gw_say(const struct menu_set *set, enum menu_phrase phrase, const char *language, const char *what, const char *code,
              const char *state, char out[GW_SAY_OCTETS]);
/* "fa" or "en", by the letters; "" if there are none ("1*7748317800142#"). */
const char *gw_say_script(const char *utf8, size_t octets);
