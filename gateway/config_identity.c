/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `identity`: how long a proof is good, and how often one may guess. It may be left out. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"
#include "gateway/hasher.h"

#define I(field, low, high, def, help) N(gw_config_identity, field, #field, low, high, def, help)

static const struct gw_option options[] = {
	S(gw_config_identity, agency, "agency", "identity", "the menu's agency that knows whose a number is: operations match, sim, represents"),
	I(remember_days, 1, 3650, 180, "a number and its national ID are matched anew after so long, and whenever the agency says that SIM or owner changed (days)"),
	I(ids_per_hour, 1, 1000, 3, "wrong national IDs of one number in an hour; so many legal IDs, too"),
	I(ids_per_day, 1, 10000, 6, "and in a day"),
	I(pin_tries, 1, 100, 3, "wrong PINs in a row, then the number is locked out"),
	I(lock_s, 1, 86400, 600, "for so long the first time, each further time in a row four times as long (s)"),
	I(lock_max_s, 1, 2592000, 86400, "but at most so long (s)"),
	I(rest_hours, 0, 720, 24,
	  "of a number that was known, after a change of SIM or owner nobody can set a PIN for so long: who swapped a SIM has to wait until it is "
	  "missed (hours; 0: at once)"),
	I(pin_passes, 1, 100, 2, "Argon2id: passes of a PIN's hash"),
	I(pin_memory_kib, 1024, 1048576, 65536, "Argon2id: memory of a PIN's hash (KiB); one hash is computed at a time"),
	I(pin_queue, 1, 10000, 64, "PINs that may wait for their hash; beyond, the citizen is told to try again"),
	I(code_s, 30, 3600, 300, "a code by SMS is good for so long (s)"),
	I(code_tries, 1, 10, 3, "tries of a code, then it is void"),
	I(codes_per_hour, 1, 1000, 5, "codes sent to one number in an hour"),
	I(codes_per_day, 1, 10000, 10, "and in a day"),
};
static const struct gw_section section = { "identity", options, ARRAY_SIZE(options) };

void gw_config_identity(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = gw_config_find(reader, root, "identity", MENU_NODE_GROUP);
	const struct gw_config_identity *identity = &config->identity;

	gw_config_section(reader, &section, group, root, &config->identity, "");
	if (identity->ids_per_hour > identity->ids_per_day)
		gw_config_complain(reader, group ? group : root, "out-of-bounds", "ids_per_hour is above ids_per_day");
	if (identity->codes_per_hour > identity->codes_per_day)
		gw_config_complain(reader, group ? group : root, "out-of-bounds", "codes_per_hour is above codes_per_day");
	if (identity->lock_s > identity->lock_max_s)
		gw_config_complain(reader, group ? group : root, "out-of-bounds", "lock_s is above lock_max_s");
	if ((uint64_t)identity->pin_passes * identity->pin_memory_kib > GW_HASHER_COST_MAX)
		gw_config_complain(reader, group ? group : root, "out-of-bounds", "pin_passes times pin_memory_kib is above %u", GW_HASHER_COST_MAX);
}

void gw_config_identity_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
