/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A phone in the terminal for a menu's author: dials, shows each page with the units that it takes, asks for what to type.
 * With a terminal it edits lines; without one it reads plain lines, so that a dialog can be piped in. */
#pragma once

#include "gateway/samples.h"
#include "menus/set.h"
#include "smpp/dialect.h"

struct gw_try {
	const struct menu_set *set;
	const struct smpp_dialect *dialect; /* whose page limits are those of the phone's operator */
	const struct gw_samples *samples;   /* NULL: the agencies themselves are asked */
	const char *language;               /* remembered for the subscriber; "": none */
	const char *number, *dial;
	bool screens;                       /* the screen's name stands above each page */
};

/* A dial string typed within a dialog hangs up and dials. Until the end of input, or an empty line where a code is asked for. 0, or 1 if the code is not a dial string or the
 * agencies cannot be set up. */
int gw_try_run(void *ctx, const struct gw_try *options);
