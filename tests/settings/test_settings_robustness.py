"""Whatever the input, the result is settings or a SettingsError, never another exception."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import InputError, SettingsError, load_settings
from settings.loading.document import leaves, settings_document
from settings.loading.loader import default_settings

KEYS = sorted(leaves(settings_document(default_settings())))
quick = hypothesis_settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
yaml_like = st.lists(
    st.sampled_from(
        [
            "simulation",
            "workforce",
            "levels",
            "3",
            "random_seed",
            "alerts",
            "channels",
            "null",
            "1e999",
            ".nan",
            "<<",
            "---",
            "0x1",
            *list(":,{}[]-'\"&*!|>#%@`?~\n\t "),
            "{}",
            "[]",
            ": ",
            "\n  ",
        ]
    ),
    max_size=30,
).map("".join)
junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)


def loads_or_refuses(**arguments: Any) -> None:
    try:
        load_settings(**{"environ": {}, **arguments})
    except SettingsError as error:
        assert error.problems and str(error)


@quick
@given(
    st.binary(max_size=80)
    | st.text(max_size=80).map(lambda t: t.encode("utf-8", "surrogatepass"))
    | yaml_like.map(str.encode)
)
@example(b"1:")
@example(b"workforce: {levels: {3: {max_salary: {a: {b: 1}}}}}")
@example(b"? ''\n: x")
def test_any_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    loads_or_refuses(config=path, scenarios=[path])


@quick
@given(st.sampled_from(KEYS), junk)
def test_any_value_at_any_key(tmp_path: Path, key: str, value: Any) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(json.dumps({key: value}), "utf-8")
    scenario = tmp_path / "s.yaml"
    scenario.write_text(json.dumps({"id": "s", "overrides": {key: value}}), "utf-8")
    loads_or_refuses(config=path, scenarios=[scenario])


@quick
@given(st.dictionaries(st.text(max_size=12), junk, max_size=3))
def test_any_keys(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(json.dumps(content), "utf-8")
    loads_or_refuses(config=path)


@quick
@given(st.sampled_from(KEYS) | st.text(max_size=20), st.text(max_size=30) | yaml_like)
@example("simulation.random_seed", "\udcff")
@example("census.path", "\udcff")
@example("census.sheet", "'\udcff'")
@example("a\udcff", "1")
def test_any_text_of_flags_and_environment(key: str, text: str) -> None:
    loads_or_refuses(sets=[f"{key}={text}"], environ={f"WORKFORCE__{key.upper().replace('.', '__')}": text})
    loads_or_refuses(
        sets=[text], flags={"--years": text, "--census": text, "--seed": text, "--replicates": text}
    )


MANY = "\n".join(f"k{i}: {i}" for i in range(6_000))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n".join(f"key{i}: {i}" for i in range(200_000)), "too large for settings: .* bytes; at most"),
        ("{" + ",".join(f"{i}: 1" for i in range(60_000)) + "}", "over 50,000 keys and values"),
        ("- " * 100_000, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("a: &a [1]\nb: [*a, *a]", "anchors"),
        (MANY, "1000 or more problems"),
        ("census:\n  columns:\n" + MANY.replace("k", "    k"), "1000 or more problems"),
        ("workforce:\n  levels:\n" + MANY.replace("k", "    "), "1000 or more problems"),
    ],
)
def test_a_file_that_is_not_a_settings_file_is_refused_soon(tmp_path: Path, text: str, message: str) -> None:
    """200,000 keys used to take minutes."""
    (tmp_path / "large.yaml").write_text(text)
    begun = time.process_time()
    with pytest.raises(InputError, match=message) as refused:
        load_settings(tmp_path / "large.yaml", environ={})
    assert time.process_time() - begun < 5
    assert len(str(refused.value)) < 20_000
    assert str(refused.value).count("\n") <= 51


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "folder", "x" * 300])
def test_settings_and_scenarios_are_regular_files(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for arguments in ({"config": tmp_path / name}, {"scenarios": [tmp_path / name]}):
        with pytest.raises(InputError) as refused:
            load_settings(environ={}, **arguments)  # type: ignore[arg-type]
        assert "[Errno" not in str(refused.value)
