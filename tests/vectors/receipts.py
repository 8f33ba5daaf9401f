#!/usr/bin/env python3
"""Judges the receipts of receipts.json from docs/formats.md alone: the right ones must prove what the
file says, and each bent one must be refused.

It shares no line with the production code, so that the two check each other. Ed25519 is that of the
`cryptography` package (Debian: python3-cryptography).

    python3 tests/vectors/receipts.py
"""
import base64
import hashlib
import json
import os
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER_BYTES = 230
FINALIZATION = 6
ZERO = bytes(32)


class Refused(Exception):
    """Why nothing is proven."""


def require(holds, reason):
    if not holds:
        raise Refused(reason)


def digest(tag, content):
    return hashlib.blake2b(tag.encode().ljust(16, b"\0") + content, digest_size=32).digest()


# Protobuf, as far as it is needed: fields by number, in the order in which they came.
def varint(data, at):
    value = shift = 0
    while True:
        require(at < len(data) and shift < 64, "a number is cut short")
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 128:
            return value, at


def message(data):
    fields, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            require(at + size <= len(data), "a field is cut short")
            value, at = data[at:at + size], at + size
        else:
            raise Refused("a field of a kind that no message of ours has")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def one(fields, number, default):
    return fields.get(number, [default])[-1]


# Header, certificate, set.
def header(data):
    require(len(data) == HEADER_BYTES, "a header has 230 bytes")
    names = ("version", "chain_id", "epoch", "view", "height", "parent", "time_ms", "proposer",
             "transactions_root", "state_root", "results_root", "set_hash")
    return dict(zip(names, struct.unpack(">I32sQQQ32sQH32s32s32s32s", data)))


def set_hash(validators):
    return digest("salus.valset.1", struct.pack(">H", len(validators)) + b"".join(
        validator_key + node_key for validator_key, node_key in validators))


def certify(data, chain_id, epoch, validators, block):
    n = len(validators)
    start = 1 + 8 * 3 + 32
    bitmap_end = start + 2 + (n + 7) // 8
    require(len(data) >= bitmap_end and data[0] == FINALIZATION, "no finalization")
    of_epoch, _, _, named = struct.unpack(">QQQ32s", data[1:start])
    require(of_epoch == epoch, "a certificate of another epoch")
    require(named == block, "a certificate of another block")
    require(struct.unpack(">H", data[start:start + 2]) == (n,), "a certificate of another set")
    bits = int.from_bytes(data[start + 2:bitmap_end], "little")
    require(bits < 1 << n, "a signer that there is not")
    signers = [index for index in range(n) if bits >> index & 1]
    require(len(signers) >= n - (n - 1) // 3, "no quorum")
    require(len(data) == bitmap_end + 64 * len(signers), "signatures and signers differ")
    signed = b"salus.finalize.1" + chain_id + data[1:start]
    for place, signer in enumerate(signers):
        signature = data[bitmap_end + 64 * place:][:64]
        try:
            Ed25519PublicKey.from_public_bytes(validators[signer][0]).verify(signature, signed)
        except InvalidSignature as wrong:
            raise Refused("a signature is wrong") from wrong


def finalized_header(data, chain_id, epoch, validators):
    """The first header of a FinalizedHeader, and its digest."""
    fields = message(data)
    parts = fields.get(1, [])
    require(parts, "no header")
    parent = None
    for part in parts:
        found = header(part)
        require(found["chain_id"] == chain_id, "a header of another chain")
        require(found["epoch"] == epoch, "a header of another epoch")
        require(found["set_hash"] == set_hash(validators), "a header of another set")
        require(parent in (None, found["parent"]), "headers are not linked")
        parent = digest("salus.block.1", part)
    certify(one(fields, 2, b""), chain_id, epoch, validators, parent)
    return header(parts[0]), digest("salus.block.1", parts[0])


# What a root says.
def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def state_root(nodes, claims):
    """The root that `nodes` lead to, for claims {key hash: value hash or None}."""
    at = 0

    def take(size):
        nonlocal at
        require(at + size <= len(nodes), "nodes are cut short")
        at += size
        return nodes[at - size:at]

    def node(keys, path):
        if not keys:
            return take(32)
        kind = take(1)[0]
        present = [key for key in keys if claims[key] is not None]
        if kind == 0:
            require(not present, "a record that is present is proven absent")
            return ZERO
        if kind == 1:
            require(len(keys) == 1 and present, "a leaf of no claim")
            return digest("salus.leaf.1", keys[0] + claims[keys[0]])
        if kind == 2:
            key, value = take(32), take(32)
            require(not present and key not in keys, "a leaf that is one of the keys")
            require(all(bit(key, depth) == side for depth, side in enumerate(path)),
                    "a leaf of another path")
            return digest("salus.leaf.1", key + value)
        require(kind == 3 and len(path) < 256, "no such node")
        halves = [[key for key in keys if bit(key, len(path)) == side] for side in (0, 1)]
        left = node(halves[0], path + [0])
        return digest("salus.inner.1", left + node(halves[1], path + [1]))

    root = node(sorted(claims), [])
    require(at == len(nodes), "bytes are left")
    return root


def records(data, height, root):
    """What a StateProof proves: {key: value or None}, in its order."""
    fields = message(data)
    require(one(fields, 1, 0) == height, "a proof of another state")
    out = {}
    for part in fields.get(2, []):
        record = message(part)
        key = one(record, 1, b"")
        require(not out or key > list(out)[-1], "records are out of order")
        out[key] = one(record, 2, None)
    claims = {digest("salus.key.1", key): None if value is None else digest("salus.value.1", value)
              for key, value in out.items()}
    require(out and state_root(one(fields, 3, b""), claims) == root, "another state")
    return out


def list_root(data, leaf):
    """The root that a MerklePath leads to, and the index of the leaf."""
    fields = message(data)
    index, count = one(fields, 1, 0), one(fields, 2, 0)
    siblings = list(fields.get(3, []))
    require(index < count <= 65537, "no place in a list")

    def top(index, count):
        if count == 1:
            return leaf
        split = 1 << (count - 1).bit_length() - 1
        beside = None
        if index < split:
            inner = top(index, split)
            require(siblings, "a path is too short")
            beside = siblings.pop(0)
            return digest("salus.mklnode.1", inner + beside)
        inner = top(index - split, count - split)
        require(siblings, "a path is too short")
        beside = siblings.pop(0)
        return digest("salus.mklnode.1", beside + inner)

    whole = top(index, count)
    require(not siblings, "a path is too long")
    return digest("salus.mklroot.1", struct.pack(">Q", count) + whole), index


def transaction(data, proven):
    fields = message(data)
    block_bytes = one(fields, 1, b"")
    block = header(block_bytes)
    require(digest("salus.block.1", block_bytes) == proven["parent"], "a header of another block")
    included, result = message(one(fields, 2, b"")), message(one(fields, 3, b""))
    raw = one(included, 2, b"")
    tx_id = digest("salus.tx.1", one(message(raw), 1, b""))
    root, index = list_root(one(included, 3, b""), digest("salus.txleaf.1", raw))
    require(one(included, 1, 0) == block["height"] and root == block["transactions_root"],
            "a transaction of another block")
    told = message(one(result, 2, b""))
    code = one(told, 2, 0)
    events = told.get(4, [])
    events_hash = digest("salus.events.1", struct.pack(">I", len(events)) + b"".join(
        struct.pack(">I", len(event)) + event for event in events))
    leaf = digest("salus.result.1", one(told, 1, b"") + struct.pack(
        ">IBI", code, code // 100, one(told, 3, 0)) + events_hash)
    root, place = list_root(one(result, 3, b""), leaf)
    require(one(result, 1, 0) == block["height"] and root == proven["results_root"]
            and place == index and one(told, 1, b"") == tx_id, "a result of something else")
    return {"tx_id": tx_id.hex(), "block": block["height"], "index": index,
            "time_ms": block["time_ms"], "code": code}


def proposal(data, proven):
    found = records(data, proven["height"] - 1, proven["state_root"])
    first = next(iter(found))
    require(len(first) == 9 and first[0] == 0x3A, "not the records of a proposal")
    number = first[1:]
    keys = [first] + [b"\x3b" + number + bytes([chamber]) for chamber in range(1, 9)]
    require(list(found) == keys, "not the records of one proposal")
    record = found.pop(first)
    return {"id": int.from_bytes(number, "big"), "block": proven["height"] - 1,
            "record": None if record is None else record.hex(),
            "tallies": {str(key[-1]): value.hex() for key, value in found.items()
                        if value is not None}}


def receipt(data, chain_id, document):
    fields = message(data)
    require(one(fields, 1, 0) == 1, "another layout")
    require(one(fields, 2, b"") == chain_id, "another chain")
    require(digest("salus.genesis.1", document.encode()) == chain_id, "another genesis")
    validators = [(base64.b64decode(one["validatorKey"]), base64.b64decode(one["nodeKey"]))
                  for one in json.loads(document)["validators"]]
    finality = message(one(fields, 4, b""))
    epoch = 0
    for part in finality.get(1, []):
        end = message(part)
        boundary, _ = finalized_header(one(end, 1, b""), chain_id, epoch, validators)
        found = records(one(end, 2, b""), boundary["height"] - 1, boundary["state_root"])
        require(list(found) == [b"\x62"] and found[b"\x62"] is not None, "not the next set")
        pending = message(found[b"\x62"])
        epoch += 1
        require(one(pending, 1, 0) == epoch, "the set of another epoch")
        validators = [(one(info, 2, b""), one(info, 3, b""))
                      for info in map(message, pending.get(2, []))]
    proven, _ = finalized_header(one(finality, 2, b""), chain_id, epoch, validators)
    out = {"epoch": epoch, "height": proven["height"]}
    if 5 in fields:
        return out | {"transaction": transaction(one(fields, 5, b""), proven)}
    require(6 in fields, "no fact")
    return out | {"proposal": proposal(one(fields, 6, b""), proven)}


def main():
    with open(os.path.join(HERE, "receipts.json"), encoding="utf-8") as source:
        file = json.load(source)
    chain_id = bytes.fromhex(file["chain_id"])
    wrong = refused = 0
    for vector in file["vectors"]:
        reason = None
        try:
            said = receipt(bytes.fromhex(vector["receipt"]), chain_id, file["genesis"])
        except Refused as refusal:
            said, reason = None, str(refusal)
        expected = None if "flaw" in vector["out"] else vector["out"]
        refused += said is None
        wrong += said != expected
        verdict = "as it says" if said == expected else f"WRONG: {said}"
        print(f"{vector['id']:4} {verdict:10} {vector['title']}"
              + (f" ({reason})" if reason else ""))
    print(f"{len(file['vectors'])} receipts, {refused} refused, {wrong} judged otherwise than the "
          "file says")
    sys.exit(1 if wrong or not refused else 0)


if __name__ == "__main__":
    main()
