/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What metrics.c has others print, and tables that the console prints, too. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct gw;

/* Counters that lie in a struct, one uint64_t each. */
struct gw_metrics_field { const char *name; size_t offset; const char *help; };
void gw_metrics_print_fields(FILE *to, const char *prefix, const struct gw_metrics_field *fields, size_t n, const void *base);

/* metrics_events.c: queues and webhooks; nothing where there is no ledger. */
void gw_metrics_print_events(FILE *to, const struct gw *gw);
void gw_metrics_print_bulk(FILE *to, const struct gw *gw);
void gw_metrics_print_usage(FILE *to, const struct gw *gw);
/* metrics_conend.c: routes over HTTP, if there are any. */
void gw_metrics_print_conend(FILE *to, const struct gw *gw);
/* metrics_notices.c: the outbox and the receipts; the same. */
void gw_metrics_print_notices(FILE *to, const struct gw *gw);
/* metrics_identity.c: the identity ladder; the same. */
void gw_metrics_print_identity(FILE *to, const struct gw *gw);
/* The notices' counters: struct gw_outbox_counters, struct gw_receipts_counters. */
extern const struct gw_metrics_field gw_metrics_outbox[], gw_metrics_receipts[];
extern const size_t gw_metrics_n_outbox, gw_metrics_n_receipts;
