#!/usr/bin/env python3
"""Runs load generators in turn and prints the medians of what a request cost each of them, as a table.

per-request.py [--runs N] --out FOLDER [--bar 'MEASURE A/B <= RATIO']... -- NAME REQUESTS COMMAND... [-- ...]

Each command sends REQUESTS requests. MEASURE is cpu (user + system time of the generator's own process, µs a request) or
rate (requests a second of its whole run), and a bar is for A's median over B's; it may be >=, too. Exits 1 when one is
missed, and at once when a generator fails or does not say that every request was answered with OK: rpcctl's JSON, h2load's
and ghz's summary are understood. What a command printed last is in FOLDER/NAME.out.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import time

# Nothing is written into the tree.
sys.dont_write_bytecode = True
from measure import finish, spawn  # noqa: E402

MEASURES = {"cpu": "µs/request", "rate": "requests/s"}
BAR = re.compile(r"(?P<measure>cpu|rate) (?P<first>\S+)/(?P<last>\S+) (?P<relation>[<>]=) (?P<ratio>[\d.]+)")


class Command:
    def __init__(self, words, folder):
        self.name, requests, *self.words = words
        self.requests = int(requests)
        self.out = folder / f"{self.name}.out"
        self.samples = {measure: [] for measure in MEASURES}

    def run(self):
        start = time.perf_counter()
        usage = finish(spawn(self.words, self.out), self.words, self.out)
        wall = time.perf_counter() - start
        answers = codes(self.out.read_text())
        if answers != {"OK": self.requests}:
            sys.exit(f"{answers}, not {self.requests} times OK, from {' '.join(self.words)}")
        return {"cpu": (usage.ru_utime + usage.ru_stime) * 1e6 / self.requests, "rate": self.requests / wall}

    def median(self, measure):
        return statistics.median(self.samples[measure])


def codes(text):
    """How many requests were answered with which code, by what a generator says. h2load knows HTTP's alone."""
    if text.startswith("{"):
        return json.loads(text)["codes"]
    if whole := re.search(r"^requests: .* (\d+) failed, .*\nstatus codes: (\d+) 2xx", text, re.MULTILINE):
        counts = {"failed": int(whole[1]), "OK": int(whole[2])}
    else:
        counts = {code: int(count) for code, count in re.findall(r"^  \[(\w+)\] +(\d+) responses", text, re.MULTILINE)}
    return {code: count for code, count in counts.items() if count}


def print_table(commands):
    print("".join([f"{'':12}{'requests':>12}", *(f"{f'{key} {unit}':>18}" for key, unit in MEASURES.items())]))
    for command in commands.values():
        values = [f"{command.median('cpu'):>18.3f}", f"{command.median('rate'):>18,.0f}"]
        print("".join([f"{command.name:12}{command.requests:>12,}", *values]))


def check(bar, commands):
    """Prints how a bar is met, and whether it is."""
    measure, first, last, relation, ratio = BAR.fullmatch(bar).groups()
    reached = commands[first].median(measure) / commands[last].median(measure)
    met = reached <= float(ratio) if relation == "<=" else reached >= float(ratio)
    line = f"{measure} {first}/{last} {reached:.4g}x, at {'most' if relation == '<=' else 'least'} {ratio}x"
    print(line if met else f"bar missed: {line}")
    return met


def a_bar(text):
    if not BAR.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is no MEASURE A/B <= RATIO")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--bar", type=a_bar, action="append", default=[])
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:split])

    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    commands = {}
    words = sys.argv[split:]
    while words:
        end = words.index("--", 1) if "--" in words[1:] else len(words)
        command = Command(words[1:end], options.out)
        commands[command.name] = command
        words = words[end:]
    # One run of each goes first and does not count.
    for command in commands.values():
        command.run()
    for _ in range(options.runs):
        for command in commands.values():
            for measure, value in command.run().items():
                command.samples[measure].append(value)
    print(f"medians of {options.runs} runs, strictly in turn; load before {load} on {os.cpu_count()} cores")
    print_table(commands)
    met = [check(bar, commands) for bar in options.bar]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
