"""Compares who asks for the panics that are left in a program with remaining.txt; `run` explains it.
It knows the instructions of x86_64.

    askers.py PROGRAM ROOT REMAINING
"""

import bisect
import re
import subprocess
import sys
from collections import defaultdict

PROGRAM, ROOT, REMAINING = sys.argv[1:]

# Every panic ends in one of these two functions.
PANICS = {"core::panicking::panic_fmt", "core::panicking::panic_nounwind_fmt"}
# A capacity over isize::MAX ends here. The functions below copy what is in memory, or append it, and
# cannot get there. Any other function, such as `with_capacity` or `collect`, can.
CAPACITY = {"alloc::raw_vec::capacity_overflow"}
COPYING = set(
    "clone concat extend_from_slice format from from_utf8_lossy insert insert_str into into_boxed_str into_owned"
    " push push_str to_owned to_string to_vec write_all write_char write_fmt write_str".split()
)
# A lack of memory is not counted.
MEMORY = {"alloc::alloc::handle_alloc_error"}
# The destructors of the standard library get no argument, and nobody calls them by name.
DESTRUCTOR = "drop_in_place"
# Where the sources of the standard library and of its dependencies are said to be.
STD_FOLDERS = r"/rustc/\w+/library|.*/rustlib/src/rust/library|/rust/deps"


def output(*command, text=None):
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout


def name_of(function):
    """Returns `split_off` for `<alloc::vec::Vec<u8>>::split_off::{closure#0}`."""
    function = function.replace("->", "")
    while (shorter := re.sub(r"<[^<>]*>|\{[^{}]*\}", "", function)) != function:
        function = shorter
    return [part for part in function.split("::") if part][-1]


def file_of(line):
    """Returns the source file without the folders of this machine, and whether the standard library has it."""
    file = re.sub(r":[0-9?]+( .*)?$", "", line)
    if file.startswith(ROOT):
        return file.removeprefix(ROOT), False
    if match := re.search(r"/registry/src/[^/]+/(.+?)-\d[^/]*/(?:src/)?(.+)", file):
        return f"{match[1]}/{match[2]}", False
    if match := re.match(rf"(?:{STD_FOLDERS})/(\w+)(?:-\d[^/]*)?/(?:src/)?(.+)", file):
        return f"{match[1]}/{match[2]}", True
    # Code without debug information came with the compiler, as everything else was built for this check.
    return file, not file.startswith("/")


def frames_at(addresses):
    """Returns the functions that were inlined at each address, from the innermost to the outermost."""
    lines = iter(
        output("addr2line", "-a", "-f", "-i", "-C", "-e", PROGRAM, text="\n".join(map(hex, addresses))).splitlines()
    )
    frames = {}
    for line in lines:
        if line.startswith("0x"):
            current = frames[int(line, 16)] = []
        else:
            current.append((name_of(line), *file_of(next(lines))))
    return frames


# The functions of the program, and the instructions that refer to each: calls, jumps, and loads of its address.
functions, instructions = {}, []
for line in output("objdump", "-d", "-C", "--no-show-raw-insn", PROGRAM).splitlines():
    if match := re.match(r"([0-9a-f]+) <(.*)>:$", line):
        functions[int(match[1], 16)] = match[2]
    elif match := re.match(r" *([0-9a-f]+):\t(call|j)?.* ([0-9a-f]+)(?: <.*)?$", line):
        instructions.append((int(match[1], 16), bool(match[2]), int(match[3], 16)))
starts = list(functions)
# Addresses of functions that stand in tables, such as those of `dyn Debug`.
tables = {}
for line in output("readelf", "-r", "-W", PROGRAM).splitlines():
    if match := re.match(r"([0-9a-f]+) +\w+ +R_\w+_RELATIVE +([0-9a-f]+)$", line):
        tables[int(match[1], 16)] = int(match[2], 16)
pointed_to = set(tables.values())


def function_at(address):
    return starts[bisect.bisect_right(starts, address) - 1]


references = defaultdict(set)
for site, is_call, target in instructions:
    target = tables.get(target, target)
    if target in functions and function_at(site) != target:
        references[target].add((site, is_call))


def askers(ends, stop):
    """Yields each function of the standard library that leads to one of these ends, and who asks for it."""
    now, seen = {start for start in starts if functions[start] in ends}, set()
    assert now, f"the program has none of {ends}"
    while now:
        seen |= now
        frames = frames_at(now | {site for target in now for site, _ in references[target]})
        callers = set()
        for target in now:
            itself = frames[target][-1]
            # The tables with functions of `std` are those of the runtime: its streams, its backtraces.
            if target in pointed_to and not itself[1].startswith("std/"):
                yield itself, ("", "pointer")
            for site, is_call in references[target]:
                asked = itself
                for frame in frames[site]:
                    _, _, is_std = frame
                    if not is_std:
                        yield asked, frame
                        break
                    if is_call:
                        asked = frame
                    if asked[0] == DESTRUCTOR:
                        break
                else:
                    callers.add(function_at(site))
        now = {start for start in callers - seen if functions[start] not in stop}


found = set()
for ends, stop in ((PANICS, CAPACITY | MEMORY), (CAPACITY, PANICS | MEMORY)):
    for (function, file, _), (asking_function, asker, *_) in askers(ends, stop):
        if ends is CAPACITY and function in COPYING:
            continue
        if asker.startswith("src/") or asker == "pointer" or asking_function == "planted":
            found.add((file, function, asker))
        elif not asker.startswith("checks/"):
            found.add((asker, asking_function, ""))

explained = set()
with open(REMAINING) as lines:
    for line in lines:
        if not line.startswith("#") and line.strip():
            file, function, *by = line.split()
            explained |= {(file, function, asker) for asker in by or [""]}

faults = []
for file, function, asker in sorted(found):
    line = f"{file} {function} {asker}".strip()
    if asker.startswith("src/") and (file == "core/panicking.rs" or re.match("(unwrap|expect)(_|$)", function)):
        faults.append(f"{asker} panics by itself, which no line of the list may excuse: {line}")
    elif not {(file, function, asker), (file, function, "*")} & explained:
        faults.append(f"not explained: {line}")
for file, function, asker in sorted(explained - found):
    if not (asker == "*" and any(found_line[:2] == (file, function) for found_line in found)):
        faults.append(f"explained, but not found: {file} {function} {asker}".strip())
print(*faults, sep="\n", end="\n" if faults else "")
if faults:
    print(
        "If an input can lead to the panic, change the code. If none can, write the line into"
        " checks/no-panic/remaining.txt, under the reason. Take lines out that are not found."
    )
    sys.exit(1)
print(f"no-panic: each panic that is left has its reason: {len(found)} functions with who asks for them")
