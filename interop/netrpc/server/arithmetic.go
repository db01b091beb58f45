package main

import "errors"

// Args are what every method of arithmetic takes.
type Args struct{ A, B int }

// Quotient is what a division leaves.
type Quotient struct{ Quo, Rem int }

// MathService is the service that most tutorials have.
type MathService int

func (*MathService) Multiply(args *Args, reply *int) error {
	*reply = args.A * args.B
	return nil
}

// Arith is the service of net/rpc's own documentation.
type Arith int

func (*Arith) Multiply(args *Args, reply *int) error {
	*reply = args.A * args.B
	return nil
}

func (*Arith) QuoRem(args *Args, reply *Quotient) error {
	if args.B == 0 {
		return errors.New("divide by zero")
	}
	reply.Quo, reply.Rem = args.A/args.B, args.A%args.B
	return nil
}
