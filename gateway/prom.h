/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Writes the Prometheus text format, version 0.0.4: a family (HELP and TYPE lines), then its samples. The caller writes each
 * family once and all of its samples together, as the format demands. Help texts and label values are escaped here; names
 * are the program's own and are not. */
#pragma once

#include <stdint.h>
#include <stdio.h>

enum gw_prom_type { GW_PROM_COUNTER, GW_PROM_GAUGE, GW_PROM_HISTOGRAM };

struct gw_prom_label { const char *name, *value; };
/* A list of labels ends with a name that is NULL. */
#define GW_PROM_LABELS(...) (const struct gw_prom_label[]){ __VA_ARGS__, { NULL, NULL } }
#define GW_PROM_NO_LABELS NULL

/* The family's name is prefix and name, one after the other. */
struct gw_prom_family { const char *prefix, *name; enum gw_prom_type type; const char *help; };

void gw_prom_family(FILE *to, const struct gw_prom_family *family);
/* One sample. A counter's name ends in _total, which is written here; suffix: what a histogram appends ("_sum"), or "". */
void gw_prom_count(FILE *to, const struct gw_prom_family *family, const char *suffix, const struct gw_prom_label *labels, uint64_t value);
void gw_prom_real(FILE *to, const struct gw_prom_family *family, const char *suffix, const struct gw_prom_label *labels, double value);
