# The smart national card.
dial *4#
> 6
fa: 3- کارت ملی
en: 3- National card
> 3
fa: با کد رهگیری
en: By tracking code
> 1
fa: کد ملی خود
en: your national ID
> 0063300095
fa: در راه اداره پست
en: on its way to the post office

dial *4*6090*2#
fa: کد رهگیری را
en: Enter the tracking code
> 7612345608
fa: در دست چاپ
en: being printed

dial *4*6090*1#
> 0060646111
fa: درخواستی برای کارت
en: no request for a card

dial *4*6090*1#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*6090*1#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*6090*1# samples=down
> 0063300095
fa: پاسخی از
en: does not answer
