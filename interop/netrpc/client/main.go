// Checks a server of MathService and Arith on one transport with the standard library's clients, one line a check.
//
//	netrpc-client [-cacert FILE] TARGET
//
// TARGET is written as rpcctl's targets are: netrpc://HOST:PORT, netrpc+http+unix:PATH, jsonrpc+tls://HOST:PORT …
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	authority := flag.String("cacert", "", "trust these certificates (PEM)")
	flag.Parse()
	target, err := parse(flag.Arg(0), *authority)
	if err != nil {
		log.Fatal(err)
	}

	failed := false
	for _, check := range checksOf(target) {
		if err := within(10*time.Second, check.run); err != nil {
			fmt.Printf("not ok %s: %v\n", check.name, err)
			failed = true
		} else {
			fmt.Printf("ok %s\n", check.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func within(limit time.Duration, run func() error) error {
	result := make(chan error, 1)
	go func() { result <- run() }()
	select {
	case err := <-result:
		return err
	case <-time.After(limit):
		return fmt.Errorf("not done after %v", limit)
	}
}

// A target says what is dialled and what is spoken there.
type target struct {
	network, address string
	json, http       bool
	tls              *tls.Config
}

func parse(text, authority string) (target, error) {
	scheme, address, ok := strings.Cut(text, ":")
	if !ok {
		return target{}, fmt.Errorf("%q is no target", text)
	}
	parsed := target{network: "tcp", address: strings.TrimPrefix(address, "//")}
	words := strings.Split(scheme, "+")
	parsed.json = words[0] == "jsonrpc"
	for _, word := range words[1:] {
		switch word {
		case "unix":
			parsed.network = "unix"
		case "http":
			parsed.http = true
		case "tls":
			parsed.tls = &tls.Config{}
		case "https":
			parsed.http, parsed.tls = true, &tls.Config{}
		default:
			return target{}, fmt.Errorf("%q has no transport %q", text, word)
		}
	}
	if parsed.tls != nil && authority != "" {
		pem, err := os.ReadFile(authority)
		if err != nil {
			return target{}, err
		}
		parsed.tls.RootCAs = x509.NewCertPool()
		if !parsed.tls.RootCAs.AppendCertsFromPEM(pem) {
			return target{}, fmt.Errorf("%s holds no certificate", authority)
		}
	}
	return parsed, nil
}

func (t target) connect() (net.Conn, error) {
	if t.tls != nil {
		return tls.Dial(t.network, t.address, t.tls)
	}
	return net.Dial(t.network, t.address)
}

func (t target) dial() (*rpc.Client, error) {
	connection, err := t.connect()
	if err != nil {
		return nil, err
	}
	if t.json {
		return jsonrpc.NewClient(connection), nil
	}
	if t.http {
		if err := openTunnel(connection); err != nil {
			return nil, err
		}
	}
	return rpc.NewClient(connection), nil
}

// What rpc.DialHTTP does, on a connection of any kind.
func openTunnel(connection net.Conn) error {
	if _, err := io.WriteString(connection, "CONNECT "+rpc.DefaultRPCPath+" HTTP/1.0\n\n"); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: "CONNECT"})
	if err != nil {
		return err
	}
	if response.Status != "200 Connected to Go RPC" {
		return errors.New("the tunnel was answered with " + response.Status)
	}
	return nil
}

// ask sends an HTTP request other than the tunnel's.
func (t target) ask(method, path string) (status int, body string, err error) {
	connection, err := t.connect()
	if err != nil {
		return 0, "", err
	}
	defer connection.Close()
	request, err := http.NewRequest(method, "http://localhost"+path, nil)
	if err != nil {
		return 0, "", err
	}
	request.Close = true
	if err := request.Write(connection); err != nil {
		return 0, "", err
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	bytes, err := io.ReadAll(response.Body)
	return response.StatusCode, string(bytes), err
}
