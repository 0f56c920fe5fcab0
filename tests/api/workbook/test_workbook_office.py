"""Forms that LibreOffice has opened and saved say the same as before.

Every day some printed cases, each in one of the languages; in proofs all in all of them.
"""

import subprocess
from pathlib import Path

import pytest
import yaml

from services.api.forms.workbook import read, write
from services.api.types import TYPES, default
from services.api.vocabularies.terms import LANGUAGES
from tests.api.workbook.support import SEEDS, nested
from tests.harness.depth import either
from tests.harness.paths import ROOT
from tests.harness.support import Json

FORM = default().form
STRANGE = [
    "=1+1",
    "'quoted",
    "_x0041_ _x000D_",
    "2008",
    "TRUE",
    "1,5",
    "a\nb\n\nc",
    "<&>\"'",
    "é\u00a0ï 漢字 🌍 عربي",
    "#REF!",
]
SPECIAL: Json = nested(
    {
        "how.needs": STRANGE,
        "when.start": "2008",
        "when.end": "2009-06",
        "when.ongoing": False,
        "initiative.budget": [{"amount": 1234567890123.25, "about": False}, {"amount": 0.1}, {"amount": 10**14}],
        "where.places": [{"point": {"latitude": 37.2833333333333, "longitude": -7.15}}],
        "lessons.near_future": "x" * 20_000,
    }
)

pytestmark = pytest.mark.needs("libreoffice")


def saved_again(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Let LibreOffice open and save files, all in one call: starting it takes longer than most of its work."""
    given, got = folder / "given", folder / "got"
    given.mkdir()
    for name, data in files.items():
        (given / f"{name}.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(got),
        *map(str, given.iterdir()),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=1_800)
    return {name: (got / f"{name}.xlsx").read_bytes() for name in files}


def test_saved_by_libreoffice(tmp_path: Path) -> None:
    cases = {
        f"{name}.{lang}": (case, lang)
        for number, (name, case) in enumerate(either(list(SEEDS.items())[::18], list(SEEDS.items())))
        for lang in (either([LANGUAGES[number % len(LANGUAGES)]], LANGUAGES))
    } | {"special": ({"content": SPECIAL, "translations": {}}, "en")}
    forms = {
        name: write(FORM, case["content"], lang, translations=case["translations"], external_id="1-2")
        for name, (case, lang) in cases.items()
    }
    for name, data in saved_again(tmp_path, forms).items():
        reading = read(FORM, data)
        assert reading.faults == [], name
        assert reading.content == cases[name][0]["content"], name
        assert reading.translations == cases[name][0]["translations"], name
        assert reading.external_id == "1-2", "it stays a text"


def test_those_of_other_types_too(tmp_path: Path) -> None:
    """All printed records of the other types, each in one of the languages: rows with keys, N.A., translations."""
    cases = {
        path.stem: (type.form, yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        for type in TYPES.values()
        if type is not default()
        for path in sorted((ROOT / "seeds" / type.plural).glob("*.yaml"))
    }
    assert {"bologna", "milan", "tirana"} <= cases.keys()
    forms = {
        name: write(form, case["content"], LANGUAGES[number % len(LANGUAGES)], translations=case["translations"])
        for number, (name, (form, case)) in enumerate(cases.items())
    }
    for name, data in saved_again(tmp_path, forms).items():
        form, case = cases[name]
        reading = read(form, data)
        assert reading.faults == [], name
        assert reading.content == case["content"], name
        assert reading.translations == case["translations"], name
