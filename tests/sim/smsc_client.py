# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drives `dolat-smsc serve` from a scenario test.

    with Smsc(["mci", "mtn:tata"]) as smsc:
        ... start a gateway that connects to 127.0.0.1, smsc.port("mci") ...
        smsc.wait_bound("mci")
        phone = smsc.phone("989121234567")
        assert "قبض" in phone.dial("*4#")
        phone.reply("1")
        phone.end()
        print(phone.sms("رسید", timeout=5).text)

A word that does not hold raises SmscError, whose text says what was seen instead. Each phone has a connection of its own,
so that phones may be used from different threads; one phone may not.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class SmscError(AssertionError):
    pass


class Page(str):
    """A page's text, with what else is known of it."""

    def __new__(cls, answer):
        page = super().__new__(cls, answer.get("text", ""))
        page.state, page.ended = answer.get("state"), answer.get("ended")
        page.units, page.alphabet, page.ms = answer.get("units"), answer.get("alphabet"), answer.get("ms")
        page.pages, page.why = answer.get("pages"), answer.get("why")
        return page


class Sms:
    def __init__(self, found):
        self.sender, self.text, self.parts = found["from"], found["text"], found["parts"]

    def __repr__(self):
        return f"Sms(from {self.sender}, {self.parts} parts: {self.text!r})"


class Words:
    """One connection to the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")

    def say(self, word, *arguments, timeout=10.0):
        """Says one word, waits for its answer, and returns that as a dictionary."""
        line = " ".join([word] + [str(a) for a in arguments]).replace("\n", "\\n")
        self.socket.settimeout(timeout + 30)
        self._line(f"limit {int(timeout * 1000)}ms")
        answer = self._line(line)
        if not answer["ok"]:
            raise SmscError(f"{line}: {answer['error']}; seen instead: {answer.get('state')} {answer.get('why') or ''} {answer.get('text')!r}")
        return answer

    def _line(self, line):
        self.socket.sendall(line.encode() + b"\n")
        answer = self.stream.readline()
        if not answer:
            raise SmscError(f"{line}: dolat-smsc has closed the control socket")
        return json.loads(answer)

    def close(self):
        self.stream.close()
        self.socket.close()


class Shared:
    """The words of one phone of many on one connection: dolat-smsc has room for a few connections, and for many phones."""

    def __init__(self, words, msisdn):
        self.words, self.msisdn = words, msisdn

    def say(self, word, *arguments, timeout=10.0):
        self.words.say("msisdn", self.msisdn)
        return self.words.say(word, *arguments, timeout=timeout)

    def close(self):
        pass  # the connection is the others', too


class Phone:
    def __init__(self, words):
        self.words = words

    def dial(self, code, timeout=10.0):
        return Page(self.words.say("dial", code, timeout=timeout))

    def reply(self, text, timeout=10.0):
        return Page(self.words.say("reply", text, timeout=timeout))

    def begin(self, code):
        """Dials and does not wait: `answer` does."""
        return Page(self.words.say("begin", code))

    def input(self, text):
        return Page(self.words.say("input", text))

    def answer(self, timeout=10.0):
        return Page(self.words.say("answer", timeout=timeout))

    def page(self):
        """What is on the screen now; its .state is one of idle, waiting, open, ended, cut, hung up."""
        return Page(self.words.say("page"))

    def end(self, timeout=10.0):
        """The network side must end the dialog with a last page."""
        return Page(self.words.say("end", timeout=timeout))

    def cut(self, why="", timeout=10.0):
        """The dialog must end without a last page; returns why."""
        return self.words.say("cut", why, timeout=timeout)["why"]

    def hangup(self):
        self.words.say("hangup")

    def expire(self):
        """The network's timer for the subscriber's answer fires now."""
        self.words.say("timeout")

    def sms(self, text="", timeout=10.0):
        """The next SMS that says `text`; those before it are passed over."""
        return Sms(self.words.say("sms", text, timeout=timeout)["sms"])

    def shown(self, text="", timeout=10.0):
        """A text or a dialog that the gateway begins must be shown, and say `text`."""
        return Page(self.words.say("shown", text, timeout=timeout))

    def messages(self, first=0):
        """All SMS that the phone keeps, from the first-th that ever arrived on (operator setting `inbox`: how many it keeps)."""
        found = []
        while True:
            answer = self.words.say("messages", first)
            found += [Sms(answer["messages"][key]) for key in sorted(answer["messages"], key=int)]
            if first == answer["next"] or answer["next"] == answer["inbox"]:
                return found
            first = int(answer["next"])

    def inbox(self):
        """How many SMS have ever arrived."""
        return self.words.say("page")["inbox"]

    def text(self, number, text):
        """Sends an SMS."""
        self.words.say("text", number, text)

    def text_parts(self, number, order, text):
        """The same in parts: "2,1,2" is the second twice, "1/3" the first of three, "sar:1,2" by TLVs."""
        self.words.say("text-parts", number, order, text)


class Smsc:
    """operators: "NAME", "NAME:DIALECT", or "NAME:DIALECT,setting=value,..." (dolat-smsc --help has the settings)."""

    def __init__(self, operators=("mci",), options=(), binary=None):
        self.operators, self.options = list(operators), list(options)
        self.binary = binary or os.path.join(os.environ.get("BIN", "build/check"), "dolat-smsc")
        self.process = self.folder = self.words = None
        self.ports, self.opened = {}, []

    @staticmethod
    def _operator(text):
        name, _, rest = text.partition(":")
        dialect, _, settings = rest.partition(",")
        return ",".join([f"name={name}"] + ([f"dialect={dialect}"] if dialect else []) + ([settings] if settings else []))

    def start(self, log=None):
        """log: a file object for what dolat-smsc logs; else it is quiet."""
        self.folder = tempfile.mkdtemp(prefix="smsc")
        self.control, ports = os.path.join(self.folder, "control"), os.path.join(self.folder, "ports")
        command = [self.binary, "--port-file", ports] + (["--verbose"] if log else ["--quiet"]) + self.options
        for operator in self.operators:
            command += ["--operator", self._operator(operator)]
        self.process = subprocess.Popen(command + ["--control", self.control, "serve"], stdin=subprocess.DEVNULL, stderr=log)
        deadline = time.monotonic() + 20
        while not (os.path.exists(ports) and os.path.exists(self.control)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SmscError("dolat-smsc did not start")
            time.sleep(0.02)
        with open(ports, encoding="ascii") as lines:
            self.ports = {name: int(port) for name, port in (line.split() for line in lines)}
        self.words = self._open()
        return self

    def _open(self):
        deadline = time.monotonic() + 5
        while True:
            try:
                words = Words(self.control)
                break
            except ConnectionRefusedError:  # the socket is there, but not listening yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        self.opened.append(words)
        return words

    def stop(self):
        """Ends the process; its exit status (0 is good: no leak, no fault), or None if it was not running."""
        for words in self.opened:
            words.close()
        self.opened, self.words, status = [], None, None
        if self.process:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            status, self.process = self.process.wait(30), None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        status = self.stop()
        if status not in (0, None) and _[0] is None:
            raise SmscError(f"dolat-smsc ended with status {status}")

    def port(self, operator=None):
        return self.ports[operator or next(iter(self.ports))]

    def phone(self, msisdn="989121234567", operator=None):
        words = self._open()
        words.say("operator", operator or next(iter(self.ports)))
        words.say("msisdn", msisdn)
        return Phone(words)

    def crowd(self, msisdns, operator=None):
        """Many phones on one connection: not for different threads."""
        words = self._open()
        words.say("operator", operator or next(iter(self.ports)))
        return [Phone(Shared(words, msisdn)) for msisdn in msisdns]

    def say(self, operator, word, *arguments, timeout=10.0):
        """Any word of the scripts, about an operator (None: the first)."""
        self.words.say("operator", operator or next(iter(self.ports)))
        return self.words.say(word, *arguments, timeout=timeout)

    def wait_bound(self, operator=None, links=1, timeout=30.0):
        self.say(operator, "bound", links, timeout=timeout)

    def wait_unbound(self, operator=None, timeout=30.0):
        self.say(operator, "unbound", timeout=timeout)

    def quiet(self, operator=None, timeout=30.0):
        """Everything that was delivered must be acknowledged."""
        self.say(operator, "quiet", timeout=timeout)

    def fault(self, text, operator=None, timeout=600.0):
        return self.say(operator, "fault", text, timeout=timeout)

    def drop(self, operator=None):
        self.say(operator, "drop")

    def down(self, operator=None):
        self.say(operator, "down")

    def up(self, operator=None):
        self.say(operator, "up")

    def status(self, operator=None):
        """The operator's links and counters, as a dictionary."""
        return self.say(operator, "status")["operators"][operator or next(iter(self.ports))]

    def no_complaints(self):
        self.words.say("no-complaints")
