/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a menu that can be compiled may still have wrong: rules over the whole of it. check.c: its shape (what can be
 * reached, what never ends, what is too long); flow.c: what is known at each point of it. README.md lists every rule. */
#pragma once

#include "menus/diag.h"
#include "menus/tree.h"

void menu_check(const struct menu_set *set, struct menu_diags *diags);
void menu_flow_check(const struct menu_set *set, const struct menu_service *service, struct menu_diags *diags);
