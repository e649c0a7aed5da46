# A notice read with the personal code, and a file by its number.
dial *4#
> 5
fa: 2- ابلاغیه قضایی
en: 2- Judicial notices
> 2
fa: 1- ابلاغیه های من
en: 1- My notices
> 1
fa: کد ملی خود
en: your national ID
> 0063300095
fa: دعوت به جلسه، مهلت 1399/01/30
en: Summons to a hearing, until 1399/01/30
> 1
fa: شماره: 9809980000000001
en: Number: 9809980000000001
> 1
fa: ابلاغ شمرده می شود
en: counts as its service
> 1
fa: رمز شخصی پرونده
en: personal code of the file
> 1234
both: خواهان محترم
> 9
> 9
fa: ابلاغ: 1398/12/25
en: Served:

dial *4*2080*1#
> 0063300095
> 1
> 1
> 1
> 4321
fa: رمز شخصی درست نیست
en: code is wrong
> 1
fa: ابلاغ شمرده می شود
en: counts as its service
> 2
fa: مهلت: 1399/01/30
en: Until: 1399/01/30

dial *4*2080*1#
> 0063300095
> 1
> 1
> 1
> 9999
fa: چند بار نادرست بود
en: wrong several times

dial *4*2080*2#
fa: شماره پرونده را
en: number of the file
> 9809980000000001
fa: رمز شخصی پرونده
en: personal code of the file
> 1234
fa: در نوبت رسیدگی
en: waiting for its hearing

dial *4*2080*2#
> 9809980000000001
> 4321
fa: شماره پرونده یا رمز
en: number or the code is wrong
> 1
fa: شماره پرونده را
en: number of the file

dial *4*2080*1#
> 0060646111
fa: ابلاغیه ای ندارید
en: no judicial notices

dial *4*2080*1#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2080*1#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2080*1# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
