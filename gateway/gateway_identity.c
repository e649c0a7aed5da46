/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See gateway_identity.h. */
#include "gateway/gateway_identity.h"

#include <string.h>

#include "gateway/identity.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "menus/set.h"

#define SECOND_MS INT64_C(1000)
#define DAY_MS INT64_C(86400000)

static struct gw_identity_limits limits_of(const struct gw_config_identity *config)
{
	return (struct gw_identity_limits){
		.remember_ms = config->remember_days * DAY_MS, .lock_ms = config->lock_s * SECOND_MS, .lock_max_ms = config->lock_max_s * SECOND_MS,
		.code_ms = config->code_s * SECOND_MS, .rest_ms = config->rest_hours * (3600 * SECOND_MS), .ids_per_hour = config->ids_per_hour, .ids_per_day = config->ids_per_day,
		.codes_per_hour = config->codes_per_hour, .codes_per_day = config->codes_per_day, .pin_tries = config->pin_tries,
		.code_tries = config->code_tries,
	};
}

/* Does the menu ask it of us? */
static bool is_wanted(const struct menu_set *set)
{
	const struct menu_agency *agency;

	for (size_t i = 0; (agency = menu_agencies_at(menu_set_agencies(set), i)); i++)
		for (size_t k = 0; agency->own && k < agency->n_operations; k++)
			if (strcmp(agency->operations[k].path, gw_builtin_identity_rows[0].path) == 0)
				return true;
	return false;
}

bool gw_identity_make(struct gw *gw)
{
	static const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };
	const struct gw_config_identity *config = &gw->config->identity;

	if (!gw->ledger || !gw->seal) {
		if (is_wanted(menu_pins_current(gw->pins)))
			LOGP(GW_LOG_MAIN, LOGL_ERROR, "nobody can prove who they are: redis.ledger and session_key_file are needed for it\n");
		return true;
	}
	gw->identities = gw_identities_alloc(gw, &(struct gw_identities_config){ .ledger = gw->ledger, .notices = gw->notices, .seal = gw->seal,
		.pins = gw->pins, .agencies = gw->agencies, .agency = config->agency, .limits = limits_of(config),
		.hasher = { .passes = config->pin_passes, .memory_kib = config->pin_memory_kib, .queue = config->pin_queue, .io = &io } });
	return gw->identities != NULL;
}
