"""rpcctl encode and decode as filters: many messages go through a process at a time."""

import shlex
import subprocess

import forms
import wire

SEPARATOR = b"\x1e"


class Broken(Exception):
    """The program did not make of each message another."""


class Program:
    def __init__(self, path, descriptors, name):
        self.path, self.type = path, name
        self.schema = ["--descriptor-set", descriptors, name]

    def convert(self, way, payloads):
        """What becomes of each payload on its way through formats: bytes, or a Broken where nothing does.

        A process that fails says nothing about the messages behind: it is tried again with each half of them.
        """
        if not payloads:
            return []
        try:
            return self._run(way, payloads)
        except Broken as broken:
            if len(payloads) == 1:
                return [broken]
        middle = len(payloads) // 2
        return self.convert(way, payloads[:middle]) + self.convert(way, payloads[middle:])

    def _run(self, way, payloads):
        data = _joined(way[0], payloads)
        for form, step in zip(way[1:], _steps(way)):
            command = [self.path, *step, *self.schema, "--framing", "varint"]
            done = subprocess.run(command, input=data, capture_output=True, timeout=600)
            if done.returncode:
                raise Broken(f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
            # Separators stand between messages; an empty last one needs another behind it to be read.
            data = done.stdout + (SEPARATOR if form == "text" else b"")
        answers = _split(way[-1], data)
        if len(answers) != len(payloads):
            raise Broken(f"{len(answers)} messages of {len(payloads)}")
        return answers

    def told(self, way, payload):
        """The command that does this to one payload, to be pasted into a shell."""
        commands = []
        for step in _steps(way):
            words = [self.path, *step, *self.schema]
            if not commands:
                words += ["-i", "hex", "-d", payload.hex()] if way[0] == "protobuf" else ["-d", payload.decode()]
            commands.append(shlex.join(words))
        return " | ".join(commands)


def _steps(way):
    """A verb with its flags for each step; one of any two formats in a row is the wire's."""
    for before, after in zip(way, way[1:]):
        if after == "protobuf":
            yield ["encode", "-i", "json" if before in forms.JSON else before]
        elif after in forms.JSON:
            yield ["decode", "-o", "jsonl", *forms.JSON[after][0]]
        else:
            yield ["decode", "-o", after]


def _joined(form, payloads):
    if form == "protobuf":
        return b"".join(wire.varint(len(payload)) + payload for payload in payloads)
    return b"".join(payload + (SEPARATOR if form == "text" else b"\n") for payload in payloads)


def _split(form, data):
    if form == "protobuf":
        messages, at = [], 0
        while at < len(data):
            length, at = wire.read_varint(data, at)
            messages.append(data[at : at + length])
            at += length
        return messages
    if form == "text":
        return data.removesuffix(SEPARATOR).split(SEPARATOR + b"\n")
    return data.removesuffix(b"\n").split(b"\n")
