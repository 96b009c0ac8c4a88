"""The wheel holds what a user needs under one name, and the command in it works."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(ROOT)]
    subprocess.run(command, check=True, timeout=240, capture_output=True)
    return next(out.glob("paydesk-*.whl"))


def test_the_wheel_maps_every_part_below_paydesk(wheel: Path) -> None:
    """Ours: generic names such as `server` must never land at the top of site-packages."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"paydesk"}
    for part in ("server", "skills", "intents", "manifests"):
        assert f"paydesk/{part}/py.typed" in names
    assert "paydesk/__init__.py" not in names


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Ours: what is installed answers without the repository beside it."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); import paydesk.server.cli as c; "
        f"assert c.__file__.startswith({str(site)!r}), c.__file__; c.main(['skills'])"
    )
    # -S keeps the editable install's path hook out; the dependencies' folder is added by hand.
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.append({packages!r}); {code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "get_balance" in done.stdout
    assert "refund_payment" in done.stdout
