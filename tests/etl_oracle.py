#!/usr/bin/env python3
"""A second reader of .etl files, for comparison only: whole file in memory, no order, no mercy on damage.

Written from the description of the format, without a look at how app/core/etl does it. It stops with an assertion
where a file is not exactly as described, so agreement with it on a file means that two readings of the description
agree, and that the file is whole.

Usage: etl_oracle.py FILE    prints what `handlerec info --json FILE` should print, and events by header type
"""
import collections
import datetime
import json
import os
import struct
import sys
import uuid

HEADER = 0x48
KERNEL = {1: ("SYSTEM32", 32), 2: ("SYSTEM64", 32), 3: ("COMPACT32", 24), 4: ("COMPACT64", 24),
          0x10: ("PERFINFO32", 16), 0x11: ("PERFINFO64", 16)}
CLASSIC = {0x0A: ("FULL32", 48), 0x14: ("FULL64", 48), 0x0B: ("INSTANCE32", 72), 0x15: ("INSTANCE64", 72)}
MODERN = {0x12: ("EVENT32", 80), 0x13: ("EVENT64", 80)}

# Only what the files at hand contain is worth a name here; the rest follows the rule group/number.
GROUPS = {0: "EventTrace", 1: "DiskIo", 2: "PageFault", 3: "Process", 4: "FileIo", 5: "Thread", 6: "TcpIp", 7: "Job",
          8: "UdpIp", 9: "Registry", 0x0B: "Config", 0x0F: "PerfInfo", 0x11: "Object", 0x14: "Image",
          0x18: "StackWalk", 0x1A: "ALPC"}
LIVES = {1: "Start", 2: "End", 3: "DCStart", 4: "DCEnd"}
NAMES = {0x0000: "Header", 0x0005: "GroupMasks", 0x0020: "GroupMasksEnd", 0x0008: "RundownComplete",
         0x0050: "PartitionInfo", 0x0052: "LastDropped", 0x030A: "Image/Load", 0x030B: "Terminate",
         0x0327: "Defunct", 0x0548: "Name", 0x0F22: "Mark", 0x1120: "CreateHandle", 0x1121: "CloseHandle", 0x1122: "DuplicateHandle",
         0x1124: "TypeDCStart", 0x1125: "TypeDCEnd", 0x1126: "HandleDCStart", 0x1127: "HandleDCEnd",
         0x1130: "CreateObject", 0x1131: "DeleteObject", 0x1132: "ReferenceObject", 0x1133: "DereferenceObject",
         0x1402: "Unload", 0x1403: "DCStart", 0x1404: "DCEnd", 0x1421: "KernelBase", 0x1422: "HypercallPage",
         0x1820: "Stack", 0x1822: "KeyCreate", 0x1823: "KeyDelete", 0x1824: "KeyRundown", 0x1825: "KeyKernel",
         0x1826: "KeyUser"}
for _type, _word in LIVES.items():
    NAMES[0x0300 | _type] = _word
    NAMES[0x0500 | _type] = _word


def hook_name(hook):
    group = GROUPS.get(hook >> 8, "0x%02X" % (hook >> 8))
    own = NAMES.get(hook)
    if own is None:
        return "%s/%d" % (group, hook & 0xFF)
    return own if "/" in own else group + "/" + own


class Xpress:
    """Bit by bit, as the specification tells it: slow and plain."""

    def __init__(self, data):
        self.data, self.at, self.half = data, 0, None

    def number(self, size):
        value = int.from_bytes(self.data[self.at:self.at + size], "little")
        self.at += size
        assert self.at <= len(self.data), "blob ends early"
        return value

    def nibble(self):
        if self.half is not None:
            value, self.half = self.half, None
            return value
        both = self.number(1)
        self.half = both >> 4
        return both & 15

    def match_length(self, three_bits):
        if three_bits < 7:
            return three_bits + 3
        length = self.nibble()
        if length < 15:
            return length + 7 + 3
        length = self.number(1)
        if length < 255:
            return length + 15 + 7 + 3
        length = self.number(2) or self.number(4)
        assert length >= 22, "length below its own bias"
        return length - 22 + 15 + 7 + 3

    def flags(self):
        while True:
            word = self.number(4)
            for bit in range(31, -1, -1):
                yield word >> bit & 1

    def unpack(self, size):
        out = bytearray()
        flags = self.flags()
        while len(out) < size:
            if not next(flags):
                out.append(self.number(1))
                continue
            token = self.number(2)
            back = (token >> 3) + 1
            assert back <= len(out), "match before the start"
            for _ in range(self.match_length(token & 7)):
                out.append(out[-back])
        assert len(out) == size, "%d bytes instead of %d" % (len(out), size)
        assert len(self.data) - self.at in (0, 4), "%d bytes left over" % (len(self.data) - self.at)
        return bytes(out)


def buffers(data):
    at = 0
    while at < len(data):
        size, = struct.unpack_from("<I", data, at)
        end, flags, kind = struct.unpack_from("<IHH", data, at + 0x30)
        assert size >= HEADER and at + size <= len(data), "buffer at 0x%x does not fit" % at
        assert kind == (4 if at == 0 else 0), "buffer type %d at 0x%x" % (kind, at)
        body = data[at + HEADER:at + size]
        if flags & 0x40:
            yield flags, Xpress(body).unpack(end - HEADER)
        else:
            assert end <= size
            yield flags, body[:end - HEADER]
        at += size


def records(body):
    at = 0
    while at < len(body):
        marker, = struct.unpack_from("<I", body, at)
        assert marker >> 28 == 0xC, "marker %08x" % marker
        kind = marker >> 16 & 0xFF
        size, = struct.unpack_from("<H", body, at + (4 if kind in KERNEL else 0))
        least = (KERNEL.get(kind) or CLASSIC.get(kind) or MODERN[kind])[1]
        assert least <= size <= len(body) - at, "record of %d bytes" % size
        yield kind, body[at:at + size]
        at += size + -size % 8


def when(filetime):
    seconds, rest = divmod(filetime, 10000000)
    moment = datetime.datetime(1601, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ".%07dZ" % rest


def header_facts(kind, record):
    wide = kind == 2
    body = record[32:]
    later = 8 if wide else 0
    fact = lambda at, form="<I": struct.unpack_from(form, body, at)[0]
    clock = fact(0x108 + later)
    start, end = fact(0x100 + later, "<Q"), fact(0x10, "<Q")
    return {"osBuild": fact(8), "pointerSize": fact(0x2C), "processors": fact(0x0C),
            "clock": ["raw", "qpc", "system", "cpu"][clock], "bufferSize": fact(0), "mode": fact(0x20),
            "start": when(start), "durationSeconds": (end - start) / 1e7, "eventsLost": fact(0x30),
            "buffersLost": fact(0x10C + later)}, fact(0x24)


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    kernel, other, types = collections.Counter(), collections.Counter(), collections.Counter()
    all_flags = []
    facts = written = None
    for flags, body in buffers(data):
        all_flags.append(flags)
        for kind, record in records(body):
            if facts is None:
                facts, written = header_facts(kind, record)
            if kind in KERNEL:
                kernel[record[7] << 8 | record[6]] += 1
                types[KERNEL[kind][0]] += 1
            elif kind in CLASSIC:
                other[str(uuid.UUID(bytes_le=record[24:40])), None, record[4]] += 1
                types[CLASSIC[kind][0]] += 1
            else:
                event_id, _, _, _, opcode = struct.unpack_from("<HBBBB", record, 40)
                other[str(uuid.UUID(bytes_le=record[24:40])), event_id, opcode] += 1
                types[MODERN[kind][0]] += 1
    assert written == len(all_flags), "header says %d buffers, file has %d" % (written, len(all_flags))
    assert all_flags[-1] & 1, "last buffer has no flush marker"
    counts = [{"hook": "0x%04X" % hook, "name": hook_name(hook), "count": n} for hook, n in kernel.items()]
    counts += [{"provider": p, "id": i, "opcode": o, "count": n} for (p, i, o), n in other.items()]
    info = {"file": path, "bytes": os.path.getsize(path), "buffers": len(all_flags),
            "compressed": any(f & 0x40 for f in all_flags), "events": sum(types.values()), "truncated": False,
            "damagedBuffers": 0, "counts": counts}
    info.update(facts)
    return info, dict(types)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    info, types = read(sys.argv[1])
    json.dump({"info": info, "headerTypes": types}, sys.stdout, indent=1)
    print()
