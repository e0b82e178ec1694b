# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of tests/web/package-lock.json, by npm, in the build folder: nothing comes into the source tree, and
what came is what the lock's checksums say."""
import os
import shutil
import subprocess

TOP = os.environ.get("top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("top_builddir") or os.path.join(TOP, "build")
PATIENCE = 240  # seconds: 30 MB on a thin line


class Missing(Exception):
    """npm, or what it should have brought, is not here: why."""


def packages(_done=[]):
    """The folder node_modules, filled. Missing when that can't be."""
    if not _done:
        try:
            _done.append(install(os.path.join(BUILD, "tests/web/npm")))
        except (OSError, subprocess.SubprocessError) as e:
            _done.append(Missing(str(e).strip().splitlines()[-1]))
    if isinstance(_done[0], Missing):
        raise _done[0]
    return _done[0]


def install(folder):
    lock = {}
    for name in ("package.json", "package-lock.json"):
        with open(os.path.join(TOP, "tests/web", name)) as f:
            lock[name] = f.read()
    modules, stamp = os.path.join(folder, "node_modules"), os.path.join(folder, ".whole")
    if os.path.exists(stamp) and open(stamp).read() == lock["package-lock.json"]:
        return modules
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, text in lock.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"], cwd=folder,
                          capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise OSError("npm ci: " + (done.stderr.strip() or done.stdout.strip() or "it failed")[-300:].replace("\n", "; "))
    with open(stamp, "w") as f:
        f.write(lock["package-lock.json"])
    return modules
