import re
from pathlib import Path

import pytest

from training.data.mapping import load_mapping
from training.data.read import read_export
from training.mapping import main

ENGLISH = (
    "Lead ID,Create Date,Lead Source,Company,First Name,Email,Job Title,Employees,Newsletter,"
    "Last Activity,Status,Closed At,Branch\n"
)
CHINESE = "线索编号,创建时间,线索来源,姓名,邮箱,职位,行业,员工数,备注说明,状态\n"


def english(rows: int = 40) -> str:
    lines = []
    for i in range(rows):
        status = ("Closed Won", "Closed Lost", "Working")[i % 3]
        closed = f"{i % 28 + 1:02}/03/2026" if i % 3 == 0 else ""
        lines.append(
            f"L{i},{i % 28 + 1:02}/01/2026,{'Web' if i % 2 else 'Fair'},Acme {i % 7},Jane,"
            f"jane{i}@example.org,{'CEO' if i % 3 else 'Head of Sales'},{i * 3},"
            f"{'Yes' if i % 2 else 'No'},{'Call' if i % 5 else 'Mail'},"
            f"{status},{closed},{'North' if i % 4 else 'Select'}"
        )
    return ENGLISH + "\n".join(lines) + "\n"


def chinese(rows: int = 40) -> str:
    lines = [
        f"X{i},2026-01-{i % 28 + 1:02},{'微信' if i % 2 else '展会'},王{i},"
        f"wang{i}@qq.com,{'总监' if i % 2 else '销售经理'},"
        f"{'制造业' if i % 3 else '未知'},{i * 5},电话{i % 5},{('赢单', '输单', '跟进中')[i % 3]}"
        for i in range(rows)
    ]
    return CHINESE + "\n".join(lines) + "\n"


def drafted(folder: Path, text: str) -> tuple[Path, Path, str]:
    leads, mapping = folder / "leads.csv", folder / "mapping.toml"
    leads.write_text(text, encoding="utf-8")
    assert main([str(leads), "--out", str(mapping)]) == 0
    return leads, mapping, mapping.read_text(encoding="utf-8")


def test_roles_types_and_outcome_words_are_guessed_in_english(tmp_path: Path) -> None:
    leads, path, _ = drafted(tmp_path, english())
    mapping = load_mapping(path)
    roles = dict(mapping.leads.columns())
    assert roles == {
        "lead_id": "Lead ID",
        "created_at": "Create Date",
        "channel": "Lead Source",
        "account_id": "Company",
    }
    assert mapping.leads.date_format == ("%d/%m/%Y",)
    assert mapping.outcome.column == "Status"
    assert mapping.outcome.won == ("Closed Won",)
    assert mapping.outcome.lost == ("Closed Lost",)
    assert mapping.outcome.open == ("Working",)
    assert mapping.outcome.at == "Closed At"
    types = {name: attribute.type for name, attribute in mapping.attributes.items()}
    assert types == {"email": "email", "job_title": "job_title", "employees": "number"}
    assert set(mapping.excluded) == {"First Name"}
    assert mapping.values.empty == ("Select",)
    assert read_export(leads, mapping).n_rows == 40


def test_roles_types_and_outcome_words_are_guessed_in_chinese(tmp_path: Path) -> None:
    leads, path, _ = drafted(tmp_path, chinese())
    mapping = load_mapping(path)
    roles = dict(mapping.leads.columns())
    assert roles == {"lead_id": "线索编号", "created_at": "创建时间", "channel": "线索来源"}
    assert mapping.outcome.won == ("赢单",)
    assert mapping.outcome.lost == ("输单",)
    assert mapping.outcome.open == ("跟进中",)
    types = {name: attribute.type for name, attribute in mapping.attributes.items()}
    assert types == {"邮箱": "email", "职位": "job_title", "行业": "category", "员工数": "number"}
    assert list(mapping.excluded) == ["姓名"]
    assert mapping.values.empty == ("未知",)
    assert read_export(leads, mapping).n_rows == 40


@pytest.mark.parametrize("text", [english(), chinese()], ids=["english", "chinese"])
def test_what_is_unsure_is_commented_out_with_its_reason_and_may_be_uncommented(
    tmp_path: Path, text: str
) -> None:
    leads, path, toml = drafted(tmp_path, text)
    before = load_mapping(path)
    assert "# Unsure: " in toml
    path.write_text(re.sub(r"(?m)^# (?=\[attributes|\w+ = )", "", toml), encoding="utf-8")
    after = load_mapping(path)
    assert set(after.attributes) > set(before.attributes)
    assert len(read_export(leads, after).attributes) == len(after.attributes)


def test_every_guess_has_its_reason(tmp_path: Path) -> None:
    _, _, toml = drafted(tmp_path, english())
    guesses = [
        line for line in toml.splitlines() if re.match(r"(# )?(type|lead_id|column) =", line)
    ]
    guesses = [line for line in guesses if "column" not in line]
    assert guesses
    assert all("  # " in line for line in guesses)


def test_the_horizon_is_proposed_from_the_wins(tmp_path: Path) -> None:
    _, path, toml = drafted(tmp_path, english())
    # The data span 1 January to 28 March or so, and wins come about 59 days after creation.
    assert load_mapping(path).horizon_days == 21
    assert "estimated from 14 wins" in toml


def test_a_file_without_outcome_still_loads(tmp_path: Path) -> None:
    _, path, toml = drafted(
        tmp_path, "Name,Website\nAnn,https://a.example\nBob,https://b.example\n"
    )
    assert load_mapping(path).outcome.file == "won.csv"
    assert "no column tells the outcome" in toml


def test_a_mapping_that_exists_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads, path, _ = drafted(tmp_path, english())
    path.write_text("precious", encoding="utf-8")
    assert main([str(leads), "--out", str(path)]) == 1
    assert path.read_text(encoding="utf-8") == "precious"
    assert "exists already" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nothing.csv")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("SchemaError: ")
    assert error.count("\n") == 1


def test_leads_that_ask_again_are_told_apart_by_their_episode(tmp_path: Path) -> None:
    text = "lead_id,episode,created_at,outcome\n" + "".join(
        f"L{i // 2},{i % 2 + 1},2026-01-{i + 1:02},{'won' if i % 3 else 'lost'}\n"
        for i in range(20)
    )
    leads, path, _ = drafted(tmp_path, text)
    mapping = load_mapping(path)
    assert (mapping.leads.lead_id, mapping.leads.episode) == ("lead_id", "episode")
    assert read_export(leads, mapping).n_rows == 20


def test_the_country_is_proposed_as_segment_and_works_when_uncommented(tmp_path: Path) -> None:
    lines = english().splitlines()
    lands = ("Germany", "France")
    rows = [f"{line},{lands[i % 2]}" for i, line in enumerate(lines[1:])]
    leads, path, toml = drafted(tmp_path, "\n".join([f"{lines[0]},Country", *rows]) + "\n")
    assert load_mapping(path).segment_about() is None
    assert '# segment = "Country"  # ' in toml
    path.write_text(toml.replace("# segment", "segment"), encoding="utf-8")
    assert read_export(leads, load_mapping(path)).segment == "country"
    (tmp_path / "again").mkdir()
    assert "segment" not in drafted(tmp_path / "again", english())[2]


def test_a_lead_number_is_an_id_and_a_closing_day_is_when_it_was_closed(tmp_path: Path) -> None:
    text = english().replace("Lead ID", "Lead No", 1).replace("Closed At", "Closed", 1)
    mapping = load_mapping(drafted(tmp_path, text)[1])
    assert dict(mapping.leads.columns())["lead_id"] == "Lead No"
    assert mapping.outcome.at == "Closed"
