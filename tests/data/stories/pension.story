# A pension: next payment, proof of life, slips.
dial *4#
> 2
fa: 4- مستمری
en: 4- Pension
> 4
fa: کد ملی خود
en: your national ID
> 0063300095
fa: گواهی حیات تا 1399/05/31
en: Proof of life good until 1399/05/31
> 1
fa: 1- 1398/11: 29,500,000 ریال
en: 1- 1398/11: 29,500,000 rial
> 1
fa: کسور: 1,900,000 ریال
en: Deductions: 1,900,000 rial

dial *4*2040#
> 0065203615
> 1
fa: هنوز فیشی
en: no slip yet

dial *4*2040#
> 0060646111
fa: مستمری به نام شما نیست
en: no pension of yours

dial *4*2040#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2040#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2040# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
