# Supplementary insurance and its claims.
dial *4#
> 2
fa: 3- بیمه تکمیلی
en: 3- Supplementary insurance
> 3
fa: کد ملی خود
en: your national ID
> 0063300095
fa: مانده سقف: 41,250,000 ریال
en: Left: 41,250,000 rial
> 1
fa: 1- 1398/12/05: در دست بررسی
en: 1- 1398/12/05: in progress
> 2
fa: مبلغ: 2,350,000 ریال
en: Amount: 2,350,000 rial

dial *4*2030#
> 0065203615
> 1
fa: پرونده خسارت ندارید
en: You have no claims

dial *4*2030#
> 0060646111
fa: بیمه تکمیلی به نام شما نیست
en: No supplementary insurance

dial *4*2030#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2030#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2030# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
