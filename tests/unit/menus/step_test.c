/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dialogs, told as a citizen sees them: what is typed, what the page says. */
#include "tests/unit/menus/step_world.h"

static struct menu_set *story, *sample;

static const struct menu_value bill[] = {
	{ "bill.id", "7748317800142", NULL, 0 }, { "bill.kind_fa", "برق", NULL, 0 }, { "bill.kind_en", "Power", NULL, 0 }, { "bill.amount", "1450000", NULL, 0 },
	{ "bill.due", "2020-03-15", NULL, 0 },   { "bill.payment_id", "1770160", NULL, 0 },
};

static void test_a_bill_by_its_id_in_persian(void **state)
{
	(void)state;
	set = sample;
	dial("*4#");
	shows("دولت همراه\n1- قبوض\n2- مانده یارانه\n3- صندوق پیام\n4- پیگیری\n9- بیشتر\n0- خروج");
	assert_true(place_octets < 20);
	type("۱"); /* digits of a Persian keyboard */
	shows("قبوض\n1- با شناسه قبض\n2- قبوض من\n0- بازگشت");
	type("1");
	assert_true(place_octets < 20);
	type("٧٧٤٨٣١٧٨٠٠١٤٢"); /* and of an Arabic one */
	calls("bills.inquire");
	assert_string_equal(menu_run_value(&run, "bill_id"), "7748317800142");
	answers("ok", bill, 6);
	shows("برق\nمبلغ: 1,450,000 ریال\nمهلت: 1398/12/25\n1- پیامک کن\n0- بازگشت\n00- خانه");
	type("1");
	shows("قبض برای شما پیامک شد.\n0- بازگشت\n00- خانه");
	assert_int_equal(result.sms_octets, strlen(result.sms));
	assert_string_equal(result.sms, "برق\nشناسه قبض: 7748317800142\nشناسه پرداخت: 1770160\nمبلغ: 1,450,000 ریال\nمهلت: 1398/12/25");
	type("0"); /* back to the bill, without asking the agency again */
	shows("برق\nمبلغ: 1,450,000 ریال\nمهلت: 1398/12/25\n1- پیامک کن\n0- بازگشت\n00- خانه");
	assert_int_equal(result.sms_octets, 0);
	type("0");
	shows("شناسه قبض را بنویسید\n0- بازگشت\n00- خانه");
	type("00");
	assert_int_equal(result.text[0], "د"[0]);
	assert_true(place_octets < 20); /* nothing of the service is remembered */
	type("0");
	ends("از همراهی شما سپاسگزاریم.");
}

static void test_straight_to_a_bill_by_dialling(void **state)
{
	(void)state;
	set = sample;
	remembered = "en";
	dial("*4*2020*1*7748317800142#");
	calls("bills.inquire");
	assert_string_equal(menu_run_value(&run, "bill_id"), "7748317800142");
	answers("not_found", NULL, 0);
	shows("There is no bill with this ID.\n0- Back\n00- Home");
	type("0"); /* back is as if each page had been seen */
	shows("Enter the bill ID\n0- Back\n00- Home");
	dial("*4*2020*1*123#"); /* a part that fails: its page, with the reason */
	assert_int_equal(result.verdict, MENU_SHOW);
	assert_non_null(strstr(result.text, "\nEnter the bill ID\n0- Back"));
	dial("*4*2020#");
	shows("Bills\n1- By bill ID\n2- My bills\n0- Back");
	dial("*4*1463*0067749828*1#"); /* parts go on behind the call */
	calls("balance.get");
	dial("*4*31415#"); /* no such service: the list of those there are */
	shows("Unknown code.\nDolat Hamrah\n1- Bills\n2- Subsidy balance\n3- Inbox\n4- My requests\n5- Help\n9- More\n0- Exit");
}

static void test_parts_behind_a_call_are_typed_when_it_is_answered(void **state)
{
	(void)state;
	set = sample;
	remembered = "en";
	dial("*4*2020*1*7748317800142*1#");
	calls("bills.inquire");
	answers("ok", bill, 6);
	shows("The bill is sent to you by SMS.\n0- Back\n00- Home");
	assert_true(result.sms_octets > 0);
	dial("*4*2020*1*7748317800142*5*1#"); /* 5 is no option: 1 is not typed at what it was not meant for */
	answers("ok", bill, 6);
	assert_int_equal(result.sms_octets, 0);
	assert_true(result.again);
	type("1");
	assert_true(result.sms_octets > 0);
}

static void test_the_language_is_asked_once_and_remembered(void **state)
{
	(void)state;
	set = story;
	dial("*4#");
	shows("زبان / Language\n1- English\n2- فارسی\n0- Exit");
	assert_false(result.language_chosen);
	type("2");
	assert_true(result.language_chosen);
	assert_string_equal(result.language, "fa");
	shows("ریشه\n1- پرداخت\n2- گروه\n0- خروج");
	remembered = "fa";
	dial("*4#");
	shows("ریشه\n1- پرداخت\n2- گروه\n0- خروج");
	remembered = "";
	dial("*4*9#"); /* straight to a service: not in the way */
	assert_string_equal(result.language, "en");
	remembered = "xx"; /* a language that the menu has not */
	dial("*500*4*9#");
	assert_string_equal(result.language, "en");
	type("4");
	shows("Language\n1- English\n2- فارسی\n0- Back\n00- Home");
	type("2");
	assert_true(result.language_chosen);
	shows("گونه ها\n1- فقط فارسی\n2- دراز\n3- آب\n4- گاز\n5- زبان\n0- بازگشت");
}

static void test_paying_needs_a_pin_and_a_yes(void **state)
{
	static const struct menu_value paid[] = { { "paid.ref", "R77", NULL, 0 }, { "unknown", "x", NULL, 0 } };
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7*5000*1234*1#"); /* a secret is never taken from a dial string, nor a consent */
	shows("PIN?\n0- Back\n00- Home");
	assert_true(result.secret);
	assert_false(menu_run_secret(&run));
	type("1234");
	shows("Pay 5000?\n1- Yes\n2- No\n0- Back\n00- Home");
	assert_true(menu_run_secret(&run));
	type("2"); /* no: the page before */
	shows("PIN?\n0- Back\n00- Home");
	type("1234");
	type("1");
	calls("bank.pay");
	assert_string_equal(menu_run_value(&run, "pin"), "1234");
	assert_string_equal(menu_run_value(&run, "msisdn"), "+989120000000");
	assert_true(menu_run_secret(&run));
	answers("ok", paid, 2);
	assert_false(menu_run_secret(&run)); /* used, gone */
	assert_null(memmem(place, place_octets, "1234", 4));
	shows("Paid R77\n1- Receipt\n0- Back");
	again();
	shows("Paid R77\n1- Receipt\n0- Back");
	type("0"); /* what was done cannot be done again by going back */
	assert_string_equal(result.text, "Root\n1- Pay\n2- Group\n0- Exit");
}

static void test_an_end_with_a_receipt(void **state)
{
	static const struct menu_value paid[] = { { "paid.ref", "R77", NULL, 0 } };
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7*5000#");
	type("1234");
	type("1");
	answers("ok", paid, 1);
	type("1");
	ends("Thank you");
	assert_string_equal(result.sms, "Receipt R77");
	again();
	ends("Thank you");
	assert_int_equal(result.sms_octets, 0); /* sent once */
	type("1");
	ends("Bye.");
}

/* Whoever counts pages that stand in place of a visit sees them, and no others. */
static void test_a_page_in_place_of_a_visit(void **state)
{
	static const struct menu_value paid[] = { { "paid.ref", "R77", NULL, 0 } };
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7*5000#");
	assert_false(result.visit);
	type("1234");
	type("1");
	answers("ok", paid, 1);
	shows("Paid R77\n1- Receipt\n0- Back");
	assert_true(result.visit);
	type("1");
	ends("Thank you");
	assert_false(result.visit);
}

static void test_no_visit_is_avoided_by_a_failure(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7*5000#");
	type("1234");
	type("1");
	answers("failed", NULL, 0);
	ends("Later");
	assert_false(result.visit);
	answers("ok", NULL, 0); /* nobody waits for it */
	assert_true(result.again);
}

static void test_three_wrong_answers_end_politely(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7#");
	shows("Amount?\n0- Back");
	type("abc");
	assert_int_equal(result.verdict, MENU_SHOW);
	assert_true(result.again);
	assert_non_null(strstr(result.text, "\nAmount?\n0- Back"));
	type("  ");
	shows("Nothing was typed.\nAmount?\n0- Back");
	type("999"); /* below the menu's bound */
	ends("That was wrong several times. Please check and dial again.");
	type("5000");
	assert_int_equal(result.verdict, MENU_END);
	dial("*4#"); /* a right answer begins the count anew */
	type("7"); type("8"); type("1"); type("x"); type("x"); type("5000");
	shows("PIN?\n0- Back\n00- Home");
}

static void rows(struct menu_value *values, char (*names)[32], size_t n)
{
	size_t i;
	for (i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "row %zu name", i + 1);
		values[2 * i] = (struct menu_value){ "name", names[i], "rows", (uint16_t)i };
		values[2 * i + 1] = (struct menu_value){ "n", names[i] + 4, "rows", (uint16_t)i };
	}
}

static void test_a_long_list_keeps_its_numbers_over_pages(void **state)
{
	struct menu_value values[40];
	char names[20][32];
	(void)state;
	rows(values, names, 20);
	set = story;
	remembered = "en";
	dial("*4*8#");
	calls("bank.rows");
	answers("ok", values, 40);
	shows("Choose\n1- row 1 name\n2- row 2 name\n3- row 3 name\n4- row 4 name\n5- row 5 name\n6- row 6 name\n7- row 7 name\n8- row 8 name\n9- row 9 name\n99- More\n0- Back");
	type("99");
	assert_true(result.again);
	shows("10- row 10 name\n11- row 11 name\n12- row 12 name\n13- row 13 name\n14- row 14 name\n15- row 15 name\n16- row 16 name\n17- row 17 name\n18- row 18 name\n99- More\n0- Back");
	again();
	shows("10- row 10 name\n11- row 11 name\n12- row 12 name\n13- row 13 name\n14- row 14 name\n15- row 15 name\n16- row 16 name\n17- row 17 name\n18- row 18 name\n99- More\n0- Back");
	type("99");
	shows("19- row 19 name\n20- row 20 name\n0- Back");
	type("99"); /* there is no more */
	shows("No such option.\n19- row 19 name\n20- row 20 name\n0- Back");
	type("4"); /* of another page */
	shows("It is row 4 name, 4 name\n0- Back\n00- Home");
	type("0"); /* back to the page where it was chosen */
	shows("19- row 19 name\n20- row 20 name\n0- Back");
	type("20");
	shows("It is row 20 name, 20 name\n0- Back\n00- Home");
	dial("*4*8#");
	answers("ok", NULL, 0);
	shows("Nothing\n0- Back");
}

/* The letters of a page, with the skip of the next one or without. */
static void letters(size_t first, size_t n, const char *next)
{
	struct menu_value values[8];
	char titles[4][16];
	size_t i, used = 0;
	values[used++] = (struct menu_value){ "n", "2", NULL, 0 };
	if (next)
		values[used++] = (struct menu_value){ "next", next, NULL, 0 };
	for (i = 0; i < n; i++) {
		snprintf(titles[i], sizeof(titles[i]), "letter %zu", first + i);
		values[used++] = (struct menu_value){ "title", titles[i], "letters", (uint16_t)i };
	}
	if (first == 1)
		values[used++] = (struct menu_value){ "mark", "* ", "letters", 0 };
	answers("ok", values, used);
}

static void test_a_list_with_options_behind_its_rows(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*6#");
	calls("bank.letters");
	assert_string_equal("0", menu_run_value(&run, "skip"));
	letters(1, 3, "3");
	shows("2 new\n1- * letter 1\n2- letter 2\n3- letter 3\n4- Older\n5- Settings\n0- Back");
	type("6");
	shows("No such option.\n2 new\n1- * letter 1\n2- letter 2\n3- letter 3\n4- Older\n5- Settings\n0- Back");
	type("4");
	calls("bank.letters");
	assert_string_equal("3", menu_run_value(&run, "skip"));
	letters(4, 1, NULL); /* the last: no older ones */
	shows("2 new\n1- letter 4\n2- Settings\n0- Back");
	type("2");
	shows("Settings\n0- Back\n00- Home");
	type("0");
	type("1");
	calls("bank.letter");
	assert_string_equal("letter 4", menu_run_value(&run, "letter"));
	answers("failed", NULL, 0);
	remembered = "fa";
	dial("*4*6#");
	letters(1, 1, NULL);
	shows("2 تازه\n1- * letter 1\n2- پاک کردن همه\n3- تنظیم\n0- بازگشت");
}

static void test_a_long_text_in_pages(void **state)
{
	char text[2 * MENU_OPERATION_LONG_OCTETS] = "Dear citizen,\nyour ";
	const struct menu_value value[] = { { "letter_text", text, NULL, 0 } };
	unsigned int pages;
	(void)state;
	while (strlen(text) < MENU_OPERATION_LONG_OCTETS + 100)
		strcat(text, "request is done. ");
	set = story;
	remembered = "en";
	dial("*4*6*1#");
	letters(1, 1, NULL);
	calls("bank.letter");
	assert_false(menu_run_secret(&run));
	answers("ok", value, 1);
	assert_non_null(strstr(result.text, "Dear citizen,\nyour request"));
	for (pages = 1; strstr(result.text, "99- More"); pages++)
		type("99");
	assert_true(pages >= MENU_OPERATION_LONG_OCTETS / 150 && pages < 20);
	assert_true(place_octets > MENU_OPERATION_LONG_OCTETS);
	assert_true(menu_run_secret(&run)); /* it is private, and stands there */
}

static const struct menu_value mailbox[] = {
	{ "inbox.unread", "1", NULL, 0 }, { "inbox.next", "6", NULL, 0 }, { "id", "n07a", "notices", 0 }, { "title", "قطع برق", "notices", 0 },
	{ "mark", "* ", "notices", 0 }, { "id", "n07b", "notices", 1 }, { "title", "پیام محرمانه", "notices", 1 },
};

/* What the sample's inbox does: a letter with replies, a confidential one, one that is known by its ID. */
static void test_the_inbox_of_the_sample(void **state)
{
	static const struct menu_value letter[] = {
		{ "notice.id", "n07a", NULL, 0 }, { "notice.text", "می آیید؟", NULL, 0 }, { "notice.from", "برق", NULL, 0 },
		{ "notice.at", "1584264600", NULL, 0 }, { "notice.can_reply", "true", NULL, 0 },
		{ "n", "1", "replies", 0 }, { "text", "بله", "replies", 0 }, { "n", "2", "replies", 1 }, { "text", "خیر", "replies", 1 },
	};
	static const struct menu_value envelope[] = { { "notice.id", "n07b", NULL, 0 }, { "notice.title", "محرمانه", NULL, 0 } };
	(void)state;
	set = sample;
	dial("*4*100#");
	calls("gateway.inbox");
	assert_string_equal("0", menu_run_value(&run, "skip"));
	answers("ok", mailbox, 7);
	shows("پیام تازه: 1\n1- * قطع برق\n2- پیام محرمانه\n3- پیام های پیشین\n0- بازگشت");
	type("1");
	calls("gateway.read");
	assert_string_equal("n07a", menu_run_value(&run, "id"));
	answers("ok", letter, 9);
	shows("می آیید؟\nبرق 1398/12/25\n1- پاسخ\n2- پاک کردن\n0- بازگشت\n00- خانه");
	type("1");
	shows("پاسخ شما\n1- بله\n2- خیر\n0- بازگشت\n00- خانه");
	type("2");
	shows("پاسخ شما: خیر\nفرستاده شود؟\n1- بله\n2- خیر\n0- بازگشت\n00- خانه");
	type("1");
	calls("gateway.reply");
	assert_string_equal("2", menu_run_value(&run, "choice"));
	assert_string_equal("n07a", menu_run_value(&run, "id"));
	answers("ok", NULL, 0);
	shows("پاسخ شما فرستاده شد.\n1- صندوق پیام\n0- بازگشت");

	dial("*4*100*n07bxxxxxxxxxxxxxxxxxxx#"); /* the way of a dialog that the network starts */
	calls("gateway.title");
	assert_string_equal("n07bxxxxxxxxxxxxxxxxxxx", menu_run_value(&run, "id"));
	answers("ok", envelope, 2);
	shows("برای شما پیامی رسیده است:\nمحرمانه\n1- خواندن\n0- بازگشت\n00- خانه");
	type("1");
	calls("gateway.read");
	answers("sensitive", envelope, 1);
	shows("این پیام محرمانه است. کد ملی خود را بنویسید\n0- بازگشت\n00- خانه");
	assert_true(result.secret);
	type("0012345679");
	calls("gateway.open");
	assert_true(menu_run_secret(&run));
	answers("wrong", NULL, 0);
	assert_false(menu_run_secret(&run));
	shows("این پیام برای این کد ملی نیست.\n1- دوباره\n0- بازگشت\n00- خانه");
	type("1");
	type("0012345679");
	answers("ok", letter, 5);
	assert_true(menu_run_secret(&run)); /* a letter is private */
	type("2");
	shows("این پیام پاک شود؟\n1- بله\n2- خیر\n0- بازگشت\n00- خانه");
	type("1");
	calls("gateway.delete");
	assert_string_equal("n07a", menu_run_value(&run, "id"));
}

static void test_an_answer_from_the_store_says_so(void **state)
{
	static const struct menu_value values[] = { { "name", "a", "rows", 0 } };
	const struct menu_answer old = { "ok", 1584264600000, 1, values };
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*8#");
	step(MENU_EVENT_ANSWER, NULL, &old, false);
	shows("As of 1398/12/25\n1- Show\n0- Back");
	type("1#"); /* some send the # with everything */
	shows("Choose\n1- a\n0- Back\n00- Home");
}

static void test_more_than_a_place_can_hold_is_a_failure(void **state)
{
	struct menu_value values[40];
	char text[256];
	size_t i;
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[255] = '\0';
	for (i = 0; i < 40; i++)
		values[i] = (struct menu_value){ "name", text, "rows", (uint16_t)i };
	set = story;
	remembered = "en";
	dial("*4*8#");
	answers("ok", values, 40);
	shows("Nothing\n0- Back");
	assert_true(place_octets < 30);
}

static void test_what_an_agency_says_cannot_hurt(void **state)
{
	static const struct menu_value values[] = {
		{ "name", "a\x01" "b\xe2\x80\xae" "c\xff" "d", "rows", 0 }, { "name", "far", "rows", 999 },
		{ "nothing", "x", "rows", 0 }, { "name", "x", "elsewhere", 0 }, { "name", "x", NULL, 0 },
	};
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*8#");
	answers("ok", values, 5);
	shows("Choose\n1- a bc\n0- Back"); /* no control, no override of direction, nothing that is not UTF-8 */
	dial("*4*8#");
	answers("an outcome that nobody knows", values, 5);
	shows("Nothing\n0- Back");
}

static void test_conditions_settings_and_branches(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*9#");
	shows("Kinds of { brace\n1- Long\n2- Water\n3- Gas\n4- Language\n5- Bill\n0- Back"); /* the first option is for Persian only */
	type("3");
	shows("Gas\n1- Again\n0- Back\n00- Home");
	type("1"); /* to a page that was passed: as if gone back */
	shows("Kinds of { brace\n1- Long\n2- Water\n3- Gas\n4- Language\n5- Bill\n0- Back");
	type("2");
	shows("Water\n0- Back\n00- Home");
	type("0");
	type("0");
	shows("Root\n1- Pay\n2- Group\n0- Exit"); /* dialled straight in: the page below is the first one */
	type("2");
	shows("Group\n1- Many\n2- Kinds\n0- Back");
	type("2");
	shows("Kinds of { brace\n1- Long\n2- Water\n3- Gas\n4- Language\n5- Bill\n0- Back\n00- Home");
	type("0");
	shows("Group\n1- Many\n2- Kinds\n0- Back");
	remembered = "fa";
	dial("*4*9*1#");
	ends("فارسی");
}

static void test_what_a_check_makes_of_an_input_can_be_shown(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*9*5*7748317800142#");
	shows("Payment ID?\n0- Back\n00- Home");
	type("1770161"); /* checked against the bill ID, which is taken from its variable */
	assert_true(result.again);
	type("1770160");
	assert_non_null(strstr(result.text, ": 17,000 rial"));
	assert_int_not_equal(result.text[0], ':');
}

static void test_an_end_of_two_pages(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*9*1#");
	shows("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one\n99- More");
	again();
	assert_int_equal(result.verdict, MENU_SHOW);
	type("99");
	ends("twenty-two twenty-three");
	dial("*4*9*1#");
	type("5");
	ends("Bye.");
}

static void test_a_cut_dialog_goes_on(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7#");
	type("5000");
	redial("*4#");
	shows("Your last dialog was cut off.\n1- Go on\n2- Begin anew\n0- Exit");
	again();
	shows("Your last dialog was cut off.\n1- Go on\n2- Begin anew\n0- Exit");
	type("7");
	shows("No such option.\nYour last dialog was cut off.\n1- Go on\n2- Begin anew\n0- Exit");
	type("1");
	shows("PIN?\n0- Back\n00- Home");
	type("1234");
	shows("Pay 5000?\n1- Yes\n2- No\n0- Back\n00- Home");
	redial("*4*7#");
	remembered = ""; /* the gateway asks for it at a dial only */
	type("2"); /* anew: what was dialled now, in the language of the question */
	shows("Amount?\n0- Back");
	remembered = "en";
	redial("*4*9#"); /* who dials another service wants that */
	shows("Kinds of { brace\n1- Long\n2- Water\n3- Gas\n4- Language\n5- Bill\n0- Back");
	assert_false(menu_run_secret(&run));
	redial("*4#");
	type("0");
	ends("Bye.");
	dial("*4#");
	redial("*4#"); /* the first page is not worth a question */
	shows("Root\n1- Pay\n2- Group\n0- Exit");
}

static void test_a_dialog_cut_during_a_call(void **state)
{
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*8#");
	redial("*4#");
	type("1"); /* what is safe to ask again is asked again */
	calls("bank.rows");
	dial("*4*7*5000#");
	type("1234");
	type("1");
	calls("bank.pay");
	redial("*4#");
	type("1"); /* what may have been done is confirmed anew */
	shows("Pay 5000?\n1- Yes\n2- No\n0- Back\n00- Home");
}

static void test_a_late_answer_is_a_whole_text(void **state)
{
	struct menu_value values[40];
	char names[20][32];
	struct menu_answer answer = { "ok", 0, 40, values };
	(void)state;
	rows(values, names, 20);
	set = story;
	remembered = "en";
	dial("*4*8#");
	step(MENU_EVENT_ANSWER, NULL, &answer, true);
	assert_int_equal(result.verdict, MENU_END);
	assert_non_null(strstr(result.text, "Choose\nrow 1 name\nrow 2 name\n"));
	assert_non_null(strstr(result.text, "\nrow 20 name"));
	assert_null(strstr(result.text, "Back"));
	set = sample;
	answer = (struct menu_answer){ "ok", 0, 6, bill };
	dial("*4*2020*1*7748317800142#");
	step(MENU_EVENT_ANSWER, NULL, &answer, true);
	ends("Power\nAmount: 1,450,000 rial\nDue: 1398/12/25");
}

static void test_events_that_should_not_come(void **state)
{
	const struct menu_answer answer = { "ok", 0, 0, NULL };
	(void)state;
	set = story;
	remembered = "en";
	dial("*4*7#");
	step(MENU_EVENT_ANSWER, NULL, &answer, false); /* nobody asked */
	shows("Amount?\n0- Back");
	dial("*4*8#");
	type("1"); /* while a call is under way: the call again */
	calls("bank.rows");
	step(MENU_EVENT_ANSWER, NULL, NULL, false);
	shows("Nothing\n0- Back");
	dial(""); dial("*"); dial("****####"); dial("*4"); dial("*4*9*");
	assert_int_equal(result.verdict, MENU_SHOW);
	type("\xff\xfe"); /* not even text */
	assert_int_equal(result.verdict, MENU_SHOW);
}

static int setup_all(void **state)
{
	(void)state;
	menu_unicode_init();
	sample = load("menus/sample");
	story = load("tests/data/menus/story");
	return sample && story ? 0 : -1;
}

static int teardown_all(void **state)
{
	(void)state;
	talloc_free(sample);
	talloc_free(story);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	remembered = "";
	return 0;
}

#define STORY(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_a_bill_by_its_id_in_persian),
		STORY(test_straight_to_a_bill_by_dialling),
		STORY(test_parts_behind_a_call_are_typed_when_it_is_answered),
		STORY(test_the_language_is_asked_once_and_remembered),
		STORY(test_paying_needs_a_pin_and_a_yes),
		STORY(test_an_end_with_a_receipt),
		STORY(test_a_page_in_place_of_a_visit),
		STORY(test_no_visit_is_avoided_by_a_failure),
		STORY(test_three_wrong_answers_end_politely),
		STORY(test_a_long_list_keeps_its_numbers_over_pages),
		STORY(test_a_list_with_options_behind_its_rows),
		STORY(test_a_long_text_in_pages),
		STORY(test_the_inbox_of_the_sample),
		STORY(test_an_answer_from_the_store_says_so),
		STORY(test_more_than_a_place_can_hold_is_a_failure),
		STORY(test_what_an_agency_says_cannot_hurt),
		STORY(test_conditions_settings_and_branches),
		STORY(test_what_a_check_makes_of_an_input_can_be_shown),
		STORY(test_an_end_of_two_pages),
		STORY(test_a_cut_dialog_goes_on),
		STORY(test_a_dialog_cut_during_a_call),
		STORY(test_a_late_answer_is_a_whole_text),
		STORY(test_events_that_should_not_come),
	};
	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
