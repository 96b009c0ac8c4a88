"""Finds the line of a key in a TOML file that parses, for messages: tomllib tells lines of syntax errors only."""

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*\"?([A-Za-z0-9_-]+)\"?\s*\]\]?")


def line_of(text: str, table: str, number: int, key: str | None) -> int:
    """The line (from 1) of `key` in the `number`-th table (from 0) of that name; of the table's head without a key.

    The top of the file is the table "". A key written in an unusual way falls back to the head of its table.
    """
    key_pattern = re.compile(rf"\s*\"?{re.escape(key)}\"?\s*[=.]") if key else None
    current, seen, head = "", {"": 0}, 1
    for line_number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            current = header[2]
            seen[current] = seen.get(current, -1) + 1
            if (current, seen[current]) == (table, number):
                head = line_number
            if not table and key == current:
                return line_number
        elif key_pattern and (current, seen[current]) == (table, number) and key_pattern.match(line):
            return line_number
    return head
