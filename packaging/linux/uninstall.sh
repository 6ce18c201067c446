#!/bin/sh
# Removes FerCam as install.sh put it; your sessions, models and settings stay.
set -eu
data=${XDG_DATA_HOME:-$HOME/.local/share}
place=$HOME/.local/lib/fercam

[ "$(readlink "$HOME/.local/bin/fercam" || true)" = "$place/fercam" ] && rm -f "$HOME/.local/bin/fercam"
rm -f "$data/applications/fercam.desktop" "$data/icons/hicolor/scalable/apps/fercam.svg"
rm -rf "$place"
command -v update-desktop-database >/dev/null && update-desktop-database "$data/applications" || true
echo "FerCam is removed. Your own files stay:"
echo "  sessions  $HOME/Videos/FerCam"
echo "  models    $data/FerCam"
echo "  settings  ${XDG_CONFIG_HOME:-$HOME/.config}/FerCam"
