# Bills: four ways to one, mine, paid ones, no more paper, a reading.
dial *4#
fa: دولت همراه
en: Dolat Hamrah
> 1
fa: 2- قبض های من
en: 2- My bills
> 1
fa: شناسه قبض را بنویسید
en: Enter the bill ID
> 7748317800143
fa: شناسه قبض
en: bill ID
> 7748317800142
fa: مبلغ: 17,000 ریال
en: Due: 1399/01/15
> 1
fa: شناسه پرداخت: 1770160
en: Payment ID: 1770160

dial *4*2020*7748317800142#
both: 17,000
> 2
fa: به جای کاغذ پیامک
en: not on paper?
> 1
fa: دیگر قبض کاغذی
en: No more bills will come on paper.

dial *4*2020*2273482444320#
> 2
> 1
fa: پیشتر بدون کاغذ
en: without paper already

dial *4*2020*9903166297039#
fa: این قبض پرداخت شده است
en: This bill is paid
> 1
> 1
fa: با شماره شما ثبت نیست
en: not registered with your number

dial *4*2020#
> 2
fa: 1- برق: 98,765,000 ریال
en: 1- Electricity: 98,765,000 rial
> 1
fa: مهلت: 1399/01/20
en: Due: 1399/01/20

# the gas company is silent: what the others have is shown
dial *4*2020# number=989120000003 fault=gas
> 2
fa: بدون پاسخ: گاز
en: No answer: Gas
> 1
fa: مهلت: 1399/01/20
en: Due: 1399/01/20

dial *4*2020# number=989120000004 fault=issuers
> 2
fa: برق، گاز، مخابرات، شهرداری
en: Electricity, Gas, Telecom, Municipality

# of two with many bills each, and one with one, everybody's first are there
dial *4*2020# number=989120000005
> 2
fa: و 4 قبض دیگر
en: Your bills, and 4 more

dial *4*2020# number=989120000006 fault=gas
> 2
fa: بدون پاسخ: گاز
en: and 3 more
> 9
both: 98,765,000

dial *4*2020# number=989120000002
> 2
fa: قبضی به نام این شماره نیست
en: no bills of this number

dial *4*2020#
> 3
fa: 26 رقم بارکد
en: 26 digits of the barcode
> 86032748117440000432180341
fa: پیدا نشد
en: There is no bill

dial *4*2020#
> 4
fa: با کد شهر
en: with its area code
> 02122334455
fa: تلفن ثابت
en: Landline

dial *4*2020#
> 5
fa: اشتراک چه؟
en: A meter of what?
> 1
fa: شماره اشتراک را
en: meter's number
> 12345678
fa: برق
en: Electricity

dial *4*2020#
> 6
> 7748317800142
fa: رقم کنتور را بنویسید
en: Enter the reading
> 51234
fa: رقم کنتور 51234 فرستاده شود؟
en: Send the reading 51234?
> 1
fa: کد پیگیری: {code}
en: Tracking code: {code}

dial *4*2020# fault=closed
> 6
fa: شناسه قبض را
en: Enter the bill ID
> 2273482444320
> 1
> 1
fa: اکنون در دسترس نیست
en: not available now

dial *4*2020*7748317800142# samples=down
fa: پاسخی از صادرکننده
en: issuer does not answer

# paying: refused, not known yet, being paid already, paid, not begun; and what became of payments. Who pays for the first time sets a PIN
dial *4*2020*2273482444320# samples=refused
> 3
fa: کد ملی خود
en: your national ID
> 0063300095
fa: رمز تازه
en: New PIN
> 80537
fa: دوباره
en: again
> 80537
fa: پیامک شد
en: code from the SMS
> {once}
fa: برق: 98,765,000 ریال پرداخت شود؟
en: Electricity: pay 98,765,000 rial?
> 1
fa: نپذیرفت
en: refused the payment

dial *4*2020*9903167170334# samples=pay fault=lost
> 3
> 0063300095
> 80537
> 80537
> {once}
> 1
fa: دوباره نپردازید
en: Do not pay again

dial *4*2020*9903167170334# samples=already
> 3
> 0063300095
> 80537
> 80537
> {once}
> 1
fa: در حال پرداخت است
en: is being paid

dial *4*2020*7748317800142# samples=pay
> 3
> 0063300095
> 80537
> 80537
> {once}
fa: تلفن ثابت: 17,000 ریال پرداخت شود؟
en: Landline: pay 17,000 rial?
> 1
fa: پرداخت شد
en: Paid

dial *4*2020*2273482444320# samples=unpaid fault=ledger:6
> 3
> 0063300095
> 80537
> 80537
> {once}
> 1
fa: پرداخت آغاز نشد
en: did not begin

dial *4*2020# samples=pay
> 7
both: 17,000
> 1
fa: مرجع: R1
en: Reference: R1

dial *4*2020# samples=pay
> 7
> 2
fa: هنوز روشن نیست
en: not known yet

dial *4*2020# samples=pay
> 7
> 3
fa: پرداخت نشد: 98,765,000
en: Not paid: 98,765,000

dial *4*2020# samples=unpaid number=989120000002
> 7
fa: پرداختی با این شماره نیست
en: no payments
