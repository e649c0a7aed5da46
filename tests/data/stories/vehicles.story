# Fines by plate and VIN, plates, an appointment made and cancelled.
dial *4#
> 4
fa: 3- پلاک های من
en: 3- My plates
> 1
fa: دو رقم سمت چپ
en: two digits at the left
> 12
fa: 1- ب
en: 1- B
> 1
fa: سه رقم پس از حرف
en: three digits after
> 145
fa: دو رقم زیر ایران
en: below IRAN
> 47
fa: کد ملی خود
en: your national ID
> 0063300095
fa: جریمه: 1,950,000 ریال
en: Fines: 1,950,000 rial
> 1
fa: برای شما پیامک شد
en: Payment ID:

dial *4*2060#
> 2
fa: 17 نویسه
en: 17 letters and digits
> IRFCSWG27KFEB2VDR
fa: کد ملی خود
en: your national ID
> 0063300095
fa: شمار: 3
en: Number: 3

dial *4*2060#
> 3
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 1- 12 ب 145 ایران 47
en: 1- 12 B 145 IR 47
> 1
fa: روی خودرو
en: on a vehicle
> 1
both: 1,950,000

dial *4*2060#
> 3
> 0063300095
> 2
fa: نزد پلیس
en: kept by the police
> 1
fa: جریمه ای ثبت نیست
en: There are no fines

dial *4*2060#
> 4
fa: 1- گرفتن نوبت
en: 1- Make an appointment
> 1
fa: کد ملی خود
en: your national ID
> 0063300095
fa: 1- مرکز شرق 1399/01/20 ساعت 08:30
en: 1- East centre 1399/01/20
> 1
fa: این نوبت گرفته شود؟
en: Take this appointment?
> 1
fa: کد: 48213705
en: Code: 48213705

dial *4*2060#
> 4
> 1
> 0063300095
> 2
> 1
fa: کس دیگری گرفت
en: Somebody else
> 1
fa: 1- مرکز شرق 1399/01/20 ساعت 08:30
en: 1- East centre 1399/01/20

dial *4*2060#
> 4
> 1
> 0063300095
> 3
> 1
fa: نوبت دیگری دارید
en: another appointment
> 1
both: 48213705

dial *4*2060#
> 4
> 2
fa: مرکز شرق
en: East centre
> 1
fa: نوبت شما لغو شود؟
en: Cancel your appointment?
> 1
fa: لغو شد
en: is cancelled

dial *4*2060# number=989120000002
> 4
> 2
fa: نوبتی ندارید
en: no appointment

dial *4*2060#
> 4
> 1
> 0060646111
fa: وقت آزادی نیست
en: no free time

dial *4*2060*3#
> 0060646111
fa: پلاکی به نام شما نیست
en: no plate of yours

dial *4*2060*3#
> 0042148731
fa: فردا دوباره تلاش کنید
en: Please try again tomorrow

dial *4*2060*3#
> 0049693123
fa: با هم ثبت نیستند
en: not registered together

dial *4*2060*3# samples=down
> 0063300095
fa: پاسخی از
en: does not answer

# paying: not begun, refused, not known yet, being paid already; and paid, from another number of the same person
dial *4*2060# samples=unpaid fault=ledger:8
> 2
> IRFCSWG27KFEB2VDR
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: پرداخت آغاز نشد
en: did not begin

dial *4*2060# samples=refused number=989120000007
> 2
> IRFCSWG27KFEB2VDR
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: پولی برداشت نشد
en: refused the payment

dial *4*2060# samples=lost fault=lost
> 2
> IRFCSWG27KFEB2VDR
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: دوباره نپردازید
en: Do not pay again

dial *4*2060# samples=already
> 2
> IRFCSWG27KFEB2VDR
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
> 1
fa: در حال پرداخت است
en: being paid

dial *4*2060# samples=debts_pay number=989121234567
> 2
> IRFCSWG27KFEB2VDR
> 0063300095
en: 2- Pay
> 2
> 80537
> 80537
> {once}
fa: جریمه: 1,950,000 ریال پرداخت شود؟
en: Fines: pay 1,950,000 rial?
> 1
fa: کد پیگیری: {paid_vehicles}
en: Tracking code: {paid_vehicles}
