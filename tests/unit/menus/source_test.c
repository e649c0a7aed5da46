/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files become nodes with their lines; whatever is wrong with one is told with its line and never half read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "menus/source.h"

static void *ctx;
static struct menu_diags *diags;

static const struct menu_node *parse(const char *text)
{
	return menu_source_parse(ctx, "t.cfg", text, strlen(text), diags);
}

static void assert_refused(const char *text, size_t octets, unsigned int line, const char *why)
{
	assert_null(menu_source_parse(ctx, "t.cfg", text, octets, diags));
	assert_int_equal(menu_diags_count(diags), 1);
	assert_int_equal(menu_diags_at(diags, 0)->line, line);
	assert_string_equal(menu_diags_at(diags, 0)->rule, "syntax");
	assert_non_null(strstr(menu_diags_at(diags, 0)->text, why));
	talloc_free(diags);
	diags = menu_diags_alloc(ctx);
}

static void refused(const char *text, unsigned int line, const char *why)
{
	assert_refused(text, strlen(text), line, why);
}

static void test_every_kind_of_value(void **state)
{
	const struct menu_node *n = parse("a = 1;\nb = 8000000000;\nc = \"دو \\\" 12345678901\";\nd = true;\ne = 1.5;\n"
	                                  "f = ( 1, \"x\" );\ng = [ 1, 2 ];\nh = { i = { j = -3; }; };\n");
	(void)state;
	assert_non_null(n);
	assert_int_equal(n->kind, MENU_NODE_GROUP);
	assert_string_equal(n->name, "");
	assert_int_equal(n->n, 8);
	assert_int_equal(menu_node_find(n, "a")->integer, 1);
	assert_int_equal(menu_node_find(n, "b")->kind, MENU_NODE_INT);
	assert_true(menu_node_find(n, "b")->integer == 8000000000); /* libconfig alone would read it as nonsense */
	assert_true(parse("a = -9000000000;")->children[0].integer == -9000000000);
	assert_string_equal(menu_node_find(n, "c")->string, "دو \" 12345678901");
	assert_int_equal(menu_node_find(n, "c")->line, 3);
	assert_string_equal(menu_node_find(n, "c")->file, "t.cfg");
	assert_int_equal(menu_node_find(n, "d")->kind, MENU_NODE_BOOL);
	assert_int_equal(menu_node_find(n, "d")->integer, 1);
	assert_true(menu_node_find(n, "e")->real > 1.4 && menu_node_find(n, "e")->real < 1.6);
	assert_int_equal(menu_node_find(n, "f")->kind, MENU_NODE_LIST);
	assert_string_equal(menu_node_find(n, "f")->children[1].string, "x");
	assert_int_equal(menu_node_find(n, "g")->children[1].integer, 2);
	assert_int_equal(menu_node_find(menu_node_find(menu_node_find(n, "h"), "i"), "j")->integer, -3);
	assert_null(menu_node_find(n, "z"));
}

static void test_mistakes_have_their_line(void **state)
{
	(void)state;
	refused("a = 1;\nb = ;\n", 2, "syntax");
	refused("a = 1;\n\na = 2;\n", 3, "duplicate");
	refused("a = 1;\n  @include \"/etc/passwd\"\n", 2, "@include");
	refused("a = 1;\nb = \"no end;\n\n", 2, "without its end");
	refused("a = \"\xff\";", 0, "UTF-8");
	refused("x = 1;\na = \"\\xff\";", 2, "UTF-8");
	assert_refused("a = 1;\0b = 2;", 13, 0, "NUL");
}

static void test_nesting_is_bounded(void **state)
{
	char deep[20002] = "a = ";
	(void)state;
	memset(deep + 4, '(', 40);
	memset(deep + 44, ')', 40);
	refused(deep, 1, "deep");
	memset(deep + 4, '(', 19990); /* far beyond: the parser's own bound */
	assert_null(parse(deep));
}

static void test_a_file_that_is_too_large(void **state)
{
	size_t n = 1024 * 1024 + 1;
	char *text = malloc(n);
	(void)state;
	memset(text, ' ', n);
	assert_refused(text, n, 0, "1 MiB");
	assert_non_null(menu_source_parse(ctx, "t.cfg", text, n - 1, diags));
	free(text);
}

static void test_reading_files(void **state)
{
	char path[] = "/tmp/source_testXXXXXX";
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a = 5;\n", 7), 7);
	close(fd);
	assert_int_equal(menu_node_find(menu_source_read(ctx, path, diags), "a")->integer, 5);
	unlink(path);
	assert_null(menu_source_read(ctx, path, diags));
	assert_string_equal(menu_diags_at(diags, 0)->rule, "read");
	assert_string_equal(menu_diags_at(diags, 0)->file, path);
	assert_null(menu_source_read(ctx, "/tmp", diags));
	assert_int_equal(menu_diags_count(diags), 2);
}

static int setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	diags = menu_diags_alloc(ctx);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_kind_of_value, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mistakes_have_their_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nesting_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_is_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reading_files, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
