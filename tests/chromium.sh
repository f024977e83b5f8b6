#!/bin/sh
# Installs Chromium on Debian or Ubuntu, for tests/html_browser.rs, which is skipped where there is none.
# Run as root. Elsewhere: install Chromium or Chrome in your way, or name it in CHROME.
set -eu
command -v chromium >/dev/null && exit 0
apt-get update
apt-get install -y --no-install-recommends chromium fonts-dejavu-core
