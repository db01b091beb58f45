"""A grpcio server of interop.v1.Interop, helloworld.Greeter and grpc.testing.TestService, with grpcio-reflection."""

import argparse
import pathlib
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

# grpcio-tools compiles the schema as it is imported, so no generated file is ever written.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "proto"))
interop, interop_services = grpc.protos_and_services("interop.proto")
helloworld, helloworld_services = grpc.protos_and_services("helloworld.proto")
import testing  # it compiles its schema, too


class Greeter(helloworld_services.GreeterServicer):
    def SayHello(self, request, context):
        return helloworld.HelloReply(message=f"Hello {request.name}")


class Interop(interop_services.InteropServicer):
    def Unary(self, request, context):
        return request

    def Extend(self, request, context):
        return request

    def ServerStream(self, request, context):
        for number in range(1, request.count + 1):
            yield interop.Note(text=str(number).zfill(request.size))

    def ClientStream(self, notes, context):
        texts = [note.text for note in notes]
        return interop.Summary(count=len(texts), texts=texts)

    def Bidi(self, notes, context):
        for note in notes:
            yield interop.Note(text=f"re:{note.text}")

    def Fail(self, request, context):
        bad_request = error_details_pb2.BadRequest()
        bad_request.field_violations.add(field="small", description="too-small")
        info = error_details_pb2.ErrorInfo(
            reason="ASKED_FOR", domain="interop", metadata={"server": "python"}
        )
        status = status_pb2.Status(code=request.code, message=request.message)
        for detail in (bad_request, info):
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        context.abort_with_status(rpc_status.to_status(status))

    def Metadata(self, request, context):
        context.send_initial_metadata([("x-interop-server", "python")])
        context.set_trailing_metadata([("x-interop-trailer", "done")])
        reply = interop.MetadataReply()
        for name, value in sorted(context.invocation_metadata()):
            if name.startswith("x-") and name.endswith("-bin"):
                reply.headers.add(name=name, binary=value)
            elif name.startswith("x-"):
                reply.headers.add(name=name, text=value)
        return reply

    def Sleep(self, request, context):
        time.sleep(request.millis / 1000)
        return interop.SleepReply()

    def Blob(self, request, context):
        return interop.BlobReply(data=bytes(request.size))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), type=pathlib.Path)
    arguments = parser.parse_args()

    # Answers are compressed for clients that say they can take it, as every one here does.
    server = grpc.server(futures.ThreadPoolExecutor(), compression=grpc.Compression.Gzip)
    interop_services.add_InteropServicer_to_server(Interop(), server)
    helloworld_services.add_GreeterServicer_to_server(Greeter(), server)
    testing.services.add_TestServiceServicer_to_server(testing.TestService(), server)
    names = [file.services_by_name[name].full_name
             for file in (interop.DESCRIPTOR, helloworld.DESCRIPTOR)
             for name in file.services_by_name]
    reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], server)

    address = f"127.0.0.1:{arguments.port}"
    if arguments.tls:
        certificate, key = (path.read_bytes() for path in arguments.tls)
        credentials = grpc.ssl_server_credentials([(key, certificate)])
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


main()
