# Basic health insurance.
dial *4#
> 2
fa: 2- بیمه سلامت
en: 2- Health insurance
> 2
fa: کد ملی خود
en: your national ID
> 0063300095
fa: صندوق همگانی
en: Universal fund

dial *4*1666#
> 0065203615
fa: معتبر نیست
en: It ended: 1398/11/30

dial *4*1666#
> 0060646111
fa: بیمه سلامتی به نام شما نیست
en: No health insurance of yours

dial *4*1666#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*1666#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*1666# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
