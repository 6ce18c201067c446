#!/bin/bash
# Signs FerCam.app, has Apple look at it, and staples the answer to it: sign.sh FerCam.app
# Needs MACOS_IDENTITY (a Developer ID in the keychain) and a notarytool profile called fercam.
set -eu
app=$1
here=$(cd "$(dirname "$0")" && pwd)
sign() {
    codesign --force --timestamp --options runtime --sign "$MACOS_IDENTITY" "$@"
}

# from the inside out: libraries first, then the bundle
find "$app/Contents" -type f \( -name '*.so' -o -name '*.dylib' \) -print0 |
    while IFS= read -r -d '' library; do sign "$library"; done
sign --entitlements "$here/entitlements.plist" "$app"
codesign --verify --deep --strict "$app"

archive=$(mktemp -d)/FerCam.zip
ditto -c -k --keepParent "$app" "$archive"
xcrun notarytool submit "$archive" --keychain-profile fercam --wait
xcrun stapler staple "$app"
