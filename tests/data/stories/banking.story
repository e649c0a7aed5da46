# A cheque and the instalments of loans.
dial *4#
> 3
fa: 2- بانک
en: 2- Banks
> 2
fa: 1- وضعیت چک صیاد
en: 1- State of a cheque
> 1
fa: شناسه 16 رقمی
en: 16 digits
> 7231335079513330
fa: سفید
en: white

dial *4*2070#
> 1
> 5470306982066286
fa: چکی با این شناسه
en: No cheque with this ID

dial *4*2070#
> 2
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 1- بانک نمونه: 1399/01/10
en: 1- Sample Bank: 1399/01/10
> 2
fa: قسط های مانده: 3
en: Instalments left: 3

dial *4*2070*2#
> 0060646111
fa: وامی به نام شما نیست
en: no loan of yours

dial *4*2070*2#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2070*2#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2070*2# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
