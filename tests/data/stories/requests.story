# My requests, all and one.
dial *4#
> 6
fa: 1- درخواست های من
en: 1- My requests
> 1
fa: 1- همه
en: 1- All
> 1
both: اعلام رقم کنتور
> 2
both: استعلام قبض
> 9
both: قبض شما پرداخت شده

dial *4*200*{meter_request}#
both: {meter_request}

dial *4*200#
> 2
fa: کد پیگیری را
en: Enter the tracking code
> 987654321
fa: درخواستی با این کد
en: no such request

dial *4*200*1# samples=empty
fa: درخواستی ندارید
en: You have no requests

dial *4*200*1# samples=down
fa: اکنون پاسخ دادن ممکن نیست
en: We cannot answer just now
