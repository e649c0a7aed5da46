# Employers: a person's workshop and a company's.
dial *4#
> 2
fa: 9- بیشتر
> 9
fa: 5- کارفرما
en: Insurance
> 5
fa: کد ده رقمی کارگاه
en: 10 digits of the workshop code
> 0183630045
fa: کارفرما کیست؟
en: Who is the employer?
> 1
fa: کد ملی خود
en: your national ID
> 0063300095
fa: لیست 1398/11: رسیده
en: List 1398/11: received
> 1
fa: شناسه پرداخت: 3650090274
en: sent to you by SMS

dial *4*2050*0183630045#
> 2
> 0063300095
fa: شناسه ملی شرکت
en: company's legal ID
> 14348854779
fa: نرسیده
en: not received

dial *4*2050*0183630045*1#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2050*0183630045*1#
> 0049693123
fa: با این کارفرما
en: not registered with this employer

dial *4*2050*0183630045*1# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
