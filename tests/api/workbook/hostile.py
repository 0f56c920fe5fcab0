"""Reads hostile workbooks by the thousand, in a process of its own whose memory can be measured.

`python -m tests.api.workbook.hostile COUNT SEED` prints one line of JSON: how many were refused and how, how many were
read all the same, the slowest, and the peak of memory; it fails at anything else than a `Problem`.
"""

import json
import random
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from services.api.forms.workbook import read, write
from services.api.types.practice.type import FORM
from services.web.problems import Problem
from tests.api.workbook.attacks import attacks, members, packed
from tests.api.workbook.support import SEEDS, shuffled

_TOKENS = [
    b"<c/>",
    b"<row>",
    b"</c>",
    b"&#0;",
    b"&amp;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<f>1</f>",
    b"<v>1e999</v>",
    b"<is>",
]
_VALUES = [
    b"",
    b"0",
    b"-1",
    b"1e999",
    b"nan",
    b"99999999999999999999",
    b"A0",
    b"XFD1048576",
    b"s",
    b"n",
    b"str",
    b"e",
    b"d",
]
_TAG = re.compile(rb"<[^<>]*>")
_ATTRIBUTE = re.compile(rb'="([^"]*)"')
_TEXT = re.compile(rb">([^<>]+)<")


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """Change, drop, double or insert bytes anywhere in the file."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20, 200))):
        at = chance.randrange(len(changed))
        act = chance.randrange(4)
        if act == 0:
            changed[at] = chance.randrange(256)
        elif act == 1:
            del changed[at : at + chance.choice((1, 4, 1_000))]
        elif act == 2:
            changed[at:at] = changed[at : at + chance.choice((1, 30, 5_000))]
        else:
            changed[at:at] = chance.randbytes(chance.choice((1, 4, 64)))
        if len(changed) < 64:
            break
    return bytes(changed)


def _parts(data: bytes, chance: random.Random) -> bytes:
    """Drop, swap, rename, empty or repeat parts."""
    parts = members(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        one, other = (chance.choice(sorted(parts)) for _ in range(2))
        act = chance.randrange(6)
        if act == 0 and len(parts) > 2:
            del parts[one]
        elif act == 1:
            parts[one], parts[other] = parts[other], parts[one]
        elif act == 2:
            parts[chance.choice((one.upper(), f"x/{one}", one[::-1], f"{one}.bin"))] = parts[one]
        elif act == 3:
            parts[one] = chance.choice((b"", b"\0" * 1_000, b"<x/>", chance.randbytes(200), data[:5_000]))
        elif act == 4:
            parts[one] = parts[one] * chance.choice((2, 20))
        else:
            parts[one] = parts[one][: chance.randrange(len(parts[one]) + 1)]
    return packed(parts, chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)))


def _markup(data: bytes, chance: random.Random) -> bytes:
    """Change elements, attributes and texts of a part."""
    parts = members(data)
    for _ in range(chance.choice((1, 2, 8, 40))):
        name = chance.choice(sorted(parts))
        part = parts[name]
        form = chance.choice((_TAG, _ATTRIBUTE, _TEXT))
        found = list(form.finditer(part))
        if not found:
            continue
        start, end = chance.choice(found).span(form.groups)
        new = chance.choice(
            (b"", part[start:end] * 2, chance.choice(_TOKENS), chance.choice(_VALUES), part[start:end][::-1])
        )
        if chance.random() < 0.3:
            start2, end2 = chance.choice(found).span(form.groups)
            new = part[start2:end2]
        parts[name] = part[:start] + new + part[end:]
    return packed(parts)


def _moved(data: bytes, chance: random.Random) -> bytes:
    """Move sheets, columns and rows, and then spoil some cells."""
    return _markup(shuffled(data, chance), chance)


_WAYS: list[Callable[[bytes, random.Random], bytes]] = [_bytes, _parts, _parts, _markup, _markup, _markup, _moved]


def run(count: int, seed: int) -> dict[str, object]:
    """Read so many files; return figures."""
    chance = random.Random(seed)
    names = chance.sample(sorted(SEEDS), 6)
    real = [
        write(FORM, SEEDS[name]["content"], lang)
        for name, lang in zip(names, ["en", "es", "fr", "it", "en", "es"], strict=True)
    ]
    real.append(write(FORM, None, "en"))
    ends: Counter[str] = Counter()
    slowest = (0.0, "")
    for number, (name, data) in enumerate(_files(real, count, chance)):
        started = time.process_time()
        try:
            reading = read(FORM, data)
        except Problem as problem:
            ends[str(problem.status)] += 1
        except BaseException:
            sys.stderr.write(f"file {number} ({name}), seed {seed}\n")
            raise
        else:
            ends["read with faults" if reading.faults else "read"] += 1
        slowest = max(slowest, (time.process_time() - started, name))
    return {"files": sum(ends.values()), "ends": dict(ends), "slowest": slowest, "peak_mb": peak_megabytes()}


def peak_megabytes() -> int:
    """Return the most memory that this program has held: `ru_maxrss` would count that of whoever started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) // 1024  # type: ignore[index]


def _files(real: list[bytes], count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the handmade attacks, and then real files spoilt in one way or another, attacks among them."""
    made = 0
    for name, data in attacks():
        yield name, data
        made += 1
    handmade = [data for _, data in attacks() if 1_000 < len(data) < 1_000_000 and data[:2] == b"PK"]
    while made < count:
        way = chance.choice(_WAYS)
        data = chance.choice(real)
        if chance.random() < 0.1:
            way, data = _bytes, chance.choice(handmade)
        yield way.__name__, way(data, chance)
        made += 1


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]))))
