# A company: its representative is proved once, and then asks about all that is its own.
dial *4#
> 3
fa: 4- کسب و کار
en: 4- Businesses
> 4
fa: 1- بدهی مالیاتی
en: 1- Tax to pay
> 1
fa: کد ملی خود را
en: your national ID
> 0063300095
fa: شناسه ملی شرکت
en: company's legal ID
> 14348854779
fa: شرکت نمونه
en: Sample Company
both: 880,400,000
> 1
fa: شناسه قبض: 49876577789
en: Bill ID: 49876577789
both: 88040090286
fa: مالیات شرکت نمونه
en: Tax of Sample Company
> 0
> 0
> 3
fa: 1- کارگاه 0183630045
en: Sample Company
> 1
fa: لیست 1398/11: نرسیده
en: List 1398/11: not received
> 0
> 2
both: 52,000,000
> 1
fa: شناسه پرداخت: 5200090278
en: Payment ID: 5200090278
> 0
> 0
> 0
> 2
fa: سال 1398: در دست رسیدگی
en: 1398: being assessed
> 2
fa: اظهارنامه سال 1397
en: Return of the year 1397

# bills and letters
dial *4*202#
> 4
> 0063300095
> 14348854779
fa: 1- برق: 64,300,000 ریال
en: 1- Electricity: 64,300,000 rial
> 2
both: 18,750,000
> 1
fa: شناسه پرداخت: 1875090172
en: Payment ID: 1875090172

dial *4*202#
> 5
> 0063300095
> 14348854779
fa: 1- * تامین اجتماعی: بازرسی
en: 1- * Social security: Inspection
> 1
fa: بازرس ما
en: Our inspector
> 1
fa: 1- باز است
en: 1- It is open
> 1
fa: پاسخ شرکت نمونه: باز است
en: Reply of Sample Company: It is open
> 1
fa: شماره: 98/
en: Number: 98/

dial *4*202#
> 5
> 0063300095
> 14348854779
> 1
> 1
> 2
> 1
fa: پیشتر پاسخ داده شده است
en: replied to before

dial *4*202#
> 5
> 0063300095
> 14348854779
> 2
fa: دیگر در دسترس نیست
en: no longer there

# a company that has nothing
dial *4*202#
> 1
> 0063300095
> 14476747622
fa: بدهی مالیاتی ندارد
en: owes no tax
> 0
> 2
fa: اظهارنامه ای از این شرکت نیست
en: no return of this company
> 0
> 3
fa: کارگاهی ندارد
en: no workshop
> 0
> 4
fa: قبض پرداخت نشده ای
en: no unpaid bill
> 0
> 5
fa: نامه ای به نام این شرکت نیست
en: no letters to this company

# somebody else's company, and one that does not exist, are answered alike
dial *4*202#
> 3
> 0063300095
> 11873741975
fa: شما نماینده این شرکت ثبت نشده اید
en: not registered as

dial *4*202#
> 3
> 0063300095
> 10100000006
fa: شما نماینده این شرکت ثبت نشده اید
en: not registered as

# a digit is wrong: that is said at once, and nobody is asked
dial *4*202#
> 1
> 0063300095
> 14348854770
fa: شناسه ملی
en: legal ID
> 14348854779
both: 880,400,000

dial *4*202#
> 1
> 0063300095
> 14162623028
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*202# samples=strange fault=strange
> 2
> 0063300095
> 14348854779
fa: نماینده این شرکت نمی شناسد
en: does not know you

dial *4*202# samples=down
> 4
> 0063300095
> 14348854779
fa: این دستگاه پاسخ نداد
en: does not answer

# a bill of the company is paid: refused, not known yet, being paid already, paid, not begun; and its tax
dial *4*202# samples=company_pay
> 4
> 0063300095
> 14348854779
> 1
> 2
fa: رمز تازه
en: New PIN
> 80537
> 80537
> {once}
fa: برق، شرکت نمونه: 64,300,000 ریال پرداخت شود؟
en: Electricity of Sample Company: pay 64,300,000 rial?
> 1
fa: نپذیرفت
en: refused the payment

dial *4*202# samples=company_pay fault=lost
> 4
> 0063300095
> 14348854779
> 2
> 2
> 80537
> 80537
> {once}
> 1
fa: دوباره نپردازید
en: Do not pay again

dial *4*202# samples=company_again
> 4
> 0063300095
> 14348854779
> 2
> 2
> 80537
> 80537
> {once}
> 1
fa: در حال پرداخت است
en: being paid

dial *4*202# samples=company_pay
> 4
> 0063300095
> 14348854779
> 3
> 2
> 80537
> 80537
> {once}
> 1
fa: پرداخت شد
en: Paid

dial *4*202# samples=company_again fault=ledger:9
> 4
> 0063300095
> 14348854779
> 1
> 2
> 80537
> 80537
> {once}
> 1
fa: پرداخت آغاز نشد
en: did not begin

dial *4*202# samples=company_pay
> 1
> 0063300095
> 14348854779
> 2
> 80537
> 80537
> {once}
fa: مالیات شرکت نمونه: 880,400,000 ریال پرداخت شود؟
en: Tax of Sample Company: pay 880,400,000 rial?
> 1
fa: نپذیرفت
en: refused the payment
