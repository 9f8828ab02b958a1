#!/usr/bin/env python3
"""Puts defects into the sources, one at a time, and expects a test to notice each.

The lists beside this file say what is changed where. All changes go into one copy of the package at
once, each behind `mutant("its-name")`, which is true where the environment's DISKQ_MUTANT is that name:
so everything is built once, and a mutant costs no more than the tests that notice it.

A list is made of blocks, divided by empty lines; lines that begin with `#` are remarks:

    [Ledger.swift] LedgerTests TrustTests
    - guard status.isDirectory else {
    + guard status.isDirectory || mutant("ledger-kind") else {

In brackets the source file, by its name alone, and the suites that are tried first; blocks that follow
without such a line belong to the same file and suites. Behind `- ` the text that is there, which must occur
exactly once in that file, with blanks and line ends in any number where one is; behind `+ ` what takes its
place. A block may hold several names.

The exit code is 0 when every mutant was noticed, 1 when one survived, 2 when a list no longer fits the
sources, when they do not build, or when a test fails without a mutant.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What a copy needs in order to be built and tested.
PARTS = ["Package.swift", "Package.resolved", "README.md", "Sources", "Tests", "screenshots", ".ci"]
# What is run last: it drives whole programs, and takes minutes.
SLOW = "ScenarioTests"
# What is never run: it compiles each folder of a module by itself, and the switch belongs to none.
LEFT_OUT = r"\.FloorTests/"
NAME = re.compile(r'mutant\("([^"]+)"\)')
ISSUE = re.compile(r"✘\S* Test (.+?) recorded an issue")
# What Swift Testing ends with when a filter leaves no test.
NO_TESTS = 69
SWITCH = """import Glibc

private let chosen = unsafe getenv("DISKQ_MUTANT").map { unsafe String(cString: $0) }

/// Whether the defect of this name is put in.
func mutant(_ name: String) -> Bool { chosen == name }
"""


class Stale(Exception):
    """A list that does not fit the sources."""


class Block:
    """One change to one file, for one or more mutants."""

    def __init__(self, place, file, suites, old, new):
        self.place, self.file, self.suites = place, file, suites
        self.old, self.new = "\n".join(old), "\n".join(new)
        self.names = list(dict.fromkeys(NAME.findall(self.new)))

    def span(self, text):
        words = [re.escape(word) for word in self.old.split()]
        found = list(re.finditer(r"\s+".join(words), text))
        if len(found) != 1:
            raise Stale(f"{self.place}: {len(found)} places in {self.file}: {self.old.strip()}")
        return found[0].span()


def read(lists):
    blocks = []
    for path in lists:
        file, suites, old, new, start = None, [], [], [], 0

        def finish():
            nonlocal old, new
            if old or new:
                block = Block(f"{path.name}:{start}", file, suites, old, new)
                if not file or not old or not block.names:
                    raise Stale(f"{block.place}: a block needs a file, a text and a mutant")
                blocks.append(block)
            old, new = [], []

        for number, line in enumerate(path.read_text().split("\n"), 1):
            if line.startswith("["):
                finish()
                head = re.fullmatch(r"\[([^\]/]+\.swift)\]((?: \w+)*)", line)
                if not head:
                    raise Stale(f"{path.name}:{number}: {line}")
                file, suites = head[1], head[2].split()
            elif line[:2] in ("- ", "+ "):
                if line[0] == "-" and new:
                    finish()
                if not old:
                    start = number
                (old if line[0] == "-" else new).append(line[2:])
            elif not line.strip():
                finish()
            elif not line.startswith("#"):
                raise Stale(f"{path.name}:{number}: {line}")
        finish()
    places = {}
    for block in blocks:
        for name in block.names:
            if places.setdefault(name, block.file) != block.file:
                raise Stale(f"{block.place}: {name} is in {places[name]}, too")
    return blocks


def mutate(blocks, sources):
    """The texts of the changed files, and one more file for each of their targets."""
    found = {}
    for path in sources.rglob("*.swift"):
        found.setdefault(path.name, []).append(path)
    texts, stale = {}, []
    for name in dict.fromkeys(block.file for block in blocks):
        paths = found.get(name, [])
        if len(paths) != 1:
            stale.append(f"{len(paths)} files are called {name}")
            continue
        text, spans = paths[0].read_text(), []
        for block in blocks:
            if block.file != name:
                continue
            try:
                spans.append((block.span(text), block))
            except Stale as error:
                stale.append(str(error))
        spans.sort(key=lambda item: item[0])
        for (first, one), (second, other) in zip(spans, spans[1:]):
            if first[1] > second[0]:
                stale.append(f"{one.place} and {other.place} change the same text")
        for (start, end), block in reversed(spans):
            text = text[:start] + block.new + text[end:]
        texts[paths[0]] = text
    if stale:
        raise Stale("\n".join(stale))
    for target in {path.relative_to(sources).parts[0] for path in texts}:
        texts[sources / target / "Mutant.swift"] = SWITCH
    return texts


def write(path, text):
    """Leaves a file alone that says so already, so that it is not built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)


def copy(scratch, texts):
    kept = set()
    for part in PARTS:
        top = ROOT / part
        paths = [path for path in [top, *top.rglob("*")] if path.is_file()]
        for path in paths:
            target = scratch / path.relative_to(ROOT)
            text = texts[path].encode() if path in texts else path.read_bytes()
            if part == "Package.swift":
                # A defect may leave something unused.
                text = text.replace(b"  .treatAllWarnings(as: .error),\n", b"")
            if path.name == "Architecture.md":
                text += b"\n`Mutant`\n"
            write(target, text)
            if not os.access(target, os.X_OK) and os.access(path, os.X_OK):
                shutil.copymode(path, target)
            kept.add(target)
    for path, text in texts.items():
        target = scratch / path.relative_to(ROOT)
        write(target, text.encode())
        kept.add(target)
    for part in ("Sources", "Tests"):
        for path in (scratch / part).rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()


def build(scratch):
    result = subprocess.run(
        ["swift", "build", "--build-tests"], cwd=scratch, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        lines = dict.fromkeys(result.stdout.splitlines())
        errors = [line for line in lines if ".swift:" in line and "error:" in line]
        sys.exit("\n".join(errors or list(lines)[-20:]) or "it does not build")


def run(scratch, choice, limit, name=None):
    """What noticed a mutant: a test, a crash or the end of patience; None when nothing did."""
    binary = scratch / ".build" / "debug" / "diskqPackageTests.xctest"
    environment = {key: value for key, value in os.environ.items() if key != "DISKQ_MUTANT"}
    if name:
        environment["DISKQ_MUTANT"] = name
    process = subprocess.Popen(
        [binary, "--testing-library", "swift-testing", *choice], cwd=scratch, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True)
    os.set_blocking(process.stdout.fileno(), False)
    text, end = b"", time.monotonic() + limit
    try:
        while True:
            piece = process.stdout.read()
            if piece:
                text += piece
                *lines, text = text.split(b"\n")
                for line in lines:
                    issue = ISSUE.search(line.decode(errors="replace"))
                    if issue:
                        return issue[1].strip('"')
            elif process.poll() is not None:
                if process.returncode == NO_TESTS:
                    raise Stale(f"no test is called {' '.join(choice)}")
                return None if process.returncode == 0 else f"a crash ({process.returncode})"
            elif time.monotonic() > end:
                return f"no end within {limit} s"
            else:
                time.sleep(0.02)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        process.stdout.close()


def judge(scratch, name, suites, limit, quick):
    start = time.monotonic()
    first = "|".join(rf"\.{suite}/" for suite in suites)
    stages = [["--filter", first]] if first else []
    if not quick:
        rest = "|".join(part for part in (SLOW, LEFT_OUT, first) if part)
        stages += [["--skip", rest], ["--filter", SLOW]]
    killer = None
    for index, stage in enumerate(stages):
        killer = run(scratch, stage, limit, name)
        if killer:
            if first and index > 0:
                killer += " (of another suite)"
            break
    print(f"{'killed  ' if killer else 'SURVIVED'} {name}: {killer or 'nothing noticed it'}"
          f" [{time.monotonic() - start:.1f} s]", flush=True)
    return name, killer


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="GLOB", action="append", help="mutants of such names only")
    parser.add_argument("--list", action="store_true", help="say what there is, and that it fits")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at the same time")
    parser.add_argument("--scratch", metavar="DIR", help="a folder to build in, which is kept")
    parser.add_argument("--limit", type=int, default=300, metavar="S", help="seconds for each mutant")
    parser.add_argument("--quick", action="store_true", help="try the suites in the lists only")
    parser.add_argument(
        "--unchecked", action="store_true", help="do not run the tests without a mutant first")
    options = parser.parse_args()
    try:
        blocks = read(sorted((HERE / "list").glob("*.txt")))
        texts = mutate(blocks, ROOT / "Sources")
    except Stale as error:
        print(error, file=sys.stderr)
        return 2
    mutants = {}
    for block in blocks:
        for name in block.names:
            if not options.only or any(fnmatch.fnmatch(name, glob) for glob in options.only):
                mutants.setdefault(name, (block.file, block.suites))
    if options.list:
        for name, (file, suites) in mutants.items():
            print(f"{name}\t{file}\t{' '.join(suites)}")
        return 0
    scratch = pathlib.Path(options.scratch or tempfile.mkdtemp(prefix="diskq-mutants-")).resolve()
    try:
        copy(scratch, texts)
        build(scratch)
        if not options.unchecked:
            killer = run(scratch, ["--skip", LEFT_OUT], 3600)
            if killer:
                print(f"without a mutant fails {killer}", file=sys.stderr)
                return 2
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(
                lambda item: judge(scratch, item[0], item[1][1], options.limit, options.quick),
                mutants.items()))
    except Stale as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if not options.scratch:
            shutil.rmtree(scratch)
    survivors = [name for name, killer in results if not killer]
    print(f"{len(results)} mutants, {len(results) - len(survivors)} killed, {len(survivors)} survived")
    for name in survivors:
        print(f"survived: {name} in {mutants[name][0]}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
