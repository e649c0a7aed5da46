# SPDX-License-Identifier: AGPL-3.0-or-later
"""A phone behind an aggregator that asks over HTTP (CON/END), with the verbs of the phones of dolat-smsc (tests/sim/smsc_client.py):

    country = Country(...); gateway = country.gateway(extra=conend.section())
    phone = conend.Phone(gateway, "989121234567")
    page = phone.dial("*4#")
    page = phone.reply("1")
    phone.hangup()

What an aggregator cannot do (SMS, what the gateway begins) it has not; an SMS of such a dialog comes by the operator of the number.
A page that does not come, or is not as the convention wants it, raises ConendError."""
import base64
import http.client
import itertools
import json
import os
import re
import ssl
import unicodedata
import urllib.parse

SECRET = "a secret of the aggregator's"
GSM7 = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
        "^{}\\[~]|€")


class ConendError(AssertionError):
    pass


def section(folder, name="aggregator", path="/ussd", options="", server="", more=""):
    """The section http_ussd for Country.gateway(extra=...), with one route and a secret in the folder; more: further routes."""
    secret = os.path.join(folder, "conend.secret")
    if not os.path.exists(secret):
        with open(secret, "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
    route = f'{{ name = "{name}"; path = "{path}"; secret_file = "{secret}"; {options} }}'
    return f'http_ussd = {{ port = 0; {server} routes = ( {route}{more} ); }};\n'


def port_of(gateway):
    return int(re.findall(r"http_ussd port (\d+)", gateway.text().rpartition("---- started again")[2])[-1])


class Page(str):
    """A page's text; state is open or ended."""

    def __new__(cls, text, ended):
        page = super().__new__(cls, text)
        page.ended, page.state = ended, "ended" if ended else "open"
        page.alphabet = "GSM7" if all(c in GSM7 for c in text) else "UCS2"
        page.units = len(text) + sum(text.count(c) for c in "^{}\\[~]|€") if page.alphabet == "GSM7" else len(text.encode("utf-16-be")) // 2
        return page


class Dialect:
    """The other end of gateway/conend.h: a row of what a network does, and knobs by keywords."""

    ROWS = {
        "conend": {}, "conend-get": {"request": "query"}, "conend-json": {"request": "json"},
        "json": {"request": "json", "answer": "json"},
        "turns": {"request": "json", "answer": "json", "session": "sessionID", "number": "msisdn", "code": "", "text": "userData",
                  "begins": "newSession", "all": False, "goes_on": "continueSession", "echo": True},
    }

    def __init__(self, name="conend", **knobs):
        self.request, self.answer, self.session, self.number, self.code, self.text = "form", "prefix", "sessionId", "phoneNumber", "serviceCode", "text"
        self.begins = self.sequence = ""
        self.all, self.message, self.goes_on, self.echo = True, "message", "continue", False
        for key, value in {**self.ROWS[name], **knobs}.items():
            setattr(self, key, value)

    def fields(self, session, number, code, typed, turn):
        """typed: what was typed so far, in order; turn: from 0."""
        fields = {self.session: session, self.number: number}
        fields[self.text] = "*".join(typed) if self.all else (typed[-1] if typed else code if not self.code else "")
        if self.code:
            fields[self.code] = code
        if self.begins:
            fields[self.begins] = turn == 0
        if self.sequence:
            fields[self.sequence] = str(turn)
        return fields

    def encode(self, path, fields):
        """method, path, body, type of the body."""
        if self.request == "json":
            return "POST", path, json.dumps(fields).encode(), "application/json"
        form = urllib.parse.urlencode({k: str(v).lower() if isinstance(v, bool) else v for k, v in fields.items()})
        if self.request == "query":
            return "GET", f"{path}?{form}", None, None
        return "POST", path, form.encode(), "application/x-www-form-urlencoded"

    def read(self, fields, kind, text):
        if self.answer == "json":
            found = json.loads(text)
            if self.echo and (found[self.session], found[self.number]) != (fields[self.session], fields[self.number]):
                raise ConendError(f"the answer is of another session: {text}")
            return Page(found[self.message], not found[self.goes_on])
        if not kind.startswith("text/plain") or text[:4] not in ("CON ", "END "):
            raise ConendError(f"neither CON nor END: {kind} {text!r}")
        return Page(text[4:], text.startswith("END"))


class Aggregator:
    """Where requests go to, and what they bring."""

    def __init__(self, port, path="/ussd", dialect=None, secret=SECRET, header="X-Ussd-Secret", user=None, tls=False):
        self.port, self.path, self.dialect, self.tls = port, path, dialect or Dialect(), tls
        self.headers = {header: secret} if secret is not None else {}
        if user:
            self.headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}

    def connect(self, timeout=30):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        trusting = ssl._create_unverified_context()  # the certificate is a test's own
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=trusting)

    def ask(self, fields, connection=None, headers=None):
        """One request: status, type, text."""
        method, path, body, kind = self.dialect.encode(self.path, fields)
        link = connection or self.connect()
        link.request(method, path, body, {**self.headers, **({"Content-Type": kind} if kind else {}), **(headers or {})})
        answer = link.getresponse()
        text = answer.read().decode()
        if not connection:
            link.close()
        return answer.status, answer.getheader("Content-Type") or "", text

    def page(self, fields, connection=None):
        status, kind, text = self.ask(fields, connection)
        if status != 200:
            raise ConendError(f"{fields}: {status} {text}")
        return self.dialect.read(fields, kind, text)


class Phone:
    numbers = itertools.count(1)

    def __init__(self, where, msisdn="989121234567", path="/ussd", dialect=None, code="*4#"):
        """where: an Aggregator, or a Gateway of the harness."""
        self.aggregator = where if isinstance(where, Aggregator) else Aggregator(port_of(where), path, dialect)
        self.msisdn, self.code = msisdn, code
        self.session, self.typed, self.turn, self.now = None, [], 0, Page("", True)

    def fields(self):
        return self.aggregator.dialect.fields(self.session, "+" + self.msisdn, self.code, self.typed, self.turn)

    def _ask(self):
        self.now = self.aggregator.page(self.fields())
        return self.now

    def dial(self, code, timeout=10.0):
        """What stands behind the first code is sent as what was typed, as aggregators do."""
        self.session = f"{os.getpid()}-{next(self.numbers)}"
        own = self.code.rstrip("#")
        rest = unicodedata.normalize("NFKC", code).rstrip("#")
        if not rest.startswith(own):
            raise ConendError(f"{code} is not a code of this network")
        self.typed, self.turn = [part for part in rest[len(own):].split("*") if part], 0
        if not self.aggregator.dialect.all and self.typed:  # one turn: the whole code
            old, self.code, self.typed = self.code, code, []
            try:
                return self._ask()
            finally:
                self.code = old
        return self._ask()

    def reply(self, text, timeout=10.0):
        if self.now.ended:
            raise ConendError(f"the dialog is over: {self.now!r}")
        self.typed.append(text)
        self.turn += 1
        return self._ask()

    def again(self):
        """The same request once more."""
        return self._ask()

    def page(self):
        return self.now

    def end(self, timeout=10.0):
        if not self.now.ended:
            raise ConendError(f"the dialog goes on: {self.now!r}")
        return self.now

    def hangup(self):
        """Nobody tells the gateway."""
        self.now = Page("", True)
