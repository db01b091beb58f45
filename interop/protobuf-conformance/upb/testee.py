#!/usr/bin/env python3
"""Python's protobuf as a testee of the protobuf conformance runner.

    testee.py DESCRIPTOR_SET

The runner writes requests to stdin and reads a response to each from stdout, all of them after their length in four
bytes, the lowest first. Every message type comes from the descriptor set, the runner's own two included.
"""

import struct
import sys

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    field_mask_pb2,
    json_format,
    message,
    message_factory,
    struct_pb2,
    text_format,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.internal import api_implementation

POOL = descriptor_pool.Default()

# With the files of the well-known types imported, which gives their classes the methods that JSON needs.
IMPORTED = {
    module.DESCRIPTOR.name
    for module in (
        any_pb2,
        descriptor_pb2,
        duration_pb2,
        field_mask_pb2,
        struct_pb2,
        timestamp_pb2,
        wrappers_pb2,
    )
}


def load(path):
    """Adds the files of a descriptor set to the pool; protoc puts each after what it imports."""
    with open(path, "rb") as file:
        descriptors = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    for descriptor in descriptors.file:
        if descriptor.name not in IMPORTED:
            POOL.AddSerializedFile(descriptor.SerializeToString())


def message_class(name):
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))


def number(enum, name):
    """The number of a value of one of the protocol's enums."""
    return POOL.FindEnumTypeByName(f"conformance.{enum}").values_by_name[name].number


def parse(request):
    """The message that the payload of a request is of."""
    form = request.WhichOneof("payload")
    value = message_class(request.message_type)()
    if form == "protobuf_payload":
        value.ParseFromString(request.protobuf_payload)
    elif form == "json_payload":
        lenient = number("TestCategory", "JSON_IGNORE_UNKNOWN_PARSING_TEST")
        json_format.Parse(request.json_payload, value, ignore_unknown_fields=request.test_category == lenient)
    elif form == "text_payload":
        text_format.Parse(request.text_payload, value)
    return value


def serialize(value, request, response):
    """Puts a message into a response in the format that the request asks for."""
    wanted = request.requested_output_format
    if wanted == number("WireFormat", "PROTOBUF"):
        response.protobuf_payload = value.SerializeToString()
    elif wanted == number("WireFormat", "JSON"):
        response.json_payload = json_format.MessageToJson(value)
    elif wanted == number("WireFormat", "TEXT_FORMAT"):
        response.text_payload = text_format.MessageToString(value, print_unknown_fields=request.print_unknown_fields)
    else:
        response.skipped = f"no output format {wanted}"


def answer(request, response):
    # The runner asks first which tests will fail; a committed list says that instead, so none is named.
    if request.message_type == "conformance.FailureSet":
        response.protobuf_payload = b""
        return
    if request.WhichOneof("payload") in (None, "jspb_payload"):
        response.skipped = "no such input format"
        return
    try:
        value = parse(request)
    except (message.DecodeError, json_format.ParseError, text_format.ParseError) as error:
        response.parse_error = str(error)
        return
    try:
        serialize(value, request, response)
    except (message.EncodeError, json_format.SerializeToJsonError) as error:
        response.serialize_error = str(error)


def main():
    load(sys.argv[1])
    if api_implementation.Type() != "upb":
        sys.exit(f"this is protobuf's {api_implementation.Type()} implementation, not upb")
    request_class = message_class("conformance.ConformanceRequest")
    response_class = message_class("conformance.ConformanceResponse")
    while length := sys.stdin.buffer.read(4):
        request = request_class.FromString(sys.stdin.buffer.read(*struct.unpack("<I", length)))
        response = response_class()
        try:
            answer(request, response)
        except Exception as error:  # A defect of the library is a result, too.
            response.runtime_error = f"{type(error).__name__}: {error}"
        data = response.SerializeToString()
        sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
