"""The wheel is whole: installed into an empty environment it generates a module, and carries the templates."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import symnet

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; with the environment's paths to other Python code taken away."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("symnet-*.whl")
    return built


def test_wheel_carries_templates_and_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    templates = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file())
    assert sorted(name.removeprefix("symnet/") for name in names if name.startswith("symnet/templates/")) == templates
    assert "symnet/py.typed" in names
    assert {Path(name).parts[0] for name in names} == {"symnet", f"symnet-{symnet.__version__}.dist-info"}


def test_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env")
    scripts = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    # What is installed is used three times: only what these import is worth compiling.
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    run(*pip, "install", "--quiet", "--no-compile", wheel, cwd=tmp_path)
    source = run(scripts / "symnet", "generate", "2-2-1", cwd=tmp_path)
    assert source == (ROOT / "generated" / "two_two_one.py").read_text(encoding="utf-8")
    (tmp_path / "net.py").write_text(source, encoding="utf-8")
    assert "all gradients agree" in run(scripts / "symnet", "gradcheck", "net.py", cwd=tmp_path)
    derivation = run(scripts / "symnet", "derive", "2-3-2", "--notation", "nielsen", "--format", "html", cwd=tmp_path)
    assert derivation == (ROOT / "generated" / "derivation_index.html").read_text(encoding="utf-8")


ZIPPED = "import sys; sys.path.insert(0, sys.argv[1]); sys.argv[:2] = ['symnet']; from symnet.cli import run; run()"


def test_wheel_works_as_the_zip_that_it_is(wheel: Path, tmp_path: Path) -> None:
    """As a zipapp holds it: templates, notations and the grammar are read from where Python imports the package."""
    commands = {
        ("generate", "2-2-1"): "two_two_one.py",
        ("derive", "2-3-2", "--notation", "nielsen", "--format", "html"): "derivation_index.html",
    }
    for arguments, name in commands.items():
        source = run(sys.executable, "-c", ZIPPED, wheel, *arguments, cwd=tmp_path)
        assert source == (ROOT / "generated" / name).read_text(encoding="utf-8")
    where = run(
        sys.executable, "-c", ZIPPED.replace("from", "import symnet; print(symnet.__file__); from"), wheel, cwd=tmp_path
    )
    assert where.startswith(str(wheel))
    assert "right" in run(sys.executable, "-c", ZIPPED, wheel, "verify", "2-2-1", r"C = C", cwd=tmp_path)
