#!/usr/bin/env bash
# A short fuzz run: SECONDS_EACH (10) seconds per target, from the seeds and whatever earlier runs found. Leaves 0 when nothing
# was found, 1 when something was; skips when cargo-fuzz is missing.
#
#   fuzz/short.sh                     all targets, 10 s each
#   fuzz/short.sh 1800 csv label      these targets, half an hour each
#
# RUNS limits the number of inputs besides (default: no limit), MAX_LEN their length (default: 4096 bytes), TIMEOUT the seconds
# for one (default: 1); SEED makes the inputs the same in every run; VERBOSITY=0 leaves out the line for every new input.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seconds=${1:-${SECONDS_EACH:-10}}
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} -eq 0 ] && targets=(csv jsonl plain guessed segmenter analyzer model label)

if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "skipped: cargo-fuzz is missing (cargo install cargo-fuzz)"
    exit 0
fi

dictionary() {
    case $1 in
        csv | guessed) echo table ;;
        jsonl | label) echo json ;;
        plain | segmenter | analyzer) echo text ;;
        model) echo model ;;
    esac
}

# No sanitizer, so that the stable compiler does; assertions and overflow checks are on (Cargo.toml).
build=(--sanitizer none)
cargo fuzz build --fuzz-dir . "${build[@]}"
found=0
for target in "${targets[@]}"; do
    echo "== $target"
    mkdir -p "corpus/$target" "artifacts/$target"
    cargo fuzz run --fuzz-dir . "${build[@]}" "$target" "corpus/$target" "seeds/$target" -- \
        -dict="dictionaries/$(dictionary "$target").dict" \
        -max_total_time="$seconds" -runs="${RUNS:--1}" -max_len="${MAX_LEN:-4096}" \
        -timeout="${TIMEOUT:-1}" -seed="${SEED:-0}" -verbosity="${VERBOSITY:-1}" -rss_limit_mb=512 -print_final_stats=1 || found=1
done
exit $found
