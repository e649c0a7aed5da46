/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Phrases. Polite and short: each fits on one page of 80 UCS-2 characters, those that stand above or below something else on
 * a small part of one. None needs a ZWNJ, which pages leave out. Persian ones begin with a Persian letter, so that a handset that looks for the direction finds it. */
#include "menus/phrase.h"

#include <string.h>

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
	PHRASE(SMS_RECEIVED, "sms_received", "by SMS: a request was accepted; {what}: its title, {code}: its tracking code",
	       "{what} ثبت شد.\nکد پیگیری: {code}", "Received: {what}.\nTracking code: {code}"),
	PHRASE(SMS_STATE, "sms_state", "by SMS: how a request stands; {what}, {code}, {state}", "{what}: {state}\nکد پیگیری: {code}",
	       "{what}: {state}\nTracking code: {code}"),
	PHRASE(SMS_NO_REQUEST, "sms_no_request", "by SMS: no request of this number has this code", "درخواستی با این کد از این شماره نیست.",
	       "There is no such request of this number."),
	PHRASE(SMS_STOPPED, "sms_stopped", "by SMS: no more notices from here", "دیگر از این شماره پیامک اطلاع رسانی نمی گیرید. بازگشت: 12",
	       "You get no more notices from this number. To get them again: 12"),
	PHRASE(SMS_STARTED, "sms_started", "by SMS: notices from here again", "از این پس پیامک های این شماره را می گیرید. لغو: 11",
	       "You get the notices of this number again. To stop: 11"),
	PHRASE(SMS_UNKNOWN, "sms_unknown", "by SMS: not understood, and there is no list of keywords to be shown", "پیامک شما شناخته نشد.",
	       "We did not understand your message."),
	PHRASE(SMS_TOO_OFTEN, "sms_too_often", "by SMS: this number writes too often", "پیامک های شما پی در پی است. لطفا کمی بعد دوباره بفرستید.",
	       "You have written very often. Please try again a little later."),
	PHRASE(SMS_PART_MISSING, "sms_part_missing", "by SMS: a part of a long message never came", "بخشی از پیامک شما نرسید. لطفا دوباره بفرستید.",
	       "A part of your message did not arrive. Please send it again."),
	PHRASE(SMS_CLOSED, "sms_closed", "by SMS: the agency of this keyword is not there", "این خدمت اکنون در دسترس نیست.",
	       "This service is not available now."),
	PHRASE(SMS_SENSITIVE, "sms_sensitive", "by SMS: a notice that it does not tell; {what}: from whom, {code}: what to dial to read it",
	       "برای شما پیامی محرمانه رسید از {what}. برای خواندن آن شماره بگیرید:\n{code}",
	       "A confidential message for you from {what}. To read it, dial:\n{code}"),
	PHRASE(SMS_CODE, "sms_code", "by SMS: the code that is asked for in a dialog; {code}", "کد تایید: {code}\nآن را به هیچ کس نگویید.",
	       "Your code: {code}\nTell it to nobody."),
	PHRASE(SMS_CODE_RESET, "sms_code_reset", "by SMS: the same, to set another PIN; {code}", "کد تغییر رمز همراه: {code}\nآن را به هیچ کس نگویید.",
	       "Your code to set another PIN: {code}\nTell it to nobody."),
	PHRASE(PROOF_ID, "proof_id", "asks who is there", "کد ملی خود را بنویسید", "Enter your national ID"),
	PHRASE(PROOF_LEGAL_ID, "proof_legal_id", "asks for which business", "شناسه ملی شرکت را بنویسید", "Enter the company's legal ID"),
	PHRASE(PROOF_PIN, "proof_pin", "asks for the PIN; 1: it is forgotten", "رمز خود را بنویسید\n(فراموش کرده اید؟ 1)", "Enter your PIN\n(forgotten? 1)"),
	PHRASE(PROOF_NEW_PIN, "proof_new_pin", "asks for a new PIN", "رمز تازه: 4 تا 8 رقم بنویسید", "New PIN: enter 4 to 8 digits"),
	PHRASE(PROOF_AGAIN_PIN, "proof_again_pin", "asks for the new PIN once more", "رمز تازه را دوباره بنویسید", "Enter the new PIN again"),
	PHRASE(PROOF_CODE, "proof_code", "asks for the code that was sent by SMS", "کدی را که پیامک شد بنویسید", "Enter the code from the SMS"),
	PHRASE(PROOF_WRONG, "proof_wrong", "above such a question: the last answer was not right", "درست نبود.", "That is not right."),
	PHRASE(PROOF_WEAK, "proof_weak", "above such a question: the new PIN is easily guessed", "این رمز آسان است.", "Too easy to guess."),
	PHRASE(PROOF_DIFFERS, "proof_differs", "above such a question: not the same PIN twice", "دو رمز یکی نبودند.", "Not the same PIN."),
	PHRASE(PROOF_EXPIRED, "proof_expired", "above such a question: the code was too old", "کد کهنه بود.", "The code was too old."),
	PHRASE(PROOF_LEFT, "proof_left", "behind these; {left}: how many tries are left", "{left} بار دیگر.", "Tries left: {left}."),
	PHRASE(PROOF_NOT_YOURS, "proof_not_yours", "refused: not this number's national ID", "این کد ملی و شماره تلفن با هم ثبت نیستند.",
	       "This national ID and this phone number are not registered together."),
	PHRASE(PROOF_NOT_REPRESENTED, "proof_not_represented", "refused: not this person's business", "شما نماینده این شرکت ثبت نشده اید.",
	       "You are not registered as representing this company."),
	PHRASE(PROOF_CHANGED, "proof_changed", "refused: the SIM or its owner changed meanwhile", "سیم کارت یا مالک خط عوض شده است. دوباره شماره بگیرید.",
	       "The SIM or its owner has changed. Please dial again."),
	PHRASE(PROOF_OFTEN, "proof_often", "refused: too many tries; {until}: when again", "چند بار پرسیده اید. دوباره از {until}",
	       "You have tried several times. Again from {until}"),
	PHRASE(PROOF_LOCKED, "proof_locked", "refused: the PIN is locked; {until}: until when", "رمز شما بسته است تا {until}", "Your PIN is locked until {until}"),
	PHRASE(PROOF_FAILED, "proof_failed", "who is there cannot be found out just now", "تایید هویت اکنون ممکن نیست. لطفا کمی بعد دوباره تلاش کنید.",
	       "We cannot verify who you are just now. Please try again a little later."),
	PHRASE(SMS_PAID, "sms_paid", "by SMS: a bill was paid; {what}: its kind, {amount}: in rial (1,543,000), {code}: the tracking code, {state}: the bank's reference",
	       "{what}: {amount} ریال پرداخت شد.\nکد پیگیری: {code}\nشماره مرجع: {state}", "{what}: {amount} rial paid.\nTracking code: {code}\nReference: {state}"),
	PHRASE(SMS_NOT_PAID, "sms_not_paid", "by SMS: a bill was not paid; {what}, {amount}, {code} as in sms_paid",
	       "{what}: {amount} ریال پرداخت نشد.\nکد پیگیری: {code}", "{what}: {amount} rial not paid.\nTracking code: {code}"),
	PHRASE(STATE_RECEIVED, "state_received", "state of a request: not yet with its agency", "ثبت شده", "received"),
	PHRASE(STATE_DELIVERED, "state_delivered", "state of a request: its agency has it", "رسیده به دستگاه", "with the agency"),
	PHRASE(STATE_PROGRESS, "state_progress", "state of a request: being worked on", "در دست بررسی", "in progress"),
	PHRASE(STATE_ANSWERED, "state_answered", "state of a request: answered", "پاسخ داده شده", "answered"),
	PHRASE(STATE_REFUSED, "state_refused", "state of a request: refused", "رد شده", "refused"),
};

_Static_assert(sizeof(menu_phrase_table) / sizeof(menu_phrase_table[0]) == MENU_PHRASES, "a row for each phrase");

static const char *said(const struct menu_say *values, size_t n, const char *name, size_t octets)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(values[i].name) == octets && memcmp(values[i].name, name, octets) == 0)
			return values[i].value ? values[i].value : "";
	return "";
}

size_t menu_phrase_say(const char *text, const struct menu_say *values, size_t n, char *out, size_t cap)
{
	size_t octets = 0;

	while (*text) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL, *piece = end ? said(values, n, text + 1, (size_t)(end - text - 1)) : text;
		size_t length = end ? strlen(piece) : 1;

		if (octets + length >= cap) {
			octets = 0;
			break;
		}
		memcpy(out + octets, piece, length);
		octets += length;
		text = end ? end + 1 : text + 1;
	}
	if (cap)
		out[octets] = '\0';
	return octets;
}
