#!/bin/sh
# Installs FerCam for you alone; run again to put a newer version in its place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
place=$HOME/.local/lib/fercam

if [ "$here" = "$place" ]; then
    echo "FerCam is installed here already; to remove it: $place/uninstall.sh" >&2
    exit 1
fi
mkdir -p "$HOME/.local/lib" "$HOME/.local/bin" "$data/applications" "$data/icons/hicolor/scalable/apps"
rm -rf "$place.new"
cp -R "$here" "$place.new"
rm -rf "$place"
mv "$place.new" "$place"
ln -sf "$place/fercam" "$HOME/.local/bin/fercam"
cp "$place/share/fercam.svg" "$data/icons/hicolor/scalable/apps/fercam.svg"
sed "s|^Exec=.*|Exec=\"$place/fercam\"|" "$place/share/fercam.desktop" >"$data/applications/fercam.desktop"
command -v update-desktop-database >/dev/null && update-desktop-database "$data/applications" || true
echo "FerCam is installed. Start it from the menu or with $HOME/.local/bin/fercam"
