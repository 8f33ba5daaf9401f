# Owns: what the programs say and how they end when nothing is there to talk to: usage, key files,
# passphrases, exit codes (docs/members: 0 done, 1 refused, 2 usage, 3 no node answers, 4 not found).
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

SALUS = os.environ["SALUS"]
SALUSD = os.environ["SALUSD"]
REFUSED, USAGE, UNREACHABLE, NOT_FOUND = 1, 2, 3, 4


def run(*words, program=SALUS, env=None, cwd=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SALUS_")}
    return subprocess.run([program, *map(str, words)], env={**clean, **(env or {})}, cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def closed_port():
    """A port of loopback where nobody listens: bound, and never listened on, while the test runs."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def ends(self, result, code):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        if code != 0:
            self.assertEqual(result.stdout, "", "answers only go to stdout")
            self.assertNotEqual(result.stderr, "")
            self.assertNotIn("terminate", result.stderr)
        return result


class Usage(Case):
    def test_help_and_version_are_answers(self):
        for program in (SALUS, SALUSD):
            self.ends(run("--help", program=program), 0)
            version = self.ends(run("--version", program=program), 0)
            self.assertRegex(version.stdout, r"^salusd? \d+\.\d+")

    def test_wrong_words_end_with_the_usage_code(self):
        for words in ([], ["proposal"], ["proposal", "burn"], ["nonsense"],
                      ["--no-such-flag", "chain", "status"], ["vote", "cast"],
                      ["vote", "cast", "seventeen", "yes"], ["vote", "cast", "-1", "yes"],
                      ["vote", "cast", "99999999999999999999999", "yes"],
                      ["chain", "block", "-5"], ["chain", "block", "1.5"],
                      ["chain", "block", "99999999999999999999999"],
                      ["proposal", "show", "-1"], ["chain", "events", "--from", "-1"], ["--wait", "forever", "chain", "status"],
                      ["tx", "show", "abc"], ["account", "show", "abc"],
                      ["account", "show", "@nobody"], ["proposal", "submit"],
                      ["member", "apply", "--role", "king"]):
            with self.subTest(words=words):
                self.ends(run(*words), USAGE)

    def test_a_verb_that_signs_needs_a_key(self):
        result = self.ends(run("vote", "cast", "1", "yes"), USAGE)
        self.assertIn("--key", result.stderr)

    def test_no_node_has_a_code_of_its_own(self):
        with closed_port() as held:
            node = f"127.0.0.1:{held.getsockname()[1]}"
            for words in (["chain", "status"], ["--json", "proposal", "list"], ["fund", "list"]):
                result = self.ends(run("--node", node, *words), UNREACHABLE)
                self.assertIn(node, result.stderr)
            result = self.ends(run("chain", "status", env={"SALUS_NODE": node}), UNREACHABLE)
            self.assertIn(node, result.stderr)

    def test_global_options_may_stand_after_the_verb(self):
        with closed_port() as held:
            node = f"127.0.0.1:{held.getsockname()[1]}"
            self.ends(run("chain", "status", "--node", node, "--json"), UNREACHABLE)


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.key = self.path / "mira.key"
        self.secret = self.path / "passphrase"
        self.secret.write_text("correct horse battery staple\n")

    def make(self, *words):
        return self.ends(run("keys", "new", self.key, *words), 0)

    def sign(self, passphrase_file=None):
        env = {"SALUS_PASSPHRASE_FILE": str(passphrase_file)} if passphrase_file else {}
        with closed_port() as held:
            return run("--node", f"127.0.0.1:{held.getsockname()[1]}", "--key", self.key,
                       "--account", "ab" * 32, "vote", "cast", "1", "yes", env=env)

    def test_a_new_key_is_its_owners_only_and_never_overwrites(self):
        made = json.loads(self.make("--passphrase-file", self.secret, "--json").stdout)
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        self.assertEqual(set(made), {"file", "public_key"})
        before = self.key.read_bytes()
        self.ends(run("keys", "new", self.key, "--unprotected"), REFUSED)
        self.assertEqual(self.key.read_bytes(), before)
        shown = json.loads(self.ends(run("keys", "show", self.key, "--json"), 0).stdout)
        self.assertEqual(shown, {"file": str(self.key), "purpose": shown["purpose"],
                                 "public_key": made["public_key"], "protected": True})
        self.assertIn("argon2id", self.key.read_text())

    def test_a_key_needs_a_passphrase_or_a_plain_no(self):
        self.ends(run("keys", "new", self.key), USAGE)
        self.ends(run("keys", "new", self.key, "--unprotected", "--passphrase-file", self.secret),
                  USAGE)
        self.ends(run("keys", "new", self.key, "--passphrase-file", self.path / "none"), USAGE)
        self.assertFalse(self.key.exists())

    def test_the_right_passphrase_signs(self):
        self.make("--passphrase-file", self.secret)
        # It gets as far as the network, where nobody is.
        self.ends(self.sign(self.secret), UNREACHABLE)

    def test_a_wrong_or_missing_passphrase_is_told(self):
        self.make("--passphrase-file", self.secret)
        wrong = self.path / "wrong"
        wrong.write_text("correct horse\n")
        self.assertIn("passphrase", self.ends(self.sign(wrong), USAGE).stderr)
        self.assertIn("SALUS_PASSPHRASE_FILE", self.ends(self.sign(), USAGE).stderr)
        self.ends(self.sign(self.path / "none"), USAGE)

    def test_a_damaged_or_open_key_file_is_refused(self):
        self.make("--unprotected")
        whole = self.key.read_bytes()
        for length in (0, 1, len(whole) // 2, len(whole) - 2):
            self.key.write_bytes(whole[:length])
            result = self.ends(self.sign(), USAGE)
            self.assertIn(str(self.key), result.stderr)
        self.key.write_bytes(whole)
        self.ends(self.sign(), UNREACHABLE)
        self.key.chmod(0o644)
        self.assertIn(str(self.key), self.ends(self.sign(), USAGE).stderr)

    def test_a_key_that_is_not_there(self):
        self.ends(self.sign(), USAGE)
        self.ends(run("keys", "show", self.key), NOT_FOUND)

    def test_the_address_book_is_json_of_names(self):
        self.make("--unprotected")
        book = self.path / "book.json"
        book.write_text("[1, 2]")
        self.ends(run("--accounts", book, "account", "show", "@mira"), USAGE)
        book.write_text('{"mira": "%s", "bad": 7, "short": "ab"}' % ("cd" * 32))
        with closed_port() as held:
            node = f"127.0.0.1:{held.getsockname()[1]}"
            self.ends(run("--accounts", book, "--node", node, "account", "show", "@mira"),
                      UNREACHABLE)
            for name in ("@bad", "@short", "@none"):
                self.ends(run("--accounts", book, "--node", node, "account", "show", name), USAGE)


class ProposalFiles(Case):
    def lint(self, text, name="proposal.toml"):
        path = self.path / name
        path.write_text(text)
        return run("proposal", "lint", "--file", path)

    def test_a_resolution_is_well_formed(self):
        self.assertIn("well formed", self.ends(self.lint("actions = []\n"), 0).stdout)
        self.ends(self.lint('{"actions": []}', "proposal.json"), 0)

    # Seen: a value of another type ended the program with an uncaught exception, or was passed
    # over in silence.
    def test_what_is_wrong_in_a_file_is_told_and_nothing_is_passed_over(self):
        for text in ("", "not toml", "actions = 7", "actions = [1]", "colour = 'red'\nactions = []",
                     "actions = [{nonsense = {}}]", "actions = [{pay = 5}]",
                     "actions = [{pay = {fund = 1, no_such_field = 1}}]",
                     "actions = [{pay = {asset = 'native', amount = 5}}]",
                     "actions = [{pay = {fund = -1}}]",
                     "actions = []\nby_endorsement = 'yes'", "actions = []\nrequires = ['one']",
                     "actions = []\nrequires = 7", "actions = []\nrequires = [-1]",
                     "actions = []\ndeposit = 5", "actions = []\ndeposit = true"):
            with self.subTest(text=text):
                self.assertIn("proposal.toml", self.ends(self.lint(text), USAGE).stderr)
        for text in ("", "[]", "{", '{"actions": 7}', '{"actions": [[]]}'):
            with self.subTest(text=text):
                self.ends(self.lint(text, "proposal.json"), USAGE)
        self.ends(run("proposal", "lint", "--file", self.path / "none.toml"), USAGE)
        self.ends(run("proposal", "lint", "--file", self.path / "none.json"), USAGE)


class Drafts(Case):
    def test_every_draft_is_a_file_that_reads_back_or_asks_the_network_for_a_name(self):
        names = json.loads(self.ends(run("proposal", "draft", "--json"), 0).stdout)["drafts"]
        self.assertGreater(len(names), 30)
        with closed_port() as held:
            node = f"127.0.0.1:{held.getsockname()[1]}"
            book = self.path / "book.json"
            people = ("mira", "noor", "tomas", "ravi", "lena", "meridian", "ines", "issuer",
                      "operator2", "operator5")
            book.write_text(json.dumps({name: "%02x" % i * 32 for i, name in enumerate(people)}))
            for name in names:
                with self.subTest(name=name):
                    path = self.path / f"{name}.toml"
                    self.ends(run("proposal", "draft", name, "--to", path), 0)
                    result = run("--node", node, "--accounts", book, "proposal", "lint", "--file",
                                 path)
                    self.assertIn(result.returncode, (0, UNREACHABLE), result.stderr)
        self.ends(run("proposal", "draft", "nonsense"), USAGE)
        self.ends(run("proposal", "draft", "pay", "--to", self.path / "pay.toml"), USAGE)

    def test_options_are_written_as_tables_with_actions(self):
        path = self.path / "choice.toml"
        path.write_text("scheme = 'choice'\n[[options]]\nactions = []\n[[options]]\nactions = []\n")
        self.ends(run("proposal", "lint", "--file", path), 0)
        # One option is no choice (section 8).
        path.write_text("scheme = 'choice'\n[[options]]\nactions = []\n")
        self.assertIn("OptionsInvalid", self.ends(run("proposal", "lint", "--file", path),
                                                  REFUSED).stderr)
        path.write_text("scheme = 'coin'\nactions = []\n")
        self.ends(run("proposal", "lint", "--file", path), USAGE)


class Offline(Case):
    def test_why_reads_no_file_that_is_no_export(self):
        path = self.path / "export.json"
        for text in ("", "[]", '{"nonsense": 1}'):
            path.write_text(text)
            self.ends(run("proposal", "why", "--from", path), USAGE)
        self.ends(run("proposal", "why"), USAGE)

    def test_why_is_computed_from_an_export_without_a_node(self):
        path = self.path / "export.json"
        path.write_text(json.dumps({"proposal": {"id": "7", "state": "PROPOSAL_STATE_NOTICE"},
                                    "height": "12"}))
        result = self.ends(run("proposal", "why", "--from", path), 0)
        self.assertIn("Voting has not started", result.stdout)


class Daemon(Case):
    def test_usage(self):
        for words in ([], ["run"], ["nonsense"], ["check-config"], ["init", "--dir", self.path]):
            result = run(*words, program=SALUSD)
            self.assertNotEqual(result.returncode, 0, words)

    def test_a_config_that_is_not_there_or_wrong_is_refused_by_name(self):
        path = self.path / "salusd.toml"
        for verb in ("run", "check-config"):
            result = self.ends(run(verb, "--config", path, program=SALUSD), REFUSED)
            self.assertIn(str(path), result.stderr)
        path.write_text("colour = 'red'\n")
        for verb in ("run", "check-config"):
            result = self.ends(run(verb, "--config", path, program=SALUSD), REFUSED)
            self.assertIn("colour", result.stderr)

    def test_init_makes_a_folder_once(self):
        folder = self.path / "node"
        words = ["init", "--dir", folder, "--name", "v1", "--unprotected"]
        self.ends(run(*words, program=SALUSD), 0)
        self.assertTrue((folder / "salusd.toml").exists())
        self.ends(run(*words, program=SALUSD), REFUSED)


if __name__ == "__main__":
    unittest.main()
