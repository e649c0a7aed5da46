/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The proof before a screen that requires one: dialogs as a citizen sees them, with the test as the operation that proves; and walks
 * at random, after each step of which nothing is on the screen that was not proved. */
#include <errno.h>

#include "tests/unit/menus/step_world.h"

#include "menus/phrase.h"
#include "menus/proof.h"

#define ID "0067749828"
#define BACK "\n0- Back"
#define HOME "\n00- Home"

/* The proof is asked for with these inputs. */
static void proves(const char *level, const char *subject, const char *proved, const char *asked, const char *typed)
{
	calls("gate.prove");
	assert_string_equal(result.screen, "proof");
	assert_string_equal(menu_run_value(&run, "level"), level);
	assert_string_equal(menu_run_value(&run, "subject"), subject);
	assert_string_equal(menu_run_value(&run, "proved"), proved);
	assert_string_equal(menu_run_value(&run, "asked"), asked);
	assert_string_equal(menu_run_value(&run, "typed"), typed);
}

static void asks(const char *ask, const char *hint, const char *left)
{
	const struct menu_value values[] = { { "ask", ask, NULL, 0 }, { "hint", hint, NULL, 0 }, { "left", left, NULL, 0 } };
	answers("ok", values, 3);
}

static void is_proved(const char *level, const char *legal_id)
{
	const struct menu_value values[] = {
		{ "ask", "", NULL, 0 }, { "level", level, NULL, 0 }, { "id", ID, NULL, 0 }, { "legal_id", legal_id, NULL, 0 }, { "province", "Fars", NULL, 0 },
	};
	answers("ok", values, 5);
}

static void refuses(const char *outcome, const char *why, const char *until)
{
	const struct menu_value values[] = { { "why", why, NULL, 0 }, { "until", until, NULL, 0 } };
	answers(outcome, values, 2);
}

static void gives_rows(void)
{
	const struct menu_value rows[] = { { "name", "One", "rows", 0 }, { "name", "Two", "rows", 1 } };
	answers("ok", rows, 2);
}

static bool holds(const char *text)
{
	return memmem(place, place_octets, text, strlen(text)) != NULL;
}

#define PERSON "Person\n1- Mine\n2- Pay\n3- Firm\n4- Deep" BACK
#define LIST "SECRET1 Fars\n1- One\n2- Two" BACK HOME
#define ASK_ID "Enter your national ID" BACK HOME

static void test_who_is_there_is_asked_once(void **state)
{
	(void)state;
	dial("*4*7#");
	shows(PERSON);
	assert_false(menu_run_secret(&run));
	type("1");
	proves("1", "person", "0", "", "");
	asks("id", "", "3");
	shows(ASK_ID);
	assert_true(result.secret);
	again();
	shows(ASK_ID);
	type("0067749827"); /* no national ID: nobody is asked */
	assert_int_equal(result.verdict, MENU_SHOW);
	assert_true(result.again && result.secret);
	assert_non_null(strstr(result.text, "Enter your national ID"));
	type("۰۰۶۷۷۴۹۸۲۸");
	proves("1", "person", "0", "id", ID);
	assert_true(menu_run_secret(&run));
	is_proved("1", "");
	calls("shop.mine");
	assert_string_equal(menu_run_value(&run, "identity.id"), ID);
	gives_rows();
	shows(LIST);
	type("1");
	shows("SECRET1 One 9828\n1- Open" BACK HOME);
	type("1");
	shows("Level 1 of Fars" BACK HOME);
	type("0");
	type("0");
	shows(LIST);
	type("0");
	shows(PERSON);
	type("1"); /* known in this dialog */
	calls("shop.mine");
	gives_rows();
	type("00");
	type("3"); /* and in another service */
	shows("SECRET1 other " ID BACK);
	assert_true(menu_run_secret(&run));
	dial("*4*9#");
	proves("1", "person", "0", "", "");
	assert_false(menu_run_secret(&run));
	assert_false(holds(ID));
}

static void test_nothing_is_asked_of_whom_the_gateway_remembers(void **state)
{
	(void)state;
	dial("*4*7*1*2#"); /* what was dialled waits behind the proof and the call */
	proves("1", "person", "0", "", "");
	is_proved("1", "");
	calls("shop.mine");
	gives_rows();
	shows("SECRET1 Two 9828\n1- Open" BACK HOME);
}

static void test_turning_away_from_a_proof(void **state)
{
	(void)state;
	dial("*4*7*4*1#");
	proves("1", "person", "0", "", "");
	asks("id", "", "");
	shows(ASK_ID);
	type("0"); /* what was dialled for the screen behind is not typed at the one before */
	shows(PERSON);
	assert_false(holds("1#"));
	type("4");
	asks("id", "", "");
	type("00");
	assert_non_null(strstr(result.text, "Root"));
	dial("*4*9#");
	asks("id", "", "");
	shows("Enter your national ID\n0- Back");
	type("0");
	assert_non_null(strstr(result.text, "Root"));
	dial("*4*7*4#");
	is_proved("1", "");
	type("1"); /* level 3, from a screen of level 1 */
	proves("3", "person", "1", "", "");
	asks("code", "", "3");
	shows("Enter the code from the SMS" BACK HOME);
	type("0");
	shows("SECRET1 first\n1- On" BACK HOME);
}

static void test_refusals_are_pages(void **state)
{
	static const struct { const char *outcome, *why, *until, *page; } rows[] = {
		{ "refused", "not_yours", "", "This national ID and this phone number are not registered together." },
		{ "refused", "not_represented", "", "You are not registered as representing this company." },
		{ "refused", "changed", "", "The SIM or its owner has changed. Please dial again." },
		{ "limited", "often", "1584264600", "You have tried several times. Again from 1398/12/25 13:00" },
		{ "limited", "locked", "1584264600", "Your PIN is locked until 1398/12/25 13:00" },
		{ "limited", "locked", "soon", "We cannot verify who you are just now. Please try again a little later." },
		{ "refused", "because", "", "We cannot verify who you are just now. Please try again a little later." },
		{ "failed", "", "", "We cannot verify who you are just now. Please try again a little later." },
		{ "not_found", "", "", "We cannot verify who you are just now. Please try again a little later." },
	};
	char page[MENU_PAGE_OCTETS];
	size_t i;
	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dial("*4*7*4*1#");
		refuses(rows[i].outcome, rows[i].why, rows[i].until);
		snprintf(page, sizeof(page), "%s" BACK HOME, rows[i].page);
		shows(page);
		again();
		shows(page);
		assert_false(result.secret);
		type("1");
		assert_true(result.again);
		type("0");
		shows(PERSON);
		type("4");
		step(MENU_EVENT_ANSWER, NULL, NULL, false); /* no answer at all */
		type("00");
		assert_non_null(strstr(result.text, "Root"));
	}
	dial("*4*7*4#");
	refuses("refused", "not_yours", "");
	type("7");
	type("7");
	type("7");
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, "That was wrong several times. Please check and dial again.");
}

static void test_hints_say_what_was_wrong(void **state)
{
	(void)state;
	dial("*4*7*2*5000#");
	proves("2", "person", "0", "", "");
	asks("pin", "", "");
	shows("Enter your PIN\n(forgotten? 1)" BACK HOME);
	type("1357");
	proves("2", "person", "0", "pin", "1357");
	assert_true(holds("1357") && menu_run_secret(&run));
	asks("pin", "wrong", "4");
	assert_false(holds("1357")); /* it served one call */
	shows("That is not right. Tries left: 4.\nEnter your PIN\n(forgotten? 1)" BACK);
	type("1");
	proves("2", "person", "0", "pin", "1");
	asks("code", "", "");
	type("12");
	assert_non_null(strstr(result.text, "Enter the code from the SMS"));
	type("123456");
	proves("2", "person", "0", "code", "123456");
	asks("code", "expired", "");
	shows("The code was too old.\nEnter the code from the SMS" BACK);
	type("234567");
	asks("new_pin", "", "");
	shows("New PIN: enter 4 to 8 digits" BACK HOME);
	type("1111");
	asks("new_pin", "weak", "");
	type("2580");
	asks("again_pin", "", "");
	type("2581");
	asks("new_pin", "differs", "");
	shows("Not the same PIN.\nNew PIN: enter 4 to 8 digits" BACK);
	type("2580");
	asks("again_pin", "nonsense", "many");
	shows("Enter the new PIN again" BACK HOME);
	type("2580");
	is_proved("2", "");
	shows("SECRET2 code?" BACK HOME);
	assert_true(result.secret);
}

static void test_every_question_is_one_page_in_every_language(void **state)
{
	int q, h;
	(void)state;
	for (q = 0; q < MENU_PROOF_QUESTIONS * MENU_LANGUAGES; q++)
		for (h = 0; h < MENU_PROOF_HINTS; h++) {
			const char *asked = menu_proof_questions[q / MENU_LANGUAGES].name;
			remembered = menu_languages[q % MENU_LANGUAGES].code;
			dial("*4*7*4*1#");
			asks(asked, menu_proof_hints[h].name, "99");
			assert_int_equal(result.verdict, MENU_SHOW);
			assert_null(strstr(result.text, "9- "));
			assert_true(h > 0 || strstr(result.text, menu_phrase_table[menu_proof_questions[q / MENU_LANGUAGES].phrase].text[q % MENU_LANGUAGES]));
			assert_true(h == 0 || strstr(result.text, menu_phrase_table[menu_proof_hints[h].phrase].text[q % MENU_LANGUAGES]));
		}
	for (q = 0; q < MENU_PROOF_WHYS; q++) {
		remembered = "fa";
		dial("*4*7*4*1#");
		refuses("refused", menu_proof_whys[q].name, "1584264600");
		assert_non_null(strstr(result.text, "0- بازگشت"));
		assert_null(strstr(result.text, "9- "));
		assert_null(strstr(result.text, "{"));
	}
}

static void test_what_makes_no_sense_is_a_refusal_and_no_loop(void **state)
{
	const struct menu_value no_id[] = { { "ask", "", NULL, 0 }, { "level", "1", NULL, 0 } };
	const struct menu_value fine[] = { { "level", "1", NULL, 0 }, { "id", ID, NULL, 0 } };
	const struct menu_answer old = { "ok", now_ms, 2, fine };
	static const char failed[] = "We cannot verify who you are just now. Please try again a little later." BACK HOME;
	int i;
	(void)state;
	dial("*4*7*4#");
	is_proved("0", "");
	shows(failed);
	dial("*4*7*4#");
	is_proved("1000", "");
	shows(failed);
	dial("*4*7*4#");
	answers("ok", no_id, 2);
	shows(failed);
	dial("*4*7*4#");
	answers("ok", NULL, 0);
	shows(failed);
	dial("*4*7*4#");
	asks("colour", "", "");
	shows(failed);
	dial("*4*7*4#");
	answers("refused", fine, 2); /* proved, but no "ok" */
	shows(failed);
	dial("*4*7*4#");
	step(MENU_EVENT_ANSWER, NULL, &old, false); /* it was so once */
	shows(failed);
	dial("*4*7*3#");
	proves("2", "business", "0", "", "");
	is_proved("2", ""); /* of a person, not of a business */
	shows(failed);
	dial("*4*7*3#");
	is_proved("1", "14007650912"); /* of a business, but too low */
	shows(failed);
	dial("*4*7*4#");
	for (i = 0; i < 100 && strstr(result.text, "verify") == NULL; i++) { /* who asks for ever */
		asks("pin", "wrong", "3");
		type("1234");
	}
	assert_int_equal(i, MENU_PROOF_ROUNDS_MAX);
}

static void test_a_business_is_proved_beside_the_person(void **state)
{
	const struct menu_value firm[] = { { "firm.name", "Acme", NULL, 0 } };
	(void)state;
	dial("*4*7*4#");
	is_proved("1", "");
	shows("SECRET1 first\n1- On" BACK HOME);
	type("0");
	type("3");
	proves("2", "business", "1", "", "");
	asks("legal_id", "", "3");
	shows("Enter the company's legal ID" BACK HOME);
	assert_false(result.secret);
	is_proved("3", "14007650912"); /* not asked for: the citizen's turn */
	assert_true(result.again);
	shows("Enter the company's legal ID" BACK HOME);
	type("14007650912");
	proves("2", "business", "1", "legal_id", "14007650912");
	is_proved("2", "14007650912");
	calls("shop.firm");
	assert_string_equal(menu_run_value(&run, "identity.legal_id"), "14007650912");
	answers("ok", firm, 1);
	shows("SECRET2B Acme 0912" BACK HOME);
}

#define RESUME_PAGE "Your last dialog was cut off.\n1- Go on\n2- Begin anew\n0- Exit"

static void test_a_cut_dialog_proves_anew_and_goes_on_where_it_was(void **state)
{
	(void)state;
	dial("*4*7*1#");
	is_proved("1", "");
	gives_rows();
	type("2");
	type("1");
	shows("Level 1 of Fars" BACK HOME); /* requires nothing itself, but shows what came to be under level 1 */
	redial("*4#");
	shows(RESUME_PAGE);
	assert_false(holds(ID));
	type("1");
	proves("1", "person", "0", "", "");
	asks("id", "", "");
	again();
	shows(ASK_ID);
	redial("*4#"); /* cut again, in the middle of the proof */
	shows(RESUME_PAGE);
	is_proved("1", ""); /* the answer to what the dialog before had asked */
	shows(RESUME_PAGE);
	type("1");
	proves("1", "person", "0", "", "");
	is_proved("1", "");
	shows("Level 1 of Fars" BACK HOME);
	type("0");
	shows("SECRET1 Two 9828\n1- Open" BACK HOME);
	redial("*4*7#");
	type("1");
	asks("id", "", "");
	type("0"); /* all that lies behind wants the same proof: out to the first page */
	assert_non_null(strstr(result.text, "Root"));
	type("1");
	shows(PERSON);
	type("1");
	proves("1", "person", "0", "", "");
	redial("*4#");
	type("2");
	assert_non_null(strstr(result.text, "Root"));
}

static void test_a_cut_before_anything_was_proved_asks_for_nothing(void **state)
{
	size_t before;
	(void)state;
	dial("*4*7#");
	before = place_octets;
	assert_true(before < 20);
	redial("*4#");
	type("1");
	shows(PERSON);
	assert_int_equal(place_octets, before);
}

static void test_a_call_cut_off_is_proved_before_it_is_made_again(void **state)
{
	(void)state;
	dial("*4*7*1#");
	is_proved("1", "");
	calls("shop.mine");
	redial("*4#");
	type("1");
	proves("1", "person", "0", "", "");
	is_proved("1", "");
	calls("shop.mine");
	dial("*4*7*2*5000#"); /* what is not safe is confirmed anew, behind its proof */
	is_proved("3", "");
	type("77");
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
	type("1");
	calls("shop.pay");
	redial("*4#");
	type("1");
	proves("3", "person", "0", "", "");
	is_proved("3", "");
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
}

static void test_level_three_is_good_for_ten_minutes(void **state)
{
	(void)state;
	dial("*4*7*2*5000#");
	is_proved("2", "");
	type("4321");
	proves("3", "person", "2", "", "");
	assert_true(holds("4321")); /* the secret of the service waits for its own call */
	is_proved("3", "");
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
	now_ms += (MENU_PROOF_GOOD_S - 1) * 1000;
	again();
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
	now_ms += 1000;
	again();
	assert_false(result.again);
	proves("3", "person", "2", "", "");
	is_proved("3", "");
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
	now_ms += MENU_PROOF_GOOD_S * 1000;
	type("1"); /* a yes to what may not be shown any more is no yes */
	proves("3", "person", "2", "", "");
	is_proved("3", "");
	shows("SECRET3 pay 5000?\n1- Yes\n2- No" BACK HOME);
	type("1");
	calls("shop.pay");
	assert_string_equal(menu_run_value(&run, "secret"), "4321");
	now_ms += MENU_PROOF_GOOD_S * 1000;
	again(); /* the call is under way: it is not begun a second time by a proof */
	calls("shop.pay");
	answers("ok", NULL, 0);
	proves("3", "person", "2", "", "");
	assert_false(holds("4321"));
	is_proved("3", "");
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, "SECRET3 paid");
	dial("*4*7*4*1#");
	is_proved("3", "");
	shows("SECRET3 second\n1- On" BACK HOME);
	now_ms -= 1000; /* a clock that goes back */
	again();
	proves("3", "person", "1", "", "");
}

static void test_what_comes_late_shows_nothing(void **state)
{
	const struct menu_value fine[] = { { "level", "3", NULL, 0 }, { "id", ID, NULL, 0 } };
	const struct menu_answer proved = { "ok", 0, 2, fine };
	const struct menu_answer empty = { "ok", 0, 0, NULL };
	(void)state;
	dial("*4*7*4#");
	step(MENU_EVENT_ANSWER, NULL, &proved, true);
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, "To go on, please dial again.");
	redial("*4#");
	type("1");
	proves("1", "person", "0", "", "");
	dial("*4*7*1#");
	is_proved("1", "");
	step(MENU_EVENT_ANSWER, NULL, &empty, true); /* what the dialog had proved may be told */
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, "SECRET1 none");
	dial("*4*7*2*5000#");
	is_proved("3", "");
	type("1");
	type("1");
	calls("shop.pay");
	now_ms += MENU_PROOF_GOOD_S * 1000;
	step(MENU_EVENT_ANSWER, NULL, &empty, true);
	assert_int_equal(result.verdict, MENU_END);
	assert_string_equal(result.text, "To go on, please dial again.");
}

static void test_every_kind_of_screen_can_require(void **state)
{
	(void)state;
	dial("*4*8*1*hello#");
	proves("1", "person", "0", "", "");
	is_proved("1", "");
	shows("SECRET1 hello" BACK HOME);
	dial("*4*8*2#");
	proves("2", "person", "0", "", "");
	is_proved("2", "");
	shows("SECRET2 high" BACK HOME);
	dial("*4*8*3#");
	assert_int_equal(result.sms_octets, 0);
	is_proved("1", "");
	assert_string_equal(result.sms, "SECRET1 sms " ID);
	dial("*4*8*4#");
	is_proved("3", "");
	assert_int_equal(result.verdict, MENU_SHOW);
	assert_non_null(strstr(result.text, "SECRET3 a long end"));
	now_ms += MENU_PROOF_GOOD_S * 1000;
	type("9"); /* its second page, too late */
	proves("3", "person", "1", "", "");
	is_proved("3", "");
	assert_int_equal(result.verdict, MENU_END);
	assert_non_null(strstr(result.text, "twenty-two"));
	dial("*4*8*5#");
	is_proved("1", "");
	assert_non_null(strstr(result.text, "SECRET1 language"));
}

/* --- at random --- */

static struct { unsigned int level, under; bool business; int64_t at_ms; } granted; /* what the test, as the operation, has said */

static unsigned int pick(unsigned int n)
{
	static uint64_t seed = 20261124;
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(seed >> 33) % n;
}

static void forget(void)
{
	memset(&granted, 0, sizeof(granted));
}

/* The engine is to take it as proved: it asked, and gets what it asked for. */
static void grant(unsigned int level)
{
	granted.business = granted.business || strcmp(menu_run_value(&run, "subject"), "business") == 0;
	if (level < granted.level)
		return;
	granted.under = level < 3 ? level : granted.level < 3 ? (granted.level ? granted.level : 1) : granted.under;
	granted.level = level;
	granted.at_ms = now_ms;
}

static void random_answer(void)
{
	static const char *const outcomes[] = { "ok", "ok", "ok", "ok", "failed", "refused", "not_found" };
	static const char *const digits[] = { "0", "1", "2", "3" };
	const unsigned int level = pick(4);
	const char *asked = pick(2) ? menu_proof_questions[pick(MENU_PROOF_QUESTIONS)].name : "";
	const bool proof = result.verdict == MENU_CALL && strcmp(result.operation->name, "gate.prove") == 0, late = pick(12) == 0;
	const char *id = pick(8) ? ID : "", *legal_id = pick(3) ? "14007650912" : "";
	const struct menu_value prove[] = {
		{ "ask", asked, NULL, 0 }, { "level", digits[level], NULL, 0 }, { "id", id, NULL, 0 }, { "legal_id", legal_id, NULL, 0 },
		{ "hint", menu_proof_hints[pick(MENU_PROOF_HINTS)].name, NULL, 0 }, { "why", menu_proof_whys[pick(MENU_PROOF_WHYS)].name, NULL, 0 },
	};
	const struct menu_value other[] = { { "name", "N", "rows", pick(9) }, { "firm.name", "F", NULL, 0 } };
	const struct menu_answer answer = { outcomes[pick(7)], pick(10) ? 0 : 1, proof || pick(9) == 0 ? 6 : 2, proof || pick(9) == 0 ? prove : other };
	struct menu_answer sound = answer;

	if (sound.values == other)
		sound.n = 2;
	if (proof && !late && strcmp(sound.outcome, "ok") == 0 && sound.as_of_ms == 0 && sound.values == prove && asked[0] == '\0' && id[0] &&
	    digits[level][0] >= menu_run_value(&run, "level")[0] && (legal_id[0] || strcmp(menu_run_value(&run, "subject"), "person") == 0))
		grant(level);
	step(MENU_EVENT_ANSWER, NULL, &sound, late);
}

static void random_step(void)
{
	static const char *const codes[] = { "*4#", "*4*7#", "*4*7*1*2#", "*4*7*3#", "*4*7*4*1*1#", "*4*7*2*5000*1*1#", "*4*7*7000#", "*4*8*1*a#", "*4*8*4#", "*4*9#", "" };
	static const char *const typed[] = { "0", "00", "1", "1", "1", "2", "3", "4", "5", "9", "", ID, "14007650912", "1234", "123456", "words" };
	const char *code = codes[pick(sizeof(codes) / sizeof(codes[0]))];
	unsigned int what = pick(100);

	now_ms += pick(20) ? pick(20000) : pick(900000);
	if (granted.level == 3 && now_ms / 1000 - granted.at_ms / 1000 >= MENU_PROOF_GOOD_S)
		granted.level = granted.under;
	if (what < 4) {
		forget();
		dial(code);
	} else if (what < 12) {
		forget();
		redial(code);
	} else if (what < 18) {
		again();
	} else if (what < 22 || (result.verdict == MENU_CALL && what < 90)) {
		random_answer();
	} else {
		type(typed[pick(sizeof(typed) / sizeof(typed[0]))]);
	}
}

/* "SECRET2B", "راز2": what the screens of tests/data/menus/proof that require something say first. */
static void assert_nothing_unproved(const char *text)
{
	const char *at = strstr(text, "SECRET"), *fa = strstr(text, "راز");
	const char *digit = at ? at + strlen("SECRET") : fa ? fa + strlen("راز") : NULL;
	if (!digit)
		return;
	if ((unsigned int)(*digit - '0') > granted.level || (digit[1] == 'B' && !granted.business))
		fail_msg("\"%s\" is shown, level %u was proved", text, granted.level);
}

static void test_nothing_unproved_is_ever_shown(void **state)
{
	unsigned int i, seen = 0;
	(void)state;
	forget();
	dial("*4#");
	for (i = 0; i < 300000; i++) {
		random_step();
		assert_nothing_unproved(result.text);
		assert_nothing_unproved(result.sms);
		seen += strstr(result.text, "SECRET") != NULL;
	}
	assert_true(seen > 1000); /* and it was worth looking */
}

/* --- places --- */

static int decodes(const uint8_t *bytes, size_t octets)
{
	static struct menu_run other;
	return menu_run_decode(&other, set, bytes, octets);
}

static void test_a_place_in_a_proof_is_read_back_or_refused(void **state)
{
	struct menu_run before;
	uint8_t bad[MENU_PLACE_OCTETS] = { 0 };
	size_t i;
	int bit;
	(void)state;
	dial("*4*7*2*5000#");
	is_proved("2", "");
	type("4321");
	asks("code", "wrong", "2");
	memcpy(&before, &run, sizeof(run));
	assert_int_equal(menu_run_decode(&run, set, place, place_octets), 0);
	assert_memory_equal(&menu_place_of(&run)->ladder, &menu_place_of(&before)->ladder, sizeof(struct menu_ladder));
	for (i = 0; i < place_octets; i++)
		decodes(place, i);
	for (i = 0; i < place_octets; i++)
		for (bit = 0; bit < 8; bit++) { /* no octet of it can lead the engine astray */
			memcpy(bad, place, place_octets);
			bad[i] ^= (uint8_t)(1u << bit);
			if (decodes(bad, place_octets) != 0)
				continue;
			memcpy(place, bad, place_octets);
			again();
			dial("*4*7*2*5000#");
			is_proved("2", "");
			type("4321");
			asks("code", "wrong", "2");
		}
	memcpy(bad, place, place_octets);
	bad[5] &= (uint8_t)~64u; /* a proof without its ladder */
	assert_int_equal(decodes(bad, place_octets), -EBADMSG);
}

static void test_a_place_without_a_proof_is_as_it_was(void **state)
{
	static const uint8_t old[] = { 1, 0, 0, 0, 0, MENU_ST_WAIT | 1 << 4, 0, 0, 0, 0 };
	uint8_t bytes[sizeof(old)];
	(void)state;
	dial("*4#");
	assert_int_equal(place_octets, sizeof(old));
	memcpy(bytes, old, sizeof(old));
	memcpy(bytes + 1, place + 1, 4);
	assert_memory_equal(place, bytes, sizeof(old)); /* octet for octet what the encoding was before there were proofs */
	assert_int_equal(decodes(bytes, sizeof(bytes)), 0);
	bytes[5] |= 128;
	assert_int_equal(decodes(bytes, sizeof(bytes)), -EBADMSG);
}

static int setup_all(void **state)
{
	(void)state;
	menu_unicode_init();
	set = load("tests/data/menus/proof");
	return set ? 0 : -1;
}

static int teardown_all(void **state)
{
	(void)state;
	talloc_free(set);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	now_ms = 1584264600000;
	remembered = "en";
	return 0;
}

#define STORY(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_who_is_there_is_asked_once),
		STORY(test_nothing_is_asked_of_whom_the_gateway_remembers),
		STORY(test_turning_away_from_a_proof),
		STORY(test_refusals_are_pages),
		STORY(test_hints_say_what_was_wrong),
		STORY(test_every_question_is_one_page_in_every_language),
		STORY(test_what_makes_no_sense_is_a_refusal_and_no_loop),
		STORY(test_a_business_is_proved_beside_the_person),
		STORY(test_a_cut_dialog_proves_anew_and_goes_on_where_it_was),
		STORY(test_a_cut_before_anything_was_proved_asks_for_nothing),
		STORY(test_a_call_cut_off_is_proved_before_it_is_made_again),
		STORY(test_level_three_is_good_for_ten_minutes),
		STORY(test_what_comes_late_shows_nothing),
		STORY(test_every_kind_of_screen_can_require),
		STORY(test_nothing_unproved_is_ever_shown),
		STORY(test_a_place_in_a_proof_is_read_back_or_refused),
		STORY(test_a_place_without_a_proof_is_as_it_was),
	};
	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
