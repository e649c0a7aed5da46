# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands behind the stories of the national menu on the real path (tests/scenario/country): doors to the gateway, what the gateway
knows of a citizen, and what can be in the way.

Each network is a gateway of its own, started anew over the same two Redis: only then do a number's text messages come by the network
that is being tried."""
import contextlib
import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import conend
from harness import wait_for

OWNER = "0063300095"                         # the citizen's national ID
TWICE = "989120000003"                      # who replies to a letter at two doors at once
# a PIN's hash is cheap here: what it costs is scenario/identity's
SECTIONS = """identity = { agency = "identity"; pin_passes = 1; pin_memory_kib = 1024; };
payments = { agency = "payment"; answer_ms = 700; call_ms = 600000; };
requests = { texts_per_minute = 0; answers_per_hour = 0; repeat_s = 1; };
"""
# Agencies of the menu that do not answer as they should ("" is all of them), and how. What else can be in a citizen's way has a function
# of RealPath: `ledger` (its server is away), `closed` (an agency takes no requests), `portal` (the citizen has replied there meanwhile).
FAULTS = {
    "down": {"": "fail", "identity": "none"},
    "lost": {"payment": "lost"},
    "gas": {"gas": "fail"},
    "strange": {"tax": {"mode": "status", "status": 403}},
    "issuers": {"power": "fail", "gas": "fail", "telecom": "fail", "municipality": "fail"},
}
CODE = re.compile(r"\b\d{9}\b")                # of a request, or a payment
ACCOUNTS = ("bills", "tamin", "tax", "welfare", "police", "bank", "civil", "tazirat") # and not salamat: there is one that takes no requests
DROP = """for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end return 1"""


class Door:
    """A way to the gateway: an operator of one dialect."""

    def __init__(self, country, gateway, name):
        self.country, self.gateway, self.name, self.phones = country, gateway, name, {}

    def phone(self, number):
        if number not in self.phones:
            self.phones[number] = self.country.phone(number, self.name)
        return self.phones[number]

    def texts(self, number):
        """The phone that the number's text messages come to."""
        return self.phone(number)

    def gone(self, phone):
        if not phone.page().ended:
            phone.hangup()
        self.country.smsc.quiet(self.name)

    def close(self):
        for phone in self.phones.values():
            phone.words.close()


class Aggregator(Door):
    """USSD over HTTP; the text messages of its numbers come by their operator."""

    def __init__(self, country, gateway, operator):
        super().__init__(country, gateway, "conend")
        self.operator = Door(country, gateway, operator)

    def phone(self, number):
        if number not in self.phones:
            self.phones[number] = conend.Phone(self.gateway, number)
        return self.phones[number]

    def texts(self, number):
        return self.operator.phone(number)

    def gone(self, phone):
        phone.hangup()

    def close(self):
        self.operator.close()


class Redis:
    """One connection, for as much of the protocol as EVAL needs."""

    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.connect(path)

    def drop(self, pattern):
        """Deletes the keys that the pattern fits."""
        words = [word.encode() for word in ("EVAL", DROP, "0", pattern)]
        self.link.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        assert self.link.recv(64) == b":1\r\n"

    def close(self):
        self.link.close()


class RealPath:
    """A country with both Redis and the sample agencies, one gateway at a time, and what it knows of the citizens of the stories."""

    def __init__(self, country):
        self.country, self.operators, self.gateway = country, country.operators, None
        self.posted, self.keys, self.redis, self.codes = 0, {}, {}, set()
        self.connect("redis")
        self.connect("ledger")

    def connect(self, server):
        self.redis[server] = Redis(os.path.join(self.country.folder, server + ".sock"))

    def open_accounts(self):
        """A key takes two seconds to be known to every gateway: side by side, then."""
        def portal():
            self.country.command("agency", "add", "portal", "--title-fa", "درگاه", "--title-en", "Portal", "--scopes", "portal", "--fetch")
            return self.country.command("agency", "key", "portal")

        with ThreadPoolExecutor() as pool:
            keys = {account: pool.submit(self.country.account, account, webhook=False) for account in ACCOUNTS}
            keys["portal"] = pool.submit(portal)
            return {account: key.result() for account, key in keys.items()}

    @contextlib.contextmanager
    def door(self, name):
        """An operator by the name of its dialect; or the aggregator beside the first of them."""
        country = self.country
        country.operators = [op for op in self.operators if op["name"] == name] or self.operators[:1]
        self.gateway = country.gateway(extra=SECTIONS + conend.section(country.folder))
        self.keys = self.keys or self.open_accounts()
        wait_for("the accounts to be known", lambda: all(self.knows(account) for account in ACCOUNTS))
        first = country.operators[0]["name"]
        country.smsc.wait_bound(first)
        door = Door(country, self.gateway, name) if name == first else Aggregator(country, self.gateway, first)
        yield door
        door.close()
        assert self.gateway.stop() == 0, f"{self.gateway.name} exited badly"
        country.smsc.wait_unbound(first)

    def first_day(self):
        """The sample agencies know what they knew at first."""
        self.redis["ledger"].drop("payment:*")  # of before: they would be settled in this country
        self.country.agency_control(country="reset")

    # ---- what the gateway knows of a citizen ----
    def forget(self, number):
        for redis in self.redis.values():
            redis.drop(f"*{number}*")

    def forget_identity(self, number):
        """Each dialog of a story proves anew who is there, as its author saw it."""
        self.redis["ledger"].drop(f"identity*{number}*")

    def call(self, method, path, body=None, by="bills"):
        self.posted += 1
        return self.gateway.api(method, path, body, key=self.keys[by], headers={"Idempotency-Key": str(self.posted)} if body else None)

    def knows(self, account):
        """The gateway answers whom it has the ledger's word for."""
        return self.call("GET", "/v1/notices/n00aaaaaaaaaaaaaaaaaaaa", by=account)[0] == 404

    def letter(self, number, by, **notice):
        status, answer = self.call("POST", "/v1/notices", {"to": number, "channels": ["inbox"], **notice}, by)
        assert status == 202, (status, answer)
        return answer["notices"][0]["id"]

    def letters(self, number):
        """Three letters, the newest first; the second is confidential, the third has replies. IDs of the first and the third."""
        visit = self.letter(number, "welfare", title="نوبت شما", text={"fa": "نوبت شما 1399/01/20 ساعت 8:30 است. می آیید؟"}, replies=["بله", "خیر"])
        self.letter(number, "tax", title="پیام محرمانه", sensitive=True, national_id=OWNER,
                    text={"fa": "برگ تشخیص مالیات سال 1397 شما صادر شد: 12,500,000 ریال."})
        return self.letter(number, "bills", title="قطع برق", text={
            "fa": "مشترک گرامی، برق نشانی شما فردا از ساعت 9 تا 11 برای تعمیر شبکه قطع است.\nاز شکیبایی شما سپاسگزاریم. پیگیری: 121"}), visit

    def inbox(self, door, numbers, language):
        del door, language
        return {"outage": self.letters(numbers[0])[0], "visit": self.letters(TWICE)[1]}

    def write(self, door, sender, to, text, keyword):
        """An SMS that is a request for this keyword: the code that its confirmation names, or None."""
        phone = door.texts(sender)
        first = phone.inbox()
        phone.text(to, text)
        return said_by_sms(phone, first, lambda sms: self.new_code(sms, *keyword.split(".", 1)), 15)

    def new_code(self, text, agency, service):
        """What else comes meanwhile has codes, too: of other requests and of payments."""
        for code in CODE.findall(text):
            status, request = self.call("GET", f"/v1/requests/{code}", by=agency)
            if status == 200 and request["service"] == service and code not in self.codes:
                self.codes.add(code)
                return code
        return None

    def requests(self, door, numbers, language):
        """Two requests by SMS; the older one is answered, the newer one is being worked on."""
        bill, meter = ("قبض", "کنتور") if language == "fa" else ("bill", "meter")
        names = {}
        for name, text, keyword, state in (
                ("bill_request", f"{bill} 7748317800142", "bills.bill", {"state": "answered", "text": {"fa": "قبض شما پرداخت شده است."}}),
                ("meter_request", f"{meter} 7748317800142 1234", "bills.meter", {"state": "progress"})):
            names[name] = self.write(door, numbers[0], "40402020", text, keyword)
            assert names[name], f"no confirmation of {text}"
            status, answer = self.call("POST", f"/v1/requests/{names[name]}/answer", state)
            assert status in (200, 202), (status, answer)
        return names

    def prepare(self, name, door, numbers, language):
        """Citizens nobody has heard of but for what the story of this name begins with: what its {names} stand for."""
        for number in numbers:
            self.forget(number)
        given = {"inbox": self.inbox, "requests": self.requests}.get(name)
        return given(door, numbers, language) if given else {}

    # ---- what can be in the way ----
    @contextlib.contextmanager
    def trouble(self, number, names):
        """Calls of what this gives make the trouble of that name; leaving mends it all."""
        def make(name):
            if name in FAULTS:
                self.break_agencies(FAULTS[name], mending)
            else:
                getattr(self, "make_" + name)(mending, number, names)

        with contextlib.ExitStack() as mending:
            yield make

    def break_agencies(self, modes, mending):
        for agency, mode in modes.items():
            self.country.agency_control(operation=agency, **(mode if isinstance(mode, dict) else {"mode": mode}))
        mending.callback(self.country.agency_control, operation="", mode="none")

    def make_ledger(self, mending, number, names):
        del number, names
        self.country.ledger.kill()
        mending.callback(self.mend_ledger)

    def mend_ledger(self):
        ledger = self.country.ledger
        ledger.may_die = False
        ledger._run()
        wait_for("the ledger", lambda: self.country.redis_cli("PING", server="ledger") == "PONG")
        self.redis["ledger"].close()
        self.connect("ledger")
        wait_for("the gateway to reach the ledger", lambda: self.knows("bills"))

    def make_closed(self, mending, number, names):
        del number, names
        self.country.command("agency", "disable", "bills")
        wait_for("the account to be closed", lambda: not self.knows("bills"))
        mending.callback(self.open_again)

    def open_again(self):
        self.country.command("agency", "enable", "bills")
        wait_for("the account to be open", lambda: self.knows("bills"))

    def make_portal(self, mending, number, names):
        del mending
        status, answer = self.call("POST", f"/v1/citizens/{number}/inbox/{names['visit']}/reply", {"choice": 1}, "portal")
        assert status == 204, (status, answer)


def said_by_sms(phone, first, fits, seconds=10.0):
    """What `fits` gives for an SMS of those from the first-th on, once it gives something."""
    end = time.monotonic() + seconds
    while True:
        for sms in reversed(phone.messages(first)):
            if found := fits(sms.text):
                return found
        if time.monotonic() > end:
            return None
        time.sleep(0.01)
