from pathlib import Path

import pytest

from features.errors import ConfigError
from training.config import TrainingConfig
from training.config_file import load_config


def test_without_a_file_the_defaults_hold() -> None:
    assert load_config(None) == TrainingConfig()


def test_a_file_is_overridden_by_settings(tmp_path: Path) -> None:
    path = tmp_path / "training.toml"
    path.write_text("seed = 7\n[boosting]\nleaves = 8\nl2 = 2\n", encoding="utf-8")
    config = load_config(path, ["boosting.leaves=9", "splitting.origins = 5"])
    assert (config.seed, config.boosting.leaves, config.boosting.l2) == (7, 9, 2.0)
    assert config.splitting.origins == 5


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("boosting.leafs=3", r"boosting\.leafs: no such setting; known are depth, every"),
        ("boosting.leaves=64", r"boosting\.leaves is 64, expected 2 to 31"),
        ("boosting.leaves=3.5", r"boosting\.leaves is 3\.5, expected a whole number"),
        ("seed", "expected name=value"),
        ("seed=high", "'high' is not a number"),
        ("seed=true", "seed: expected a number"),
        ("boosting=3", "boosting: expected a table"),
        ("seed.more=3", "seed"),
    ],
)
def test_a_setting_that_cannot_be_is_named(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(None, [setting])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read"):
        load_config(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml: is not valid TOML"):
        load_config(broken)


@pytest.mark.parametrize("setting", ["threads=2", "memory_mb=7"])
def test_how_it_is_computed_determines_nothing(setting: str) -> None:
    assert load_config(None, [setting]).to_json() == load_config(None).to_json()
