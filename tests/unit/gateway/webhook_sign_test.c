/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Signatures against the example that Standard Webhooks publishes with its libraries, and what must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "gateway/webhook_sign.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static const char body[] = "{\"test\": 2432232314}";
static const struct gw_webhook_signed example = {
	.id = "msg_p5jXN8AQM9LWM0D4loKWxJek", .at_s = 1614265330, .body = body, .octets = sizeof(body) - 1,
};

static void the_published_example(void **state)
{
	char out[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS];
	(void)state;
	assert_true(gw_webhook_sign((const char *const[]){ SECRET, NULL }, &example, out));
	assert_string_equal(out, SIGNATURE);
	assert_true(gw_webhook_verify(SECRET, &example, SIGNATURE));
}

static void two_secrets_sign_both(void **state)
{
	char out[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS];
	(void)state;
	assert_true(gw_webhook_sign((const char *const[]){ OTHER, SECRET }, &example, out));
	assert_non_null(strchr(out, ' '));
	assert_string_equal(strchr(out, ' ') + 1, SIGNATURE);
	assert_int_equal(strlen(out), 2 * strlen(SIGNATURE) + 1);
	assert_true(gw_webhook_verify(OTHER, &example, out));
	assert_true(gw_webhook_verify(SECRET, &example, out));
	assert_true(gw_webhook_sign((const char *const[]){ NULL, SECRET }, &example, out));
	assert_string_equal(out, SIGNATURE);
}

static void any_change_is_seen(void **state)
{
	struct gw_webhook_signed other = example;
	(void)state;
	other.at_s++;
	assert_false(gw_webhook_verify(SECRET, &other, SIGNATURE));
	other = example;
	other.id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
	assert_false(gw_webhook_verify(SECRET, &other, SIGNATURE));
	other = example;
	other.octets--;
	assert_false(gw_webhook_verify(SECRET, &other, SIGNATURE));
	assert_false(gw_webhook_verify(OTHER, &example, SIGNATURE));
	assert_false(gw_webhook_verify(SECRET, &example, ""));
	assert_false(gw_webhook_verify(SECRET, &example, "v1,"));
	assert_false(gw_webhook_verify(SECRET, &example, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
	assert_true(gw_webhook_verify(SECRET, &example, "v1,rubbish  v1a,more " SIGNATURE));
}

static void what_is_no_secret(void **state)
{
	static const char *const bad[] = {
		"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_c2hvcnQ=",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa w", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==",
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=",
	};
	char out[GW_WEBHOOK_SECRETS_MAX * GW_WEBHOOK_SIGNATURE_OCTETS];
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(gw_webhook_secret_ok(bad[i]));
		assert_false(gw_webhook_sign((const char *const[]){ SECRET, bad[i] }, &example, out));
	}
	assert_false(gw_webhook_sign((const char *const[]){ NULL, NULL }, &example, out));
	assert_true(gw_webhook_secret_ok(SECRET));
	assert_true(gw_webhook_secret_ok(OTHER));
	assert_true(gw_webhook_secret_ok("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")); /* the padding left out */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_example),
		cmocka_unit_test(two_secrets_sign_both),
		cmocka_unit_test(any_change_is_seen),
		cmocka_unit_test(what_is_no_secret),
	};
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
