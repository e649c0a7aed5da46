/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An agency's answer that has to outlive its callback. */
#pragma once

#include "menus/operation.h"

/* One talloc object, texts included. */
struct menu_answer *gw_answer_copy(void *ctx, const struct menu_answer *answer);
