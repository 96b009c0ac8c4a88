"""From sums to figures, the same whoever did the summing: Stripe's ledger read anew, or the mirror's daily sums."""

from collections.abc import Callable, Mapping

from paydesk.skills.books import Book, Books, Tries
from paydesk.skills.figures import Figure, share
from paydesk.skills.metrics import Metric
from paydesk.skills.money import money

MONEY: Mapping[Metric, Callable[[Book], int]] = {
    "revenue": lambda book: book.revenue_minor,
    "volume": lambda book: book.charged_minor,
    "net_volume": lambda book: book.net_minor,
    "fees": lambda book: book.fees_minor,
    "refunds": lambda book: book.refunded_minor,
}
RATES: tuple[Metric, ...] = ("success_rate", "failure_rate", "refund_rate", "dispute_rate")
#: Every metric that is made of books: MONEY and these two.
OF_BOOKS: tuple[Metric, ...] = (*MONEY, "payment_count", "average_payment")


def figures_of_books(metric: Metric, books: Books) -> list[Figure]:
    """One of OF_BOOKS, by group and currency; a count by group."""
    if metric == "payment_count":
        counts = {group: sum(book.payments for book in books[group].values()) for group in sorted(books)}
        return [Figure(group=group or None, count=count) for group, count in counts.items()] or [Figure(count=0)]
    one_by_one = [
        (group or None, currency, book)
        for group, by_currency in sorted(books.items())
        for currency, book in sorted(by_currency.items())
    ]
    if metric == "average_payment":
        return [
            Figure(group=group, amount=money(_average_minor(book), currency), count=book.payments)
            for group, currency, book in one_by_one
            if book.payments
        ]
    value = MONEY[metric]
    return [Figure(group=group, amount=money(value(book), currency)) for group, currency, book in one_by_one]


def _average_minor(book: Book) -> int:
    """Rounded half up to the minor unit."""
    return (2 * book.charged_minor + book.payments) // (2 * book.payments)


def figures_of_tries(metric: Metric, tries: Mapping[str, Tries]) -> list[Figure]:
    """One of RATES, by group: of all tries where it tells how they ended, else of the payments that succeeded."""
    figures = []
    for group, one in sorted(tries.items()):
        every = one.succeeded + one.failed
        part, whole = {
            "success_rate": (one.succeeded, every),
            "failure_rate": (one.failed, every),
            "refund_rate": (one.refunded, one.succeeded),
            "dispute_rate": (one.disputed, one.succeeded),
        }[str(metric)]
        figures.append(share(part, whole, group or None))
    return figures or [share(0, 0, None)]
