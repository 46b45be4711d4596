"""Which PX4 is there to be run: the user's own build or package, or the published container image."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launch.px4_plan import CannotStart, Instance

IMAGE = "px4io/px4-sitl:latest"


@dataclass(frozen=True, slots=True)
class Px4:
    """A PX4 that is there: a build's binary and its data directory, or a container image that holds both."""

    binary: Path
    data: Path
    image: str | None = None


def find_px4(environ: Mapping[str, str], docker_problem: Callable[[str], str | None]) -> Px4:
    """The PX4 of PX4_DIR; without PX4_DIR, the container image. Raises CannotStart: what is missing and how to get it.

    `docker_problem(image)` is None when docker runs and has the image, and otherwise a sentence.
    """
    if directory := environ.get("PX4_DIR"):
        return _px4_in(Path(directory).expanduser().resolve())
    image = environ.get("PX4_IMAGE", IMAGE)
    problem = docker_problem(image)
    if problem is not None:
        raise CannotStart(missing_px4(["PX4_DIR is not set, so no PX4 of yours is known.", problem]))
    return Px4(Path("/opt/px4/bin/px4"), Path("/opt/px4/etc"), image)


def _px4_in(directory: Path) -> Px4:
    build = directory / "build" / "px4_sitl_default"
    for base in (build, directory):
        px4 = Px4(base / "bin" / "px4", base / "etc")
        script = px4.data / "init.d-posix" / "rcS"
        if os.access(px4.binary, os.X_OK) and script.is_file():
            if "PX4_PARAM_" in script.read_text():
                return px4
            raise CannotStart(
                missing_px4([f"The PX4 in PX4_DIR={directory} is older than 1.16: it takes no parameters."])
            )
    if (directory / "Makefile").is_file():
        problem = f"The PX4 in PX4_DIR={directory} is not built: {build / 'bin' / 'px4'} is missing."
    else:
        problem = f"PX4_DIR={directory} holds no PX4: neither build/px4_sitl_default/bin/px4 nor bin/px4 is there."
    raise CannotStart(missing_px4([problem]))


def missing_px4(problems: Iterable[str]) -> str:
    """The sentences for the person who has no PX4 yet."""
    found = "\n".join(f"  - {problem}" for problem in problems)
    return f"""No PX4 was found, so no aircraft was started.
{found}
PX4 is not part of this project, and nothing here downloads or builds it. One of these makes it work:
  - build PX4 1.16 or newer from a checkout with its submodules: `make px4_sitl_default` in it (its guide:
    docs.px4.io, "Building PX4 Software"), then   PX4_DIR=/path/to/PX4-Autopilot launch/px4
  - install the px4 package from PX4's releases, then   PX4_DIR=/opt/px4 launch/px4
  - with docker on Linux:   docker pull {IMAGE}   then   launch/px4   (PX4_IMAGE names another tag)
Without one, the built-in simulated aircraft fly: launch/demo"""


def docker_problem(image: str) -> str | None:
    """Why the container image cannot be run, in a sentence; None when it can."""
    if shutil.which("docker") is None:
        return "docker is not installed, so PX4's container image cannot be used either."
    if not succeeds(["docker", "info"]):
        return "docker is installed but does not answer (`docker info` fails), so PX4's container image cannot be used."
    if not succeeds(["docker", "image", "inspect", image]):
        return f"docker runs, but has no image {image}."
    return None


def succeeds(command: Sequence[str]) -> bool:
    """Whether a command ends well within 10 s."""
    try:
        result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def command(px4: Px4, instance: Instance, variables: Mapping[str, str]) -> list[str]:
    """The command that starts an instance in its directory, as a process or as a container."""
    run = [str(px4.binary), "-i", str(instance.number), "-d", str(px4.data)]
    if px4.image is None:
        return run
    directory = instance.directory
    path = f"{directory}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    options = [
        f"--name={container_name(instance)}",
        "--network=host",
        f"--user={os.getuid()}:{os.getgid()}",
        f"--volume={directory}:{directory}",
        f"--workdir={directory}",
        f"--entrypoint={run[0]}",
        *(f"--env={name}={value}" for name, value in {**variables, "PATH": path}.items()),
    ]
    return ["docker", "run", "--rm", "--init", *options, px4.image, *run[1:]]


def container_name(instance: Instance) -> str:
    """What the container of an instance is called."""
    return f"dfr-px4-{instance.number}"
