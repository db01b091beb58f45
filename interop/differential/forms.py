"""Messages in Python's protobuf, and the formats that it reads and writes."""

import json

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    text_format,
    timestamp_pb2,
    wrappers_pb2,
)

POOL = descriptor_pool.Default()

# With the files of the well-known types imported, which gives their classes the methods that JSON needs.
IMPORTED = {
    module.DESCRIPTOR.name
    for module in (
        any_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        struct_pb2,
        timestamp_pb2,
        wrappers_pb2,
    )
}

# JSON as one may ask for it: the flags of rpcctl decode, and what json_format calls the same.
JSON = {
    "json": ([], {}),
    "json-defaults": (["--emit-defaults"], {"always_print_fields_with_no_presence": True}),
    "json-proto-names": (["--proto-names"], {"preserving_proto_field_name": True}),
    "json-enum-numbers": (["--enum-numbers"], {"use_integers_for_enums": True}),
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


def is_map_entry(descriptor):
    return descriptor is not None and descriptor.GetOptions().map_entry


def write(message, form):
    """The message in a format, as bytes."""
    if form == "protobuf":
        return canonical(message)
    if form == "text":
        return text_format.MessageToString(message, as_utf8=True).encode()
    return json_format.MessageToJson(message, indent=None, ensure_ascii=False, **JSON[form][1]).encode()


def read(kind, form, payload):
    message = kind()
    if form == "protobuf":
        message.ParseFromString(payload)
    elif form == "text":
        # Those that the wire had stand there by their numbers.
        text_format.Parse(payload.decode(), message, allow_unknown_field=True)
    else:
        json_format.Parse(payload.decode(), message)
    return message


def canonical(message):
    """The bytes of a message, the same for equal messages: map entries are in one order, in Any's bytes, too."""
    copy = type(message)()
    copy.CopyFrom(message)
    _settle(copy)
    return copy.SerializeToString(deterministic=True)


def _settle(message):
    if message.DESCRIPTOR.full_name == "google.protobuf.Any" and message.type_url:
        inner = message_class(message.type_url.rpartition("/")[2]).FromString(message.value)
        message.value = canonical(inner)
        return
    for part in parts(message):
        _settle(part)


def parts(message):
    """The messages right inside a message."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if is_map_entry(field.message_type):
            if field.message_type.fields_by_name["value"].message_type is not None:
                yield from value.values()
        elif field.is_repeated:
            yield from value
        else:
            yield value


def document(payload):
    """A JSON document in one spelling: members have an order, and a number is written in one way."""
    return json.dumps(json.loads(payload, parse_int=float), sort_keys=True)


def outline(payload):
    """A JSON document but for its numbers, which may have more digits than they need, and for null in their place."""
    return json.dumps(_without_numbers(json.loads(payload)), sort_keys=True)


def _without_numbers(value):
    if isinstance(value, dict):
        return {name: _without_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_numbers(element) for element in value]
    return value if isinstance(value, (str, bool)) else None
