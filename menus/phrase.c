/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Phrases. Polite and short: each fits on one page of 80 UCS-2 characters, those that stand above or below something else on
 * a small part of one. None needs a ZWNJ, which pages leave out. Persian ones begin with a Persian letter, so that a handset that looks for the direction finds it. */
#include "menus/phrase.h"

#define PHRASE(id, name_, help_, fa_, en_) [MENU_PHRASE_##id] = { .name = name_, .help = help_, .text = { fa_, en_ } }

const struct menu_phrase_row menu_phrase_table[MENU_PHRASES] = {
	PHRASE(BUSY, "busy", "too many are dialling", "سامانه شلوغ است. لطفا چند دقیقه دیگر دوباره شماره بگیرید.",
	       "The service is busy. Please dial again in a few minutes."),
	PHRASE(TRY_AGAIN, "try_again", "something of the gateway's own is down", "اکنون پاسخ دادن ممکن نیست. لطفا کمی بعد دوباره تلاش کنید.",
	       "We cannot answer just now. Please try again a little later."),
	PHRASE(LATE, "late", "an agency takes its time; {code}: the tracking code", "پاسخ هنوز آماده نیست و با پیامک خواهد رسید.\nکد پیگیری: {code}",
	       "This takes a little longer; the answer comes by SMS.\nTracking code: {code}"),
	PHRASE(OVER, "over", "the dialog took too long", "زمان این گفتگو به پایان رسید. لطفا دوباره شماره بگیرید.",
	       "This dialog has timed out. Please dial again."),
	PHRASE(TOO_OFTEN, "too_often", "this number dials too often", "شما پی در پی شماره گرفتید. لطفا کمی بعد دوباره شماره بگیرید.",
	       "You have dialled very often. Please try again a little later."),
	PHRASE(CLOSING, "closing", "the gateway is being restarted", "سامانه در حال نوسازی است. لطفا چند دقیقه دیگر شماره بگیرید.",
	       "The service is being updated. Please dial again in a few minutes."),
	PHRASE(GOODBYE, "goodbye", "the citizen leaves", "از همراهی شما سپاسگزاریم.", "Thank you. Goodbye."),
	PHRASE(BACK, "back", "label of the key back", "بازگشت", "Back"),
	PHRASE(EXIT, "exit", "label of the key back on the first page", "خروج", "Exit"),
	PHRASE(HOME, "home", "label of the key home", "خانه", "Home"),
	PHRASE(MORE, "more", "label of the key more", "بیشتر", "More"),
	PHRASE(YES, "yes", "first option of a confirmation", "بله", "Yes"),
	PHRASE(NO, "no", "second option of a confirmation", "خیر", "No"),
	PHRASE(WRONG_CHOICE, "wrong_choice", "above a page again, after a number that is not on it", "این گزینه نیست.", "No such option."),
	PHRASE(EMPTY, "empty", "above a question again, after an empty answer", "چیزی نوشته نشد.", "Nothing was typed."),
	PHRASE(UNKNOWN_CODE, "unknown_code", "above the first page, after a dial code that leads nowhere", "کد ناشناس است.", "Unknown code."),
	PHRASE(TOO_MANY_TRIES, "too_many_tries", "the last try was wrong, too", "چند بار درست نبود. لطفا پس از بررسی دوباره شماره بگیرید.",
	       "That was wrong several times. Please check and dial again."),
	PHRASE(RESUME, "resume", "after a cut: go on or begin anew?", "گفتگوی پیشین شما ناتمام ماند.", "Your last dialog was cut off."),
	PHRASE(GO_ON, "go_on", "first answer to it", "ادامه", "Go on"),
	PHRASE(ANEW, "anew", "second answer to it", "از نو", "Begin anew"),
	PHRASE(DIAL_TO_GO_ON, "dial_to_go_on", "below a late text by SMS that asks something", "برای ادامه دوباره شماره بگیرید.",
	       "To go on, please dial again."),
};

_Static_assert(sizeof(menu_phrase_table) / sizeof(menu_phrase_table[0]) == MENU_PHRASES, "a row for each phrase");
