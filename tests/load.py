"""Loads that no test of `cargo test` has time for. Each ends by itself, and with 1 if a byte is not as it should be.

    python tests/load.py target/release/stancewire stdin 10         10 GB of rows through standard input
    python tests/load.py target/release/stancewire wide 10          the same with a long column beside the text, in less time
    python tests/load.py target/release/stancewire runs 1000        1,000 short runs, 100 at a time
    python tests/load.py target/release/stancewire folder 100000    a folder of 100,000 small files

Every byte of every output is compared with what the program gives for the same rows alone. Needs Linux and Python 3.9, no
packages. Files go to a temporary folder (TMPDIR) that is removed; only `folder` needs room, about 4 KB for each file.
"""

import argparse
import csv
import io
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
CHUNK = 1 << 20
AT_A_TIME = 100
HANDLES = 256  # the limit on open files that the folder is read under


def rows(first=0, count=None, beside=()):
    """Rows of the corpus as a CSV without header; `beside` are further cells of each."""
    with open(DATA / "stance.csv", newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows((f"r{n}", *beside, text) for n, text in list(enumerate(texts))[first:][:count])
    return table.getvalue().encode()


HEADER = b"id,text\n"


def labelled(program, table):
    """What the program prints for a table: the header line and the rows."""
    run = subprocess.run([program, "label", "-", "--input-format", "csv", "-q"], input=table, capture_output=True, check=True)
    header, _, body = run.stdout.partition(b"\n")
    return header + b"\n", body


def memory(pid):
    """Peak memory of a process so far in MB; 0 when it has ended."""
    status = Path(f"/proc/{pid}/status").read_text()
    return max((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), default=0)


def check(is_right, what):
    if not is_right:
        sys.exit(f"WRONG: {what}")


def repeated(stream, expected, times, at_each):
    """Reads `expected`, `times` times over, and nothing else, from `stream`."""
    expected, at, done = memoryview(expected), 0, 0
    while chunk := memoryview(stream.read(CHUNK)):
        while chunk:
            check(done < times, "there is more than there should be")
            part = expected[at : at + len(chunk)]
            check(chunk[: len(part)] == part, f"block {done} differs behind byte {at}")
            chunk, at = chunk[len(part) :], at + len(part)
            if at == len(expected):
                at, done = 0, done + 1
                at_each(done)
    check((done, at) == (times, 0), f"only {done} of {times} blocks came out")


def load_wide(program, gigabytes):
    load_stdin(program, gigabytes, b"id,note,text\n", rows(count=2000, beside=['Kept "as it is", \u202e\n' * 200]))


def load_stdin(program, gigabytes, names=HEADER, block=None):
    block = block or rows()
    times = -(-int(gigabytes * 1e9) // len(block))
    header, body = labelled(program, names + block)
    begin = time.monotonic()
    command = [program, "label", "-", "--input-format", "csv", "-q"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def feed():
        child.stdin.write(names)
        for _ in range(times):
            child.stdin.write(block)
        child.stdin.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    check(child.stdout.read(len(header)) == header, "the header")
    seen = []

    def at_each(done):
        if done < times and done % max(1, times // 10) == 0:
            seen.append(memory(child.pid))
            print(f"  {done * len(block) / 1e9:.1f} GB, peak memory {seen[-1]} MB", flush=True)

    repeated(child.stdout, body, times, at_each)
    check(child.wait() == 0, "the exit code")
    seconds = time.monotonic() - begin
    count = lines(block)
    print(
        f"standard input: {times * len(block) / 1e9:.2f} GB in {seconds:.0f} s ({times * len(block) / 1e6 / seconds:.1f} MB/s), "
        f"{times * count} rows in, {times * lines(body)} rows out, "
        f"{times * len(body)} bytes compared, peak memory {seen[0]} to {seen[-1]} MB"
    )


def lines(body):
    """How many rows a CSV without header has."""
    return sum(1 for _ in csv.reader(io.StringIO(body.decode(), newline="")))


def load_runs(program, count):
    """A quarter from pipe to pipe, a quarter into folders of their own, a quarter into one folder, a quarter into one file."""
    kinds = [HEADER + rows(50 * n, 50) for n in range(20)]
    expected = [b"".join(labelled(program, table)) for table in kinds]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n, table in enumerate(kinds):
            (folder / f"in{n}.csv").write_bytes(table)
        (folder / "same").mkdir()

        refused = []

        def run(number):
            kind, which = number % 4, number // 4 % 20
            source = str(folder / f"in{which}.csv")
            label = [program, "label", "-q"]
            if kind == 0:
                done = subprocess.run([*label, "-", "--input-format", "csv"], input=kinds[which], capture_output=True)
                check(not done.stderr, done.stderr)
                return done.returncode, done.stdout == expected[which], len(done.stdout)
            if kind == 1:
                own = folder / f"own{number}"
                own.mkdir()
                target = own / "out.csv"
            elif kind == 2:
                target = folder / "same" / f"out{number}.csv"
            else:
                # All write the labels of one table to one file; a run may be refused while another one writes.
                source, target, which = str(folder / "in0.csv"), folder / "shared.csv", 0
            done = subprocess.run([*label, source, "-o", str(target)], capture_output=True)
            if kind == 3 and done.returncode == 2:
                refused.append(done.stderr)
            else:
                check((done.returncode, done.stdout + done.stderr) == (0, b""), done.stderr)
            written = target.read_bytes() if kind < 3 or target.exists() else b""
            return 0, written == expected[which] or kind == 3 and not written, len(written)

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            results = list(pool.map(run, range(count)))
        check(all(code == 0 for code, _, _ in results), "an exit code")
        wrong = sum(not same for _, same, _ in results)
        check(wrong == 0, f"{wrong} outputs differ")
        check((folder / "shared.csv").read_bytes() == expected[0], "the file that many wrote is not whole")
        left = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".csv")]
        check(not left, f"left behind: {left}")
    seconds, size = time.monotonic() - begin, sum(size for _, _, size in results)
    print(
        f"runs: {count}, {AT_A_TIME} at a time, in {seconds:.0f} s, {size} bytes compared, all as expected, {len(refused)} refused "
        "because another one wrote the same file, nothing left behind"
    )


def watched(command):
    """Runs a command under a limit on open files; gives its output, its peak memory in MB, and the most files it had open."""
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, HANDLES)),
    )
    peak = {"memory": 0, "open": 0}

    def watch():
        while child.poll() is None:
            try:
                peak["open"] = max(peak["open"], len(os.listdir(f"/proc/{child.pid}/fd")))
                peak["memory"] = max(peak["memory"], memory(child.pid))
            except OSError:
                return
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = child.communicate()
    watcher.join()
    check(child.returncode == 0, f"exit code {child.returncode}: {err.decode()}")
    return out, peak["memory"], peak["open"]


def load_folder(program, count):
    """Text files in the order of their names, each with a text that names it; then a tenth as many tables."""
    with open(DATA / "stance.csv", newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "texts"
        folder.mkdir()
        names = [str(folder / f"{n:07}.txt") for n in range(count)]
        for n, path in enumerate(names):
            Path(path).write_text(f"{texts[n % len(texts)]} File {n}.", encoding="utf-8")
        begin = time.monotonic()
        out, peak, handles = watched([program, "label", str(folder), "-q", "--no-split"])
        seconds = time.monotonic() - begin
        found = list(csv.DictReader(io.StringIO(out.decode(), newline="")))
        check([row["doc_id"] for row in found] == names, "files are missing or out of order")
        told = (row["sentence"].endswith(f" File {n}.") for n, row in enumerate(found))
        check(all(told), "a text stands beside the name of another file")
        again, _, _ = watched([program, "label", str(folder), "-q", "--no-split", "--threads", "1"])
        check(again == out, "one thread gives other bytes")
        report("folder", count, "text files", seconds, len(out), peak, handles)

        folder = Path(name) / "tables"
        folder.mkdir()
        few = max(1, count // 10)
        for n in range(few):
            (folder / f"{n:07}.csv").write_text(f"id,text\n{n},It rained on day {n}.\n", encoding="utf-8")
        begin = time.monotonic()
        out, peak, handles = watched([program, "label", str(folder), "-q", "--no-split"])
        seconds = time.monotonic() - begin
        found = [row["id"] for row in csv.DictReader(io.StringIO(out.decode()))]
        check(found == [str(n) for n in range(few)], "tables are missing or out of order")
        report("folder", few, "tables", seconds, len(out), peak, handles)


def report(load, count, what, seconds, size, peak, handles):
    print(
        f"{load}: {count} {what} in {seconds:.1f} s, all there and in order, {size} bytes, peak memory {peak} MB, "
        f"at most {handles} open files of {HANDLES} allowed",
        flush=True,
    )


def main():
    loads = {"stdin": (load_stdin, float), "wide": (load_wide, float), "runs": (load_runs, int), "folder": (load_folder, int)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("load", choices=loads)
    parser.add_argument("size")
    given = parser.parse_args()
    load, number = loads[given.load]
    load(str(Path(given.program).resolve()), number(given.size))


if __name__ == "__main__":
    main()
