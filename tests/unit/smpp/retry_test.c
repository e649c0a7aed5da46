/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* smpp/retry: what ships agrees with the verdicts of smpp/status; an operator's own rows stand beside or instead. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "smpp/retry.h"
#include "smpp/status.h"

static struct smpp_retries retries;

static int start(void **state)
{
	(void)state;
	smpp_retries_init(&retries);
	return 0;
}

static void every_row_has_a_name_and_is_there_once(void **state)
{
	(void)state;
	for (size_t i = 0; smpp_retry_row(i); i++) {
		const struct smpp_retry *row = smpp_retry_row(i);

		assert_int_equal('E', smpp_status_name(row->status)[0]);
		assert_true(row->times >= 1 && row->pause_ms >= 1000);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(row->status, smpp_retry_row(j)->status);
	}
}

static void what_may_be_retried_has_a_row(void **state)
{
	(void)state;
	for (uint32_t status = 1; status < 0x600; status++) {
		enum smpp_verdict verdict = smpp_status_verdict(status);
		const struct smpp_retry *row = smpp_retries_find(&retries, status);

		if (verdict == SMPP_VERDICT_RETRY || verdict == SMPP_VERDICT_SLOW_DOWN)
			assert_non_null(row);
		if (row)
			assert_int_equal(verdict == SMPP_VERDICT_SLOW_DOWN, row->rest_ms > 0);
		if (verdict == SMPP_VERDICT_REFUSED && status != ESME_RINVSCHED)
			assert_null(row);
	}
}

static void an_operator_sets_its_own(void **state)
{
	const struct smpp_retry vendor = { 0x400, 3, 5000, 0 }, other = { ESME_RSYSERR, 9, 1, 2 }, never = { ESME_RTHROTTLED, 0, 0, 0 };

	(void)state;
	assert_null(smpp_retries_find(&retries, 0x400));
	assert_int_equal(0, smpp_retries_set(&retries, &vendor));
	assert_int_equal(0, smpp_retries_set(&retries, &other));
	assert_int_equal(0, smpp_retries_set(&retries, &never));
	assert_memory_equal(&vendor, smpp_retries_find(&retries, 0x400), sizeof(vendor));
	assert_memory_equal(&other, smpp_retries_find(&retries, ESME_RSYSERR), sizeof(other));
	assert_null(smpp_retries_find(&retries, ESME_RTHROTTLED));
	assert_null(smpp_retries_find(&retries, 0));
}

static void there_is_an_end(void **state)
{
	struct smpp_retry row = { 0x500, 1, 1000, 0 };
	size_t before = retries.n;

	(void)state;
	for (; row.status < 0x600; row.status++)
		if (smpp_retries_set(&retries, &row) < 0)
			break;
	assert_int_equal(SMPP_RETRIES_MAX - before, row.status - 0x500);
	assert_int_equal(-ENOSPC, smpp_retries_set(&retries, &row));
	row.status = 0x500; /* what is there can still be set */
	row.times = 7;
	assert_int_equal(0, smpp_retries_set(&retries, &row));
	assert_int_equal(7, smpp_retries_find(&retries, 0x500)->times);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
		CASE(every_row_has_a_name_and_is_there_once), CASE(what_may_be_retried_has_a_row), CASE(an_operator_sets_its_own),
		CASE(there_is_an_end),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
