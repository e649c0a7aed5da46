/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What metrics.c has others print. */
#pragma once

#include <stdio.h>

struct gw;

/* metrics_events.c: queues and webhooks; nothing where there is no ledger. */
void gw_metrics_print_events(FILE *to, const struct gw *gw);
void gw_metrics_print_bulk(FILE *to, const struct gw *gw);
