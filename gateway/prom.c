/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See prom.h. */
#include <stdbool.h>
#include <inttypes.h>

#include "gateway/prom.h"

static const struct { const char *text, *suffix; } types[] = {
	[GW_PROM_COUNTER] = { "counter", "_total" },
	[GW_PROM_GAUGE] = { "gauge", "" },
	[GW_PROM_HISTOGRAM] = { "histogram", "" },
};

/* In a HELP line a quotation mark stands for itself, in a label's value it does not. */
static void put_escaped(FILE *to, const char *text, bool quoted)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '\\' || (quoted && *text == '"'))
			fprintf(to, "\\%c", *text);
		else
			fputc(*text, to);
	}
}

void gw_prom_family(FILE *to, const struct gw_prom_family *family)
{
	fprintf(to, "# HELP %s%s%s ", family->prefix, family->name, types[family->type].suffix);
	put_escaped(to, family->help, false);
	fprintf(to, "\n# TYPE %s%s%s %s\n", family->prefix, family->name, types[family->type].suffix, types[family->type].text);
}

static void put_name(FILE *to, const struct gw_prom_family *family, const char *suffix, const struct gw_prom_label *labels)
{
	fprintf(to, "%s%s%s%s", family->prefix, family->name, types[family->type].suffix, suffix);
	for (const struct gw_prom_label *label = labels; label && label->name; label++) {
		fprintf(to, "%c%s=\"", label == labels ? '{' : ',', label->name);
		put_escaped(to, label->value, true);
		fputc('"', to);
	}
	fputs(labels && labels->name ? "} " : " ", to);
}

void gw_prom_count(FILE *to, const struct gw_prom_family *family, const char *suffix, const struct gw_prom_label *labels, uint64_t value)
{
	put_name(to, family, suffix, labels);
	fprintf(to, "%" PRIu64 "\n", value);
}

void gw_prom_real(FILE *to, const struct gw_prom_family *family, const char *suffix, const struct gw_prom_label *labels, double value)
{
	put_name(to, family, suffix, labels);
	fprintf(to, "%.9g\n", value);
}
