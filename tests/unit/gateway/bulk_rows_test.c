/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows of a file, however the stream is cut: each story is told whole, one octet at a time, and cut in two at every place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/bulk_rows.h"

static struct gw_bulk_rows rows;

/* What was read, as a text: "line:field|field\n", a fault in front, and what ended it all behind. */
static char told[8192];

static void tell_row(const struct gw_bulk_row *row)
{
	static const char *const faults[] = { "", "NUL ", "UTF8 ", "QUOTES ", "COLUMNS " };
	size_t n = strlen(told);

	n += (size_t)snprintf(told + n, sizeof(told) - n, "%s%llu:", faults[row->fault], (unsigned long long)row->line);
	for (size_t i = 0; i < row->n; i++) {
		assert_int_equal(strlen(row->fields[i]), row->octets[i]);
		n += (size_t)snprintf(told + n, sizeof(told) - n, "%s%s", i ? "|" : "", row->fields[i]);
	}
	snprintf(told + n, sizeof(told) - n, "\n");
}

/* A piece in a heap block of just its size, so that a read past it is seen. 0 or the error. */
static int feed(const char *data, size_t octets)
{
	char *copy = malloc(octets ? octets : 1);
	const char *at = copy;
	struct gw_bulk_row row;
	int rc;

	assert_non_null(copy);
	memcpy(copy, data, octets);
	while ((rc = gw_bulk_rows_take(&rows, &at, &octets, &row)) == 1)
		tell_row(&row);
	assert_true(rc < 0 || octets == 0);
	free(copy);
	return rc;
}

static void end_file(int rc)
{
	struct gw_bulk_row row;

	if (rc == 0 && (rc = gw_bulk_rows_end(&rows, &row)) == 1)
		tell_row(&row);
	if (rc < 0)
		strcat(told, rc == -EMSGSIZE ? "too long" : "open");
}

static void begin(enum gw_bulk_format format)
{
	memset(&rows, 0x55, sizeof(rows)); /* nothing may lean on what was there */
	gw_bulk_rows_init(&rows, format);
	told[0] = '\0';
}

static void read_octets(enum gw_bulk_format format, const char *file, size_t octets, const char *expected)
{
	int rc = 0;

	for (size_t cut = 0; cut <= octets; cut++) {
		begin(format);
		rc = feed(file, cut);
		end_file(rc < 0 ? rc : feed(file + cut, octets - cut));
		assert_string_equal(told, expected);
	}
	begin(format);
	rc = 0;
	for (size_t i = 0; i < octets && rc == 0; i++)
		rc = feed(file + i, 1);
	end_file(rc);
	assert_string_equal(told, expected);
}

static void csv(const char *file, const char *expected)
{
	read_octets(GW_BULK_CSV, file, strlen(file), expected);
}

static void test_csv(void **state)
{
	(void)state;
	csv("", "");
	csv("to", "1:to\n");
	csv("to,text_fa\n0912,سلام\n", "1:to|text_fa\n2:0912|سلام\n");
	csv("a,b,c\r\n1,,3\r\n,,\r\n", "1:a|b|c\n2:1||3\n3:||\n");
	csv("a\rb\rc", "1:a\n2:b\n3:c\n");
	csv("a,", "1:a|\n");
	csv("a\n\n\r\n\nb\n", "1:a\n5:b\n");
	csv(" a , b \n", "1: a | b \n");
	csv("a\n1,2,3\n\n1\n", "1:a\n2:1|2|3\n4:1\n"); /* ragged: for the reader to judge */
}

static void test_quotes(void **state)
{
	(void)state;
	csv("\"to\",\"text\"\n", "1:to|text\n");
	csv("\"a,b\",\"say \"\"hi\"\"\"\n", "1:a,b|say \"hi\"\n");
	csv("\"\"\n", "1:\n");
	csv("\"\"\"\"\n", "1:\"\n");
	csv("x,\"two\nlines\"\ny\n", "1:x|two\nlines\n3:y\n");
	csv("x,\"two\r\nlines\"\r\ny\r\n", "1:x|two\r\nlines\n3:y\n");
	csv("\"سلام، «دنیا»\"\n", "1:سلام، «دنیا»\n");
}

static void test_bad_quotes_end_with_their_line(void **state)
{
	(void)state;
	csv("a\"b,c\nd\n", "QUOTES 1:a\"b|c\n2:d\n");
	csv("\"a\"b,c\nd\n", "QUOTES 1:ab|c\n2:d\n");
	csv("\"a\" ,c\nd\n", "QUOTES 1:a |c\n2:d\n");
	csv("a\n\"open,\nb,c\n", "1:a\nopen");
	csv("\"", "open");
}

static void test_byte_order_mark(void **state)
{
	(void)state;
	csv("\xef\xbb\xbfto,x\n1,2\n", "1:to|x\n2:1|2\n");
	csv("\xef\xbb\xbf\"to\"\n", "1:to\n");
	csv("\xef\xbb" "a\n", "UTF8 1:\xef\xbb" "a\n");
	csv("a\n\xef\xbb\xbf" "b\n", "1:a\n2:\xef\xbb\xbf" "b\n"); /* only at the file's beginning */
	read_octets(GW_BULK_NDJSON, "\xef\xbb\xbf{}\n", 6, "1:{}\n");
}

static void test_octets_that_are_no_text(void **state)
{
	(void)state;
	read_octets(GW_BULK_CSV, "a\0b,c\nd\n", 8, "NUL 1:ab|c\n2:d\n");
	read_octets(GW_BULK_CSV, "\0\nd\n", 4, "NUL 1:\n2:d\n");
	csv("a,\xff\nb\n", "UTF8 1:a|\xff\n2:b\n");
	csv("\xd8,\xb3\n", "UTF8 1:\xd8|\xb3\n"); /* a letter that is cut by the comma is two halves */
}

static void test_ndjson(void **state)
{
	const char *file = "{\"to\":\"0912\",\"text\":{\"fa\":\"سلام\"}}\r\n\n  \t\n{\"a\":\"\\n\\\"\"}";

	(void)state;
	read_octets(GW_BULK_NDJSON, file, strlen(file), "1:{\"to\":\"0912\",\"text\":{\"fa\":\"سلام\"}}\n4:{\"a\":\"\\n\\\"\"}\n");
	read_octets(GW_BULK_NDJSON, "{\0}\n[]", 6, "NUL 1:{}\n2:[]\n");
}

static void test_columns(void **state)
{
	char line[2 * GW_BULK_COLUMNS_MAX + 32], expected[2 * GW_BULK_COLUMNS_MAX + 64];

	(void)state;
	memset(line, ',', GW_BULK_COLUMNS_MAX - 1);
	strcpy(line + GW_BULK_COLUMNS_MAX - 1, "z\n");
	memset(expected, 0, sizeof(expected));
	strcpy(expected, "1:");
	memset(expected + 2, '|', GW_BULK_COLUMNS_MAX - 1);
	strcat(expected, "z\n");
	csv(line, expected);
	strcpy(line + GW_BULK_COLUMNS_MAX - 1, "z,one,more\n2\n"); /* what is too much is left out, and the next row is good */
	memmove(expected + 8, expected, strlen(expected) + 1);
	memcpy(expected, "COLUMNS ", 8);
	strcat(expected, "2:2\n");
	csv(line, expected);
}

static void test_long_rows(void **state)
{
	static char file[1 << 20];

	(void)state;
	memset(file, 'x', sizeof(file));
	file[GW_BULK_ROW_OCTETS] = '\n';
	begin(GW_BULK_CSV);
	assert_int_equal(feed(file, GW_BULK_ROW_OCTETS), 0);
	told[0] = '\0';
	file[GW_BULK_ROW_OCTETS / 2] = ','; /* of two fields, so that a line of the test holds it */
	begin(GW_BULK_CSV);
	file[GW_BULK_ROW_OCTETS] = 'x';
	end_file(feed(file, sizeof(file)));
	assert_string_equal(told, "too long");
	assert_int_equal(rows.begun, 1);
	begin(GW_BULK_NDJSON);
	memcpy(file, "{}\n\n", 4);
	end_file(feed(file, sizeof(file)));
	assert_string_equal(told, "1:{}\ntoo long");
	assert_int_equal(rows.begun, 3);
	/* a quote that is never closed does not eat the memory either */
	begin(GW_BULK_CSV);
	memcpy(file, "a\nb,\"", 5);
	end_file(feed(file, sizeof(file)));
	assert_string_equal(told, "1:a\ntoo long");
	assert_int_equal(rows.begun, 2);
}

static void test_longest_row(void **state)
{
	static char file[GW_BULK_ROW_OCTETS + 2];
	const char *at = file;
	size_t octets = sizeof(file) - 1;
	struct gw_bulk_row row;

	(void)state;
	memset(file, 'x', GW_BULK_ROW_OCTETS);
	file[GW_BULK_ROW_OCTETS] = '\n';
	begin(GW_BULK_NDJSON);
	assert_int_equal(gw_bulk_rows_take(&rows, &at, &octets, &row), 1);
	assert_int_equal(row.octets[0], GW_BULK_ROW_OCTETS);
	assert_int_equal(strlen(row.fields[0]), GW_BULK_ROW_OCTETS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_bad_quotes_end_with_their_line),
		cmocka_unit_test(test_byte_order_mark),
		cmocka_unit_test(test_octets_that_are_no_text),
		cmocka_unit_test(test_ndjson),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_long_rows),
		cmocka_unit_test(test_longest_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
