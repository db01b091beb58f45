package main

import (
	"errors"
	"fmt"
	"net/rpc"
	"strings"
)

type Args struct{ A, B int }

type Quotient struct{ Quo, Rem int }

type check struct {
	name string
	run  func() error
}

func checksOf(target target) []check {
	on := func(run func(*rpc.Client) error) func() error {
		return func() error {
			client, err := target.dial()
			if err != nil {
				return err
			}
			defer client.Close()
			return run(client)
		}
	}
	checks := []check{
		{"multiply", on(multiply("MathService.Multiply"))},
		{"arith-multiply", on(multiply("Arith.Multiply"))},
		{"quotient", on(quotient)},
		{"divide-by-zero", on(divideByZero)},
		{"no-such-method", on(noSuchMethod)},
		{"partial-arguments", on(partialArguments)},
		{"one-at-a-time", on(func(client *rpc.Client) error { return inFlight(client, 500, 1) })},
		{"pipelined", on(func(client *rpc.Client) error { return inFlight(client, 10000, 100) })},
	}
	if target.http {
		checks = append(checks,
			check{"debug-page", func() error { return debugPage(target) }},
			check{"must-connect", func() error { return mustConnect(target) }},
		)
	}
	return checks
}

func multiply(method string) func(*rpc.Client) error {
	return func(client *rpc.Client) error {
		var product int
		if err := client.Call(method, &Args{10, 20}, &product); err != nil {
			return err
		}
		return same(product, 200)
	}
}

func quotient(client *rpc.Client) error {
	var quotient Quotient
	if err := client.Call("Arith.QuoRem", &Args{-17, 5}, &quotient); err != nil {
		return err
	}
	return same(quotient, Quotient{-3, -2})
}

// The connection goes on after an error.
func divideByZero(client *rpc.Client) error {
	for i := 0; i < 2; i++ {
		err := client.Call("Arith.QuoRem", &Args{1, 0}, new(Quotient))
		if err := serverError(err, "divide by zero"); err != nil {
			return err
		}
		if err := quotient(client); err != nil {
			return err
		}
	}
	return nil
}

func noSuchMethod(client *rpc.Client) error {
	for method, text := range map[string]string{
		"Arith.Add":         "rpc: can't find method Arith.Add",
		"Geometry.Multiply": "rpc: can't find service Geometry.Multiply",
		"Multiply":          "rpc: service/method request ill-formed: Multiply",
	} {
		if err := serverError(client.Call(method, &Args{1, 2}, new(int)), text); err != nil {
			return err
		}
	}
	return multiply("Arith.Multiply")(client)
}

// A server takes what there is of its arguments and leaves the rest zero.
func partialArguments(client *rpc.Client) error {
	var product int
	if err := client.Call("Arith.Multiply", struct{ B int }{3}, &product); err != nil {
		return err
	}
	return same(product, 0)
}

func inFlight(client *rpc.Client, count, limit int) error {
	done := make(chan *rpc.Call, limit)
	receive := func() error {
		call := <-done
		if call.Error != nil {
			return call.Error
		}
		args := call.Args.(*Args)
		return same(*call.Reply.(*int), args.A*args.B)
	}
	for sent := 0; sent < count; sent++ {
		if sent >= limit {
			if err := receive(); err != nil {
				return err
			}
		}
		client.Go("MathService.Multiply", &Args{sent, sent + 1}, new(int), done)
	}
	for left := limit; left > 0; left-- {
		if err := receive(); err != nil {
			return err
		}
	}
	return nil
}

func debugPage(target target) error {
	status, body, err := target.ask("GET", rpc.DefaultDebugPath)
	if err != nil {
		return err
	}
	if err := same(status, 200); err != nil {
		return err
	}
	for _, text := range []string{"Service Arith", "Service MathService", "Multiply(", "QuoRem("} {
		if !strings.Contains(body, text) {
			return fmt.Errorf("%s isn't on the page: %s", text, body)
		}
	}
	return nil
}

func mustConnect(target target) error {
	status, body, err := target.ask("GET", rpc.DefaultRPCPath)
	if err != nil {
		return err
	}
	if err := same(status, 405); err != nil {
		return err
	}
	return same(body, "405 must CONNECT\n")
}

func serverError(err error, text string) error {
	var told rpc.ServerError
	if !errors.As(err, &told) {
		return fmt.Errorf("got %v, not a server's error", err)
	}
	return same(string(told), text)
}

func same[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("got %v, not %v", got, want)
	}
	return nil
}
