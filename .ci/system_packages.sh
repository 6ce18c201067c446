#!/bin/sh
# Installs the named Debian packages that are missing, where there is apt and one may.
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in "$@"; do
    # a package may carry the name of its 64-bit time transition, as libglib2.0-0t64 does
    dpkg-query -W -f='${db:Status-Status}\n' "$package" "${package}t64" 2>/dev/null |
        grep -qx installed || missing="$missing $package"
done
dpkg-query -W -f='${db:Status-Status}\n' python3-venv 2>/dev/null | grep -qx installed ||
    python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -eq 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else
    echo "The window may need:$missing (sudo apt-get install$missing)" >&2
    exit 0
fi
echo "Installing$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086  (a list of words)
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "Could not install all of:$missing; the window may not open." >&2
