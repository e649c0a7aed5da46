# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small country for a scenario: a private Redis, the SMSC simulator, the sample agencies and one or more gateways.

Everything lives in one temporary folder; every server is started by us, known by its pid, and stopped by it. Leaving the
`with` block kills what still runs, checks that no gateway died of itself and that no sanitizer complained, and removes the
folder (kept, and named, when the scenario failed)."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN = os.environ.get("BIN", os.path.join(TOP, "build", "check"))
sys.path.insert(0, os.path.join(TOP, "tests", "sim"))


def wait_for(what, probe, seconds=15.0):
    """Polls until probe() is true and returns its value; fails loudly, naming what was waited for."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def place(service):
    """What one types at the sample's first page for a service."""
    with open(os.path.join(TOP, "menus", "sample", "menu.cfg"), encoding="utf-8") as file:
        services = re.search(r"^services *= *\(([^)]*)\)", file.read(), re.M)[1]
    return 1 + re.findall(r'"(\w+)"', services).index(service)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder, name, command, stdin=subprocess.DEVNULL):
        self.name, self.command, self.log = name, command, os.path.join(folder, name + ".log")
        self.may_die = False
        self.stdin = stdin
        self._run()

    def _run(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=self.stdin, stdout=log, stderr=log, cwd=TOP)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def kill(self):
        self.may_die = True
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=20):
        self.may_die = True
        self.signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def rss_kb(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


class Gateway(Server):
    def __init__(self, country, name, config):
        self.config_path = os.path.join(country.folder, name + ".cfg")
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(config)
        super().__init__(country.folder, name, [os.path.join(BIN, "dolat-gateway"), "-c", self.config_path])
        self.has_api = "api = {" in config
        self._find_ports()

    def restart(self):
        """After kill: the same again, which may listen on other ports."""
        self.may_die = False
        with open(self.log, "ab") as log:
            log.write(b"---- started again\n")
        self._run()
        self._find_ports()

    def _find_ports(self):
        name = self.name
        self.http_port = int(wait_for(f"the http port of {name}", lambda: self._port("http")))
        self.vty_port = int(wait_for(f"the vty port of {name}", lambda: self._port("vty")))
        self.api_port = int(wait_for(f"the api port of {name}", lambda: self._port("api"))) if self.has_api else None

    def _port(self, which):
        assert self.alive(), f"{self.name} did not start:\n{self.text()}"
        found = re.findall(which + r" port (\d+)", self.text().rpartition("---- started again")[2])
        return found[-1] if found else None

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def api(self, method, path, body=None, key=None, headers=None, timeout=10):
        """One call of the API: (status, the JSON answer or None). Status 0: no answer."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_port}{path}", data=data, method=method, headers={
            **({"Content-Type": "application/json"} if data is not None else {}),
            **({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        except (OSError, http.client.HTTPException):
            return 0, None
        return status, json.loads(text) if text else None

    def ready(self):
        return self.get("/readyz")[0] == 200

    def metric(self, name):
        """The sum over all label sets of one metric."""
        values = re.findall(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+]+)$", self.get("/metrics")[1], re.M)
        return sum(float(v) for v in values)

    def vty(self, command):
        with socket.create_connection(("127.0.0.1", self.vty_port), timeout=5) as link:
            link.sendall(f"terminal length 0\r\n{command}\r\nexit\r\n".encode())
            text = b""
            while chunk := link.recv(65536):
                text += chunk
        return text.decode("utf-8", "replace")


class Country:
    """redis, smsc (python client), agency: started at once. gateway() starts one more gateway. ledger: there is a second redis
    for it, with appendfsync always, and each gateway serves the API."""

    OPERATOR = {"name": "mci", "dialect": "its"}

    def __init__(self, operators=None, menus=None, agency_args=(), smsc_args=(), ledger=False):
        self.folder = tempfile.mkdtemp(prefix="dolat-")
        self.servers, self.gateways = [], []
        self.operators = [dict(self.OPERATOR)] if operators is None else operators
        self.agency_args, self.smsc_args = list(agency_args), list(smsc_args)
        self.menus = menus
        self.redis = self.ledger = self.agency = self.smsc = None
        self.has_ledger = ledger

    # ---- parts ----
    @staticmethod
    def binary(name):
        return os.path.join(BIN, name)

    def _start_redis(self, name, appendfsync):
        folder = os.path.join(self.folder, name + ".data")
        os.makedirs(folder, exist_ok=True)
        server = Server(self.folder, name, ["redis-server", "--port", "0", "--unixsocket", os.path.join(self.folder, name + ".sock"),
                                            "--save", "", "--appendonly", "yes", "--appendfsync", appendfsync, "--dir", folder])
        self.servers.append(server)
        wait_for(name, lambda: self.redis_cli("PING", server=name) == "PONG", 60)  # it reads all it has first
        return server

    def start_redis(self):
        self.redis = self._start_redis("redis", "everysec")

    def start_ledger(self):
        self.ledger = self._start_redis("ledger", "always")

    def redis_cli(self, *words, server="redis"):
        done = subprocess.run(["redis-cli", "-s", os.path.join(self.folder, server + ".sock"), *words], capture_output=True,
                              text=True, timeout=10, check=False)
        return done.stdout.strip()

    def command(self, *words):
        """`dolat-gateway -c ... WORDS` with the configuration of the first gateway: what it prints."""
        done = subprocess.run([os.path.join(BIN, "dolat-gateway"), "-c", self.gateways[0].config_path, *words], capture_output=True,
                              text=True, timeout=30, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def start_agency(self, port=0):
        ports = os.path.join(self.folder, "agency.port")
        if os.path.exists(ports):
            os.unlink(ports)
        self.agency = Server(self.folder, "agency", [os.path.join(BIN, "dolat-agency"), "--listen", f"127.0.0.1:{port}",
                                                     "--port-file", ports, *self.agency_args])
        self.servers.append(self.agency)
        wait_for("the agency", lambda: os.path.exists(ports) and open(ports).read().strip())
        self.agency_port = int(re.search(r"(\d+)\s*$", open(ports).read().strip()).group(1))

    def account(self, name, *options, webhook=True):
        """An account that may do everything; its key. With a webhook it is told of events by dolat-agency's /hooks, whose secret
        then stands in the file hook.secret."""
        where = ["--webhook", f"http://127.0.0.1:{self.agency_port}/hooks"] if webhook else ["--fetch"]
        secret = self.command("agency", "add", name, "--title-fa", "نمونه", "--title-en", "Sample", "--scopes", "all", *where, *options)
        if webhook:
            with open(os.path.join(self.folder, "hook.secret"), "w", encoding="ascii") as file:
                file.write(secret + "\n")
            self.agency_control(hook_secret=secret)
        return self.command("agency", "key", name)

    def agency_control(self, **command):
        request = urllib.request.Request(f"http://127.0.0.1:{self.agency_port}/control", data=json.dumps(command).encode(),
                                         headers={"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def start_smsc(self):
        from smsc_client import Smsc
        self.smsc_log = open(os.path.join(self.folder, "smsc.log"), "wb")
        self.smsc = Smsc([f'{op["name"]}:{op["dialect"]}{op.get("network", "")}' for op in self.operators if "port" not in op],
                         options=self.smsc_args, binary=os.path.join(BIN, "dolat-smsc")).start(log=self.smsc_log)

    def smsc_port(self, operator):
        """Of the simulator; or the operator's own, where a test plays the network itself (lib/peer.py)."""
        ports = {op["name"]: op["port"] for op in self.operators if "port" in op}
        return ports.get(operator) or self.smsc.port(operator)

    def make_menus(self):
        """The sample menu, its agencies pointed at our agency server."""
        self.menu_folder = os.path.join(self.folder, "menu")
        shutil.copytree(self.menus or os.path.join(TOP, "menus", "sample"), self.menu_folder)
        agencies = os.path.join(self.menu_folder, "agencies")
        for name in os.listdir(agencies) if os.path.isdir(agencies) else []:
            path = os.path.join(agencies, name)
            text = open(path, encoding="utf-8").read()
            text = re.sub(r'(\burl\s*=\s*")https?://[^/"]*', rf'\1http://127.0.0.1:{self.agency_port}', text)
            open(path, "w", encoding="utf-8").write(text)

    def session_key(self):
        """The file with the key that all gateways seal private things with."""
        path = os.path.join(self.folder, "session.key")
        if not os.path.exists(path):
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex() + "\n")
        return path

    def config(self, limits="", redis="", operator="", links=1, extra="", sealed=True):
        operators = []
        for op in self.operators:
            port = self.smsc_port(op["name"])
            link = ", ".join(f'{{ name = "{op["name"]}-{i}"; host = "127.0.0.1"; port = {port}; system_id = "dolat"; '
                             f'retry_min_ms = 50; retry_max_ms = 500; retry_refused_ms = 200; {kind} }}'
                             for i, kind in enumerate(op.get("links", [op.get("link", "")] * links)))
            operators.append(f'{{ name = "{op["name"]}"; dialect = "{op["dialect"]}"; {op.get("options", "")} {operator} '
                             f'knobs = {{ {op.get("knobs", "")} }}; links = ( {link} ); }}')
        ledger = f'ledger = {{ path = "{self.folder}/ledger.sock"; deadline_ms = 2000; }};' if self.has_ledger else ""
        # a test may ask again and again whether a key is good yet, all from one address
        api = "api = { port = 0; failures_per_minute = 0; };\n" if self.has_ledger and "api = {" not in extra else ""
        api += "webhooks = { plain = true; };\n" if self.has_ledger and "webhooks = {" not in extra else ""
        # no test is another one at night: what is not urgent comes at once
        api += 'notices = { quiet_from = "22:00"; quiet_to = "22:00"; };\n' if self.has_ledger and "notices = {" not in extra else ""
        key = f'session_key_file = "{self.session_key()}";\n' if sealed else ""
        return (f'menus = ( "{self.menu_folder}" );\n{key}'
                f'redis = {{ sessions = {{ path = "{self.folder}/redis.sock"; deadline_ms = 500; {redis} }}; {ledger} }};\n{api}'
                f'http = {{ port = 0; }}; vty = {{ port = 0; }}; log = {{ level = "info"; }};\n'
                f'limits = {{ dials_per_minute = 0; {limits} }};\n{extra}\n'
                + (f'operators = ( {", ".join(operators)} );\n' if operators else ""))

    def gateway(self, name=None, ready=True, **kind):
        gateway = Gateway(self, name or f"gateway{len(self.gateways) + 1}", self.config(**kind))
        self.gateways.append(gateway)
        self.servers.append(gateway)
        if ready:
            wait_for(f"{gateway.name} to be ready", gateway.ready)
        return gateway

    # ---- life ----
    def __enter__(self):
        try:
            self.start_redis()
            if self.has_ledger:
                self.start_ledger()
            self.start_agency()
            self.start_smsc()
            self.make_menus()
        except BaseException:
            self._kill_all()
            raise
        return self

    def phone(self, msisdn="989121234567", operator=None):
        return self.smsc.phone(msisdn, operator)

    def _kill_all(self):
        if self.smsc:
            self.smsc.stop()
            self.smsc = None
        for server in reversed(self.servers):
            if server.alive():
                server.kill()

    def __exit__(self, kind, value, trace):
        problems = [f"{s.name} died of itself" for s in self.servers if not s.alive() and not s.may_die]
        if kind is None:
            problems += [f"{g.name} exited with {code}" for g in self.gateways if g.alive() and (code := g.stop()) != 0]
        status = self.smsc.stop() if self.smsc else None
        self.smsc = None
        if status not in (0, None):
            problems.append(f"dolat-smsc ended with status {status}")
        self._kill_all()
        for server in self.servers:
            if re.search(r"Sanitizer|runtime error:", server.text()):
                problems.append(f"{server.name}: a sanitizer complains")
        if kind is None and not problems:
            shutil.rmtree(self.folder)
            return
        for server in self.servers:
            print(f"---- {server.name}: {' '.join(server.command)}")
            print("\n".join(server.text().splitlines()[-60:]))
        if os.path.exists(os.path.join(self.folder, "smsc.log")):
            print("---- smsc")
            print("\n".join(open(os.path.join(self.folder, "smsc.log"), encoding="utf-8", errors="replace").read().splitlines()[-60:]))
        print("kept:", self.folder)
        if problems and kind is None:
            raise AssertionError("; ".join(problems))
