# A complaint by its code, zeros kept.
dial *4#
> 6
fa: 9- بیشتر
en: 4- Ta'zirat complaint
> 4
fa: کد ده رقمی پیگیری
en: 10 digits of the follow-up code
> 0123456789
fa: در دست بازرسی
en: being inspected

dial *4*0135*0123456789#
fa: در دست بازرسی
en: being inspected

dial *4*0135*0123456780#
fa: شکایتی با این کد
en: no such complaint

dial *4*0135*0000000000#
fa: فردا دوباره
en: try again tomorrow

dial *4*0135*0123456789# samples=down
fa: پاسخی از
en: does not answer
