#!/usr/bin/env bash
# Makes whatever speed.py compares, and prints the tables. From anywhere:
#
#     benches/peers/speed.sh > tables.md
#     benches/peers/speed.sh --quick              to see that all of it runs
#     benches/peers/speed.sh --parts ab --repeats 5
#
# All arguments go to speed.py. WORK is the folder for inputs (3 GB), models, outputs and what is compiled [default:
# stancewire-speed in the folder for temporary files]; VENV the Python environment [default: WORK/venv]; PYTHON the
# interpreter [default: python3.11]; STANCEWIRE the program [default: built here]; TRAINING the compiled bench `training`
# [default: built here].
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-${TMPDIR:-/tmp}/stancewire-speed}
venv=${VENV:-$work/venv}
mkdir -p "$work"

# One thread for every program, so that only their work is compared.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 PYTHONHASHSEED=0

{
    if [ ! -x "$venv/bin/python" ]; then
        "${PYTHON:-python3.11}" -m venv "$venv"
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        -r "$here/requirements.txt" -r "$here/requirements-speed.txt"

    # fastText's own program, from the sources in its Python package.
    if [ ! -x "$work/fasttext" ]; then
        "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
            --no-binary fasttext -d "$work/fasttext-source" fasttext==0.9.3
        tar -xzf "$work/fasttext-source/fasttext-0.9.3.tar.gz" -C "$work/fasttext-source"
        g++ -O3 -march=native -funroll-loops -DNDEBUG -pthread -std=c++17 \
            "$work"/fasttext-source/fasttext-0.9.3/src/*.cc -o "$work/fasttext"
    fi
    export FASTTEXT=$work/fasttext

    cargo build --quiet --release --manifest-path "$here/rust/Cargo.toml" --target-dir "$work/rust"
    if [ -z "${STANCEWIRE:-}" ]; then
        cargo build --quiet --release --manifest-path "$root/Cargo.toml"
        STANCEWIRE=$root/target/release/stancewire
    fi
    if [ -z "${TRAINING:-}" ]; then
        TRAINING=$(cargo bench --quiet --no-run --bench training --manifest-path "$root/Cargo.toml" --message-format=json |
            sed -n 's/.*"name":"training".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    fi
} >&2

exec "$venv/bin/python" "$here/speed.py" --work "$work" --stancewire "$STANCEWIRE" --training "$TRAINING" \
    --rust-peers "$work/rust/release/stancewire-peers" "$@"
