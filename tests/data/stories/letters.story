# A letter is read and replied to.
dial *4#
> 5
fa: 3- نامه های اداری
en: 3- Official letters
> 3
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 1- * شهرداری: پروانه ساختمان
en: 1- * Municipality: Building permit
> 1
fa: با پست می خواهید؟
en: by post?
> 1
fa: 1- با پست
en: 1- By post
> 1
fa: فرستاده شود؟
en: Send it?
> 1
fa: شماره: 98/413
en: Number: 98/413

dial *4*2090#
> 0063300095
> 1
> 1
> 2
> 1
fa: پیشتر پاسخ داده اید
en: replied to this letter before

dial *4*2090#
> 0063300095
> 2
fa: ثبت نام فرزند شما
en: Your child is enrolled

dial *4*2090#
> 0063300095
> 3
fa: دیگر در دسترس نیست
en: no longer there

# A letter is passed on, by who sets a PIN for it: not to oneself; to nobody in the same words as to somebody, who then has it; and taken back.
dial *4*2090# samples=delegate
> 0063300095
> 2
fa: 1- واگذاری
en: 1- Pass it on
> 1
fa: کد ملی گیرنده
en: whom to pass it on to
> 0063300095
fa: رمز تازه
en: New PIN
> 80537
> 80537
fa: پیامک شد
en: code from the SMS
> {once}
both: xxxx0095
> 1
fa: کد ملی خود شماست
en: your own national ID

dial *4*2090# samples=delegate
> 0063300095
> 2
fa: 1- واگذاری
en: 1- Pass it on
> 1
fa: کد ملی گیرنده
en: whom to pass it on to
> 0012333123
fa: رمز تازه
en: New PIN
> 80537
> 80537
fa: پیامک شد
en: code from the SMS
> {once}
both: xxxx3123
> 1
fa: در فهرست دارنده این کد ملی
en: stands in the list of whoever

dial *4*2090# samples=delegated
> 0063300095
> 2
fa: 1- لغو واگذاری
en: 1- Take it back
> 1
both: xxxx3123
> 1
fa: واگذاری لغو شد
en: taken back

dial *4*2090# samples=delegate
> 0063300095
> 2
fa: 1- واگذاری
en: 1- Pass it on
> 1
fa: کد ملی گیرنده
en: whom to pass it on to
> 0049693123
fa: رمز تازه
en: New PIN
> 80537
> 80537
fa: پیامک شد
en: code from the SMS
> {once}
both: xxxx3123
> 1
fa: در فهرست دارنده این کد ملی
en: stands in the list of whoever

dial *4*2090# number=989120000002 samples=delegated
> 0049693123
fa: + آموزش و پرورش: ثبت نام
en: + Education: Enrolment
> 1
fa: واگذار شده به شما
en: Passed on to you

dial *4*2090# samples=delegated
> 0063300095
> 2
fa: 1- لغو واگذاری
en: 1- Take it back
> 1
both: xxxx3123
> 1
fa: واگذاری لغو شد
en: taken back

dial *4*2090#
> 0060646111
fa: نامه ای ندارید
en: You have no letters

dial *4*2090#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2090#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2090# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
