-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the sample agencies keep. One database for all of them: a real country has one each, and they would not see one another's.
-- Amounts are in rial; dates are Jalali as the agencies' answers have them, times as ISO 8601. Two languages are two columns, or a
-- row of `words`.

CREATE TABLE words (word TEXT PRIMARY KEY, fa TEXT NOT NULL, en TEXT NOT NULL) WITHOUT ROWID;

-- people and what they are reached by
CREATE TABLE people (national_id TEXT PRIMARY KEY, name_fa TEXT NOT NULL, name_en TEXT NOT NULL, province TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sims (msisdn TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;          -- since: another SIM or owner, another text
CREATE TABLE numbers (                                                                   -- whose number it is; a family may share one
	msisdn TEXT NOT NULL REFERENCES sims, national_id TEXT NOT NULL REFERENCES people, PRIMARY KEY (msisdn, national_id)) WITHOUT ROWID;
CREATE TABLE moved (                                                                     -- likewise, but only the identity agency knows
	msisdn TEXT NOT NULL REFERENCES sims, national_id TEXT NOT NULL REFERENCES people, PRIMARY KEY (msisdn, national_id)) WITHOUT ROWID;
CREATE TABLE companies (legal_id TEXT PRIMARY KEY, title_fa TEXT NOT NULL, title_en TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE representatives (
	legal_id TEXT NOT NULL REFERENCES companies, national_id TEXT NOT NULL REFERENCES people, PRIMARY KEY (legal_id, national_id)) WITHOUT ROWID;

-- how often a number may ask (agency_limit.h), and answers under an Idempotency-Key
CREATE TABLE asked (agency TEXT NOT NULL, route TEXT NOT NULL, msisdn TEXT NOT NULL, since INTEGER NOT NULL, spent INTEGER NOT NULL,
	PRIMARY KEY (agency, route, msisdn)) WITHOUT ROWID;
CREATE TABLE blocked (subject TEXT NOT NULL, agency TEXT NOT NULL, msisdn TEXT NOT NULL, PRIMARY KEY (subject, agency, msisdn)) WITHOUT ROWID;
CREATE TABLE answered (key TEXT PRIMARY KEY, call TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID; -- call: method, path and all that came
CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;

-- bills of all issuers; what a tax, a fine or a list of a workshop costs is one, too
CREATE TABLE bills (
	bill_id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, issuer TEXT NOT NULL, kind TEXT NOT NULL REFERENCES words, amount INTEGER NOT NULL,
	due TEXT NOT NULL, unpaid BOOLEAN NOT NULL DEFAULT 1, paperless BOOLEAN NOT NULL DEFAULT 0,
	msisdn TEXT, phone TEXT, meter TEXT) WITHOUT ROWID;                              -- the subscriber's number; what it is of
CREATE TABLE company_bills (bill_id TEXT PRIMARY KEY REFERENCES bills, legal_id TEXT NOT NULL REFERENCES companies) WITHOUT ROWID;
CREATE INDEX bills_of_number ON bills (msisdn);
CREATE INDEX bills_of_phone ON bills (phone);
CREATE INDEX bills_of_meter ON bills (meter);

-- payments; wallets has only those whose money is limited
CREATE TABLE payments (
	id TEXT PRIMARY KEY, state TEXT NOT NULL, msisdn TEXT, bill_id TEXT, payment_id TEXT, amount INTEGER, reference TEXT, why TEXT) WITHOUT ROWID;
CREATE TABLE wallets (msisdn TEXT PRIMARY KEY, rial INTEGER NOT NULL CHECK (rial >= 0)) WITHOUT ROWID;

-- tax
CREATE TABLE tax_debts (debtor TEXT PRIMARY KEY, bill_id TEXT NOT NULL REFERENCES bills) WITHOUT ROWID;
CREATE TABLE tax_returns (payer TEXT NOT NULL, year INTEGER NOT NULL, state TEXT NOT NULL REFERENCES words, at TEXT NOT NULL,
	PRIMARY KEY (payer, year)) WITHOUT ROWID;                                         -- payer, debtor: a person or a company

-- insurance and pensions
CREATE TABLE booklets (national_id TEXT PRIMARY KEY REFERENCES people, valid BOOLEAN NOT NULL, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE covered (national_id TEXT NOT NULL REFERENCES people, n INTEGER NOT NULL, who TEXT NOT NULL REFERENCES words, until TEXT NOT NULL,
	PRIMARY KEY (national_id, n)) WITHOUT ROWID;
CREATE TABLE records (national_id TEXT PRIMARY KEY REFERENCES people, days INTEGER NOT NULL, last TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE workshops (workshop TEXT NOT NULL, employer TEXT NOT NULL, month TEXT NOT NULL, state TEXT NOT NULL REFERENCES words,
	amount INTEGER NOT NULL, due TEXT NOT NULL, payment_id TEXT, PRIMARY KEY (workshop, employer)) WITHOUT ROWID;
CREATE TABLE covers (national_id TEXT PRIMARY KEY REFERENCES people, valid BOOLEAN NOT NULL, until TEXT NOT NULL, fund TEXT REFERENCES words) WITHOUT ROWID;
CREATE TABLE policies (national_id TEXT PRIMARY KEY REFERENCES people, insurer TEXT NOT NULL REFERENCES words, "left" INTEGER NOT NULL, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claims (national_id TEXT NOT NULL REFERENCES policies, at TEXT NOT NULL, state TEXT NOT NULL REFERENCES words, amount INTEGER NOT NULL,
	PRIMARY KEY (national_id, at)) WITHOUT ROWID;
CREATE TABLE pensions (national_id TEXT PRIMARY KEY REFERENCES people, next TEXT NOT NULL, alive_until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE slips (national_id TEXT NOT NULL REFERENCES pensions, month TEXT NOT NULL, gross INTEGER NOT NULL, cuts INTEGER NOT NULL,
	PRIMARY KEY (national_id, month)) WITHOUT ROWID;

-- welfare and banks
CREATE TABLE subsidies (national_id TEXT PRIMARY KEY REFERENCES people, amount INTEGER NOT NULL, as_of TEXT NOT NULL,
	kalabarg INTEGER NOT NULL, until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cheques (cheque_id TEXT PRIMARY KEY, colour TEXT NOT NULL REFERENCES words) WITHOUT ROWID;
CREATE TABLE loans (national_id TEXT NOT NULL REFERENCES people, bank TEXT NOT NULL REFERENCES words, amount INTEGER NOT NULL, due TEXT NOT NULL,
	"left" INTEGER NOT NULL, PRIMARY KEY (national_id, bank)) WITHOUT ROWID;

-- vehicles: a time is offered as the centre's plan of the morning says; taking it is what decides
CREATE TABLE vehicles (id INTEGER PRIMARY KEY, national_id TEXT NOT NULL REFERENCES people, two TEXT NOT NULL, letter TEXT NOT NULL, three TEXT NOT NULL,
	iran TEXT NOT NULL, vin TEXT NOT NULL UNIQUE, state TEXT NOT NULL REFERENCES words, since TEXT NOT NULL, UNIQUE (two, letter, three, iran));
CREATE INDEX vehicles_of ON vehicles (national_id);
CREATE TABLE fines (vehicle INTEGER PRIMARY KEY REFERENCES vehicles, count INTEGER NOT NULL, bill_id TEXT NOT NULL REFERENCES bills);
CREATE TABLE times (id INTEGER PRIMARY KEY, national_id TEXT NOT NULL REFERENCES people, centre TEXT NOT NULL REFERENCES words, at TEXT NOT NULL,
	code TEXT NOT NULL UNIQUE);
CREATE INDEX times_of ON times (national_id);
CREATE TABLE turns (time INTEGER PRIMARY KEY REFERENCES times, msisdn TEXT NOT NULL UNIQUE);

-- courts: a notice is served when it is first read; wrong codes are counted for a day
CREATE TABLE notices (id INTEGER PRIMARY KEY, national_id TEXT NOT NULL REFERENCES people, title TEXT NOT NULL REFERENCES words, deadline TEXT NOT NULL,
	number TEXT NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL, read_at TEXT);
CREATE INDEX notices_of ON notices (national_id);
CREATE TABLE files (case_number TEXT PRIMARY KEY, national_id TEXT NOT NULL REFERENCES people, code TEXT NOT NULL, branch_fa TEXT NOT NULL,
	branch_en TEXT NOT NULL, state TEXT NOT NULL REFERENCES words, hearing TEXT) WITHOUT ROWID;
CREATE TABLE tries (what TEXT NOT NULL, msisdn TEXT NOT NULL, since INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (what, msisdn)) WITHOUT ROWID;
CREATE TABLE complaints (code TEXT PRIMARY KEY, msisdn TEXT NOT NULL, state TEXT NOT NULL REFERENCES words, at TEXT NOT NULL) WITHOUT ROWID;

-- letters: one that was withdrawn is still in the list of the morning
CREATE TABLE letters (id INTEGER PRIMARY KEY, national_id TEXT REFERENCES people, legal_id TEXT REFERENCES companies, number TEXT NOT NULL, sender TEXT NOT NULL REFERENCES words,
	title TEXT NOT NULL REFERENCES words, text_fa TEXT NOT NULL, text_en TEXT NOT NULL, at TEXT NOT NULL, read_at TEXT,
	withdrawn BOOLEAN NOT NULL DEFAULT 0, can_reply BOOLEAN NOT NULL DEFAULT 0, reply INTEGER, reply_number TEXT,
	CHECK ((national_id IS NULL) <> (legal_id IS NULL)));                                    -- to a person, or to a company
CREATE INDEX letters_of ON letters (national_id);
CREATE TABLE replies (letter INTEGER NOT NULL REFERENCES letters, n INTEGER NOT NULL, text_fa TEXT NOT NULL, text_en TEXT NOT NULL,
	PRIMARY KEY (letter, n)) WITHOUT ROWID;

-- to whom a letter was passed on: it need not be anybody, and nobody is told whether it is
CREATE TABLE delegations (letter INTEGER PRIMARY KEY REFERENCES letters, delegate TEXT NOT NULL, at TEXT NOT NULL, read_at TEXT);
CREATE INDEX delegations_to ON delegations (delegate);

-- the smart card; the directory
CREATE TABLE cards (code TEXT PRIMARY KEY, national_id TEXT NOT NULL UNIQUE REFERENCES people, state TEXT NOT NULL REFERENCES words, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE offices (position INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, name TEXT NOT NULL, title_fa TEXT NOT NULL, title_en TEXT NOT NULL,
	phone TEXT NOT NULL, hours_fa TEXT NOT NULL, hours_en TEXT NOT NULL, address_fa TEXT NOT NULL, address_en TEXT NOT NULL);
