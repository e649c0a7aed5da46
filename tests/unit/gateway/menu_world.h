/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A world with a redis-server and the sample menu, pinned: for the tests of what gateways do with both. */
#pragma once

#include <sodium.h>

#include "tests/unit/sessions/redis_world.h"

#include "gateway/log.h"
#include "menus/pin.h"
#include "menus/unicode.h"

static struct menu_pins *pins;

/* Once in a program; world_end() ends it. */
static inline void menu_world_begin(const char *name)
{
	const char *const folder[] = { "menus/sample" };
	struct menu_set *set;

	assert_true(sodium_init() >= 0);
	world_begin(name, NULL);
	gw_log_init(root);
	log_set_all_filter(osmo_stderr_target, 0);
	menu_unicode_init();
	pins = menu_pins_alloc(root);
	set = menu_set_load(root, folder, 1, menu_diags_alloc(root));
	assert_non_null(set);
	menu_pins_publish(pins, set, 0);
}
