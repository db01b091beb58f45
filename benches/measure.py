#!/usr/bin/env python3
"""Runs commands in turn and prints the medians of what each of them cost, as a table.

measure.py [--runs N] [--block N] [--memory-runs N] --out FOLDER [--bar MEASURE=RATIO]...
           [--floor MEASURE=VALUE]... [--limit MEASURE=VALUE]... -- NAME COMMAND... [-- NAME COMMAND...]

Turns are single runs (A B A B ...), or with --block N, N runs each (A A A B B B ...), of which the first does not
count: it finds the caches as the other command left them, the others as the command itself did.

MEASURE is wall (ms), cpu (user + system, ms) or peak (resident memory, MiB). A bar is for the first command's median
over the last one's, and a floor is a median that is good enough whatever the ratio; a limit is for the first
command's median itself. Exits 1 when a bar or a limit is missed. What a command prints goes to FOLDER/NAME.out.
"""

import argparse
import ctypes
import os
import pathlib
import socket
import statistics
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
MEASURES = {"wall": "ms", "cpu": "ms", "peak": "MiB"}


def spawn(command, out, *actions):
    """Starts a command without the copying that fork does; `out` takes its stdout, `out`.err its stderr."""
    create = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, create, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, f"{out}.err", create, 0o644),
        *actions,
    ])


def finish(pid, command, out):
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.exit(f"exit {code} from {' '.join(command)}\n{pathlib.Path(f'{out}.err').read_text()}")
    return usage


def time_once(command, out):
    start = time.perf_counter()
    usage = finish(spawn(command, out), command, out)
    wall = time.perf_counter() - start
    return {"wall": wall * 1e3, "cpu": (usage.ru_utime + usage.ru_stime) * 1e3}


def peak_once(command, out):
    """The peak of a command's resident memory.

    Linux lets a process inherit the peak of the one it was spawned from, so a child of this Python cannot show less
    than Python's own. A shell between them forks a process that starts afresh, and goes away; the process, an orphan
    now, comes to this one to be waited for, and is told to turn into the command.
    """
    if sys.platform != "linux":
        return finish(spawn(command, out), command, out).ru_maxrss / 2**20
    ours, theirs = socket.socketpair()
    script = '{ read -r go <&9; exec "$@" 9>&-; } & echo $! >&9'
    shell = spawn(["sh", "-c", script, "sh", *command], out, (os.POSIX_SPAWN_DUP2, theirs.fileno(), 9))
    theirs.close()
    pid = int(ours.makefile().readline())
    os.waitpid(shell, 0)
    ours.sendall(b"go\n")
    ours.close()
    return finish(pid, command, out).ru_maxrss / 2**10


def turns(runs, block):
    """How many runs each turn has that count; before them goes one that does not, if the turn is a block."""
    counted = max(block - 1, 1)
    return [min(counted, runs - done) for done in range(0, runs, counted)]


def measure(commands, options):
    """Medians by name and measure. One run of each goes first and does not count."""
    samples = {name: {measure: [] for measure in MEASURES} for name in commands}
    outs = {name: options.out / f"{name}.out" for name in commands}
    for name, command in commands.items():
        time_once(command, outs[name])
    for counted in turns(options.runs, options.block):
        for name, command in commands.items():
            if options.block > 1:
                time_once(command, outs[name])
            for _ in range(counted):
                for key, value in time_once(command, outs[name]).items():
                    samples[name][key].append(value)
    for _ in range(options.memory_runs):
        for name, command in commands.items():
            samples[name]["peak"].append(peak_once(command, outs[name]))
    return {name: {key: statistics.median(values) for key, values in kinds.items() if values}
            for name, kinds in samples.items()}


def print_table(rows):
    print("".join([f"{'':16}", *(f"{f'{key} {unit}':>12}" for key, unit in MEASURES.items())]))
    for name, values in rows.items():
        print("".join([f"{name:16}", *(f"{values.get(key, ''):>12}" for key in MEASURES)]))


def report(medians, bars, floors, limits):
    """Prints the table and returns what was missed."""
    first, last = list(medians.values())[0], list(medians.values())[-1]
    rows = {name: {key: f"{value:.2f}" for key, value in values.items()} for name, values in medians.items()}
    missed = []
    if len(medians) > 1:
        ratios = {key: first[key] / last[key] for key in first}
        rows["ratio"] = {key: f"{ratio:.3f}x" for key, ratio in ratios.items()}
        missed += [f"{key} {ratios[key]:.3f}x, more than {bar}x" for key, bar in bars.items()
                   if ratios[key] > bar and first[key] > floors.get(key, 0)]
    if bars:
        rows["bar"] = {key: f"{bar}x" for key, bar in bars.items()}
    if floors:
        rows["or at most"] = {key: f"{floor:g}" for key, floor in floors.items()}
    if limits:
        rows["limit"] = {key: f"{limit:g}" for key, limit in limits.items()}
    missed += [f"{key} {first[key]:.2f} {MEASURES[key]}, more than {limit:g}"
               for key, limit in limits.items() if first[key] > limit]
    print_table(rows)
    return missed


def named_number(text):
    name, _, number = text.partition("=")
    if name not in MEASURES:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(MEASURES)}")
    return name, float(number)


def commands_of(words):
    """Splits `-- NAME COMMAND... -- NAME COMMAND...`."""
    commands = {}
    for word in words:
        if word == "--":
            current = []
        elif not current:
            current = commands.setdefault(word, [word])
        else:
            current.append(word)
    return {name: command[1:] for name, command in commands.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--block", type=int, default=1)
    parser.add_argument("--memory-runs", type=int, default=11)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--bar", type=named_number, action="append", default=[])
    parser.add_argument("--floor", type=named_number, action="append", default=[])
    parser.add_argument("--limit", type=named_number, action="append", default=[])
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:split])

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    medians = measure(commands_of(sys.argv[split:]), options)
    order = f"each after itself, in blocks of {options.block}" if options.block > 1 else "strictly in turn"
    peak = f" ({options.memory_runs} for peak)" if options.memory_runs else ""
    print(f"medians of {options.runs} runs{peak}, {order}; load before {load} on {os.cpu_count()} cores")
    missed = report(medians, dict(options.bar), dict(options.floor), dict(options.limit))
    for bar in missed:
        print(f"bar missed: {bar}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
