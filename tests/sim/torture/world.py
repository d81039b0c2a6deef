"""The world of the torture run: a cluster of its own, the programs, lines that break."""
import collections
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from aiosmtpd.controller import Controller

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/san"))
SEED = int(os.environ.get("TORTURE_SEED", str(int(time.time()) % 1000000)))
SKUS = 12
LEASE_S = 10


def price(n):
    return n * 100 + 199


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Mailbox:
    """A mail server that remembers each Message-ID and how often it came."""

    def __init__(self):
        self.seen = collections.Counter()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.port = self.controller.port

    async def handle_DATA(self, server, session, envelope):
        for line in envelope.content.decode("utf-8", "replace").splitlines():
            if line.lower().startswith("message-id:"):
                self.seen[line.split(":", 1)[1].strip()] += 1
        return "250 kept"


class Cluster:
    """A PostgreSQL that may be killed: what it has committed it must still have."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="pg.")
        self.script("start", "--fast")
        with open(os.path.join(self.dir, "data/postgresql.conf"), "a") as f:
            f.write("synchronous_commit = on\nrestart_after_crash = on\n"
                    "log_lock_waits = on\nmax_connections = 100\n")
        self.script("stop")
        self.script("start")
        os.environ.update(PGHOST=self.dir, PGPORT="5432", PGUSER="postgres",
                          PGDATABASE="shop")

    def script(self, verb, *options):
        subprocess.run([f"{ROOT}/scripts/cluster", verb, *options, self.dir], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def crash(self):
        """pg_ctl -m immediate restart: no checkpoint, recovery from the log."""
        as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        bin_dir = subprocess.run(["pg_config", "--bindir"], text=True, check=True,
                                 capture_output=True).stdout.strip()
        subprocess.run([*as_owner, f"{bin_dir}/pg_ctl", "-D", f"{self.dir}/data", "-s", "-w",
                        "-m", "immediate", "stop"], check=True, cwd="/",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.script("start")

    def close(self):
        self.script("stop")
        shutil.rmtree(self.dir, ignore_errors=True)


class World:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="torture.")
        os.chmod(self.dir, 0o755)
        self.random = random.Random(SEED)
        self.lock = threading.Lock()
        self.counts = collections.Counter()  # every fault that happened
        self.problems = []
        self.over = threading.Event()
        self.dying = threading.Event()
        self.acked = {}  # key -> what was acknowledged
        self.log_file = open(os.path.join(self.dir, "acknowledged.ndjson"), "a")
        self.cluster = Cluster()
        self.mail = Mailbox()
        self.http_port, self.sim_port, self.line_port = (free_port() for _ in range(3))
        self.helpers = []
        self.environment()
        self.shopctl("migrate", "up")
        # Ages pass by moving the shop's past: no clock says when the provider's words settled.
        self.sql("UPDATE job_schedule SET payload = payload || '{\"settle_s\": 0}' "
                 "WHERE name = 'webhook.gaps'")
        self.catalog()
        self.start_helpers()

    def path(self, name):
        return os.path.join(self.dir, name)

    def secret(self, name, text):
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(text)
        return self.path(name)

    def environment(self):
        os.makedirs(self.path("line"), exist_ok=True)
        os.environ.update({
            "HOME": self.dir,
            "SHOP_DATABASE_STATEMENT_TIMEOUT_MS": "5000",
            "SHOP_HTTP_LISTEN": f"127.0.0.1:{self.http_port}",
            "SHOP_STRIPE_BASE_URL": f"http://127.0.0.1:{self.line_port}",
            "SHOP_STRIPE_KEY_FILE": self.secret("stripe.key", "sk_test_torture0000000000"),
            "SHOP_STRIPE_WEBHOOK_SECRET_FILE":
                self.secret("webhook.secret", "whsec_torture000000000000000"),
            "SHOP_STRIPE_CONNECT_TIMEOUT_MS": "500", "SHOP_STRIPE_TIMEOUT_MS": "1000",
            "SHOP_STRIPE_RATE_PER_SECOND": "1000",
            "SHOP_MAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "SHOP_SHOP_RESERVATION_MINUTES": "1", "SHOP_SHOP_CANCEL_GRACE_MINUTES": "1",
            "SHOP_HTTP_RATE_PER_CLIENT": "0",
        })

    # -- asking ------------------------------------------------------------------------

    def shopctl(self, *args, **kw):
        return subprocess.run([f"{BUILD}/shopctl", *args], check=True, text=True,
                              capture_output=True, **kw).stdout

    def sql(self, text):
        """The answer, once there is one: the database is killed now and then."""
        env = dict(os.environ, PGOPTIONS="-c search_path=shop,pg_temp")
        for _ in range(100):
            p = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", text],
                               text=True, capture_output=True, env=env, check=False)
            if p.returncode == 0:
                return p.stdout.strip()
            if p.returncode != 2 and not self.dying.is_set() or self.over.is_set():
                break
            time.sleep(0.2)
        raise RuntimeError(f"{text[:60]}: {p.stderr}")

    def sim(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.sim_port, timeout=10)
        try:
            c.request(method, path, json.dumps(body) if body is not None else None)
            answer = c.getresponse()
            data = answer.read()
        finally:
            c.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]}")
        return json.loads(data)

    def call(self, method, path, body=None, key=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        if key:
            headers["Idempotency-Key"] = f'"{key}"'
            headers["Content-Type"] = "application/json"
        c = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=20)
        try:
            c.request(method, path, body, headers)
            answer = c.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            c.close()

    def proxy(self, name, command):
        return subprocess.run([f"{BUILD}/proxy", "--ask", self.path(name), command],
                              check=True, text=True, capture_output=True).stdout

    def wait(self, true, seconds, what):
        end, last = time.time() + seconds, None
        while time.time() < end:
            try:
                if true():
                    return True
            except Exception as e:  # not there yet
                last = e
            time.sleep(0.1)
        self.problems.append(f"never came true: {what} ({last})")
        return False

    # -- what there is -----------------------------------------------------------------

    def catalog(self):
        with open(self.path("catalog.csv"), "w") as f:
            f.write("sku,handle,title,status,price,currency,warehouse,on_hand\n")
            for n in range(SKUS):
                # Two are scarce, so that shoppers meet refusals and races for the rest.
                f.write(f"T-{n},t-{n},Thing {n},active,{price(n) / 100:.2f},EUR,AMS,"
                        f"{30 if n < 2 else 100000}\n")
        self.shopctl("warehouse", "create", "AMS", "--country", "NL")
        self.shopctl("product", "import", self.path("catalog.csv"))
        out = self.shopctl("api-client", "create", "torture", "--scope", "checkout",
                           "--format", "json")
        self.key = json.loads(out)["key"]

    def help_with(self, name, *command):
        log = open(self.path(name + ".log"), "w")
        self.helpers.append(subprocess.Popen(command, stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL))

    def start_helpers(self):
        self.help_with(
            "sim", f"{BUILD}/stripe-sim", "--listen", f"127.0.0.1:{self.sim_port}",
            "--secret-key-file", os.environ["SHOP_STRIPE_KEY_FILE"],
            "--webhook-secret-file", os.environ["SHOP_STRIPE_WEBHOOK_SECRET_FILE"],
            "--webhook-url", f"http://127.0.0.1:{self.http_port}/v1/webhooks/stripe",
            "--seed", str(SEED), "--webhook-tries", "8")
        self.help_with(
            "provider-line", f"{BUILD}/proxy", "--listen", f"127.0.0.1:{self.line_port}",
            "--to", f"127.0.0.1:{self.sim_port}", "--seed", str(SEED),
            "--control", self.path("to-provider"))
        self.help_with(
            "database-line", f"{BUILD}/proxy", "--postgres", "--seed", str(SEED),
            "--listen", f"unix:{self.path('line')}/.s.PGSQL.5432",
            "--to", f"unix:{self.cluster.dir}/.s.PGSQL.5432",
            "--control", self.path("to-database"))
        self.wait(lambda: self.sim("GET", "/sim/state"), 15, "the simulator answers")
        for name in ("to-provider", "to-database"):
            self.wait(lambda: self.proxy(name, "stats"), 15, "the proxies answer")

    def acknowledge(self, key, what):
        """Heard by somebody: from now on it must never be lost."""
        with self.lock:
            self.acked[key] = what
            self.counts[f"acknowledged: {what['what']}"] += 1
            self.log_file.write(json.dumps({"at": time.time(), "key": key, **what}) + "\n")
            self.log_file.flush()

    def close(self, keep):
        self.over.set()
        for p in self.helpers:
            p.terminate()
            p.wait()
        self.mail.controller.stop()
        self.log_file.close()
        if keep:
            print(f"# kept {self.keep()}")
        self.cluster.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def keep(self):
        """What explains a failure, where nobody cleans up."""
        to = os.environ.get("TORTURE_KEEP") or os.path.join(
            tempfile.gettempdir(), f"torture-{SEED}")
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.dir, to, ignore=shutil.ignore_patterns("line", "to-*"))
        shutil.copy(os.path.join(self.cluster.dir, "log"), os.path.join(to, "postgres.log"))
        with open(os.path.join(to, "dump.sql"), "w") as f:
            subprocess.run(["pg_dump", "-U", "postgres"], stdout=f, check=False)
        with open(os.path.join(to, "simulator.json"), "w") as f:
            try:
                json.dump(self.last_state, f)
            except AttributeError:
                pass  # it did not come that far
        return to
