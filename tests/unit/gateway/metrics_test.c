/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What Prometheus would read, read by a parser that forgives nothing: names, types, order, escapes, numbers, no sample
 * twice, and a histogram that adds up. */
#include "tests/unit/gateway/gw_world.h"

#include <ctype.h>
#include <math.h>

#include "gateway/bearer_smpp.h"
#include "gateway/metrics.h"
#include "gateway/process.h"
#include "gateway/prom.h"

#define SAMPLES_MAX 2000

struct sample { char family[96], series[256]; double value; };
static struct page {
	struct sample samples[SAMPLES_MAX];
	char families[512][96];
	size_t n, n_families;
} page;

static size_t name_octets(const char *text, bool label)
{
	size_t n = 0;

	if (!isalpha((unsigned char)text[0]) && text[0] != '_' && (label || text[0] != ':'))
		return 0;
	while (isalnum((unsigned char)text[n]) || text[n] == '_' || (!label && text[n] == ':'))
		n++;
	return n;
}

/* {name="value",...}: octets of it. 0: it is none; asserts that it is a good one. */
static size_t labels_octets(const char *text)
{
	const char *at = text;

	if (*at != '{')
		return 0;
	do {
		size_t n = name_octets(++at, true);

		assert_true(n > 0);
		at += n;
		assert_int_equal(*at++, '=');
		assert_int_equal(*at++, '"');
		for (; *at != '"'; at++) {
			assert_true(*at != '\n' && *at != '\0');
			if (*at == '\\') {
				at++;
				assert_true(*at == '\\' || *at == '"' || *at == 'n');
			}
		}
		at++;
	} while (*at == ',');
	assert_int_equal(*at++, '}');
	return (size_t)(at - text);
}

static void take_sample(const char *line, const char *family, const char *type)
{
	struct sample *sample = &page.samples[page.n++];
	size_t name = name_octets(line, false), labels = labels_octets(line + name);
	const char *suffix = line + strlen(family);
	char *end;

	assert_true(page.n < SAMPLES_MAX);
	assert_true(name >= strlen(family));
	assert_int_equal(strncmp(line, family, strlen(family)), 0); /* stands below its own TYPE */
	if (strcmp(type, "histogram") == 0)
		assert_true(strncmp(suffix, "_bucket{", 8) == 0 || strncmp(suffix, "_sum ", 5) == 0 || strncmp(suffix, "_count ", 7) == 0);
	else
		assert_int_equal(name, strlen(family));
	if (strcmp(type, "counter") == 0)
		assert_string_equal(family + strlen(family) - 6, "_total");
	snprintf(sample->family, sizeof(sample->family), "%s", family);
	assert_true(name + labels < sizeof(sample->series));
	memcpy(sample->series, line, name + labels);
	sample->series[name + labels] = '\0';
	assert_int_equal(line[name + labels], ' ');
	sample->value = strtod(line + name + labels + 1, &end);
	assert_string_equal(end, "");
	assert_true(sample->value >= 0 && !isinf(sample->value));
	for (size_t i = 0; i + 1 < page.n; i++)
		assert_string_not_equal(page.samples[i].series, sample->series);
}

static void parse(char *text)
{
	char family[96] = "", type[16] = "", helped[96] = "";
	char *line;

	memset(&page, 0, sizeof(page));
	assert_int_equal(text[strlen(text) - 1], '\n');
	while ((line = strsep(&text, "\n")) && text) {
		if (sscanf(line, "# HELP %95s", family) == 1) {
			assert_int_equal(name_octets(family, false), strlen(family));
			assert_true(strlen(line) > strlen(family) + 8); /* there is a help */
			for (size_t i = 0; i < page.n_families; i++)
				assert_string_not_equal(page.families[i], family);
			strcpy(page.families[page.n_families++], family);
			strcpy(helped, family);
		} else if (sscanf(line, "# TYPE %95s %15s", family, type) == 2) {
			assert_string_equal(family, helped);
			assert_true(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 || strcmp(type, "histogram") == 0);
			helped[0] = '\0';
		} else {
			assert_string_equal(helped, ""); /* HELP, TYPE, then samples */
			take_sample(line, family, type);
		}
	}
}

static double value_of(const char *series)
{
	for (size_t i = 0; i < page.n; i++)
		if (strcmp(page.samples[i].series, series) == 0)
			return page.samples[i].value;
	fail_msg("there is no %s", series);
	return 0;
}

static void print_and_parse(void)
{
	char *text;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	gw_metrics_print(to, world.gw);
	fclose(to);
	parse(text);
	free(text);
}

static int metrics_begin(void **state)
{
	(void)state;
	world_begin(NULL, "");
	return 0;
}

static int metrics_end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

static void every_counter_is_there(void **state)
{
	char series[128];

	(void)state;
	for (uint64_t i = 0; i < GW_COUNTERS; i++)
		world.gw->counters.at[i] = 1000 + i;
	print_and_parse();
	for (size_t i = 0; i < GW_COUNTERS; i++) {
		snprintf(series, sizeof(series), "dolat_%s_total", gw_counter_infos[i].name);
		assert_true(value_of(series) == 1000.0 + (double)i);
	}
	assert_true(value_of("dolat_build_info{version=\"" DOLAT_VERSION "\"}") == 1);
	assert_true(value_of("dolat_ready") == 0);
	assert_true(value_of("dolat_draining") == 0);
	assert_true(value_of("dolat_steps_in_flight") == 0);
	assert_true(value_of("dolat_redis_up") == 0);
	assert_true(value_of("dolat_menu_reloads_total") == 1);
	assert_true(value_of("dolat_menu_services") >= 1);
	snprintf(series, sizeof(series), "dolat_menu_info{version=\"%016llx\"}",
		 (unsigned long long)menu_set_version(menu_pins_current(world.gw->pins)));
	assert_true(value_of(series) == 1);
	gw_drain(world.gw);
	print_and_parse();
	assert_true(value_of("dolat_draining") == 1);
}

/* A counter is exact however large it is. */
static void counters_are_whole_numbers(void **state)
{
	char *text;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	(void)state;
	world.gw->counters.at[GW_CTR_DIALS] = UINT64_MAX;
	gw_metrics_print(to, world.gw);
	fclose(to);
	assert_non_null(strstr(text, "\ndolat_dials_total 18446744073709551615\n"));
	free(text);
}

static void the_histogram_adds_up(void **state)
{
	static const uint64_t us[] = { 0, 1, 2, 3, 4, 1000, 1023, 1024, 5000000, 8388607, 8388608, 400000000 };
	char series[128];
	double before = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(us); i++)
		gw_counter_step(&world.gw->counters, us[i]);
	print_and_parse();
	for (unsigned int i = 0; i < GW_STEP_BUCKETS - 1; i++) {
		double bound = ldexp(1, (int)i + 1), below = 0;

		for (size_t k = 0; k < ARRAY_SIZE(us); k++)
			below += (double)us[k] < bound;
		snprintf(series, sizeof(series), "dolat_step_seconds_bucket{le=\"%.9g\"}", bound / 1e6);
		assert_true(value_of(series) == below);
		assert_true(below >= before);
		before = below;
	}
	assert_true(value_of("dolat_step_seconds_bucket{le=\"+Inf\"}") == ARRAY_SIZE(us));
	assert_true(value_of("dolat_step_seconds_count") == ARRAY_SIZE(us));
	assert_true(fabs(value_of("dolat_step_seconds_sum") - 421.780271) < 0.00001);
}

static void links_and_operators(void **state)
{
	const struct gw_route *route;
	const struct smpp_link *link;
	double states = 0;

	(void)state;
	link = gw_bearer_smpp_link(world.gw->smpp, 0, &route);
	for (int i = 0; i < 5; i++)
		gw_loop_turn();
	print_and_parse();
	/* the operator's name, m"c\i, is escaped */
	assert_true(value_of("dolat_operator_links{operator=\"m\\\"c\\\\i\"}") == 2);
	assert_true(value_of("dolat_operator_links_bound{operator=\"m\\\"c\\\\i\"}") == 0);
	for (int s = SMPP_LINK_DOWN; s <= SMPP_LINK_STOPPED; s++) {
		char series[128];

		snprintf(series, sizeof(series), "dolat_link_state{operator=\"m\\\"c\\\\i\",link=\"two\",state=\"%s\"}",
			 smpp_link_state_name((enum smpp_link_state)s));
		states += value_of(series);
	}
	assert_true(states == 1);
	assert_true(value_of("dolat_link_connects_total{operator=\"m\\\"c\\\\i\",link=\"one\"}") == (double)smpp_link_counters(link)->connects);
}

static void agencies(void **state)
{
	struct gw_agency_info info;
	char series[160];

	(void)state;
	print_and_parse();
	assert_true(gw_agencies_count(world.gw->agencies) > 0);
	for (size_t i = 0; i < gw_agencies_count(world.gw->agencies); i++) {
		gw_agencies_info(world.gw->agencies, i, &info);
		for (size_t c = 0; gw_agency_ctr_row(c); c++) {
			snprintf(series, sizeof(series), "dolat_agency_%s_total{agency=\"%s\"}", gw_agency_ctr_row(c)->name, info.name);
			assert_true(value_of(series) == 0);
		}
		snprintf(series, sizeof(series), "dolat_agency_breaker{agency=\"%s\",state=\"closed\"}", info.name);
		assert_true(value_of(series) == 1);
		snprintf(series, sizeof(series), "dolat_agency_breaker{agency=\"%s\",state=\"open\"}", info.name);
		assert_true(value_of(series) == 0);
		snprintf(series, sizeof(series), "dolat_agency_concurrency{agency=\"%s\"}", info.name);
		assert_true(value_of(series) == info.concurrency);
	}
}

static void the_process_is_measured(void **state)
{
	struct gw_process before, after;
	int fds[2];

	(void)state;
	gw_process_read(&before);
	assert_true(before.resident_octets > 1000000 && before.open_fds >= 3 && before.max_fds >= before.open_fds);
	assert_int_equal(pipe(fds), 0);
	gw_process_read(&after);
	assert_int_equal(after.open_fds, before.open_fds + 2);
	assert_true(after.cpu_seconds >= before.cpu_seconds);
	close(fds[0]);
	close(fds[1]);
	print_and_parse();
	assert_true(value_of("process_open_fds") == (double)before.open_fds);
	assert_true(value_of("process_start_time_seconds") > 1.6e9);
	assert_true(value_of("process_resident_memory_bytes") > 1e6);
}

static void the_writer_escapes(void **state)
{
	static const struct gw_prom_family counter = { "a_", "b", GW_PROM_COUNTER, "one\\two\n\"three\"" };
	static const struct gw_prom_family gauge = { "", "c", GW_PROM_GAUGE, "d" };
	char *text;
	size_t octets;
	FILE *to = open_memstream(&text, &octets);

	(void)state;
	gw_prom_family(to, &counter);
	gw_prom_count(to, &counter, "", GW_PROM_NO_LABELS, 7);
	gw_prom_count(to, &counter, "", GW_PROM_LABELS({ "x", "a\nb" }, { "y", "\"\\" }), 8);
	gw_prom_family(to, &gauge);
	gw_prom_real(to, &gauge, "", GW_PROM_LABELS({ "x", "قبض" }), 0.25);
	fclose(to);
	assert_string_equal(text, "# HELP a_b_total one\\\\two\\n\"three\"\n# TYPE a_b_total counter\na_b_total 7\n"
				  "a_b_total{x=\"a\\nb\",y=\"\\\"\\\\\"} 8\n# HELP c d\n# TYPE c gauge\nc{x=\"قبض\"} 0.25\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_escapes),
		cmocka_unit_test_setup_teardown(every_counter_is_there, metrics_begin, metrics_end),
		cmocka_unit_test_setup_teardown(counters_are_whole_numbers, metrics_begin, metrics_end),
		cmocka_unit_test_setup_teardown(the_histogram_adds_up, metrics_begin, metrics_end),
		cmocka_unit_test_setup_teardown(links_and_operators, metrics_begin, metrics_end),
		cmocka_unit_test_setup_teardown(agencies, metrics_begin, metrics_end),
		cmocka_unit_test_setup_teardown(the_process_is_measured, metrics_begin, metrics_end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
