"""The words of the sample CRM: ids, titles, addresses and numbers, none of a real person."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import IntArray
from training.simulation.catalogue import CHINA
from training.simulation.entry import Entries
from training.simulation.world import World

TITLES: Final = {
    ("specialist", "general"): ("Assistant", "Specialist", "专员"),
    ("specialist", "it"): ("IT Specialist", "Software Engineer", "信息技术专员"),
    ("specialist", "marketing"): ("Marketing Specialist", "Marketing Assistant", "市场专员"),
    ("specialist", "operations"): ("Operations Specialist", "Production Engineer", "运营专员"),
    ("specialist", "finance"): ("Accountant", "Finance Specialist", "财务专员"),
    ("specialist", "purchasing"): ("Purchasing Specialist", "Buyer", "采购专员"),
    ("manager", "general"): ("Manager", "Project Manager", "经理"),
    ("manager", "it"): ("IT Manager", "Manager IT Systems", "信息技术经理"),
    ("manager", "marketing"): ("Marketing Manager", "Manager Digital Marketing", "市场经理"),
    ("manager", "operations"): ("Operations Manager", "Production Manager", "运营经理"),
    ("manager", "finance"): ("Finance Manager", "Manager Accounting", "财务经理"),
    ("manager", "purchasing"): ("Purchasing Manager", "Procurement Manager", "采购经理"),
    ("director", "general"): ("Director", "Director of Strategy", "总监"),
    ("director", "it"): ("Head of IT", "IT Director", "信息技术总监"),
    ("director", "marketing"): ("Head of Marketing", "Marketing Director", "市场总监"),
    ("director", "operations"): ("Head of Operations", "Director of Operations", "运营总监"),
    ("director", "finance"): ("Head of Finance", "Finance Director", "财务总监"),
    ("director", "purchasing"): ("Head of Purchasing", "Procurement Director", "采购总监"),
    ("chief", "general"): ("CEO", "Founder", "总经理"),
    ("chief", "it"): ("CTO", "CIO", "首席技术官"),
    ("chief", "marketing"): ("CMO", "Chief Marketing Officer", "首席营销官"),
    ("chief", "operations"): ("COO", "Chief Operating Officer", "首席运营官"),
    ("chief", "finance"): ("CFO", "Chief Financial Officer", "首席财务官"),
    ("chief", "purchasing"): ("Chief Procurement Officer", "CPO", "首席采购官"),
}
"""Two English titles and a Chinese one per seniority and department, in catalogue order."""
GIVEN: Final = ("alva", "bero", "cima", "dorin", "elko", "fenna", "goran", "hila", "ivo", "jora")
FAMILY: Final = ("aster", "birk", "corvin", "dalm", "esk", "farn", "gell", "holm", "inde", "juno")
FREE_MAIL: Final = ("gmail.com", "outlook.com", "yahoo.com", "gmail.com")
FREE_MAIL_CHINA: Final = ("qq.com", "163.com", "126.com", "qq.com")
DISPOSABLE_MAIL: Final = "mailinator.com"
PHONES: Final = (
    "+86 100 0000 {:04d}",
    "+1 202 555 01{:02d}",
    "+49 30 23125 {:03d}",
    "+44 20 7946 0{:03d}",
    "+33 1 99 00 {:04d}",
    "+31 20 000 {:04d}",
    "+81 3 0000 {:04d}",
    "+65 0000 {:04d}",
    "+91 00000 0{:04d}",
    "+55 11 0000 {:04d}",
)
"""Per country: ranges reserved for fiction where there are any, else clearly invented."""
PHONE_DIGITS: Final = np.array(
    [10_000, 100, 1_000, 1_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000]
)
MESSAGES: Final = (
    "Please send me more information.",
    "We would like to see a demo next week.",
    "What does the software cost for our team?",
    "Our contract with the current vendor ends soon. Can you call me?",
    "Just collecting material for a comparison.",
    "Does it connect to our ERP system? See https://www.firm-1.example for what we do.",
    "Interested.",
    "We talked at the fair, please get in touch.",
)
MESSAGES_CHINA: Final = (
    "请发送更多资料。",
    "我们想下周看一下产品演示。",
    "请问软件的价格是多少？",
    "现有合同即将到期，请与我们联系。",
    "能否与我们的ERP系统对接？",
    "了解一下。",
    "展会上聊过，请联系我。",
    "正在做供应商比较。",
)


def numbered(prefix: str, number: IntArray, width: int) -> pa.Array:
    """Return ids such as "L-0000042"."""
    digits = pc.utf8_lpad(pc.cast(pa.array(number), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def named(names: tuple[str | None, ...], position: IntArray) -> pa.Array:
    """Return the names at positions, as a dictionary column; None stays empty."""
    words = [name for name in names if name is not None]
    place = {name: index for index, name in enumerate(words)}
    code = np.array([-1 if name is None else place[name] for name in names], np.int32)[position]
    return pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), pa.array(words))


def job_titles(world: World, entries: Entries) -> pa.Array:
    """Return the titles that the form shows."""
    contact = entries.contact
    people = world.people
    pair = people.seniority[contact] * 6 + people.department[contact]
    wording = people.wording[contact]
    chinese = (entries.country == CHINA) & (wording % 5 != 0)
    position = pair * 3 + np.where(chinese, 2, wording % 2)
    flat = tuple(dict.fromkeys(title for titles in TITLES.values() for title in titles))
    place = np.array([flat.index(title) for titles in TITLES.values() for title in titles])
    shown = np.where(entries.title_shown, place[position], len(flat))
    return named((*flat, None), shown)


def emails(world: World, entries: Entries) -> pa.Array:
    """Return the addresses; one person has one."""
    contact, mail = entries.contact, entries.mail
    wording = world.people.wording[contact]
    given = named(GIVEN, contact % 10).cast(pa.string())
    family = named(FAMILY, contact // 10 % 10).cast(pa.string())
    number = pc.cast(pa.array(contact // 100 % 1_000), pa.string())
    person = pc.binary_join_element_wise(given, family, ".")
    office = pc.if_else(pa.array(wording < 3), "info", person)
    firm = pc.binary_join_element_wise(
        "firm-", numbered("", entries.account + 1, 1), ".example", ""
    )
    china = entries.country == CHINA
    free = np.where(china, wording % 4 + 4, wording % 4)
    provider = named((*FREE_MAIL, *FREE_MAIL_CHINA), free).cast(pa.string())
    domain = pc.if_else(
        pa.array(mail == 0), firm, pc.if_else(pa.array(mail == 1), provider, DISPOSABLE_MAIL)
    )
    name = pc.if_else(pa.array(mail == 0), office, pc.binary_join_element_wise(person, number, ""))
    return pc.binary_join_element_wise(name, domain, "@")


def phones(entries: Entries) -> pa.Array:
    """Return the numbers, empty where the form has none."""
    columns = []
    tail = entries.contact % PHONE_DIGITS[entries.country]
    for country, pattern in enumerate(PHONES):
        width = len(str(PHONE_DIGITS[country])) - 1
        prefix = pattern[: pattern.index("{")]
        mine = (entries.country == country) & entries.phone_shown
        columns.append(pc.if_else(pa.array(mine), numbered(prefix, tail, width), None))
    return pc.coalesce(*columns)


def messages(entries: Entries) -> pa.Array:
    """Return the free text, in Chinese from China, empty where there is none."""
    place = entries.contact // 4 % 8 + np.where(entries.country == CHINA, 8, 0)
    texts = (*MESSAGES, *MESSAGES_CHINA, None)
    return named(texts, np.where(entries.message, place, len(texts) - 1))
