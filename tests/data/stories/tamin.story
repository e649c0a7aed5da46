# Social security for the insured; *4*1420*1*2# leads where it always did.
dial *4#
> 2
fa: 1- تامین اجتماعی
en: 1- Social security
> 1
fa: 1- درمان
en: 1- Treatment
> 1
fa: 2- اعتبار درمان
en: 2- Is it valid?

dial *4*1420*1*2#
fa: کد ملی خود
en: your national ID
> 0063300095
fa: معتبر است
en: is valid

dial *4*1420*1*2#
> 0065203615
fa: معتبر نیست
en: It ended: 1398/11/30

dial *4*1420*1*1#
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 1- همسر: 1399/12/29
en: 1- Spouse: 1399/12/29
> 2
fa: فرزند
en: Child

dial *4*1420*1*1#
> 0065203615
fa: کسی تحت پوشش
en: Nobody is covered

dial *4*1420*2#
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 4,382 روز
en: 4,382 days

dial *4*1420*1*2#
> 0060646111
fa: بیمه ای ثبت نیست
en: No insurance of yours

dial *4*1420*1*2#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*1420*1*2#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*1420*1*2# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
