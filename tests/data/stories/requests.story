# My requests, all and one.
dial *4#
> 6
fa: 1- درخواست های من
en: 1- My requests
> 1
fa: 1- همه
en: 1- All
> 1
fa: 1- اعلام رقم کنتور
en: 1- 
> 2
fa: استعلام قبض
en: {bill_request}
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

dial *4*200*1# samples=empty number=989120000002
fa: درخواستی ندارید
en: You have no requests

dial *4*200*1# samples=down fault=ledger
fa: اکنون پاسخ دادن ممکن نیست
en: We cannot answer just now
