"""The least of a message that still goes wrong."""

import forms
import wire

# An Any without its type, or a Value without its kind, is another defect than the one at hand.
WHOLE = {"google.protobuf.Any", "google.protobuf.Value"}


def smallest(case, goes_wrong, by_bytes):
    """Bytes of the message less every field that is not needed; `by_bytes` when those that were drawn may matter."""
    if goes_wrong(case.canonical):
        return _fewest_fields(case, goes_wrong)
    if by_bytes:
        return _fewest_records(case.kind.DESCRIPTOR, case.payloads["protobuf"], goes_wrong)
    return case.canonical


def _fewest_fields(case, goes_wrong):
    least = case.kind()
    least.CopyFrom(case.message)

    def shrink(part):
        for field, _ in part.ListFields():
            kept = type(part)()
            kept.CopyFrom(part)
            if field.is_extension:
                part.ClearExtension(field)
            else:
                part.ClearField(field.name)
            if part.DESCRIPTOR.full_name in WHOLE or not goes_wrong(forms.canonical(least)):
                part.CopyFrom(kept)
        for inner in forms.parts(part):
            shrink(inner)

    shrink(least)
    return forms.canonical(least)


def _fewest_records(descriptor, data, goes_wrong):
    found = list(wire.records(data))

    def with_body(at, body):
        return wire.join([*found[:at], (*found[at][:2], body), *found[at + 1 :]])

    at = 0
    while at < len(found):
        without = found[:at] + found[at + 1 :]
        if goes_wrong(wire.join(without)):
            found = without
        else:
            at += 1
    for at, (number, kind, body) in enumerate(found):
        field = descriptor.fields_by_number.get(number)
        if kind == wire.LEN and field and field.message_type:
            inner = _fewest_records(field.message_type, body, lambda body, at=at: goes_wrong(with_body(at, body)))
            found[at] = (number, kind, inner)
    return wire.join(found)
