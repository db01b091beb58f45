"""Holds rpcctl encode and decode against Python's protobuf on random messages.

    compare.py [--count N] [--seed S] RPCCTL DESCRIPTOR_SET TYPE

Each message goes from each format to each, as Python's protobuf writes it and in other bytes that mean the same. What
comes back has to be the message, bit by bit, JSON the same document that Python writes, and bytes no more than its own.
A line a way, `ok WAY` or `not ok WAY` with the first messages that went wrong, as small as they still go wrong.
"""

import argparse
import sys
import time

from google.protobuf import json_format, message, text_format
from google.protobuf.internal import api_implementation

import forms
import messages
import program
import shrink
import wire

WAYS = [
    ("protobuf", "json"),
    ("protobuf", "text"),
    ("json", "protobuf"),
    ("text", "protobuf"),
    ("json", "protobuf", "json"),
    ("json", "protobuf", "text"),
    ("text", "protobuf", "json"),
    ("text", "protobuf", "text"),
    ("protobuf", "json", "protobuf"),
    ("protobuf", "text", "protobuf"),
    ("protobuf", "yaml", "protobuf"),
    *(("protobuf", form) for form in forms.JSON if form != "json"),
    *((form, "protobuf") for form in forms.JSON if form != "json"),
]

# So many are drawn, converted and compared at once, and so many of a way's failures are shown.
AT_ONCE = 1000
SHOWN = 3

REFUSALS = (
    message.DecodeError,
    json_format.ParseError,
    json_format.SerializeToJsonError,
    text_format.ParseError,
    UnicodeDecodeError,
)


class Case:
    """A message, the bytes that were drawn for it, and what Python writes for it in each format."""

    def __init__(self, kind, data, number=None):
        self.kind, self.number = kind, number
        whole = forms.read(kind, "protobuf", data)
        size = whole.ByteSize()
        whole.DiscardUnknownFields()
        self.has_unknown = whole.ByteSize() != size
        self.message, self.canonical = whole, forms.canonical(whole)
        self.payloads = {form: forms.write(whole, form) for form in ["text", *forms.JSON]}
        # What is known to be right, so that it isn't read again for each way.
        self.right = {("protobuf", self.canonical), *self.payloads.items()}
        self.payloads["protobuf"] = data

    def is_fair(self):
        """Whether Python itself gets through."""
        return all(self.means_it(form, self.payloads[form]) for form in ["json", "text"])

    def means_it(self, form, payload):
        return forms.canonical(forms.read(self.kind, form, payload)) == self.canonical


def draw(kind, seed, number):
    """The message of a number, and how often it was drawn again because Python can't do with it."""
    source = messages.Source(f"{seed}.{number}", kind)
    again = 0
    while True:
        try:
            data, merged = wire.drawn(source)
            case = Case(kind, data, number)
            # Two messages merged may be one that neither JSON nor text can say.
            if not merged or case.is_fair():
                return case, again
        except REFUSALS:
            pass
        again += 1


def complaint(case, form, answer):
    """What is wrong with what came out for a message in a format, or None."""
    if isinstance(answer, program.Broken):
        return str(answer)
    # What is alike is the same; whether what differs means the same is for Python to say.
    if (form, answer) in case.right or form in forms.JSON and _same(forms.document, answer, case.payloads[form]):
        return None
    try:
        if not case.means_it(form, answer):
            return "another message"
    except REFUSALS as refusal:
        return f"Python cannot read it: {refusal}"
    if form in forms.JSON and not _same(forms.outline, answer, case.payloads[form]):
        return "another document"
    if form == "protobuf" and len(answer) != len(case.canonical):
        return f"{len(answer)} bytes, of which {len(case.canonical)} would do"
    case.right.add((form, answer))
    return None


def _same(spelled, one, other):
    try:
        return spelled(one) == spelled(other)
    except ValueError:
        return False


class Way:
    """What became of all messages on a way."""

    def __init__(self, way, rpcctl, seed):
        self.way, self.rpcctl, self.seed = way, rpcctl, seed
        self.name = f"{rpcctl.type.rpartition('.')[2]} {' to '.join(way)}"
        self.count, self.failed, self.shown = 0, 0, []

    def go(self, cases):
        # Text has unknown fields for people to see, and no reader of it takes them.
        cases = [case for case in cases if not (case.has_unknown and "text" in self.way[1:-1])]
        self.count += len(cases)
        answers = self.rpcctl.convert(self.way, [case.payloads[self.way[0]] for case in cases])
        for case, answer in zip(cases, answers):
            wrong = complaint(case, self.way[-1], answer)
            self.failed += bool(wrong)
            if wrong and len(self.shown) < SHOWN:
                self.shown.append(self.explained(case))

    def wrong(self, case):
        """What is wrong with a message, and what came out for it."""
        [answer] = self.rpcctl.convert(self.way, [case.payloads[self.way[0]]])
        return complaint(case, self.way[-1], answer), answer

    def explained(self, case):
        def goes_wrong(data):
            try:
                return self.wrong(Case(case.kind, data))[0] is not None
            except REFUSALS:
                return False

        least = Case(case.kind, shrink.smallest(case, goes_wrong, by_bytes=self.way[0] == "protobuf"))
        wrong, answer = self.wrong(least)
        lines = [f"{self.seed}.{case.number}: {wrong}", f"sent   {_shown(self.way[0], least.payloads[self.way[0]])}"]
        if isinstance(answer, bytes):
            theirs = least.canonical if self.way[-1] == "protobuf" else least.payloads[self.way[-1]]
            lines += [f"got    {_shown(self.way[-1], answer)}", f"Python {_shown(self.way[-1], theirs)}"]
        return [*lines, f"$ {self.rpcctl.told(self.way, least.payloads[self.way[0]])}"]

    def report(self):
        if not self.failed:
            print(f"ok differential {self.name}: {self.count} messages")
            return
        print(f"not ok differential {self.name}: {self.failed} of {self.count} messages")
        for lines in self.shown:
            print(*(f"    {line}" for line in lines), sep="\n")


def _shown(form, payload):
    return payload.hex() if form == "protobuf" else payload.decode(errors="backslashreplace").strip()


def broken_off(why):
    print(why)
    sys.exit(2)


def main():
    flags = argparse.ArgumentParser(usage=__doc__)
    flags.add_argument("--count", type=int, default=1000)
    flags.add_argument("--seed", default="1")
    flags.add_argument("rpcctl")
    flags.add_argument("descriptors")
    flags.add_argument("type")
    options = flags.parse_args()
    if api_implementation.Type() != "upb":
        broken_off(f"this is protobuf's {api_implementation.Type()} implementation, not upb")
    forms.load(options.descriptors)
    try:
        kind = forms.message_class(options.type)
    except KeyError:
        broken_off(f"{options.descriptors} has no message {options.type}")
    rpcctl = program.Program(options.rpcctl, options.descriptors, options.type)
    ways = [Way(way, rpcctl, options.seed) for way in WAYS]

    started, size, again = time.monotonic(), 0, 0
    for first in range(0, options.count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, options.count))
        drawn = [draw(kind, options.seed, number) for number in numbers]
        cases = [case for case, _ in drawn]
        again += sum(times for _, times in drawn)
        size += sum(len(case.payloads["protobuf"]) for case in cases)
        for way in ways:
            way.go(cases)
    for way in ways:
        way.report()
    each, took = size // max(1, options.count), time.monotonic() - started
    print(f"# {options.count} messages of {options.type}, seed {options.seed}, {each} bytes each, in {took:.1f} s")
    if again:
        print(f"# {again} more were drawn that Python cannot write in JSON and text and read again")
    return 1 if any(way.failed for way in ways) else 0


if __name__ == "__main__":
    sys.exit(main())
