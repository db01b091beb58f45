"""The same message in other bytes than a serializer writes, which every reader has to take for it.

https://protobuf.dev/programming-guides/encoding: fields come in any order, packed or not, embedded messages in pieces
that are merged, varints longer than they need to be, and among them fields that nobody knows.
"""

from google.protobuf.descriptor import FieldDescriptor as F

import forms

VARINT, I64, LEN, SGROUP, EGROUP, I32 = range(6)

WIDTHS = {
    **dict.fromkeys([F.TYPE_DOUBLE, F.TYPE_FIXED64, F.TYPE_SFIXED64], 8),
    **dict.fromkeys([F.TYPE_FLOAT, F.TYPE_FIXED32, F.TYPE_SFIXED32], 4),
}
UNPACKABLE = {F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE, F.TYPE_GROUP}


def varint(number, longer=0):
    """A number, with so many bytes more than it takes."""
    out = bytearray()
    while number > 0x7F or longer > 0:
        if number <= 0x7F:
            longer -= 1
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def records(data):
    """The fields of a message as they stand there: number, wire type, and what comes behind the tag and a length."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        start, end = _extent(data, at, kind)
        yield number, kind, data[start:end]
        # Of a group, the tag that ends it belongs to it.
        at = end


def _extent(data, at, kind):
    if kind == VARINT:
        return at, read_varint(data, at)[1]
    if kind == LEN:
        length, at = read_varint(data, at)
        return at, at + length
    if kind == SGROUP:
        start, inner = at, None
        while inner != EGROUP:
            tag, at = read_varint(data, at)
            inner = tag & 7
            at = at if inner == EGROUP else _extent(data, at, inner)[1]
        return start, at
    return at, at + (8 if kind == I64 else 4)


def record(number, kind, body, longer=0):
    length = varint(len(body), longer) if kind == LEN else b""
    return varint(number << 3 | kind) + length + body


def join(found):
    return b"".join(record(*each) for each in found)


def vary(descriptor, data, rng):
    """Other bytes of a message's fields, and of the messages inside."""
    out = []
    for number, kind, body in records(data):
        out += _vary_field(descriptor.fields_by_number.get(number), number, kind, body, rng)
    if rng.random() < 0.3:
        rng.shuffle(out)
    # upb takes a map entry with one for unknown as a whole, and no other library does.
    if rng.random() < 0.1 and not forms.is_map_entry(descriptor):
        out.insert(rng.randrange(len(out) + 1), _unknown(descriptor, rng))
    return b"".join(out)


def _vary_field(field, number, kind, body, rng):
    longer = rng.choice([0, 0, 0, 1, 2])
    if field is None:
        return [record(number, kind, body)]
    if field.type == F.TYPE_MESSAGE:
        return [record(number, kind, vary(field.message_type, body, rng), longer)]
    packable = field.is_repeated and field.type not in UNPACKABLE
    if packable and kind == LEN and rng.random() < 0.5:
        return [record(number, *value) for value in _unpacked(field, body)]
    if packable and kind != LEN and rng.random() < 0.5:
        return [record(number, LEN, body, longer)]
    if kind == VARINT:
        value, _ = read_varint(body, 0)
        return [record(number, kind, varint(value, longer if len(body) < 8 else 0))]
    return [record(number, kind, body, longer)]


def _unpacked(field, body):
    width = WIDTHS.get(field.type)
    at = 0
    while at < len(body):
        end = at + width if width else read_varint(body, at)[1]
        yield {8: I64, 4: I32, None: VARINT}[width], body[at:end]
        at = end


def _unknown(descriptor, rng):
    number = rng.choice([999, 1000, 18999, 20000, 2**29 - 1])
    while number in descriptor.fields_by_number:
        number -= 1
    return rng.choice([
        record(number, VARINT, varint(rng.getrandbits(rng.randrange(1, 65)))),
        record(number, I64, rng.randbytes(8)),
        record(number, I32, rng.randbytes(4)),
        record(number, LEN, rng.randbytes(rng.randrange(200))),
        record(number, SGROUP, record(1, VARINT, b"\1") + varint(number << 3 | EGROUP)),
    ])  # fmt: skip


def _without_sets(message):
    """A message without MessageSets: of two extensions of one type upb keeps the second, where others merge them."""
    for field, value in message.ListFields():
        if field.message_type is None or field.is_repeated:
            continue
        if field.message_type.GetOptions().message_set_wire_format:
            message.ClearField(field.name)
        else:
            _without_sets(value)
    return message


def drawn(rng):
    """Bytes of a random message: as they are written, in other words, or as two messages; and whether it is two."""
    data, how = forms.canonical(rng.message()), rng.random()
    if how < 0.4:
        return data, False
    merged = how > 0.8
    if merged:
        data += forms.canonical(_without_sets(rng.message()))
    return vary(rng.kind.DESCRIPTOR, data, rng), merged
