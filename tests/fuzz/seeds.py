#!/usr/bin/env python3
"""Makes seeds for the fuzzers: small pieces of the real traces at hand, and a few made from nothing.

Usage: seeds.py FOLDER    makes FOLDER/fuzz_etl and FOLDER/fuzz_xpress
Real traces come from HANDLEREC_ETL_CORPUS (default ../shared/etl beside the project); without them there are only the
made ones. The pieces lie in the build folder and never go into the project.
"""
import os
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAD = 0x48
SMALL = 0x400


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def buffers(data):
    at = 0
    while at + HEAD <= len(data):
        size, = struct.unpack_from("<I", data, at)
        if size < HEAD or at + size > len(data):
            return
        yield data[at:at + size]
        at += size


def shrink(buffer, session):
    """The buffer's beginning as a buffer of `session` bytes: the first records that fit."""
    head = bytearray(buffer[:HEAD])
    end, = struct.unpack_from("<I", head, 0x30)
    at = HEAD
    while at + 8 <= min(end, session):
        kind = buffer[at + 2]
        size, = struct.unpack_from("<H", buffer, at + (4 if kind in (1, 2, 3, 4, 0x10, 0x11) else 0))
        if size < 8 or at + size > session:
            break
        at += (size + 7) & ~7
    at = min(at, session)
    struct.pack_into("<I", head, 0, session)
    struct.pack_into("<I", head, 0x30, at)
    return bytes(head) + buffer[HEAD:at] + b"\xff" * (session - at)


def small_trace(parts):
    """Buffer 0 and a few others, with the session's buffer size set to what they now have."""
    first = bytearray(shrink(parts[0], SMALL))
    struct.pack_into("<I", first, HEAD + 32, SMALL)
    struct.pack_into("<I", first, HEAD + 32 + 0x24, len(parts))
    rest = [shrink(p, SMALL) for p in parts[1:]]
    if rest:
        last = bytearray(rest[-1])
        last[0x34] |= 1
        rest[-1] = bytes(last)
    return bytes(first) + b"".join(rest)


def from_real(path, name, etl, xpress):
    with open(path, "rb") as f:
        data = f.read(8 << 20)
    parts = list(buffers(data))
    if not parts:
        return
    if len(data) < 10000:
        write(etl, name, data)
    compressed = [p for p in parts if p[0x34] & 0x40]
    if compressed:
        smallest = sorted(compressed, key=len)[:4]
        write(etl, name + ".packed", parts[0] + b"".join(smallest))
        for i, p in enumerate(smallest):
            room = struct.unpack_from("<I", p, 0x30)[0] - HEAD
            write(xpress, "%s.%d" % (name, i), struct.pack("<H", room & 0xFFFF) + p[HEAD:HEAD + 4000])
        return
    step = max(1, len(parts) // 6)
    for i in range(1, len(parts), step):
        write(etl, "%s.%d" % (name, i), small_trace([parts[0]] + parts[i:i + 3]))


def made(etl, xpress):
    write(xpress, "alphabet", struct.pack("<HI", 26, 0x3F) + b"abcdefghijklmnopqrstuvwxyz")
    write(xpress, "abc", struct.pack("<H", 300) + bytes.fromhex("ffffff1f61626317000fff2601"))
    for wide in (0, 1):
        extra = 8 * wide
        fields = bytearray(0x110 + extra)
        struct.pack_into("<I", fields, 0, SMALL)
        struct.pack_into("<I", fields, 0x24, 2)
        struct.pack_into("<Q", fields, 0x10, 130000000100000000)
        struct.pack_into("<QQI", fields, 0xF8 + extra, 10000000, 130000000000000000, 1)
        record = struct.pack("<HBBHHIIQQ", 2, 1 + wide, 0xC0, 32 + len(fields), 0, 1, 4, 1000, 0) + bytes(fields)
        pointer = b"\x00" * (4 + 4 * wide)
        handles = b""
        for hook, body in ((0x1120, pointer + b"\x04\0\0\0\x11\0\0\0"), (0x1121, pointer + b"\x04\0\0\0\x11\0a\0\0\0"),
                           (0x1122, pointer + bytes(18)), (0x1125, b"\x11\0\0\0E\0\0\0"),
                           (0x1127, pointer + bytes(10) + b"n\0\0\0"), (0x1820, bytes(16) + pointer * 3),
                           (0x1824, pointer * 4), (0x1826, bytes(16) + pointer)):
            for kind, size in ((3 + wide, 24), (0x10 + wide, 16)):
                ids = struct.pack("<II", 7, 8) if size == 24 else b""
                one = struct.pack("<HBBHH", 3, kind, 0xC0, size + len(body), hook) + ids + struct.pack("<Q", 2000) + body
                handles += one + bytes(-len(one) % 8)
        out = b""
        for number, body in enumerate((record, handles)):
            head = bytearray(HEAD)
            struct.pack_into("<I", head, 0, SMALL)
            struct.pack_into("<IHH", head, 0x30, HEAD + len(body), 0x21, 4 if number == 0 else 0)
            out += bytes(head) + body + b"\xff" * (SMALL - HEAD - len(body))
        write(etl, "made%d" % (32 + 32 * wide), out)


def report_seeds(etl, root):
    """Traces with the two bytes before them that fuzz_ledger takes, records for it, options and a baseline."""
    ledger, options = (os.path.join(root, name) for name in ("fuzz_ledger", "fuzz_report_options"))
    for folder in (ledger, options):
        os.makedirs(folder, exist_ok=True)
    for i, name in enumerate(sorted(os.listdir(etl))):
        with open(os.path.join(etl, name), "rb") as f:
            data = f.read()
        if len(data) < 16000:
            write(ledger, name, bytes((0, i * 7 & 0xFF)) + data)
    handle = bytes(7) + b"\x01\x10\0\0\0\x11\0"
    steps = [(10, bytes(8) + b"\x01\0\0\0\x04\0\0\0" + bytes(36) + b"app.exe\0"), (0, handle), (5, bytes(32)), (7, bytes(24)),
             (2, bytes(7) + b"\x01\x10\0\0\0\x10\0\0\0\x02\0\0\0\x11\0\x01\0\0\0"), (3, bytes(7) + b"\x01\x01\0\0\0\x10\0\0\0\x11\0n\0\0\0"),
             (1, handle), (4, b"\x11\0\0\0E\0\0\0"), (14, b"\x01\0\0\0"), (15, bytes(64))]
    for form in range(6):
        out = b"\x01\x01\0\0"
        for hook, payload in steps:
            out += bytes((hook | 0x60, form, 5, 0x0A, len(payload))) + payload
        write(ledger, "records%d" % form, out)
    write(options, "filters", b"\x01--type\0!Ev*\0--process\0app.exe\0--handle\0" + b"0x1A4\0--since\0" + b"1.5\0--stack\0x\0--leaks\0--top\0" + b"9")
    write(options, "limits", b"\x01--fail-if\0app.exe:Event>0\0--format\0json\0--totals\0process\0--fail-if\0x")
    write(options, "baseline", b'\0{"summary": {"a": [1, {}]}, "groups": [{"process": "app.exe", "type": "Ev\\u0041", "leaked": 3}]}')
    write(options, "pull", b'\0{"s": "x\\n", "n": 18446744073709551615, "a": [[], {"b": null}, "]"]}')


def merge_seeds(etl, root):
    """Traces with the three bytes before them that fuzz_merge and fuzz_carry take: one, the same twice, two."""
    folders = [os.path.join(root, name) for name in ("fuzz_merge", "fuzz_carry")]
    last = b""
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(etl)):
        with open(os.path.join(etl, name), "rb") as f:
            data = f.read()
        if len(data) > 8000:
            continue
        for folder in folders:
            write(folder, name, b"\0\xff\xff" + data)
            write(folder, name + ".twice", b"\1\xff\xff" + data)
            ring = bytearray(data)
            struct.pack_into("<I", ring, HEAD + 32 + 0x20, 0x400)
            if len(data) * 2 < 16000:
                write(folder, name + ".ring", b"\1" + struct.pack("<H", len(ring)) + ring + data)
            if last:
                write(folder, name + ".two", b"\1" + struct.pack("<H", len(last)) + last + data)
        last = data


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    etl, xpress = (os.path.join(sys.argv[1], name) for name in ("fuzz_etl", "fuzz_xpress"))
    for folder in (etl, xpress):
        os.makedirs(folder, exist_ok=True)
    made(etl, xpress)
    corpus = os.environ.get("HANDLEREC_ETL_CORPUS") or os.path.join(ROOT, "..", "shared", "etl")
    if os.path.isdir(corpus):
        for name in sorted(os.listdir(corpus)):
            if name.endswith(".etl"):
                from_real(os.path.join(corpus, name), name, etl, xpress)
    else:
        print("no real traces in %s: made seeds only" % corpus)
    report_seeds(etl, sys.argv[1])
    merge_seeds(etl, sys.argv[1])
    for folder in (etl, xpress):
        print("%s: %d seeds" % (os.path.basename(folder), len(os.listdir(folder))))


if __name__ == "__main__":
    main()
