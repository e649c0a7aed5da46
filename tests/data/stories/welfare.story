# Subsidy and kalabarg: *4*1463*2# as it was.
dial *4#
> 3
fa: 3- یارانه
en: 3- Subsidy
> 3
fa: 2- کالابرگ
en: 2- Kalabarg
> 1
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 4,550,000 ریال
en: 4,550,000 rial

dial *4*1463*2#
fa: کد ملی خود
en: your national ID
> 0063300095
fa: اعتبار کالابرگ
en: Kalabarg credit

dial *4*1463*1#
> 0060646111
fa: حسابی نیست
en: no account for this

dial *4*1463*1#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*1463*1#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*1463*1# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
