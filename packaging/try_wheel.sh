#!/bin/sh
# Builds the wheel, installs it into an empty environment and tries it far from the checkout:
# try_wheel.sh PYTHON
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$1" -m venv "$place/environment"
python=$place/environment/bin/python
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$root/dist" "$root"
"$python" -m pip install --quiet --constraint "$root/constraints.txt" "$(ls -t "$root"/dist/*.whl | head -1)"
mkdir "$place/home"
cd /
export HOME="$place/home" PATH="$place/environment/bin:$PATH"
fercam self-check
fercam analyze demo -o "$HOME/x y"
ls "$HOME/x y"
