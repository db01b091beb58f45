// A net/rpc server on every transport that the standard library offers.
//
// It says where it listens as one line of JSON, by the schemes that rpcctl's targets have.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"path/filepath"
	"time"
)

func main() {
	log.SetFlags(0)
	folder := flag.String("sockets", "", "serve on unix sockets in this folder, too")
	certificate := flag.String("write-cert", "", "save the self-signed certificate (PEM) here")
	flag.Parse()

	for _, service := range []any{new(MathService), new(Arith), new(Kinds)} {
		must(rpc.Register(service))
	}
	rpc.HandleHTTP()
	config := selfSigned(*certificate)

	transports := []struct {
		scheme string
		tls    bool
		serve  func(net.Listener)
	}{
		{"netrpc", false, rpc.Accept},
		{"netrpc+tls", true, rpc.Accept},
		{"netrpc+http", false, serveHTTP},
		{"netrpc+https", true, serveHTTP},
		{"jsonrpc", false, serveJSON},
		{"jsonrpc+tls", true, serveJSON},
	}
	addresses := map[string]string{}
	for _, transport := range transports {
		listener := listen("tcp", "127.0.0.1:0")
		addresses[transport.scheme] = listener.Addr().String()
		if transport.tls {
			go transport.serve(tls.NewListener(listener, config))
			continue
		}
		go transport.serve(listener)
		if *folder != "" {
			scheme := transport.scheme + "+unix"
			socket := filepath.Join(*folder, scheme)
			go transport.serve(listen("unix", socket))
			addresses[scheme] = socket
		}
	}

	line, err := json.Marshal(addresses)
	must(err)
	fmt.Printf("%s\nlistening on %s\n", line, addresses["netrpc"])
	select {}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func listen(network, address string) net.Listener {
	listener, err := net.Listen(network, address)
	must(err)
	return listener
}

func serveHTTP(listener net.Listener) {
	log.Fatal(http.Serve(listener, nil))
}

func serveJSON(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		must(err)
		go jsonrpc.ServeConn(connection)
	}
}

// A key and a certificate for localhost, of which the certificate is saved where a file is named.
func selfSigned(file string) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(48 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	if file != "" {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		must(os.WriteFile(file, text, 0o644))
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
