/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_people.h. Each row of `things` is something that a part of all people have. Its statement is given the person's IDs and
 * numbers, and drawn values: :r0 to :r4, each below a million. */
#include "tests/sim/agency_people.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/agency_ids.h"

#define SEED 1398u
#define DRAWN_BELOW 1000000

struct draw { uint32_t state; };

/* Numerical Recipes' generator; its upper bits are the good ones. */
static uint32_t draw(struct draw *d, uint32_t below)
{
	d->state = d->state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)d->state * below) >> 32);
}

static const struct { const char *fa, *en; } first_names[] = {
	{ "مریم", "Maryam" }, { "علی", "Ali" }, { "زهرا", "Zahra" }, { "رضا", "Reza" }, { "سارا", "Sara" }, { "حسن", "Hasan" }, { "نرگس", "Narges" },
	{ "امیر", "Amir" }, { "لیلا", "Leila" }, { "بهرام", "Bahram" }, { "شیرین", "Shirin" }, { "کاوه", "Kaveh" }, { "پروین", "Parvin" }, { "نادر", "Nader" },
};
static const struct { const char *fa, *en; } last_names[] = {
	{ "نمونه", "Nemune" }, { "آزمون", "Azmun" }, { "ساختگی", "Sakhtegi" }, { "پنداری", "Pendari" }, { "فرضی", "Farzi" }, { "خیالی", "Khiali" },
	{ "انگاره", "Engare" }, { "گمان", "Goman" }, { "مثال", "Mesal" }, { "الگو", "Olgu" }, { "تمرین", "Tamrin" },
};
static const char *const provinces[] = { "Tehran", "Isfahan", "Fars", "Razavi Khorasan", "East Azerbaijan", "Khuzestan", "Gilan", "Mazandaran",
                                         "Kerman", "Yazd" };
static const char *const letters[] = { "ب", "ج", "د", "س", "ص", "ط", "ق", "ل", "م", "ن", "و", "ه", "ی" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- what they have --- */

/* The month and day of a drawn value. */
#define DAY(year, drawn) "'" year "/' || printf('%02d/%02d', " drawn " % 12 + 1, " drawn " / 12 % 29 + 1)"
#define CHOOSE(drawn, words) "(SELECT value FROM json_each('[" words "]') WHERE key = " drawn " % json_array_length('[" words "]'))"

static const struct {
	unsigned int percent;
	const char *sql;
} things[] = {
	{ 80, "INSERT INTO booklets VALUES (:national_id, :r0 % 8 > 0, " DAY("1399", ":r1") ")" },
	{ 50, "INSERT OR IGNORE INTO covered VALUES (:national_id, 1, 'spouse', " DAY("1399", ":r0") ")" },
	{ 40, "INSERT OR IGNORE INTO covered VALUES (:national_id, 2, 'child', " DAY("1399", ":r0") ")" },
	{ 10, "INSERT OR IGNORE INTO covered VALUES (:national_id, 3, 'parent', " DAY("1399", ":r0") ")" },
	{ 70, "INSERT INTO records VALUES (:national_id, :r0 % 9000 + 30, '1398/' || printf('%02d', :r1 % 12 + 1))" },
	{ 60, "INSERT INTO covers VALUES (:national_id, :r0 % 6 > 0, " DAY("1399", ":r1") ", "
	      CHOOSE(":r2", "\"universal\",\"villagers\",\"employees\"") ")" },
	{ 35, "INSERT INTO policies VALUES (:national_id, " CHOOSE(":r0", "\"insurer\",\"insurer2\"") ", :r1 * 60, " DAY("1399", ":r2") ")" },
	{ 50, "INSERT OR IGNORE INTO claims SELECT :national_id, " DAY("1398", ":r0") ", "
	      CHOOSE(":r1", "\"checking\",\"paid\",\"refused\"") ", :r2 * 10 + 10000 WHERE EXISTS (SELECT 1 FROM policies WHERE national_id = :national_id)" },
	{ 20, "INSERT INTO pensions VALUES (:national_id, '1399/01/25', " DAY("1399", ":r0") ")" },
	{ 90, "INSERT INTO slips SELECT :national_id, value, 20000000 + :r0 * 20, 900000 + :r1 FROM "
	      "json_each('[\"1398/09\",\"1398/10\",\"1398/11\"]') WHERE EXISTS (SELECT 1 FROM pensions WHERE national_id = :national_id)" },
	{ 60, "INSERT INTO subsidies VALUES (:national_id, (:r0 % 7 + 1) * 455000, '1398/12/25', :r1 % 5 * 1000000, '1399/01/31')" },
	{ 30, "INSERT OR IGNORE INTO loans VALUES (:national_id, " CHOOSE(":r0", "\"bank\",\"mehr\",\"bank2\"") ", :r1 * 10 + 1000000, " DAY("1399", ":r2")
	      ", :r3 % 60 + 1)" },
	{ 15, "INSERT OR IGNORE INTO loans VALUES (:national_id, " CHOOSE(":r0", "\"bank\",\"mehr\",\"bank2\"") ", :r1 * 10 + 1000000, " DAY("1399", ":r2")
	      ", :r3 % 60 + 1)" },
	{ 30, "INSERT OR IGNORE INTO cheques VALUES (printf('%016d', (:r0 * 1000000 + :r1) * 10000 + :r2 % 10000), "
	      CHOOSE(":r3", "\"white\",\"white\",\"white\",\"yellow\",\"orange\",\"brown\",\"red\"") ")" },
	{ 40, "INSERT INTO tax_returns VALUES (:national_id, 1397, " CHOOSE(":r0", "\"accepted\",\"accepted\",\"refused\"") ", " DAY("1398", ":r1") ")" },
	{ 30, "INSERT INTO tax_returns VALUES (:national_id, 1398, 'assessed', '1399/03/' || printf('%02d', :r0 % 31 + 1))" },
	{ 25, "INSERT OR IGNORE INTO cards VALUES (printf('76%08d', :r0 * 100 + :r1 % 100), :national_id, "
	      CHOOSE(":r2", "\"asked\",\"printing\",\"posted\"") ", " DAY("1398", ":r3") ")" },
	{ 15, "INSERT OR IGNORE INTO complaints VALUES (printf('%010d', :r0 * 1000 + :r1 % 1000), :msisdn, "
	      CHOOSE(":r2", "\"inspected\",\"closed\"") ", " DAY("1398", ":r3") ")" },
	{ 40, "INSERT INTO letters (national_id, number, sender, title, text_fa, text_en, at) SELECT :national_id, '98/' || (10000 + :r0 % 80000), "
	      "'education', 'enrolment', 'ثبت نام فرزند شما انجام شد.', 'Your child is enrolled.', " DAY("1398", ":r1") },
	{ 20, "INSERT INTO letters (national_id, number, sender, title, text_fa, text_en, at) SELECT :national_id, '98/' || (10000 + :r0 % 80000), "
	      "'customs', 'clearance', 'کالای شما ترخیص شد.', 'Your goods are cleared.', " DAY("1398", ":r1") },
	{ 10, "INSERT INTO files VALUES (printf('98%014d', :r0 * 1000000 + :r1), :national_id, printf('%04d', :r2 % 10000), 'شعبه ' || (:r3 % 30 + 1) || "
	      "' حقوقی', 'Civil branch ' || (:r3 % 30 + 1), " CHOOSE(":r4", "\"waiting\",\"decided\"") ", NULL)" },
	{ 90, "INSERT INTO notices (national_id, title, deadline, number, code, text) SELECT national_id, CASE state WHEN 'waiting' THEN 'summons' ELSE "
	      "'judgment' END, " DAY("1399", ":r0") ", case_number, code, 'درباره پرونده ' || case_number || '. پیوست را در دفتر شعبه ببینید.' "
	      "FROM files WHERE national_id = :national_id" },
	{ 60, "INSERT OR IGNORE INTO vehicles (national_id, two, letter, three, iran, vin, state, since) VALUES (:national_id, printf('%d%d', :r0 % 9 + 1, "
	      ":r0 / 9 % 9 + 1), :letter, printf('%d%d%d', :r1 % 9 + 1, :r1 / 9 % 10, :r1 / 90 % 10), printf('%d%d', :r2 % 9 + 1, :r2 / 9 % 9 + 1), "
	      "printf('IRFC%06d1%06d', :r3, :r4), " CHOOSE(":r3", "\"on\",\"on\",\"on\",\"kept\"") ", " DAY("1396", ":r4") ")" },
	{ 50, "INSERT OR IGNORE INTO times (national_id, centre, at, code) SELECT :national_id, " CHOOSE(":r0", "\"east\",\"west\"") ", printf('2020-04-%02dT%02d:%02d:00', "
	      ":r1 % 20 + 11, :r2 % 6 + 8, :r3 % 2 * 30), printf('%08d', :r4 * 100 + :r3 % 100) WHERE EXISTS "
	      "(SELECT 1 FROM vehicles WHERE national_id = :national_id)" },
};

/* Issuers, and whom they send a bill: kind is the digit of the bill's ID, `what` which column of the bill says what it is of. */
static const struct { unsigned int percent, company, kind; const char *issuer, *word; bool phone, meter; } issuers[] = {
	{ 70, 101, 1, "water", "water", false, true },
	{ 85, 202, 2, "power", "electricity", false, true },
	{ 75, 303, 3, "gas", "gas", false, true },
	{ 60, 404, 4, "telecom", "landline", true, false },
	{ 40, 505, 5, "telecom", "mobile", false, false },
	{ 30, 606, 6, "municipality", "municipality", false, false },
};

/* --- drawing them --- */

static void put(json_t *values, const char *name, const char *text)
{
	json_object_set_new(values, name, json_string(text));
}

static void put_drawn(json_t *values, struct draw *d)
{
	for (unsigned int i = 0; i < 5; i++) {
		const char name[] = { 'r', (char)('0' + i), '\0' };

		json_object_set_new(values, name, json_integer(draw(d, DRAWN_BELOW)));
	}
	put(values, "letter", letters[draw(d, COUNT(letters))]);
}

/* Amount, IDs and date of a new bill. */
static void draw_bill(json_t *values, struct draw *d, unsigned int company, unsigned int kind)
{
	uint32_t thousands = draw(d, 9000) + 10;
	char bill_id[32], payment_id[32], due[16];

	sim_id_bill(10000000 + draw(d, 89999999), company, kind, bill_id);
	sim_id_payment(bill_id, thousands, 8, draw(d, 12) + 1, payment_id);
	snprintf(due, sizeof(due), "1399/%02u/%02u", draw(d, 3) + 1, draw(d, 29) + 1);
	put(values, "bill_id", bill_id);
	put(values, "payment_id", payment_id);
	put(values, "due", due);
	json_object_set_new(values, "amount", json_integer((json_int_t)thousands * 1000));
}

static bool add_bill(struct sim_db *db, json_t *values, struct draw *d, size_t issuer)
{
	char text[32];

	draw_bill(values, d, issuers[issuer].company, issuers[issuer].kind);
	put(values, "issuer", issuers[issuer].issuer);
	put(values, "kind", issuers[issuer].word);
	snprintf(text, sizeof(text), issuers[issuer].phone ? "+98213%07u" : "%08u", draw(d, 9999999));
	json_object_set_new(values, "phone", issuers[issuer].phone ? json_string(text) : json_null());
	json_object_set_new(values, "meter", issuers[issuer].meter ? json_string(text) : json_null());
	return sim_db_run(db, "INSERT OR IGNORE INTO bills (bill_id, payment_id, issuer, kind, amount, due, unpaid, msisdn, phone, meter) VALUES "
	                      "(:bill_id, :payment_id, :issuer, :kind, :amount, :due, :r0 % 4 > 0, :msisdn, :phone, :meter)", values) >= 0;
}

/* What a tax or a fine costs is a bill without a subscriber. */
static bool add_charge(struct sim_db *db, json_t *values, struct draw *d, unsigned int kind, const char *issuer, const char *word, const char *sql)
{
	draw_bill(values, d, 700 + kind, kind);
	put(values, "issuer", issuer);
	put(values, "kind", word);
	return sim_db_run(db, "INSERT INTO bills (bill_id, payment_id, issuer, kind, amount, due) VALUES "
	                      "(:bill_id, :payment_id, :issuer, :kind, :amount, :due)", values) > 0 && sim_db_run(db, sql, values) >= 0;
}

static bool add_person(struct sim_db *db, json_t *values, struct draw *d, unsigned int i)
{
	unsigned int first = draw(d, COUNT(first_names)), last = draw(d, COUNT(last_names));
	char id[32], msisdn[32], fa[64], en[64];

	sim_id_national(10000000 + i * 350001 + draw(d, 350000), id);
	snprintf(msisdn, sizeof(msisdn), "98912%07u", 7000000 + i);
	snprintf(fa, sizeof(fa), "%s %s", first_names[first].fa, last_names[last].fa);
	snprintf(en, sizeof(en), "%s %s", first_names[first].en, last_names[last].en);
	put(values, "national_id", id);
	put(values, "msisdn", msisdn);
	put(values, "name_fa", fa);
	put(values, "name_en", en);
	put(values, "province", provinces[draw(d, COUNT(provinces))]);
	return sim_db_run(db, "INSERT INTO people VALUES (:national_id, :name_fa, :name_en, :province)", values) > 0 &&
	       sim_db_run(db, "INSERT INTO sims VALUES (:msisdn, 's1')", values) > 0 &&
	       sim_db_run(db, "INSERT INTO numbers VALUES (:msisdn, :national_id)", values) > 0;
}

static bool add_things(struct sim_db *db, json_t *values, struct draw *d)
{
	bool good = true;

	for (size_t i = 0; i < COUNT(things); i++) {
		put_drawn(values, d);
		if (draw(d, 100) < things[i].percent)
			good &= sim_db_run(db, things[i].sql, values) >= 0;
	}
	for (size_t i = 0; i < COUNT(issuers); i++) {
		put_drawn(values, d);
		if (draw(d, 100) < issuers[i].percent)
			good &= add_bill(db, values, d, i);
	}
	if (draw(d, 100) < 20)
		good &= add_charge(db, values, d, 8, "tax", "tax", "INSERT INTO tax_debts VALUES (:national_id, :bill_id)");
	if (draw(d, 100) < 40)
		good &= add_charge(db, values, d, 9, "police", "fine",
		                   "INSERT INTO fines SELECT id, :r0 % 5 + 1, :bill_id FROM vehicles WHERE national_id = :national_id LIMIT 1");
	return good;
}

/* Of the person drawn last. */
static bool add_company(struct sim_db *db, json_t *values, struct draw *d, unsigned int i)
{
	char legal_id[32], workshop[32], title[64];
	bool good;

	sim_id_legal(1010000000u + i * 700001 + draw(d, 700000), legal_id);
	snprintf(workshop, sizeof(workshop), "%010u", 190000000 + i * 10000 + draw(d, 9000) + 1);
	put(values, "legal_id", legal_id);
	put(values, "workshop", workshop);
	snprintf(title, sizeof(title), "شرکت ساختگی %u", i + 1);
	put(values, "title_fa", title);
	snprintf(title, sizeof(title), "Made-up Company %u", i + 1);
	put(values, "title_en", title);
	put_drawn(values, d);
	good = sim_db_run(db, "INSERT INTO companies VALUES (:legal_id, :title_fa, :title_en)", values) > 0 &&
	       sim_db_run(db, "INSERT INTO representatives VALUES (:legal_id, :national_id)", values) > 0 &&
	       sim_db_run(db, "INSERT INTO workshops VALUES (:workshop, :legal_id, '1398/11', " CHOOSE(":r0", "\"received\",\"missing\"") ", 0, "
	                      "'1398/12/29', NULL)", values) > 0;
	if (good && draw(d, 100) < 50)
		good = add_charge(db, values, d, 8, "tax", "tax", "INSERT INTO tax_debts VALUES (:legal_id, :bill_id)");
	return good;
}

bool sim_people_add(struct sim_db *db)
{
	struct draw d = { .state = SEED };
	bool good = true;

	for (unsigned int i = 0; i < SIM_PEOPLE && good; i++) {
		json_t *values = json_object();

		good = add_person(db, values, &d, i) && add_things(db, values, &d);
		if (i % (SIM_PEOPLE / SIM_COMPANIES) == 0)
			good = good && add_company(db, values, &d, i);
		json_decref(values);
	}
	return good;
}
