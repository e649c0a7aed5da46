/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Services as catalogue.cfg has them, so that the file can be brought up to date with what was decided: read again, it says the same. A
 * service without a place gets one behind all others. */
#include <string.h>

#include "gateway/catalogue_state.h"

static void write_text(const char *text, FILE *to)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

/* What is not there, or empty, is left out. */
static void write_member(const struct gw_service *service, const char *name, FILE *to)
{
	const char *text = gw_service_text(service->record, name);

	if (!text[0])
		return;
	fprintf(to, " %s = ", name);
	write_text(text, to);
	fputc(';', to);
}

static void write_list(const struct gw_service *service, const char *name, FILE *to)
{
	const json_t *list = json_object_get(service->record, name);

	if (!json_array_size(list))
		return;
	fprintf(to, " %s = ( ", name);
	for (size_t i = 0; i < json_array_size(list); i++) {
		fputs(i ? ", " : "", to);
		write_text(json_string_value(json_array_get(list, i)) ? json_string_value(json_array_get(list, i)) : "", to);
	}
	fputs(" );", to);
}

static json_int_t order_of(const struct gw_service *service)
{
	return json_integer_value(json_object_get(service->record, "order"));
}

static void write_service(const struct gw_service *service, json_int_t order, FILE *to)
{
	static const char *const dates[] = { "proposed", "final", "notified", "live", "due" };

	fputs("  { name = ", to);
	write_text(service->name, to);
	fprintf(to, "; order = %lld; title = { fa = ", (long long)order);
	write_text(service->title_fa, to);
	fputs("; en = ", to);
	write_text(service->title_en, to);
	fputs("; };\n   ", to);
	write_member(service, "agency", to);
	write_member(service, "kind", to);
	write_member(service, "domain", to);
	write_list(service, "channels", to);
	fprintf(to, " level = %lld;", (long long)json_integer_value(json_object_get(service->record, "level")));
	write_list(service, "inputs", to);
	fputs("\n   ", to);
	write_member(service, "service", to);
	write_member(service, "dial", to);
	write_list(service, "keywords", to);
	write_member(service, "waits_for", to);
	if (json_is_integer(json_object_get(service->record, "visits")))
		fprintf(to, " visits = %lld;", (long long)json_integer_value(json_object_get(service->record, "visits")));
	fprintf(to, " state = \"%s\";", gw_service_state_name(service->state));
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		write_member(service, dates[i], to);
	fputs(" }", to);
}

void gw_catalogue_write(const struct gw_services *services, FILE *to)
{
	const char *before = "";
	json_int_t last = 0;
	char day[GW_DAY_OCTETS];

	for (size_t i = 0; i < services->n; i++)
		last = order_of(&services->at[i]) > last ? order_of(&services->at[i]) : last;
	if (services->closing_ms) {
		gw_service_day(services->closing_ms, day);
		fprintf(to, "closing  = \"%s\";\n", day);
	}
	fputs("services = (\n", to);
	for (size_t i = 0; i < services->n; i++) {
		if (services->at[i].state == GW_CATALOGUE_REJECTED)
			continue;
		fputs(before, to);
		write_service(&services->at[i], order_of(&services->at[i]) ? order_of(&services->at[i]) : ++last, to);
		before = ",\n";
	}
	fputs("\n);\n", to);
}
