// Calls MathService.Multiply on one connection and writes each reply as a line: what benches/netrpc compares with.
//
//	netrpc-calls [-count N] [-in-flight N] HOST:PORT
package main

import (
	"bufio"
	"flag"
	"log"
	"net/rpc"
	"os"
	"strconv"
)

type Args struct{ A, B int }

func main() {
	log.SetFlags(0)
	count := flag.Int("count", 1, "how many calls")
	limit := flag.Int("in-flight", 100, "how many calls wait for their answers at a time")
	flag.Parse()
	client, err := rpc.Dial("tcp", flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}

	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	done := make(chan *rpc.Call, *limit)
	line := make([]byte, 0, 32)
	for sent, received := 0, 0; received < *count; received++ {
		for ; sent < *count && sent-received < *limit; sent++ {
			client.Go("MathService.Multiply", &Args{sent, 3}, new(int), done)
		}
		call := <-done
		if call.Error != nil {
			log.Fatal(call.Error)
		}
		line = strconv.AppendInt(line[:0], int64(*call.Reply.(*int)), 10)
		out.Write(append(line, '\n'))
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
