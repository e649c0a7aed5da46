/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What several agencies answered side by side -> one answer. Pure: a gateway and `dolat-menu try` merge by the same code.
 *
 * The rows of lists of one name stand one behind the other, in the order of the members. Where there is not room for all (the
 * operation's `rows`, and MENU_OPERATION_VALUES_MAX), every member gives one row in turn until it is used up, so that nobody's long list
 * takes the place of another's first rows; how many were left out is the value `more`.
 *
 * "ok" or "not_found" is an answer; everything else is silence, for it does not say what this citizen has there. The whole is "ok" if anybody
 * answered, else "failed". Where older answers stand in, it is as old as the oldest. */
#pragma once

#include <stdbool.h>

#include "menus/operation.h"

struct gw_together {
	struct menu_answer answer;       /* points into this struct, the operation, and the members' answers */
	struct menu_value values[MENU_OPERATION_VALUES_MAX];
	char answered[8], silent[8], more[16];
	char silent_fa[MENU_OPERATION_VALUE_OCTETS + 1], silent_en[MENU_OPERATION_VALUE_OCTETS + 1];
};

/* answers: one for each member, NULL where there is none. */
void gw_together_merge(struct gw_together *together, const struct menu_operation *operation, const struct menu_answer *const *answers);
/* True if this answer, or NULL, says what the citizen has there. */
bool gw_together_is_answer(const struct menu_answer *answer);
