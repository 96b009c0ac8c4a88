"""List the bank accounts and debit cards that payouts go to."""

from paydesk.skills.bank import Bank, banks
from paydesk.skills.base import Desk, Effect, Result, Strict, skill


class Params(Strict):
    pass


class BankRow(Result):
    """One bank account or debit card, by its last four digits; `default` where payouts in its currency go there."""

    id: str
    bank: str
    currency: str
    country: str
    default: bool | None = None
    instant: bool | None = None
    status: str

    @classmethod
    def of(cls, bank: Bank) -> "BankRow":
        """A row of it."""
        return cls(
            id=bank.id,
            bank=bank.text,
            currency=bank.currency,
            country=bank.country,
            default=bank.is_default or None,
            instant=bank.instant or None,
            status=bank.status,
        )

    def line(self) -> str:
        """The account in words."""
        told = (self.bank, self.currency.upper(), self.country, self.status, self.id)
        marks = ("default" if self.default else None, "instant payouts" if self.instant else None)
        return " ".join(part for part in (*told, *marks) if part)


class BankAccounts(Result):
    """All of them, newest first."""

    bank_accounts: list[BankRow]

    def sentence(self) -> str:
        """How many."""
        count = len(self.bank_accounts)
        if not count:
            return "No bank account is set for payouts yet."
        return f"{count} account{'' if count == 1 else 's'} that payouts go to."

    def lines(self) -> list[str]:
        """One line an account."""
        return [bank.line() for bank in self.bank_accounts]


@skill(
    effect=Effect.READ,
    toolset="payouts",
    says=("show our bank accounts", "list bank accounts", "which bank account do payouts go to"),
    examples=({},),
)
async def list_bank_accounts(params: Params, desk: Desk) -> BankAccounts:
    """List the bank accounts and debit cards that payouts go to."""
    return BankAccounts(bank_accounts=[BankRow.of(one) for one in await banks(desk.stripe)])
