// A grpc-go server of interop.v1.Interop, helloworld.Greeter and the tutorial's RouteGuide, with
// reflection v1 and v1alpha, and channelz.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"net"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/service"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/examples/route_guide/routeguide"
	"google.golang.org/grpc/reflection"

	"interop/pb/helloworld"
	"interop/pb/interopv1"
)

func main() {
	log.SetFlags(0)
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 takes a free one")
	tls := flag.Bool("tls", false, "serve TLS; the certificate and key files follow the flags")
	flag.Parse()

	options := []grpc.ServerOption{grpc.MaxRecvMsgSize(math.MaxInt32)}
	if *tls {
		credentials, err := credentials.NewServerTLSFromFile(flag.Arg(0), flag.Arg(1))
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(credentials))
	}
	server := grpc.NewServer(options...)
	interopv1.RegisterInteropServer(server, interopServer{})
	helloworld.RegisterGreeterServer(server, greeter{})
	routeguide.RegisterRouteGuideServer(server, routeGuide{})
	reflection.Register(server)
	channelz.RegisterChannelzServiceToServer(server)

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	// A channel to itself, for channelz to tell of. Over TLS nobody vouches for the server, and it stays unconnected.
	channel, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	if !*tls {
		channel.Connect()
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}
