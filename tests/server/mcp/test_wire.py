"""The wire of stdio: whole lines, whole answers, and nobody else's words between them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from paydesk.server.mcp.wire import InLines, OutText

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot wait for descriptors")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture
def pipe() -> tuple[int, int]:
    """A pipe: the end to read, the end to write."""
    return os.pipe()


async def test_lines_come_whole_however_they_were_cut(pipe: tuple[int, int]) -> None:
    """Ours: a pipe cuts where it likes, also inside a character; the last line may lack its end."""
    reading, writing = pipe
    said = '{"name":"Zoë"}\n{"name":"小林"}\n\nlast'.encode()

    async def write() -> None:
        for place in range(0, len(said), 5):
            os.write(writing, said[place : place + 5])
            await anyio.lowlevel.checkpoint()
        os.close(writing)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            lines = [line async for line in InLines(reading)]
    assert lines == ['{"name":"Zoë"}', '{"name":"小林"}', "", "last"]


async def test_what_is_no_utf8_is_replaced_and_reading_goes_on(pipe: tuple[int, int]) -> None:
    """MCP: messages are UTF-8; a broken one must not end the server."""
    reading, writing = pipe
    os.write(writing, b"\xff\xfe\n{}\n")
    os.close(writing)
    assert [line async for line in InLines(reading)] == ["\ufffd\ufffd", "{}"]


async def test_a_slow_reader_does_not_stop_the_server(pipe: tuple[int, int]) -> None:
    """Ours: an answer larger than the pipe waits without blocking the loop."""
    reading, writing = pipe
    answer = "ä" * 500_000
    read = bytearray()

    async def read_all() -> None:
        while len(read) < len(answer.encode()):
            await anyio.wait_readable(reading)
            read.extend(os.read(reading, 4096))

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            # Written first, read by the same loop: a blocking write would never return.
            tasks.start_soon(OutText(writing).write, answer)
            tasks.start_soon(read_all)
    assert read.decode() == answer


async def test_a_client_that_left_is_an_error_and_not_a_wait(pipe: tuple[int, int]) -> None:
    """Ours: every wait has a bound."""
    reading, writing = pipe
    os.close(reading)
    with anyio.fail_after(10), pytest.raises(BrokenPipeError):
        await OutText(writing).write("nobody reads this")


async def test_files_are_read_and_written_too(tmp_path: Path) -> None:
    """Ours: `paydesk stdio < requests > answers` is how a person tries it; a file cannot be waited for."""
    file = tmp_path / "lines"
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR)
    await OutText(descriptor).write("one\ntwo\n")
    os.lseek(descriptor, 0, os.SEEK_SET)
    assert [line async for line in InLines(descriptor)] == ["one", "two"]
    os.close(descriptor)


def test_requests_from_a_file_are_answered_into_a_file_and_the_server_ends(tmp_path: Path) -> None:
    """Ours: the end of input ends the server, after it has answered; MCP: nothing but messages on standard output."""
    requests = tmp_path / "requests"
    lines = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": {"_meta": META}}
        for number, method in enumerate(["tools/list", "prompts/list", "resources/list"])
    ]
    requests.write_text("".join(json.dumps(line) + "\n" for line in lines))
    env = {**os.environ, "PAYDESK_HOME": str(tmp_path / "home")}  # noqa: TID251 - a child's
    command = [str(Path(sys.executable).parent / "paydesk"), "stdio"]
    with requests.open() as given, (tmp_path / "answers").open("w+") as answers:
        done = subprocess.run(
            command, stdin=given, stdout=answers, stderr=subprocess.PIPE, env=env, timeout=60, check=False
        )
        answers.seek(0)
        told = [json.loads(line) for line in answers]
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert sorted(line["id"] for line in told if "result" in line) == [0, 1, 2]
