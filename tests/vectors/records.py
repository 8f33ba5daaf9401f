#!/usr/bin/env python3
"""Writes records.json: a golden encoding of every DAO message, from the text of the .proto files.

It shares no line with libprotobuf, so that the two check each other. Run it when a message or a
field is added; the diff may only add, because a changed line is a changed protocol:

    python3 tests/vectors/records.py && git diff tests/vectors/records.json
"""
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = os.path.join(HERE, "..", "..", "proto", "salus", "v1")
# In the order of their dependencies; governance's actions stand in action.proto.
MODULES = ["accounts", "assets", "membership", "constitution", "governance", "action", "acts",
           "treasury", "validators"]

NOTE = (
    "Every message of the modules accounts, assets, membership, constitution, governance, acts, treasury and validators "
    "that is stored or signed. `in.text` is the message in protobuf text format, with every field "
    "set and every list of two; `out.bytes` its one deterministic encoding: fields ascending by "
    "number, no defaults, lists of numbers packed. Computed by an independent encoder of the "
    "protobuf wire format (records.py). A changed answer is a changed protocol."
)

UINT32 = [1, 127, 128, 300, 70_000, 2**32 - 1]
UINT64 = [1, 128, 1_000_000, 1_700_000_000_000, 2**63, 2**64 - 1]
# Lengths of byte fields that are not ids, keys or hashes.
SIZES = {"ref": 8, "nonce": 16, "proofs": 64}


def read_protos():
    messages, enums, names = {}, {}, []
    for module in MODULES:
        with open(os.path.join(PROTO, module + ".proto")) as file:
            text = re.sub(r"//[^\n]*", "", file.read())
        for found in re.finditer(r"enum (\w+) \{(.*?)\}", text, re.S):
            values = re.findall(r"(\w+)\s*=\s*(\d+)\s*;", found[2])
            enums[found[1]] = [(name, int(number)) for name, number in values if number != "0"]
        for found in re.finditer(r"message (\w+) \{", text):
            depth, end = 1, found.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            body = text[found.end():end - 1]
            oneof = re.search(r"oneof \w+ \{(.*?)\}", body, re.S)
            choices = re.findall(r"(\w+)\s*=\s*\d+\s*;", oneof[1]) if oneof else []
            fields = re.findall(r"(repeated\s+)?(\w+)\s+(\w+)\s*=\s*(\d+)\s*;", body)
            messages[found[1]] = sorted(
                [(int(number), bool(many), kind, name, name in choices)
                 for many, kind, name, number in fields])
            names.append(found[1])
    return messages, enums, names


MESSAGES, ENUMS, NAMES = read_protos()


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def tagged(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def a_number(kind, place):
    if kind == "bool":
        return 1, "true"
    if kind in ENUMS:
        name, value = ENUMS[kind][place % len(ENUMS[kind])]
        return value, name
    value = (UINT32 if kind == "uint32" else UINT64)[place % 6]
    return value, str(value)


def some_bytes(kind, name, number, place):
    if kind == "string":
        data = (name.replace("_", "-") + ("-b" if place else "")).encode()
        return data, data.decode()
    data = bytes([(16 * number + place + 1) % 256]) * SIZES.get(name, 32)
    return data, "".join(f"\\x{byte:02x}" for byte in data)


def fill(message, choice=None):
    """The encoding and the text of a message with every field set."""
    out, text = b"", []
    for number, many, kind, name, optional in MESSAGES[message]:
        if optional and name != choice:
            continue
        places = range(2 if many else 1)
        if kind in MESSAGES:
            for place in places:
                data, inner = fill(kind, ["pay", "burn"][place] if kind == "Action" else None)
                out += tagged(number, data)
                text.append(f"{name} {{ {inner} }}" if inner else f"{name} {{ }}")
        elif kind in ("bytes", "string"):
            for place in places:
                data, literal = some_bytes(kind, name, number, place)
                out += tagged(number, data)
                text.append(f'{name}: "{literal}"')
        else:
            values = [a_number(kind, number + place) for place in places]
            packed = b"".join(varint(value) for value, _ in values)
            out += tagged(number, packed) if many else varint(number << 3) + packed
            text += [f"{name}: {written}" for _, written in values]
    return out, " ".join(text)


def vector(identity, title, message, choice=None):
    data, text = fill(message, choice)
    return {"id": identity, "title": title, "eval": "message",
            "in": {"message": message, "text": text}, "out": {"bytes": data.hex()}}


def vectors():
    for name in NAMES:
        if name == "Action":
            for _, _, _, field, _ in MESSAGES[name]:
                yield vector("action-" + field.replace("_", "-"),
                             f"the action {field}, every field set", name, field)
            continue
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        yield vector(kebab, f"{name}, every field set", name)


head = {"format": "salus.vectors.records.v1", "title": "Records and actions of the DAO",
        "note": NOTE}
lines = ",\n".join("  " + json.dumps(one) for one in vectors())
with open(os.path.join(HERE, "records.json"), "w") as file:
    file.write(json.dumps(head, indent=1)[:-2] + ',\n "vectors": [\n' + lines + "\n ]\n}\n")
