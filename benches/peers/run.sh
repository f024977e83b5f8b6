#!/usr/bin/env bash
# Makes a virtual environment, installs the peers and prints the table. From anywhere:
#
#     benches/peers/run.sh --train data/stance.csv --test dev.csv [--stancewire predictions.csv]
#
# All arguments go to accuracy.py. PYTHON names the interpreter [default: python3.11], VENV the folder of the
# environment [default: .venv beside this file].
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${VENV:-$here/.venv}

if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3.11}" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
exec "$venv/bin/python" "$here/accuracy.py" "$@"
