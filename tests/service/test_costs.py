"""Costs come as a CSV file, from marketing alone, and what is wrong in it is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.errors import SchemaError
from service.access.scopes import scope_of
from service.cost_file import MOST_BYTES, read_cost_file
from service.keys import main as make_key
from service.settings import Settings
from service.store import costs
from service.store.costs import Cost
from tests.service.conftest import NOW
from tests.service.store.test_decisions import rows, serving
from tests.service.test_attacks import INJECTIONS

HEAD = "channel,month,amount\n"
GOOD = HEAD + "LinkedIn,2026-01,1200.50\nReferral,2026-01,0\n"
CSV = {"Content-Type": "text/csv; charset=utf-8"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def given(client: TestClient, text: str, status: int = 200) -> dict[str, Any]:
    answer = client.put("/costs", content=text.encode(), headers=CSV)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "Month , CHANNEL,Amount\n\n2026-01, LinkedIn ,1200.50\n,,\n2026-01,Referral,0.00",
        'channel,month,amount\n"LinkedIn","2026-01","1200.50"\n"Referral",2026-01,0\n',
    ],
    ids=["plain", "mark", "windows", "other order", "quoted"],
)
def test_what_spreadsheets_write_is_read(body: str) -> None:
    assert read_cost_file(body.encode()) == [
        Cost("2026-01", "LinkedIn", 1200.5),
        Cost("2026-01", "Referral", 0.0),
    ]


def test_names_may_hold_commas_and_any_script() -> None:
    body = HEAD + '"展会, 上海",2026-01,5\n'
    assert read_cost_file(body.encode()) == [Cost("2026-01", "展会, 上海", 5.0)]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "line 1: has no column 'channel', expected channel, month, amount"),
        ("channel,amount\nA,1\n", "line 1: has no column 'month'"),
        ("channel;month;amount\nA;2026-01;1\n", "line 1: expected commas .*, not semicolons"),
        ("channel\tmonth\tamount\nA\t2026-01\t1\n", "line 1: expected commas .*, not tabs"),
        ("channel,month,amount,currency\nA,2026-01,1,EUR\n", "line 1: has 4 columns, expected"),
        ("channel,month,amount,month\nA,2026-01,1,2026-01\n", "line 1: has 4 columns, expected"),
        (HEAD, "line 2: expected a row below"),
        (HEAD + "A,2026-01\n", "line 2: has 2 cells, expected 3"),
        (HEAD + "A,2026-01,1200,50\n", "line 2: has 4 cells, expected 3: .*with a point"),
        (HEAD + "A,2026-01,1\n\nA,2026-02,-1\n", "line 4, column 'amount': expected a number of"),
        (HEAD + 'A,2026-01,"1,200"\n', "line 2, column 'amount': .*without currency or thousands"),
        (HEAD + "A,2026-01,12 EUR\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,nan\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,inf\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,1_000\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,٣\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,1e5\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01,\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-01," + "9" * 13 + "\n", "line 2, column 'amount'"),
        (HEAD + "A,2026-13,1\n", "line 2, column 'month': expected a month such as 2026-03"),
        (HEAD + "A,01/2026,1\n", "line 2, column 'month'"),
        (HEAD + "A,2026-1,1\n", "line 2, column 'month'"),
        (HEAD + "A,2026-01-01,1\n", "line 2, column 'month'"),
        (HEAD + ",2026-01,1\n", "line 2, column 'channel': expected a name of 1 to 200"),
        (HEAD + "A" * 201 + ",2026-01,1\n", "line 2, column 'channel'"),
        (HEAD + "A\x00B,2026-01,1\n", "line 2, column 'channel'"),
        (HEAD + '"A\nB",2026-01,1\n', "line 3, column 'channel'"),
        (HEAD + "A,2026-01,1\nB,2026-01,1\nA,2026-01,2\n", "line 4: has channel and month of li"),
        (HEAD + "Paid ads,2026-01,1\nPAID  ads,2026-01,1\n", "line 3: has channel and month of li"),
        (HEAD + 'A,2026-01,"1\n', "line 2: expected cells between commas, with quotes closed"),
        (HEAD + "A" * 200_000 + ",2026-01,1\n", "line 2: expected cells between commas"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(body: str, why: str) -> None:
    with pytest.raises(SchemaError, match=why):
        read_cost_file(body.encode())
    line = why.split(":")[0].split(",")[0].removeprefix("line ")
    with pytest.raises(SchemaError, match=f"^第 {line} 行[：，]"):
        read_cost_file(body.encode(), "zh")


def test_another_encoding_and_too_much_are_refused() -> None:
    for wrong in (GOOD.encode("utf-16"), "channel,month,amount\n展会,2026-01,1\n".encode("gbk")):
        with pytest.raises(SchemaError, match="expected a CSV file in UTF-8"):
            read_cost_file(wrong)
    with pytest.raises(SchemaError, match="is longer than 1000000 bytes"):
        read_cost_file(HEAD.encode() + b"\n" * MOST_BYTES)
    many = HEAD + "".join(f"C-{n},2026-01,1\n" for n in range(costs.MOST_ROWS + 1))
    with pytest.raises(SchemaError, match="line 20002: expected at most 20000 rows"):
        read_cost_file(many.encode())


def test_costs_are_given_and_told(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        assert given(client, GOOD) == {
            "months": ["2026-01"],
            "rows": 2,
            "rows_before": 0,
            "changed": True,
        }
        assert given(client, GOOD)["changed"] is False
        assert client.get("/costs").json()["costs"] == [
            {"month": "2026-01", "channel": "LinkedIn", "amount": 1200.5, "is_sample": False},
            {"month": "2026-01", "channel": "Referral", "amount": 0.0, "is_sample": False},
        ]
        wrong = given(client, GOOD + "Event,2026-01,-5\n", 422)
        assert wrong["error"] == "SchemaError"
        assert wrong["detail"].startswith("line 4, column 'amount'")
        assert len(client.get("/costs").json()["costs"]) == 2
    kept = "SELECT who, content FROM audit WHERE what = 'costs given'"
    [(who, content)] = rows(url, kept)
    assert (who, json.loads(content)["months"]) == (None, ["2026-01"])


def test_json_and_large_bodies_are_refused(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        answer = client.put("/costs", json={"costs": []})
        assert (answer.status_code, answer.json()["error"]) == (415, "MediaTypeError")
        large = client.put("/costs", content=b" " * (MOST_BYTES + 1), headers=CSV)
        assert (large.status_code, large.json()["error"]) == (413, "BodyTooLargeError")


def test_a_channel_with_a_command_is_a_name_and_no_message_repeats_it(
    settings: Settings, url: str
) -> None:
    with serving(settings, url) as client:
        for text in INJECTIONS:
            cell = '"' + text.replace('"', '""') + '"'
            kept = client.put("/costs", content=f"{HEAD}{cell},2026-01,1\n", headers=CSV)
            assert kept.status_code == (422 if "\n" in text else 200), text
            for line in (f"A,{cell},1", f"A,2026-01,{cell}", f"{cell},{cell},{cell}"):
                wrong = client.put("/costs", content=f"{HEAD}{line}\n", headers=CSV)
                assert wrong.status_code == 422
                assert text not in wrong.text
        assert client.get("/costs").json()["costs"][0]["channel"] == INJECTIONS[-1]


def test_marketing_and_administrators_give_costs_and_readers_look(
    settings: Settings,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (scope_of("PUT", "/costs"), scope_of("GET", "/costs")) == ("agreement", "read")
    assert scope_of("GET", "/statistics/costs") == "read"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    who = {
        "kim": ("read,agreement", "marketing", 200),
        "root": ("admin", None, 200),
        "lin": ("read,agreement", "sales", 403),
        "ana": ("read", "marketing", 403),
        "crm": ("score,write", None, 403),
    }
    keys = {}
    for name, (scopes, role, _) in who.items():
        told = ["make", name, "--scopes", scopes, *(["--role", role] if role else [])]
        assert make_key(told, lambda: NOW) == 0
        keys[name] = {"Authorization": f"Bearer {capsys.readouterr().out.splitlines()[1]}"}
    with serving(settings, url) as client:
        for name, (scopes, _, status) in who.items():
            answer = client.put("/costs", content=GOOD, headers=CSV | keys[name])
            assert answer.status_code == status, (name, answer.text)
            may_read = {"read", "admin"} & set(scopes.split(","))
            looked = client.get("/costs", headers=keys[name]).status_code
            assert looked == (200 if may_read else 403), name
        assert client.put("/costs", content=GOOD, headers=CSV).status_code == 401
    assert rows(url, "SELECT who FROM audit WHERE what = 'costs given'") == [("kim",)]
