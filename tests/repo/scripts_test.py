"""Owns: the scripts stop what they started and nothing else, refuse with a sentence, and touch no folder
that is not theirs. The nodes here are small stand-ins that run until they are told to end."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROUND = os.path.join(ROOT, "scripts/quickstart-round")

NODE = """#!/usr/bin/env bash
trap 'echo ended in order; exit 0' TERM
while true; do sleep 0.05; done
"""
CLI = """#!/usr/bin/env bash
[ "$1 $2" = "devnet init" ] || exit 0
for i in 1 2 3 4; do
  mkdir -p "$4/node$i"
  printf '[rpc]\\nlisten = "127.0.0.1:%s"\\n' "$((7100 + i))" >"$4/node$i/salusd.toml"
done
"""


def alive(pid):
    """Running, and not merely waiting for its parent to look."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Setup(unittest.TestCase):
    def test_another_system_is_refused_with_a_way_out(self):
        with tempfile.NamedTemporaryFile("w", suffix="os-release") as release:
            release.write('ID=ubuntu\nVERSION_ID="24.04"\n')
            release.flush()
            run = subprocess.run([os.path.join(ROOT, "scripts/setup")], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, check=False,
                                 env={**os.environ, "SALUS_OS_RELEASE": release.name})
        self.assertEqual(run.returncode, 1)
        self.assertIn("this is ubuntu 24.04", run.stderr.decode())
        self.assertIn("debian:12", run.stderr.decode())


class Scripts(unittest.TestCase):
    def test_every_script_parses(self):
        names = [os.path.join(ROOT, ".ci/run")]
        for folder, _, files in os.walk(os.path.join(ROOT, "scripts")):
            names += [os.path.join(folder, name) for name in files]
        for name in names:
            with open(name, encoding="utf-8") as file:
                first = file.readline()
            if "bash" in first or name.endswith(".sh"):
                self.assertEqual(subprocess.run(["bash", "-n", name], check=False).returncode, 0, name)


class Network(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="salus-scripts-")
        self.addCleanup(shutil.rmtree, self.top)
        self.net = os.path.join(self.top, "net")
        for name, text in (("salusd", NODE), ("salus", CLI)):
            path = os.path.join(self.top, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)
        self.command = [ROUND, "--idle", "--dir", self.net, "--programs", self.top]

    def play(self, *options):
        run = subprocess.run([*self.command, *options], stdout=subprocess.PIPE, check=False,
                             stderr=subprocess.STDOUT, timeout=60)
        return run.returncode, run.stdout.decode()

    def begin(self):
        """A run in the foreground of a terminal of its own, once all four nodes answer."""
        process = subprocess.Popen([*self.command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        self.addCleanup(process.stdout.close)
        for line in process.stdout:
            if b"until Ctrl-C" in line:
                break
        return process, self.nodes()

    def nodes(self):
        pids = []
        for i in range(1, 5):
            path = os.path.join(self.net, f"node{i}/pid")
            if os.path.exists(path):
                with open(path, encoding="ascii") as file:
                    pids.append(int(file.read()))
        return pids

    def read_log(self, node):
        with open(os.path.join(self.net, f"node{node}/salusd.out"), encoding="utf-8") as file:
            return file.read()

    def test_once_starts_and_stops_four_nodes_in_order(self):
        code, output = self.play("--once")
        self.assertEqual(code, 0, output)
        self.assertEqual(self.nodes(), [])
        for i in range(1, 5):
            self.assertIn("ended in order", self.read_log(i))

    def test_ctrl_c_stops_its_own_nodes_and_no_other(self):
        stranger = subprocess.Popen([os.path.join(self.top, "salusd"), "run"], start_new_session=True)
        try:
            process, pids = self.begin()
            self.assertEqual(len(pids), 4)
            os.killpg(process.pid, signal.SIGINT)
            self.assertEqual(process.wait(timeout=40), 130)
            self.assertEqual([pid for pid in pids if alive(pid)], [])
            self.assertTrue(alive(stranger.pid))
        finally:
            stranger.terminate()
            stranger.wait()

    def test_a_running_network_is_told_and_left_alone(self):
        process, pids = self.begin()
        code, output = self.play("--once")
        self.assertEqual(code, 1)
        self.assertIn("already runs", output)
        self.assertTrue(all(alive(pid) for pid in pids))
        process.terminate()
        self.assertEqual(process.wait(timeout=40), 143)

    def test_nodes_whose_script_was_killed_are_named_for_the_operator(self):
        process, pids = self.begin()
        process.kill()
        process.wait()
        code, output = self.play("--once")
        self.assertEqual(code, 1)
        self.assertIn("kill " + " ".join(map(str, pids)), output)
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.05)
        # Their files are stale now and hold nobody up.
        code, output = self.play("--once", "--resume")
        self.assertEqual(code, 0, output)

    def test_one_node_may_end_and_the_others_go_on(self):
        process, pids = self.begin()
        os.kill(pids[3], signal.SIGKILL)
        for line in process.stdout:
            if b"Node 4 has ended" in line:
                break
        self.assertTrue(all(alive(pid) for pid in pids[:3]))
        process.terminate()
        self.assertEqual(process.wait(timeout=40), 143)

    def test_fresh_starts_clean_and_resume_keeps(self):
        self.play("--once")
        mark = os.path.join(self.net, "node1/mark")
        with open(mark, "w", encoding="utf-8"):
            pass
        self.assertEqual(self.play("--once", "--resume")[0], 0)
        self.assertTrue(os.path.exists(mark))
        self.assertEqual(self.play("--once", "--fresh")[0], 0)
        self.assertFalse(os.path.exists(mark))

    def test_a_folder_that_is_not_ours_is_refused_and_kept(self):
        os.makedirs(self.net)
        letter = os.path.join(self.net, "letter")
        with open(letter, "w", encoding="utf-8"):
            pass
        code, output = self.play("--once")
        self.assertEqual(code, 1)
        self.assertIn("not a Salus network", output)
        self.assertEqual(os.listdir(self.net), ["letter"])

    def test_resuming_nothing_and_unknown_options_are_refused(self):
        self.assertIn("no network", self.play("--resume")[1])
        code, output = self.play("--twice")
        self.assertEqual(code, 1)
        self.assertIn("--twice is not an option", output)


if __name__ == "__main__":
    unittest.main()
