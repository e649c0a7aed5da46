/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Exported chains: what was written verifies, and every way of tampering with the file is told with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/audit_file.h"

#define RECORDS 6
static const struct { unsigned int partition; const char *body; size_t octets; } records[RECORDS] = {
	{ 0, "one", 3 }, { 0, "{\"to\":\"سلام\"}", 17 }, { 0, "", 0 }, { 7, "\xff\x00\x01", 3 }, { 7, "a\nb\0c", 5 }, { 63, "last", 4 },
};
static char file[65536];
static size_t octets;
static struct gw_audit_heads kept, heads;
static uint64_t n;
static char why[160];

static int write_all(void **state)
{
	char hash[64][SESS_CHAIN_HASH_OCTETS];
	uint64_t at[64] = { 0 };
	FILE *to = fmemopen(file, sizeof(file), "w");

	(void)state;
	memset(&kept, 0, sizeof(kept));
	for (unsigned int p = 0; p < 64; p++)
		strcpy(hash[p], "0000000000000000000000000000000000000000000000000000000000000000");
	for (size_t i = 0; i < RECORDS; i++) {
		struct sess_chain_record record = { .partition = records[i].partition, .n = ++at[records[i].partition], .body = records[i].body,
						    .octets = records[i].octets, .hash = hash[records[i].partition] };

		sess_chain_hash(record.partition, record.n, record.hash, record.body, record.octets, hash[records[i].partition]);
		assert_true(gw_audit_file_write(to, &record));
	}
	octets = (size_t)ftell(to);
	fclose(to);
	return 0;
}

static bool verify(const char *text, size_t size)
{
	FILE *from = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
	bool good = gw_audit_file_verify(from, &kept, &heads, &n, why, sizeof(why));

	fclose(from);
	assert_int_equal(good, why[0] == '\0');
	return good;
}

static char *line(unsigned int number) /* from 1 */
{
	char *at = file;

	while (--number)
		at = strchr(at, '\n') + 1;
	return at;
}

static void what_was_written_verifies(void **state)
{
	(void)state;
	assert_true(verify(file, octets));
	assert_int_equal(n, RECORDS);
	assert_int_equal(heads.n[0], 3);
	assert_int_equal(heads.n[7], 2);
	assert_int_equal(heads.n[63], 1);
	assert_true(verify("", 0));
	assert_int_equal(n, 0);
}

/* Each octet of the file, changed: it does not verify any more, or says the same (a space, another way to write a letter). */
static void no_octet_can_be_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i + 1 < octets; i++) {
		char was = file[i];

		file[i] = was == 'x' ? 'y' : 'x';
		assert_false(verify(file, octets));
		file[i] = was;
	}
	assert_true(verify(file, octets));
}

static void no_record_can_be_left_out_or_doubled(void **state)
{
	static char other[sizeof(file)];

	(void)state;
	for (unsigned int number = 1; number <= RECORDS; number++) {
		size_t before = (size_t)(line(number) - file), length = (size_t)(strchr(line(number), '\n') + 1 - line(number));

		memcpy(other, file, before);
		memcpy(other + before, file + before + length, octets - before - length);
		/* the last of a chain can be cut off: that is what heads are kept for */
		assert_int_equal(verify(other, octets - length), number == 3 || number >= 5);
		memcpy(other, file, before + length);
		memcpy(other + before + length, file + before, octets - before);
		assert_false(verify(other, octets + length));
		assert_non_null(strstr(why, "twice"));
	}
}

static void rubbish(void **state)
{
	static const char *const lines[] = { "\n", "{}\n", "[]\n", "x\n", "{\"partition\":64,\"n\":1,\"hash\":\"0\",\"body\":\"\"}\n",
		"{\"partition\":0,\"n\":0,\"hash\":\"0\",\"body\":\"\"}\n", "{\"partition\":0,\"n\":1,\"hash\":\"0\"}\n",
		"{\"partition\":0,\"n\":1,\"hash\":\"0\",\"base64\":\"*\"}\n", "{\"partition\":0,\"n\":1,\"hash\":\"0\",\"body\":\"\",\"base64\":\"\"}\n",
		"{\"partition\":-1,\"n\":1,\"hash\":\"0\",\"body\":\"\"}\n", "{\"partition\":\"0\",\"n\":1,\"hash\":\"0\",\"body\":\"\"}\n" };
	static char many[3 << 20];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_false(verify(lines[i], strlen(lines[i])));
		assert_string_equal(why, "line 1 is no record");
	}
	memset(many, ' ', sizeof(many));
	assert_false(verify(many, sizeof(many)));
}

static void heads_are_kept(void **state)
{
	static char text[8192];
	FILE *to = fmemopen(text, sizeof(text), "w"), *from;

	(void)state;
	assert_true(verify(file, octets));
	fputs("6 records verified\n", to);
	gw_audit_heads_print(to, &heads);
	fclose(to);
	from = fmemopen(text, strlen(text), "r");
	assert_true(gw_audit_heads_read(from, &kept));
	fclose(from);
	assert_memory_equal(kept.n, heads.n, sizeof(kept.n));
	assert_string_equal(kept.hash[7], heads.hash[7]);
	assert_true(verify(file, octets));
	kept.hash[7][3] = kept.hash[7][3] == 'a' ? 'b' : 'a'; /* all was written anew, with hashes that fit */
	assert_false(verify(file, octets));
	assert_non_null(strstr(why, "whose hash was kept"));
	for (const char *const *bad = (const char *const[]){ "head 64 1 ", "head 1 0 ", "head x", "head 1 1 00", NULL }; *bad; bad++) {
		from = fmemopen((void *)(uintptr_t)*bad, strlen(*bad), "r");
		assert_false(gw_audit_heads_read(from, &kept));
		fclose(from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_written_verifies, write_all),
		cmocka_unit_test_setup(no_octet_can_be_changed, write_all),
		cmocka_unit_test_setup(no_record_can_be_left_out_or_doubled, write_all),
		cmocka_unit_test_setup(rubbish, write_all),
		cmocka_unit_test_setup(heads_are_kept, write_all),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
