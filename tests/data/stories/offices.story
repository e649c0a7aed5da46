# The general services, for an agency from the list or by number.
dial *4#
> 6
fa: 2- دستگاه ها
en: 2- Agencies
> 2
fa: کدام دستگاه؟
en: Which agency?
> 1
fa: 1- تامین اجتماعی
en: 1- Social security
> 7
fa: 1- پلیس راهور
en: 1- Traffic police
> 1
fa: 2- شکایت
en: 2- Complaint

dial *4*201*1420#
fa: تامین اجتماعی
en: Social security
> 1
fa: شماره پرونده یا نامه
en: number of your file or letter
> 98/41207
fa: وضعیت این پرونده پرسیده شود؟
en: Ask how this file stands?
> 1
fa: کد پیگیری: {code}
en: Tracking code: {code}

dial *4*201*1420#
> 2
fa: شکایت خود را
en: Write your complaint
> صف طولانی است
fa: این شکایت فرستاده شود؟
en: Send this complaint?
> 1
fa: کد پیگیری: {complaint}
en: Tracking code: {complaint}

dial *4*201*1420#
> 3
fa: روز را بنویسید
en: Enter the day
> 1399/02/15
fa: برای چه کاری؟
en: What is it about?
> بازنشستگی
fa: نوبت برای 1399/02/15 خواسته شود؟
en: Ask for an appointment on 1399/02/15?
> 1
fa: {turn}
en: {turn}

dial *4*201*1420#
> 4
fa: پیام خود را
en: Write your message
> دفترچه من گم شده است
fa: این پیام فرستاده شود؟
en: Send this message?
> 1
fa: {message}
en: {message}

dial *4*201*1420#
> 5
fa: ساعت کار: شنبه
en: Hours: Saturday

dial *4*201*1666#
> 2
> صف طولانی است
> 1
fa: هنوز درخواست نمی پذیرد
en: does not take requests yet

dial *4*201#
> 2
fa: شماره دستگاه را
en: Enter the agency's number
> 7777
fa: دستگاهی با این شماره نیست
en: no agency with this number

# by a part of its name
dial *4*201#
> 3
fa: نام دستگاه
en: agency's name
> بیمه
fa: 1- بیمه سلامت
en: 1- Health insurance
> 1
fa: بیمه سلامت
en: Health insurance
> 5
fa: ساعت کار: شنبه
en: Hours: Saturday

dial *4*201#
> 3
> پنبه زنی
fa: دستگاهی با این نام نیست
en: no agency of this name

dial *4*201*1463# samples=down
fa: اکنون پاسخ دادن ممکن نیست
en: We cannot answer just now
