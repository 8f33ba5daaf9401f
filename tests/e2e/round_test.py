# Owns: the main job on real processes: members join, a fund is filled, a proposal is decided by
# several members through different nodes and paid out once, and every node holds the same state.
import unittest

from network import Network, Refused


def state_of(network, proposal, node=0):
    return network.cli("proposal", "show", proposal, node=node)["proposal"]["state"]


class Round(unittest.TestCase):
    def test_a_proposal_goes_from_submission_to_a_treasury_payment_on_every_node(self):
        with Network() as network:
            network.cli("member", "apply", "--role", "patient", key="ines", node=1)
            network.cli("member", "attest", "@ines", "--role", "patient", key="issuer", node=2)
            member = network.cli("member", "show", "@ines", node=3)
            self.assertIn(member["member"]["state"],
                          ("MEMBER_STATE_PROBATION", "MEMBER_STATE_ACTIVE"))

            network.cli("fund", "donate", "--fund", "general", "--amount", "1000", key="meridian")
            payee_before = network.native("tomas")
            submitted = network.cli("proposal", "submit", "--pay", "general:250:@tomas",
                                    key="mira", node=1)
            proposal = submitted["proposal"]
            network.wait_for(
                lambda: state_of(network, proposal) == "PROPOSAL_STATE_VOTING", 30, "voting")
            for i, member in enumerate(("mira", "noor", "meridian", "stanne")):
                network.cli("vote", "cast", proposal, "yes", key=member, node=i)
            network.wait_for(
                lambda: state_of(network, proposal) == "PROPOSAL_STATE_EXECUTED", 60, "execution")
            for node in range(4):
                network.wait_for(lambda: network.native("tomas", node) ==
                                 payee_before + 250_000_000, 10, f"the payment at node {node + 1}")
            network.require_equal_roots()
            # Paid once: the proposal is terminal, and asking again changes nothing.
            with self.assertRaises(Refused):
                network.cli("proposal", "retry", proposal, key="mira")
            self.assertEqual(network.native("tomas"), payee_before + 250_000_000)
            payouts = network.cli("treasury", "payouts")["payouts"]
            self.assertEqual([p["state"] for p in payouts if p["proposal"] == proposal],
                             ["PAYOUT_STATE_PAID"])

    def test_a_proposal_over_the_funds_balance_fails_and_succeeds_on_retry_when_it_is_filled(self):
        with Network() as network:
            proposal = network.cli("proposal", "submit", "--pay", "research:9000:@tomas",
                                   key="mira")["proposal"]
            network.wait_for(
                lambda: state_of(network, proposal) == "PROPOSAL_STATE_VOTING", 30, "voting")
            for member in ("mira", "noor", "meridian", "stanne"):
                network.cli("vote", "cast", proposal, "yes", key=member)
            network.wait_for(
                lambda: state_of(network, proposal) == "PROPOSAL_STATE_FAILED", 60, "failure")
            shown = network.cli("proposal", "show", proposal)["proposal"]
            self.assertIn("FUND_SHORT", str(shown["failure_code"]))
            before = network.native("tomas")
            network.cli("fund", "donate", "--fund", "research", "--amount", "9000", key="meridian")

            def retried():
                try:
                    network.cli("proposal", "retry", proposal, key="noor")
                    return True
                except Refused as refusal:
                    assert "RetryTooSoon" in refusal.stderr, refusal
                    return False

            network.wait_for(retried, 30, "the retry gap")
            self.assertEqual(state_of(network, proposal), "PROPOSAL_STATE_EXECUTED")
            self.assertEqual(network.native("tomas"), before + 9_000_000_000)


if __name__ == "__main__":
    unittest.main()
