"""Word lists and small tables written as text."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, separated by white space, as a set."""
    return frozenset(text.split())


def pairs(text: str) -> dict[str, str]:
    """ "ca:cad hong_kong:hkd" as a dict; an underscore stands for a space within a key."""
    table = {}
    for pair in text.split():
        key, _, value = pair.rpartition(":")
        table[key.replace("_", " ")] = value
    return table
