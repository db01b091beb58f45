"""Checks a server of MathService and Arith that speaks net/rpc's JSON-RPC, one line a check.

client.py HOST:PORT
"""

import json
import socket
import sys


class Client:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.stream = socket.create_connection((host, int(port)), timeout=10).makefile("rwb")

    def send(self, number, method, *arguments):
        self.stream.write(json.dumps({"method": method, "params": arguments, "id": number}).encode())

    def receive(self):
        self.stream.flush()
        return json.loads(self.stream.readline())

    def call(self, method, arguments, result, error=None, number=0):
        self.send(number, method, arguments)
        same(self.receive(), {"id": number, "result": result, "error": error})


def same(got, wanted):
    if got != wanted:
        raise ValueError(f"got {got}, not {wanted}")


def multiply(client):
    client.call("MathService.Multiply", {"A": 10, "B": 20}, 200)
    client.call("Arith.Multiply", {"A": 10, "B": 20}, 200)


def quotient(client):
    client.call("Arith.QuoRem", {"A": -17, "B": 5}, {"Quo": -3, "Rem": -2})


def divide_by_zero(client):
    for _ in range(2):
        client.call("Arith.QuoRem", {"A": 1, "B": 0}, None, "divide by zero")
        quotient(client)


def no_such_method(client):
    client.call("Arith.Add", {}, None, "rpc: can't find method Arith.Add")
    client.call("Geometry.Add", {}, None, "rpc: can't find service Geometry.Add")
    multiply(client)


def partial_arguments(client):
    client.call("Arith.Multiply", {"B": 3}, 0)


def any_id(client):
    for number in "seven", None, {"a": [1.5]}, 2**53:
        client.call("Arith.Multiply", {"A": 6, "B": 7}, 42, number=number)


def one_at_a_time(client):
    for number in range(500):
        client.call("Arith.Multiply", {"A": number, "B": 2}, 2 * number, number=number)


def pipelined(client):
    for factor in range(100):
        products = {number: factor * number for number in range(100)}
        for number in products:
            client.send(number, "MathService.Multiply", {"A": factor, "B": number})
        while products:
            reply = client.receive()
            same(reply["result"], products.pop(reply["id"]))


failed = False
for check in (multiply, quotient, divide_by_zero, no_such_method, partial_arguments, any_id, one_at_a_time, pipelined):
    name = check.__name__.replace("_", "-")
    try:
        check(Client(sys.argv[1]))
        print("ok", name)
    except (OSError, ValueError, KeyError) as error:
        print(f"not ok {name}: {error}")
        failed = True
sys.exit(failed)
