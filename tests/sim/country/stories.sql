-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The people and things that tests/data/stories and menus/dolat-hamrah-answers.cfg speak of; agency_people.c adds some two hundred more.
-- Nobody of them exists. All four share one number, as a family does: the first has something everywhere, the second something that has
-- ended, the third nothing, the fourth has asked too often. The fifth has another number, and of 989120000003 to ...6 there are only bills.

INSERT INTO people VALUES
	('0063300095', 'نمونه یکم', 'Sample One', 'Tehran'),
	('0065203615', 'نمونه دوم', 'Sample Two', 'Tehran'),
	('0060646111', 'نمونه سوم', 'Sample Three', 'Isfahan'),
	('0042148731', 'نمونه چهارم', 'Sample Four', 'Fars'),
	('0049693123', 'نمونه پنجم', 'Sample Five', 'Gilan');
INSERT INTO sims VALUES ('989120000001', 's1'), ('989120000002', 's1'), ('989121234567', 's1');
INSERT INTO numbers VALUES
	('989120000001', '0063300095'), ('989120000001', '0065203615'), ('989120000001', '0060646111'), ('989120000001', '0042148731'),
	('989120000002', '0049693123'),
	-- the phone of the demonstration
	('989121234567', '0063300095'), ('989121234567', '0065203615'), ('989121234567', '0060646111'), ('989121234567', '0042148731');
-- the first has another number, without money
INSERT INTO sims VALUES ('989120000007', 's1');
INSERT INTO numbers VALUES ('989120000007', '0063300095');
-- a number that is the fifth's since this morning: the identity agency knows, the others do not yet
INSERT INTO moved VALUES ('989120000001', '0049693123');
INSERT INTO companies VALUES
	('14348854779', 'شرکت نمونه', 'Sample Company'), ('14476747622', 'شرکت بی بدهی', 'Company Without Debt'),
	('14162623028', 'شرکت پرسنده', 'Company That Asks'), ('11873741975', 'شرکت دیگران', 'Company of Others');
INSERT INTO representatives VALUES
	('14348854779', '0063300095'), ('14476747622', '0063300095'), ('14162623028', '0063300095'), ('11873741975', '0049693123');
INSERT INTO blocked VALUES
	('0042148731', '', ''), ('14162623028', 'tax', ''), ('8028078890012456', 'bank', ''), ('7600000000', 'civil', ''), ('0000000000', 'tazirat', '');

INSERT INTO words VALUES
	('water', 'آب', 'Water'), ('electricity', 'برق', 'Electricity'), ('gas', 'گاز', 'Gas'), ('landline', 'تلفن ثابت', 'Landline'),
	('mobile', 'تلفن همراه', 'Mobile'), ('municipality', 'عوارض شهرداری', 'Municipal charge'), ('tax', 'مالیات', 'Tax'),
	('fine', 'جریمه رانندگی', 'Traffic fine'),
	('assessed', 'در دست رسیدگی', 'being assessed'), ('accepted', 'پذیرفته شده', 'accepted'), ('refused', 'رد شده', 'refused'),
	('spouse', 'همسر', 'Spouse'), ('child', 'فرزند', 'Child'), ('parent', 'پدر یا مادر', 'Parent'),
	('received', 'رسیده', 'received'), ('missing', 'نرسیده', 'not received'),
	('universal', 'صندوق همگانی', 'Universal fund'), ('villagers', 'صندوق روستاییان', 'Villagers'' fund'), ('employees', 'صندوق کارکنان', 'Employees'' fund'),
	('insurer', 'بیمه نمونه', 'Sample Insurance'), ('insurer2', 'بیمه آزمون', 'Trial Insurance'),
	('checking', 'در دست بررسی', 'in progress'), ('paid', 'پرداخت شده', 'paid'),
	('white', 'سفید', 'white'), ('yellow', 'زرد', 'yellow'), ('orange', 'نارنجی', 'orange'), ('brown', 'قهوه ای', 'brown'), ('red', 'قرمز', 'red'),
	('white.text', 'صادرکننده چک برگشتی ندارد.', 'Its issuer has no returned cheque.'),
	('yellow.text', 'صادرکننده یک چک برگشتی دارد.', 'Its issuer has one returned cheque.'),
	('orange.text', 'صادرکننده دو تا چهار چک برگشتی دارد.', 'Its issuer has two to four returned cheques.'),
	('brown.text', 'صادرکننده پنج تا ده چک برگشتی دارد.', 'Its issuer has five to ten returned cheques.'),
	('red.text', 'صادرکننده بیش از ده چک برگشتی دارد.', 'Its issuer has more than ten returned cheques.'),
	('bank', 'بانک نمونه', 'Sample Bank'), ('mehr', 'صندوق مهر', 'Mehr Fund'), ('bank2', 'بانک آزمون', 'Trial Bank'),
	('on', 'روی خودرو', 'on a vehicle'), ('kept', 'نزد پلیس', 'kept by the police'),
	('east', 'مرکز شرق', 'East centre'), ('west', 'مرکز غرب', 'West centre'),
	('summons', 'دعوت به جلسه', 'Summons to a hearing'), ('judgment', 'دادنامه', 'Judgment'),
	('waiting', 'در نوبت رسیدگی', 'waiting for its hearing'), ('decided', 'رای صادر شده', 'decided'),
	('inspected', 'در دست بازرسی', 'being inspected'), ('closed', 'مختومه', 'closed'),
	('letters.municipality', 'شهرداری', 'Municipality'), ('education', 'آموزش و پرورش', 'Education'), ('customs', 'گمرک', 'Customs'),
	('social', 'تامین اجتماعی', 'Social security'), ('inspection', 'بازرسی', 'Inspection'),
	('permit', 'پروانه ساختمان', 'Building permit'), ('enrolment', 'ثبت نام', 'Enrolment'), ('clearance', 'ترخیص', 'Clearance'),
	('posted', 'چاپ شده، در راه اداره پست', 'printed, on its way to the post office'), ('printing', 'در دست چاپ', 'being printed'),
	('asked', 'درخواست رسیده', 'requested');

INSERT INTO bills (bill_id, payment_id, issuer, kind, amount, due, unpaid, paperless, msisdn, phone, meter) VALUES
	('7748317800142', '1770160', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000001', '+982122334455', NULL),
	('2273482444320', '9876580379', 'power', 'electricity', 98765000, '1399/01/20', 1, 1, '989120000001', NULL, '12345678'),
	('9903166297039', '12080129', 'gas', 'gas', 120000, '1398/12/10', 0, 0, '989120000002', NULL, '12345678'),
	-- of the phone of the demonstration
	('3141592611019', '154390176', 'water', 'water', 1543000, '1399/01/25', 1, 0, '989121234567', NULL, NULL),
	('2718281820333', '41290162', 'gas', 'gas', 412000, '1399/02/05', 1, 0, '989121234567', NULL, NULL),
	('41234577784', '1250090269', 'tax', 'tax', 12500000, '1399/03/31', 1, 0, NULL, NULL, NULL),
	('49876577789', '88040090286', 'tax', 'tax', 880400000, '1399/03/31', 1, 0, NULL, NULL, NULL),
	('51234599996', '195090285', 'police', 'fine', 1950000, '1399/02/31', 1, 0, NULL, NULL, NULL),
	-- the first is nobody's, the rest of who has many: all alike, as the samples' are
	('9903167170334', '12090191', 'gas', 'gas', 120000, '1399/01/25', 1, 0, NULL, NULL, NULL),
	('2273483044325', '9876590177', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000003', NULL, NULL),
	('2273483144320', '9876590176', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('2273483244324', '9876590174', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('2273483344329', '9876590178', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('2273483444323', '9876590171', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('2273483544328', '9876590175', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('2273483644322', '9876590179', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000005', NULL, NULL),
	('9903167270339', '12090196', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('9903167370333', '12090190', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('9903167470338', '12090195', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('9903167570332', '12090190', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('9903167670337', '12090194', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('9903167770331', '12090199', 'gas', 'gas', 120000, '1399/01/25', 1, 0, '989120000005', NULL, NULL),
	('7748319000143', '1790190', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000005', NULL, NULL),
	('2273484144323', '9876590178', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('2273484244328', '9876590171', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('2273484344322', '9876590175', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('2273484444327', '9876590179', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('2273484544321', '9876590172', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('2273484644326', '9876590176', 'power', 'electricity', 98765000, '1399/01/20', 1, 0, '989120000006', NULL, NULL),
	('7748319100148', '1790195', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL),
	('7748319200142', '1790190', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL),
	('7748319300147', '1790194', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL),
	('7748319400141', '1790199', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL),
	('7748319500146', '1790193', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL),
	('7748319600140', '1790198', 'telecom', 'landline', 17000, '1399/01/15', 1, 0, '989120000006', NULL, NULL);
INSERT INTO wallets VALUES ('989120000001', 50000000);                                   -- less than the bill for electricity

-- of the company
INSERT INTO bills (bill_id, payment_id, issuer, kind, amount, due) VALUES
	('1618033920226', '6430090130', 'power', 'electricity', 64300000, '1399/01/20'), ('5772156630331', '1875090172', 'gas', 'gas', 18750000, '1399/02/05'),
	('1414213510110', '226090173', 'water', 'water', 2260000, '1399/02/10');
INSERT INTO company_bills VALUES ('1618033920226', '14348854779'), ('5772156630331', '14348854779'), ('1414213510110', '14348854779');

-- whose money is limited
INSERT INTO wallets VALUES ('989120000002', 100000), ('989120000007', 0);

INSERT INTO tax_debts VALUES ('0063300095', '41234577784'), ('14348854779', '49876577789');
INSERT INTO tax_returns VALUES ('0063300095', 1398, 'assessed', '1399/03/02'), ('0063300095', 1397, 'accepted', '1398/09/12'),
	('14348854779', 1398, 'assessed', '1399/04/02'), ('14348854779', 1397, 'accepted', '1398/10/05');

INSERT INTO booklets VALUES ('0063300095', 1, '1399/12/29'), ('0065203615', 0, '1398/11/30');
INSERT INTO covered VALUES ('0063300095', 1, 'spouse', '1399/12/29'), ('0063300095', 2, 'child', '1399/06/31');
INSERT INTO records VALUES ('0063300095', 4382, '1398/11'), ('0065203615', 2190, '1398/10');
INSERT INTO workshops VALUES
	('0183630045', '0063300095', '1398/11', 'received', 36500000, '1398/12/29', '3650090274'),
	('0183630045', '14348854779', '1398/11', 'missing', 0, '1398/12/29', NULL),
	('0183630053', '14348854779', '1398/11', 'received', 52000000, '1398/12/29', '5200090278');
INSERT INTO covers VALUES ('0063300095', 1, '1399/08/30', 'universal'), ('0065203615', 0, '1398/11/30', NULL);
INSERT INTO policies VALUES ('0063300095', 'insurer', 41250000, '1399/06/31'), ('0065203615', 'insurer', 50000000, '1399/06/31');
INSERT INTO claims VALUES ('0063300095', '1398/12/05', 'checking', 6400000), ('0063300095', '1398/10/11', 'paid', 2350000);
INSERT INTO pensions VALUES ('0063300095', '1398/12/25', '1399/05/31'), ('0065203615', '1399/01/25', '1399/12/29');
INSERT INTO slips VALUES ('0063300095', '1398/11', 31400000, 1900000), ('0063300095', '1398/10', 31400000, 1450000);

INSERT INTO subsidies VALUES ('0063300095', 4550000, '1398/12/25', 3000000, '1399/01/31');
INSERT INTO cheques VALUES ('7231335079513330', 'white'), ('8028078890012456', 'white');
INSERT INTO loans VALUES ('0063300095', 'bank', 8700000, '1399/01/10', 14), ('0063300095', 'mehr', 2100000, '1399/01/25', 3);

INSERT INTO vehicles VALUES
	(1, '0063300095', '12', 'ب', '145', '47', 'IRFCSWG27KFEB2VDR', 'on', '1396/04/18'),
	(2, '0063300095', '45', 'د', '678', '11', 'IRFC8D3K5L7M9N2P4', 'kept', '1391/08/02');
INSERT INTO fines VALUES (1, 3, '51234599996');
-- the second was taken by another number after the list was made
INSERT INTO times VALUES
	(1, '0063300095', 'east', '2020-04-08T08:30:00', '48213705'), (2, '0063300095', 'west', '2020-04-09T10:00:00', '48213713'),
	(3, '0063300095', 'east', '2020-04-12T09:00:00', '48213721');
INSERT INTO turns VALUES (2, '989120000003');

-- the first was read before, at this time; two codes were wrong today
INSERT INTO notices VALUES
	(1, '0063300095', 'summons', '1399/01/30', '9809980000000001', '1234', 'خواهان محترم، جلسه رسیدگی به پرونده شما روز 1399/01/30 ساعت 9 در شعبه 12 برگزار می شود.
لطفا مدارک خود را همراه بیاورید.', '2020-03-15T13:00:00'),
	(2, '0063300095', 'judgment', '1399/02/10', '9709982160100123', '1234', 'دادنامه پرونده شما صادر شد. مهلت تجدیدنظر بیست روز است.', NULL);
INSERT INTO files VALUES ('9809980000000001', '0063300095', '1234', 'شعبه 12 حقوقی', 'Civil branch 12', 'waiting', '2020-04-18T09:00:00');
INSERT INTO tries VALUES ('notice', '989120000001', now(), 2);
INSERT INTO complaints VALUES ('0123456789', '989120000001', 'inspected', '1398/12/22');

INSERT INTO letters (id, national_id, number, sender, title, text_fa, text_en, at, read_at, withdrawn, can_reply) VALUES
	(1, '0063300095', '98/41207', 'letters.municipality', 'permit', 'پروانه ساختمان شما آماده است. آن را با پست می خواهید؟',
	 'Your building permit is ready. Do you want it by post?', '1398/12/20', NULL, 0, 1),
	(2, '0063300095', '98/5518', 'education', 'enrolment', 'ثبت نام فرزند شما انجام شد.', 'Your child is enrolled.', '1398/12/11', '2020-03-02T10:00:00', 0, 0),
	(3, '0063300095', '98/3907', 'customs', 'clearance', 'این نامه پس گرفته شد.', 'This letter was withdrawn.', '1398/11/28', '2020-02-18T10:00:00', 1, 0);
-- to the company
INSERT INTO letters (id, legal_id, number, sender, title, text_fa, text_en, at, read_at, withdrawn, can_reply) VALUES
	(4, '14348854779', '98/7731', 'social', 'inspection', 'بازرس ما 1399/01/24 به کارگاه شما می آید. آن روز باز است؟',
	 'Our inspector comes to your workshop on 1399/01/24. Is it open then?', '1398/12/18', NULL, 0, 1),
	(5, '14348854779', '98/3911', 'customs', 'clearance', 'این نامه پس گرفته شد.', 'This letter was withdrawn.', '1398/11/28', '2020-02-18T10:00:00', 1, 0);
INSERT INTO replies VALUES
	(1, 1, 'با پست', 'By post'), (1, 2, 'خودم می آیم', 'I will come'), (4, 1, 'باز است', 'It is open'), (4, 2, 'بسته است', 'It is closed');
INSERT INTO counters VALUES ('payments', 10000001);

INSERT INTO cards VALUES
	('7612345601', '0063300095', 'posted', '1398/12/18'), ('7612345608', '0049693123', 'printing', '1398/12/12');

INSERT INTO offices
	SELECT position, number, name, title_fa, title_en, phone, 'شنبه تا چهارشنبه 8 تا 14', 'Saturday to Wednesday 8 to 14',
	       'تهران، خیابان نمونه، شماره 1', '1 Sample Street, Tehran'
	FROM (SELECT 1 AS position, '1420' AS number, 'tamin' AS name, 'تامین اجتماعی' AS title_fa, 'Social security' AS title_en, '1420' AS phone
	UNION SELECT 2, '1463', 'welfare', 'وزارت رفاه', 'Ministry of Welfare', '1463'
	UNION SELECT 3, '6090', 'civil', 'ثبت احوال', 'Civil registration', '02100000000'
	UNION SELECT 4, '1666', 'salamat', 'بیمه سلامت', 'Health insurance', '1666'
	UNION SELECT 5, '2010', 'tax', 'امور مالیاتی', 'Tax administration', '02100000000'
	UNION SELECT 6, '0135', 'tazirat', 'تعزیرات', 'Ta''zirat', '02100000000'
	UNION SELECT 7, '2060', 'police', 'پلیس راهور', 'Traffic police', '02100000000');
