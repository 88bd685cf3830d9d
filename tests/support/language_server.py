"""A YAML language server as editors start it: a process that speaks LSP over its stdin and stdout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

MARK = "‸"
"""Stands in a text where the cursor is."""


class Editor:
    """Opens texts and asks about the place of the cursor."""

    def __init__(self, folder: Path, stdin: IO[bytes], answers: Queue[dict[str, Any]], patience: float) -> None:
        self.folder = folder
        self._stdin = stdin
        self._answers = answers
        self._patience = patience
        self._count = 0
        self._texts = 0
        self._found: dict[str, list[dict[str, Any]]] = {}

    def request(self, method: str, params: Any) -> Any:
        """Ask, and wait for the answer; what the server asks meanwhile is answered with nothing."""
        self._count += 1
        mine = self._count
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == mine and "method" not in message:
                assert "error" not in message, message["error"]
                return message.get("result")

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def open(self, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Open a text as a new file of the folder; gives the place of the cursor and what is wrong with the text."""
        self._texts += 1
        before, _, _ = text.partition(MARK)
        uri = (self.folder / f"{self._texts}.yml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text.replace(MARK, "")}
        self.notify("textDocument/didOpen", {"textDocument": document})
        while uri not in self._found:
            self._next()
        place = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return {"textDocument": {"uri": uri}, "position": place}, self._found[uri]

    def complete(self, text: str) -> dict[str, dict[str, Any]]:
        """What is offered at the cursor, by label."""
        place, _ = self.open(text)
        offered = self.request("textDocument/completion", place) or {"items": []}
        return {item["label"]: item for item in offered["items"]}

    def hover(self, text: str) -> str:
        """What is shown when the mouse rests at the cursor."""
        place, _ = self.open(text)
        shown = self.request("textDocument/hover", place)
        return shown["contents"]["value"] if shown else ""

    def problems(self, text: str) -> list[tuple[int, str]]:
        """Each problem's line, counted from 1, and its words."""
        _, found = self.open(text)
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in found]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._stdin.flush()

    def _next(self) -> dict[str, Any]:
        try:
            message = self._answers.get(timeout=self._patience)
        except Empty:
            raise AssertionError("the language server says nothing") from None
        if message.get("method") == "textDocument/publishDiagnostics":
            self._found[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            asked = message["params"].get("items", []) if isinstance(message.get("params"), dict) else []
            self._send({"id": message["id"], "result": [_SETTINGS.get(one.get("section")) for one in asked] or None})
        return message


_SETTINGS = {"yaml": {"completion": True, "hover": True, "validate": True, "schemaStore": {"enable": False}}}


@contextmanager
def editor(command: list[str], folder: Path, patience: float = 20) -> Iterator[Editor]:
    """A language server at work on a folder; it ends with the block."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    answers: Queue[dict[str, Any]] = Queue()
    reader = Thread(target=_read, args=(process.stdout, answers), daemon=True)
    reader.start()
    try:
        one = Editor(folder, process.stdin, answers, patience)
        hover = {"contentFormat": ["markdown"]}
        item = {"snippetSupport": True, "documentationFormat": ["markdown"]}
        able = {"textDocument": {"hover": hover, "completion": {"completionItem": item}}}
        about = {"workspace": {"configuration": True}, **able}
        one.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": about})
        one.notify("initialized", {})
        one.notify("workspace/didChangeConfiguration", {"settings": _SETTINGS})
        yield one
    finally:
        process.terminate()
        process.wait(10)
        process.stdin.close()
        reader.join(10)
        process.stdout.close()


def _read(stdout: IO[bytes], answers: Queue[dict[str, Any]]) -> None:
    while header := stdout.readline():
        size = int(header.partition(b":")[2])
        while stdout.readline().strip():
            pass
        answers.put(json.loads(stdout.read(size)))
