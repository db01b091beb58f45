// Gen compiles the .proto files of a folder and has protoc-gen-go and protoc-gen-go-grpc write
// their Go code below pb/, so that neither protoc nor generated code needs to be at hand.
package main

import (
	"bytes"
	"context"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	log.SetFlags(0)
	folder := os.Args[1]
	paths, err := filepath.Glob(filepath.Join(folder, "*.proto"))
	check(err)
	request := &pluginpb.CodeGeneratorRequest{Parameter: proto.String("module=interop")}
	for _, path := range paths {
		request.FileToGenerate = append(request.FileToGenerate, filepath.Base(path))
	}
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{folder}}),
	}
	files, err := compiler.Compile(context.Background(), request.FileToGenerate...)
	check(err)
	seen := map[string]bool{}
	for _, file := range files {
		addWithImports(request, seen, file)
	}
	for _, plugin := range []string{"protoc-gen-go", "protoc-gen-go-grpc"} {
		generate(plugin, request)
	}
}

// A plugin wants every file after the files it imports.
func addWithImports(request *pluginpb.CodeGeneratorRequest, seen map[string]bool, file protoreflect.FileDescriptor) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	for i := range file.Imports().Len() {
		addWithImports(request, seen, file.Imports().Get(i))
	}
	request.ProtoFile = append(request.ProtoFile, protodesc.ToFileDescriptorProto(file))
}

func generate(plugin string, request *pluginpb.CodeGeneratorRequest) {
	input, err := proto.Marshal(request)
	check(err)
	command := exec.Command("go", "tool", plugin)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	output, err := command.Output()
	check(err)
	var response pluginpb.CodeGeneratorResponse
	check(proto.Unmarshal(output, &response))
	if response.Error != nil {
		log.Fatalf("%s: %s", plugin, *response.Error)
	}
	for _, file := range response.File {
		check(os.MkdirAll(filepath.Dir(file.GetName()), 0o755))
		check(os.WriteFile(file.GetName(), []byte(file.GetContent()), 0o644))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
