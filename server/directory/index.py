"""The customers in the index: put in, taken out, looked up by word and misspelt word."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from paydesk.server.directory.spelling import core, fold, spellings
from paydesk.skills.base import Json

_HANDLE = re.compile(r"[0-9a-z]+")
_COLUMNS = "id, name, email, created, folded"
#: Shorter words have too many neighbours: "Li" is one slip away from half of the alphabet.
SLIPS_FROM = 4
_FORGOTTEN = "forgotten:"
_MARKS_MOST = 500  # an older SQLite takes no more than 999


@dataclass(frozen=True)
class Person:
    """A customer as the index knows it; `folded` is the name's words in small ASCII letters."""

    id: str
    name: str | None
    email: str | None
    created: int
    folded: str

    def as_json(self) -> Json:
        """The same members as Stripe's customer object has."""
        return {"id": self.id, "object": "customer", "name": self.name, "email": self.email, "created": self.created}


class Index:
    """One file's customers. Not safe for two threads at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, alone among the processes that use the file; all of it or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def state(self, name: str) -> str | None:
        """A remembered word about the filling, or None."""
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, **state: str | None) -> None:
        """Remember words about the filling; None forgets."""
        for name, value in state.items():
            if value is None:
                self._connection.execute("DELETE FROM state WHERE name = ?", (name,))
            else:
                self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def count(self) -> int:
        """How many customers are in it."""
        return int(self._connection.execute("SELECT count(*) FROM people").fetchone()[0])

    def clear(self) -> None:
        """Take everybody out; who is to be forgotten stays so."""
        for table in ("people", "names", "handles", "vocabulary", "slips", "pieces"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
        self._connection.execute("DELETE FROM state WHERE name NOT LIKE ?", (f"{_FORGOTTEN}%",))

    def put(self, customers: Iterable[Json]) -> None:
        """Put customers in, each in place of what was known of it; deleted ones go."""
        for customer in customers:
            if customer.get("deleted") or self.state(_FORGOTTEN + str(customer["id"])) is not None:
                self.remove(str(customer["id"]))
            else:
                self._put(customer)

    def forget(self, customer_id: str) -> None:
        """Take one customer out for good, and the words of the name that no other customer has."""
        self.remove(customer_id)
        self.remember(**{_FORGOTTEN + customer_id: "1"})

    def _unlearn(self, word: str) -> None:
        query = "SELECT 1 FROM names WHERE names MATCH ? LIMIT 1"
        if self._connection.execute(query, (_quoted(word),)).fetchone() is None:
            for table in ("vocabulary", "slips", "pieces"):
                self._connection.execute(f"DELETE FROM {table} WHERE word = ?", (word,))  # noqa: S608 - names of ours

    def remove(self, customer_id: str) -> None:
        """Take one customer out, if it is in, and the words that nobody else is called by."""
        row = self._connection.execute("SELECT n, name FROM people WHERE id = ?", (customer_id,)).fetchone()
        if row is None:
            return
        for table, key in (("names", "rowid"), ("handles", "rowid"), ("people", "n")):
            self._connection.execute(f"DELETE FROM {table} WHERE {key} = ?", row[:1])  # noqa: S608 - names of ours
        for word in {word for words in spellings(str(row[1] or "")) for word in words}:
            self._unlearn(word)

    def rewrite(self) -> None:
        """Write the file anew, so that nothing of whoever was taken out stays in it. Not within a transaction."""
        for table in ("names", "handles", "pieces"):
            # An index of words keeps what was deleted until its parts are merged.
            self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 - names of ours
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _put(self, customer: Json) -> None:
        name, email = customer.get("name"), customer.get("email")
        folded = fold(str(name or ""))
        row = (str(customer["id"]), name, email, int(customer["created"]), folded, core(folded))
        known = self._connection.execute(
            f"SELECT n, {_COLUMNS} FROM people WHERE id = ?",  # noqa: S608 - names of ours
            row[:1],
        ).fetchone()
        if known is not None and known[1:] == row[:5]:
            return
        if known is not None:
            self.remove(row[0])
        n = self._connection.execute(
            "INSERT INTO people (id, name, email, created, folded, core) VALUES (?,?,?,?,?,?)",
            row,
        ).lastrowid
        words = list(dict.fromkeys(way for ways in spellings(str(name or "")) for way in ways))
        self._connection.execute("INSERT INTO names (rowid, words) VALUES (?, ?)", (n, " ".join(words)))
        handles = " ".join(_HANDLE.findall(f"{email or ''} {_digits(customer.get('phone'))}".casefold()))
        self._connection.execute("INSERT INTO handles (rowid, words) VALUES (?, ?)", (n, handles))
        self._learn(words)

    def _learn(self, words: Iterable[str]) -> None:
        for word in words:
            if len(word) < SLIPS_FROM:
                continue
            if self._connection.execute("INSERT OR IGNORE INTO vocabulary VALUES (?)", (word,)).rowcount:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO slips VALUES (?, ?)", [(slip, word) for slip in slips_of(word)]
                )
                self._connection.execute("INSERT INTO pieces (word) VALUES (?)", (word,))

    def by_core(self, cores: Sequence[str], most: int) -> list[Person]:
        """Customers whose name is this but for spaces and a firm's ending."""
        marks = ", ".join("?" * len(cores))
        query = f"SELECT {_COLUMNS} FROM people WHERE core IN ({marks}) LIMIT ?"  # noqa: S608 - marks only
        return self._people(query, [*cores, most])

    def cores_known(self, cores: Sequence[str]) -> set[str]:
        """Those of these cores that some customer's name has."""
        found: set[str] = set()
        for at in range(0, len(cores), _MARKS_MOST):
            some = cores[at : at + _MARKS_MOST]
            marks = ", ".join("?" * len(some))
            query = f"SELECT DISTINCT core FROM people WHERE core IN ({marks})"  # noqa: S608 - marks only
            found |= {str(row[0]) for row in self._connection.execute(query, list(some))}
        return found

    def by_handles(self, words: Sequence[str], most: int) -> list[Person]:
        """Customers with all these words in their e-mail address or phone number."""
        return self._matching("handles", [[word] for word in words], most)

    def by_words(self, groups: Sequence[Sequence[str]], most: int) -> list[Person]:
        """Customers whose names hold a word of each group; a word that ends in * stands for its beginning."""
        return self._matching("names", groups, most)

    def _matching(self, table: str, groups: Sequence[Sequence[str]], most: int) -> list[Person]:
        query = " AND ".join(f"({' OR '.join(_quoted(word) for word in group)})" for group in groups)
        return self._people(
            f"SELECT {_COLUMNS} FROM people WHERE n IN (SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?)",  # noqa: S608 - names of ours
            [query, most],
        )

    def is_word(self, word: str) -> bool:
        """Whether some name holds this word."""
        return self._connection.execute("SELECT 1 FROM vocabulary WHERE word = ?", (word,)).fetchone() is not None

    def one_slip_away(self, word: str) -> list[str]:
        """Words of names that one wrong, missing, added or swapped letter makes of this."""
        marks = list(slips_of(word))
        query = f"SELECT DISTINCT word FROM slips WHERE slip IN ({', '.join('?' * len(marks))})"  # noqa: S608 - marks only
        return [str(row[0]) for row in self._connection.execute(query, marks)]

    def sharing_pieces(self, word: str, most: int) -> list[str]:
        """Words of names that share most of their three-letter pieces with this."""
        pieces = dict.fromkeys(word[at : at + 3] for at in range(len(word) - 2))
        if not pieces:
            return []
        query = " OR ".join(_quoted(piece) for piece in pieces)
        rows = self._connection.execute(
            "SELECT word FROM pieces WHERE pieces MATCH ? ORDER BY rank LIMIT ?", (query, most)
        )
        return [str(row[0]) for row in rows]

    def _people(self, query: str, values: Sequence[object]) -> list[Person]:
        return [Person(*row) for row in self._connection.execute(query, list(values))]


def slips_of(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters: two words one slip apart share one of these."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _quoted(word: str) -> str:
    """A word for FTS5; only letters and digits get here, and the star of a beginning stands outside of the quotes."""
    return f'"{word[:-1]}"*' if word.endswith("*") else f'"{word}"'


def _digits(phone: object) -> str:
    return re.sub(r"\D", "", phone) if isinstance(phone, str) else ""
