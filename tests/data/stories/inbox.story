# Letters of the state: read, confidential, replied to, deleted.
dial *4#
> 5
fa: 1- صندوق پیام
en: 1- Inbox
> 1
fa: پیام تازه: 3
en: New messages: 3
> 1
both: مشترک گرامی

dial *4*100#
> 2
fa: کد ملی خود
en: your national ID
> 0049693123
fa: برای شما نیست
en: not for you

dial *4*100#
> 2
fa: کد ملی خود
en: your national ID
> 0060000000
fa: کد ملی
en: national ID
> 0063300095
both: برگ تشخیص
> 0
> 2
both: برگ تشخیص

dial *4*100#
> 2
> 0060646111
fa: برای شما نیست
en: not for you

dial *4*100#
> 2
> 0060646111
fa: برای شما نیست
en: not for you

dial *4*100#
> 2
> 0065203615
fa: چند بار نادرست بود
en: Too many wrong

dial *4*100#
> 3
both: می آیید؟
> 9
fa: 1- پاسخ
en: 1- Reply
> 1
fa: پاسخ شما
en: Your reply
> 1
fa: فرستاده شود؟
en: Send it?
> 1
fa: فرستاده شد
en: Your reply is sent

# the reply was given at a portal while the list of replies was open
dial *4*100# number=989120000003 fault=portal:5
> 3
> 9
> 1
> 2
> 1
fa: پیشتر پاسخ داده اید
en: replied to this message before

dial *4*100*123456789012345678901234567890123#
fa: شناسه پیام را
en: Enter the message ID
> {outage}
fa: برای شما پیامی رسیده است
en: There is a message for you
> 1
both: مشترک گرامی

dial *4*100#
> 1
> 9
> 9
fa: 1- پاک کردن
en: 1- Delete
> 1
fa: این پیام پاک شود؟
en: Delete this message?
> 1
fa: پیام پاک شد
en: message is deleted

dial *4*100*1234#
fa: این پیام پیدا نشد
en: no such message

dial *4*100# samples=empty number=989120000002
fa: پیامی ندارید
en: You have no messages

dial *4*100# samples=down fault=ledger
fa: صندوق پیام در دسترس نیست
en: inbox cannot be reached
