# Owns: the proof on real processes that a running node backs up its ledger and goes on; that a backup
# verifies, restores, and makes a validator observe and say what to do; that a history exports and two
# folders compare; that one changed byte is named offline and never served by a node.
import csv
import io
import json
import pathlib
import shutil
import subprocess
import unittest

from network import PROGRAMS, Network

DIFFERENT = 7


def salus(*arguments, home=None):
    """Exit code, stdout and stderr of a verb that asks no network."""
    command = [PROGRAMS / "salus"] + (["--home", home] if home else [])
    done = subprocess.run(command + [str(a) for a in arguments], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def verify(folder):
    code, out, err = salus("--json", "ledger", "verify", folder)
    return code, json.loads(out) if out else err


class Backup(unittest.TestCase):
    def test_a_ledger_is_backed_up_verified_restored_exported_and_compared(self):
        with Network() as network:
            for _ in range(3):
                network.transfer()
            backup = network.folder / "backup"
            code, out, err = salus("--json", "node", "backup", backup,
                                   home=network.nodes[0].folder)
            self.assertEqual(code, 0, err)
            made = json.loads(out)
            self.assertEqual(made["stage"], "BACKUP_STAGE_DONE")
            self.assertEqual(made["state_root"], network.root_at(made["height"]))
            # The node goes on and votes.
            network.transfer()
            code, out, err = salus("node", "backup", backup, home=network.nodes[0].folder)
            self.assertEqual(code, 1)
            self.assertIn("BackupFolderUnfit", err)
            self.assertIn("exists already", err)

            code, report = verify(backup)
            self.assertEqual(code, 0, report)
            self.assertTrue(report["right"])
            self.assertEqual(report["height"], made["height"])
            self.assertGreaterEqual(report["transactions"], 3)
            code, out, err = salus("ledger", "verify", network.nodes[0].folder / "data")
            self.assertEqual(code, 1)
            self.assertIn("running node", err)

            # What another node has says the same.
            network.transfer()
            self.assertEqual(network.nodes[3].stop(), 0)
            code, out, err = salus("--json", "ledger", "diff", backup,
                                   network.nodes[3].folder / "data")
            self.assertEqual(code, 0, out + err)
            self.assertEqual(json.loads(out)["parting"], "nowhere")
            code, report = verify(network.nodes[3].folder / "data")
            self.assertEqual(code, 0, report)

            self.export(backup)
            self.restore(network, backup)

    def export(self, backup):
        code, out, err = salus("ledger", "export", backup, "--format", "jsonl")
        self.assertEqual(code, 0, err)
        lines = [json.loads(line) for line in out.splitlines()]
        bodies = [line["body"] for line in lines if line["type"] == "transaction"]
        self.assertGreaterEqual(len(bodies), 3)
        self.assertTrue(all("transfer" in body["actions"][0] for body in bodies))
        for table, column in (("treasury", "fund"), ("votes", "choice"),
                              ("outcomes", "rule"), ("delegations", "share")):
            code, out, err = salus("ledger", "export", backup, "--format", "csv", "--table", table)
            self.assertEqual(code, 0, err)
            self.assertIn(column, next(csv.reader(io.StringIO(out))))
        code, out, err = salus("ledger", "export", backup, "--until", "2020-01-01")
        self.assertEqual((code, out), (0, ""), err)
        code, out, err = salus("ledger", "export", backup, "--format", "csv")
        self.assertEqual(code, 2, err)
        self.assertIn("--table", err)

    def restore(self, network, backup):
        node = network.nodes[3]
        data = node.folder / "data"
        code, out, err = salus("node", "restore", backup, data)
        self.assertEqual(code, 1)
        self.assertIn("not empty", err)
        shutil.move(data, network.folder / "lost")
        code, out, err = salus("node", "restore", backup, data)
        self.assertEqual(code, 0, err)
        self.assertIn("validator observes", out)
        node.start()
        network.await_ready(node)
        # It follows the others, and does not vote where it may have voted before.
        network.transfer()
        network.require_equal_roots()
        self.assertIn("observe", node.log())
        self.assertIn("salus validator reseat", node.log())
        code, out, err = salus("--json", "consensus", "status", home=node.folder)
        self.assertEqual(json.loads(out)["mode"], "CONSENSUS_MODE_OBSERVING", out)
        self.assertEqual(json.loads(out)["observing"], "OBSERVING_AMNESIA", out)

    def test_one_changed_byte_is_named_and_never_served(self):
        with Network() as network:
            for _ in range(2):
                network.transfer()
            node = network.nodes[2]
            backup = network.folder / "backup"
            code, out, err = salus("node", "backup", backup, home=node.folder)
            self.assertEqual(code, 0, err)
            network.transfer()
            self.assertEqual(node.stop(), 0)
            network.transfer()
            data = node.folder / "data"
            # The ledger of the node has its latest blocks in a log, the backup all in tables.
            for folder in (data, backup):
                for path in sorted((folder / "ledger").iterdir()):
                    counted = path.name == "CURRENT" or path.name.startswith("MANIFEST") or \
                        path.suffix in (".sst", ".log")
                    if not counted or path.stat().st_size == 0:
                        continue
                    self.flip_and_verify(folder, path)
            code, report = verify(data)
            self.assertEqual(code, 0, report)
            self.start_with_damage(network, node, backup)

    def flip_and_verify(self, folder, path):
        original = path.read_bytes()
        changed = bytearray(original)
        changed[len(changed) // 2] ^= 0x10
        path.unlink()
        path.write_bytes(changed)
        code, report = verify(folder)
        path.unlink()
        path.write_bytes(original)
        self.assertEqual(code, DIFFERENT, f"{path}: {report}")
        said = " ".join(finding["sentence"] for finding in report["findings"])
        self.assertIn(path.name, said)

    def start_with_damage(self, network, node, backup):
        """A node on damaged tables ends with the reason, or has served only what is right."""
        data = node.folder / "data"
        shutil.rmtree(data / "ledger")
        shutil.copytree(backup / "ledger", data / "ledger")
        for path in (data / "ledger").glob("*.sst"):
            changed = bytearray(path.read_bytes())
            for at in range(0, len(changed) * 3 // 4, 100):
                changed[at] ^= 0x01
            path.write_bytes(changed)
        node.start()
        network.wait_for(lambda: node.process.poll() is not None, 20, "the node to end")
        self.assertNotEqual(node.process.returncode, 0)
        node.process = None
        said = node.log().splitlines()[-1]
        self.assertTrue("damaged" in said or "cannot be read" in said, said)


if __name__ == "__main__":
    unittest.main()
