/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The people whom no story speaks of: some two hundred with numbers, bills, insurance, vehicles, letters and all else that agencies
 * know, and companies that they speak for. A generator with a fixed seed draws them: every country begins the same. */
#pragma once

#include <stdbool.h>

#include "tests/sim/agency_db.h"

#define SIM_PEOPLE 200
#define SIM_COMPANIES 40

bool sim_people_add(struct sim_db *db);
