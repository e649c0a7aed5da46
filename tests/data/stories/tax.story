# Tax: mine, a company's, returns; what I owe is paid.
dial *4#
> 3
fa: 1- مالیات
en: 1- Tax
> 1
fa: 3- اظهارنامه های من
en: 3- My returns
> 1
fa: کد ملی خود را
en: Enter your national ID
> 0063300095
fa: بدهی مالیاتی: 12,500,000 ریال
en: Tax to pay: 12,500,000 rial
> 1
fa: برای شما پیامک شد
en: Payment ID: 

dial *4*2010#
> 2
> 0063300095
fa: شناسه ملی شرکت
en: company's legal ID
> 14348854779
both: 880,400,000

dial *4*2010#
> 2
> 0063300095
> 11873741975
fa: نماینده این شرکت ثبت نشده اید
en: not registered as

dial *4*2010# samples=strange fault=strange
> 2
> 0063300095
> 14348854779
fa: نماینده این شرکت نیستید
en: not registered as this company's

dial *4*2010#
> 3
fa: کد ملی خود
en: your national ID
> 0063300095
fa: سال 1398: در دست رسیدگی
en: 1398: being assessed
> 2
fa: پذیرفته شده
en: accepted

dial *4*2010#
> 1
> 0060646111
fa: بدهی مالیاتی نیست
en: no tax to pay

dial *4*2010#
> 1
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2010#
> 1
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2010# samples=down
> 1
> 0063300095
fa: پاسخی از
en: does not answer

dial *4*2010#
> 3
> 0060646111
fa: اظهارنامه ای به نام شما نیست
en: no return of yours

# paying: not begun, refused, not known yet, being paid already; and paid, from another number of the same person
dial *4*2010# samples=unpaid fault=ledger:7
> 1
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: پرداخت آغاز نشد
en: did not begin

dial *4*2010# samples=refused number=989120000007
> 1
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: پولی برداشت نشد
en: refused the payment

dial *4*2010# samples=lost fault=lost
> 1
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: دوباره نپردازید
en: Do not pay again

dial *4*2010# samples=already
> 1
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: در حال پرداخت است
en: being paid

dial *4*2010# samples=debts_pay number=989121234567
> 1
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
fa: مالیات: 12,500,000 ریال پرداخت شود؟
en: Tax: pay 12,500,000 rial?
> 1
fa: کد پیگیری: {paid_tax}
en: Tracking code: {paid_tax}
