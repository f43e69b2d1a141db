"""What members set by vote about payouts: how many treasurers approve one. Pure."""

from ledger.policies import Policy
from payouts import approvers

POLICIES = {
    "approvers": Policy(
        "how many treasurers must approve a payout (2; or 1, 2 from 5000.00)",
        approvers.read,
        approvers.check,
        approvers.put,
        approvers.spelled,
    ),
}
