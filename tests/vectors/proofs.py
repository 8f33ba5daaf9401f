#!/usr/bin/env python3
"""Writes proofs.json: golden proofs of a small state and of lists, from docs/formats.md alone.

It shares no line with the production code, so that the two check each other:

    python3 tests/vectors/proofs.py && git diff --exit-code tests/vectors/proofs.json
"""
import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
ZERO = bytes(32)

NOTE = (
    "Bytes and hashes as hexadecimal. eval names what is computed of in; out must match exactly. "
    "state_proof: in.pairs is the whole state, in.keys what is asked, ascending; out.root its root, "
    "out.nodes the proof. part: in.path is a list of half bytes, in.records how many records an "
    "undivided part has at most. merkle_path: in.leaves the list of leaf hashes. Computed by an "
    "independent program (proofs.py) from docs/formats.md."
)


def digest(tag, content):
    return hashlib.blake2b(tag.encode().ljust(16, b"\0") + content, digest_size=32).digest()


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def leaf(key, value):
    return digest("salus.leaf.1", key + value)


def node_hash(leaves, depth):
    if not leaves:
        return ZERO
    if len(leaves) == 1:
        return leaf(*leaves[0])
    sides = [[one for one in leaves if bit(one[0], depth) == side] for side in (0, 1)]
    return digest("salus.inner.1", node_hash(sides[0], depth + 1) + node_hash(sides[1], depth + 1))


def leaves_of(pairs):
    return sorted((digest("salus.key.1", key), digest("salus.value.1", value))
                  for key, value in pairs.items())


def nodes(leaves, keys, depth=0):
    if not keys:
        return node_hash(leaves, depth)
    if not leaves:
        return b"\0"
    if len(leaves) == 1:
        return b"\1" if leaves[0][0] in keys else b"\2" + leaves[0][0] + leaves[0][1]
    out = b"\3"
    for side in (0, 1):
        out += nodes([one for one in leaves if bit(one[0], depth) == side],
                     [key for key in keys if bit(key, depth) == side], depth + 1)
    return out


def half_bytes(key):
    return [half for byte in key for half in (byte >> 4, byte & 15)]


def part(pairs, path, records_max):
    depth = len(path)
    inside = sorted((digest("salus.key.1", key), key, value) for key, value in pairs.items()
                    if half_bytes(digest("salus.key.1", key))[:depth] == path)

    def record(key, value):
        return len(key).to_bytes(2, "big") + key + len(value).to_bytes(4, "big") + value

    if len(inside) <= records_max:
        return b"\0" + len(inside).to_bytes(4, "big") + b"".join(
            record(key, value) for _, key, value in inside)
    body, count = b"", 0
    for slot in range(16):
        here = [one for one in inside if half_bytes(one[0])[depth] == slot]
        if not here:
            continue
        count += 1
        body += bytes([slot])
        if len(here) == 1:
            body += b"\1" + record(here[0][1], here[0][2])
            continue
        body += b"\0"
        below = [(key_hash, digest("salus.value.1", value)) for key_hash, _, value in here]
        at = 4 * (depth + 1)
        for side in (0, 1):
            body += node_hash([one for one in below if bit(one[0], at) == side], at + 1)
    return b"\1" + bytes([count]) + body


def list_top(leaves):
    if not leaves:
        return ZERO
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return digest("salus.mklnode.1", list_top(leaves[:split]) + list_top(leaves[split:]))


def list_root(leaves):
    return digest("salus.mklroot.1", len(leaves).to_bytes(8, "big") + list_top(leaves))


def siblings(leaves, index):
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return siblings(leaves[:split], index) + [list_top(leaves[split:])]
    return siblings(leaves[split:], index - split) + [list_top(leaves[:split])]


VECTORS = []


def add(title, evaluate, given, out):
    VECTORS.append({"id": "P%d" % (len(VECTORS) + 1), "title": title, "eval": evaluate,
                    "in": given, "out": out})


def add_proof(title, pairs, keys):
    leaves = leaves_of(pairs)
    hashes = [digest("salus.key.1", key) for key in keys]
    add(title, "state_proof",
        {"pairs": {key.hex(): value.hex() for key, value in sorted(pairs.items())},
         "keys": [key.hex() for key in keys]},
        {"root": node_hash(leaves, 0).hex(), "nodes": nodes(leaves, hashes).hex()})


def last_kind(pairs, key):
    """The kind of the node at which the way to an absent key ends."""
    leaves, depth = leaves_of(pairs), 0
    key = digest("salus.key.1", key)
    while len(leaves) > 1:
        leaves = [one for one in leaves if bit(one[0], depth) == bit(key, depth)]
        depth += 1
    return "other" if leaves else "empty"


PAIRS = {b"key%d" % i: b"value%d" % i for i in range(20)}
PAIRS[b"\x19zero\x00"] = b""
ABSENT = [b"absent%d" % i for i in range(200)]
EMPTY = next(key for key in ABSENT if last_kind(PAIRS, key) == "empty")
OTHER = next(key for key in ABSENT if last_kind(PAIRS, key) == "other")

add_proof("a key that is present", PAIRS, [b"key7"])
add_proof("a record of no bytes is present", PAIRS, [b"\x19zero\x00"])
add_proof("a key that is absent, as nothing is where it would be", PAIRS, [EMPTY])
add_proof("a key that is absent, as another leaf is where it would be", PAIRS, [OTHER])
add_proof("several keys, present and absent, share what they need", PAIRS,
          sorted([EMPTY, OTHER, b"key0", b"key1", b"key7", b"key19"]))
add_proof("all keys of a state need no hash beside them", PAIRS, sorted(PAIRS))
add_proof("the only key of a state", {b"a": b"1"}, [b"a"])
add_proof("an absent key beside the only one", {b"a": b"1"}, [b"a", b"b"])
add_proof("absent keys of an empty state", {}, [b"a", b"b"])


def add_part(title, path, records):
    add(title, "part",
        {"pairs": {key.hex(): value.hex() for key, value in sorted(PAIRS.items())}, "path": path,
         "records": records, "hash": node_hash(
             [one for one in leaves_of(PAIRS) if half_bytes(one[0])[:len(path)] == path],
             4 * len(path)).hex()},
        {"bytes": part(PAIRS, path, records).hex()})


CROWDED = next(slot for slot in range(16)
               if sum(half_bytes(one[0])[0] == slot for one in leaves_of(PAIRS)) > 1)
add_part("a whole state as one part", [], 100)
add_part("a state that is divided", [], 5)
add_part("a part below the root", [CROWDED], 100)

LEAVES = [digest("salus.vector", bytes([i])) for i in range(11)]
for count, index in ((1, 0), (2, 1), (11, 4), (11, 10)):
    add("leaf %d of a list of %d" % (index, count), "merkle_path",
        {"leaves": [one.hex() for one in LEAVES[:count]], "index": index},
        {"root": list_root(LEAVES[:count]).hex(),
         "siblings": [one.hex() for one in siblings(LEAVES[:count], index)]})

with open(os.path.join(HERE, "proofs.json"), "w") as file:
    json.dump({"format": "salus.vectors.proofs.v1",
               "title": "Proofs of the state, parts of it, and paths in lists", "note": NOTE,
               "vectors": VECTORS}, file, indent=1)
    file.write("\n")
