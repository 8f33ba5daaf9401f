# Owns: what members do beside a plain vote, on real processes through the CLI alone: options that are
# approved, new keys by guardians, money paid over time, a budget that two holders spend, and a pause by
# sentinels that a vote ends.
import unittest

from network import Network, Refused

TOKEN = 1_000_000

OFFICES = """
[[actions]]
[actions.grant_office]
account = "@operator1"
role = "sentinel"
term_ms = "300d"
[[actions]]
[actions.grant_office]
account = "@ravi"
role = "sentinel"
term_ms = "300d"
"""

BUDGET = """
[[actions]]
[actions.set_budget]
fund = "general"
cap = "500"
period_ms = "30d"
length_ms = "90d"
holder_role = "sentinel"
needed = 2
per_payment = "200"
"""

OPTIONS = """
scheme = "approval"
winners = 1
[[options]]
[[options.actions]]
[options.actions.pay]
fund = "general"
amount = "100"
payee = "@tomas"
[[options]]
[[options.actions]]
[options.actions.pay]
fund = "general"
amount = "200"
payee = "@tomas"
"""

VOTERS = ("mira", "noor", "lena", "ravi", "meridian", "stanne")


class Members(unittest.TestCase):
    def refused(self, name, *words, key):
        with self.assertRaises(Refused) as caught:
            self.network.cli(*words, key=key)
        self.assertIn(name, caught.exception.stderr)

    def await_state(self, proposal, state, seconds=60):
        def reached():
            now = self.network.cli("proposal", "show", proposal)["proposal"]["state"]
            if now == f"PROPOSAL_STATE_{state}":
                return True
            for end in ("REJECTED", "LAPSED", "EXPIRED", "FAILED"):
                self.assertNotEqual(now, f"PROPOSAL_STATE_{end}", self.network.cli(
                    "proposal", "why", proposal, as_json=False))
            return False

        self.network.wait_for(reached, seconds, f"proposal {proposal} to be {state}")

    def submit(self, name, text):
        path = self.network.dir / f"{name}.toml"
        path.write_text(text)
        return self.network.cli("proposal", "submit", "--file", path, key="stanne")["proposal"]

    def vote(self, proposal, *words, voters=VOTERS):
        self.await_state(proposal, "VOTING")
        for voter in voters:
            self.network.cli("vote", "cast", proposal, *words, key=voter)

    def approve_options(self, proposal):
        self.await_state(proposal, "VOTING")
        network = self.network
        self.refused("BallotInvalid", "vote", "cast", proposal, "9", key="mira")
        network.cli("vote", "cast", proposal, "1", "2", key="mira")
        for voter in VOTERS[1:]:
            network.cli("vote", "cast", proposal, "2", key=voter)
        tally = network.cli("proposal", "tally", proposal)["tallies"][0]
        self.assertEqual([int(sum_of) for sum_of in tally["options"]], [1_000_000, 2_000_000])

    def pay_over_time(self):
        network = self.network
        opened = network.cli("schedule", "open", "--to", "@ravi", "--total", "100", "--from", "+0s",
                             "--until", "+20s", "--cancel-by", "source", key="meridian")
        self.assertTrue(opened["height"])
        found = network.cli("schedule", "list", "@ravi")["schedules"]
        self.schedule = found[0]["schedule"]["id"]
        self.refused("NotPayee", "schedule", "accept", self.schedule, key="noor")
        network.cli("schedule", "accept", self.schedule, key="ravi")

    def claim_and_cancel(self):
        network = self.network
        before = network.native("ravi")
        network.cli("schedule", "claim", self.schedule, key="ravi")
        first = network.native("ravi") - before
        self.assertGreater(first, 0)
        self.refused("NotCancellable", "schedule", "cancel", self.schedule, key="noor")
        network.cli("schedule", "cancel", self.schedule, key="meridian")
        shown = network.cli("schedule", "show", self.schedule)["schedule"]["schedule"]
        paid = network.native("ravi") - before
        self.assertGreaterEqual(paid, first)
        self.assertLessEqual(paid, 100 * TOKEN)
        self.assertIn(shown["state"], ("SCHEDULE_STATE_CANCELLED", "SCHEDULE_STATE_DONE"))

    def recover(self):
        network = self.network
        network.cli("recovery", "set", "@noor", "@lena", "@ravi", "--needed", "2", "--delay", "7d",
                    key="mira")
        new_key = network.dir / "new.key"
        network.cli("keys", "new", new_key, "--unprotected")
        self.refused("GuardianInvalid", "recovery", "start", "@mira", "--new-key", new_key, key="stanne")
        network.cli("recovery", "start", "@mira", "--new-key", new_key, key="noor")
        network.cli("recovery", "support", "@mira", key="lena")
        shown = network.cli("recovery", "show", "@mira")["recovery"]
        self.assertEqual(shown["state"], "RECOVERY_STATE_WAITING")
        guarded = network.cli("recovery", "list", "@lena")["accounts"]
        self.assertEqual(len(guarded), 1)
        # She still has her key, and ends it.
        network.cli("recovery", "cancel", key="mira")
        shown = network.cli("recovery", "show", "@mira")["recovery"]
        self.assertEqual(shown["state"], "RECOVERY_STATE_CANCELLED")

    def spend_a_budget(self):
        network = self.network
        self.refused("PerPaymentExceeded", "budget", "spend", 1, "--amount", "201", "--to", "@noor",
                     key="operator1")
        before = network.native("noor")
        network.cli("budget", "spend", 1, "--amount", "150", "--to", "@noor", key="operator1")
        self.assertEqual(network.native("noor"), before)
        network.cli("budget", "spend", 1, "--amount", "150", "--to", "@noor", key="ravi")
        self.assertEqual(network.native("noor"), before + 150 * TOKEN)

    def pause(self):
        network = self.network
        self.assertEqual(len(network.cli("sentinel", "list")["sentinels"]), 2)
        self.refused("NotAuthorized", "pause", "open", "pay", "--span", "2h", key="noor")
        network.cli("pause", "open", "spend_budget", "--span", "2h", key="operator1")
        acts = network.cli("act", "list")["acts"]
        network.cli("pause", "join", acts[0]["id"], key="ravi")
        shown = network.cli("pause", "show")["pauses"]
        self.assertEqual(len(shown), 1)
        self.refused("ActionPaused", "budget", "spend", 1, "--amount", "1", "--to", "@noor", key="operator1")
        # One-shot (G-11.2): the charges are spent.
        self.refused("NoCharge", "pause", "open", "spend_budget", "--span", "2h", key="operator1")
        end = network.cli("pause", "end", shown[0]["id"], key="stanne")["proposal"]
        self.vote(end, "yes")
        self.await_state(end, "EXECUTED")
        network.cli("budget", "spend", 1, "--amount", "1", "--to", "@noor", key="operator1")

    def sign_by_two(self):
        """An account of which two keys must sign: the file goes from hand to hand."""
        network = self.network
        phone, drawer = network.dir / "keys" / "noor.key", network.dir / "drawer.key"
        network.cli("keys", "new", drawer, "--unprotected")
        network.cli("account", "rotate", "--new-key", phone, "--new-key", drawer, "--threshold", 2,
                    key="noor")
        self.refused("AuthInsufficient", "transfer", "send", "--to", "@lena", "--amount", 3, key="noor")
        self.refused("TtlTooLong", "--valid-for", 9_000_000, "transfer", "send", "--to", "@lena",
                     "--amount", 3, key="noor")
        file = network.dir / "three.tx"
        network.cli("--valid-for", 5_000, "--out", file, "transfer", "send", "--to", "@lena",
                    "--amount", 3, key="noor")
        self.refused("has signed it already", "tx", "sign", file, key="noor")
        self.refused("none of the account's", "tx", "sign", file, key="mira")
        self.refused("weight 1 of 2", "tx", "submit", file, key="noor")
        one = file.read_bytes()
        shown = network.cli("--key", drawer, "--dry-run", "tx", "sign", file)
        self.assertEqual((shown["weight"], shown["threshold"]), (2, 2))
        self.assertEqual(file.read_bytes(), one, "a dry run signs nothing")
        shown = network.cli("--key", drawer, "tx", "sign", file)
        self.assertIn("@lena", shown["actions"][0])
        before = network.native("lena")
        network.cli("tx", "submit", file)
        self.assertEqual(network.native("lena"), before + 3 * TOKEN)
        file.write_bytes(one[:-1] + bytes([one[-1] ^ 1]))
        self.refused("SignatureInvalid", "tx", "sign", file, key="noor")

    def stand_by_credentials(self):
        """What an issuer gives, it renews, stops, and takes back; and it refuses what it attested."""
        network = self.network
        network.cli("credential", "issue", "@jonas", "--kind", "clinician", key="issuer")
        credential = network.cli("credential", "list", "@jonas")["credentials"][0]["id"]
        before = network.cli("credential", "show", credential)["credential"]
        network.cli("credential", "renew", credential, "--days", 700, key="issuer")
        after = network.cli("credential", "show", credential)["credential"]
        self.assertGreater(int(after["until_ms"]), int(before["until_ms"]))
        self.refused("NotAuthorized", "credential", "suspend", credential, key="mira")
        network.cli("credential", "suspend", credential, key="issuer")
        network.cli("credential", "reinstate", credential, key="issuer")
        network.cli("credential", "revoke", credential, key="issuer")
        network.cli("member", "apply", "--role", "patient", "--role", "clinician", key="jonas")
        network.cli("member", "attest", "@jonas", "--role", "patient", key="issuer")
        self.assertEqual(len(network.cli("member", "applications")["applications"]), 1)
        network.cli("member", "refuse", "@jonas", key="issuer")
        self.assertFalse(network.cli("member", "applications").get("applications"))
        self.refused("GrantUnknown", "grant", "cancel", 1, key="mira")

    def simulate(self):
        """Every record that it would change, before and after."""
        path = self.network.dir / "simulated.toml"
        path.write_text(BUDGET)
        shown = self.network.cli("proposal", "simulate", "--file", path)
        changes = shown["options"][0]["changes"]
        tables = {change["table"] for change in changes}
        self.assertIn("Budgets", tables)
        budget = next(change for change in changes if change["table"] == "Budgets")
        self.assertIsNone(budget["before"])
        self.assertEqual(budget["after"]["cap"], str(500 * TOKEN))
        for words, shown in (((), False), (("--records",), True)):
            text = self.network.cli("proposal", "simulate", *words, "--file", path, as_json=False)
            self.assertEqual("treasury.Budgets" in text, shown)

    def test_beside_a_plain_vote(self):
        with Network(voting=10) as network:
            self.network = network
            self.simulate()
            offices = self.submit("offices", OFFICES)
            budget = self.submit("budget", BUDGET)
            options = self.submit("options", OPTIONS)
            self.pay_over_time()
            # Those whom it is about are recused.
            self.vote(offices, "yes", voters=("mira", "noor", "lena", "operator2", "meridian",
                                              "stanne"))
            self.vote(budget, "yes")
            before = network.native("tomas")
            self.approve_options(options)
            self.recover()
            self.claim_and_cancel()
            self.refused("UpgradeUnknown", "upgrade", "ready", 9, key="operator1")
            self.refused("NotAuthorized", "stake", "lock", "--amount", "5", key="mira")
            for proposal in (offices, budget, options):
                self.await_state(proposal, "EXECUTED")
            self.assertEqual(network.native("tomas"), before + 200 * TOKEN)
            self.spend_a_budget()
            self.pause()
            self.sign_by_two()
            self.stand_by_credentials()
            network.require_equal_roots()


if __name__ == "__main__":
    unittest.main()
