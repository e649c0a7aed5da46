/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Operations that ask others side by side, as `agencies/NAME.cfg` describes them: `together = ( "water.mine", "power.mine" )`. Read
 * with the other keys; joined with their members when all files have been read. What such an operation gives a menu is made here:
 * its members' inputs, all together; their lists, those of the same name as one; and these values of its own:
 *
 *   answered, silent       how many members said what they have, and how many did not
 *   silent_fa, silent_en   the names of those that did not
 *   more                   rows that were left out for want of room */
#pragma once

#include "menus/operation.h"
#include "menus/source.h"

#define MENU_TOGETHER_FIELDS 5
enum menu_together_field {
	MENU_TOGETHER_ANSWERED, MENU_TOGETHER_SILENT, MENU_TOGETHER_SILENT_FA, MENU_TOGETHER_SILENT_EN, MENU_TOGETHER_MORE,
};
const char *menu_together_field_name(enum menu_together_field field);

/* The key `together` of an operation; what it keeps belongs to ctx. */
void menu_together_read(struct menu_operation *op, void *ctx, const struct menu_node *node, struct menu_diags *diags);
/* Finds the members of all operations that have some. Mistakes: rules "together" and "bounds", at the operation's line. */
void menu_together_join(struct menu_agencies *agencies, struct menu_diags *diags);
