/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Loading: what ships is without a mistake, and every rule is broken by a menu of its own.
 *
 * tests/data/menus/bad/NAME.cfg is a service that is loaded beside the sound menu of base/; bad_roots/NAME/menu.cfg is a root
 * beside its services. In both, a comment `# !rule` says which rule the line breaks (`!rule@N`: which line N breaks); the
 * diagnostics must be these and no others. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/grammar.h"
#include "menus/phrase.h"
#include "menus/set.h"
#include "menus/tree.h"

#define DATA "tests/data/menus/"

static struct menu_set *load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags)
{
	struct menu_set *set = menu_set_load(ctx, paths, n, diags);
	assert_int_equal(set == NULL, menu_diags_count(diags) != 0);
	return set;
}

/* The marks of a file as "LINE: rule" lines, sorted like the diagnostics. */
static void read_marks(struct menu_diags *marks, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int line = 0, at;
	char text[4096], *mark;
	assert_non_null(file);
	while (fgets(text, sizeof(text), file)) {
		line++;
		mark = strchr(text, '#');
		for (mark = mark ? strstr(mark, " !") : NULL; mark; mark = strstr(mark + 2, " !")) {
			char rule[64];
			at = line;
			sscanf(mark + 2, "%63[a-z-]@%u", rule, &at);
			menu_diag_add(marks, path, at, rule, "%zu", menu_diags_count(marks)); /* the number keeps equal ones apart */
		}
	}
	fclose(file);
}

/* Every rule that a test menu breaks is in the reference. */
static void assert_documented(const char *rule)
{
	static const char *const files[] = { "menus/README.md", "menus/keywords.md" };
	static char reference[131072];
	char quoted[80];
	static size_t octets, i;
	for (; i < sizeof(files) / sizeof(files[0]); i++) {
		FILE *file = fopen(files[i], "re");
		assert_non_null(file);
		octets += fread(reference + octets, 1, sizeof(reference) - 1 - octets, file);
		fclose(file);
	}
	snprintf(quoted, sizeof(quoted), "`%s`", rule);
	if (!strstr(reference, quoted))
		fail_msg("the references do not tell of %s", quoted);
}

static bool has(const struct menu_diags *diags, const struct menu_diag *wanted)
{
	size_t i, here = 0;
	for (i = 0; i < menu_diags_count(diags); i++) {
		const struct menu_diag *d = menu_diags_at(diags, i);
		here += d->line == wanted->line && strcmp(d->rule, wanted->rule) == 0 && strcmp(d->file, wanted->file) == 0;
	}
	return here > 0;
}

/* Tells what is otherwise than marked; all files are judged before the test fails. */
static bool judge(const char *const *paths, size_t n, const char *bad)
{
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx), *marks = menu_diags_alloc(ctx);
	bool good = true;
	size_t i;

	load(ctx, paths, n, diags);
	read_marks(marks, bad);
	assert_true(menu_diags_count(marks) > 0);
	for (i = 0; i < menu_diags_count(marks); i++) {
		assert_documented(menu_diags_at(marks, i)->rule);
		if (!has(diags, menu_diags_at(marks, i))) {
			print_message("%s:%u: wanted %s\n", bad, menu_diags_at(marks, i)->line, menu_diags_at(marks, i)->rule);
			good = false;
		}
	}
	good = good && menu_diags_count(marks) == menu_diags_count(diags);
	if (!good)
		menu_diags_print(diags, stdout);
	talloc_free(ctx);
	return good;
}

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_every_bad_service_breaks_its_rule(void **state)
{
	struct dirent **names;
	int bad = 0, i, n = scandir(DATA "bad", &names, no_dots, alphasort);
	(void)state;
	assert_true(n > 30);
	for (i = 0; i < n; i++) {
		char path[512];
		const char *paths[] = { DATA "base", path };
		snprintf(path, sizeof(path), DATA "bad/%s", names[i]->d_name);
		bad += !judge(paths, 2, path);
		free(names[i]);
	}
	free(names);
	assert_int_equal(bad, 0);
}

static void test_every_bad_root_breaks_its_rule(void **state)
{
	struct dirent **names;
	int bad = 0, i, n = scandir(DATA "bad_roots", &names, no_dots, alphasort);
	(void)state;
	assert_true(n > 8);
	for (i = 0; i < n; i++) {
		char path[512];
		const char *paths[] = { path, DATA "base/good.cfg" };
		snprintf(path, sizeof(path), DATA "bad_roots/%s/menu.cfg", names[i]->d_name);
		bad += !judge(paths, 2, path);
		free(names[i]);
	}
	free(names);
	assert_int_equal(bad, 0);
}

static void test_an_operation_that_cannot_prove(void **state)
{
	const char *paths[] = { DATA "bad_identity/menu.cfg", DATA "bad_identity/good.cfg", DATA "bad_identity/agencies/gate.cfg" };
	(void)state;
	assert_true(judge(paths, 3, paths[0]));
}

static void test_every_bad_keyword_breaks_its_rule(void **state)
{
	struct dirent **names;
	int bad = 0, i, n = scandir(DATA "bad_keywords/keywords", &names, no_dots, alphasort);
	(void)state;
	assert_true(n > 2);
	for (i = 0; i < n; i++) {
		char path[512];
		const char *paths[] = { DATA "base", path };
		snprintf(path, sizeof(path), DATA "bad_keywords/keywords/%s", names[i]->d_name);
		bad += !judge(paths, 2, path);
		free(names[i]);
	}
	free(names);
	assert_int_equal(bad, 0);
}

static void test_files_that_are_missing_or_twice(void **state)
{
	const char *const nothing[] = { "/nonexistent/menu.cfg" }, *const twice[] = { DATA "base", DATA "base/good.cfg" };
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	(void)state;
	assert_null(load(ctx, nothing, 1, diags));
	assert_string_equal(menu_diags_at(diags, 0)->rule, "read");
	diags = menu_diags_alloc(ctx);
	assert_null(load(ctx, NULL, 0, diags));
	assert_string_equal(menu_diags_at(diags, 0)->rule, "no-root");
	diags = menu_diags_alloc(ctx);
	assert_null(load(ctx, twice, 2, diags));
	assert_string_equal(menu_diags_at(diags, 0)->rule, "duplicate-name");
	talloc_free(ctx);
}

static void test_the_sample_is_sound(void **state)
{
	const char *const folder[] = { "menus/sample" };
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	struct menu_set *set = load(ctx, folder, 1, diags);
	struct menu_service_info info;
	char dial[64];
	(void)state;
	menu_diags_print(diags, stdout);
	assert_non_null(set);
	assert_int_equal(menu_set_services(set), 6);
	menu_set_service(set, 0, &info); /* in the menu's order, not the files' */
	assert_string_equal(info.name, "bills");
	assert_string_equal(info.dial, "2020");
	assert_string_equal(info.title_en, "Bills");
	assert_non_null(menu_operation_find(menu_set_agencies(set), "bills.inquire"));
	assert_true(menu_set_dial(set, "inbox", "n07a", dial, sizeof(dial)));
	assert_string_equal(dial, "*4*100*n07a#");
	assert_true(menu_set_dial(set, "inbox", "", dial, sizeof(dial)));
	assert_string_equal(dial, "*4*100#");
	assert_true(menu_set_dial(set, "help", "", dial, sizeof(dial)));
	assert_false(menu_set_dial(set, "help", "1", dial, sizeof(dial))); /* no way straight there */
	assert_false(menu_set_dial(set, "nothing", "", dial, sizeof(dial)));
	assert_false(menu_set_dial(set, "inbox", "n07a", dial, 12));
	talloc_free(ctx);
}

/* The version is that of the names and contents: not of where they lie, nor of the order in which they were given. */
static void test_the_version_is_the_content(void **state)
{
	const char *const folder[] = { DATA "base" };
	const char *const files[] = { DATA "base/agencies/tax.cfg", DATA "base/good.cfg", DATA "base/agencies/gateway.cfg", DATA "base/agencies/bills.cfg",
				      DATA "base/menu.cfg" };
	const char *const fewer[] = { DATA "base/good.cfg", DATA "base/agencies/bills.cfg", DATA "base/menu.cfg" };
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	uint64_t version = menu_set_version(load(ctx, folder, 1, diags));
	(void)state;
	assert_true(version != 0);
	assert_true(version == menu_set_version(load(ctx, files, 5, diags)));
	assert_true(version != menu_set_version(load(ctx, fewer, 3, diags)));
	talloc_free(ctx);
}

static void test_phrases(void **state)
{
	const char *const folder[] = { "menus/sample" };
	void *ctx = talloc_new(NULL);
	struct menu_set *set = load(ctx, folder, 1, menu_diags_alloc(ctx));
	char out[256];
	int i, k;
	(void)state;
	assert_true(menu_set_phrase(set, MENU_PHRASE_LATE, "en", "12345", out, sizeof(out)) == strlen(out));
	assert_non_null(strstr(out, "code: 12345"));
	menu_set_phrase(set, MENU_PHRASE_LATE, "", "12345", out, sizeof(out)); /* the menu's first language */
	assert_non_null(strstr(out, "کد پیگیری: 12345"));
	assert_int_equal(menu_set_phrase(set, MENU_PHRASE_LATE, "en", "12345", out, 20), 0);
	for (i = 0; i < MENU_PHRASES; i++)
		for (k = 0; k < MENU_LANGUAGES; k++)
			assert_true(menu_phrase_table[i].text[k][0] && !strstr(menu_phrase_table[i].text[k], "\xe2\x80\x8c"));
	talloc_free(ctx);
}

/* A menu of thousands of screens in one line, and services without end: bounded, not slow. */
static void test_a_menu_that_is_too_large(void **state)
{
	char path[] = "/tmp/set_testXXXXXX";
	const char *paths[] = { DATA "base", path };
	void *ctx = talloc_new(NULL);
	struct menu_diags *diags = menu_diags_alloc(ctx);
	FILE *file;
	int i, fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	fprintf(file, "title = { fa = \"ب\"; en = \"b\"; }; scope = \"general\"; dial = \"7\"; start = \"s0\"; screens = {\n");
	for (i = 0; i < 5000; i++)
		fprintf(file, "s%d = { end = { fa = \"ب\"; en = \"b\"; }; };\n", i);
	fprintf(file, "};\n");
	fclose(file);
	assert_null(load(ctx, paths, 2, diags));
	assert_true(menu_diags_count(diags) <= 1000);
	unlink(path);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_sample_is_sound),
		cmocka_unit_test(test_every_bad_service_breaks_its_rule),
		cmocka_unit_test(test_an_operation_that_cannot_prove),
		cmocka_unit_test(test_every_bad_root_breaks_its_rule),
		cmocka_unit_test(test_every_bad_keyword_breaks_its_rule),
		cmocka_unit_test(test_files_that_are_missing_or_twice),
		cmocka_unit_test(test_the_version_is_the_content),
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_a_menu_that_is_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
