/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What Prometheus reads. Everything is printed from the tables that the program itself counts in, so that a new counter shows
 * up here without a line of code. Nothing in it names or numbers a citizen. */
#pragma once

#include <stdio.h>

struct gw;

void gw_metrics_print(FILE *to, const struct gw *gw);
