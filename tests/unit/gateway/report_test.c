/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A report from a handful of tallies: as JSON, CSV and HTML it is what tests/golden/report has (GOLDEN_UPDATE=1 writes that anew), as PDF it
 * is the same file twice. Signed, and then tampered with in every way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "gateway/report_data.h"
#include "gateway/report_sign.h"
#include "menus/unicode.h"

#define FROM 20758 /* 2026-11-01, 1405/08/10 */

static void *root;

static struct gw_report *make(void)
{
	static const struct { uint16_t day; const char *name; int64_t value; } tallies[] = {
		{ FROM, "uses|ussd|mci|bills|begun|fa|", 10 }, { FROM, "uses|ussd|mci|bills|success|fa|تهران", 7 },
		{ FROM, "uses|ussd|mci|bills|finished|fa|تهران", 8 },
		{ FROM, "uses|ussd|mci|bills|visit|fa|تهران", 6 }, { FROM, "uses|ussd|irancell|tamin|visit|fa|", 2 }, { FROM + 2, "uses|ussd|irancell|bills|begun|en|", 2 },
		{ FROM + 2, "uses|ussd|irancell|tamin|begun|fa|", 3 }, { FROM + 2, "uses|ussd|irancell|tamin|success|fa|", 3 },
		{ FROM, "uses|sms|mci|bills.bill|begun|fa|", 1 }, { FROM, "uses|sms|mci|bills.bill|success|fa|", 1 },
		{ FROM, "calls|bills|50", 9 }, { FROM, "calls|bills|more", 1 }, { FROM, "calls|bills|sum", 20400 }, { FROM, "calls|bills|failed", 2 },
		{ FROM, "answers|ussd|mci|5", 100 }, { FROM, "answers|ussd|mci|sum", 150 },
		{ FROM, "requests|tax|sms|received", 5 }, { FROM, "requests|tax|sms|answered", 4 }, { FROM, "waits|tax|3600", 4 }, { FROM, "waits|tax|sum", 8000 },
		{ FROM, "notices|tax|service|accepted", 6 }, { FROM, "notices|tax|service|delivered", 5 }, { FROM, "notices||service|accepted", 1 },
		{ FROM, "uses|api|portal|bills.bill|begun|fa|", 2 }, { FROM, "uses|api|portal|bills.bill|success|fa|", 2 },
		{ FROM, "uses|api|portal|bills|begun|en|", 1 }, { FROM, "uses|sms|mci|bills|begun|fa|", 1 }, /* this no keyword */
		{ FROM, "outages|operator|mci", 2 }, { FROM, "away|operator|mci", 190 }, { FROM, "outages|uncounted|", 3 },
		{ FROM, "outages|agency|bills", 1 }, { FROM, "screens|bills|home|shown", 10 }, { FROM, "screens|bills|home|answered", 6 },
		{ FROM, "screens|bills|home|cut", 1 }, { FROM, "screens|bills|bill|shown", 7 }, { FROM, "screens|bills|bill|read", 7 },
		{ FROM, "uses|ussd|<b>&\"x\"|=1+1,\"|begun|fa|", 1 },    /* hostile names */
		{ FROM, "rubbish|a", 4 }, { FROM, "uses|few", 4 }, { FROM, "steps|ussd|bills", -4 }, { FROM, "steps|ussd|\xff", 4 },
		{ FROM, "uses|sms|mci|bills.bill|success|fa|", INT64_MAX }, { FROM, "uses|sms|mci|bills.bill|success|fa|", INT64_MAX }, /* no counts */
	};
	static struct gw_catalogue_entry entries[] = {
		{ .name = "bill", .title_fa = "استعلام قبض", .title_en = "Bill by its ID", .agency = "bills", .domain = "bills", .ussd = true, .sms = true,
		  .service = "bills", .order = 1, .visits = 1, .state = GW_CATALOGUE_LIVE, .n_keywords = 1, .keywords = { "bills.bill" },
		  .dates = { "1405/08/01", "1405/08/05", "1405/08/07", "1405/09/01" } },
		{ .name = "record", .title_fa = "سابقه بیمه", .title_en = "Insurance record", .agency = "tamin", .domain = "workshop", .ussd = true,
		  .service = "tamin", .order = 2, .visits = -1, .state = GW_CATALOGUE_LIVE, .dates = { "1405/08/01", "1405/08/05", "1405/08/07", "1405/09/01" } },
		{ .name = "plates", .title_fa = "پلاک", .title_en = "Plates", .agency = "police", .domain = "vehicles", .ussd = true, .order = 3, .visits = -1,
		  .state = GW_CATALOGUE_NOTIFIED, .dates = { "1405/08/01", "1405/08/05", "1405/08/07", NULL, "1405/08/20" } },
	};
	static const struct gw_catalogue catalogue = { .n = 3, .entries = entries };
	static struct gw_report_title services[] = { { "bills", { "قبض ها", "Bills" } }, { "bills.bill", { "استعلام قبض", "Bill inquiry" } } };
	static struct gw_report_title agencies[] = { { "tax", { "امور مالیاتی", "Tax <administration>" } } };
	static struct gw_report_bills bills[] = { { "water", "1405/08", 70, 30, FROM + 5 } };
	static struct gw_report_overdue overdue[] = { { "tax", 2 } };
	struct gw_report_data *data = gw_report_data_alloc(root, FROM, FROM + 2, FROM + 23);

	data->utc_offset = 210;

	for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
		gw_report_data_tally(data, tallies[i].day, tallies[i].name, tallies[i].value);
	data->services = services;
	data->n_services = 2;
	data->agencies = agencies;
	data->n_agencies = 1;
	data->catalogue = &catalogue;
	data->has_ledger = true;
	data->bills = bills;
	data->n_bills = 1;
	data->overdue = overdue;
	data->n_overdue = 1;
	return gw_report_make(data);
}

/* ---- as it is printed ---- */

static char *read_file(const char *path, size_t *octets)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(1 << 20);

	*octets = file ? fread(text, 1, 1 << 20, file) : 0;
	if (file)
		fclose(file);
	return text;
}

static void compare(const char *name, char *text, size_t octets)
{
	char path[128], *golden;
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "tests/golden/report/%s", name);
	assert_non_null(text);
	if (getenv("GOLDEN_UPDATE")) {
		mkdir("tests/golden", 0755);
		mkdir("tests/golden/report", 0755);
		file = fopen(path, "wb");
		assert_non_null(file);
		fwrite(text, 1, octets, file);
		fclose(file);
	}
	golden = read_file(path, &n);
	if (n != octets || memcmp(golden, text, n) != 0)
		fail_msg("%s is not as it was; GOLDEN_UPDATE=1 writes it anew:\n%.*s", path, (int)octets, text);
	free(golden);
	free(text);
}

static void test_printed(void **state)
{
	struct gw_report *report = make();
	static const char *const tables[] = { "uses", "domains", "visits", "late", "requests", "days", "services", "outages", "summary" };
	char name[64], *text;
	size_t octets;

	(void)state;
	text = gw_report_json(report, &octets);
	compare("report.json", text, octets);
	for (int language = 0; language < GW_REPORT_LANGUAGES; language++) {
		text = gw_report_html(report, (enum gw_report_language)language, &octets);
		assert_null(strstr(text, "<b>&\""));
		assert_null(strstr(text, "<script"));
		compare(language == GW_REPORT_FA ? "report.html" : "report.en.html", text, octets);
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(name, sizeof(name), "%s.csv", tables[i]);
		text = gw_report_csv(gw_report_find(report, tables[i]), &octets);
		compare(name, text, octets);
	}
}

/* Nothing counted, nothing known: every table is there, and nothing is zero that is not known. */
static void test_nothing(void **state)
{
	struct gw_report_data *data = gw_report_data_alloc(root, FROM, FROM, FROM + 23);
	struct gw_report *report = gw_report_make(data);
	char *text;
	size_t octets;

	(void)state;
	assert_int_equal(gw_report_find(report, "days")->n, 1);
	assert_false(gw_report_find(report, "days")->rows[0].cells[1].known);
	assert_false(gw_report_find(report, "states")->rows[0].cells[1].known);
	assert_false(gw_report_find(report, "bills")->rows[0].cells[2].known);
	assert_int_equal(gw_report_find(report, "uses")->n, 0);
	text = gw_report_html(report, GW_REPORT_FA, &octets);
	assert_non_null(strstr(text, "نامعلوم"));
	free(text);
}

static void test_pdf(void **state)
{
	struct gw_report *report = make();
	char folder[] = "/tmp/dolat-report-XXXXXX", path[64], *first, *second;
	size_t n, m;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.pdf", folder);
	for (int language = 0; language < GW_REPORT_LANGUAGES; language++) {
		assert_int_equal(gw_report_pdf(report, (enum gw_report_language)language, path), 0);
		first = read_file(path, &n);
		assert_int_equal(gw_report_pdf(report, (enum gw_report_language)language, path), 0);
		second = read_file(path, &m);
		assert_true(n > 10000 && n == m && memcmp(first, second, n) == 0);
		assert_memory_equal(first, "%PDF-", 5);
		free(first);
		free(second);
	}
	unlink(path);
	rmdir(folder);
	assert_true(gw_report_pdf(report, GW_REPORT_FA, path) < 0); /* there is no such folder any more */
}

/* ---- signed ---- */

static char folder[32], key_file[64], public_key[GW_REPORT_KEY_OCTETS], why[GW_REPORT_WHY_OCTETS];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/r/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/r/%s", folder, name);
	unlink(path);
}

static bool sign_two(void)
{
	const char *const files[] = { "a.csv", "b.json" };
	char path[64];
	json_t *head = json_pack("{s:s}", "report", "test");
	bool good;

	snprintf(path, sizeof(path), "%s/r", folder);
	drop("manifest.json");
	drop("manifest.sig");
	put("a.csv", "a,b\r\n");
	put("b.json", "{}");
	good = gw_report_sign(path, files, 2, head, key_file, why);
	json_decref(head);
	return good;
}

static bool verify(const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/r", folder);
	return gw_report_verify(path, key, why);
}

static void test_signed(void **state)
{
	char other[GW_REPORT_KEY_OCTETS], path[64], folder_r[64];
	struct stat st;

	(void)state;
	strcpy(folder, "/tmp/dolat-sign-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(folder_r, sizeof(folder_r), "%s/r", folder);
	mkdir(folder_r, 0755);
	snprintf(key_file, sizeof(key_file), "%s/key", folder);
	snprintf(path, sizeof(path), "%s/key2", folder);
	assert_int_equal(gw_report_keygen(key_file, public_key), 0);
	assert_true(gw_report_keygen(key_file, other) < 0); /* never over one that is there */
	assert_int_equal(stat(key_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(gw_report_keygen(path, other), 0);

	assert_true(sign_two());
	assert_true(verify(public_key));
	assert_true(verify(public_key + strlen("dh-report-public ")));
	assert_false(verify(other));
	assert_false(verify("rubbish"));
	assert_false(verify(key_file)); /* a secret key is no public one */

	put("a.csv", "a,c\r\n");
	assert_false(verify(public_key));
	assert_string_equal(why, "a.csv: was changed");
	put("a.csv", "a,b\r\n");
	assert_true(verify(public_key));
	drop("b.json");
	assert_false(verify(public_key));
	assert_string_equal(why, "b.json: is missing");
	put("b.json", "{}");
	put("c.html", "<p>");
	assert_false(verify(public_key));
	assert_string_equal(why, "c.html: is not of this report");
	drop("c.html");
	put("manifest.json", "{\"sha256\":{}}");
	assert_false(verify(public_key));
	assert_non_null(strstr(why, "manifest.json"));
	assert_true(sign_two());
	put("manifest.sig", "AAAA\n");
	assert_false(verify(public_key));
	assert_string_equal(why, "manifest.sig: is no signature");
	drop("manifest.sig");
	assert_false(verify(public_key));

	chmod(key_file, 0644);
	assert_false(sign_two());
	assert_non_null(strstr(why, "chmod 600"));
	drop("a.csv");
	drop("b.json");
	drop("manifest.json");
	drop("manifest.sig");
	unlink(key_file);
	unlink(path);
	rmdir(folder_r);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printed), cmocka_unit_test(test_nothing), cmocka_unit_test(test_pdf), cmocka_unit_test(test_signed),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	menu_unicode_init();
	root = talloc_named_const(NULL, 0, "test");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	talloc_free(root);
	return failed;
}
