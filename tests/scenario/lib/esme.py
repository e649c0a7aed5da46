# SPDX-License-Identifier: AGPL-3.0-or-later
"""An ESME made of nothing but struct.pack, for tests of the simulated network octet by octet."""
import socket
import struct

BIND_RX, BIND_TX, SUBMIT, DELIVER, UNBIND, BIND_TRX, ENQUIRE, RESP = 1, 2, 4, 5, 6, 9, 0x15, 0x80000000


class Esme:
    def __init__(self, port, bind=BIND_TRX, system_id=b"esme", password=b"secret"):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.sequence = 0
        if bind:
            self.bound = self.ask(bind, system_id + b"\0" + password + b"\0\0\x34\0\0\0")[1]

    def send(self, command, body=b"", status=0, sequence=None):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        self.socket.sendall(struct.pack(">4L", 16 + len(body), command, status, sequence) + body)
        return sequence

    def octets(self, n):
        got = b""
        while len(got) < n:
            more = self.socket.recv(n - len(got))
            if not more:
                raise EOFError
            got += more
        return got

    def take(self):
        """The next PDU: command, status, sequence, body."""
        length, command, status, sequence = struct.unpack(">4L", self.octets(16))
        assert 16 <= length <= 4096, length
        return command, status, sequence, self.octets(length - 16)

    def ask(self, command, body=b""):
        sequence = self.send(command, body)
        while True:
            answer = self.take()
            if answer[0] == command | RESP and answer[2] == sequence:
                return answer
            assert answer[0] == ENQUIRE, answer

    def body(self, to, text, coding=0, esm_class=0, tlvs=b"", service=b"", receipt=0):
        return (service + b"\0\1\1" + b"4040\0\1\1" + to + b"\0" + bytes([esm_class, 0, 0, 0, 0, receipt, 0, coding, 0, len(text)]) +
                text + tlvs)

    def submit(self, *what, **more):
        """The status of a submit_sm."""
        return self.ask(SUBMIT, self.body(*what, **more))[1]

    def deliver(self):
        """The next deliver_sm, accepted: its esm_class, its text, its TLVs as a dictionary."""
        command, _, sequence, body = self.take()
        assert command == DELIVER, (command, body)
        self.send(DELIVER | RESP, b"\0", 0, sequence)
        at = body.index(b"\0") + 1
        for _ in range(2):
            at = body.index(b"\0", at + 2) + 1
        esm_class, n = body[at], body[at + 9]
        text, rest, tlvs = body[at + 10:at + 10 + n], body[at + 10 + n:], {}
        while rest:
            tag, octets = struct.unpack(">HH", rest[:4])
            tlvs[tag], rest = rest[4:4 + octets], rest[4 + octets:]
        return esm_class, text, tlvs

    def closed(self):
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value
