/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sentences of refused inputs. They are read on a small screen above the same question, so each tells what to do next,
 * in at most 60 UCS-2 units, without blame. Digits are ASCII and no word needs a ZWNJ, as on every page. */
#include "menus/input_rules.h"

#include <string.h>

#include <osmocom/core/utils.h>

static const struct menu_input_reason reasons[] = {
	{ "national-id", "digits", "کد ملی فقط رقم است؛ دوباره وارد کنید", "A national ID has digits only; enter it again" },
	{ "national-id", "length", "کد ملی 10 رقم است؛ با صفرهای اول وارد کنید", "A national ID has 10 digits, leading zeros included" },
	{ "national-id", "repeated", "این کد ملی نیست؛ از روی کارت ملی وارد کنید", "Not a national ID; copy it from your ID card" },
	{ "national-id", "check-digit", "کد ملی درست نیست؛ از روی کارت ملی وارد کنید", "Wrong national ID; copy it from your ID card" },

	{ "legal-id", "digits", "شناسه ملی فقط رقم است؛ دوباره وارد کنید", "A legal ID has digits only; enter it again" },
	{ "legal-id", "length", "شناسه ملی شرکت 11 رقم است؛ دوباره وارد کنید", "A legal ID has 11 digits; enter it again" },
	{ "legal-id", "repeated", "این شناسه ملی نیست؛ دوباره وارد کنید", "Not a legal ID; enter it again" },
	{ "legal-id", "check-digit", "شناسه ملی شرکت درست نیست؛ دوباره وارد کنید", "Wrong legal ID; enter it again" },

	{ "bill-id", "digits", "شناسه قبض فقط رقم است؛ دوباره وارد کنید", "A bill ID has digits only; enter it again" },
	{ "bill-id", "length", "شناسه قبض 6 تا 13 رقم است؛ دوباره وارد کنید", "A bill ID has 6 to 13 digits; enter it again" },
	{ "bill-id", "check-digit", "شناسه قبض درست نیست؛ از روی قبض وارد کنید", "Wrong bill ID; copy it from the bill" },

	{ "payment-id", "digits", "شناسه پرداخت فقط رقم است؛ دوباره وارد کنید", "A payment ID has digits only; enter it again" },
	{ "payment-id", "length", "شناسه پرداخت 6 تا 13 رقم است؛ دوباره وارد کنید", "A payment ID has 6 to 13 digits; enter it again" },
	{ "payment-id", "check-digit", "شناسه پرداخت درست نیست؛ از روی قبض وارد کنید", "Wrong payment ID; copy it from the bill" },
	{ "payment-id", "bill", "این شناسه پرداخت برای این قبض نیست؛ دوباره وارد کنید", "This payment ID is not of this bill; enter it again" },

	{ "bill-barcode", "digits", "بارکد قبض فقط رقم است؛ دوباره وارد کنید", "A bill barcode has digits only; enter it again" },
	{ "bill-barcode", "length", "بارکد قبض 26 رقم است؛ دوباره وارد کنید", "A bill barcode has 26 digits; enter it again" },
	{ "bill-barcode", "check-digit", "بارکد قبض درست نیست؛ از روی قبض وارد کنید", "Wrong bill barcode; copy it from the bill" },

	{ "bank-card", "digits", "شماره کارت فقط رقم است؛ دوباره وارد کنید", "A card number has digits only; enter it again" },
	{ "bank-card", "length", "شماره کارت 16 رقم است؛ دوباره وارد کنید", "A card number has 16 digits; enter it again" },
	{ "bank-card", "bank", "این کارت از بانکی در ایران نیست؛ کارت دیگری وارد کنید", "Not a card of an Iranian bank; enter another" },
	{ "bank-card", "check-digit", "شماره کارت درست نیست؛ از روی کارت وارد کنید", "Wrong card number; copy it from the card" },

	{ "sheba", "format", "شبا IR و 24 رقم است؛ دوباره وارد کنید", "A sheba is IR and 24 digits; enter it again" },
	{ "sheba", "check-digit", "شماره شبا درست نیست؛ دوباره وارد کنید", "Wrong sheba; enter it again" },

	{ "mobile", "digits", "شماره همراه فقط رقم است؛ دوباره وارد کنید", "A mobile number has digits only; enter it again" },
	{ "mobile", "format", "شماره همراه را 11 رقمی و با 09 در آغاز وارد کنید", "Enter a mobile number of 11 digits that begins with 09" },
	{ "mobile", "prefix", "این شماره همراه نیست؛ شماره دیگری وارد کنید", "Not a mobile number; enter another" },

	{ "landline", "digits", "شماره تلفن فقط رقم است؛ دوباره وارد کنید", "A phone number has digits only; enter it again" },
	{ "landline", "area", "شماره را با کد شهر وارد کنید، مانند 021", "Enter the number with its area code, such as 021" },
	{ "landline", "length", "پس از کد شهر 8 رقم وارد کنید", "Enter 8 digits after the area code" },
	{ "landline", "subscriber", "شماره تلفن درست نیست؛ دوباره وارد کنید", "Wrong phone number; enter it again" },

	{ "postal-code", "digits", "کد پستی فقط رقم است؛ دوباره وارد کنید", "A postal code has digits only; enter it again" },
	{ "postal-code", "length", "کد پستی 10 رقم است؛ دوباره وارد کنید", "A postal code has 10 digits; enter it again" },
	{ "postal-code", "format", "کد پستی درست نیست؛ دوباره وارد کنید", "Wrong postal code; enter it again" },

	{ "plate", "layout", "پلاک را کامل وارد کنید: دو رقم، حرف، پنج رقم", "Enter the whole plate: two digits, letter, five digits" },
	{ "plate", "letter", "این حرف در پلاک نیست؛ حرف پلاک را دوباره وارد کنید", "Plates do not have this letter; enter it again" },
	{ "plate", "zero", "این رقم پلاک نباید صفر باشد؛ دوباره وارد کنید", "No zero stands there on a plate; enter it again" },
	{ "plate", "province", "کد استان پلاک درست نیست؛ دوباره وارد کنید", "Wrong province code; enter the plate again" },

	{ "vin", "letters", "شماره VIN فقط رقم و حرف لاتین است، بدون فاصله", "A VIN has Latin letters and digits, no spaces" },
	{ "vin", "length", "شماره VIN هفده نویسه است؛ از روی کارت خودرو وارد کنید", "A VIN has 17 characters; copy it from the car's card" },
	{ "vin", "letter-o", "در VIN حرف O نیست؛ به جای آن صفر وارد کنید", "A VIN has no letter O; enter zero instead" },
	{ "vin", "letter-i", "حرف I فقط در آغاز VIN است؛ به جای آن 1 وارد کنید", "In a VIN the letter I is only the first; enter 1 instead" },
	{ "vin", "letter-q", "در VIN حرف Q نیست؛ دوباره وارد کنید", "A VIN has no letter Q; enter it again" },

	{ "workshop-code", "digits", "کد کارگاه فقط رقم است؛ دوباره وارد کنید", "A workshop code has digits only; enter it again" },
	{ "workshop-code", "length", "کد کارگاه 10 رقم است؛ با صفرهای اول وارد کنید", "A workshop code has 10 digits, leading zeros included" },
	{ "workshop-code", "branch", "کد شعبه در کد کارگاه درست نیست؛ دوباره وارد کنید", "Wrong branch in the workshop code; enter it again" },
	{ "workshop-code", "file", "چهار رقم آخر کد کارگاه درست نیست؛ دوباره وارد کنید", "Wrong last four digits; enter the code again" },

	{ "insurance-number", "digits", "شماره بیمه فقط رقم است؛ دوباره وارد کنید", "An insurance number has digits only; enter it again" },
	{ "insurance-number", "length", "شماره بیمه 8 یا 10 رقم است؛ دوباره وارد کنید", "An insurance number has 8 or 10 digits; enter it again" },

	{ "case-number", "digits", "شماره پرونده فقط رقم است؛ دوباره وارد کنید", "A case number has digits only; enter it again" },
	{ "case-number", "length", "شماره پرونده 16 یا 18 رقم است؛ دوباره وارد کنید", "A case number has 16 or 18 digits; enter it again" },
	{ "case-number", "year", "سال در شماره پرونده درست نیست؛ دوباره وارد کنید", "Wrong year in the case number; enter it again" },

	{ "cheque-id", "digits", "شناسه صیاد فقط رقم است، بدون فاصله و خط تیره", "A Sayad ID has digits only, no spaces or hyphens" },
	{ "cheque-id", "length", "شناسه صیاد 16 رقم است؛ از روی چک وارد کنید", "A Sayad ID has 16 digits; copy it from the cheque" },
	{ "cheque-id", "zeros", "شناسه صیاد درست نیست؛ از روی چک وارد کنید", "Wrong Sayad ID; copy it from the cheque" },

	{ "jalali-date", "format", "تاریخ را با سال 4 رقمی وارد کنید، مانند 1398/12/25", "Enter year/month/day, such as 1398/12/25" },
	{ "jalali-date", "month", "ماه از 1 تا 12 است؛ تاریخ را دوباره وارد کنید", "A month is 1 to 12; enter the date again" },
	{ "jalali-date", "day", "این روز در آن ماه نیست؛ تاریخ را دوباره وارد کنید", "That month has no such day; enter the date again" },

	{ "amount", "digits", "مبلغ را به ریال و فقط با رقم وارد کنید", "Enter the amount in rial, digits only" },
	{ "amount", "length", "این مبلغ زیاد است؛ مبلغ کمتری وارد کنید", "This amount is too large; enter a smaller one" },
	{ "amount", "min", "مبلغ کم است؛ دست کم {min} ریال وارد کنید", "Too little; enter at least {min} rial" },
	{ "amount", "max", "مبلغ زیاد است؛ تا {max} ریال وارد کنید", "Too much; enter at most {max} rial" },

	{ "digits", "digits", "فقط رقم وارد کنید", "Enter digits only" },
	{ "digits", "length", "باید {length} رقم باشد؛ دوباره وارد کنید", "It has {length} digits; enter it again" },
	{ "digits", "min_length", "دست کم {min_length} رقم وارد کنید", "Enter at least {min_length} digits" },
	{ "digits", "max_length", "بیش از {max_length} رقم نباشد؛ دوباره وارد کنید", "Enter at most {max_length} digits" },

	{ "text", "min_length", "دست کم {min_length} حرف بنویسید", "Write at least {min_length} characters" },
	{ "text", "max_length", "نوشته بلند است؛ تا {max_length} حرف بنویسید", "Write less, at most {max_length} characters" },

	{ "choice", "unknown", "این در فهرست نیست؛ یکی از آنها را وارد کنید", "Not in the list; enter one of the choices" },

	{ "dial-code", "format", "کد را کامل وارد کنید، با ستاره در آغاز و مربع در پایان", "Enter the whole code, from its star to its #" },

	{ "", "empty", "چیزی وارد نشد؛ دوباره وارد کنید", "Nothing was entered; enter it again" },
	{ "", "too-long", "نوشته بلند است؛ کمتر وارد کنید", "This is too long; enter less" },
	{ "", "encoding", "نوشته خوانده نشد؛ دوباره وارد کنید", "The text could not be read; enter it again" },
	{ "", "refused", "درست نیست؛ دوباره وارد کنید", "Wrong; enter it again" },
};

const struct menu_input_reason *menu_input_reason_row(size_t index)
{
	return index < ARRAY_SIZE(reasons) ? &reasons[index] : NULL;
}

const struct menu_input_reason *menu_input_reason_find(const char *kind, const char *rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if ((*reasons[i].kind == '\0' || strcmp(reasons[i].kind, kind) == 0) && strcmp(reasons[i].rule, rule) == 0)
			return &reasons[i];
	return &reasons[ARRAY_SIZE(reasons) - 1];
}
