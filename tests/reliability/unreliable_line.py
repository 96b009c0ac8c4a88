"""A TCP proxy before Stripe that drops, delays, cuts and holds back what is written through it.

Run as a process: `unreliable_line.py http://127.0.0.1:PORT` prints its own address. Its standard input takes one word a
line, the mode for what comes next: `pass`, `drop_before` (the request never arrives), `drop_after` (it arrives, the
answer does not), `cut` (half of the answer arrives), `slow` (each way takes 50 ms), `hold` (a write stays on the way
until `release`, whatever became of its sender). Every word is answered with one line; `held` is printed when a write
is held. Only POST and DELETE meet the mode; reads pass.
"""

import asyncio
import sys
import urllib.parse
from contextlib import suppress

SLOW_S = 0.05


class Line:
    """The proxy's mode, and the writes that it holds."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.mode = "pass"
        self.released = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, until either side ends it."""
        upstream_reader, upstream = await asyncio.open_connection(self.host, self.port)
        try:
            while head := await reader.read(65536):
                if not head.startswith((b"POST", b"DELETE")):
                    await self._answer(head, upstream, upstream_reader, writer)
                elif not await self._write_through(self.mode, head, (reader, writer), (upstream_reader, upstream)):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (upstream, writer):
                with suppress(ConnectionError, RuntimeError):
                    end.close()

    async def _write_through(self, mode: str, head: bytes, client: "Ends", stripe: "Ends") -> bool:
        """Pass a write on as the mode says; False where the line is cut."""
        reader, writer = client
        if mode == "drop_before":
            return False
        request = await _whole(head, reader)
        if mode == "hold":
            print("held", flush=True)
            await self.released.wait()
            # Stripe hangs up on a line that is quiet for some seconds; what was held arrives by another.
            stripe = await asyncio.open_connection(self.host, self.port)
        if mode == "slow":
            await asyncio.sleep(SLOW_S)
        stripe[1].write(request)
        await stripe[1].drain()
        answer = await _whole(await stripe[0].read(65536), stripe[0])
        if mode == "slow":
            await asyncio.sleep(SLOW_S)
        if mode == "hold":
            print("delivered", flush=True)
        if mode == "drop_after":
            return False
        writer.write(answer[: len(answer) // 2] if mode == "cut" else answer)
        await writer.drain()
        return mode != "cut"

    async def _answer(
        self, head: bytes, upstream: asyncio.StreamWriter, answers: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        upstream.write(head)
        await upstream.drain()
        writer.write(await _whole(await answers.read(65536), answers))
        await writer.drain()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _whole(begun: bytes, reader: asyncio.StreamReader) -> bytes:
    """A message of HTTP/1.1, complete by its Content-Length."""
    while b"\r\n\r\n" not in begun:
        more = await reader.read(65536)
        if not more:
            raise ConnectionError
        begun += more
    head, _, body = begun.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0].partition(b":")[2]) if lengths else 0
    if len(body) < wanted:
        body += await reader.readexactly(wanted - len(body))
    return head + b"\r\n\r\n" + body


async def main(upstream: str) -> None:
    """Serve until standard input ends."""
    where = urllib.parse.urlsplit(upstream)
    line = Line(str(where.hostname), int(where.port or 80))
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    words = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    while word := (await words.readline()).decode().strip():
        if word == "release":
            line.released.set()
        else:
            line.mode, line.released = word, asyncio.Event()
        print("ok", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
