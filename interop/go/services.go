package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/examples/route_guide/routeguide"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"interop/pb/helloworld"
	"interop/pb/interopv1"
)

type greeter struct {
	helloworld.UnimplementedGreeterServer
}

func (greeter) SayHello(_ context.Context, request *helloworld.HelloRequest) (*helloworld.HelloReply, error) {
	return &helloworld.HelloReply{Message: "Hello " + request.GetName()}, nil
}

// The tutorial's route guide as published, for its schema: it is written in edition 2023.
type routeGuide struct {
	routeguide.UnimplementedRouteGuideServer
}

func (routeGuide) GetFeature(_ context.Context, point *routeguide.Point) (*routeguide.Feature, error) {
	return &routeguide.Feature{Name: "here", Location: point}, nil
}

type interopServer struct {
	interopv1.UnimplementedInteropServer
}

func (interopServer) Unary(_ context.Context, request *interopv1.Everything) (*interopv1.Everything, error) {
	return request, nil
}

func (interopServer) Extend(_ context.Context, request *interopv1.Extended) (*interopv1.Extended, error) {
	return request, nil
}

func (interopServer) ServerStream(request *interopv1.StreamRequest, stream grpc.ServerStreamingServer[interopv1.Note]) error {
	for number := int32(1); number <= request.GetCount(); number++ {
		note := &interopv1.Note{Text: fmt.Sprintf("%0*d", int(request.GetSize()), number)}
		if err := stream.Send(note); err != nil {
			return err
		}
	}
	return nil
}

func (interopServer) ClientStream(stream grpc.ClientStreamingServer[interopv1.Note, interopv1.Summary]) error {
	summary := &interopv1.Summary{}
	for {
		note, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(summary)
		}
		if err != nil {
			return err
		}
		summary.Count++
		summary.Texts = append(summary.Texts, note.GetText())
	}
}

func (interopServer) Bidi(stream grpc.BidiStreamingServer[interopv1.Note, interopv1.Note]) error {
	for {
		note, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&interopv1.Note{Text: "re:" + note.GetText()}); err != nil {
			return err
		}
	}
}

func (interopServer) Fail(_ context.Context, request *interopv1.FailRequest) (*interopv1.Everything, error) {
	failure, err := status.New(codes.Code(request.GetCode()), request.GetMessage()).WithDetails(
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "small", Description: "too-small"},
		}},
		&errdetails.ErrorInfo{Reason: "ASKED_FOR", Domain: "interop", Metadata: map[string]string{"server": "go"}},
	)
	if err != nil {
		return nil, err
	}
	return nil, failure.Err()
}

func (interopServer) Metadata(ctx context.Context, _ *interopv1.MetadataRequest) (*interopv1.MetadataReply, error) {
	reply := &interopv1.MetadataReply{}
	received, _ := metadata.FromIncomingContext(ctx)
	for _, name := range slices.Sorted(maps.Keys(received)) {
		if !strings.HasPrefix(name, "x-") {
			continue
		}
		for _, value := range received[name] {
			header := &interopv1.MetadataReply_Header{Name: name}
			if strings.HasSuffix(name, "-bin") {
				header.Value = &interopv1.MetadataReply_Header_Binary{Binary: []byte(value)}
			} else {
				header.Value = &interopv1.MetadataReply_Header_Text{Text: value}
			}
			reply.Headers = append(reply.Headers, header)
		}
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs("x-interop-server", "go")); err != nil {
		return nil, err
	}
	return reply, grpc.SetTrailer(ctx, metadata.Pairs("x-interop-trailer", "done"))
}

func (interopServer) Sleep(ctx context.Context, request *interopv1.SleepRequest) (*interopv1.SleepReply, error) {
	select {
	case <-time.After(time.Duration(request.GetMillis()) * time.Millisecond):
		return &interopv1.SleepReply{}, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

func (interopServer) Blob(_ context.Context, request *interopv1.BlobRequest) (*interopv1.BlobReply, error) {
	return &interopv1.BlobReply{Data: make([]byte, request.GetSize())}, nil
}
