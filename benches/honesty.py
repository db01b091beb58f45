#!/usr/bin/env python3
"""The measurements of benches/honesty, each with its bar. Exits 1 when a bar is missed.

honesty.py RPCCTL RESPONDER PROTO CALLS
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

METHOD = "hello.HelloService/SayHello"
SECOND = 1_000_000_000

rpcctl, responder, proto, calls = *sys.argv[1:4], int(sys.argv[4])
folder = tempfile.mkdtemp()
missed = False


class Server:
    """A server that prints where it listens, and ends when told to."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[2]

    def end(self, number=signal.SIGTERM):
        """Ends it, and gives what it says last."""
        self.process.send_signal(number)
        return self.process.stdout.read()


def bench(address, *words, during=None):
    """A run's report, and the peak of its resident memory in MiB. What happens `during` it runs beside it."""
    command = [rpcctl, "bench", address, METHOD, "--proto", proto, "-d", '{"name":"Alice"}', "-o", "json", "-q", *words]
    with open(f"{folder}/report", "w") as out:
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
        if during:
            beside = threading.Thread(target=during)
            beside.start()
        _, status, usage = os.wait4(pid, 0)
        if during:
            beside.join()
    with open(f"{folder}/report") as text:
        report = json.load(text)
    return report | {"exit": os.waitstatus_to_exitcode(status)}, usage.ru_maxrss / 1024


def bar(holds, text):
    global missed
    missed |= not holds
    print(f"{'' if holds else 'bar missed: '}{text}", flush=True)


def title(text):
    print(f"\n== {text}", flush=True)


def adds_up(report):
    ended = sum(report["codes"].values()) + sum(report["transport_errors"].values())
    bar(report["issued"] == ended + report["in_flight"],
        f"{report['issued']:,} issued = {ended:,} ended + {report['in_flight']:,} in flight")


def counts():
    title(f"{calls:,} calls, of which a server fails, resets and leaves some: its counts and those of bench")
    faults = ["--fail-every", "101", "--reset-every", "97", "--goaway-every", "10007"]
    server = Server(responder, "--listen", "127.0.0.1:0", "--count", *faults)
    report, _ = bench(server.address, "-n", str(calls), "-c", "4", "-m", "25")
    own = json.loads(server.end())
    adds_up(report)
    told = {
        "ok": report["codes"].get("OK", 0),
        "failed": report["codes"].get("INTERNAL", 0),
        "reset": report["transport_errors"].get("reset REFUSED_STREAM", 0),
    }
    for name, count in told.items():
        bar(count == own[name], f"{name}: {count:,}, of which the server says {own[name]:,}")
    left = report["transport_errors"].get("goaway NO_ERROR", 0)
    print(f"{own['goaways']:,} times the server took leave, and did not look at {left:,} calls")


def restarts():
    title("a server that is killed, and comes back where it was")
    path = f"{folder}/socket"
    first = Server(responder, "--listen", f"unix:{path}")

    def kill():
        time.sleep(1)
        first.end(signal.SIGKILL)
        os.unlink(path)
        time.sleep(0.5)
        second.append(Server(responder, "--listen", f"unix:{path}"))

    second = []
    report, _ = bench(f"unix:{path}", "--duration", "3s", "-c", "5", "-m", "20", during=kill)
    adds_up(report)
    lost = report["transport_errors"].get("lost", 0)
    bar(0 < lost <= 100, f"{lost} calls were lost with the server, of 100 under way")
    bar(report["connections"]["opened"] == 10, f"{report['connections']['opened']} connections were made, 5 and 5")
    second[0].end()


def stall():
    title("1,000 calls a second for 10 s, and a server that stops for 1 s")
    server = Server(responder, "--listen", "127.0.0.1:0")

    def stop():
        time.sleep(4)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        server.process.send_signal(signal.SIGCONT)

    report, _ = bench(server.address, "--rate", "1000", "--duration", "10s", during=stop)
    adds_up(report)
    times = report["latency_intended"]
    bar(report["dropped"] == 0 and times["count"] == 10_000, f"{times['count']:,} calls in OK, {report['dropped']} dropped")
    p99, most = times["p99"] / SECOND, times["max"] / SECOND
    bar(abs(p99 - 0.9) <= 0.045, f"p99 {p99:.3f} s, within 5 % of 0.9 s")
    bar(abs(most - 1) <= 0.05, f"max {most:.3f} s, within 5 % of 1 s")
    print(f"from when calls were sent: p99 {report['latency_actual']['p99'] / SECOND:.6f} s")
    report, _ = bench(server.address, "-n", "1000")
    bar("omission" in report.get("caveat", ""), "a closed loop says that it omits")
    server.end()


def rates():
    title("rates over 30 s")
    server = Server(responder, "--listen", "127.0.0.1:0")
    for rate in [1000, 50_000]:
        report, _ = bench(server.address, "--rate", str(rate), "--duration", "30s", "-m", "200")
        off = abs(report["rate_achieved"] / rate - 1)
        lag = report["worst_lag_ns"] / 1e6
        bar(off <= 0.001, f"{rate:,}/s: {report['rate_achieved']:,.1f}/s, off by {off:.4%}; worst lag {lag:.2f} ms")
    server.end()


def memory():
    title("memory")
    server = Server(responder, "--listen", "127.0.0.1:0")
    small, large = (bench(server.address, "-n", str(number), "-c", "4", "-m", "25")[1] for number in [calls // 10, calls])
    bar(large <= 1.05 * small, f"{large:.1f} MiB for {calls:,} calls, {large / small:.3f} times that for a tenth of them")
    server.end()


def connections():
    title("10,000 connections on one thread")
    server = Server(responder, "--listen", f"unix:{folder}/many")
    report, peak = bench(server.address, "-c", "10000", "-m", "1", "-n", "100000", "--connect-timeout", "60s")
    adds_up(report)
    bar(report["connections"]["opened"] == 10_000 and report["codes"] == {"OK": 100_000},
        f"{report['connections']['opened']:,} connections, {report['codes']}, {peak:.0f} MiB")
    server.end()


print(f"load before {' '.join(f'{load:.2f}' for load in os.getloadavg())} on {os.cpu_count()} cores")
for measurement in [counts, restarts, stall, rates, memory, connections]:
    measurement()
sys.exit(missed)
