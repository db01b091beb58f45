"""Lists or calls the methods of any server by its reflection, with grpcio and grpcio-reflection.

client.py [--cacert FILE] ADDRESS list
client.py [--cacert FILE] [--gzip] ADDRESS pkg.Service/Method [JSON]...
"""

import argparse
import pathlib
import sys

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status


def call(channel, pool, path, documents):
    service, name = path.split("/")
    method = pool.FindServiceByName(service).methods_by_name[name]
    request_class = message_factory.GetMessageClass(method.input_type)
    reply_class = message_factory.GetMessageClass(method.output_type)
    requests = [json_format.Parse(text, request_class(), descriptor_pool=pool) for text in documents]

    shape = "_".join("stream" if streams else "unary"
                     for streams in (method.client_streaming, method.server_streaming))
    invoke = getattr(channel, shape)(
        f"/{path}",
        request_serializer=request_class.SerializeToString,
        response_deserializer=reply_class.FromString,
    )
    reply = invoke(iter(requests) if method.client_streaming else requests[0], timeout=10)
    for message in reply if method.server_streaming else [reply]:
        print(json_format.MessageToJson(message, descriptor_pool=pool), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cacert", type=pathlib.Path)
    parser.add_argument("--gzip", action="store_true", help="compress the requests")
    parser.add_argument("address")
    parser.add_argument("method")
    parser.add_argument("documents", nargs="*", default=["{}"])
    arguments = parser.parse_args()

    compression = grpc.Compression.Gzip if arguments.gzip else grpc.Compression.NoCompression
    if arguments.cacert:
        credentials = grpc.ssl_channel_credentials(arguments.cacert.read_bytes())
        channel = grpc.secure_channel(arguments.address, credentials, compression=compression)
    else:
        channel = grpc.insecure_channel(arguments.address, compression=compression)
    with channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = descriptor_pool.DescriptorPool(database)
        if arguments.method == "list":
            print(*sorted(database.get_services()), sep="\n")
            return
        try:
            call(channel, pool, arguments.method, arguments.documents)
        except grpc.RpcError as error:
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
            status = rpc_status.from_call(error)
            for detail in status.details if status else []:
                print(f"detail {detail.type_url}", file=sys.stderr)
            sys.exit(64 + error.code().value[0])


main()
