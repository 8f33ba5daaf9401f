# Owns: a network of real salusd processes for the end-to-end tests: created by `salus devnet init`,
# driven through the CLI as a person would, killed without mercy, and gone when a test ends. Python's
# standard library only; every process is ended by its id.
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = pathlib.Path(os.environ["SALUS_PROGRAMS"])


class Refused(Exception):
    """The CLI said no. `name` is the typed error, `code` the exit code."""

    def __init__(self, code, stderr):
        super().__init__(f"exit {code}: {stderr.strip()}")
        self.code = code
        self.stderr = stderr


# Below 32768: from there on Linux gives ports to whoever dials, so one may go before its node starts.
PORTS = range(10000, 30000)


def free_base_port(validators):
    """A base such that base+1..base+N and base+201..base+200+N are free just now."""
    place = os.getpid() * 37
    while True:
        base = PORTS[place % len(PORTS)]
        ports = [base + i for i in range(1, validators + 1)]
        ports += [base + 200 + i for i in range(1, validators + 1)]
        try:
            for port in ports:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            place += 500


class Node:
    def __init__(self, folder, rpc, p2p):
        self.folder = pathlib.Path(folder)
        self.rpc = rpc
        self.p2p = p2p
        self.process = None

    @property
    def log_path(self):
        return self.folder / "salusd.out"

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self):
        assert self.process is None
        with open(self.log_path, "ab") as out:
            self.process = subprocess.Popen(
                [PROGRAMS / "salusd", "run", "--config", self.folder / "salusd.toml"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        """SIGTERM; the node must end by itself and say that it did."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        return code

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


class Network:
    def __init__(self, validators=4, nominees=0, voting=6):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="salus-e2e-"))
        self.dir = self.folder / "net"
        base = free_base_port(validators + nominees)
        subprocess.run(
            [PROGRAMS / "salus", "devnet", "init", "--dir", self.dir, "--validators",
             str(validators), "--nominees", str(nominees), "--base-port", str(base), "--voting",
             str(voting)],
            check=True, stdout=subprocess.DEVNULL)
        described = json.loads((self.dir / "network.json").read_text())
        self.nodes = [
            Node(self.dir / f"node{i + 1}", node["rpc"], node["p2p"])
            for i, node in enumerate(described["nodes"])
        ]
        self.accounts = json.loads((self.dir / "accounts.json").read_text())

    def __enter__(self):
        try:
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                self.await_ready(node)
        except BaseException as failure:
            # Python calls no __exit__ then, and the nodes would outlive the test.
            self.__exit__(type(failure), failure, failure.__traceback__)
            raise
        return self

    def __exit__(self, kind, value, trace):
        for node in self.nodes:
            if node.process is not None:
                node.kill9()
        if kind is not None:
            for i, node in enumerate(self.nodes):
                print(f"--- the last lines of node {i + 1}")
                print("\n".join(node.log().splitlines()[-15:]))
            print(f"--- the whole network is kept in {self.folder}")
        else:
            shutil.rmtree(self.folder)

    def cli(self, *arguments, node=0, key=None, as_json=True, timeout=60):
        """The CLI against one node; the parsed JSON of its answer, or its text."""
        command = [PROGRAMS / "salus", "--node", self.nodes[node].rpc]
        command += ["--accounts", self.dir / "accounts.json"]
        command += ["--genesis", self.dir / "genesis.json", "--trust", self.dir / "trust"]
        if as_json:
            command += ["--json"]
        if key:
            command += ["--key", self.dir / "keys" / f"{key}.key"]
        done = subprocess.run(command + [str(a) for a in arguments], capture_output=True,
                              text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Refused(done.returncode, done.stderr)
        return json.loads(done.stdout) if as_json else done.stdout

    def await_ready(self, node, seconds=30):
        index = self.nodes.index(node)

        def answers():
            code = node.process.poll()
            assert code is None, f"node {index + 1} ended with code {code}: {node.log()[-500:]}"
            return self.status(index) is not None

        self.wait_for(answers, seconds, f"node {index + 1} to answer")

    def status(self, node=0):
        try:
            return self.cli("chain", "status", node=node)
        except Refused:
            return None

    def height(self, node=0):
        status = self.status(node)
        return int(status["height"]) if status else -1

    def root_at(self, height, node=0):
        # Of the latest block no later one certifies it yet: the node's word, for it is nodes that are
        # compared.
        return self.cli("--unverified", "chain", "block", height, node=node)["state_root"]

    def wait_for(self, predicate, seconds, what):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = predicate()
            if answer:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"waited {seconds} s in vain for {what}")

    def transfer(self, key="mira", to="noor", amount="1", node=0, timeout=60):
        return self.cli("transfer", "send", "--to", f"@{to}", "--amount", amount, node=node,
                        key=key, timeout=timeout)

    def native(self, name, node=0):
        """The native balance of an account, in base units."""
        answer = self.cli("balance", "show", f"@{name}", node=node)
        for row in answer["balances"]:
            if int(row.get("asset", 0)) == 0:
                return int(row["amount"])
        return 0

    def require_equal_roots(self, nodes=None):
        """Waits until all are at one height or more, and compares the roots there."""
        nodes = nodes if nodes is not None else range(len(self.nodes))
        target = max(self.height(i) for i in nodes)
        for i in nodes:
            self.wait_for(lambda: self.height(i) >= target, 30, f"node {i + 1} at {target}")
        roots = {self.root_at(target, i) for i in nodes}
        assert len(roots) == 1, f"roots differ at height {target}: {roots}"
        return target, roots.pop()

    def require_no_conflicting_votes(self):
        for node in self.nodes:
            log = node.log()
            for sign in ("exclude each other", "has diverged", "votes with this node's key",
                         "fatal:"):
                assert sign not in log, f"{node.folder}: the log says '{sign}'"
