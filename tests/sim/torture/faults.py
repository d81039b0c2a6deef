"""Who breaks things: processes, sessions, servers, lines, the provider."""
import json
import os
import signal
import subprocess
import time

from world import BUILD, LEASE_S

# What people do; each must have been done.
DONE = ["order", "refund", "cancel", "pack", "ship", "deliver", "capture", "void"]
# Where a process may die, by program: between receiving, committing, calling, recording.
POINTS = {
    "httpd": ["checkout.before_commit", "checkout.after_commit", "hook.verified",
              "hook.after_commit"],
    "worker": ["worker.before_run", "op.before_mark", "op.sent", "op.after_response",
               "op.after_commit", "worker.after_run", "notification.sent",
               "rollup.folded"],
}
PROVIDER = [
    {"match": "POST /v1/payment_intents", "kind": "timeout_after", "rate": 0.03},
    {"match": "POST /v1/payment_intents", "kind": "timeout_before", "rate": 0.02},
    {"match": "POST /v1/payment_intents", "kind": "500_after", "rate": 0.03},
    {"match": "POST /v1/payment_intents", "kind": "429", "rate": 0.05},
    {"match": "POST /v1/payment_intents", "kind": "reset_after", "rate": 0.03},
    {"match": "POST /v1/refunds", "kind": "timeout_after", "rate": 0.1},
    {"match": "POST /v1/refunds", "kind": "500_after", "rate": 0.1},
    {"match": "GET /v1/payment_intents/*", "kind": "500", "rate": 0.03},
    {"match": "webhook*", "kind": "lost", "rate": 0.1},
    {"match": "webhook*", "kind": "duplicate", "rate": 0.1},
    {"match": "webhook*", "kind": "twin", "rate": 0.05},
    {"match": "webhook*", "kind": "reorder", "rate": 0.1},
]
# A spoilt byte only where TCP's reader must notice it: real lines to a provider have TLS.
TO_PROVIDER = ["cut-before,rate=0.015", "cut-after,rate=0.015", "reset=40,rate=0.015",
               "truncate=120,rate=0.015", "garble=2,rate=0.015", "delay=200,rate=0.02",
               "throttle=20000,rate=0.02", "refuse,rate=0.03", "hole,rate=0.005"]
TO_DATABASE = ["cut-before,rate=0.006", "cut-between,rate=0.006", "cut-during,rate=0.006",
               "cut-after,rate=0.006", "reset=20,rate=0.003", "truncate=20,rate=0.003",
               "delay=100,rate=0.01", "throttle=30000,rate=0.005", "refuse,rate=0.02",
               "hole,rate=0.004,count=4"]


class Process:
    """A program that is started again whenever it dies, until the end."""

    def __init__(self, world, name, program, command, user):
        self.world, self.name, self.program = world, name, program
        self.command, self.user, self.running = command, user, None
        self.retired = self.asleep = False

    def failpoints(self):
        w = self.world
        if not w.dying.is_set():
            return ""
        with w.lock:
            points = w.random.sample(POINTS[self.program], 3)
            return ",".join(f"{p}=kill%{w.random.choice(['0.003', '0.01', '0.03'])}:"
                            f"{w.random.randrange(1 << 20)}" for p in points)

    def host(self):
        """worker2 speaks to the database by the line that breaks; the door half the time."""
        w = self.world
        breaks = self.name == "worker2" or \
            (self.name == "httpd" and w.dying.is_set() and w.random.random() < 0.5)
        return w.path("line") if breaks else w.cluster.dir

    def live(self):
        w = self.world
        log = open(w.path(self.name + ".log"), "a")
        while not w.over.is_set() and not self.retired:
            armed = self.failpoints()
            env = dict(os.environ, PGUSER=self.user, SHOP_FAILPOINTS=armed,
                       PGHOST=self.host())
            self.running = subprocess.Popen(self.command, env=env, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
            code = self.running.wait()
            if code == -signal.SIGKILL:
                with w.lock:
                    w.counts[f"killed {self.program}"] += 1
            elif w.over.is_set() or self.retired or code == 0:
                pass
            elif code in (69, 75):  # no database when it started: systemd would try again
                with w.lock:
                    w.counts["started without a database"] += 1
                time.sleep(0.3)
            else:
                with open(log.name) as f:
                    tail = f.read()[-3000:]
                w.problems.append(f"{self.name} ended with {code}: {tail}")
                time.sleep(1)

    def retire(self):
        """End as an operator would end it, and stay away."""
        self.retired = True
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)

    def gone(self):
        return self.running.poll() is not None

    def signal(self, which):
        p = self.running
        if p and p.poll() is None:
            p.send_signal(which)


def processes(world):
    found = [Process(world, "httpd", "httpd", [f"{BUILD}/shop-httpd"], "shop_http")]
    for n in (1, 2):
        found.append(Process(world, f"worker{n}", "worker", [
            f"{BUILD}/shop-worker", "run", "--all", "--lease", str(LEASE_S)], "shop_worker"))
    return found


class Monkeys:
    def __init__(self, world, all_processes):
        self.world, self.processes = world, all_processes

    def kill_processes(self):
        """Random deaths, besides those at the named points."""
        w = self.world
        while not w.over.is_set():
            time.sleep(0.1 + w.random.random() * 1.0)
            if w.dying.is_set():
                p = w.random.choice(self.processes + self.processes[1:])
                if not p.asleep:
                    p.signal(signal.SIGKILL)

    def stop_workers(self):
        """Asleep until others have its jobs: it must notice when it wakes."""
        w = self.world
        while not w.over.is_set():
            w.over.wait(3)
            if not w.dying.is_set():
                continue
            p = w.random.choice(self.processes[1:])
            sleeper, p.asleep = p.running, True
            p.signal(signal.SIGSTOP)
            w.over.wait(LEASE_S + 2)
            p.signal(signal.SIGCONT)
            p.asleep = False
            if p.running is sleeper and sleeper.poll() is None:
                with w.lock:
                    w.counts["stopped past the lease"] += 1

    def break_database(self):
        """One session dies of SIGKILL and takes all with it; or the whole server does."""
        w = self.world
        turn = 0
        while not w.over.is_set():
            w.over.wait(5 + w.random.random() * 4)
            if not w.dying.is_set():
                continue
            turn += 1
            if turn % 2:
                pid = w.sql("SELECT pid FROM pg_stat_activity WHERE usename LIKE 'shop_%' "
                            "ORDER BY random() LIMIT 1")
                try:
                    os.kill(int(pid or 0), signal.SIGKILL) if pid else None
                except ProcessLookupError:
                    continue  # it ended by itself
                with w.lock:
                    w.counts["killed a session of PostgreSQL"] += bool(pid)
            else:
                w.cluster.crash()
                with w.lock:
                    w.counts["crashed PostgreSQL"] += 1

    def begin(self):
        w = self.world
        for what in ("killed httpd", "killed worker", "stopped past the lease",
                     "killed a session of PostgreSQL", "crashed PostgreSQL",
                     *(f"acknowledged: {done}" for done in DONE),
                     *(f"bank: {done}" for done in ("opened", "closed", "refund failed"))):
            w.counts[what] = 0
        w.sim("POST", "/sim/faults", PROVIDER)
        for name, rules in (("to-provider", TO_PROVIDER), ("to-database", TO_DATABASE)):
            for rule in rules:
                w.proxy(name, "rule " + rule)

    def count(self):
        """What happened so far; the names of what has not happened yet."""
        w, found = self.world, {}
        for f in w.sim("GET", "/sim/faults"):
            name = f"provider: {f['kind']} of {f['match']}"
            found[name] = found.get(name, 0) + f["fired"]
        for name, wanted in (("to-provider", PROVIDER_ACTIONS), ("to-database", DATABASE_ACTIONS)):
            for action, n in json.loads(w.proxy(name, "stats")).items():
                if action in wanted:
                    found[f"{name}: {action}"] = n
        with w.lock:
            w.counts.update({what: n - w.counts[what] for what, n in found.items()})
            return [what for what, n in w.counts.items() if not n and what[0] != "("]

    def end(self):
        w = self.world
        self.count()
        w.sim("DELETE", "/sim/faults")
        for name in ("to-provider", "to-database"):
            w.proxy(name, "clear")
        for name in ("worker1", "worker2"):
            with open(w.path(name + ".log")) as f:
                w.counts["(leases lost)"] += f.read().count('"lease_lost"')


PROVIDER_ACTIONS = {r.split(",")[0].split("=")[0] for r in TO_PROVIDER}
DATABASE_ACTIONS = {r.split(",")[0].split("=")[0] for r in TO_DATABASE}
