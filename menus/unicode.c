/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Persian text as phones send it, folded to one form; dial strings; Tehran's clock in the Persian calendar.
 *
 * The only file of this floor that includes ICU. What is needed of ICU is opened once in menu_unicode_init(): the NFKC
 * instance (ICU's own) and two calendars. They are not for use by several threads; the gateway has one.
 *
 * Text goes through the same five steps in every function: UTF-8 is checked, NFKC, each character is folded by
 * fold_char(), spaces and ZWNJ are settled by struct sink, NFKC again where something was dropped (a mark may now meet its
 * letter). Plain ASCII, which is nearly all that a keypad sends, takes none of them: fold_ascii() and no ICU.
 *
 * Deviations from "NFKC and nothing else": all invisible characters but ZWNJ are dropped (ZWJ too: an abbreviation's last
 * letter then shows in its final form), and so are control characters; a line feed is a space, inputs have one line. */
#include "menus/unicode.h"

#include <errno.h>
#include <string.h>
#include <uchar.h>

#include <osmocom/core/utils.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define UNITS_MAX 2048 /* of UTF-16, on the stack; no input and no value of an agency is longer */
#define ZWNJ 0x200C
#define MS_A_SECOND INT64_C(1000)
#define SECONDS_A_DAY INT64_C(86400)

static const UNormalizer2 *nfkc;
static UCalendar *persian, *gregorian;

static UCalendar *calendar_open(const char *locale)
{
	static const UChar tehran[] = u"Asia/Tehran";
	UErrorCode error = U_ZERO_ERROR;
	UCalendar *calendar = ucal_open(tehran, -1, locale, UCAL_TRADITIONAL, &error);

	OSMO_ASSERT(U_SUCCESS(error));
	return calendar;
}

void menu_unicode_init(void)
{
	UErrorCode error = U_ZERO_ERROR;

	if (nfkc)
		return;
	persian = calendar_open("fa_IR@calendar=persian");
	gregorian = calendar_open("en@calendar=gregorian");
	nfkc = unorm2_getNFKCInstance(&error);
	OSMO_ASSERT(U_SUCCESS(error));
}

/* ---- folding ---- */

enum form { FORM_DISPLAY, FORM_KEY };

/* Where folded text goes: spaces and ZWNJ wait until something visible follows, so that none stands at an end, doubled,
 * or beside one another. */
struct sink {
	char *out;
	size_t cap, octets;
	char32_t waiting; /* 0, ' ' or ZWNJ */
	bool full;
};

static void sink_octets(struct sink *sink, const char *bytes, size_t n)
{
	if (sink->full || sink->cap - sink->octets <= n) {
		sink->full = true;
		return;
	}
	memcpy(sink->out + sink->octets, bytes, n);
	sink->octets += n;
}

static void sink_raw(struct sink *sink, UChar32 c)
{
	uint8_t bytes[4];
	int32_t n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	sink_octets(sink, (const char *)bytes, (size_t)n);
}

static void sink_char(struct sink *sink, UChar32 c)
{
	if (c == ' ' || c == ZWNJ) {
		if (sink->octets > 0 && sink->waiting != ' ')
			sink->waiting = (char32_t)c;
		return;
	}
	if (sink->waiting)
		sink_raw(sink, (UChar32)sink->waiting);
	sink->waiting = 0;
	sink_raw(sink, c);
}

static ssize_t sink_end(struct sink *sink)
{
	if (sink->full || sink->octets >= sink->cap)
		return -ENOSPC;
	sink->out[sink->octets] = '\0';
	return (ssize_t)sink->octets;
}

/* Harakat and the Koran's signs. Not U+0653..0655: madda and hamza are part of how a word is spelt. */
static bool is_vowel_mark(UChar32 c)
{
	static const struct { UChar32 from, to; } marks[] = {
		{ 0x0610, 0x061A }, { 0x064B, 0x0652 }, { 0x0656, 0x065F }, { 0x0670, 0x0670 },
		{ 0x06D6, 0x06DC }, { 0x06DF, 0x06E4 }, { 0x06E7, 0x06E8 }, { 0x06EA, 0x06ED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (c >= marks[i].from && c <= marks[i].to)
			return true;
	return false;
}

static UChar32 fold_letter(UChar32 c)
{
	static const struct { UChar32 from, to; } letters[] = {
		{ 0x064A, 0x06CC }, { 0x0649, 0x06CC },                     /* Arabic yeh, alef maksura */
		{ 0x0643, 0x06A9 },                                         /* Arabic kaf */
		{ 0x066D, '*' }, { 0x2217, '*' }, { 0x204E, '*' }, { 0x22C6, '*' }, { 0x2605, '*' }, { 0x2606, '*' },
		{ 0x266F, '#' },                                            /* the musical sharp, taken for a number sign */
		{ 0x2010, '-' }, { 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' }, { 0x2212, '-' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (c == letters[i].from)
			return letters[i].to;
	return c;
}

/* One character -> what stands for it; 0: nothing. */
static UChar32 fold_char(UChar32 c)
{
	if (c < 0x80)
		return c == '\t' || c == '\n' || c == '\r' ? ' ' : c < ' ' || c == 0x7F ? 0 : c;
	if (c == ZWNJ)
		return c;
	if (u_isUWhiteSpace(c))
		return ' ';
	if (c == 0x0640 || is_vowel_mark(c) || u_iscntrl(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return 0;
	if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
		return '0' + u_charDigitValue(c);
	return fold_letter(c);
}

static bool is_ascii(const char *text, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static ssize_t fold_ascii(const char *text, size_t octets, enum form form, struct sink *sink)
{
	for (size_t i = 0; i < octets; i++) {
		char c = text[i];

		if (c == '\t' || c == '\n' || c == '\r')
			c = ' ';
		else if (c < ' ' || c == 0x7F)
			continue;
		else if (form == FORM_KEY && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		sink_char(sink, c);
	}
	return sink_end(sink);
}

/* UTF-16 units of the NFKC form, or negative: -EILSEQ (not UTF-8), -ENOSPC. */
static int32_t normalise(const UChar *from, int32_t n, UChar *to)
{
	UErrorCode error = U_ZERO_ERROR;
	int32_t units = unorm2_normalize(nfkc, from, n, to, UNITS_MAX, &error);

	return U_FAILURE(error) ? -ENOSPC : units;
}

static int32_t read_utf8(const char *utf8, size_t octets, UChar *to)
{
	UErrorCode error = U_ZERO_ERROR;
	int32_t units = 0;

	if (octets > 4 * UNITS_MAX)
		return -ENOSPC;
	u_strFromUTF8(to, UNITS_MAX, &units, utf8, (int32_t)octets, &error);
	if (error == U_BUFFER_OVERFLOW_ERROR)
		return -ENOSPC;
	return U_FAILURE(error) ? -EILSEQ : units;
}

/* Folds each character in place. True if one was dropped or replaced, so that NFKC is due again. */
static bool fold_units(UChar *text, int32_t *n, enum form form)
{
	int32_t to = 0;
	bool changed = false;

	for (int32_t at = 0; at < *n;) {
		UChar32 c, folded;

		U16_NEXT(text, at, *n, c);
		folded = fold_char(c);
		if (form == FORM_KEY)
			folded = folded == ZWNJ ? 0 : u_tolower(folded);
		changed |= folded != c || !folded; /* a NUL is dropped, too */
		/* Never longer than what it stands for: `to` stays behind `at`. Lower case can leave the basic plane for none. */
		if (folded && to + U16_LENGTH(folded) <= at)
			U16_APPEND_UNSAFE(text, to, folded);
	}
	*n = to;
	return changed;
}

static ssize_t fold(const char *utf8, size_t octets, enum form form, char *out, size_t cap)
{
	struct sink sink = { .out = out, .cap = cap };
	UChar first[UNITS_MAX], second[UNITS_MAX], *text = second;
	int32_t n;

	if (cap == 0)
		return -ENOSPC;
	if (is_ascii(utf8, octets))
		return fold_ascii(utf8, octets, form, &sink);
	menu_unicode_init();
	n = read_utf8(utf8, octets, first);
	if (n >= 0)
		n = normalise(first, n, second);
	if (n >= 0 && fold_units(second, &n, form)) {
		n = normalise(second, n, first);
		text = first;
	}
	if (n < 0)
		return n;
	for (int32_t at = 0; at < n;) {
		UChar32 c;

		U16_NEXT(text, at, n, c);
		sink_char(&sink, c);
	}
	return sink_end(&sink);
}

ssize_t menu_unicode_fold(const char *utf8, size_t octets, char *out, size_t cap)
{
	return fold(utf8, octets, FORM_DISPLAY, out, cap);
}

/* What people put at the end of a word when they write: no part of it. */
static size_t without_final_marks(const char *text, size_t octets)
{
	static const char *const marks[] = { ".", "!", "?", ",", ";", ":", " ", "\u060C", "\u061B", "\u061F" };
	size_t end = octets;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		size_t n = strlen(marks[i]);

		if (end > n && memcmp(text + end - n, marks[i], n) == 0) {
			end -= n;
			i = (size_t)-1; /* another may stand before it */
		}
	}
	return end;
}

ssize_t menu_unicode_key(const char *utf8, size_t octets, char *out, size_t cap)
{
	ssize_t n = fold(utf8, octets, FORM_KEY, out, cap);

	if (n <= 0)
		return n;
	n = (ssize_t)without_final_marks(out, (size_t)n);
	out[n] = '\0';
	return n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of the separator that groups thousands at text[at], or 0: it stands between digits, exactly three follow. "1.5"
 * and "1,5" keep theirs, so that a check refuses them instead of reading 15. */
static size_t separator_at(const char *text, size_t octets, size_t at)
{
	static const char *const separators[] = { ",", ".", "'", "\u060C", "\u066C" };
	size_t n = 0;

	if (at == 0 || !is_digit(text[at - 1]))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(separators) && n == 0; i++)
		if (strncmp(text + at, separators[i], strlen(separators[i])) == 0)
			n = strlen(separators[i]);
	if (n == 0 || octets - at - n < 3)
		return 0;
	for (size_t i = at + n; i < at + n + 3; i++)
		if (!is_digit(text[i]))
			return 0;
	return is_digit(text[at + n + 3]) ? 0 : n;
}

ssize_t menu_unicode_digits(const char *utf8, size_t octets, char *out, size_t cap)
{
	ssize_t n = menu_unicode_fold(utf8, octets, out, cap);
	size_t to = 0, from = 0;

	if (n < 0)
		return n;
	/* Spaces first: they may stand between the groups beside a separator. */
	for (size_t i = 0; i < (size_t)n; i++)
		if (out[i] != ' ')
			out[to++] = out[i];
	out[to] = '\0';
	n = (ssize_t)to;
	/* A separator is judged by what stands before it in the result and after it in the source: to <= from. */
	for (to = 0; from < (size_t)n;) {
		size_t skip = separator_at(out, (size_t)n, from);

		from += skip;
		if (skip == 0)
			out[to++] = out[from++];
	}
	out[to] = '\0';
	return (ssize_t)to;
}

/* ---- dial strings ---- */

struct part { const char *at; size_t n; };
#define PARTS_MAX 64

/* "4*1420" -> its parts; 0: an empty part, something else than digits, or too many. */
static size_t dial_parts(const char *text, size_t octets, struct part *parts)
{
	size_t n = 0, begin = 0;

	for (size_t i = 0; i <= octets; i++) {
		if (i < octets && text[i] != '*') {
			if (!is_digit(text[i]))
				return 0;
			continue;
		}
		if (i == begin || n == PARTS_MAX)
			return 0;
		parts[n++] = (struct part){ text + begin, i - begin };
		begin = i + 1;
	}
	return n;
}

/* Spaces inside are an accident of copying: a dial string has none. */
static size_t drop_spaces(char *text, size_t octets)
{
	size_t to = 0;

	for (size_t i = 0; i < octets; i++)
		if (text[i] != ' ')
			text[to++] = text[i];
	return to;
}

ssize_t menu_dial_normalise(const char *utf8, size_t octets, char *out, size_t cap)
{
	char text[512];
	struct part parts[PARTS_MAX];
	ssize_t folded = menu_unicode_fold(utf8, octets, text, sizeof(text));
	size_t n = folded < 0 ? 0 : drop_spaces(text, (size_t)folded), n_parts, to = 0;
	bool visual;

	if (n < 3 || n + 1 > cap)
		return -EINVAL;
	visual = text[0] == '#' && text[n - 1] == '*';
	if (!visual && (text[0] != '*' || text[n - 1] != '#'))
		return -EINVAL;
	n_parts = dial_parts(text + 1, n - 2, parts);
	if (n_parts == 0)
		return -EINVAL;
	for (size_t i = 0; i < n_parts; i++) {
		const struct part *part = &parts[visual ? n_parts - 1 - i : i];

		out[to++] = '*';
		memcpy(out + to, part->at, part->n);
		to += part->n;
	}
	out[to++] = '#';
	out[to] = '\0';
	return (ssize_t)to;
}

/* ---- the calendar ---- */

bool menu_unicode_jalali(int64_t ms, struct menu_jalali *jalali)
{
	UErrorCode error = U_ZERO_ERROR;

	menu_unicode_init();
	ucal_setMillis(persian, (UDate)ms, &error);
	jalali->year = ucal_get(persian, UCAL_YEAR, &error);
	jalali->month = ucal_get(persian, UCAL_MONTH, &error) + 1;
	jalali->day = ucal_get(persian, UCAL_DATE, &error);
	jalali->hour = ucal_get(persian, UCAL_HOUR_OF_DAY, &error);
	jalali->minute = ucal_get(persian, UCAL_MINUTE, &error);
	return U_SUCCESS(error) && jalali->year > 0 && jalali->year <= 9999;
}

static int jalali_month_days(int year, int month)
{
	UErrorCode error = U_ZERO_ERROR;

	if (month < 12)
		return month <= 6 ? 31 : 30;
	menu_unicode_init();
	/* Noon: the first of Farvardin has had no midnight in the years of summer time. */
	ucal_clear(persian);
	ucal_setDateTime(persian, year, 11, 1, 12, 0, 0, &error);
	return ucal_getLimit(persian, UCAL_DATE, UCAL_ACTUAL_MAXIMUM, &error);
}

bool menu_unicode_jalali_valid(int year, int month, int day)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= jalali_month_days(year, month);
}

static bool gregorian_valid(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 of a Gregorian date: whole 400-year cycles are not needed, years are 1700..2999. */
static int64_t days_since_1970(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int past = year - 1; /* whole years before this one, from the year 1 */
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return (int64_t)past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] + (month > 2 && leap) + day - 1 - 719162;
}

struct wall_clock { int hour, minute, second; bool given, zoned; int offset_minutes; };

/* Exactly `width` digits, moves *at past them. */
static bool take_digits(const char **at, int width, int *value)
{
	*value = 0;
	for (int i = 0; i < width; i++, (*at)++) {
		if (!is_digit(**at))
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool take_zone(const char **at, struct wall_clock *clock)
{
	int sign, hours, minutes;

	if (**at == '\0')
		return true;
	clock->zoned = true;
	if (**at == 'Z' || **at == 'z')
		return (*at)++, true;
	if (**at != '+' && **at != '-')
		return false;
	sign = *(*at)++ == '-' ? -1 : 1;
	if (!take_digits(at, 2, &hours))
		return false;
	if (**at == ':')
		(*at)++;
	if (!take_digits(at, 2, &minutes) || hours > 15 || minutes > 59)
		return false;
	clock->offset_minutes = sign * (hours * 60 + minutes);
	return true;
}

/* "", "T13:00", " 13:00:05.123+03:30": all that may follow a date. */
static bool take_clock(const char **at, struct wall_clock *clock)
{
	if (**at == '\0')
		return true;
	if (**at != 'T' && **at != 't' && **at != ' ')
		return false;
	(*at)++;
	clock->given = true;
	if (!take_digits(at, 2, &clock->hour) || *(*at)++ != ':' || !take_digits(at, 2, &clock->minute))
		return false;
	if (**at == ':') {
		(*at)++;
		if (!take_digits(at, 2, &clock->second))
			return false;
	}
	if (**at == '.')
		for ((*at)++; is_digit(**at); (*at)++)
			; /* parts of a second do not matter on a phone */
	return clock->hour <= 23 && clock->minute <= 59 && clock->second <= 60 && take_zone(at, clock) && **at == '\0';
}

/* "2020-03-15", "1398/12/25", "1398/1/5", "20200315": the year tells the calendar. */
static bool take_date(const char **at, int *year, int *month, int *day)
{
	char separator;

	if (!take_digits(at, 4, year))
		return false;
	separator = **at;
	if (is_digit(separator))
		return take_digits(at, 2, month) && take_digits(at, 2, day);
	if (separator != '-' && separator != '/')
		return false;
	(*at)++;
	if (!take_digits(at, is_digit((*at)[0]) && is_digit((*at)[1]) ? 2 : 1, month) || *(*at)++ != separator)
		return false;
	return take_digits(at, is_digit((*at)[0]) && is_digit((*at)[1]) ? 2 : 1, day);
}

/* Tehran's wall clock -> ms since 1970. */
static bool tehran_ms(UCalendar *calendar, int year, int month, int day, const struct wall_clock *clock, int64_t *ms)
{
	UErrorCode error = U_ZERO_ERROR;

	ucal_clear(calendar);
	ucal_setDateTime(calendar, year, month - 1, day, clock->hour, clock->minute, clock->second, &error);
	*ms = (int64_t)ucal_getMillis(calendar, &error);
	return U_SUCCESS(error);
}

#define JALALI_YEARS_END 1700 /* a year below is Jalali, from there on Gregorian */

static bool time_of_date(const char *text, int64_t *ms, bool *has_clock)
{
	struct wall_clock clock = { 0 };
	int year, month, day;

	if (!take_date(&text, &year, &month, &day) || !take_clock(&text, &clock))
		return false;
	*has_clock = clock.given;
	menu_unicode_init();
	if (year < JALALI_YEARS_END)
		return !clock.zoned && menu_unicode_jalali_valid(year, month, day) && tehran_ms(persian, year, month, day, &clock, ms);
	if (!gregorian_valid(year, month, day) || year > 2999)
		return false;
	if (!clock.zoned)
		return tehran_ms(gregorian, year, month, day, &clock, ms);
	*ms = MS_A_SECOND * (days_since_1970(year, month, day) * SECONDS_A_DAY + clock.hour * 3600 + clock.minute * 60 +
	                     clock.second - clock.offset_minutes * 60);
	return true;
}

/* 9..11 digits are seconds, 12 and 13 are ms; 8 digits are a date. */
static bool time_of_number(const char *text, int64_t *ms, bool *has_clock)
{
	size_t n = strlen(text);
	int64_t number = 0;

	if (n < 9 || n > 13)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(text[i]))
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ms = n <= 11 ? number * MS_A_SECOND : number;
	*has_clock = true;
	return true;
}

bool menu_unicode_time(const char *text, int64_t *ms, bool *has_clock)
{
	return time_of_number(text, ms, has_clock) || time_of_date(text, ms, has_clock);
}
