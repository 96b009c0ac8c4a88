"""The kill campaign: `kill.py --kills 200 --seed 1`, or `--mutants` to see that it would notice.

Prints the seed, the count of kills by where they fell, and every broken promise with the seed of its life.
"""

import argparse
import gc
import random
import sys
import tempfile
import time
from collections import Counter as Tally
from pathlib import Path

from campaign import CRASHED, Broken, Campaign
from lives import LIVES, WEIGHTS
from mutants import MUTANTS

LIVES_A_JOURNAL = 40


def campaign(kills: int, seed: int) -> int:
    """Run lives until so many processes were killed; returns how many promises were broken."""
    began, broken, lives = time.monotonic(), 0, 0
    print(f"kill campaign: {kills} kills, seed {seed} (again with --seed {seed})", flush=True)
    with tempfile.TemporaryDirectory(prefix="paydesk-campaign-") as folder:
        at_work = Campaign(Path(folder), seed)
        told: Tally[str] = Tally()
        try:
            while at_work.kills < kills:
                life_seed = seed * 1_000_000 + lives
                drawn = random.Random(life_seed)  # noqa: S311 - to be replayed
                name = drawn.choices(list(LIVES), WEIGHTS)[0]
                broken += not lived(at_work, name, life_seed)
                lives += 1
                told[name] += 1
                if lives % 500 == 0:
                    print(f"  {at_work.kills} kills, {lives} lives, {time.monotonic() - began:.0f} s", flush=True)
        finally:
            at_work.close()
    print(
        f"{at_work.kills} kills in {lives} lives of writes, {broken} broken promises, {time.monotonic() - began:.0f} s"
    )
    print("  lives: " + ", ".join(f"{name} {count}" for name, count in told.most_common()))
    for (action, where), count in sorted(at_work.deaths.items()):
        print(f"  {action}: killed {where}: {count}")
    return broken


def lived(at_work: Campaign, name: str, life_seed: int, *, is_last: bool = False) -> bool:
    """One life and its checks; prints what is broken, and begins a new journal after it."""
    at_work.rng = random.Random(life_seed)  # noqa: S311 - to be replayed
    try:
        LIVES[name](at_work)
        at_work.lives_of_journal += 1
        if at_work.lives_of_journal % 10 == 0 or is_last:
            at_work.check_log()
        if at_work.lives_of_journal == LIVES_A_JOURNAL:
            at_work.check_books()
            at_work.afresh()
    except (Broken, AssertionError, TimeoutError) as wrong:
        print(f"BROKEN in life {life_seed} ({name}): {wrong}", flush=True)
        at_work.afresh()
        return False
    return True


def one_life(name: str, life_seed: int) -> int:
    """Live one life again by its seed."""
    with tempfile.TemporaryDirectory(prefix="paydesk-campaign-") as folder:
        at_work = Campaign(Path(folder), life_seed)
        try:
            return int(not lived(at_work, name, life_seed, is_last=True))
        finally:
            at_work.close()


def hunt(names: list[str], seed: int, most: int) -> int:
    """Let the campaign meet each mutant; prints what noticed it, and returns how many survived."""
    survived = 0
    print(f"mutants: {len(names)}, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="paydesk-mutants-") as folder:
        at_work = Campaign(Path(folder), seed)
        try:
            for name in names:
                began = time.monotonic()
                caught = _caught(at_work, name, seed, most)
                survived += caught is None
                print(f"{name}: {caught or 'SURVIVED'} [{time.monotonic() - began:.1f} s]", flush=True)
        finally:
            at_work.close()
    return survived


def _caught(at_work: Campaign, name: str, seed: int, most: int) -> str | None:
    mutant = MUTANTS[name]
    at_work.mutation = mutant.mutation
    at_work.afresh()
    # Where it should show comes first, so that the hunt is short; all other lives follow.
    order = [*mutant.shows_in, *(life for life in LIVES if life not in mutant.shows_in)]
    for number in range(most):
        life = order[number % len(mutant.shows_in) if number < most // 2 else number % len(order)]
        at_work.rng = random.Random(seed * 1_000_000 + number)  # noqa: S311 - to be replayed
        try:
            LIVES[life](at_work)
            at_work.check_log()
        except (Broken, AssertionError) as noticed:
            if str(noticed).startswith(CRASHED):
                continue  # a mutant that falls over has not been caught doing wrong
            return f"caught in life {number + 1} ({life}): {noticed}"
    return None


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Kill desks at work, and hold the books to the journal.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--life", metavar="NAME:SEED", help="live one life again")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="hunt mutants: these, or all")
    parser.add_argument("--most", type=int, default=40, help="lives that a mutant may survive")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10_000) if asked.seed is None else asked.seed
    gc.freeze()  # a forked process that collects would copy everything that it shares with this one
    if asked.life:
        name, _, life_seed = asked.life.partition(":")
        return one_life(name, int(life_seed))
    if asked.mutants is not None:
        return min(hunt(asked.mutants or list(MUTANTS), seed, asked.most), 1)
    return min(campaign(asked.kills, seed), 1)


if __name__ == "__main__":
    sys.exit(main())
