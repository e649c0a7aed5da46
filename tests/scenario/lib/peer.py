# SPDX-License-Identifier: AGPL-3.0-or-later
"""An SMSC of forty lines whose manners a test chooses: dolat-smsc behaves as networks do, this one as none should.

    with Peer() as peer:                    # listens; each connection is served by a thread
        ... a gateway with { "name": "odd", "dialect": "its", "port": peer.port } ...
        peer.wait_bound()
        peer.reads = False                  # from now on nothing is read from any connection
"""
import socket
import struct
import threading
import time

BINDS = (1, 2, 9)
SUBMIT, DELIVER, UNBIND, ENQUIRE, RESPONSE, NACK = 4, 5, 6, 0x15, 0x80000000, 0x80000000


def pdu(command, sequence, body=b"", status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def ussd(msisdn, text, op, session):
    """The body of a deliver_sm in the dialect `its`."""
    text = text.encode()
    return (b"USSD\0\1\1" + msisdn.encode() + b"\0\0\0014\0" + b"\0\0\0" + b"\0\0" + b"\0\0\0\0" + bytes([len(text)]) + text +
            tlv(0x0501, bytes([op])) + tlv(0x1383, struct.pack(">H", session << 1)))


class Connection:
    def __init__(self, peer, link):
        self.peer, self.link, self.bound, self.bind_command, self.sequence = peer, link, False, 0, 0
        self.lock = threading.Lock()
        self.gone = threading.Event()

    def send(self, data):
        with self.lock:
            self.link.sendall(data)

    def request(self, command, body=b""):
        self.sequence += 1
        self.send(pdu(command, self.sequence, body))
        return self.sequence

    def close(self):
        try:
            self.link.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.link.close()

    def serve(self):
        pending = b""
        try:
            while True:
                while not self.peer.reads and not self.peer.closed:
                    time.sleep(0.01)
                chunk = self.link.recv(65536)
                if not chunk:
                    break
                pending += chunk
                while len(pending) >= 16 and len(pending) >= (length := struct.unpack(">I", pending[:4])[0]):
                    self.peer.take(self, *struct.unpack(">III", pending[4:16]), pending[16:length])
                    pending = pending[length:]
        except OSError:
            pass
        self.bound = False
        self.gone.set()
        self.close()


class Peer:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections, self.closed = [], False
        self.reads = self.answers = self.answers_submits = True
        self.bind_status, self.submit_status = 0, lambda body: 0
        self.counts = {}                    # of PDUs that came, by command
        self.statuses = {}                  # of responses that came, by status
        self.submits = []                   # (connection, body), the last ten thousand
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(self, link)
            self.connections.append(connection)
            threading.Thread(target=connection.serve, daemon=True).start()

    def take(self, connection, command, status, sequence, body):
        self.counts[command] = self.counts.get(command, 0) + 1
        if command & RESPONSE:
            self.statuses[status] = self.statuses.get(status, 0) + 1
        if command & RESPONSE or not self.answers:
            return
        if command in BINDS:
            connection.send(pdu(command | RESPONSE, sequence, b"odd\0" if not self.bind_status else b"", self.bind_status))
            connection.bound, connection.bind_command = self.bind_status == 0, command
        elif command == SUBMIT:
            self.submits = self.submits[-9999:] + [(connection, body)]
            if self.answers_submits:
                connection.send(pdu(command | RESPONSE, sequence, b"%d\0" % sequence, self.submit_status(body)))
        elif command in (ENQUIRE, UNBIND):
            connection.bound = connection.bound and command != UNBIND
            connection.send(pdu(command | RESPONSE, sequence))

    def bound(self):
        return [c for c in self.connections if c.bound]

    def count(self, command):
        return self.counts.get(command, 0)
