"""The names and words, English and Chinese, by which a draft guesses what columns mean."""

import re
from typing import Final

ROLES: Final[dict[str, str]] = {
    "lead_id": r"(lead|prospect|opportunity|deal|mql|record|contact) ?(id|uuid)"
    r"|(客户|线索|商机) ?(id|编号|号)|id|uuid|序号|编号|线索id",
    "episode": r"episode( (no|number))?|次数|第几次",
    "account_id": r"(account|company|organi[sz]ation|公司|企业|客户)( ?(id|编号))"
    r"|(account|company)( name)?|(公司|企业|单位)(名称)?",
    "contact_id": r"(contact|person|联系人) ?(id|编号)",
    "created_at": r"(lead )?(create[d]?|creation|registered|inquiry|entry|first contact|engage)"
    r"( ?(date|time|at|on))*|create ?date|date ?(created|entered)|(创建|录入|注册|新建)(时间|日期)",
    "outcome_at": r"(close[d]?|won|win|converted|conversion|outcome|lost)( ?(date|time|at|on))+"
    r"|closed|date closed|(成交|关闭|赢单|结束)(时间|日期)",
    "channel": r"(lead |original |utm )?(channel|medium|lead ?source|source|traffic source|origin)"
    r"|original source( type)?|(线索|客户)?(来源|渠道)|来源渠道",
    "source": r"(utm )?(campaign|form|source detail|landing page( id)?|lead origin|source)( name)?"
    r"|original source drill down 1|活动|来源详情|表单|营销活动",
    "owner": r"((lead|contact|account|deal|sales) ?)?(owner|agent|rep)( (id|name|alias))?"
    r"|assigned to|负责人|跟进人|所有人|销售",
    "value": r"(deal |close |annual contract )?(amount|value)|acv|close value|成交金额|金额|合同额",
    "attempts": r"(call |contact )?attempts|calls made|(拨打|跟进|联系)次数",
    "first_contact_at": r"(first|initial) (contact(ed)?|response|touch|call)( ?(date|time|at|on))*"
    r"|(首次|第一次)(联系|跟进)(时间|日期)",
    "opportunity_at": r"opportunity ?(created )?(date|at|time)|(商机)(创建)?(时间|日期)",
    "order": r"(lead|record|ticket) ?(number|no|nr|num)|线索号|流水号",
}
PREFERRED: Final[dict[str, str]] = {
    "channel": r"(lead )?channel|lead ?source|medium|original source( type)?|.*(来源|渠道)",
    "created_at": r".*creat.*|.*(创建|录入|注册).*",
    "lead_id": r"(lead|prospect|线索).*",
}
"""Names that win where several columns fit a role."""
ID: Final = r"(?i)id\b|编号|^(lead|prospect|contact|record|线索|客户)[ _]?(no|nr|number|#|号)\.?$"
"""What the name of an id looks like, where its values are unique."""
DATED_ROLES: Final = ("created_at", "outcome_at", "first_contact_at", "opportunity_at")
OUTCOME_NAMES: Final = (
    r"(is ?)?(converted|won|win|outcome|result|target|conversion|subscribed|y)"
    r"|((lead|deal|opportunity|contact)[ _]?)?(status|stage|stage ?name|life ?cycle ?stage)"
    r"|deal ?stage|是否(成交|转化|赢单)|成交|结果|(线索|商机|客户|销售)?(状态|阶段)"
)
WON: Final = (
    r"(closed?[ -]*)?won|win|converted|customer|yes|y|true|1|success|subscribed|closed - converted"
    r"|成交|已成交|赢单|已赢单|成功|是|已转化|签约|已签约|客户"
)
LOST: Final = (
    r"(closed?[ -]*)?lost|loss|no|n|false|0|failed|unqualified|disqualified|rejected|junk"
    r"|closed - not converted|not converted|dead|未成交|输单|丢单|失败|否|未转化"
    r"|流失|无效|已流失|战败"
)
EMPTY: Final = (
    r"select|unknown|n/?a|none|null|nil|-+|\?+|not (set|known|specified|provided|applicable)"
    r"|\(blank\)|undefined|未知|无|不详|未填写|请选择|暂无|空"
)
LEAKS: Final[dict[str, str]] = {
    r"tags?|标签": "tags are often set by sales while working the lead",
    r".*\b(last|latest|recent|modified|updated|next)\b.*"
    r"|.*(最近|最后|更新|下次).*": "a last or next touch lies after the outcome for closed leads",
    r".*\b(score|quality|rating|grade|index|profile|probability|forecast)\b.*"
    r"|.*(评分|质量|等级|评级|概率).*": "judged while working the lead",
    r".*\b(reason|lost to|competitor)\b.*|.*(原因|竞争对手).*": "filled in when the lead is closed",
    r".*\b(stage|status|is closed|is won|closed|won|converted)\b.*"
    r"|.*(阶段|状态|成交|赢单|输单).*": "tells how far the lead came",
    r".*\b(duration|call length)\b.*|.*(通话时长|时长).*": "measured while working the lead",
    r".*\b(close|amount|deal|revenue generated|contract)\b.*"
    r"|.*(金额|合同|订单|付款).*": "known when a deal is made",
}
PERSONS: Final = (
    r"((first|last|full|middle|given|family|contact|lead) ?)?name|salutation|street|address"
    r"|postal code|zip|姓名|名字|联系人|地址|微信号?|wechat( id)?|身份证号?"
)
TYPES: Final[dict[str, str]] = {
    "email": r"(e ?mail|mail)( address)?|电子邮件|邮箱|邮件",
    "phone": r"(mobile |work |business )?(phone|mobile|telephone|tel|cell)( (number|no))?"
    r"|电话|手机号?|联系电话|手机号码",
    "country": r"(mailing |billing )?country( code)?|nation|国家|国家地区",
    "job_title": r"(job )?(title|position|role)|职位|职务|岗位|头衔",
    "text": r"(lead )?(description|message|comments?|notes?|remarks?|inquiry)|留言|备注|描述|需求",
}
AT_ENTRY: Final = (
    r"(e ?mail|mail)( address)?|(mobile |work )?(phone|mobile|tel)( number)?"
    r"|(job )?(title|position)|country|state|province|region|city|industry|sector"
    r"|company( size| type)?|employees|number of employees|no of employees|annual revenue|revenue"
    r"|language|gender|age|occupation"
    r"|specialization|product( interest)?|message|landing page( id)?|utm .*|referrer|device|browser"
    r"|邮箱|电子邮件|电话|手机号?|联系电话|职位|职务|国家|省份?|地区|城市|行业|公司规模|员工(人)?数|规模|年收入"
    r"|年营收|性别|年龄|语言|产品|意向产品|留言|需求"
)
YES_NO: Final = frozenset(
    {"yes", "no", "true", "false", "y", "n", "t", "f", "0", "1", "是", "否", "有", "无"}
)


def words_of_name(name: str) -> str:
    """Return a column's name in lower case with single spaces between its words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\s_\-./()（）:：#]+", " ", spaced).casefold().split())


def is_named(pattern: str, name: str) -> bool:
    """Return whether a pattern fits a column's whole name."""
    return re.fullmatch(pattern, words_of_name(name)) is not None
