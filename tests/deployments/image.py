"""Build the image and run the sample in it, on a machine without a container engine.

    python -m tests.deployments.image [flags of buildah bud]

Needs root, buildah and debootstrap. debootstrap makes a base of Debian's own Python. It takes the name of the
Dockerfile's base, so the Dockerfile is built as it stands, on an older Python than its real base has. Images
are kept in a temporary folder. Takes about six minutes. A machine with pip settings, certificates or package
folders of its own shows them to the build by flags such as --volume /etc/pip.conf:/etc/pip.conf:ro.

Exit status 1: a step failed or the image is too large; 2: something is not installed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tasks.system.project import ROOT

IMAGE = "localhost/workforce-simulation"
LARGEST_MB = 1000
DEBOOTSTRAP = [
    "debootstrap",
    "--variant=minbase",
    "--include=python3,python3-venv,ca-certificates",
    "bookworm",
]
#: Directories of Debian that slim images leave out.
NEEDLESS = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")


def main() -> int:
    """Build the base and the image on it, and run commands in it as the image's user."""
    missing = [command for command in ("buildah", "debootstrap") if not shutil.which(command)]
    if missing or os.getuid() != 0:
        print("This needs root, buildah and debootstrap (apt-get install buildah debootstrap).")
        return 2
    base = re.findall(r"^ARG BASE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0]
    with tempfile.TemporaryDirectory() as folder:
        buildah = f"buildah --storage-driver vfs --root {folder}/images --runroot {folder}/run".split()
        chroot = ["--isolation", "chroot"]
        root = Path(folder, "base")
        _step("debootstrap", [*DEBOOTSTRAP, str(root)])
        for name in NEEDLESS:
            shutil.rmtree(root / name, ignore_errors=True)
        container = _step("new base", [*buildah, "from", "scratch"])
        _step("fill base", [*buildah, "add", "--quiet", container, str(root), "/"])
        _step("commit base", [*buildah, "commit", "--quiet", "--rm", container, f"docker.io/library/{base}"])
        build = ["bud", *chroot, "--pull=never", "--network", "host", *sys.argv[1:], "--tag", IMAGE]
        _step("build image", [*buildah, *build, str(ROOT)])
        described = json.loads(_step("size", [*buildah, "inspect", "--type", "image", IMAGE]))
        container = _step("new container", [*buildah, "from", "--pull=never", IMAGE])
        run = [*buildah, "run", *chroot, "--user", "1000", container, "--"]
        _step("worker starts", [*run, "prefect", "worker", "start", "--help"])
        _step("alerts start", [*run, "workforce", "alerts", "serve", "--help"])
        print(_step("sample", [*run, "python", "-m", "flows.multi_year"]))
        _step("remove", [*buildah, "rm", "--all"])
    layers = json.loads(described["Manifest"])["layers"]
    megabytes = sum(layer["size"] for layer in layers) / 1e6
    print(f"The image has {megabytes:,.0f} MB; {LARGEST_MB:,} are allowed.")
    return 1 if megabytes > LARGEST_MB else 0


def _step(name: str, command: list[str]) -> str:
    """Run a command, print its name and seconds, and return its output. Ends the script if it fails."""
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"{name:15} {time.monotonic() - start:6.1f} s", flush=True)
    if done.returncode:
        print(f"{' '.join(command)}\nended with status {done.returncode}:\n{done.stdout[-3000:]}")
        sys.exit(done.stderr[-3000:] or 1)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
