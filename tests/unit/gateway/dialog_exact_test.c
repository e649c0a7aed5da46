/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs over a network whose requests tell by themselves which step they are, and all that was typed so far (USSD over HTTP): copies,
 * steps that come late, dialogs that nobody knows any more, and codes that were never dialled but typed. */
#include <stdio.h>

#include "sessions/store.h"
#include "tests/unit/gateway/dialog_world.h"

static int start(void **state)
{
	int rc = world_start(state);

	world.exact = true;
	return rc;
}

static int start_sealed(void **state)
{
	int rc = start(state);

	world.has_private = true;
	return rc;
}

/* The same key pressed again is another step, for all that was typed is longer; nobody acknowledges an answer. */
static void goes_on_by_what_was_typed(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	SAYS(so_far(a, 1, ""), "Services");
	SAYS(so_far(a, 1, "2"), "First");
	SAYS(so_far(a, 1, "2*1"), "Second");
	SAYS(so_far(a, 1, "2*1*1"), "Third");
	SAYS(so_far(a, 1, "2*1*1*1"), "Finished");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(0, counted(a, GW_CTR_REPEATED));
	assert_int_equal(1, counted(a, GW_CTR_DIALS));
}

/* A copy is answered at once with the same page, also where the network has taken the answer; one that was on its way for long is
 * answered with the page where the citizen is now. Nothing is done twice. */
static void a_copy_is_known_as_one(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	so_far(a, 1, "");
	so_far(a, 1, "2");
	SAYS(so_far(a, 1, "2*1"), "Second");
	SAYS(so_far(a, 1, "2*1"), "Second");
	taken(a);
	SAYS(so_far(a, 1, "2*1"), "Second");
	SAYS(so_far(a, 1, "2"), "Second");
	SAYS(so_far(a, 1, ""), "Second");
	assert_int_equal(4, counted(a, GW_CTR_REPEATED));
	SAYS(so_far(a, 1, "2*1*1"), "Third");
	SAYS(so_far(a, 1, "2*1*1*1"), "Finished");
	SAYS(so_far(a, 1, "2*1*1*1"), "Finished");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	so_far(a, 1, "2*1*1*1*1"); /* of a dialog that has ended: nothing begins anew */
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_STALE));
	assert_int_equal(2, counted(a, GW_CTR_DIALS)); /* with the copy of the first */
}

/* What one gateway did the other knows, with its own old copy of the session or without. */
static void a_copy_at_another_gateway(void **state)
{
	struct gateway *a = gateway_start(0), *b = gateway_start(1);

	(void)state;
	so_far(a, 1, "");
	so_far(b, 1, "2");
	SAYS(so_far(b, 1, "2*1"), "Second");
	SAYS(so_far(a, 1, "2*1"), "Second");
	SAYS(so_far(a, 1, "2"), "Second");
	SAYS(so_far(a, 1, "2*1*1"), "Third");
	SAYS(so_far(b, 1, "2*1*1"), "Third");
	assert_int_equal(1, counted(b, GW_CTR_REPEATED));
	assert_int_equal(2, counted(a, GW_CTR_REPEATED));
}

/* Who is asked for a step of a dialog that nobody knows (it expired, or never was) dials all of it. */
static void what_was_typed_is_dialled(void **state)
{
	struct gateway *a = gateway_start(0);

	(void)state;
	SAYS(so_far(a, 1, "2*1"), "Second");
	assert_int_equal(1, counted(a, GW_CTR_DIALS));
	assert_int_equal(0, counted(a, GW_CTR_STALE));
	SAYS(so_far(a, 1, "2*1"), "Second");
	assert_int_equal(1, counted(a, GW_CTR_REPEATED));
	SAYS(so_far(a, 1, "2*1*1"), "Third");
	SAYS(so_far(a, 2, "2"), "First"); /* another session of the same citizen */
	assert_int_equal(2, counted(a, GW_CTR_DIALS));
	so_far(a, 1, "2*1*1*1"); /* the one before comes again: it is dialled, as everything that is not known */
	assert_int_equal(3, counted(a, GW_CTR_DIALS));
}

/* It is a dial for all bounds. */
static void what_is_dialled_so_is_bounded(void **state)
{
	struct gateway *a;

	(void)state;
	world.dials_per_minute = 2;
	a = gateway_start(0);
	so_far(a, 1, "");
	so_far(a, 2, "2");
	so_far(a, 3, "2");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_TOO_OFTEN));
	SAYS(so_far(a, 2, "2*1"), "Second"); /* and the dialog before goes on */
	gw_dialogs_close(a->dialogs);
	so_far(a, 4, "2");
	assert_int_equal(GW_ANSWER_END, last_answer(a)->kind);
	assert_int_equal(1, counted(a, GW_CTR_BUSY));
}

/* What waits to be typed from a code may be a secret: the session is sealed, where what was dialled on purpose is not. */
static void what_was_typed_is_sealed(void **state)
{
	struct gateway *a = gateway_start(0);
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "GETRANGE ussd:{p%02u}:" CITIZEN " 9 9", sess_store_partition(CITIZEN));
	so_far(a, 1, "");
	assert_int_equal(0, redis_do(a, command)[0] & 0x08);
	SAYS(so_far(a, 2, "2*1"), "Second");
	assert_int_equal(0x08, redis_do(a, command)[0] & 0x08);
	SAYS(so_far(a, 2, "2*1*1"), "Third");
	assert_int_equal(0, redis_do(a, command)[0] & 0x08);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, world_stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(goes_on_by_what_was_typed),
		STORY(a_copy_is_known_as_one),
		STORY(a_copy_at_another_gateway),
		STORY(what_was_typed_is_dialled),
		STORY(what_is_dialled_so_is_bounded),
		cmocka_unit_test_setup_teardown(what_was_typed_is_sealed, start_sealed, world_stop),
	};

	return cmocka_run_group_tests_name("dialog_exact", tests, world_group_start, world_group_stop);
}
