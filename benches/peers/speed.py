"""How fast is stancewire beside other programs? Prints Markdown tables, part by part. Run by speed.sh, which sees to the
programs and the environment; README.md beside this file tells what is compared and how.
"""

import argparse
import csv
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TRAIN = ROOT / "data" / "stance.csv"
SENTENCE = "The foreign minister called on both sides to observe an immediate ceasefire, or face the consequences."


class Run:
    """One process: its seconds on the clock and of processors, its peak memory, and what it printed."""

    starter = None

    def __init__(self, *command, **environment):
        command = [str(part) for part in command]
        Run.starter = Run.starter or subprocess.Popen(
            [sys.executable, HERE / "start.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        Run.starter.stdin.write(json.dumps([command, os.environ | environment]) + "\n")
        Run.starter.stdin.flush()
        told = json.loads(Run.starter.stdout.readline())
        self.seconds, self.processor, self.megabytes = told["seconds"], told["processor"], told["megabytes"]
        self.output, self.errors = told["output"], told["errors"]
        if told["status"]:
            raise SystemExit(f"{' '.join(command)} ended with {told['status']}:\n{self.errors}")

    def told(self):
        return json.loads(self.output.strip().splitlines()[-1])


def say(text):
    print(text, file=sys.stderr, flush=True)


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(flush=True)


def short(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def spread(values):
    return f"{short(min(values))} / {short(statistics.median(values))}"


def megabytes(path):
    return path.stat().st_size / 1e6


class Bench:
    def __init__(self, chosen):
        self.chosen, self.work = chosen, chosen.work
        self.repeats = 1 if chosen.quick else chosen.repeats
        self.big_rows, self.rows = (10_000, 2_000) if chosen.quick else (1_000_000, 100_000)
        self.limits = {"twin": 500 if chosen.quick else 5_000, "linfa": 2_000 if chosen.quick else 10_000}

    # ---- inputs ----

    def input(self, kind, size):
        name = {"rows": f"rows{size}", "articles": f"articles{size}", "training": f"train{size}"}[kind]
        path = self.work / f"{name}.csv"
        if not path.exists():
            say(f"making {path.name} …")
            Run(sys.executable, ROOT / "benches" / "generate.py", self.work, kind, size)
        return path

    def label(self, path, *options, threads=1, out="labelled.csv"):
        command = [self.chosen.stancewire, "label", path, "--quiet", "--threads", threads, "-o", self.work / out]
        model = ["--model", self.chosen.model] if self.chosen.model else []
        return Run(*command, *model, *options)

    # ---- parts ----

    def part_a(self):
        """Label the rows of a table: CSV to CSV, with probabilities, one thread"""
        rows = self.input("rows", self.rows)
        peers = {"stancewire": self.rows, "copy": self.rows, "plain": self.rows, "twin": self.limits["twin"]}
        peers |= {"fasttext": self.rows, "vw": self.rows, "linfa": self.limits["linfa"]}
        models = {peer: self.model_of(peer) for peer in ("plain", "twin", "fasttext", "vw")}
        whole, inside, alone = ({peer: [] for peer in peers} for _ in range(3))
        for repeat in range(self.repeats):
            for peer, count in peers.items():
                if repeat and peer in ("twin", "linfa"):
                    continue  # slow, and far from the others
                say(f"a: {peer}, {repeat + 1} of {self.repeats}")
                run, seconds, program = self.labelled_by(peer, models.get(peer), rows, count)
                scale = self.rows / count
                whole[peer].append(run.seconds * scale if scale == 1 else seconds * scale)
                inside[peer].append(seconds * scale)
                alone[peer] += [program * scale] if program else []
        names = {
            "stancewire": "**stancewire** `label --no-split --threads 1`",
            "copy": "copy of the table with the `csv` crate",
            "plain": "scikit-learn, TF-IDF of 1–2-grams",
            "twin": f"scikit-learn, the same features ({peers['twin']:,} rows, scaled)",
            "fasttext": "fastText `predict-prob`, with its files",
            "vw": "Vowpal Wabbit, with its files",
            "linfa": f"linfa, 1–2-grams of 2,000 rows ({peers['linfa']:,} rows, scaled)",
        }
        base = {kind: min(values["stancewire"]) for kind, values in (("whole", whole), ("inside", inside))}
        table(
            ["program", "s whole process, min / median", "ratio", "s without start, min / median", "ratio", "s program alone"],
            [
                (
                    names[peer],
                    spread(whole[peer]),
                    f"{min(whole[peer]) / base['whole']:.2f}",
                    spread(inside[peer]),
                    f"{min(inside[peer]) / base['inside']:.2f}",
                    spread(alone[peer]) if alone[peer] else "–",
                )
                for peer in peers
            ],
        )
        print(f"{self.rows:,} rows, {megabytes(rows):.1f} MB. Scaled times are without start, in both columns.")
        self.tell_agreement(rows)

    def model_of(self, peer):
        model = self.work / f"{peer}.bin"
        made_of = [TRAIN, ROOT / "data" / "cues.toml", HERE / "label.py", HERE / "twin.py"]
        if not model.exists() or model.stat().st_mtime < max(path.stat().st_mtime for path in made_of):
            say(f"training {peer} …")
            Run(sys.executable, HERE / "label.py", "train", peer, TRAIN, model)
        return model

    def labelled_by(self, peer, model, rows, count):
        """The process, the seconds of its work without start, and those of a program that it called."""
        target = self.work / f"labelled-{peer}.csv"
        if peer == "stancewire":
            run = self.label(rows, "--no-split", out=target.name)
            return run, run.seconds, None
        if peer == "copy":
            run = Run(self.chosen.rust_peers, "copy", rows, target)
            return run, run.seconds, None
        if peer == "linfa":
            run = Run(self.chosen.rust_peers, "linfa", TRAIN, rows, target, count)
            return run, run.told()["seconds"], None
        limit = [] if count == self.rows else [count]
        run = Run(sys.executable, HERE / "label.py", "run", peer, model, rows, target, *limit)
        told = run.told()
        return run, told["seconds"], told.get("program_seconds")

    def tell_agreement(self, rows):
        """All outputs must have their rows; how often the twin says the same shows that it does the same work."""
        say("a: comparing the outputs")
        labels = {}
        for peer in ("stancewire", "plain", "twin", "fasttext", "vw", "linfa"):
            with open(self.work / f"labelled-{peer}.csv", newline="", encoding="utf-8") as file:
                labels[peer] = [row["label"] for row in csv.DictReader(file)]
        expected = {peer: self.limits.get(peer, self.rows) for peer in labels}
        for peer, found in labels.items():
            if len(found) != expected[peer]:
                raise SystemExit(f"{peer} wrote {len(found)} rows, expected {expected[peer]}")
        same = {
            peer: sum(a == b for a, b in zip(found, labels["stancewire"])) / len(found)
            for peer, found in labels.items() if peer != "stancewire"
        }  # fmt: skip
        if same["twin"] < 0.9:
            raise SystemExit(f"the twin gives only {same['twin']:.0%} of the labels: it has other features")
        shares = ", ".join(f"{peer} {share:.1%}" for peer, share in same.items())
        print(f"The same label as stancewire: {shares}.\n", flush=True)

    def part_b(self):
        """Whole articles against rows that are split already"""
        articles = self.input("articles", 2 if self.chosen.quick else 20)
        rows = self.input("rows", self.rows)
        runs = {"articles, split into sentences": [], "rows, --no-split": []}
        for _ in range(self.repeats):
            runs["articles, split into sentences"].append(self.label(articles))
            runs["rows, --no-split"].append(self.label(rows, "--no-split"))
        lines, speeds = [], []
        for (name, made), path in zip(runs.items(), (articles, rows)):
            seconds = [run.seconds for run in made]
            speeds.append(megabytes(path) / min(seconds))
            size = f"{megabytes(path):.1f}"
            lines.append((name, size, spread(seconds), f"{speeds[-1]:.1f}", short(made[-1].processor)))
        table(["input, one thread", "MB", "s, min / median", "MB/s", "s of processor"], lines)
        print(f"Articles per MB take {speeds[1] / speeds[0]:.2f} times as long as rows.\n", flush=True)

    def part_c(self):
        """One thread and two"""
        rows, found = self.input("rows", self.rows), {1: [], 2: []}
        outputs = {}
        for _ in range(self.repeats):
            for threads in found:
                found[threads].append(self.label(rows, "--no-split", threads=threads))
                outputs[threads] = (self.work / "labelled.csv").read_bytes()
        if outputs[1] != outputs[2]:
            raise SystemExit("one thread and two do not write the same bytes")
        del outputs
        best = {threads: min(run.seconds for run in runs) for threads, runs in found.items()}
        table(
            ["threads", "s, min / median", "speed-up", "s of processor"],
            [
                (threads, spread([run.seconds for run in runs]), f"{best[1] / best[threads]:.2f}", short(runs[-1].processor))
                for threads, runs in found.items()
            ],
        )

    def part_d(self):
        """Time grows with the rows and not faster"""
        sizes = [self.big_rows // 100, self.big_rows // 10, self.big_rows]
        lines, first = [], None
        for size in sizes:
            repeats = self.repeats if size < self.big_rows else 1
            runs = [self.label(self.input("rows", size), "--no-split") for _ in range(repeats)]
            each = min(run.seconds for run in runs) / size * 1e6
            first = first or each
            lines.append((f"{size:,}", spread([run.seconds for run in runs]), f"{each:.2f}", f"{each / first:.2f}", f"{runs[-1].megabytes:.0f}"))
        table(["rows, one thread", "s, min / median", "µs a row", "ratio", "peak memory, MB"], lines)

    def part_e(self):
        """Peak memory does not grow with the input"""
        sizes, lines = ([2, 20] if self.chosen.quick else [20, self.chosen.big]), []
        for size in sizes:
            path = self.input("articles", size)
            say(f"e: {size} MB")
            run = self.label(path, threads=2)
            lines.append((f"{megabytes(path):,.0f} MB", short(run.seconds), f"{megabytes(path) / run.seconds:.1f}", f"{run.megabytes:.0f}"))
        table(["articles, two threads", "s", "MB/s", "peak memory, MB"], lines)

    def part_f(self):
        """`stancewire explain`, from start to exit"""
        command = [self.chosen.stancewire, "explain", SENTENCE]
        command += ["--model", self.chosen.model] if self.chosen.model else []
        runs = [Run(*command) for _ in range(5 if self.chosen.quick else 50)]
        milliseconds = [run.seconds * 1000 for run in runs]
        table(
            ["runs", "ms, min / median", "peak memory, MB"],
            [(len(runs), spread(milliseconds), f"{max(run.megabytes for run in runs):.0f}")],
        )

    def part_g(self):
        """Training: one fit, one thread"""
        if not self.chosen.training:
            print("Left out: no program to time it with (--training).\n")
            return
        matrix = self.work / "matrix.bin"
        ours, theirs, found = [], [], None
        for _ in range(self.repeats):
            say("g: the matrix of data/stance.csv")
            ours.append(Run(self.chosen.training, "fit", TRAIN, matrix, RAYON_NUM_THREADS="1"))
            told = ours[-1].told()
            if not found:
                say("g: how many iterations scikit-learn needs")
                found = Run(sys.executable, HERE / "fit.py", "search", matrix, told["alpha"], told["minimum"]).told()
            theirs.append(Run(sys.executable, HERE / "fit.py", "matrix", matrix, told["alpha"], found["iterations"]))
        self.tell_fits("same matrix", ours, theirs)
        if found["reached"]:
            print("scikit-learn has as many iterations as it needs to come within 1e-6 of the objective.\n")
        else:
            print("scikit-learn did not get within 1e-6 of the objective, so its time is too short.\n")
        documents = self.input("training", 1_000 if self.chosen.quick else 25_000)
        say("g: documents, stancewire")
        ours = [Run(self.chosen.training, "train25k", documents, RAYON_NUM_THREADS="1")]
        say("g: documents, scikit-learn")
        theirs = [Run(sys.executable, HERE / "fit.py", "text", documents, 1.0)]
        self.tell_fits(f"{documents.name}, each with its own features", ours, theirs)

    def tell_fits(self, name, ours, theirs):
        lines = []
        for program, runs in (("**stancewire**, sparse solver", ours), ("scikit-learn, lbfgs", theirs)):
            told = [run.told() for run in runs]
            last = told[-1]
            lines.append((
                f"{program} ({name})", f"{last['rows']:,} × {last['features']:,}",
                spread([each.get("seconds_features", 0) for each in told]) if "seconds_features" in last else "–",
                spread([each["seconds_fit"] for each in told]), f"{last['objective']:.6f}", last["iterations"],
                f"{runs[-1].megabytes:,.0f}",
            ))  # fmt: skip
        head = ["program", "rows × features", "s features", "s fit, min / median", "objective", "iterations", "peak memory, MB"]
        table(head, lines)
        fits = [min(run.told()["seconds_fit"] for run in runs) for runs in (ours, theirs)]
        sums = [min(sum(run.told().get(f"seconds_{part}", 0) for part in ("features", "fit")) for run in runs) for runs in (ours, theirs)]
        print(f"Fit: {fits[1] / fits[0]:.1f} times the time of stancewire", end="")
        print(f"; with features: {sums[1] / sums[0]:.1f} times.\n" if "seconds_features" in theirs[0].told() else ".\n", flush=True)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "unknown")


def heading(chosen):
    from importlib.metadata import version

    names = ("scikit-learn", "numpy", "scipy", "vowpalwabbit", "PyStemmer")
    peers = ", ".join(f"{name} {version(name)}" for name in names)
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(next(file).split()[1]) * 1024 / 1e9
    compiler = Run("rustc", "--version").output.strip()
    program = Run(chosen.stancewire, "--version").output.strip()
    print(f"Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC. {'Quick run: the numbers mean nothing. ' if chosen.quick else ''}")
    print(f"Machine: {processor()}, {os.cpu_count()} processors, {memory:.0f} GB, {platform.system()} {platform.release()}; load at the start {os.getloadavg()[0]:.2f}.")
    print(f"Programs: {program}, {compiler}; Python {platform.python_version()}, {peers}, fastText 0.9.3 (g++ -O3 -march=native), linfa 0.8.1.")
    print("Programs that are compared take turns; times are the minimum and the median of the repetitions.\n", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description="Speed beside other programs, as Markdown tables.")
    parser.add_argument("--work", required=True, type=Path, help="folder for inputs, models and outputs")
    parser.add_argument("--stancewire", required=True, type=Path, help="the program")
    parser.add_argument("--model", type=Path, help="its model [default: the one that is part of it]")
    parser.add_argument("--training", type=Path, help="the compiled bench `training` [default: part g is left out]")
    parser.add_argument("--rust-peers", required=True, type=Path, help="the compiled program of the folder rust")
    parser.add_argument("--parts", default="abcdfge", help="which parts to run, in this order [default: %(default)s]")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions of what is compared [default: %(default)s]")
    parser.add_argument("--big", type=int, default=2000, metavar="MB", help="the large input of part e [default: %(default)s]")
    parser.add_argument("--quick", action="store_true", help="small inputs and one repetition, to see that all of it runs")
    return parser.parse_args()


def main():
    chosen = arguments()
    chosen.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(chosen)
    heading(chosen)
    begin = time.perf_counter()
    for part in chosen.parts:
        run = getattr(bench, f"part_{part}", None)
        if run is None:
            raise SystemExit(f"no part {part!r}; there are a to g")
        print(f"### {part}) {run.__doc__}\n", flush=True)
        since = time.perf_counter()
        run()
        say(f"{part}: {time.perf_counter() - since:.0f} s")
    say(f"all: {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
