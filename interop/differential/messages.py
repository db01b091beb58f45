"""Random messages of any type, with the values at which codecs go wrong more likely than others.

Every message can be written in the wire format, JSON and text and read back without loss: NaN is the canonical one,
well-known types are in their range, enums are known or, where they are open, any number.
"""

import math
import random
import struct

from google.protobuf.descriptor import FieldDescriptor as F

import forms

DEPTH = 4

INT32 = [0, 1, -1, 2**31 - 1, -(2**31), 127, 128, 300]
INT64 = [0, 1, -1, 2**63 - 1, -(2**63), 2**53, 2**53 + 1, -(2**53) - 1, 2**31, 2**32]
UINT32 = [0, 1, 127, 128, 2**31, 2**32 - 1]
UINT64 = [0, 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1]
DOUBLES = [
    0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e15, 1e16, 1e17,
    1e21, 1e22, 1e23, 9007199254740993.0, 123456789012345680.0, 1e-5, 1e-7, math.inf, -math.inf, math.nan,
]  # fmt: skip
# Not the largest float: Python prints 3.4028235e+38, and then refuses that as too large.
FLOATS = [
    0.0, -0.0, 1.0, 0.1, 1e-45, 1.1754944e-38, 3.4028233e38, 16777216.0, 1e10, 8388609.5, math.inf, -math.inf, math.nan,
]  # fmt: skip
TEXTS = [
    "", "a", "null", "true", "\\u0000", "\0", "\x01\x07\b\t\n\v\f\r\x1f\x7f", "\"'\\/?", "</script>&", "\u0080\u009f",
    "\u00e9\u00df", "\u2028\u2029\ufeff\ufffe\uffff", "\U0001f600\U0010ffff", "\ud7ff\ue000", "e\u0301", "-", "1e5",
    " ",
]  # fmt: skip
ALPHABETS = ["abc XYZ019_.-", "\x00\x1f \"\\\x7f", "\u00e4\u0416\u4e2d\u3042\U0001d11e\U0001f468\u200d"]


class Source(random.Random):
    """Random numbers, the same for the same seed, and the type whose messages are drawn from them."""

    def __init__(self, seed, kind):
        super().__init__(seed)
        self.kind = kind

    def message(self):
        message = self.kind()
        fill(message, self)
        return message


def text(rng):
    if rng.random() < 0.5:
        return rng.choice(TEXTS)
    alphabet = rng.choice(ALPHABETS)
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(40)))


def double(rng):
    if rng.random() < 0.5:
        return rng.choice(DOUBLES)
    if rng.random() < 0.5:
        return float(f"{rng.uniform(-10, 10) * 10 ** rng.randrange(-30, 30):.{rng.randrange(1, 17)}g}")
    value = struct.unpack("<d", rng.randbytes(8))[0]
    return math.nan if math.isnan(value) else value


def single(rng):
    if rng.random() < 0.5:
        return rng.choice(FLOATS)
    value = struct.unpack("<f", rng.randbytes(4))[0]
    return math.nan if math.isnan(value) else value


def integer(edges, bits, signed):
    def draw(rng):
        if rng.random() < 0.5:
            return rng.choice(edges)
        value = rng.getrandbits(rng.randrange(1, bits + 1))
        return value - 2**bits if signed and value >= 2 ** (bits - 1) else value

    return draw


def data(rng):
    return rng.choice([b"", b"\0", b"\xff\xfb\xf0", rng.randbytes(rng.randrange(1, 50))])


SCALARS = {
    F.TYPE_DOUBLE: double,
    F.TYPE_FLOAT: single,
    F.TYPE_BOOL: lambda rng: rng.random() < 0.5,
    F.TYPE_STRING: text,
    F.TYPE_BYTES: data,
    **dict.fromkeys([F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32], integer(INT32, 32, True)),
    **dict.fromkeys([F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64], integer(INT64, 64, True)),
    **dict.fromkeys([F.TYPE_UINT32, F.TYPE_FIXED32], integer(UINT32, 32, False)),
    **dict.fromkeys([F.TYPE_UINT64, F.TYPE_FIXED64], integer(UINT64, 64, False)),
}


def scalar(field, rng):
    if field.type != F.TYPE_ENUM:
        return SCALARS[field.type](rng)
    # NullValue has a form of its own in JSON, in which no other number can be said.
    if field.enum_type.is_closed or field.enum_type.full_name == "google.protobuf.NullValue" or rng.random() < 0.8:
        return rng.choice(field.enum_type.values).number
    return integer(INT32, 32, True)(rng)


def any_(message, rng, depth):
    if depth <= 0 or rng.random() < 0.1:
        return
    own = rng.kind.DESCRIPTOR
    names = [own.full_name, *(nested.full_name for nested in own.nested_types if not forms.is_map_entry(nested))]
    name = rng.choice([*names, *(f"google.protobuf.{name}" for name in WELL_KNOWN)])
    inner = forms.message_class(name)()
    fill(inner, rng, depth - 2)
    message.type_url = f"type.googleapis.com/{name}"
    message.value = forms.canonical(inner)


def timestamp(message, rng, _):
    message.seconds = rng.choice([0, -1, 1, -62135596800, 253402300799, rng.randrange(-62135596800, 253402300800)])
    message.nanos = nanos(rng)


def duration(message, rng, _):
    sign = rng.choice([-1, 1])
    message.seconds = sign * rng.choice([0, 1, 315576000000, rng.randrange(315576000001)])
    message.nanos = sign * nanos(rng)


def nanos(rng):
    return rng.choice([0, 1, 10, 999999999, 500000000, 10000000, 10000, rng.randrange(10**9)])


def mask(message, rng, _):
    for _ in range(rng.randrange(4)):
        message.paths.append(".".join(rng.choice(["a", "foo_bar", "a1", "x_y_z"]) for _ in range(rng.randrange(1, 4))))


def value(message, rng, depth):
    kind = rng.choice(["null", "number", "string", "bool"] + (["struct", "list"] if depth > 0 else []))
    if kind == "null":
        message.null_value = 0
    elif kind == "number":
        number = double(rng)
        message.number_value = number if math.isfinite(number) else 0.5
    elif kind == "string":
        message.string_value = text(rng)
    elif kind == "bool":
        message.bool_value = rng.random() < 0.5
    elif kind == "struct":
        message.struct_value.SetInParent()
        struct_(message.struct_value, rng, depth - 1)
    else:
        message.list_value.SetInParent()
        list_(message.list_value, rng, depth - 1)


def struct_(message, rng, depth):
    for _ in range(rng.randrange(4)):
        value(message.fields[text(rng)], rng, depth)


def list_(message, rng, depth):
    for _ in range(rng.randrange(4)):
        value(message.values.add(), rng, depth)


WELL_KNOWN = {
    "Timestamp": timestamp,
    "Duration": duration,
    "FieldMask": mask,
    "Value": value,
    "Struct": struct_,
    "ListValue": list_,
    "Any": any_,
}


def fill(message, rng, depth=DEPTH):
    """Sets some of a message's fields."""
    name = message.DESCRIPTOR.full_name
    special = WELL_KNOWN.get(name.removeprefix("google.protobuf.")) if name.startswith("google.protobuf.") else None
    if special:
        special(message, rng, depth)
        return
    chance = rng.choice([0.02, 0.1, 0.5])
    for field in [*message.DESCRIPTOR.fields, *forms.POOL.FindAllExtensions(message.DESCRIPTOR)]:
        if rng.random() < chance:
            set_field(message, field, rng, depth)


def set_field(message, field, rng, depth):
    nested, is_map = field.message_type is not None, forms.is_map_entry(field.message_type)
    if nested and depth <= 0 and not is_map:
        return
    if not nested and not field.is_repeated:
        put(message, field, scalar(field, rng))
        return
    here = message.Extensions[field] if field.is_extension else getattr(message, field.name)
    if is_map:
        key, entry = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        for _ in range(rng.randrange(1, 5)):
            if entry.message_type is None:
                here[scalar(key, rng)] = scalar(entry, rng)
            else:
                fill(here[scalar(key, rng)], rng, depth - 1)
    elif not field.is_repeated:
        here.SetInParent()
        fill(here, rng, depth - 1)
    else:
        for _ in range(rng.randrange(1, 5)):
            if nested:
                fill(here.add(), rng, depth - 1)
            else:
                here.append(scalar(field, rng))


def put(message, field, drawn):
    if field.is_extension:
        message.Extensions[field] = drawn
    else:
        setattr(message, field.name, drawn)
