"""Standard input and output without threads: the SDK hands each line to a worker thread and back, three times a call.

Waiting for a pipe costs a tenth of that. While it serves, descriptor 0 is empty and descriptor 1 is standard error, so
that nothing printed or read by anybody else can meet the protocol.
"""

import codecs
import os
import re
import select
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio

from paydesk.server.limits import LAST_ANSWERS_S

# How the SDK writes the answer to a request, told apart from a request of its own.
_ANSWER = re.compile(r'\{"jsonrpc":"2\.0","id":[^{]*?,"(?:result|error)":')
_READ_BYTES = 65_536
# What POSIX promises a writable pipe to take without blocking; writing more at once could stop the whole server.
_WRITE_BYTES = 512 if sys.platform == "win32" else select.PIPE_BUF


class InLines:
    """Lines of text from a descriptor, as the SDK iterates over them.

    The SDK drops whatever is under way once they end, so they end when `answers` has told what was asked, or soon
    after: `echo '{...}' | paydesk stdio` answers, and a client that left does not keep the server.
    """

    def __init__(self, descriptor: int, answers: "OutText | None" = None) -> None:
        self._descriptor = descriptor
        self._answers = answers
        self._asked = 0

    async def __aiter__(self) -> AsyncIterator[str]:
        """Each line, the last one even if nothing ends it; what is not UTF-8 is replaced."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        begun = ""
        while chunk := await self._chunk():
            *lines, begun = (begun + decoder.decode(chunk)).split("\n")
            for line in lines:
                self._asked += _is_request(line)
                yield line
        if rest := begun + decoder.decode(b"", final=True):
            self._asked += _is_request(rest)
            yield rest
        if self._answers is not None:
            with anyio.move_on_after(LAST_ANSWERS_S):
                await self._answers.told(self._asked)

    async def _chunk(self) -> bytes:
        if not _ready(self._descriptor, to_read=True):
            await anyio.wait_readable(self._descriptor)
        return os.read(self._descriptor, _READ_BYTES)


class OutText:
    """Text to a descriptor, as the SDK writes it: never blocking the loop, however slowly the client reads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._told = 0
        self._news = anyio.Event()

    async def write(self, text: str) -> None:
        """Write all of it. Raises BrokenPipeError where nobody reads any more."""
        data = memoryview(text.encode())
        while data:
            if not _ready(self._descriptor, to_read=False):
                await anyio.wait_writable(self._descriptor)
            data = data[os.write(self._descriptor, data[:_WRITE_BYTES]) :]
        if _ANSWER.match(text):
            self._told += 1
            self._news.set()

    async def told(self, answers: int) -> None:
        """Wait until so many answers were written."""
        while self._told < answers:
            self._news = anyio.Event()
            await self._news.wait()

    async def flush(self) -> None:
        """Nothing is kept back."""


@contextmanager
def own_descriptors() -> Iterator[tuple[InLines, OutText]]:
    """Standard input and output for the protocol alone; given back at the end."""
    wire_in, wire_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        outgoing = OutText(wire_out)
        yield InLines(wire_in, outgoing), outgoing
    finally:
        os.dup2(wire_in, 0)
        os.dup2(wire_out, 1)
        for descriptor in (nothing, wire_in, wire_out):
            os.close(descriptor)


def can_wait_on_descriptors() -> bool:
    """Whether this system can wait for standard input and output; Windows cannot, and asks the SDK's threads."""
    return sys.platform != "win32"


def _is_request(line: str) -> bool:
    """Whether it asks for an answer; a notification taken for a request only makes the end wait out its bound."""
    return '"method"' in line and '"id"' in line


def _ready(descriptor: int, *, to_read: bool) -> bool:
    """Whether it can be used at once. A file always can, and is nothing that one may wait for."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN if to_read else select.POLLOUT)
    return bool(poll.poll(0))
